"""Generate the release of every assignment that has changed."""

import json
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

from nbgrader.apps import NbGraderAPI
from traitlets.config import Config

from grading.course.errors import BadRelease
from grading.course.layout import Course
from grading.course.released import ReleasedNotebook, handed_out
from grading.course.stamp import Stamp, fingerprint
from grading.grades.gradebook import RunGradebook
from grading.grades.releases import enter_release
from grading.sandbox.bubblewrap import CHECK_MODULE

Say = Callable[[str], None]
NEW_LINE = "\n"
TRACEBACK = "Traceback (most recent call last):\n"
CANCELED = "[ERROR] Canceled"
"""What nbgrader logs last when Ctrl-C has ended it; the interrupt itself is not passed on."""
ERROR = re.compile(r"^(\w[\w.]*)(?:: |$)(.*)", re.MULTILINE | re.DOTALL)
"""What stands below a traceback: the name of the error, its message."""


def release_all(course: Course, api: NbGraderAPI, say: Say, only: str | None = None) -> None:
    """Run `nbgrader generate_assignment` where needed.

    A release that holds, but is not in this gradebook, is entered into it. Raises `BadRelease` when
    nbgrader refuses, `KeyboardInterrupt` after Ctrl-C; then the release of before is still there.
    """
    for assignment in course.assignments() if only is None else [course.assignment(only).name]:
        stamp = Stamp(course.root, course.release(assignment))
        made_from = release_fingerprint(course, api.config, assignment)
        kept = ReleasedNotebook(course, assignment)
        if stamp.holds(made_from) and kept.file.exists():
            if _enter(api, kept):
                say(f"entered {assignment} into the gradebook; its due date is set in Formgrader")
            continue
        say(f"releasing {assignment}: running our solution and the unsolved notebook")
        before = stamp.read()
        stamp.remove()
        answer = _generate(api, assignment, stamp.product)
        if not answer["success"]:
            if before is not None:
                stamp.put(before)
            if (answer.get("log") or "").rstrip().endswith(CANCELED):
                raise KeyboardInterrupt
            raise BadRelease(reason_of(assignment, answer))
        stamp.put(made_from)


def _enter(api: NbGraderAPI, kept: ReleasedNotebook) -> bool:
    with RunGradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
        return enter_release(gradebook, kept)


def _generate(api: NbGraderAPI, assignment: str, release: Path) -> dict[str, Any]:
    """Generate an assignment; put the release of before back where nbgrader refuses."""
    with tempfile.TemporaryDirectory(prefix="release-") as folder:
        before = Path(folder) / "before"
        if release.exists():
            shutil.copytree(release, before)
        answer: dict[str, Any] = api.generate_assignment(assignment, force=True)
        if not answer["success"] and before.exists():
            shutil.copytree(before, release, dirs_exist_ok=True)
        return answer


def reason_of(assignment: str, answer: dict[str, Any]) -> str:
    """Return what nbgrader's answer says of why there is no release: the first error it logged."""
    log = answer.get("log") or answer.get("error") or "nbgrader gives no reason"
    entry = next((entry for entry in log.split("\n[") if TRACEBACK in entry), "")
    error = ERROR.search(dedent(entry.rpartition(TRACEBACK)[2]))
    if not entry or error is None:
        return f"{assignment} is not released: {log.strip().rpartition(NEW_LINE)[2]}"
    kind, message = error[1].rpartition(".")[2], error[2].strip()
    if kind in ("BadRelease", "SandboxError"):
        return message
    return f"{assignment} is not released: {message or kind}"


def release_fingerprint(course: Course, config: Config, assignment: str) -> str:
    """Return the fingerprint of everything that a release depends on."""
    beside = handed_out(course.source(assignment))
    return fingerprint(
        course.text(assignment).read_bytes(),
        json.dumps([path.name for path in beside]),
        *beside,
        CHECK_MODULE,
        course.salt,
        json.dumps(_settings(config), sort_keys=True, default=repr),
    )


def _settings(config: Config) -> dict[str, Any]:
    """Return what the configuration says of the steps that make a release."""
    steps = config.GenerateAssignment.get("preprocessors", [])
    names = [step if isinstance(step, str) else step.__name__ for step in steps]
    used = ("GenerateAssignment", *(name.rpartition(".")[2] for name in names))
    return {name: config[name] for name in used if name in config} | {
        "ignore": config.CourseDirectory.get("ignore", [])
    }
