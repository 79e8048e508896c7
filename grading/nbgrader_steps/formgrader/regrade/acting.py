"""What the process beside the server does of a regrade: look, apply what was shown, bring back."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from grading.course.layout import Course
from grading.course.sync import prepare_source
from grading.engine.options import Options
from grading.engine.regrade.regrade import Outcome, Regrade, Report
from grading.grades.gradebook import RunGradebook
from grading.grades.history import named_states
from grading.nbgrader_steps.formgrader.jobs import Answer, Tell
from grading.pipeline.configuration import load_config, nbgrader_api
from grading.pipeline.release import release_all

WHY, BACK = "regrade", "brought back"


class Acting:
    """A regrade of one assignment or all; `tell` hears of each submission that is graded."""

    def __init__(self, course: Course, assignment: str | None, tell: Tell) -> None:
        self._course, self._assignment, self._tell = course, assignment, tell
        self._config = load_config(course.root)

    def preview(self) -> Answer:
        """Release what has changed, grade what is stale, and answer with what would change."""
        prepare_source(self._course)
        release_all(self._course, nbgrader_api(self._config), self._tell, self._assignment)
        outcome = self._regrade().preview(os.cpu_count() or 1, self._bar)
        changes = [asdict(one) for one in outcome.changes if one.lines]
        same = len(outcome.changes) - len(changes)
        said = f"{many(len(changes))} would change, {same} would stay as they are."
        return _answer(said, outcome.remarks, changes=changes, same=same, run=outcome.run)

    def apply(self, students: Sequence[str] | None, seen: str, who: str, why: str) -> Answer:
        """Write what the run that was `seen` has shown, of some students or all."""
        outcome = self._regrade(who).apply(students, why or WHY, seen)
        return _answer(_told(outcome), outcome.remarks)

    def bring_back(self, states: Sequence[str], who: str, why: str) -> Answer:
        """Bring states back, all or none."""
        with RunGradebook(Options.of(self._config).db_url) as gradebook:
            found = named_states(gradebook, states)
        remarks = self._regrade(who).bring_back(found, why or BACK)
        return _answer(f"{many(len(found))} as before.", remarks)

    def _regrade(self, who: str = "") -> Regrade:
        return Regrade(self._course, self._config, self._assignment, who)

    @contextmanager
    def _bar(self, total: int) -> Iterator[Report]:
        done: list[str] = []

        def report(last: str, remark: str) -> None:
            done.append(last)
            self._tell(" ".join(filter(None, (f"{len(done)} of {total}: {last}", remark))))

        yield report


def many(number: int) -> str:
    """Return how many submissions, in words."""
    return f"{number} submission{'' if number == 1 else 's'}"


def _told(outcome: Outcome) -> str:
    changed = sum(bool(one.lines) for one in outcome.changes)
    same = len(outcome.changes) - changed
    return f"{many(changed)} changed, {same} were graded again and stayed as they were."


def _answer(said: str, remarks: Sequence[str], **more: Any) -> Answer:
    return {"success": True, "log": said, "remarks": [*remarks], **more}
