"""Run the steps of the course: `python -m grading.pipeline [step …]`, all of them by default."""

import argparse
import logging
import os
import sys
import warnings
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy.exc import SAWarning

from grading.course import Course
from grading.master import NotReleased
from grading.pipeline.autograde import AlreadyGrading, autograde, pending
from grading.pipeline.configuration import load_config, nbgrader_api
from grading.pipeline.feedback import generate_feedback, outdated
from grading.pipeline.release import release_all
from grading.pipeline.source import prepare_source
from grading.release import BadRelease
from grading.report.grades import checks_table, grades_table
from grading.report.terminal import print_grades
from grading.sandbox.wall import SandboxError
from sample_class.submit import submit_sample_class

STEPS = ("source", "release", "sample", "autograde", "feedback", "report")


class Steps:
    """The steps on one course."""

    def __init__(self, root: Path, workers: int, console: Console) -> None:
        self.course = Course(root)
        self.config = load_config(root)
        self.api = nbgrader_api(self.config)
        self.api.log.handlers.clear()
        self.api.log.addHandler(logging.NullHandler())
        self.api.log.propagate = False
        self.workers = workers
        self.console = console
        self.failures: list[str] = []

    def source(self) -> None:
        """Sync the notebooks, export the reference, lay out the hand-outs."""
        for change in prepare_source(self.course):
            self.say(f"updated {change}")

    def release(self) -> None:
        """Generate the releases that changed."""
        release_all(self.course, self.api, self.say)

    def sample(self) -> None:
        """Put the sample class's submissions into `submitted/`."""
        written = submit_sample_class(self.course, self.api.coursedir.db_url)
        if written:
            self.say(f"sample class: {written} submissions")

    def autograde(self) -> None:
        """Grade what is new or changed."""
        tasks = pending(self.course, self.config)
        with self._bar("autograding", len(tasks)) as report:
            self.failures += autograde(self.course, self.config, tasks, self.workers, report)

    def feedback(self) -> None:
        """Make the feedback pages that are missing or old."""
        due = outdated(self.course)
        with self._bar("feedback", len(due)) as report:
            self.failures += generate_feedback(self.api, due, report, self.workers)

    def report(self) -> None:
        """Print the grades, write the CSV files, say where to look."""
        grades, checks = grades_table(self.api.coursedir.db_url), checks_table(self.course)
        folder = self.course.root / "reports"
        folder.mkdir(exist_ok=True)
        grades.to_csv(folder / "grades.csv", index=False)
        checks.to_csv(folder / "checks.csv", index=False)
        bare = checks[checks["sealed"] == False]  # noqa: E712
        unsealed = set(zip(bare["student"], bare["assignment"], strict=True))
        print_grades(grades, unsealed, self.console)
        self.say("grades    reports/grades.csv, and every check in reports/checks.csv")
        self.say("feedback  feedback/<student>/<assignment>/<assignment>.html")
        self.say("gradebook gradebook.db; `make lab` opens it in Formgrader")
        self.say(
            "own work  `make frameworks` runs XOR, the MLP and the CNN on students' own modules"
        )

    def say(self, text: str) -> None:
        """Print one line."""
        self.console.print(text, highlight=False)

    def _bar(self, title: str, total: int) -> "_Bar":
        return _Bar(title, total, self.console)


class _Bar:
    """A progress bar that names what was finished last; plain lines without a terminal."""

    def __init__(self, title: str, total: int, console: Console) -> None:
        self._title, self._total, self._console, self._done = title, total, console, 0
        columns = (TextColumn("{task.description:<34}"), BarColumn(), MofNCompleteColumn())
        self._progress = Progress(*columns, TimeElapsedColumn(), console=console)

    def __enter__(self) -> "_Bar":
        if self._total and self._console.is_terminal:
            self._progress.start()
            self._task = self._progress.add_task(self._title, total=self._total)
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def __call__(self, last: str) -> None:
        self._done += 1
        if self._console.is_terminal:
            self._progress.update(self._task, advance=1, description=f"{self._title} {last}")
        elif self._done % 5 == 0 or self._done == self._total:
            self._console.print(f"{self._title} {self._done}/{self._total}", highlight=False)


def main() -> int:
    """Run the chosen steps; the exit status says whether everything could be done."""
    warnings.filterwarnings("ignore", category=SAWarning)  # nbgrader's own queries
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("steps", nargs="*", metavar="step", help=f"of {', '.join(STEPS)}")
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="the course folder")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    unknown = set(arguments.steps) - set(STEPS)
    if unknown:
        parser.error(f"no such step: {', '.join(sorted(unknown))} (choose from {', '.join(STEPS)})")
    console = Console()
    steps = Steps(arguments.root.resolve(), arguments.workers, console)
    try:
        for step in arguments.steps or STEPS:
            getattr(steps, step)()
    except (AlreadyGrading, BadRelease, NotReleased, SandboxError) as error:
        console.print(f"[bold red]Stopped.[/] {error}", highlight=False)
        return 1
    for failure in steps.failures:
        console.print(f"[red]not graded:[/] {failure}", highlight=False)
    return 1 if steps.failures else 0


if __name__ == "__main__":
    sys.exit(main())
