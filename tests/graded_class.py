"""A graded class of three, in which a tolerance can be changed and no kernel starts."""

import io
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from by_hand import grade_by_hand
from nbgrader.api import Gradebook
from rich.console import Console
from sqlalchemy import create_engine

from grading.checks.base import Outcome
from grading.course.cells import NOTE
from grading.engine.autograde import autograde
from grading.engine.regrade.regrade import Regrade
from grading.engine.tasks import survey
from grading.grades.class_grades import class_grades
from grading.grades.grade import grade_submission
from grading.grades.own_tables import HELD, STATE
from grading.grades.tables import TABLES
from grading.report.progress import Bar
from trials.gradebook import db_url_of
from trials.mini_course import MiniCourse

NAME = "01_mini"
CLASS = ["student-01", "student-02", "student-03"]
DUE = datetime(2030, 3, 1)
CHECKS = ("doubles a matrix", "doubles a negative number", "doubles nothing", "keeps whole")
ERRORS = {"student-01": 0.0, "student-02": 1e-3, "student-03": 1.0}
"""How far each student's matrix is from ours."""


def rows_of(url):
    """Return every row of a gradebook, but of the tables that only say what was."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {
            table.name: sorted(map(tuple, connection.execute(table.select())), key=str)
            for table in TABLES
            if table not in (HELD, STATE)
        }
    engine.dispose()
    return found


@dataclass
class GradedClass:
    """The course, the tolerance that its first check has today, and whom a run has graded."""

    mini: MiniCourse
    rtol: float = 1e-6
    graded: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return db_url_of(self.mini.course)

    def key(self, *_):
        """Return the answer key as it is today."""
        one = {"kind": "value", "value": {"t": "none"}}
        checks = {name: {**one, "name": name, "params": {}} for name in CHECKS}
        checks[CHECKS[0]]["params"] = {"rtol": self.rtol, "atol": 0.0}
        return json.dumps({"cells": {"test-double": checks}, "stretches": []})

    def grade(self, kit, submitted, how):
        """Grade without a kernel: the first check holds where its tolerance is wide enough."""
        student = submitted.parent.name
        self.graded.append(student)
        graded = grade_submission(kit, submitted, execute=False)
        holds = ERRORS[student] <= self.rtol or (submitted / "mended.txt").exists()
        outcomes = [Outcome(CHECKS[0], holds, "" if holds else "values differ")]
        outcomes += [Outcome(name, True) for name in CHECKS[1:]]
        for cell in graded.notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("grade_id") == "test-double":
                cell.metadata[NOTE] = {"checks": [one.noted() for one in outcomes]}
        graded.scores |= {"test-double": 3.0 + holds, "test-halve": 2.0}
        return graded

    def widen(self, rtol=1e-2):
        """Change the tolerance of the first check, as another released notebook does."""
        self.rtol = rtol
        file = self.mini.released.file
        file.write_text(file.read_text().replace("doubles a matrix", f"doubles a matrix {rtol}"))

    def autograde(self):
        found = survey(self.mini.course, self.mini.config)
        where = self.mini.course, self.mini.config
        assert autograde(*where, found.tasks, 1, lambda done: None, found.up_to_date) == []

    @property
    def regrade(self):
        return Regrade(self.mini.course, self.mini.config)

    def preview(self):
        """Return what would change, by student: old score, new score, and the lines."""
        outcome = self.regrade.preview(1, lambda number: Bar("", number, SILENT))
        return {one.student: (one.old, one.new, one.lines) for one in outcome.changes}

    def apply(self, students=None):
        return self.regrade.apply(students, "a wider tolerance")

    def change(self, edit):
        with Gradebook(self.url) as gradebook:
            edit(gradebook)
            gradebook.db.commit()

    def rows(self):
        """Return every row of every table, but for what only says what was and who holds what."""
        found = rows_of(self.url)
        found.pop("course_rules")  # what assignments were ever graded by: it only grows
        return found

    def folders(self):
        """Return every graded file, by its name."""
        root = self.mini.course.root / "autograded"
        return {
            str(path.relative_to(root)): path.read_bytes()
            for path in root.rglob("*")
            if path.is_file()
        }

    def scores(self):
        """Return the score of each student, the late penalty subtracted."""
        return {one.student: one.score for one in class_grades(self.url).submissions}


SILENT = Console(file=io.StringIO())


def graded_class_in(mini: MiniCourse, monkeypatch) -> GradedClass:
    """Return a class that is graded: the second student would hold with a wider tolerance."""
    theirs = GradedClass(mini)
    grade_by_hand(monkeypatch, theirs.grade)
    monkeypatch.setattr("grading.grades.kit.key_text", theirs.key)
    for student in CLASS:
        mini.submit(student, mini.notebook(think=f"Because of {student}."))
        moment = DUE - timedelta(hours=1)
        (mini.course.submitted(student, NAME) / "timestamp.txt").write_text(f"{moment} UTC")
    theirs.change(lambda gradebook: gradebook.update_or_create_assignment(NAME, duedate=DUE))
    theirs.autograde()
    theirs.graded.clear()
    return theirs
