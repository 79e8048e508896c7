"""What the cells of a student's notebook are: sections, tests, answers, and what is unfinished."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from nbformat import NotebookNode
from nbgrader.utils import compute_checksum

HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
MARKS = re.compile(r"`([^`]+)`|(?<![\w*])\*{1,3}(?=[^\s*])|(?<=[^\s*])\*{1,3}(?![\w*])")
STUBS = ("YOUR ANSWER HERE", "YOUR CODE HERE")


@dataclass(frozen=True)
class Place:
    """A cell that has a name, and where it is found: its number, its id and its section."""

    number: int
    id: str
    name: str
    section: str


@dataclass(frozen=True)
class Unfinished:
    """An answer that is as it was released, or in which some functions are."""

    place: Place
    functions: tuple[str, ...]


def of_nbgrader(cell: NotebookNode) -> dict[str, object]:
    """Return nbgrader's metadata of a cell; an empty dictionary where there are none."""
    found = cell.metadata.get("nbgrader")
    return found if isinstance(found, dict) and found.get("grade_id") else {}


def is_answer(cell: NotebookNode) -> bool:
    """Return whether a student writes in a cell."""
    return bool(of_nbgrader(cell).get("solution"))


def is_test(cell: NotebookNode) -> bool:
    """Return whether a cell is a test that a computer runs."""
    ours = of_nbgrader(cell)
    return cell.cell_type == "code" and bool(ours.get("grade")) and not ours.get("solution")


def is_changed(cell: NotebookNode) -> bool:
    """Return whether a cell that students should leave alone is another than it was."""
    ours = of_nbgrader(cell)
    return bool(ours.get("locked")) and ours.get("checksum", "") != _checksum(cell)


def places(notebook: NotebookNode) -> Iterator[tuple[NotebookNode, Place]]:
    """Yield every cell with where it is; cells without a name have an empty one."""
    section = ""
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown" and not is_answer(cell):
            headings = HEADING.findall(FENCE.sub("", cell.source))
            section = MARKS.sub(r"\1", headings[-1]) if headings else section
        name = str(of_nbgrader(cell).get("grade_id", ""))
        yield cell, Place(number, str(cell.get("id", "")), name, section)


def unfinished(notebook: NotebookNode) -> list[Unfinished]:
    """Return the answers in which something is plainly not written yet."""
    found = []
    for cell, place in places(notebook):
        if not is_answer(cell):
            continue
        functions = tuple(unwritten(cell.source)) if cell.cell_type == "code" else ()
        if functions or _is_untouched(cell):
            found.append(Unfinished(place, functions))
    return found


def _checksum(cell: NotebookNode) -> str | None:
    """Return nbgrader's checksum of a cell, or None where its metadata are not whole."""
    try:
        return str(compute_checksum(cell))
    except (KeyError, TypeError, ValueError):
        return None


def _is_untouched(cell: NotebookNode) -> bool:
    checksum = of_nbgrader(cell).get("checksum")
    if checksum is not None:
        return bool(checksum == _checksum(cell))
    return any(stub in cell.source for stub in STUBS)


def unwritten(source: str) -> list[str]:
    """Return the functions of a cell that still end in the stub's bare `NotImplementedError`."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return list(_stubs(tree, ""))


def _stubs(tree: ast.AST, prefix: str) -> Iterator[str]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef):
            yield from _stubs(node, f"{prefix}{node.name}.")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(
            map(_is_stub, ast.walk(node))
        ):
            yield f"{prefix}{node.name}"


def _is_stub(statement: ast.AST) -> bool:
    if not isinstance(statement, ast.Raise):
        return False
    raised = statement.exc
    if isinstance(raised, ast.Call) and not raised.args:
        raised = raised.func
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
