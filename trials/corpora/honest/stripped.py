"""Notebooks that have lost their metadata or ids, or whose text was touched by a tool."""

import json

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

from trials.submission import Submission, grade_id_of, honest

FULL = "it is recognised by its text; full marks"


def _strip(it: Submission) -> None:
    for number, cell in enumerate(it.notebook.cells):
        cell["metadata"], cell["id"] = NotebookNode(), f"new-{number}"


def _each_locked(it: Submission) -> list[NotebookNode]:
    return [cell for cell in it.notebook.cells if cell.metadata.get("nbgrader", {}).get("locked")]


@honest(FULL, stock=True)
def all_metadata_and_ids_gone(it: Submission) -> None:
    """A web notebook has removed all metadata and given every cell a new id."""
    _strip(it)


@honest(FULL)
def ids_given_anew(it: Submission) -> None:
    """Every cell has a new id, the metadata are there."""
    for number, cell in enumerate(it.notebook.cells):
        cell["id"] = f"new-{number}"


@honest(FULL)
def ids_of_an_older_format(it: Submission) -> None:
    """The notebook was saved without ids and without metadata."""
    for cell in it.notebook.cells:
        cell["metadata"] = NotebookNode()
        cell.pop("id", None)


@honest(FULL)
def ids_shifted_by_one(it: Submission) -> None:
    """A tool numbered the cells, whose metadata are there, with one another's ids."""
    ids = [cell["id"] for cell in it.notebook.cells]
    for cell, other in zip(it.notebook.cells, [*ids[1:], ids[0]], strict=True):
        cell["id"] = other


@honest(FULL)
def stripped_with_windows_line_ends(it: Submission) -> None:
    """All metadata are gone and every line ends as on Windows."""
    _strip(it)
    for cell in it.notebook.cells:
        cell["source"] = cell.source.replace("\n", "\r\n").splitlines(keepends=True)


@honest(FULL)
def stripped_with_trailing_blanks(it: Submission) -> None:
    """All metadata are gone and lines end in blanks; empty lines stand above and below."""
    _strip(it)
    for cell in it.notebook.cells:
        cell.source = "\n" + "\n".join(f"{line}  " for line in cell.source.split("\n")) + "\n\n"


@honest(FULL)
def stripped_and_formatted(it: Submission) -> None:
    """All metadata are gone, and a formatter took the comments and changed the quotes."""
    _strip(it)
    for cell in it.notebook.cells:
        cell.source = cell.source.replace('f"', "f'").replace('}"', "}'").replace(" == ", "==")


@honest(FULL)
def stripped_with_edited_tests(it: Submission) -> None:
    """All metadata are gone, and a line was added to every test."""
    for cell in _each_locked(it):
        cell.source += "\nprint('passed')"
    _strip(it)


@honest(FULL)
def stripped_with_fresh_cells_between(it: Submission) -> None:
    """All metadata are gone, and the student's own cells stand between all others."""
    _strip(it)
    cells: list[NotebookNode] = []
    for number, cell in enumerate(it.notebook.cells):
        cells += [cell, new_code_cell(f"tried_{number} = {number}")]
    it.notebook.cells = cells


@honest(FULL)
def stripped_and_split(it: Submission) -> None:
    """All metadata are gone, and an answer is split in the middle of its function."""
    source = it.cell("dot").source.strip().split("\n")
    place = it.notebook.cells.index(it.cell("dot"))
    _strip(it)
    halves = ("\n".join(source[:3]), "\n".join(source[3:]))
    it.notebook.cells[place : place + 1] = [new_code_cell(half) for half in halves]


@honest(FULL)
def stripped_and_merged(it: Submission) -> None:
    """All metadata are gone, and each answer is one cell with its test."""
    names = [name for name in it.stubs if name != "think"]
    for name in names:
        it.cell(name).source += "\n\n" + it.cell(f"test-{name}").source
        it.notebook.cells.remove(it.cell(f"test-{name}"))
    _strip(it)


@honest(FULL)
def stripped_without_the_tests(it: Submission) -> None:
    """All metadata are gone, and the tests were deleted."""
    tests = [cell for cell in it.notebook.cells if (grade_id_of(cell) or "").startswith("test-")]
    it.notebook.cells = [cell for cell in it.notebook.cells if cell not in tests]
    _strip(it)


@honest(FULL)
def stripped_and_pasted_below_itself_unsolved(it: Submission) -> None:
    """All metadata are gone, and the unsolved notebook stands below the solved one."""
    fresh = [
        NotebookNode({**cell, "source": it.stubs.get(grade_id_of(cell) or "", cell.source)})
        for cell in it.notebook.cells
    ]
    it.notebook.cells += fresh
    _strip(it)


@honest(FULL)
def only_the_tests_kept_their_metadata(it: Submission) -> None:
    """The answers have lost metadata and ids, the locked cells have not."""
    for number, cell in enumerate(it.notebook.cells):
        if not cell.metadata.get("nbgrader", {}).get("locked"):
            cell["metadata"], cell["id"] = NotebookNode(), f"new-{number}"


@honest(FULL)
def only_the_answers_kept_their_metadata(it: Submission) -> None:
    """The locked cells have lost metadata and ids, the answers have not."""
    for number, cell in enumerate(it.notebook.cells):
        if cell.metadata.get("nbgrader", {}).get("locked"):
            cell["metadata"], cell["id"] = NotebookNode(), f"new-{number}"


@honest(FULL)
def every_second_cell_stripped(it: Submission) -> None:
    """Every second cell has lost metadata and id."""
    for number, cell in enumerate(it.notebook.cells[::2]):
        cell["metadata"], cell["id"] = NotebookNode(), f"new-{number}"


@honest(FULL)
def ids_gone_and_types_changed(it: Submission) -> None:
    """The grade ids are there; code has become Markdown and raw text, Markdown code."""
    for index, cell in enumerate(it.notebook.cells):
        make = (new_markdown_cell, new_raw_cell, new_code_cell)[index % 3]
        it.notebook.cells[index] = make(cell.source, metadata=cell.metadata)


@honest(FULL)
def grade_ids_of_an_older_release(it: Submission) -> None:
    """Every grade id and every id is another one, as in an older release."""
    for number, cell in enumerate(it.notebook.cells):
        if "nbgrader" in cell.metadata:
            cell.metadata["nbgrader"]["grade_id"] += "-2025"
        cell["id"] = f"old-{number}"


@honest(FULL)
def one_answer_of_an_older_release(it: Submission) -> None:
    """One answer has the grade id that it had in an older release."""
    it.cell("scale")["id"] = "other"
    it.cell("scale").metadata["nbgrader"]["grade_id"] = "normalise"


@honest(FULL)
def locked_cells_with_windows_line_ends(it: Submission) -> None:
    """Locked cells have Windows line ends and blanks at the ends of lines."""
    for cell in _each_locked(it):
        cell.source = cell.source.replace("\n", "  \r\n")


@honest(FULL)
def metadata_of_another_tool(it: Submission) -> None:
    """A web notebook has added its own metadata to cells and notebook, and taken ours."""
    _strip(it)
    for cell in it.notebook.cells:
        cell["metadata"] = NotebookNode({"id": "x1", "colab": {"base_uri": "none"}})
    it.notebook["metadata"] = NotebookNode({"colab": {"provenance": []}})


@honest(FULL)
def format_three_without_metadata(it: Submission) -> None:
    """All metadata are gone, and the notebook is in the format of 2014."""
    cells = []
    for cell in it.notebook.cells:
        key = "input" if cell.cell_type == "code" else "source"
        old = {"cell_type": cell.cell_type, "metadata": {}, key: cell.source}
        cells.append(old | ({"outputs": [], "language": "python"} if key == "input" else {}))
    book = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}
    it.replace_file(json.dumps(book).encode())


@honest("a person decides", waits=True)
def stripped_with_a_syntax_error_out_of_place(it: Submission) -> None:
    """All metadata are gone, and an answer that is no Python stands at the end."""
    source = it.cell("mean").source.replace("(numbers):", "(numbers)")
    it.notebook.cells.remove(it.cell("mean"))
    _strip(it)
    it.notebook.cells.append(new_code_cell(source))
