"""Export a notebook's cells as a module, once none of their exercises is unsolved."""

import ast
import errno
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

COURSE = Path(__file__).with_name("course.json")
NOT_WHERE_GRADED = "Modules are exported where you work, and not where work is graded."
MARK = "YOUR CODE HERE"
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def course() -> list[dict[str, Any]]:
    """Return what each assignment up to this one makes; nothing where that is not told."""
    if not COURSE.exists():
        return []
    made: list[dict[str, Any]] = json.loads(COURSE.read_text(encoding="utf-8"))
    return made


def export(notebook: Path, file: Path) -> str:
    """Write the exported cells of a notebook to a file; return what is to be said of it."""
    try:
        cells = exported_cells(json.loads(notebook.read_text(encoding="utf-8")))
        exercises = [
            name for one in course() if one["module"] == file.stem for name in one["exercises"]
        ]
        complaint = _complaint(cells, exercises)
        if complaint:
            return f"{file} was not written: {complaint}"
        file.parent.mkdir(exist_ok=True)
        partial = file.with_suffix(".partial")
        partial.write_text("\n\n\n".join(text for _, text in cells) + "\n", encoding="utf-8")
        partial.replace(file)
    except OSError as error:
        if error.errno == errno.EROFS:
            return NOT_WHERE_GRADED
        return f"{file} was not written: {error.strerror} ({error.filename})"
    except (ValueError, TypeError, KeyError, AttributeError):
        return f"{file} was not written: {notebook} is no notebook; save it again in Jupyter."
    return f"{file} holds the {len(cells)} exported cells, as last saved"


def exported_cells(notebook: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the name and the text of each exported cell."""
    return [
        (_name(number, cell), "".join(cell["source"]).strip())
        for number, cell in enumerate(notebook["cells"], 1)
        if cell.get("cell_type", "code") == "code" and "export" in cell["metadata"].get("tags", [])
    ]


def stubs(source: str, cell: str) -> Iterator[tuple[str, bool]]:
    """Yield each place that is still to be written: its name, and whether a mark stands there.

    Raises `SyntaxError` where the source is no Python.
    """
    lines = ["", *source.split("\n")]
    for name, line in _bare_refusals(ast.parse(source).body, ()):
        yield name if name.strip("_") else f"cell {cell}", MARK in lines[line - 1]


def unsolved(cells: Sequence[tuple[str, str]], exercises: Sequence[str]) -> list[str]:
    """Return the names of the exercises that are unsolved in the exported cells, each once."""
    found: list[str] = []
    bound: set[str] = set()
    for cell, source in cells:
        tree = ast.parse(source)
        found += [name for name, marked in stubs(source, cell) if marked or name in exercises]
        found += [name for name in _hollow(tree.body, ()) if name in exercises]
        found += [] if any(not _does_nothing(node) for node in tree.body) else [f"cell {cell}"]
        bound |= _bound(tree)
    missing = [name for name in exercises if " " not in name and name.split(".")[0] not in bound]
    return list(dict.fromkeys([*found, *missing]))


def _complaint(cells: list[tuple[str, str]], exercises: list[str]) -> str:
    if not cells:
        return "no cell of the notebook is tagged `export`; start again from the handed-out one."
    for cell, source in cells:
        try:
            ast.parse(source)
        except SyntaxError as error:
            return f"cell {cell} is no Python at its line {error.lineno}: {error.msg}."
    names = unsolved(cells, exercises)
    if not names:
        return ""
    how_many = "one exercise is" if len(names) == 1 else f"{len(names)} exercises are"
    listed = "".join(f"\n  {name}" for name in names)
    return (
        f"{how_many} still unsolved.{listed}\n"
        "Write your code in place of `raise NotImplementedError()`, save, and run this cell again."
    )


def _name(number: int, cell: dict[str, Any]) -> str:
    ours = cell["metadata"].get("nbgrader") or {}
    return str(ours.get("grade_id") or number)


def _bare_refusals(body: list[ast.stmt], owner: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    """Yield (name, line) of each `raise NotImplementedError()` that can be reached."""
    for node in body:
        if isinstance(node, DEFINITIONS):
            yield from _bare_refusals(node.body, (*owner, node.name))
        elif isinstance(node, ast.Raise):
            if _is_bare(node.exc):
                yield ".".join(owner), node.lineno
        else:
            for inner in _blocks(node):
                yield from _bare_refusals(inner, owner)
        if isinstance(node, ast.Return | ast.Raise):
            return


def _is_bare(raised: ast.expr | None) -> bool:
    if isinstance(raised, ast.Call) and not raised.args and not raised.keywords:
        raised = raised.func
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """Yield the lists of statements in a compound statement."""
    for part in ("body", "orelse", "finalbody"):
        inner = getattr(node, part, None)
        if isinstance(inner, list):
            yield inner
    for part in ("handlers", "cases"):
        for inner in getattr(node, part, ()):
            yield inner.body


def _hollow(body: list[ast.stmt], owner: tuple[str, ...]) -> Iterator[str]:
    """Yield the names of functions in which nothing is done."""
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _hollow(node.body, (*owner, node.name))
        elif isinstance(node, ast.FunctionDef) and all(map(_does_nothing, node.body)):
            yield ".".join((*owner, node.name))


def _does_nothing(node: ast.stmt) -> bool:
    is_constant = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_constant or isinstance(node, ast.Pass)


def _bound(tree: ast.Module) -> set[str]:
    """Return every name that is bound anywhere in a cell."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, DEFINITIONS):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.alias):
            names.add(node.asname or node.name)
    return names
