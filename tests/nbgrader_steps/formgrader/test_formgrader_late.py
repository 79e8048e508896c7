"""Formgrader's list of submissions says how late each is, its extension counted."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from grading.nbgrader_steps.formgrader import scripts
from grading.nbgrader_steps.formgrader.api import ClassAPI
from grading.nbgrader_steps.formgrader.late import lateness

NAME, WITHOUT_DATE = "01_mini", "02_undated"
DUE = datetime(2026, 2, 1, 12, tzinfo=UTC).replace(tzinfo=None)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
HANDED_IN = {"early": -MINUTE, "late": 130 * MINUTE, "longer": DAY, "longer-late": 3 * DAY}
EXTENSION = 2 * DAY
SAID = {
    "early": None,
    "late": "2026-02-01 15:10:00 CET, late by 2 hours 10 minutes",
    "longer": "2026-02-02 13:00:00 CET, in time: extension of 2 days",
    "longer-late": "2026-02-04 13:00:00 CET, late by 1 day, after an extension of 2 days",
    "not-recorded": "2026-02-01 13:01:00 CET, late by 1 minute",
}


def put(folder: Path, when: datetime) -> None:
    folder.mkdir(parents=True)
    (folder / "timestamp.txt").write_text(f"{when} UTC")
    (folder / f"{folder.name}.ipynb").touch()


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClassAPI]:
    root = tmp_path_factory.mktemp("late")
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        for assignment, due in ((NAME, DUE), (WITHOUT_DATE, None)):
            gradebook.add_assignment(assignment, duedate=due)
            gradebook.add_notebook(assignment, assignment)
            gradebook.add_grade_cell("c", assignment, assignment, max_score=1, cell_type="code")
            (root / "source" / assignment).mkdir(parents=True)
            for student, after in HANDED_IN.items():
                gradebook.update_or_create_student(student)
                gradebook.add_submission(assignment, student, timestamp=DUE + after)
                for step in ("submitted", "autograded"):
                    put(root / step / student / assignment, DUE + after)
        for student in ("longer", "longer-late"):
            gradebook.find_submission(NAME, student).extension = EXTENSION
        gradebook.db.commit()
    put(root / "submitted" / "not-recorded" / NAME, DUE + MINUTE)
    config = Config()
    config.CourseDirectory.root = str(root)
    config.NbGraderAPI.timezone = "Europe/Berlin"
    yield ClassAPI(CourseDirectory(config=config), config=config)


def test_beside_its_time_stands_how_late_a_submission_is(api):
    found = api.get_submissions(NAME)
    assert {one["student"]: one["instead"].get("timestamp") for one in found} == SAID


@pytest.mark.parametrize("student", SAID)
def test_a_row_that_is_read_again_says_the_same(api, student):
    assert api.get_submission(NAME, student)["instead"].get("timestamp") == SAID[student]


def test_without_a_due_date_nothing_is_late(api):
    assert not any("timestamp" in one["instead"] for one in api.get_submissions(WITHOUT_DATE))


def test_what_was_not_handed_in_is_not_late(api):
    assert "timestamp" not in api.get_submission(NAME, "absent")["instead"]


def test_at_its_due_date_to_the_second_a_submission_is_in_time():
    assert lateness(DUE, DUE, timedelta(0)) == ""
    assert lateness(DUE + DAY, DUE, DAY) == "in time: extension of 1 day"


def test_the_list_shows_it_in_the_place_of_the_bare_time():
    shown = 'this.$timestamp.text(instead(this.model, "timestamp") || display_timestamp)'
    assert scripts.mended("manage_submissions").count(shown) == 1
