"""A course of any size, graded as if by a class: for measuring what pages cost.

The notebooks are the course's own; nobody has worked on them and nothing was run.
"""

import os
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import jupytext
import nbformat
from nbgrader import api
from nbgrader.api import Gradebook
from sqlalchemy import Table, insert

from grading.course.cells import nbgrader_of
from grading.sandbox.settings import PROJECT

DUE = datetime(2026, 2, 1, 12)
GRADED_SINCE, WRITTEN_ONE_IS_GRADED = 0.97, 0.6
Row = dict[str, Any]


@dataclass(frozen=True)
class SyntheticCourse:
    """The course: `students` x `assignments`, in a folder of its own."""

    root: Path
    students: int
    assignments: int
    handed_in: float = 0.95
    seed: int = 0

    @property
    def db_url(self) -> str:
        """Return the address of the gradebook."""
        return f"sqlite:///{self.root / 'gradebook.db'}"

    def build(self) -> "SyntheticCourse":
        """Write folders, files and gradebook."""
        self.root.mkdir(parents=True)
        shutil.copy(PROJECT / "nbgrader_config.py", self.root)
        rng = random.Random(self.seed)
        rows: dict[Table, list[Row]] = {table: [] for table in api.Base.metadata.sorted_tables}
        people = [f"student-{number:04}" for number in range(1, self.students + 1)]
        rows[_table(api.Student)] = [
            {"id": name, "first_name": f"First {name[8:]}", "last_name": f"Last {name[8:]}"}
            for name in people
        ]
        for text in self._texts():
            self._hand_out(text, people, rows, rng)
        with Gradebook(self.db_url, "tinytorch") as gradebook:
            for table, found in rows.items():
                if found:
                    gradebook.db.execute(insert(table), found)
            gradebook.db.commit()
        return self

    def _texts(self) -> list[Path]:
        return sorted((PROJECT / "source").glob("*/[0-9]*.py"))[: self.assignments]

    def _hand_out(
        self, text: Path, people: list[str], rows: dict[Table, list[Row]], rng: random.Random
    ) -> None:
        name = text.stem
        notebook = jupytext.read(text)
        for step in ("source", "release"):
            folder = self.root / step / name
            folder.mkdir(parents=True)
            nbformat.write(notebook, folder / f"{name}.ipynb")
        assignment: Row = {
            "id": _key(),
            "name": name,
            "duedate": DUE,
            "course_id": "tinytorch",
        }
        row = {"id": _key(), "name": name, "assignment_id": assignment["id"]}
        rows[_table(api.Assignment)].append(assignment)
        rows[_table(api.Notebook)].append(row)
        cells = list(self._cells(notebook, row["id"], rows))
        for person in people:
            if rng.random() < self.handed_in:
                self._hand_in(person, assignment, row, cells, rows, rng)

    def _cells(
        self, notebook: nbformat.NotebookNode, key: str, rows: dict[Table, list[Row]]
    ) -> Iterator[tuple[type, str, Row]]:
        for cell in notebook.cells:
            marks = nbgrader_of(cell)
            for wanted, kind in (("grade", api.GradeCell), ("solution", api.SolutionCell)):
                if not marks.get(wanted):
                    continue
                base = {"id": _key(), "name": marks["grade_id"], "notebook_id": key}
                own: Row = {"id": base["id"]}
                if kind is api.GradeCell:
                    own |= {"max_score": float(marks["points"]), "cell_type": cell.cell_type}
                rows[_table(api.BaseCell)].append(base | {"type": kind.__name__})
                rows[_table(kind)].append(own)
                yield kind, base["id"], own

    def _hand_in(
        self,
        person: str,
        assignment: Row,
        notebook: Row,
        cells: list[tuple[type, str, Row]],
        rows: dict[Table, list[Row]],
        rng: random.Random,
    ) -> None:
        name = assignment["name"]
        when = DUE - timedelta(minutes=rng.randrange(-100, 5000))
        graded = when if rng.random() < GRADED_SINCE else when - timedelta(days=1)
        source = self.root / "release" / name / f"{name}.ipynb"
        for step in ("submitted", "autograded", "feedback"):
            folder = self.root / step / person / name
            folder.mkdir(parents=True)
            os.link(source, folder / source.name)
            if step != "feedback":
                (folder / "timestamp.txt").write_text(f"{when} UTC")
        (folder / source.name).rename(folder / f"{name}.html")
        submission = {
            "id": _key(),
            "assignment_id": assignment["id"],
            "student_id": person,
            "timestamp": graded,
        }
        handed_in: Row = {
            "id": _key(),
            "assignment_id": submission["id"],
            "notebook_id": notebook["id"],
            "flagged": rng.random() < 0.01,
            "late_submission_penalty": None,
        }
        rows[_table(api.SubmittedAssignment)].append(submission)
        rows[_table(api.SubmittedNotebook)].append(handed_in)
        for kind, key, cell in cells:
            row = {"id": _key(), "cell_id": key, "notebook_id": handed_in["id"]}
            if kind is api.GradeCell:
                rows[_table(api.Grade)].append(row | _points(cell, rng))
            else:
                rows[_table(api.Comment)].append(
                    row | {"auto_comment": "No response." if rng.random() < 0.1 else None}
                )


def _points(cell: Row, rng: random.Random) -> Row:
    written = cell["cell_type"] == "markdown"
    by_hand = written and rng.random() < WRITTEN_ONE_IS_GRADED
    points = cell["max_score"] * rng.randrange(5) / 4
    return {
        "auto_score": None if written else points,
        "manual_score": points if by_hand else None,
        "extra_credit": 0.5 if rng.random() < 0.02 else None,
        "needs_manual_grade": written and not by_hand,
    }


def _table(model: Any) -> Table:
    table: Table = model.__table__
    return table


def _key() -> str:
    return uuid4().hex
