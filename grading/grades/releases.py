"""Whether the gradebook knows an assignment as it was released, and how it learns of it."""

import json
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import (
    Assignment,
    BaseCell,
    GradeCell,
    Notebook,
    SolutionCell,
    SourceCell,
    SubmittedAssignment,
    TaskCell,
)
from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from grading.course.errors import BadRelease
from grading.course.released import ReleasedNotebook
from grading.grades.database import ONE_AT_A_TIME
from grading.grades.gradebook import RunGradebook

Kind = tuple[str, str, float | None, str | None]
"""A cell's name, what it is to nbgrader, and for graded ones points and type."""


@dataclass
class Cells:
    """The cells of a notebook that nbgrader keeps in its gradebook."""

    graded: set[Kind] = field(default_factory=set)
    sources: dict[str, NotebookNode] = field(default_factory=dict)

    @classmethod
    def of(cls, notebook: NotebookNode) -> "Cells":
        """Return those of a released notebook, told apart as nbgrader's `SaveCells` does."""
        cells = cls()
        for cell in notebook.cells:
            kinds = (utils.is_grade, utils.is_solution, utils.is_locked, utils.is_task)
            if not any(is_kind(cell) for is_kind in kinds):
                continue
            ours = cell.metadata.nbgrader
            name = ours["grade_id"]
            cells.sources[name] = cell
            if utils.is_grade(cell):
                cells.graded.add((name, "GradeCell", float(ours["points"]), cell.cell_type))
            if utils.is_solution(cell):
                cells.graded.add((name, "SolutionCell", None, None))
            if utils.is_task(cell):
                cells.graded.add((name, "TaskCell", float(ours["points"]), cell.cell_type))
        return cells


def is_released(gradebook: RunGradebook, released: ReleasedNotebook) -> bool:
    """Return whether this gradebook has the assignment with all its cells, and no others to grade.

    Raises `NotReleased` where there is no release at all.
    """
    cells = Cells.of(released.skeleton())
    with gradebook.reading() as session:
        return _knows(session, released.assignment, cells)


def enter_release(gradebook: RunGradebook, released: ReleasedNotebook) -> bool:
    """Enter a release that this gradebook does not know, all or nothing; return whether it did.

    A gradebook that is new, another one, or an older backup is filled again so. Raises
    `BadRelease` where students' grades stand on other cells.
    """
    skeleton = released.skeleton()
    cells = Cells.of(skeleton)
    with gradebook.writing() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})"))
        if _knows(session, released.assignment, cells):
            return False
        notebook = _notebook(session, gradebook.course_id, released.assignment)
        notebook.kernelspec = json.dumps(skeleton.metadata.get("kernelspec", {}))
        _remove_others(session, notebook, cells)
        _enter_graded(session, notebook, cells)
        _enter_sources(session, notebook, cells)
    return True


def _knows(session: Session, assignment: str, cells: Cells) -> bool:
    """Say whether what is graded is the same, and whether all the rest is there."""
    notebooks = session.execute(
        select(Notebook.id, Notebook.name)
        .join(Notebook.assignment)
        .where(Assignment.name == assignment)
    ).all()
    if [name for _, name in notebooks] != [assignment]:
        return False
    [(id, _)] = notebooks
    sources = session.scalars(select(SourceCell.name).where(SourceCell.notebook_id == id))
    return _graded(session, id) == cells.graded and cells.sources.keys() <= set(sources)


def _graded(session: Session, notebook: str) -> set[Kind]:
    kinds: set[Kind] = set()
    for entity in (GradeCell, TaskCell):
        found = session.execute(
            select(entity.name, entity.max_score, entity.cell_type).where(
                entity.notebook_id == notebook
            )
        )
        kinds |= {(name, entity.__name__, float(most), kind) for name, most, kind in found}
    solutions = select(SolutionCell.name).where(SolutionCell.notebook_id == notebook)
    return kinds | {(name, "SolutionCell", None, None) for name in session.scalars(solutions)}


def _notebook(session: Session, course_id: str, name: str) -> Notebook:
    assignment = session.scalar(select(Assignment).where(Assignment.name == name))
    if assignment is None:
        assignment = Assignment(name=name, course_id=course_id)
        session.add(assignment)
    for other in [one for one in assignment.notebooks if one.name != name]:
        raise BadRelease(
            f"{name} is not released: the gradebook has a notebook {other.name} in it. Remove the "
            f"assignment with `nbgrader db assignment remove {name}`, or name another gradebook."
        )
    notebook = next(iter(assignment.notebooks), None)
    if notebook is None:
        notebook = Notebook(name=name, assignment=assignment)
        session.add(notebook)
    session.flush()
    return notebook


def _remove_others(session: Session, notebook: Notebook, cells: Cells) -> None:
    """Remove cells that are not released, unless students have been graded on them."""
    released = {(name, kind) for name, kind, *_ in cells.graded}
    others = [
        cell for cell in _entered(session, notebook) if (cell.name, cell.type) not in released
    ]
    if not others:
        return
    submissions = select(SubmittedAssignment.id).where(
        SubmittedAssignment.assignment_id == notebook.assignment_id
    )
    if session.scalar(submissions.limit(1)) is not None:
        names = ", ".join(sorted({cell.name for cell in others}))
        raise BadRelease(
            f"{notebook.name} is not released: students have grades in the gradebook for cells "
            f"that it no longer has ({names}). Put them back, or name another gradebook."
        )
    for cell in others:
        session.delete(cell)
    gone = SourceCell.notebook_id == notebook.id, SourceCell.name.not_in(cells.sources)
    session.execute(delete(SourceCell).where(*gone))
    session.flush()


def _entered(session: Session, notebook: Notebook) -> list[Any]:
    return list(session.scalars(select(BaseCell).where(BaseCell.notebook_id == notebook.id)))


def _enter_graded(session: Session, notebook: Notebook, cells: Cells) -> None:
    entities = {"GradeCell": GradeCell, "SolutionCell": SolutionCell, "TaskCell": TaskCell}
    known = {(cell.name, cell.type): cell for cell in _entered(session, notebook)}
    for name, kind, most, cell_type in sorted(cells.graded, key=lambda cell: cell[:2]):
        cell = known.get((name, kind))
        if cell is None:
            cell = entities[kind](name=name, notebook_id=notebook.id)
            session.add(cell)
        if most is not None:
            cell.max_score, cell.cell_type = most, cell_type


def _enter_sources(session: Session, notebook: Notebook, cells: Cells) -> None:
    found = session.scalars(select(SourceCell).where(SourceCell.notebook_id == notebook.id))
    known = {cell.name: cell for cell in found}
    for name, cell in cells.sources.items():
        source = known.get(name) or SourceCell(name=name, notebook_id=notebook.id)
        session.add(source)
        source.cell_type, source.source = cell.cell_type, cell.source
        source.locked = utils.is_locked(cell)
        source.checksum = cell.metadata.nbgrader.get("checksum")
