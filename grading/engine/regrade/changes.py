"""What a regrade would change, for each submission and check, and why. Nothing is written."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from json import dumps

from nbgrader.utils import parse_utc
from traitlets.config import Config

from grading.course.layout import Course
from grading.course.stamp import fingerprint
from grading.engine.messages import Graded
from grading.engine.regrade.lines import Line, cell_lines, check_lines, late_lines
from grading.engine.regrade.previews import Previews, Whose
from grading.engine.regrade.reasons import Reasons, rules_of
from grading.engine.tasks import Survey, Task
from grading.grades.enter_policies import enter_policies
from grading.grades.gradebook import RunGradebook
from grading.grades.kept_outcomes import kept_outcomes, read_outcomes
from grading.grades.lateness import late_changes
from grading.grades.penalties import late_penalty, lateness_text
from grading.grades.saved import UNKNOWN, Basis, Earned, Entry, Given, graded_entries, planned
from grading.grades.states import State, read_states
from grading.submission.files import read_timestamp


@dataclass(frozen=True)
class Change:
    """What would become of one submission; `lines` is empty where it stays as it is.

    Scores are those after the late penalty, `before` is the fingerprint of what its grades are now.
    `made_from` is empty where nothing is graded again.
    """

    student: str
    assignment: str
    old: float
    new: float
    before: str
    made_from: str = ""
    lines: list[Line] = field(default_factory=list)

    @property
    def whose(self) -> Whose:
        """Return the student and the assignment."""
        return self.student, self.assignment

    @property
    def fingerprint(self) -> str:
        """Return a hash of all that is shown of it."""
        return fingerprint(dumps(asdict(self)))


def graded_tasks(found: Survey, gradebook: RunGradebook) -> list[Task]:
    """Return which submissions are to be graded again: those that have no grades are not."""
    graded = gradebook.made_from()
    tasks = [*found.tasks, *found.held]
    return [task for task in tasks if (task.student, task.assignment) in graded]


class Comparison:
    """What grades are in the gradebook, read at one moment, against what they would be."""

    def __init__(
        self, course: Course, config: Config, gradebook: RunGradebook, found: Survey
    ) -> None:
        self._course, self._config = course, config
        enter_policies(gradebook, config)
        self._rules, self._bases = gradebook.rules(), gradebook.basis()
        self.tasks = {(one.student, one.assignment): one for one in graded_tasks(found, gradebook)}
        times = {**found.up_to_date}
        times |= {whose: _handed_in(course, whose) for whose in gradebook.held()}
        with gradebook.reading() as session:
            connection = session.connection()
            self._late, self.failures = late_changes(
                *(connection, config, lambda whose: whose in times and whose not in self.tasks),
                times,
                held=True,
            )
            self._entries = {
                (one.student, one.assignment): one for one in graded_entries(connection, held=True)
            }
            entries = [self._entries[whose] for whose in self.tasks if whose in self._entries]
            self._states = read_states(
                connection, {one.submission for one in [*entries, *self._late]}
            )

    def changes(self, previews: Previews) -> list[Change]:
        """Return what would change, by assignment and student.

        What is not known of some stands in `failures`.
        """
        changes = []
        for whose, task in self.tasks.items():
            graded = previews.read(task)
            if graded is None or whose not in self._entries:
                continue
            try:
                changes.append(self._change(task, graded, previews))
            except Exception as error:  # the late policy is the course's own code
                why = f"{type(error).__name__}: {error}"
                self.failures.append(f"{' '.join(whose)}: nothing is known: {why}")
        changes += [self._late_change(entry) for entry in self._late]
        return sorted(changes, key=lambda one: (one.assignment, one.student))

    def _change(self, task: Task, graded: Graded, previews: Previews) -> Change:
        whose = task.student, task.assignment
        entry = self._entries[whose]
        state = self._states[entry.submission]
        given = _given(state, graded.scores)
        plan = planned(given, graded.scores, graded.waits, graded.answers)
        total = sum(one.counts for one in plan)
        today = entry._replace(timestamp=_handed_in(self._course, whose))
        penalty = late_penalty(task.student, Earned(total), today.seconds_late, self._config)
        basis, lateness = self._bases.get(whose, (UNKNOWN, ""))
        reasons = self._reasons(basis, task.basis)
        outcomes = kept_outcomes(self._course, *whose), read_outcomes(previews.notebook(task))
        lines = list(check_lines(*outcomes, reasons, state))
        told = {line.cell for line in lines}
        lines += cell_lines(state, list(zip(given, plan, strict=True)), told, reasons)
        lines += late_lines(entry.penalty, penalty, lateness, lateness_text(today, self._config))
        score = round(total - (penalty or 0.0), 4)
        return Change(*whose, state.score, score, state.fingerprint, task.made_from, lines)

    def _late_change(self, entry: Entry) -> Change:
        """Return what of a submission's lateness would be another; the entry is as it would be."""
        whose = entry.student, entry.assignment
        before, state = self._entries[whose], self._states[entry.submission]
        _, lateness = self._bases.get(whose, (UNKNOWN, ""))
        lines = late_lines(
            before.penalty, entry.penalty, lateness, lateness_text(entry, self._config)
        )
        score = round(entry.score - (entry.penalty or 0.0), 4)
        return Change(*whose, state.score, score, state.fingerprint, "", list(lines))

    def _reasons(self, before: Basis, now: Basis) -> Reasons:
        rules = [rules_of(self._rules, basis.graded_by) for basis in (before, now)]
        return Reasons(rules[0], rules[1], (before, now))


def _given(state: State, scores: Mapping[str, float | None]) -> list[Given]:
    """Return the grades as they are when automatic points are written, new cells included."""
    given = []
    for id, row in state.contents["grades"].items():
        answer, seen = row["answered"] or (None, None)
        seen = seen if row["needs_manual_grade"] else answer
        given.append(Given(id, row["cell"], row["manual_score"], row["extra_credit"], seen))
    known = {one.cell for one in given}
    return given + [Given("", cell, None, None, None) for cell in scores if cell not in known]


def _handed_in(course: Course, whose: Whose) -> datetime | None:
    moment: datetime | None = parse_utc(read_timestamp(course.submitted(*whose)))
    return moment
