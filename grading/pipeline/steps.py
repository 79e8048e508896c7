"""The steps of `make` on one course: each redoes only what has changed."""

import logging
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from grading.course.layout import Course
from grading.course.roster import FILE as ROSTER
from grading.course.roster import BadRoster, read_roster
from grading.course.soundness import remarks
from grading.course.sync import prepare_source
from grading.engine.autograde import autograde
from grading.engine.done import Done
from grading.engine.options import Options
from grading.engine.stale import stale_grades
from grading.engine.summary import summary
from grading.engine.tasks import chosen_students, survey
from grading.grades.database import shown
from grading.grades.gradebook import RunGradebook
from grading.grades.lateness import follow_lateness
from grading.pipeline.configuration import load_config, nbgrader_api
from grading.pipeline.feedback import generate_feedback, outdated, write_indexes
from grading.pipeline.release import release_all
from grading.report.progress import Bar

if TYPE_CHECKING:
    import pandas as pd

STEPS = ("source", "release", "autograde", "feedback", "report")


class Steps:
    """The steps on one course, of one assignment or all; `failures` is what could not be done."""

    def __init__(
        self,
        root: Path,
        console: Console,
        workers: int | None = None,
        assignment: str | None = None,
        force: bool = False,
        scheduler: str | None = None,
        hide_names: bool = False,
    ) -> None:
        self.course = Course(root)
        self.assignment = assignment
        self.config = load_config(root)
        if scheduler is not None:
            self.config.Workers.scheduler = scheduler
        self.options = Options.of(self.config)
        self.api = nbgrader_api(self.config)
        self.api.log.handlers.clear()
        self.api.log.addHandler(logging.NullHandler())
        self.api.log.propagate = False
        self.workers = workers or os.cpu_count() or 1
        self.force = force
        self.hide_names = hide_names
        self.console = console
        self.failures: list[str] = []

    def run(self, *names: str) -> None:
        """Take the named steps, in this order; raise `UnknownAssignment` before the first."""
        if self.assignment and not self.course.source(self.assignment).is_dir():
            self.course.assignment(self.assignment)
        for name in names:
            getattr(self, name)()

    def source(self) -> None:
        """Sync the notebooks, export the reference, lay out the hand-outs."""
        for change in prepare_source(self.course):
            self.say(f"updated {change}")
        for remark in remarks(self.course):
            self.say(remark)

    def release(self) -> None:
        """Generate the releases that changed."""
        release_all(self.course, self.api, self.say, self.assignment)

    def autograde(self) -> None:
        """Grade what is new or changed."""
        found = survey(self.course, self.config, self.assignment, force=self.force)
        done: list[Done] = []
        began = time.monotonic()
        with Bar("autograding", len(found.tasks), self.console) as bar:

            def report(one: Done) -> None:
                done.append(one)
                bar(str(one), one.remark)

            self.failures += autograde(
                self.course, self.config, found.tasks, self.workers, report, found.up_to_date
            )
        for line in summary(done, time.monotonic() - began):
            self.say(line)

    def feedback(self) -> None:
        """Make the feedback pages that are missing or old."""
        self._follow_lateness(self.assignment)
        students = chosen_students(self.course, "*") - self.options.excluded
        due = outdated(self.course, self.options.db_url, self.assignment, students)
        with Bar("feedback", len(due), self.console) as report:
            self.failures += generate_feedback(self.course, self.config, due, report, self.workers)
        write_indexes(self.course, self.options.db_url, students)

    def report(self) -> None:
        """Print the grades, write the class page and the CSV files, say where to look.

        Where names are to be hidden, none is printed, and nothing is written that holds one.
        """
        from grading.report.class_page.board import ClassBoard, write_board
        from grading.report.class_page.names import pseudonyms  # with pandas, which is slow to load
        from grading.report.class_page.page import class_page, write_class_page
        from grading.report.grades import checks_table, grades_table
        from grading.report.terminal import print_grades

        self._follow_lateness()
        stale = stale_grades(self.course, self.config)
        grades, checks = grades_table(self.options.db_url), checks_table(self.course)
        grades = self._of_class(grades)
        whose = list(zip(grades["student"], grades["assignment"], strict=True))
        folder = self.course.root / "reports"
        folder.mkdir(exist_ok=True)
        if self.hide_names:
            called = pseudonyms([*grades["student"], *checks["student"]], self.course.salt)
            grades, checks = (
                table.assign(student=table["student"].map(called)) for table in (grades, checks)
            )
        else:
            grades.to_csv(folder / "grades.csv", index=False)
            checks.to_csv(folder / "checks.csv", index=False)
        bare = checks[checks["sealed"] == False]  # noqa: E712
        unsealed = set(zip(bare["student"], bare["assignment"], strict=True))
        print_grades(grades.assign(stale=[one in stale for one in whose]), unsealed, self.console)
        of_class = (self.course, self.options.db_url, self.options.excluded, self.hide_names)
        made = class_page(*of_class, stale=stale)
        page = write_class_page(self.course, made, self.hide_names)
        self.say(f"class     reports/{page.name}, the same numbers in reports/{page.stem}/*.csv")
        if board := write_board(self.course, made.board, ClassBoard(config=self.config)):
            self.say(f"board     reports/{board.name}, which names nobody")
        if self.hide_names:
            return
        self.say("grades    reports/grades.csv, and every check in reports/checks.csv")
        self.say("feedback  feedback/<student>/index.html leads to all pages of a student")
        self.say(f"gradebook {shown(self.options.db_url)}; `make lab` opens it in Formgrader")
        self.say(
            "own work  `make frameworks` runs XOR, the MLP and the CNN on students' own modules"
        )

    def _of_class(self, grades: "pd.DataFrame") -> "pd.DataFrame":
        """Return the table with everybody of the roster, where there is one."""
        from grading.report.grades import with_everybody

        file = self.course.root / ROSTER
        if not file.is_file():
            return grades
        try:
            return with_everybody(grades, read_roster(file))
        except BadRoster as error:
            self.say(f"The table has who has handed in anything, for {error}")
            return grades

    def _follow_lateness(self, assignment: str | None = None) -> None:
        with RunGradebook(self.options.db_url) as gradebook:
            failures = follow_lateness(
                gradebook,
                self.config,
                lambda whose: (
                    assignment in (None, whose[1]) and whose[0] not in self.options.excluded
                ),
            )
        self.failures += [failure for failure in failures if failure not in self.failures]

    def say(self, text: str) -> None:
        """Print one line."""
        self.console.print(text, highlight=False, markup=False)
