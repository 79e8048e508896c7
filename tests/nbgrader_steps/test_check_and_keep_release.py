"""The step that refuses a release passes on what it is told: the course, its limits, its points."""

import pytest
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config, Configurable

from grading.course.errors import BadRelease
from grading.course.layout import Course
from grading.course.released import ReleasedNotebook
from grading.nbgrader_steps import check_and_keep_release as module
from grading.nbgrader_steps.check_and_keep_release import CheckAndKeepRelease

RESOURCES = {"nbgrader": {"assignment": "01_mini"}}


@pytest.fixture
def take(tmp_path, monkeypatch):
    """Return what takes the step on a notebook, with settings as in `nbgrader_config.py`."""

    def take(notebook, **settings):
        config = Config(CourseDirectory=Config(root=str(tmp_path)))
        config.merge(Config({name: Config(those) for name, those in settings.items()}))
        converter = Configurable(config=config)
        converter.coursedir = CourseDirectory(config=config)
        step = CheckAndKeepRelease(parent=Configurable(parent=converter))
        return step.preprocess(notebook, RESOURCES)

    take.checked = []
    monkeypatch.setattr(module, "check_release", lambda *given: take.checked.append(given))
    return take


def test_the_notebook_is_checked_as_that_of_its_assignment_and_goes_on_unchanged(take, tmp_path):
    notebook = new_notebook(cells=[new_code_cell("x = 1")])
    assert take(notebook) == (notebook, RESOURCES)
    ((released, checked, *_),) = take.checked
    assert released == ReleasedNotebook(Course(tmp_path), "01_mini")
    assert checked is notebook


def test_it_is_tried_under_the_limits_of_the_course(take):
    take(new_notebook(), Sandbox={"memory_mb": 123, "cell_seconds": 7})
    ((_, _, limits, _),) = take.checked
    assert (limits.memory_mb, limits.cell_seconds) == (123, 7)


@pytest.mark.parametrize(
    ("settings", "points"),
    [({}, 0.0), ({"CheckAndKeepRelease": {"unsolved_points": 1.5}}, 1.5)],
)
def test_the_unsolved_notebook_may_earn_what_the_course_says(take, settings, points):
    take(new_notebook(), **settings)
    assert take.checked[0][3] == points


def test_a_refusal_stops_nbgrader(take, monkeypatch):
    def refuse(*_):
        raise BadRelease("it has a stranger in it")

    monkeypatch.setattr(module, "check_release", refuse)
    with pytest.raises(BadRelease, match="stranger"):
        take(new_notebook())
