"""Ask the gradebook for a whole class at once: one statement where nbgrader sends hundreds.

Each method answers what nbgrader's answers, field by field; a test compares them. Beside it stands
`instead`: what is shown in the place of scores that are not final.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    Gradebook,
    GradeCell,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from sqlalchemy import and_, case, func
from sqlalchemy.orm import Query, joinedload, undefer
from sqlalchemy.orm.attributes import set_committed_value

from grading.nbgrader_steps.formgrader.standing import (
    KINDS,
    of_averages,
    of_scores,
)

Answer = dict[str, Any]
CELLS, GRADED, TASKS = BaseCell.__table__, GradeCell.__table__, TaskCell.__table__
KIND_OF_GRADED = {"code": "code", "markdown": "written"}
KIND_OF_TASK = {"markdown": "task"}  # nbgrader adds up no other
OTHER = "other"
WAITING = case((Grade.needs_manual_grade, 1), else_=0)
OF_ASSIGNMENT = ("max_score", "max_code_score", "max_written_score", "max_task_score")


@dataclass
class Marks:
    """What the grades of one submission, notebook, student or assignment add up to."""

    scores: dict[str, float] = field(default_factory=dict)
    greatest: dict[str, float] = field(default_factory=dict)
    all_scores: float = 0.0
    waiting: set[str] = field(default_factory=set)
    failed_tests: bool = False

    def answer(self) -> Answer:
        """Return the scores in the shape of nbgrader's dictionaries."""
        shown: Answer = {
            "score": sum(self.scores.values(), 0.0),
            "max_score": sum(self.greatest.values(), 0.0),
            "needs_manual_grade": bool(self.waiting),
        }
        for kind in KINDS:
            shown[f"{kind}_score"] = self.scores.get(kind, 0.0)
            shown[f"max_{kind}_score"] = self.greatest.get(kind, 0.0)
        return shown | {"instead": of_scores(shown, self.waiting)}

    def averages(self, submissions: int) -> Answer:
        """Return the averages of an assignment with so many submissions."""
        number = submissions or 1  # without any there are no grades either
        shown = {f"average_{kind}_score": self.scores.get(kind, 0.0) / number for kind in KINDS}
        return shown | {"average_score": self.all_scores / number}


class ClassGradebook(Gradebook):
    """nbgrader's gradebook, quick for a large class."""

    def submission_dicts(self, assignment_id: str) -> list[Answer]:
        """Return every graded submission of an assignment, with its scores."""
        of_it = Assignment.name == assignment_id
        marks = self._marks(SubmittedAssignment.id, of_it)
        entries = self._submissions(Assignment.name, SubmittedAssignment.timestamp).filter(of_it)
        return [
            one | marks[one["id"]].answer() for one in _dicts(entries) if marks[one["id"]].scores
        ]

    def notebook_submission_dicts(self, notebook_id: str, assignment_id: str) -> list[Answer]:
        """Return every graded submission of a notebook, with its scores."""
        of_it = and_(Assignment.name == assignment_id, Notebook.name == notebook_id)
        marks = self._marks(SubmittedNotebook.id, of_it)
        entries = (
            self._submissions(
                SubmittedNotebook.id.label("notebook"), Notebook.name, SubmittedNotebook.flagged
            )
            .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
            .filter(of_it)
        )
        answers = []
        for one in _dicts(entries):
            one["id"] = one.pop("notebook")
            its = marks[one["id"]]
            if its.scores:
                answers.append(one | its.answer() | {"failed_tests": its.failed_tests})
        return answers

    def student_dicts(self) -> list[Answer]:
        """Return every student, with the score of all submissions."""
        marks = self._marks(SubmittedAssignment.student_id)
        greatest = sum((score for (score,) in self.db.query(Assignment.max_score)), 0.0)
        names = ("id", "first_name", "last_name", "email", "lms_user_id")
        entries = self.db.query(*(getattr(Student, name) for name in names))
        return [
            one | {"score": marks[one["id"]].all_scores, "max_score": greatest}
            for one in _dicts(entries)
        ]

    def student_submission_dicts(self, student_id: str) -> dict[str, Answer]:
        """Return by assignment the submissions of a student, as their `to_dict()` does."""
        marks = self._marks(SubmittedAssignment.id, SubmittedAssignment.student_id == student_id)
        limits = (getattr(Assignment, name).label(name) for name in OF_ASSIGNMENT)
        columns = (Assignment.name, SubmittedAssignment.timestamp, *limits)
        entries = self._submissions(*columns).filter(Student.id == student_id)
        answers = {}
        for one in _dicts(entries):
            its = marks[one["id"]]
            answers[one["name"]] = its.answer() | one | {"score": its.all_scores}
        return answers

    def assignment_dicts(self, *which: Any) -> dict[str, tuple[Answer, datetime | None]]:
        """Return by name each assignment with its averages, and its due date."""
        totals = self._totals_of_assignments(*which)
        columns = (*OF_ASSIGNMENT, "num_submissions")
        entries = self.db.query(Assignment).filter(*which)
        loaded = entries.options(*(undefer(getattr(Assignment, name)) for name in columns))
        found = {}
        for entry in loaded:
            its = totals[entry.id]
            answer = entry.to_dict() | its.averages(entry.num_submissions)
            waits = {OTHER} if its.waiting else ()  # only the sum is listed
            answer["instead"] = of_averages(answer, bool(its.scores), waits)
            found[entry.name] = answer, entry.duedate
        return found

    def marks_of_notebooks(self, *which: Any) -> defaultdict[str, Marks]:
        """Return by name what the grades of notebooks add up to."""
        return self._marks(Notebook.name, *which)

    def graded_assignments(self, *which: Any) -> defaultdict[str, dict[str, bool]]:
        """Return by student which assignments have grades, and whether any of them waits."""
        rows = (
            self.db.query(SubmittedAssignment.student_id, Assignment.name, func.max(WAITING))
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
            .filter(*which)
            .group_by(SubmittedAssignment.student_id, Assignment.name)
        )
        found: defaultdict[str, dict[str, bool]] = defaultdict(dict)
        for student, assignment, waits in rows:
            found[student][assignment] = bool(waits)
        return found

    def names_of_students(self, *which: Any) -> dict[str, Answer]:
        """Return by id how students are called."""
        columns = (Student.last_name, Student.first_name)
        found = self.db.query(Student.id, *columns).filter(*which)
        return {key: {"last_name": last, "first_name": first} for key, last, first in found}

    def timestamps(self, assignment_id: str) -> dict[str, datetime | None]:
        """Return by student when what is recorded for an assignment was handed in."""
        found = (
            self.db.query(SubmittedAssignment.student_id, SubmittedAssignment.timestamp)
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .filter(Assignment.name == assignment_id)
        )
        return dict(found.all())

    def notebook_submissions(self, notebook: str, assignment: str) -> list[SubmittedNotebook]:
        """Return the submissions of a notebook, with all that Formgrader then asks them for."""
        of_it = and_(Assignment.name == assignment, Notebook.name == notebook)
        marks = self._marks(SubmittedNotebook.id, of_it)
        entries = (
            self.db.query(SubmittedNotebook)
            .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
            .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .filter(of_it)
            .options(
                joinedload(SubmittedNotebook.notebook),
                joinedload(SubmittedNotebook.assignment).joinedload(SubmittedAssignment.student),
            )
            .all()
        )
        for entry in entries:
            set_committed_value(entry, "failed_tests", marks[entry.id].failed_tests)
        return list(entries)

    def _submissions(self, *columns: Any) -> Query[Any]:
        """Return a query for columns of submissions, beside whose they are."""
        return (
            self.db.query(
                SubmittedAssignment.id,
                Student.id.label("student"),
                Student.first_name,
                Student.last_name,
                *columns,
            )
            .select_from(SubmittedAssignment)
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .join(Student, Student.id == SubmittedAssignment.student_id)
        )

    def _marks(self, key: Any, *which: Any) -> defaultdict[str, Marks]:
        """Return what the grades of some submissions add up to, by a column of theirs."""
        wrong = and_(GRADED.c.cell_type == "code", Grade.auto_score < GRADED.c.max_score)
        kinds = (GRADED.c.cell_type, TASKS.c.cell_type)
        rows = (
            self.db.query(
                key,
                *kinds,
                func.sum(Grade.score),
                func.sum(func.coalesce(GRADED.c.max_score, TASKS.c.max_score, 0.0)),
                func.max(WAITING),
                func.max(case((wrong, 1), else_=0)),
            )
            .select_from(SubmittedAssignment)
            .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
            .outerjoin(GRADED, GRADED.c.id == Grade.cell_id)
            .outerjoin(TASKS, TASKS.c.id == Grade.cell_id)
            .filter(*which)
            .group_by(key, *kinds)
        )
        return _added_up(rows)

    def _totals_of_assignments(self, *which: Any) -> defaultdict[str, Marks]:
        """Return by id of an assignment what the grades of all its cells add up to."""
        kinds = (GRADED.c.cell_type, TASKS.c.cell_type)
        rows = (
            self.db.query(Notebook.assignment_id, *kinds, func.sum(Grade.score), func.max(WAITING))
            .select_from(Grade)
            .join(CELLS, CELLS.c.id == Grade.cell_id)
            .join(Notebook, Notebook.id == CELLS.c.notebook_id)
            .join(Assignment, Assignment.id == Notebook.assignment_id)
            .outerjoin(GRADED, GRADED.c.id == Grade.cell_id)
            .outerjoin(TASKS, TASKS.c.id == Grade.cell_id)
            .filter(*which)
            .group_by(Notebook.assignment_id, *kinds)
        )
        return _added_up((*row, 0.0, waits, False) for *row, waits in rows)


def _dicts(query: Query[Any]) -> list[Answer]:
    """Return the rows of a query by the names of its columns."""
    names = [column["name"] for column in query.column_descriptions]
    return [dict(zip(names, row, strict=True)) for row in query]


def _added_up(rows: Iterable[Any]) -> defaultdict[str, Marks]:
    found: defaultdict[str, Marks] = defaultdict(Marks)
    for key, graded, task, score, greatest, by_hand, wrong in rows:
        marks = found[key]
        marks.all_scores += score
        marks.failed_tests |= bool(wrong)
        kind = KIND_OF_GRADED.get(graded) or KIND_OF_TASK.get(task)
        if by_hand:
            marks.waiting.add(kind or OTHER)
        if kind is not None:
            marks.scores[kind] = marks.scores.get(kind, 0.0) + score
            marks.greatest[kind] = marks.greatest.get(kind, 0.0) + greatest
    return found
