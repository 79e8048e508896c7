"""Say of each cell that is run what tests must know of names, before anything runs.

Test cells have names of their own in the kernel (`grading/inside/kernel/apart.py`), so that no test
depends on what else a student calls `sum` or `x`. Which names an exercise asks for, and which ones
our own cells import, give or show, stands in the released notebook.
"""

import ast
import copy
import symtable
import threading
from collections.abc import Iterator, Mapping
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests

from grading.course.cells import MAGIC, grade_id_of, is_answer, is_test, parsed
from grading.submission.code import lines_of
from grading.submission.released_cells import Defines, defined_by

About = dict[str, Any]
_PARSING = threading.Lock()  # Python 3.11 cannot make trees in several threads at once


class NamesOfCells:
    """What the kernel is told of names, by our cells: read once for all submissions.

    `defines` tells what our solutions define, where they do not stand in the skeleton.
    """

    def __init__(self, skeleton: NotebookNode, defines: Defines | None = None) -> None:
        self._tests: dict[str, About] = {}
        self._gives: dict[str, dict[str, list[str]]] = {}
        self._free: dict[tuple[str, ...], dict[str, list[str]]] = {}
        with _PARSING:
            self._read(skeleton, defined_by(skeleton) if defines is None else defines)

    def about(self, restored: NotebookNode) -> list[About]:
        """Return for each cell of a restored notebook what the kernel is told of it.

        `gives` are names, by their place, that tests get as they are after the cell: what one of
        our own cells gives, or what an answer was asked for. `test` says of a test cell which names
        are `asked` for or `given`, each with its place, what `imports` are made for it, and which
        names the part that is `shown` to students binds.
        """
        return [self._about(cell) for cell in restored.cells]

    def _about(self, cell: NotebookNode) -> About:
        name = grade_id_of(cell)
        if name is not None and name in self._tests:
            return self._tests[name]
        given = self._gives.get(name) if name else self._free.get(lines_of(cell.source))
        return {"gives": given} if given and cell.cell_type == "code" else {}

    def _read(self, skeleton: NotebookNode, defines: Defines) -> None:
        binders: dict[str, tuple[str, str]] = {}
        for number, cell in enumerate(skeleton.cells):
            if cell.cell_type != "code":
                continue
            place = grade_id_of(cell) or f"cell {number}"
            if is_test(cell):
                shown = sorted(_bound(_shown(cell)))
                self._tests[place] = {"test": _known(binders) | {"shown": shown}}
                for name in _bound(cell):
                    binders.pop(name, None)
                continue
            imports = dict(_imports(cell))
            names = _bound(cell) - imports.keys()
            if is_answer(cell):
                names |= {name for name in defines.get(place, ()) if name.isidentifier()}
            kind = "asked" if is_answer(cell) else "given"
            binders |= {name: ("imports", statement) for name, statement in imports.items()}
            binders |= dict.fromkeys(names, (kind, place))
            if grade_id_of(cell):
                self._gives[place] = {place: sorted(names)}
            else:
                self._free.setdefault(lines_of(cell.source), {})[place] = sorted(names)


def about_names(
    skeleton: NotebookNode, restored: NotebookNode, defines: Defines | None = None
) -> list[About]:
    """Return for each cell of one restored notebook what the kernel is told of it."""
    return NamesOfCells(skeleton, defines).about(restored)


def _known(binders: Mapping[str, tuple[str, str]]) -> dict[str, dict[str, str]]:
    known: dict[str, dict[str, str]] = {"asked": {}, "given": {}, "imports": {}}
    for name, (kind, what) in binders.items():
        known[kind][name] = what
    return known


def _shown(cell: NotebookNode) -> NotebookNode:
    notebook = NotebookNode(cells=[copy.deepcopy(cell)], metadata={})
    return ClearHiddenTests().preprocess(notebook, {})[0].cells[0]


def _bound(cell: NotebookNode) -> set[str]:
    """Return the names that a cell of ours binds in its notebook."""
    table = symtable.symtable(MAGIC.sub(r"\1pass", cell.source), "cell", "exec")
    return {one.get_name() for one in table.get_symbols() if one.is_assigned() or one.is_imported()}


def _imports(cell: NotebookNode) -> Iterator[tuple[str, str]]:
    """Yield each name that a cell imports for itself, with a statement that imports only this."""
    for node in parsed(cell).body:
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        for alias in node.names:
            one = copy.copy(node)
            one.names = [alias]
            yield alias.asname or alias.name.partition(".")[0], ast.unparse(one)
