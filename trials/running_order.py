"""Tell what a notebook's code defines when each test is reached, without running it."""

from nbformat import NotebookNode

from grading.course.cells import grade_id_of, is_test
from grading.submission.code import Statement, statements

Defined = dict[str, str]


def at_tests(notebook: NotebookNode, known: frozenset[str]) -> dict[str, Defined]:
    """Return what is defined, and as what, when each test cell is reached in running order.

    `known` are the names that some cell defines: looking one up before it does ends a cell.
    """
    defined: Defined = {}
    reached: dict[str, Defined] = {}
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        name = grade_id_of(cell)
        if is_test(cell) and name:
            reached[name] = dict(defined)
            continue
        for one in statements(cell.source) or []:
            if one.form.startswith("Raise(") or (one.needs & known) - defined.keys():
                break
            defined |= _defined_by(one)
    return reached


def names_of(notebook: NotebookNode) -> frozenset[str]:
    """Return what all cells of a notebook but its tests define."""
    return frozenset(
        key
        for cell in notebook.cells
        if cell.cell_type == "code" and not is_test(cell)
        for one in statements(cell.source) or []
        for key in one.defines
    )


def _defined_by(statement: Statement) -> Defined:
    return dict.fromkeys(statement.defines, statement.form)
