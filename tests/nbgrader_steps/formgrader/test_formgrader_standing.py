"""In Formgrader's lists nothing that waits for a person, or was never graded, is a bare score."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from grading.nbgrader_steps.formgrader import standing
from grading.nbgrader_steps.formgrader.api import ClassAPI

NAME = "01_mini"
WHEN = datetime(2026, 2, 1, 12, tzinfo=UTC).replace(tzinfo=None)
CELLS = {"code": ("code", 6), "written": ("markdown", 4)}


def hand_in(root: Path, student: str, assignment: str = NAME) -> None:
    for step in ("submitted", "autograded"):
        folder = root / step / student / assignment
        folder.mkdir(parents=True)
        (folder / "timestamp.txt").write_text("2026-02-01 12:00:00 UTC")
        (folder / f"{assignment}.ipynb").touch()


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClassAPI]:
    """Return the interface to a course in which everything waits that can wait."""
    root = tmp_path_factory.mktemp("standing")
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        for assignment in (NAME, "02_other", "03_new"):
            (root / "source" / assignment).mkdir(parents=True)
            gradebook.add_assignment(assignment)
            gradebook.add_notebook(assignment, assignment)
            for cell, (kind, points) in CELLS.items():
                gradebook.add_grade_cell(
                    cell, assignment, assignment, max_score=points, cell_type=kind
                )
            gradebook.add_task_cell(
                "task", assignment, assignment, max_score=2, cell_type="markdown"
            )
        for student, code, written, task, waits in (
            ("all-waits", 0, None, None, ("code", "written", "task")),
            ("answer-waits", 5, None, 1.5, ("written",)),
            ("done", 6, 4, 2, ()),
            ("task-waits", 5, 3, None, ("task",)),
            ("zero", 0, 0, 0, ()),
        ):
            gradebook.add_student(student)
            gradebook.add_submission(NAME, student, timestamp=WHEN)
            hand_in(root, student)
            for cell, score in (("code", code), ("written", written), ("task", task)):
                grade = gradebook.find_grade(cell, NAME, NAME, student)
                grade.manual_score, grade.needs_manual_grade = score, cell in waits
        gradebook.add_student("absent")
        gradebook.add_student("never-graded")
        gradebook.db.commit()
    (root / "submitted" / "never-graded" / NAME).mkdir(parents=True)
    (root / "submitted" / "not-recorded" / NAME).mkdir(parents=True)
    (root / "submitted" / "done" / "02_other").mkdir()
    config = Config()
    config.CourseDirectory.root = str(root)
    yield ClassAPI(CourseDirectory(config=config), config=config)


ANSWER_WAITS = {"score": "6.5 / 12, waits for a person", "written_score": "waits for a person"}
ALL_WAITS = dict.fromkeys(standing.SCORES, "waits for a person")
TASK_WAITS = {"score": "8 / 12, waits for a person", "task_score": "waits for a person"}
OF_SUBMISSIONS = {
    "all-waits": ALL_WAITS,
    "answer-waits": ANSWER_WAITS,
    "done": {},
    "task-waits": TASK_WAITS,
    "zero": {},
}
NEVER = dict.fromkeys(standing.SCORES, "not graded yet")


def by(name: str, answers: list) -> dict:
    return {answer[name]: answer["instead"] for answer in answers}


def test_the_submissions_of_an_assignment(api):
    never = {"never-graded": NEVER, "not-recorded": NEVER}
    assert by("student", api.get_submissions(NAME)) == OF_SUBMISSIONS | never


def test_the_submissions_of_a_notebook(api):
    assert by("student", api.get_notebook_submissions(NAME, NAME)) == OF_SUBMISSIONS


@pytest.mark.parametrize("student", OF_SUBMISSIONS)
def test_the_notebooks_of_a_student(api, student):
    [notebook] = api.get_student_notebook_submissions(student, NAME)
    assert notebook["instead"] == OF_SUBMISSIONS[student]


def test_a_notebook_whose_file_is_gone_is_not_graded(api):
    file = Path(api.coursedir.root) / "autograded" / "zero" / NAME / f"{NAME}.ipynb"
    file.unlink()
    try:
        [notebook] = api.get_student_notebook_submissions("zero", NAME)
    finally:
        file.touch()
    assert notebook["instead"] == NEVER


def test_the_submissions_of_a_student(api):
    found = by("name", api.get_student_submissions("answer-waits"))
    nothing = dict.fromkeys(standing.SCORES, "nothing handed in")
    assert found == {NAME: ANSWER_WAITS, "02_other": nothing, "03_new": nothing}
    assert by("name", api.get_student_submissions("done"))["02_other"] == NEVER
    assert by("name", api.get_student_submissions("never-graded"))[NAME] == NEVER


OF_STUDENTS = {
    "absent": {"score": "nothing handed in"},
    "all-waits": {"score": "waits for a person"},
    "answer-waits": {"score": "6.5 / 36, waits for a person"},
    "done": {"score": "12 / 36, the rest not graded yet"},
    "never-graded": {"score": "not graded yet"},
    "not-recorded": {"score": "not graded yet"},
    "task-waits": {"score": "8 / 36, waits for a person"},
    "zero": {},
}


def test_the_students(api):
    assert by("id", api.get_students()) == OF_STUDENTS


@pytest.mark.parametrize("student", OF_STUDENTS)
def test_one_student(api, student):
    assert api.get_student(student)["instead"] == OF_STUDENTS[student]


AVERAGES = {
    "score": "5.3 / 12, waits for a person",
    "code_score": "3.2 / 6, waits for a person",
    "written_score": "1.4 / 4, waits for a person",
    "task_score": "0.7 / 2, waits for a person",
}
NO_AVERAGES = dict.fromkeys(standing.SCORES, "nothing graded yet")


def test_the_averages_of_assignments(api):
    unknown = Path(api.coursedir.root) / "source" / "04_unknown"
    unknown.mkdir()
    try:
        found = by("name", api.get_assignments())
    finally:
        unknown.rmdir()
    nothing = dict.fromkeys(("02_other", "03_new", "04_unknown"), NO_AVERAGES)
    average = {"score": AVERAGES["score"]}
    assert found == {NAME: average, **nothing}
    assert api.get_assignment(NAME)["instead"] == average


def test_the_averages_of_notebooks(api):
    assert by("name", api.get_notebooks(NAME)) == {NAME: AVERAGES}
    assert by("name", api.get_notebooks("02_other")) == {"02_other": NO_AVERAGES}
