"""Read which sentence of a notebook's text each hidden check rests on.

In a hidden test, a comment quotes what students can read; the checks below it, up to the next
such comment, rest on it. Lines that go on are indented, and every comment quotes one passage:

    # rests on: keep what is positive,
    #   replace what is negative by 0
    check("relu of a matrix", lambda: ReLU()(Tensor(matrix)))
"""

import ast
import inspect
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass

from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests

from grading.course.cells import grade_id_of, is_test
from grading.course.released import without_solutions
from grading.inside.check import Check

QUOTE = re.compile(r"^# rests on: (.+(?:\n#   .+)*)", re.MULTILINE)
FOLDED = re.compile(r"<details>.*?</details>", re.DOTALL)
NOT_CHECKS = {"rng", "images", "recorded"}
REPORTS = {
    name for name, _ in inspect.getmembers(Check, inspect.isfunction) if not name.startswith("_")
} - NOT_CHECKS


@dataclass(frozen=True)
class Rest:
    """One check of a hidden test, by where it stands, and the passages it rests on."""

    cell: str
    line: int
    check: str
    quotes: tuple[str, ...]


def checks(notebook: NotebookNode) -> Iterator[Rest]:
    """Yield every call in the test cells that reports evidence, and what it rests on."""
    for cell in filter(is_test, notebook.cells):
        quotes = list(_quotes(cell.source))
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Call) and _reports(node.func):
                above = [(line, quote) for line, quote in quotes if line < node.lineno]
                yield Rest(
                    grade_id_of(cell) or "",
                    node.lineno,
                    ast.unparse(node.args[0]) if node.args else "",
                    _last_block(above, cell.source),
                )


def readable(notebook: NotebookNode) -> str:
    """Return all that students read of a notebook but hints, on one line, without marks."""
    released = without_solutions(deepcopy(notebook))
    released, _ = ClearHiddenTests().preprocess(released, {})
    return " ".join(plain(FOLDED.sub("", cell.source)) for cell in released.cells)


def plain(text: str) -> str:
    """Return a text on one line, as it reads: without the marks of comments and of bold print."""
    return " ".join(re.sub(r"^\s*#+ |\*\*", "", text, flags=re.MULTILINE).split())


def _quotes(source: str) -> Iterator[tuple[int, str]]:
    for match in QUOTE.finditer(source):
        yield source.count("\n", 0, match.end()) + 1, plain("# " + match[1])


def _last_block(above: list[tuple[int, str]], source: str) -> tuple[str, ...]:
    """Return the nearest quotes above: several comments without a line between them are one."""
    lines, block = source.split("\n"), []
    for line, quote in reversed(above):
        if block and not lines[line].startswith("# rests on: "):
            break
        block.append(quote)
    return tuple(reversed(block))


def _reports(function: ast.expr) -> bool:
    if isinstance(function, ast.Attribute):
        of = function.value
        return isinstance(of, ast.Name) and of.id == "check" and function.attr in REPORTS
    return isinstance(function, ast.Name) and function.id == "check"
