"""The notebook is JSON, and a notebook, but not the one that was handed out."""

import copy
import json

from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

from trials.submission import Submission, fault

RESTORED = "the cells are restored, the answers count; same score"


@fault("it is converted; same score", stock=True)
def format_three(it: Submission) -> None:
    """The notebook is in the format of 2014, with worksheets and `input` in place of `source`."""
    cells = []
    for cell in it.notebook.cells:
        old = {"cell_type": cell.cell_type, "metadata": cell.metadata}
        if cell.cell_type == "code":
            old |= {"input": cell.source, "outputs": [], "language": "python", "prompt_number": 1}
        else:
            old |= {"source": cell.source}
        cells.append(old)
    book = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": ""},
        "worksheets": [{"cells": cells, "metadata": {}}],
    }
    it.replace_file(json.dumps(book).encode())


@fault("what is understood counts; same score", stock=True)
def a_format_of_the_future(it: Submission) -> None:
    """The notebook says that it is in format 7.99, which nobody has written yet."""
    it.notebook["nbformat"], it.notebook["nbformat_minor"] = 7, 99
    it.notebook["dimensions"] = {"x": 3}
    for cell in it.notebook.cells:
        cell["hologram"] = True


@fault("ids are given anew; same score")
def an_older_minor_format(it: Submission) -> None:
    """The notebook is in format 4.2, in which cells have no ids."""
    it.notebook["nbformat_minor"] = 2
    for cell in it.notebook.cells:
        cell.pop("id", None)


@fault("no points; the message says that it is no notebook", score=0.0, says=("not a notebook",))
def an_impossible_format(it: Submission) -> None:
    """The notebook's format is a text, its cells are a number."""
    it.replace_file(json.dumps({"nbformat": "four", "cells": 7, "metadata": None}).encode())


@fault("no points; the message says that it is no notebook", score=0.0, says=("not a notebook",))
def cells_that_are_none(it: Submission) -> None:
    """Between the cells stand a number, a text and null."""
    it.replace_file(
        json.dumps(it.notebook | {"cells": [*it.notebook.cells, 7, "x", None]}).encode()
    )


@fault(RESTORED, stock=True)
def sources_as_lists(it: Submission) -> None:
    """Every source is a list of lines, with Windows line ends, as some editors write it."""
    for cell in it.notebook.cells:
        cell["source"] = cell.source.replace("\n", "\r\n").splitlines(keepends=True)


@fault(
    "missing cells come back from the assignment; what is missing earns nothing",
    score=0.0,
    says=("put back",),
)
def no_cells(it: Submission) -> None:
    """Every cell was deleted."""
    it.notebook.cells = []


@fault(RESTORED, says=("put back",), stock=True)
def deleted_tests(it: Submission) -> None:
    """The student has deleted all test cells."""
    it.notebook.cells = [
        c for c in it.notebook.cells if not c.metadata.get("nbgrader", {}).get("locked")
    ]


@fault(RESTORED, says=("times",), stock=True)
def repeated_cells(it: Submission) -> None:
    """Every cell is there three times, as after a merge."""
    it.notebook.cells = [copy.deepcopy(cell) for cell in it.notebook.cells for _ in range(3)]


@fault(RESTORED, says=("another order",), stock=True)
def cells_in_another_order(it: Submission) -> None:
    """The cells stand in reverse order."""
    it.notebook.cells.reverse()


@fault(RESTORED, stock=True)
def cells_of_another_type(it: Submission) -> None:
    """Code cells have become Markdown and raw cells, Markdown cells code."""
    for index, cell in enumerate(it.notebook.cells):
        make = (new_markdown_cell, new_raw_cell, new_code_cell)[index % 3]
        it.notebook.cells[index] = make(cell.source, metadata=cell.metadata, id=cell["id"])


@fault(RESTORED, stock=True)
def edited_locked_cells(it: Submission) -> None:
    """Locked cells were edited: tests hold syntax errors, imports are gone."""
    for cell in it.notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("locked"):
            cell.source = "def broken(:\n  # I only changed this a little"


@fault("it is refused by its size; no points", score=0.0, says=("larger than",))
def a_huge_notebook(it: Submission) -> None:
    """The notebook is a file of 150 MB."""
    it.replace_file(b"{}")
    with it.file.open("r+b") as file:
        file.truncate(150_000_000)


@fault("it takes no longer than others; same score")
def a_huge_cell(it: Submission) -> None:
    """A cell of the student's own holds 12 MB of numbers."""
    it.run_first("table = [\n" + "    [1, 2, 3, 4, 5, 6, 7, 8],\n" * 400_000 + "]")


@fault("it is refused by its number of cells; no points", score=0.0, says=("more than",))
def very_many_cells(it: Submission) -> None:
    """The notebook has five thousand cells."""
    it.notebook.cells += [new_code_cell("pass") for _ in range(5_000)]


@fault("all of them run; same score")
def many_cells(it: Submission) -> None:
    """The student has added four hundred small cells."""
    it.notebook.cells[1:1] = [new_code_cell(f"x = {number}") for number in range(400)]
