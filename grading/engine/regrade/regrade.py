"""Regrade: preview without writing grades, apply what was shown, bring back what was before."""

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from traitlets.config import Config

from grading.course.errors import CourseError
from grading.course.layout import Course
from grading.engine import autograde
from grading.engine.done import Done
from grading.engine.earlier import keep_earlier, put_back
from grading.engine.lock import only_grader
from grading.engine.options import Options
from grading.engine.regrade.changes import Change, Comparison, graded_tasks
from grading.engine.regrade.previews import Previews, Whose
from grading.engine.save import save_folder, save_timestamp
from grading.engine.tasks import Survey, Task, graded_stamp, survey
from grading.grades.gradebook import RunGradebook
from grading.grades.history import bring_back_states
from grading.grades.received import Received
from grading.grades.states import Cause
from grading.submission.files import read_timestamp

Report = Callable[[str, str], None]
"""Hear who is graded, and a remark on it."""
Bar = Callable[[int], AbstractContextManager[Report]]
"""Show how far so many have come."""
AGAIN = "has changed since the preview: look again with `make regrade`"
NEVER = "was not in the preview: look first with `make regrade`"


class NothingShown(CourseError):
    """Nothing can be applied: nobody has looked at it."""


@dataclass(frozen=True)
class Outcome:
    """What a command has come to: changes that it found or made, and lines for a person.

    `run` names what was shown, as it is when it is applied.
    """

    changes: list[Change]
    remarks: list[str]
    run: str


class Regrade:
    """The regrade of a course, or of one assignment; one command at a time owns the gradebook.

    What it changes is noted as done by `who`, else by the account that runs it.
    """

    def __init__(
        self, course: Course, config: Config, assignment: str | None = None, who: str = ""
    ) -> None:
        self._course, self._config, self._assignment = course, config, assignment
        self._who = who
        self._options = Options.of(config)
        self._previews = Previews(course)

    def preview(self, workers: int, bar: Bar) -> Outcome:
        """Grade what is stale without writing a grade; return what would change, and why.

        What an earlier preview has graded from the same is not graded again.
        """
        with self._opened("preview") as (gradebook, folder):
            found = self._found(gradebook, folder)
            tasks = graded_tasks(found, gradebook)
            tasks = [task for task in tasks if self._previews.read(task) is None]
            failures = self._grade(gradebook, folder, tasks, workers, bar)
            compared = Comparison(self._course, self._config, gradebook, found)
            changes = compared.changes(self._previews)
        run = self._previews.show({one.whose: one.fingerprint for one in changes})
        never = len(found.tasks) + len(found.held) - len(compared.tasks)
        new = [f"{never} submissions have no grades yet: `make autograde`"] if never else []
        return Outcome(changes, [*failures, *compared.failures, *new], run)

    def apply(self, students: Collection[str] | None, why: str, seen: str = "") -> Outcome:
        """Write the changes that were shown, of some students or all; return those written.

        Each submission is written in one transaction, with what its grades were. Where anything
        that was shown is no longer so, nothing of it is written. Raises `NothingShown`, also where
        the run that was `seen` is not the last that was shown.
        """
        shown = self._previews.shown()
        if shown is None:
            raise NothingShown("Nothing was previewed yet: look first with `make regrade`.")
        run, fingerprints = shown
        if seen and seen != run:
            raise NothingShown("Somebody has looked again since: see what would change now.")
        with self._opened(why, run) as (gradebook, folder):
            found = self._found(gradebook, folder)
            compared = Comparison(self._course, self._config, gradebook, found)
            applied, remarks = [], compared.failures
            for change in compared.changes(self._previews):
                if students is not None and change.student not in students:
                    continue
                if fingerprints.get(change.whose) != change.fingerprint:
                    told = AGAIN if change.whose in fingerprints else NEVER
                    remarks.append(f"{' '.join(change.whose)} {told}")
                elif self._write(gradebook, folder, change, compared.tasks.get(change.whose)):
                    applied.append(change)
                else:
                    remarks.append(f"{' '.join(change.whose)} {AGAIN}")
        return Outcome(applied, remarks, run)

    def bring_back(self, states: Collection[str], why: str) -> list[str]:
        """Let submissions be as the states say, all or none; return lines for a person."""
        with self._opened(why) as (gradebook, folder):
            self._found(gradebook, folder)
            whose = bring_back_states(gradebook, states)
            return self._put_back(gradebook, whose)

    @contextmanager
    def _opened(self, why: str, run: str = "") -> Iterator[tuple[RunGradebook, Path]]:
        cause = Cause.of(why, run, self._who)
        with (
            only_grader(self._course) as folder,
            RunGradebook(self._options.db_url, cause=cause) as gradebook,
        ):
            yield gradebook, folder

    def _found(self, gradebook: RunGradebook, folder: Path) -> Survey:
        """Return what is stale, having ended what a killed command has left half done."""
        found = survey(self._course, self._config, self._assignment)
        in_gradebook = gradebook.made_from()
        for task in [*found.tasks, *found.held]:
            whose = task.student, task.assignment
            graded = self._previews.read(task)
            if in_gradebook.get(whose) == task.made_from and graded is not None:
                save_folder(self._course, self._options, task, graded, folder, lambda: None)
                self._previews.forget(task)
        self._put_back(gradebook, set(gradebook.held()))
        return survey(self._course, self._config, self._assignment)

    def _grade(
        self,
        gradebook: RunGradebook,
        folder: Path,
        tasks: list[Task],
        workers: int,
        bar: Bar,
    ) -> list[str]:
        if not tasks:
            return []
        kits = autograde.prepare(self._course, self._options, gradebook, tasks)
        with (
            bar(len(tasks)) as report,
            autograde.open_pool(self._options, min(workers, len(tasks)), folder) as pool,
        ):

            def tell(done: Done) -> None:
                report(str(done), done.remark)

            run = autograde.Run(self._course, self._options, kits, pool, self._previews.keep, tell)
            run.grade_all(tasks)
        return run.failures

    def _write(
        self, gradebook: RunGradebook, folder: Path, change: Change, task: Task | None
    ) -> bool:
        whose = change.whose
        received = Received(*whose, read_timestamp(self._course.submitted(*whose)))
        if task is None:
            written = gradebook.replace_penalty(received, self._config, change.before)
            if written:
                save_timestamp(self._course, self._options, *whose)
            return written
        graded = self._previews.read(task)
        if graded is None:
            return False
        keep_earlier(self._course, *whose)

        def write() -> None:
            if not gradebook.replace_grades(
                received, graded, self._config, task.made_from, task.basis, change.before
            ):
                raise _Otherwise

        try:
            save_folder(self._course, self._options, task, graded, folder, write)
        except _Otherwise:
            return False
        self._previews.forget(task)
        return True

    def _put_back(self, gradebook: RunGradebook, whose: Collection[Whose]) -> list[str]:
        """Let graded folders be those that the gradebook's grades were made from."""
        remarks = []
        made_from = gradebook.made_from()
        for one in sorted(whose & made_from.keys()):
            if graded_stamp(self._course, *one).holds(made_from[one]):
                continue
            if not put_back(self._course, *one, made_from[one]):
                remarks.append(
                    f"{' '.join(one)}: its graded notebook of that time is not kept, so feedback "
                    "shows the later one"
                )
        return remarks


class _Otherwise(Exception):
    """The gradebook is not as it was shown."""
