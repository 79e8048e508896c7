"""Formgrader's pages say what nbgrader's own interface says, field by field."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from odd_course import FIRST, SECOND, THIRD, odd_course
from traitlets.config import Config

from grading.nbgrader_steps.formgrader.api import ClassAPI

ASSIGNMENTS = [
    *(FIRST, SECOND, THIRD, "04_empty", "05_without_source", "06_nothing"),
    *("07_never_generated", ".hidden", "no such assignment"),
]
STUDENTS = [
    *(f"student-{number:04}" for number in range(1, 13)),
    *("nobody yet", "student_0%", "student.5", ".hidden", "unknown", "in vain", "empty", "a file"),
    *(
        "not a folder",
        "linked",
        "..",
        ".",
        "",
        "../source",
        "empty/../../source",
        "no such student",
    ),
]
OF_A_STUDENT = [(student,) for student in STUDENTS]
OF_AN_ASSIGNMENT = [(name,) for name in ASSIGNMENTS]
OF_A_NOTEBOOK = [(name, name) for name in ASSIGNMENTS] + [(SECOND, "another"), (SECOND, "none")]
A_FEW = ("student-0001", "student-0008", ".hidden")
OF_A_SUBMISSION = [(SECOND, student) for student in STUDENTS] + [
    (name, student) for name in (THIRD, "04_empty", "07_never_generated") for student in A_FEW
]
QUESTIONS: dict[str, list[tuple[Any, ...]]] = {
    "get_assignments": [()],
    "get_assignment": OF_AN_ASSIGNMENT,
    "get_notebooks": OF_AN_ASSIGNMENT,
    "get_submissions": OF_AN_ASSIGNMENT,
    "get_submission": OF_A_SUBMISSION,
    "get_notebook_submissions": OF_A_NOTEBOOK,
    "get_notebook_submission_indices": OF_A_NOTEBOOK,
    "get_students": [()],
    "get_student": OF_A_STUDENT,
    "get_student_submissions": [(student,) for student in A_FEW],
    "get_student_notebook_submissions": [(student, name) for name, student in OF_A_SUBMISSION],
    "get_submitted_students": [*OF_AN_ASSIGNMENT, ("*",)],
    "get_autograded_students": OF_AN_ASSIGNMENT,
    "get_submitted_timestamp": OF_A_SUBMISSION,
    "get_source_assignments": [()],
    "get_released_assignments": [()],
}
STRUCTURES = {
    "as usual": "",
    "by assignment": "{nbgrader_step}/{assignment_id}/{student_id}",
}


@pytest.fixture(scope="module", params=STRUCTURES)
def config(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Config:
    root = tmp_path_factory.mktemp("odd") / "course"
    return odd_course(root, STRUCTURES[request.param])


def asked(config: Config, interface: type[NbGraderAPI]) -> Callable[..., Any]:
    api = interface(CourseDirectory(config=config), config=config)

    def ask(question: str, *about: str) -> Any:
        return shown(getattr(api, question)(*about))

    return ask


def shown(answer: Any) -> Any:
    """Return an answer as a browser gets it, with every number to nine places.

    What only ours says, in the place of scores that are not final, is left out.
    """
    return json.loads(
        json.dumps(answer, default=lambda it: sorted(it) if isinstance(it, set) else str(it)),
        parse_float=lambda number: ("float", round(float(number), 9)),
        object_hook=lambda entry: {name: entry[name] for name in entry if name != "instead"},
    )


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """Return a course of students alone: nothing has been made or handed in."""
    config, root = Config(), tmp_path_factory.mktemp("bare")
    config.CourseDirectory.root = str(root)
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        for student in ("student-0001", "student-0002"):
            gradebook.add_student(student, first_name="First")
    return config


@pytest.mark.parametrize("question", QUESTIONS)
def test_it_answers_as_nbgraders_own_does(config: Config, question: str) -> None:
    theirs, ours = asked(config, NbGraderAPI), asked(config, ClassAPI)
    for about in QUESTIONS[question]:
        assert ours(question, *about) == theirs(question, *about), about


@pytest.mark.parametrize("question", QUESTIONS)
def test_of_a_course_without_assignments_it_says_the_same(bare: Config, question: str) -> None:
    theirs, ours = asked(bare, NbGraderAPI), asked(bare, ClassAPI)
    for about in QUESTIONS[question][:2]:
        assert ours(question, *about) == theirs(question, *about), about


@pytest.fixture
def handed_in(config: Config) -> Iterator[Path]:
    """Return the file that says when a graded submission was handed in, put back afterwards."""
    coursedir = CourseDirectory(config=config)
    folder = coursedir.format_path(coursedir.submitted_directory, "student-0005", SECOND)
    file = Path(folder) / "timestamp.txt"
    before = file.read_text()
    yield file
    file.write_text(before)


def the_submission(answers: list[dict[str, Any]]) -> dict[str, Any]:
    [found] = (one for one in answers if one["student"] == "student-0005")
    return found


@pytest.mark.parametrize("unreadable", ["yesterday", "2026-02-30", "x" * 1000, "", "\0"])
def test_a_time_that_cannot_be_read_is_unknown_and_the_page_opens(
    config: Config, handed_in: Path, unreadable: str
) -> None:
    handed_in.write_text(unreadable)
    found = the_submission(asked(config, ClassAPI)("get_submissions", SECOND))
    assert found["timestamp"] is None
    assert not found["autograded"]


def test_a_submission_that_comes_while_the_server_runs_is_seen(
    config: Config, handed_in: Path
) -> None:
    ours, theirs = asked(config, ClassAPI), asked(config, NbGraderAPI)
    assert the_submission(ours("get_submissions", SECOND))["autograded"]
    handed_in.write_text("2026-02-01 12:00:01 UTC")
    assert not the_submission(ours("get_submissions", SECOND))["autograded"]
    assert ours("get_submissions", SECOND) == theirs("get_submissions", SECOND)


def test_an_assignments_name_is_no_pattern(tmp_path: Path) -> None:
    (tmp_path / "submitted" / "student-01" / "part[1]").mkdir(parents=True)
    (tmp_path / "submitted" / "student-02" / "part1").mkdir(parents=True)
    config = Config()
    config.CourseDirectory.root = str(tmp_path)
    assert asked(config, ClassAPI)("get_submitted_students", "part[1]") == ["student-01"]


def test_what_a_notebook_has_exported_beside_the_sources_is_no_assignment(tmp_path: Path) -> None:
    for name in ("01_mini/01_mini.ipynb", "my_tinytorch/tensor.py"):
        (tmp_path / "source" / name).parent.mkdir(parents=True)
        (tmp_path / "source" / name).touch()
    (tmp_path / "source" / "02_begun").mkdir()
    api = ClassAPI(CourseDirectory(root=str(tmp_path)))
    assert api.get_source_assignments() == {"01_mini", "02_begun"}
