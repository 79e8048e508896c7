"""Solved notebooks whose own cells rebind what the tests use, between an answer and its test."""

import builtins
import symtable
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from grading.course.cells import MAGIC, grade_id_of, is_answer, is_test, without_marks
from grading.course.layout import Course
from grading.course.released import ReleasedNotebook
from grading.grades.grade import grade_submission
from grading.grades.kit import Kit
from grading.sandbox.settings import Sandbox
from trials.corpus import fill_in, solved_answers

SURROUNDINGS = """\
import builtins, locale, os, random, sys, warnings
import numpy
kept_path, kept_folder = list(sys.path), os.getcwd()
kept_environment, kept_filters = dict(os.environ), list(warnings.filters)
numpy.seterr(all="raise")
numpy.set_printoptions(precision=1, suppress=True)
numpy.random.seed(0)
random.seed(0)
warnings.simplefilter("error")
sys.setrecursionlimit(300)
os.chdir("/")
sys.path.clear()
os.environ.clear()
locale.setlocale(locale.LC_ALL, "C")
kept_print, builtins.print = builtins.print, lambda *words, **how: None
%precision 2
"""
AFTER_SURROUNDINGS = """\
numpy.seterr(all="warn")
warnings.filters[:] = kept_filters
sys.path[:] = kept_path
os.chdir(kept_folder)
os.environ.update(kept_environment)
sys.setrecursionlimit(3000)
builtins.print = kept_print
"""
NAMES = """\
kept_mark = 0.5
kept_names = {{name: globals()[name] for name in {names} if name in globals()}}
globals().update(dict.fromkeys({names}, kept_mark))
"""
AFTER_NAMES = """\
for kept_name in kept_names:
    if globals()[kept_name] is kept_mark:
        globals()[kept_name] = kept_names[kept_name]
for kept_name in {names}:
    if kept_name not in kept_names and globals()[kept_name] is kept_mark:
        del globals()[kept_name]
"""

Cells = tuple[str, str]  # the texts of a student's own cells before and after a test


def _surroundings(_test: NotebookNode, _others: list[NotebookNode]) -> Cells:
    return SURROUNDINGS, AFTER_SURROUNDINGS


def _names(test: NotebookNode, others: list[NotebookNode]) -> Cells:
    """Rebind each name that a test uses, but those that the answers themselves look up."""
    bound, used = _top(test)
    needed = {name for cell in others for name in _looked_up_later(cell)}
    asked = {name for cell in others if is_answer(cell) for name in _top(cell)[0]}
    kept = {"globals", "dict", "__name__", "kept_mark", "kept_names", "kept_name"}
    names = sorted((bound | used) - needed - asked - kept)
    return NAMES.format(names=names), AFTER_NAMES.format(names=names)


def _builtins(test: NotebookNode, others: list[NotebookNode]) -> Cells:
    """Rebind all of Python's own names that neither answers nor what they use look up."""
    needed = {name for cell in others for name in (*_looked_up_later(cell), *_top(cell)[1])}
    plain = {name for name in vars(builtins) if name.islower() and not name.startswith("_")}
    names = sorted(plain - needed - {"globals", "dict", "display", "get_ipython"})
    return "\n".join(f"{name} = 0" for name in names), "del " + ", ".join(names)


WAYS: dict[str, Callable[[NotebookNode, list[NotebookNode]], Cells]] = {
    "surroundings changed": _surroundings,
    "names of tests rebound": _names,
    "Python's names rebound": _builtins,
}


@dataclass(frozen=True)
class Rebound:
    """A solved notebook in which names were rebound, and the checks that did not hold."""

    name: str
    complaints: list[str]


def rebound(course: Course, assignment: str, settings: Sandbox) -> Iterator[Rebound]:
    """Rebind names in a released assignment's solved notebook in each way, and grade it."""
    master = ReleasedNotebook(course, assignment)
    kit = Kit.of(course, master, settings)
    release = course.release(assignment) / f"{assignment}.ipynb"
    answers = solved_answers(master.solved())
    for name, way in WAYS.items():
        notebook = fill_in(nbformat.read(release, as_version=4), answers)
        tests = {grade_id_of(cell): cell for cell in master.solved().cells if is_test(cell)}
        put_in(notebook, tests, way)
        with tempfile.TemporaryDirectory(prefix="rebound-") as folder:
            nbformat.write(notebook, Path(folder) / f"{assignment}.ipynb")
            graded = grade_submission(kit, Path(folder))
        yield Rebound(
            name,
            [
                f"{cell}: {outcome.name}: {outcome.hint}"
                for cell, outcomes in graded.outcomes.items()
                for outcome in outcomes
                if not outcome.passed
            ]
            + [f"{cell} waits" for cell in sorted(graded.waits)],
        )


def put_in(
    notebook: NotebookNode,
    tests: dict[str | None, NotebookNode],
    way: Callable[[NotebookNode, list[NotebookNode]], Cells],
) -> None:
    """Put a student's own cells around each test of a notebook; `tests` have their hidden parts."""
    others = [cell for cell in notebook.cells if cell.cell_type == "code" and not is_test(cell)]
    cells: list[NotebookNode] = []
    for cell in notebook.cells:
        if not is_test(cell):
            cells.append(cell)
            continue
        before, after = way(tests[grade_id_of(cell)], others)
        cells += [new_code_cell(before), cell, new_code_cell(after)]
    notebook.cells = cells


def _table(cell: NotebookNode) -> symtable.SymbolTable:
    return symtable.symtable(MAGIC.sub(r"\1pass", without_marks(cell.source)), "cell", "exec")


def _top(cell: NotebookNode) -> tuple[set[str], set[str]]:
    """Return the names that a cell binds, and all that it looks up outside its functions' own."""
    symbols = _table(cell).get_symbols()
    bound = {one.get_name() for one in symbols if one.is_assigned() or one.is_imported()}
    used = {one.get_name() for one in symbols if one.is_referenced()}
    return bound, used | _looked_up_later(cell)


def _looked_up_later(cell: NotebookNode) -> set[str]:
    """Return the names of the notebook or of Python that a cell's functions look up."""
    found: set[str] = set()

    def look(table: symtable.SymbolTable) -> None:
        for inner in table.get_children():
            names = (one for one in inner.get_symbols() if one.is_global())
            found.update(one.get_name() for one in names)
            look(inner)

    look(_table(cell))
    return found
