"""Tell whether what a person gave points for is still what they saw."""

from collections.abc import Iterable
from pathlib import PurePath

from nbformat import NotebookNode

from grading.course.cells import is_answer, is_graded, is_test, nbgrader_of
from grading.course.stamp import fingerprint
from grading.submission.files import BESIDE
from grading.submission.restore import ELSEWHERE

Files = Iterable[tuple[PurePath, bytes]]


def answers_of(notebook: NotebookNode, skeleton: NotebookNode, files: Files) -> dict[str, str]:
    """Return by grade id the fingerprint of what a graded cell's points are given for.

    For a written answer or a free one in code that is its own text; for a test, all of the
    student's code and what lies beside the notebook; for a task, everything. What we handed out
    counts for none of them, so that other tests or texts of ours change no answer.
    """
    ours = {cell.source for cell in skeleton.cells}
    written = [cell for cell in notebook.cells if _is_theirs(cell) and cell.source not in ours]
    parts = [part for file in sorted(_beside(files)) for part in file]
    everything = fingerprint(*map(_text, written), *parts)
    code = fingerprint(*(_text(cell) for cell in written if cell.cell_type == "code"), *parts)
    answers = {}
    for cell in notebook.cells:
        if is_test(cell):
            answers[nbgrader_of(cell)["grade_id"]] = code
        elif is_graded(cell):
            alone = is_answer(cell) and cell.source != ELSEWHERE
            answers[nbgrader_of(cell)["grade_id"]] = (
                fingerprint(_text(cell)) if alone else everything
            )
    return answers


def _beside(files: Files) -> list[tuple[str, bytes]]:
    """Return the files that code may use: a notebook says more than its cells do, and changes."""
    return [
        (str(name), content)
        for name, content in files
        if str(name) not in BESIDE and name.suffix.lower() != ".ipynb"
    ]


def _is_theirs(cell: NotebookNode) -> bool:
    return is_answer(cell) or not nbgrader_of(cell)


def _text(cell: NotebookNode) -> str:
    pictures = cell.get("attachments", {})
    return "\n".join([cell.cell_type, cell.source, *map(repr, sorted(pictures.items()))])
