"""Generate the release of every assignment that has changed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from nbgrader.apps import NbGraderAPI

from grading.course import Course, fingerprint
from grading.release import BadRelease
from grading.sandbox.wall import CHECK_MODULE

Say = Callable[[str], None]


def release_all(course: Course, api: NbGraderAPI, say: Say, only: str | None = None) -> None:
    """Run `nbgrader generate_assignment` where needed; raise `BadRelease` when it refuses."""
    for assignment in course.assignments():
        if only in (None, assignment):
            if _is_current(course, assignment):
                continue
            say(f"releasing {assignment}: running our solution and the unsolved notebook")
            answer = api.generate_assignment(assignment, force=True)
            if not answer["success"]:
                raise BadRelease(reason_of(assignment, answer))
            _stamp(course, assignment).write_text(_made_from(course, assignment))


def reason_of(assignment: str, answer: dict[str, Any]) -> str:
    """Return the one line of nbgrader's answer that says why there is no release."""
    lines = (answer.get("log") or answer.get("error") or "").strip().split("\n")
    told = [line for line in lines if "BadRelease" in line or "RuntimeError" in line]
    return (told or lines)[-1].strip().removeprefix("grading.release.BadRelease: ") or assignment


def _stamp(course: Course, assignment: str) -> Path:
    return course.key(assignment) / "released"


def _is_current(course: Course, assignment: str) -> bool:
    stamp = _stamp(course, assignment)
    released = (course.release(assignment) / f"{assignment}.ipynb").exists()
    return released and stamp.exists() and stamp.read_text() == _made_from(course, assignment)


def _made_from(course: Course, assignment: str) -> str:
    folder = course.source(assignment)
    return fingerprint(
        course.text(assignment).read_bytes(),
        *(path for name in ("tinytorch", "data") if (path := folder / name).exists()),
        CHECK_MODULE,
        course.salt,
    )
