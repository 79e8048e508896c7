"""A release says how many checks each test cell has, and nothing else of them."""

import json

from nbformat.v4 import new_notebook
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config, Configurable

from grading.course.layout import Course
from grading.course.released import ReleasedNotebook
from grading.nbgrader_steps.count_hidden_checks import CountHiddenChecks


def test_the_release_tells_a_number_for_each_test_cell_and_nothing_else(tmp_path, monkeypatch):
    config = Config(CourseDirectory=Config(root=str(tmp_path)))
    converter = Configurable(config=config)
    converter.coursedir = CourseDirectory(config=config)
    folder = ReleasedNotebook(Course(tmp_path), "01_mini").folder
    folder.mkdir(parents=True)
    (folder / "key.json").write_text(json.dumps({"cells": {"a": {"x": 1, "y": 2}, "b": {"z": 3}}}))
    monkeypatch.setattr(
        "grading.nbgrader_steps.count_hidden_checks.read_key", lambda text: Key(json.loads(text))
    )
    step = CountHiddenChecks(parent=Configurable(parent=converter))
    notebook, _ = step.preprocess(new_notebook(), {"nbgrader": {"assignment": "01_mini"}})
    assert notebook.metadata == {"course": {"hidden_checks": {"a": 2, "b": 1}}}


class Key:
    def __init__(self, stored):
        self.cells = stored["cells"]
