"""A class of honest students with hostile and broken submissions among them."""

import random
import shutil
import subprocess
import time
from functools import partial
from pathlib import Path

from nbgrader.api import Gradebook
from rich.console import Console

from grading.engine.autograde import autograde
from grading.engine.done import Done as Handled
from grading.engine.tasks import Task, pending
from grading.pipeline.feedback import Page, generate_feedback, outdated
from grading.sandbox.settings import Sandbox
from trials.gradebook import Grades, db_url_of, gradebook_frame, gradebook_rows
from trials.hostile_course import MINI, build_hostile_course, submit
from trials.hostile_judge import Judge, Result
from trials.isolated import Done, Isolated
from trials.mini_course import MiniCourse
from trials.outside import Listener, Secrets, state_of, traces
from trials.stock import stock_complaints
from trials.submission import Entry, Submission

HONEST = {
    "honest-1": "solved",
    "honest-2": "half done",
    "honest-3": "untouched",
    "honest-4": "half done",
}
GRADER_MEMORY_MB = 1_500
SECONDS_EACH, AT_LEAST_SECONDS = 8, 900  # of a class: some of it computes as long as it may
ALONE_SECONDS = 60
PAGES_AT_ONCE = 8
PROGRESS_EVERY = 25


def most_seconds(submissions: int) -> int:
    """Return how many seconds a class may take before it counts as stopped."""
    return max(AT_LEAST_SECONDS, SECONDS_EACH * submissions)


class HostileClass:
    """Grade the honest alone, then everyone together, and compare."""

    def __init__(self, folder: Path, entries: list[Entry], workers: int, console: Console) -> None:
        self.entries = {
            f"{entry.kind}-{number:03}-{entry.name}"[:60]: entry
            for number, entry in enumerate(entries, 1)
        }
        self.folder = folder
        self.workers = workers
        self.console = console
        self.complaints: list[str] = []
        self.remarks: list[str] = []
        self.secrets = Secrets.plant()
        self.listener = Listener()
        self.seconds: dict[str, float] = {}

    def run(self, stock: bool) -> list[Result]:
        """Do everything; return a result for each entry."""
        mini = self._build()
        self._submit_honest(mini)
        self._grade(mini, pending(mini.course, mini.config))
        alone = gradebook_rows(mini.course, MINI)
        self._start_anew(mini)
        for student, entry in self.entries.items():
            submit(mini, student, entry.answers, entry.change)
        watched = partial(
            state_of, mini.course, self.secrets, Path(Sandbox(config=mini.config).student_env)
        )
        before, frame = watched(), gradebook_frame(mini.course, MINI)
        tasks = self._pending(mini)
        random.Random(7).shuffle(tasks)
        self._grade(mini, tasks)
        together = gradebook_rows(mini.course, MINI)
        self._give_feedback(mini)
        self._compare(alone, together)
        after = watched()
        self.complaints += [
            f"changed: {path}" for path in before.keys() | after.keys()
            if before.get(path) != after.get(path)
        ]  # fmt: skip
        if gradebook_frame(mini.course, MINI) != frame:
            self.complaints.append("the greatest scores in the gradebook have changed")
        self.complaints += [*self.listener.visitors(), *traces()]
        judge = Judge(mini, self.secrets, together, HONEST)
        results = [
            judge.judge(student, entry, self.seconds.get(student, 0.0))
            for student, entry in self.entries.items()
        ]
        if stock:
            others = [name for name, entry in self.entries.items() if entry.stock]
            self.console.print(f"grading {len(others)} through nbgrader itself", highlight=False)
            fresh = self.folder / "fresh.db"
            self.complaints += stock_complaints(mini, together, fresh, list(HONEST), others)
            self.complaints += [*self.listener.visitors(), *traces()]
        return results

    def remove(self, keep: bool) -> None:
        """Remove everything that was planted, and the course unless it is kept."""
        self.secrets.remove()
        self.listener.close()
        if not keep:
            subprocess.run(["chmod", "-R", "u+rwX", self.folder], check=False)
            subprocess.run(["rm", "-rf", self.folder], check=False)

    def _build(self) -> MiniCourse:
        self.console.print("building the course", highlight=False)
        mini = build_hostile_course(self.folder / "course", self.secrets.texts["salt"])
        with Gradebook(db_url_of(mini.course)) as gradebook:
            gradebook.update_or_create_student(
                "honest-1", first_name=self.secrets.texts["gradebook"]
            )
        shutil.copy(mini.course.root / "gradebook.db", self.folder / "fresh.db")
        return mini

    def _submit_honest(self, mini: MiniCourse) -> None:
        for student, how in HONEST.items():
            note = f"# {self.secrets.texts['neighbour']}"

            def sign(it: Submission, note: str = note) -> None:
                it.append("mean", note)

            submit(mini, student, how, sign)

    def _start_anew(self, mini: MiniCourse) -> None:
        shutil.rmtree(mini.course.root / "autograded")
        shutil.copy(self.folder / "fresh.db", mini.course.root / "gradebook.db")

    def _pending(self, mini: MiniCourse) -> list[Task]:
        found = Isolated(lambda: pending(mini.course, mini.config), ALONE_SECONDS).wait()
        self._note_memory("looking for new submissions", found)
        if found.value is not None:
            return found.value
        self.complaints.append(f"the class could not even be listed: {found.failure}")
        return [Task(student, MINI, "") for student in (*HONEST, *self.entries)]

    def _grade(self, mini: MiniCourse, tasks: list[Task]) -> None:
        """Grade the tasks together; if that stops, one after the other, to find who stopped it."""
        self.console.print(f"grading {len(tasks)} submissions", highlight=False)
        done = Isolated(partial(self._autograde, mini, tasks), most_seconds(len(tasks))).wait()
        self._note_memory("grading the class", done)
        if done.value is not None:
            self._note_times([task.student for task in tasks], *done.value)
            return
        self.complaints.append(f"the whole class was stopped: {done.failure}")
        for task in self._ungraded(mini, tasks):
            done = Isolated(partial(self._autograde, mini, [task]), ALONE_SECONDS).wait()
            if done.value is None:
                self.complaints.append(f"{task.student} stops the class: {done.failure}")
            else:
                self._note_times([task.student], *done.value)

    def _autograde(
        self, mini: MiniCourse, tasks: list[Task]
    ) -> tuple[float, list[tuple[str, float]], list[str]]:
        began = time.monotonic()
        ended: list[tuple[str, float]] = []

        def note(done: Handled) -> None:
            ended.append((done.student, time.monotonic()))
            if len(ended) % PROGRESS_EVERY == 0:
                self.console.print(f"  {len(ended)} of {len(tasks)}", highlight=False)

        failures = autograde(mini.course, mini.config, tasks, self.workers, note)
        return began, ended, failures

    def _note_times(
        self, order: list[str], began: float, ended: list[tuple[str, float]], failures: list[str]
    ) -> None:
        """Work out how long each took: a worker begins the next task when it ends one."""
        starts = [began] * self.workers + sorted(at for _, at in ended)
        ends = dict(ended)
        for student, start in zip(order, starts, strict=False):
            self.seconds[student] = ends.get(student, start) - start
        self.complaints += [f"not graded: {line}" for line in failures]

    def _ungraded(self, mini: MiniCourse, tasks: list[Task]) -> list[Task]:
        return [task for task in tasks if not (mini.course.autograded(task.student, MINI)).exists()]

    def _give_feedback(self, mini: MiniCourse) -> None:
        """Write a few pages in a process of their own, so that a slow one is found out."""
        due = outdated(mini.course, db_url_of(mini.course))
        self.console.print(f"writing {len(due)} feedback pages", highlight=False)
        waiting = [due[at : at + PAGES_AT_ONCE] for at in range(0, len(due), PAGES_AT_ONCE)]

        def begin(pages: list[Page]) -> Isolated[list[str]]:
            work = partial(generate_feedback, mini.course, mini.config, pages, lambda line: None)
            return Isolated(work, ALONE_SECONDS)

        peak = Done[list[str]](None, None, 0)
        running: list[tuple[list[Page], Isolated[list[str]]]] = []
        while waiting or running:
            while waiting and len(running) < self.workers:
                pages = waiting.pop(0)
                running.append((pages, begin(pages)))
            pages, work = running.pop(0)
            done = work.wait()
            peak = max(peak, done, key=lambda one: one.peak_mb)
            if done.failure and len(pages) > 1:
                waiting += [[page] for page in pages]
                continue
            failures = [f"{pages[0].student}: {done.failure}"] if done.failure else done.value or []
            self.complaints += [f"no feedback: {line}" for line in failures]
        self._note_memory("writing feedback", peak)

    def _compare(self, alone: Grades, together: Grades) -> None:
        for student in HONEST:
            if alone.get(student) != together.get(student):
                self.complaints.append(
                    f"{student} has other scores among the hostile: "
                    f"{alone.get(student)} became {together.get(student)}"
                )
        strangers = set(together) - set(HONEST) - set(self.entries)
        self.complaints += [f"a student from nowhere: {name}" for name in strangers]

    def _note_memory(self, what: str, done: Done) -> None:
        self.remarks.append(f"{what}: the grader held {done.peak_mb:.0f} MB at most")
        if done.peak_mb > GRADER_MEMORY_MB:
            self.complaints.append(f"{what} took {done.peak_mb:.0f} MB of the grader's memory")
