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

from grading.course.errors import CourseError
from grading.course.layout import Course
from grading.course.sync import prepare_source
from grading.engine.autograde import autograde
from grading.engine.done import Done
from grading.engine.tasks import NothingSubmitted, Task, pending, refuse_nothing
from grading.pipeline.configuration import load_config, nbgrader_api
from grading.pipeline.release import reason_of
from grading.sandbox.bubblewrap import SandboxError

Answer = dict[str, Any]
PANEL_WIDTH = 76  # characters that Formgrader shows of a line
UNDERSTOOD = (CourseError, SandboxError)


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
        answers: dict[tuple[str, str | None], Answer] = {}
        for assignment in dict.fromkeys(assignment for assignment, _ in targets):
            together = [target for target in targets if target[0] == assignment]
            try:
                answers |= self._grade(assignment, together)
            except UNDERSTOOD as error:
                answers |= dict.fromkeys(together, _failure(str(error)))
        return [answers[target] for target in targets]

    def _grade(
        self, assignment: str, targets: list[tuple[str, str | None]]
    ) -> dict[tuple[str, str | None], Answer]:
        config = load_config(self.course.root)
        answers: dict[tuple[str, str | None], Answer] = {}
        tasks: list[Task] = []
        for _, student in targets:
            found = pending(self.course, config, assignment, str(student), force=True)
            tasks += found
            try:
                if not found:
                    refuse_nothing(self.course, config, assignment, str(student))
                answers[assignment, student] = _success(f"graded, sealed: {student} {assignment}")
            except NothingSubmitted as error:
                answers[assignment, student] = _failure(str(error))

        def note(done: Done) -> None:
            if done.outcome == "failed":
                answers[done.assignment, done.student] = _failure(done.remark)

        autograde(self.course, config, tasks, len(tasks), note)
        return answers

    def _api(self) -> Any:
        return nbgrader_api(load_config(self.course.root))


def answer(worker: Worker, line: str) -> list[Answer]:
    """Carry out one request; whatever goes wrong becomes an answer."""
    request = json.loads(line)
    targets = [(assignment, student) for assignment, student in request["targets"]]
    try:
        return list(getattr(worker, request["action"])(targets))
    except UNDERSTOOD as error:
        return [_failure(str(error))] * len(targets)
    except Exception:
        return [_failure(traceback.format_exc())] * len(targets)


def _success(text: str) -> Answer:
    return {"success": True, "log": text}


def _failure(text: str) -> Answer:
    return {"success": False, "error": text, "log": text}


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
