"""Notebooks in the formats and encodings in which editors, converters and merges leave them."""

import codecs
import gzip
import io
import json
import zipfile
from typing import Any

from trials.submission import Submission, honest

FULL = "it is read as it was meant; full marks"
PERSON = "a person decides"


def _raw(it: Submission) -> dict[str, Any]:
    """Return the notebook as plain JSON, each source a list of lines."""
    book: dict[str, Any] = json.loads(json.dumps(it.notebook))
    for cell in book["cells"]:
        cell["source"] = cell["source"].splitlines(keepends=True)
    return book


def _hand_in(it: Submission, book: dict[str, Any], **how: Any) -> None:
    it.replace_file(json.dumps(book, **how).encode())


@honest(FULL)
def with_a_byte_order_mark(it: Submission) -> None:
    """An editor on Windows has put a byte order mark in front."""
    it.replace_file(codecs.BOM_UTF8 + json.dumps(it.notebook).encode())


@honest(FULL)
def in_utf_16(it: Submission) -> None:
    """An editor on Windows has saved it as "Unicode", which is UTF-16."""
    it.replace_file(json.dumps(it.notebook, ensure_ascii=False).encode("utf-16"))


@honest(FULL)
def in_utf_16_without_a_mark(it: Submission) -> None:
    """A script has written it in UTF-16 and without a byte order mark."""
    it.replace_file(json.dumps(it.notebook, indent=1).encode("utf-16-le"))


@honest(FULL)
def in_an_old_windows_encoding(it: Submission) -> None:
    """An editor has saved letters with accents in Windows' encoding of western Europe."""
    it.append("mean", "# moyenne, déjà vérifiée")
    it.replace_file(json.dumps(it.notebook, ensure_ascii=False).encode("cp1252"))


@honest(FULL)
def with_windows_line_ends_in_the_file(it: Submission) -> None:
    """Git has given the file Windows line ends."""
    it.replace_file(json.dumps(it.notebook, indent=1).replace("\n", "\r\n").encode())


@honest(FULL)
def followed_by_zeros(it: Submission) -> None:
    """A synchronised folder has filled the file's last block with zeros."""
    it.replace_file(json.dumps(it.notebook).encode() + bytes(700))


@honest(PERSON, waits=True)
def with_marks_of_a_merge_in_the_file(it: Submission) -> None:
    """Git could not merge two saves and left both, with its marks, in the file."""
    text = json.dumps(it.notebook, indent=1)
    line = next(line for line in text.split("\n") if '"execution_count"' in line)
    both = f"<<<<<<< HEAD\n{line}\n=======\n{line.replace('null', '3')}\n>>>>>>> other"
    it.replace_file(text.replace(line, both, 1).encode())


@honest(PERSON, waits=True)
def with_marks_of_a_merge_in_an_answer(it: Submission) -> None:
    """A merge tool has left both versions of an answer in its cell, with its marks."""
    mine = it.cell("dot").source
    theirs = mine.replace("float(", "1.0 * float(")
    it.answer("dot", f"<<<<<<< local\n{mine}\n=======\n{theirs}\n>>>>>>> remote")


@honest(FULL)
def in_format_four_nought(it: Submission) -> None:
    """It is in the first format 4: no ids, and each source is one text."""
    book = json.loads(json.dumps(it.notebook)) | {"nbformat_minor": 0}
    for cell in book["cells"]:
        cell.pop("id", None)
    _hand_in(it, book)


@honest(FULL)
def in_a_format_to_come(it: Submission) -> None:
    """It claims a later format 4, and has fields that are not known yet."""
    book = _raw(it) | {"nbformat_minor": 9, "assets": []}
    for cell in book["cells"]:
        cell["renderers"] = {"python": None}
    _hand_in(it, book)


@honest(FULL)
def with_its_format_as_text(it: Submission) -> None:
    """A script has written the numbers of the format as text."""
    _hand_in(it, _raw(it) | {"nbformat": "4", "nbformat_minor": "5"})


@honest(FULL)
def without_its_format(it: Submission) -> None:
    """A script has left out which format it is in, and the notebook's metadata."""
    book = _raw(it)
    for name in ("nbformat", "nbformat_minor", "metadata"):
        book.pop(name)
    _hand_in(it, book)


@honest(FULL)
def in_format_three_with_headings(it: Submission) -> None:
    """It is in the format of 2014 with its cells' metadata, on two worksheets, with headings."""
    sheets: list[dict[str, Any]] = [{"cells": [], "metadata": {}}, {"cells": [], "metadata": {}}]
    sheets[0]["cells"].append({"cell_type": "heading", "level": 1, "source": "Mine"})
    for number, cell in enumerate(_raw(it)["cells"]):
        old = {"cell_type": cell["cell_type"], "metadata": cell["metadata"]}
        code = {"input": cell["source"], "outputs": [], "language": "python", "collapsed": False}
        old |= code if cell["cell_type"] == "code" else {"source": cell["source"]}
        sheets[number > 6]["cells"].append(old)
    _hand_in(
        it, {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": sheets}
    )


@honest(FULL)
def with_lines_that_do_not_end(it: Submission) -> None:
    """A converter has written sources as lists of lines whose line ends are missing."""
    book = _raw(it)
    for cell in book["cells"]:
        cell["source"] = [line.rstrip("\n") for line in cell["source"]]
    _hand_in(it, book)


@honest(FULL)
def without_outputs_and_counts(it: Submission) -> None:
    """A converter has left out outputs, counts and metadata of cells of code."""
    book = _raw(it)
    for cell in book["cells"]:
        for name in ("outputs", "execution_count"):
            cell.pop(name, None)
        if not cell["metadata"]:
            cell.pop("metadata")
    _hand_in(it, book)


@honest(FULL)
def with_nulls_for_what_is_empty(it: Submission) -> None:
    """A converter has written null for empty metadata, outputs and sources."""
    book = _raw(it)
    book["cells"].insert(1, {"cell_type": "code", "source": None, "metadata": None})
    for cell in book["cells"]:
        for name in ("metadata", "outputs", "source"):
            cell[name] = cell.get(name) or None
    book["metadata"] = None
    _hand_in(it, book)


@honest(FULL)
def all_cells_with_the_same_id(it: Submission) -> None:
    """A script has given all cells the same id, of a form that no id has."""
    for cell in it.notebook.cells:
        cell["id"] = "cell id / " + "x" * 70


@honest(FULL)
def ids_that_are_numbers(it: Submission) -> None:
    """A script has numbered the cells."""
    book = _raw(it)
    for number, cell in enumerate(book["cells"]):
        cell["id"] = number
    _hand_in(it, book)


@honest(FULL)
def with_cells_of_another_kind(it: Submission) -> None:
    """A web notebook has added cells of kinds of its own: SQL, a chart, an input field."""
    book = _raw(it)
    for place, kind in ((1, "sql"), (5, "chart"), (9, "input")):
        book["cells"].insert(place, {"cell_type": kind, "source": ["SELECT 1"], "metadata": {}})
    _hand_in(it, book)


@honest(PERSON, waits=True)
def packed_by_the_student(it: Submission) -> None:
    """The notebook lies in a zip, as an LMS had asked for."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("mini/mini.ipynb", json.dumps(it.notebook))
    it.replace_file(None)
    it.add_file("mini.zip", packed.getvalue())


@honest(PERSON, waits=True)
def packed_under_the_notebooks_name(it: Submission) -> None:
    """What is called a notebook is one that was compressed."""
    it.replace_file(gzip.compress(json.dumps(it.notebook).encode()))


@honest(PERSON, waits=True)
def a_page_instead_of_a_notebook(it: Submission) -> None:
    """The notebook was exported as a page of HTML."""
    it.replace_file(None)
    it.add_file("mini.html", "<html><body><pre>def mean(numbers): ...</pre></body></html>")


@honest(FULL)
def written_by_hand(it: Submission) -> None:
    """A small script has written it: cells have a type and a source, and nothing else."""
    cells = [{"cell_type": cell.cell_type, "source": cell.source} for cell in it.notebook.cells]
    _hand_in(it, {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
