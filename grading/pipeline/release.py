"""Generate the release of every assignment that has changed."""

from collections.abc import Callable
from typing import Any

from nbgrader.apps import NbGraderAPI

from grading.course.errors import BadRelease
from grading.course.layout import Course
from grading.course.stamp import Stamp, fingerprint
from grading.sandbox.bubblewrap import CHECK_MODULE

Say = Callable[[str], None]


def release_all(course: Course, api: NbGraderAPI, say: Say, only: str | None = None) -> None:
    """Run `nbgrader generate_assignment` where needed; raise `BadRelease` when it refuses."""
    for assignment in course.assignments() if only is None else [course.assignment(only).name]:
        stamp = Stamp(course.root, course.release(assignment))
        made_from = _made_from(course, assignment)
        if stamp.holds(made_from):
            continue
        say(f"releasing {assignment}: running our solution and the unsolved notebook")
        answer = api.generate_assignment(assignment, force=True)
        if not answer["success"]:
            raise BadRelease(reason_of(assignment, answer))
        stamp.put(made_from)


def reason_of(assignment: str, answer: dict[str, Any]) -> str:
    """Return what nbgrader's answer says of why there is no release."""
    lines = (answer.get("log") or answer.get("error") or "").strip().split("\n")
    for start, line in enumerate(lines):
        for error in ("BadRelease: ", "SandboxError: ", "RuntimeError: "):
            if error in line:
                told = [line.partition(error)[2], *lines[start + 1 :]]
                end = next((n for n, more in enumerate(told) if more.startswith("[")), len(told))
                return "\n".join(told[:end]).strip() or assignment
    return lines[-1].strip() or assignment


def _made_from(course: Course, assignment: str) -> str:
    folder = course.source(assignment)
    return fingerprint(
        course.text(assignment).read_bytes(),
        *(path for name in ("tinytorch", "data") if (path := folder / name).exists()),
        CHECK_MODULE,
        course.salt,
    )
