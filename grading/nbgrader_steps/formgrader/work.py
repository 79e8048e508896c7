"""The process that carries out Formgrader's long steps, on the course that its argument names.

Reads one request a line and answers with one line, a list of answers in the order of the targets.
Before that, steps of a whole class say in a line of whom they have done. It ends when nobody can
ask any more.
"""

import json
import logging
import os
import sys
import textwrap
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from grading.course.errors import CourseError
from grading.course.layout import Course
from grading.course.sync import prepare_source
from grading.engine.autograde import autograde
from grading.engine.done import Done
from grading.engine.options import Options
from grading.engine.tasks import NothingSubmitted, Task, pending, refuse_nothing
from grading.grades.gradebook import RunGradebook
from grading.grades.lateness import follow_lateness
from grading.nbgrader_steps.formgrader.jobs import DONE, Answer, Target, Tell, unheard
from grading.nbgrader_steps.formgrader.regrade.acting import Acting
from grading.pipeline.configuration import load_config, nbgrader_api
from grading.pipeline.feedback import generate_feedback, outdated, write_indexes
from grading.pipeline.release import reason_of
from grading.sandbox.bubblewrap import SandboxError

PANEL_WIDTH = 76  # characters that Formgrader shows of a line
UNDERSTOOD = (CourseError, SandboxError)


class Worker:
    """The steps, on one course."""

    def __init__(self, root: Path, tell: Tell = unheard) -> None:
        self.course = Course(root)
        self._tell = tell

    def generate_assignment(self, targets: list[Target]) -> list[Answer]:
        """Bring text and notebook in step and generate the release, or say first why not."""
        [(assignment, _)] = targets
        prepare_source(self.course)
        said: Answer = self._api().generate_assignment(assignment, force=True)
        if not said["success"]:
            reason = textwrap.fill(reason_of(assignment, said), PANEL_WIDTH)
            said = {"success": False, "log": reason, "error": said["log"]}
        return [said]

    def generate_feedback(self, targets: list[Target]) -> list[Answer]:
        """Make feedback for one student, or for all."""
        [(assignment, student)] = targets
        return [self._api().generate_feedback(assignment, student, force=True)]

    def autograde(self, targets: list[Target]) -> list[Answer]:
        """Grade submissions together, whether or not they have changed."""
        return self._grade_all(targets, again=True)

    def autograde_class(self, targets: list[Target]) -> list[Answer]:
        """Grade those of the submissions that are new or changed."""
        return self._grade_all(targets, again=False)

    def feedback_class(self, targets: list[Target]) -> list[Answer]:
        """Make the feedback of submissions that is missing or old."""
        config = load_config(self.course.root)
        db_url = Options.of(config).db_url
        with RunGradebook(db_url) as gradebook:
            failures = follow_lateness(gradebook, config, set(targets_of(targets)).__contains__)
        for assignment in dict.fromkeys(assignment for assignment, _ in targets):
            students = {str(student) for name, student in targets if name == assignment}
            pages = outdated(self.course, db_url, assignment, students)
            workers = os.cpu_count() or 1
            failures += generate_feedback(self.course, config, pages, self._tell, workers)
        write_indexes(self.course, db_url, {str(student) for _, student in targets})
        return [_of(f"{student} {name}: ", failures) for name, student in targets]

    def regrade(self, targets: list[Target], do: str, **how: Any) -> list[Answer]:
        """Preview a regrade of one assignment or all, apply it, or bring states back."""
        [(assignment, _)] = targets
        acting = Acting(self.course, assignment or None, self._tell)
        return [getattr(acting, do)(**how)]

    def _grade_all(self, targets: list[Target], again: bool) -> list[Answer]:
        answers: dict[Target, Answer] = {}
        for assignment in dict.fromkeys(assignment for assignment, _ in targets):
            together = [target for target in targets if target[0] == assignment]
            try:
                answers |= self._grade(assignment, together, again)
            except UNDERSTOOD as error:
                answers |= dict.fromkeys(together, _failure(str(error)))
        return [answers[target] for target in targets]

    def _grade(self, assignment: str, targets: list[Target], again: bool) -> dict[Target, Answer]:
        config = load_config(self.course.root)
        answers: dict[Target, Answer] = {}
        tasks: list[Task] = []
        for _, student in targets:
            found = pending(self.course, config, assignment, str(student), force=again)
            tasks += found
            try:
                if not found:
                    refuse_nothing(self.course, config, assignment, str(student))
                answers[assignment, student] = _success(f"graded, sealed: {student} {assignment}")
            except NothingSubmitted as error:
                answers[assignment, student] = _failure(str(error))

        def note(done: Done) -> None:
            if not again:
                self._tell(str(done))
            if done.outcome == "failed":
                answers[done.assignment, done.student] = _failure(done.remark)

        workers = len(tasks) if again else os.cpu_count() or 1
        autograde(self.course, config, tasks, workers, note)
        return answers

    def _api(self) -> Any:
        return nbgrader_api(load_config(self.course.root))


def answer(worker: Worker, line: str) -> list[Answer]:
    """Carry out one request; whatever goes wrong becomes an answer."""
    request = json.loads(line)
    targets = [(assignment, student) for assignment, student in request["targets"]]
    try:
        return list(getattr(worker, request["action"])(targets, **request.get("how", {})))
    except UNDERSTOOD as error:
        return [_failure(str(error))] * len(targets)
    except Exception:
        return [_failure(traceback.format_exc())] * len(targets)


def targets_of(targets: Iterable[Target]) -> Iterable[tuple[str, str]]:
    """Yield student and assignment, as the gradebook has them."""
    return ((str(student), assignment) for assignment, student in targets)


def _of(whose: str, failures: list[str]) -> Answer:
    """Return how it went with one of those of whom failures tell."""
    theirs = [failure for failure in failures if failure.startswith(whose)]
    return _failure(theirs[0]) if theirs else _success(f"{whose}done")


def _success(text: str) -> Answer:
    return {"success": True, "log": text}


def _failure(text: str) -> Answer:
    return {"success": False, "error": text, "log": text}


def main() -> None:
    """Serve requests from standard input until it is closed."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    logging.basicConfig(level=logging.WARNING)

    def tell(done: str) -> None:
        answers.write(json.dumps({DONE: done}) + "\n")

    worker = Worker(Path(sys.argv[1]), tell)
    for line in sys.stdin:
        answers.write(json.dumps(answer(worker, line)) + "\n")


if __name__ == "__main__":
    main()
