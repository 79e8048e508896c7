"""The process that carries out Formgrader's long steps: `python -m hub.formgrader.work COURSE`.

Reads one request a line and answers with one line, a list of answers in the order of the targets.
It ends when nobody can ask any more.
"""

import json
import logging
import os
import sys
import textwrap
import traceback
from pathlib import Path
from typing import Any

from grading.course import Course
from grading.master import NotReleased
from grading.pipeline.autograde import AlreadyGrading, Task, autograde, pending
from grading.pipeline.configuration import load_config, nbgrader_api
from grading.pipeline.release import reason_of
from grading.pipeline.source import prepare_source
from grading.restore import NOTE
from grading.sandbox.wall import SandboxError

Answer = dict[str, Any]
PANEL_WIDTH = 76  # characters that Formgrader shows of a line
UNDERSTOOD = (AlreadyGrading, NotReleased, SandboxError)


class Worker:
    """The steps, on one course."""

    def __init__(self, root: Path) -> None:
        self.course = Course(root)

    def generate_assignment(self, targets: list[tuple[str, str | None]]) -> list[Answer]:
        """Bring text and notebook in step and generate the release, or say first why not."""
        [(assignment, _)] = targets
        prepare_source(self.course)
        said: Answer = self._api().generate_assignment(assignment, force=True)
        if not said["success"]:
            reason = textwrap.fill(reason_of(assignment, said), PANEL_WIDTH)
            said = {"success": False, "log": reason, "error": said["log"]}
        return [said]

    def generate_feedback(self, targets: list[tuple[str, str | None]]) -> list[Answer]:
        """Make feedback for one student, or for all."""
        [(assignment, student)] = targets
        return [self._api().generate_feedback(assignment, student, force=True)]

    def autograde(self, targets: list[tuple[str, str | None]]) -> list[Answer]:
        """Grade submissions together, whether or not they have changed."""
        config = load_config(self.course.root)
        tasks = [self._task(assignment, str(student)) for assignment, student in targets]
        said = autograde(self.course, config, tasks, len(tasks), lambda _: None)
        return [self._told(f"{task.student} {task.assignment}", said) for task in tasks]

    def _task(self, assignment: str, student: str) -> Task:
        """Return the task of a submission, also of one that is graded and has not changed."""
        for task in pending(self.course, load_config(self.course.root), assignment):
            if task.student == student:
                return task
        graded = self.course.autograded(student, assignment) / f"{assignment}.ipynb"
        note = json.loads(graded.read_text())["metadata"][NOTE]
        return Task(student, assignment, note["made_from"])

    def _told(self, name: str, said: list[str]) -> Answer:
        failures = [line for line in said if line.startswith(f"{name}:")]
        if failures:
            return {"success": False, "error": failures[0], "log": failures[0]}
        return {"success": True, "log": f"graded, sealed: {name}"}

    def _api(self) -> Any:
        return nbgrader_api(load_config(self.course.root))


def answer(worker: Worker, line: str) -> list[Answer]:
    """Carry out one request; whatever goes wrong becomes an answer."""
    request = json.loads(line)
    targets = [(assignment, student) for assignment, student in request["targets"]]
    try:
        return list(getattr(worker, request["action"])(targets))
    except UNDERSTOOD as error:
        return [{"success": False, "error": str(error), "log": str(error)}] * len(targets)
    except Exception:
        trace = traceback.format_exc()
        return [{"success": False, "error": trace, "log": trace}] * len(targets)


def main() -> None:
    """Serve requests from standard input until it is closed."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    logging.basicConfig(level=logging.WARNING)
    worker = Worker(Path(sys.argv[1]))
    for line in sys.stdin:
        answers.write(json.dumps(answer(worker, line)) + "\n")


if __name__ == "__main__":
    main()
