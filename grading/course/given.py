"""What of an exported cell is given to students, and which exercises it sets."""

import ast
from collections.abc import Iterable

from nbformat import NotebookNode

from grading.course.cells import SOLUTION_MARK, grade_id_of, is_answer, is_exported
from grading.inside.tinytorch._exporting import stubs
from grading.inside.tinytorch._finale.lines import code_lines

STUB = "raise NotImplementedError()"


def given_sources(notebook: NotebookNode) -> list[tuple[str, str]]:
    """Return name and text of each exported cell as students get it, if it is Python."""
    found = []
    for cell in notebook.cells:
        if is_exported(cell):
            source = _with_stubs(cell)
            try:
                ast.parse(source)
            except SyntaxError:
                continue
            found.append((grade_id_of(cell) or "", source))
    return found


def exercises_of(sources: Iterable[tuple[str, str]]) -> list[str]:
    """Return the names of what students write in the cells, such as `Tensor.sum`, in order."""
    found = [name for cell, source in sources for name, marked in stubs(source, cell) if marked]
    return list(dict.fromkeys(found))


def given_lines_of(sources: Iterable[tuple[str, str]]) -> list[str]:
    """Return the lines of code that students get, without the stubs."""
    return [line for _, source in sources for line in code_lines(source) if line != STUB]


def _with_stubs(cell: NotebookNode) -> str:
    """Return a cell's text with stubs in place of solutions, as a release has them."""
    lines: list[str] = []
    inside = marked = False
    for line in cell.source.split("\n"):
        mark = SOLUTION_MARK.match(line)
        if mark:
            marked, inside = True, mark[1] == "BEGIN"
            if inside:
                indent = line[: len(line) - len(line.lstrip())]
                lines += [f"{indent}# YOUR CODE HERE", f"{indent}{STUB}"]
        elif not inside:
            lines.append(line)
    if is_answer(cell) and not marked:
        return f"# YOUR CODE HERE\n{STUB}"
    return "\n".join(lines)
