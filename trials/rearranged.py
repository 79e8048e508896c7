"""What happens to a solved answer on its way: split, moved, merged, renamed, repeated."""

import copy
from collections.abc import Callable, Iterator

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.preprocessors import ClearHiddenTests

from grading.course.cells import grade_id_of, is_answer, is_test
from grading.course.released import without_solutions
from grading.submission.code import statements
from trials.corpus import fill_in, solved_answers

Cells = list[NotebookNode]
Way = Callable[[Cells, int, str], None]


def handed_in(solved: NotebookNode) -> NotebookNode:
    """Return the notebook that a student hands in who answers as we do."""
    release = without_solutions(copy.deepcopy(solved))
    tests = NotebookNode(cells=[cell for cell in release.cells if is_test(cell)], metadata={})
    ClearHiddenTests().preprocess(tests, {})
    return fill_in(release, solved_answers(solved))


def rearranged(solved: NotebookNode) -> Iterator[tuple[str, NotebookNode]]:
    """Yield a notebook for each way in which each answer in code can be rearranged, with a name."""
    whole = handed_in(solved)
    stubs = solved_answers(without_solutions(copy.deepcopy(solved)))
    for index, cell in enumerate(whole.cells):
        if not is_answer(cell) or cell.cell_type != "code":
            continue
        name = str(grade_id_of(cell))
        for way in WAYS:
            notebook = copy.deepcopy(whole)
            try:
                way(notebook.cells, index, stubs[name])
            except DoesNotApply:
                continue
            yield f"{name}: {way.__name__.replace('_', ' ')}", notebook


class DoesNotApply(Exception):
    """There is nothing in this answer to which this could happen."""


def _halves(cell: NotebookNode, rows: int) -> tuple[str, str]:
    lines = cell.source.strip("\n").split("\n")
    if not 0 < rows < len(lines):
        raise DoesNotApply
    return "\n".join(lines[:rows]).strip("\n"), "\n".join(lines[rows:]).strip("\n")


def _split(cells: Cells, index: int, rows: int) -> Cells:
    """Split a cell as JupyterLab does: both halves keep the metadata, one gets a new id."""
    above, below = _halves(cells[index], rows)
    first = copy.deepcopy(cells[index])
    first.source, first["id"], cells[index].source = above, "split", below
    cells.insert(index, first)
    return [first, cells[index + 1]]


def _rows_between_statements(cell: NotebookNode) -> int:
    found = [one for one in statements(cell.source) or [] if one.form]
    if len(found) < 2:
        raise DoesNotApply
    return sum(one.text.count("\n") + 1 for one in found[: len(found) // 2])


def split_between_statements(cells: Cells, index: int, stub: str) -> None:
    """Split where one definition ends."""
    _split(cells, index, _rows_between_statements(cells[index]))


def split_in_the_middle(cells: Cells, index: int, stub: str) -> None:
    """Split wherever the middle is: in a function, in a class, in a text."""
    _split(cells, index, cells[index].source.strip("\n").count("\n") // 2 + 1)


def split_before_the_last_line(cells: Cells, index: int, stub: str) -> None:
    """Split the last line off."""
    _split(cells, index, cells[index].source.strip("\n").count("\n"))


def split_into_lines_of_three(cells: Cells, index: int, stub: str) -> None:
    """Split again and again."""
    while cells[index].source.strip("\n").count("\n") > 3:
        _split(cells, index, 3)
        index += 1


def split_and_the_first_half_bare(cells: Cells, index: int, stub: str) -> None:
    """Split as the old notebook did: the upper half has no metadata."""
    first, _ = _split(cells, index, cells[index].source.strip("\n").count("\n") // 2 + 1)
    first.metadata.clear()


def split_and_the_second_half_bare(cells: Cells, index: int, stub: str) -> None:
    """Split, and the lower half lost its metadata."""
    _, second = _split(cells, index, cells[index].source.strip("\n").count("\n") // 2 + 1)
    second.metadata.clear()
    second["id"] = "bare"


def split_with_an_own_cell_between(cells: Cells, index: int, stub: str) -> None:
    """Split between definitions, with something tried in between."""
    _split(cells, index, _rows_between_statements(cells[index]))
    cells.insert(index + 1, new_code_cell("print('tried')"))


def split_with_an_empty_cell_behind(cells: Cells, index: int, stub: str) -> None:
    """Split at the very end: the lower half is empty."""
    again = copy.deepcopy(cells[index])
    again.source, again["id"] = "", "empty"
    cells.insert(index + 1, again)


def repeated_unsolved_behind(cells: Cells, index: int, stub: str) -> None:
    """The cell as it was handed out is there again, below."""
    again = copy.deepcopy(cells[index])
    again.source, again["id"] = stub, "again"
    cells.insert(index + 1, again)


def repeated_unsolved_before(cells: Cells, index: int, stub: str) -> None:
    """The cell as it was handed out is there again, above."""
    again = copy.deepcopy(cells[index])
    again.source, again["id"] = stub, "again"
    cells.insert(index, again)


def repeated_unsolved_without_a_name(cells: Cells, index: int, stub: str) -> None:
    """The cell as it was handed out is there again, below, as a cell of the student's own."""
    cells.insert(index + 1, new_code_cell(stub))


def repeated(cells: Cells, index: int, stub: str) -> None:
    """The cell is there twice."""
    again = copy.deepcopy(cells[index])
    again["id"] = "again"
    cells.insert(index + 1, again)


def moved_to_the_end(cells: Cells, index: int, stub: str) -> None:
    """The cell was dragged to the end."""
    cells.append(cells.pop(index))


def moved_to_the_front(cells: Cells, index: int, stub: str) -> None:
    """The cell was dragged to the front."""
    cells.insert(0, cells.pop(index))


def _next(cells: Cells, index: int, wanted: Callable[[NotebookNode], bool]) -> int:
    for place in range(index + 1, len(cells)):
        if wanted(cells[place]):
            return place
    raise DoesNotApply


def moved_behind_its_test(cells: Cells, index: int, stub: str) -> None:
    """The cell was moved down past its test."""
    place = _next(cells, index, is_test)
    cells.insert(place, cells.pop(index))


def rewritten_in_a_fresh_cell(cells: Cells, index: int, stub: str) -> None:
    """The cell was deleted and its text written into a fresh one in its place."""
    cells[index] = new_code_cell(cells[index].source)


def rewritten_above_the_text_before_it(cells: Cells, index: int, stub: str) -> None:
    """The cell was deleted; the same stands in a fresh one a cell higher."""
    cells.insert(max(index - 1, 0), new_code_cell(cells.pop(index).source))


def rewritten_in_fresh_cells(cells: Cells, index: int, stub: str) -> None:
    """The cell was deleted and its definitions written into a fresh cell each."""
    found = [one for one in statements(cells[index].source) or [] if one.form]
    cells[index : index + 1] = [new_code_cell(one.text.strip("\n")) for one in found]


def rewritten_behind_its_test(cells: Cells, index: int, stub: str) -> None:
    """The cell was deleted and its text written into a fresh one behind its test."""
    place = _next(cells, index, is_test)
    cells.insert(place, new_code_cell(cells.pop(index).source))


def rewritten_below_the_stub(cells: Cells, index: int, stub: str) -> None:
    """The stub was left alone, the answer stands in a cell of the student's own below it."""
    cells.insert(index + 1, new_code_cell(cells[index].source))
    cells[index].source = stub


def rewritten_above_the_stub(cells: Cells, index: int, stub: str) -> None:
    """The stub was left alone, the answer stands in a cell of the student's own above it."""
    cells.insert(index, new_code_cell(cells[index].source))
    cells[index + 1].source = stub


def rewritten_above_the_empty_cell(cells: Cells, index: int, stub: str) -> None:
    """The cell was emptied, the answer stands in a cell of the student's own above it."""
    cells.insert(index, new_code_cell(cells[index].source))
    cells[index + 1].source = ""


def rewritten_as_text(cells: Cells, index: int, stub: str) -> None:
    """The answer stands in a cell that has become text and lost its name."""
    cells[index] = new_markdown_cell(cells[index].source)


def turned_into_text(cells: Cells, index: int, stub: str) -> None:
    """The cell has become a Markdown cell."""
    ours = cells[index].metadata
    cells[index] = new_markdown_cell(cells[index].source, metadata=ours, id=cells[index]["id"])


def _merge(cells: Cells, first: int, second: int, keep: int) -> None:
    """Merge two cells as JupyterLab does: the metadata are those of one of them."""
    kept = copy.deepcopy(cells[keep])
    kept.source = f"{cells[first].source}\n\n{cells[second].source}"
    cells[first] = kept
    del cells[second]


def merged_into_its_test(cells: Cells, index: int, stub: str) -> None:
    """Answer and test are one cell, with the test's metadata."""
    place = _next(cells, index, is_test)
    _merge(cells, index, place, place)


def merged_with_its_test(cells: Cells, index: int, stub: str) -> None:
    """Answer and test are one cell, with the answer's metadata."""
    _merge(cells, index, _next(cells, index, is_test), index)


def merged_with_its_test_into_a_fresh_cell(cells: Cells, index: int, stub: str) -> None:
    """Answer and test are one cell, without metadata."""
    _merge(cells, index, _next(cells, index, is_test), index)
    cells[index] = new_code_cell(cells[index].source)


def _is_code_answer(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and is_answer(cell)


def merged_with_the_next_answer(cells: Cells, index: int, stub: str) -> None:
    """The next answer was written into this one's cell, and its own deleted."""
    _merge(cells, index, _next(cells, index, _is_code_answer), index)


def merged_into_the_next_answer(cells: Cells, index: int, stub: str) -> None:
    """This answer was written into the next one's cell, and its own deleted."""
    place = _next(cells, index, _is_code_answer)
    cells[place].source = f"{cells[index].source}\n\n{cells[place].source}"
    del cells[index]


def merged_up_to_the_next_test(cells: Cells, index: int, stub: str) -> None:
    """Answer, test, next answer and its test are one cell."""
    place = _next(cells, _next(cells, index, _is_code_answer), is_test)
    between = [cell for cell in cells[index : place + 1] if cell.cell_type == "code"]
    cells[index].source = "\n\n".join(cell.source for cell in between)
    del cells[index + 1 : place + 1]


def called_otherwise(cells: Cells, index: int, stub: str) -> None:
    """The cell has another grade id, as in an older release, and a new id."""
    cells[index].metadata["nbgrader"]["grade_id"] = "exercise-of-last-year"
    cells[index]["id"] = "other"


def called_otherwise_with_its_test(cells: Cells, index: int, stub: str) -> None:
    """Answer and test have other grade ids, and new ids."""
    place = _next(cells, index, is_test)
    cells[place].metadata["nbgrader"]["grade_id"] = "test-of-last-year"
    cells[place]["id"] = "other-test"
    called_otherwise(cells, index, stub)


def without_its_test(cells: Cells, index: int, stub: str) -> None:
    """The answer lost its name, and the test was deleted."""
    del cells[_next(cells, index, is_test)]
    cells[index] = new_code_cell(cells[index].source)


WAYS: tuple[Way, ...] = tuple(
    made
    for name, made in list(globals().items())
    if name.partition("_")[0]
    in ("split", "repeated", "moved", "rewritten", "turned", "merged", "called", "without")
    and name not in ("without_solutions",)
)
