"""Answers that JupyterLab, a mouse or a student's habits have split, moved, merged or repeated."""

import copy

from nbformat.v4 import new_code_cell, new_markdown_cell

from grading.course.released import without_solutions
from trials.corpus import solved_answers
from trials.rearranged import WAYS, Way
from trials.submission import Change, Submission, honest

FULL = "everything counts; full marks"


def _of(way: Way, grade_id: str) -> Change:
    """Return an entry in which this happens to one answer."""

    def change(it: Submission) -> None:
        stub = solved_answers(without_solutions(copy.deepcopy(it.solved)))[grade_id]
        way(it.notebook.cells, it.notebook.cells.index(it.cell(grade_id)), stub)

    change.__name__ = f"{grade_id}_{way.__name__}"
    change.__doc__ = f"The answer {grade_id}: {(way.__doc__ or '').strip()}"
    change.__module__ = __name__
    return honest(FULL)(change)


globals().update(
    (
        f"{way.__name__}_{number}",
        _of(way, ("mean", "scale", "dot", "noise", "classify")[number % 5]),
    )
    for number, way in enumerate(way for way in WAYS if "between" not in way.__name__)
)


@honest(FULL, stock=True)
def every_answer_split(it: Submission) -> None:
    """Every answer was split in the middle of its function."""
    for cell in [one for one in it.notebook.cells if one.source.startswith("def ")]:
        rows = cell.source.strip().split("\n")
        below = copy.deepcopy(cell)
        cell.source, below.source = "\n".join(rows[:3]), "\n".join(rows[3:])
        below["id"] = f"{cell['id']}-below"
        it.notebook.cells.insert(it.notebook.cells.index(cell) + 1, below)


@honest(FULL)
def two_definitions_split_apart(it: Submission) -> None:
    """A helper and the function that calls it were split, with a print between them."""
    it.answer("mean", "def add(numbers):\n    return np.asarray(numbers, dtype=float).sum()\n")
    below = copy.deepcopy(it.cell("mean"))
    below.source = "def mean(numbers):\n    return add(numbers) / np.size(numbers)"
    below["id"] = "below"
    it.rewritten.append(below.source)
    place = it.notebook.cells.index(it.cell("mean"))
    it.notebook.cells[place + 1 : place + 1] = [new_code_cell("print(add([1, 2]))"), below]


@honest(FULL)
def split_in_the_middle_of_a_line(it: Submission) -> None:
    """An answer was split where the cursor stood: in the middle of a line."""
    cell = it.cell("scale")
    below, at = copy.deepcopy(cell), cell.source.index("np.array(rows") + 4
    cell.source, below.source, below["id"] = cell.source[:at], cell.source[at:], "below"
    it.notebook.cells.insert(it.notebook.cells.index(cell) + 1, below)


@honest(FULL)
def a_helper_stands_in_a_cell_of_its_own(it: Submission) -> None:
    """The answer's helper stands in a fresh cell above it."""
    it.run_before("mean", "def count(numbers):\n    return np.size(numbers)")
    it.answer(
        "mean", "def mean(numbers):\n    return np.sum(numbers, dtype=float) / count(numbers)"
    )


@honest(FULL)
def the_stub_comes_after_the_answer(it: Submission) -> None:
    """A stub that was pasted again stands between answer and test."""
    again = copy.deepcopy(it.cell("dot"))
    again.source, again["id"] = it.stubs["dot"], "again"
    it.notebook.cells.insert(it.notebook.cells.index(it.cell("test-dot")), again)


@honest(FULL, stock=True)
def the_notebook_pasted_below_itself_unsolved(it: Submission) -> None:
    """The whole notebook was pasted below itself as it was handed out."""
    fresh = copy.deepcopy(it.notebook.cells)
    for cell in fresh:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source, cell["id"] = it.stubs.get(name, cell.source), f"{cell['id']}-again"
    it.notebook.cells += fresh


@honest(FULL)
def the_notebook_pasted_above_itself_unsolved(it: Submission) -> None:
    """The whole notebook was pasted above itself as it was handed out."""
    fresh = copy.deepcopy(it.notebook.cells)
    for cell in fresh:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source, cell["id"] = it.stubs.get(name, cell.source), f"{cell['id']}-again"
    it.notebook.cells[:0] = fresh


@honest(FULL)
def the_notebook_is_there_twice(it: Submission) -> None:
    """The whole notebook, solved, is there twice."""
    again = copy.deepcopy(it.notebook.cells)
    for cell in again:
        cell["id"] += "-again"
    it.notebook.cells += again


@honest(FULL)
def all_answers_in_one_cell(it: Submission) -> None:
    """All answers were written into the first answer's cell, the others deleted."""
    names = [name for name in it.stubs if name != "think"]
    text = "\n\n".join(it.cell(name).source for name in names)
    for name in names[1:]:
        it.notebook.cells.remove(it.cell(name))
    it.cell(names[0]).source = text


@honest(FULL)
def all_answers_in_the_last_answers_cell(it: Submission) -> None:
    """All answers were written into the last answer's cell, the others deleted."""
    names = [name for name in it.stubs if name != "think"]
    text = "\n\n".join(it.cell(name).source for name in names)
    for name in names[:-1]:
        it.notebook.cells.remove(it.cell(name))
    it.cell(names[-1]).source = text


@honest(FULL)
def all_answers_in_a_module_cell_of_their_own(it: Submission) -> None:
    """All answers stand in one fresh cell at the top; the stubs were left alone."""
    names = [name for name in it.stubs if name != "think"]
    text = "import numpy as np\n\n" + "\n\n".join(it.cell(name).source for name in names)
    for name in names:
        it.cell(name).source = it.stubs[name]
    it.run_first(text)


@honest(FULL)
def everything_in_one_cell(it: Submission) -> None:
    """All cells of code were merged into one, which has the first one's metadata."""
    code = [cell for cell in it.notebook.cells if cell.cell_type == "code"]
    code[0].source = "\n\n".join(cell.source for cell in code)
    it.notebook.cells = [cell for cell in it.notebook.cells if cell not in code[1:]]


@honest(FULL)
def imports_merged_with_the_first_answer(it: Submission) -> None:
    """The locked imports and the first answer are one cell, with the imports' metadata."""
    imports, mean = it.cell("imports"), it.cell("mean")
    imports.source += "\n\n" + mean.source
    it.notebook.cells.remove(mean)


@honest(FULL)
def the_answer_typed_below_the_asserts(it: Submission) -> None:
    """The answer was typed into the test cell, below the asserts; the stub was left alone."""
    it.cell("test-noise").source += "\n\n" + it.cell("noise").source
    it.answer("noise", it.stubs["noise"])


@honest(FULL)
def the_answer_in_place_of_the_asserts(it: Submission) -> None:
    """The test cell's text was replaced by the answer; the stub was left alone."""
    it.cell("test-noise").source = it.cell("noise").source
    it.answer("noise", it.stubs["noise"])


@honest(FULL)
def an_import_added_to_the_locked_imports(it: Submission) -> None:
    """The answer uses what the student imported in the locked cell of imports."""
    it.cell("imports").source = "import math\n" + it.cell("imports").source
    it.answer("dot", "def dot(a, b):\n    if len(a) != len(b):\n        raise ValueError('no')\n"
              "    return math.fsum(x * y for x, y in zip(a, b))")  # fmt: skip


@honest(FULL)
def a_print_added_to_a_test(it: Submission) -> None:
    """A print was put into the middle of a test cell."""
    it.cell("test-mean").source = "print(mean([1.0]))\n" + it.cell("test-mean").source


@honest(FULL)
def a_test_that_was_commented_out(it: Submission) -> None:
    """A test cell's lines were commented out."""
    cell = it.cell("test-dot")
    cell.source = "\n".join(f"# {line}" for line in cell.source.split("\n"))


@honest(FULL)
def a_copy_of_the_answer_tried_out_first(it: Submission) -> None:
    """A draft of the answer, with another result, stands in an own cell above it."""
    it.run_before("mean", "def mean(numbers):\n    return 0.0")


@honest(FULL)
def a_debugging_cell_that_fails_between_the_halves(it: Submission) -> None:
    """An answer is split, and a cell that raises stands between the halves."""
    cell = it.cell("dot")
    rows = cell.source.strip().split("\n")
    below = copy.deepcopy(cell)
    cell.source, below.source, below["id"] = "\n".join(rows[:2]), "\n".join(rows[2:]), "below"
    place = it.notebook.cells.index(cell)
    it.notebook.cells[place + 1 : place + 1] = [new_code_cell("1 / 0"), below]


@honest(FULL)
def the_written_answer_split(it: Submission) -> None:
    """The written answer was split in two."""
    it.answer("think", "First reason.")
    below = copy.deepcopy(it.cell("think"))
    below.source, below["id"] = "Second reason.", "below"
    it.notebook.cells.append(below)


@honest(FULL)
def the_written_answer_in_a_fresh_cell(it: Submission) -> None:
    """The written answer stands in a fresh text cell below the untouched one."""
    it.answer("think", it.stubs["think"])
    it.notebook.cells.append(new_markdown_cell("A loop pays for every pair."))


@honest(FULL)
def the_written_answer_in_a_cell_of_code(it: Submission) -> None:
    """The written answer's cell was deleted; it stands in a comment in a cell of code."""
    it.notebook.cells.remove(it.cell("think"))
    it.notebook.cells.append(new_code_cell("# A loop pays for every pair."))


@honest("a person decides", waits=True)
def two_versions_around_the_test(it: Submission) -> None:
    """Another version of an answer stands behind its test, in a copy of its cell."""
    again = copy.deepcopy(it.cell("mean"))
    again.source, again["id"] = "def mean(numbers):\n    return np.mean(numbers)", "again"
    it.notebook.cells.insert(it.notebook.cells.index(it.cell("test-mean")) + 1, again)


@honest("a person decides", waits=True)
def an_answer_under_another_name(it: Submission) -> None:
    """The answer's cell was deleted; in its place stands a function of another name."""
    it.answer("mean", it.cell("mean").source.replace("def mean", "def average"))
    place = it.notebook.cells.index(it.cell("mean"))
    it.notebook.cells[place] = new_code_cell(it.cell("mean").source)


@honest("a person decides", waits=True)
def an_answer_with_a_syntax_error_somewhere_else(it: Submission) -> None:
    """The stub was left alone; far below it stands an answer with a bracket too many."""
    source = it.cell("mean").source
    it.answer("mean", it.stubs["mean"])
    it.notebook.cells.append(new_code_cell(source + ")"))


@honest("a person decides", waits=True)
def another_answer_in_the_test_cell(it: Submission) -> None:
    """The answer is there, and another version of it was typed into the test cell."""
    it.cell("test-scale").source += "\n\ndef scale(rows):\n    return rows / rows.sum(1)[:, None]"
