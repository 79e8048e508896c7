"""What restoring keeps of a submission, what it undoes, and what it tells the student."""

import copy
import json

import pytest
from nbconvert.filters import markdown2html
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell

from grading.course.cells import NOTE
from grading.submission.read import read_submission
from grading.submission.restore import restore

EVIL = "<script>alert(1)</script> [x](javascript:alert(1)) ![x](//evil.example/x.png)"
PICTURE = {"p.png": {"image/png": "aGk="}}


def ours(name, solution, locked):
    values = {"grade_id": name, "solution": solution, "locked": locked, "schema_version": 3}
    return {"nbgrader": values | {"grade": True, "points": 1, "task": False}}


@pytest.fixture
def skeleton():
    cells = [
        new_markdown_cell("# Ours", metadata=ours("title", False, True), id="id-title"),
        new_code_cell("stub", metadata=ours("answer", True, False), id="id-answer"),
        new_code_cell("assert 1", metadata=ours("test", False, True), id="id-test"),
        new_markdown_cell("Why?<br>", metadata=ours("think", True, False), id="id-think"),
    ]
    return new_notebook(cells=cells)


@pytest.fixture
def restored(skeleton, tmp_path):
    """A function that changes a solved submission's cells and restores what was written."""

    def restored(change=lambda cells: None):
        submitted = copy.deepcopy(skeleton)
        submitted.cells[1].source, submitted.cells[3].source = "solved", "Because."
        change(submitted.cells)
        file = tmp_path / "one.ipynb"
        file.write_text(json.dumps(submitted))
        return restore(skeleton, read_submission(file))

    return restored


def sources(result):
    return [cell.source for cell in result.notebook.cells]


WHOLE = ["# Ours", "solved", "assert 1", "Because."]


def test_a_whole_submission_is_restored_without_a_note(restored):
    assert (sources(restored()), restored().repairs) == (WHOLE, [])


def drop(index):
    return lambda cells: cells.pop(index)


def repeat(index, times):
    return lambda cells: cells.extend(copy.deepcopy(cells[index]) for _ in range(times - 1))


def retype(index, make, source=None, **fields):
    def change(cells):
        old = cells[index]
        text = old.source if source is None else source
        cells[index] = make(text, metadata=old.metadata, id=old["id"], **fields)

    return change


ORDER = "The cells were in another order and have been put back in place."


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (drop(0), ["The cell title was missing and has been put back."]),
        (drop(1), ["The cell answer was missing and has been put back."]),
        (drop(2), ["The cell test was missing and has been put back."]),
        (repeat(3, 3), ["The cell think was there 3 times; all that you wrote in them counts."]),
        (retype(1, new_markdown_cell), ["The cell answer had become a markdown cell."]),
        (retype(0, new_code_cell), ["The cell title had become a code cell."]),
        (retype(3, new_code_cell), ["The cell think had become a code cell."]),
        (list.reverse, [ORDER]),
        (lambda cells: cells.insert(0, cells.pop()), [ORDER]),
    ],
)
def test_each_repair_is_told_once_and_in_the_same_words(restored, change, told):
    assert restored(change).repairs == told


def test_every_missing_cell_is_told(restored):
    repairs = restored(list.clear).repairs
    assert [note.split()[2] for note in repairs] == ["title", "answer", "test", "think"]


@pytest.mark.parametrize("change", [list.reverse, drop(0), drop(2), repeat(2, 3)])
def test_our_cells_stand_in_our_order_each_once(restored, change):
    assert sources(restored(change)) == WHOLE


@pytest.mark.parametrize("index", [0, 2])
@pytest.mark.parametrize("make", [new_code_cell, new_markdown_cell, new_raw_cell])
def test_a_locked_cell_keeps_its_text_type_and_metadata(restored, skeleton, index, make):
    def change(cells):
        retype(index, make, "mine")(cells)
        cells[index].metadata["nbgrader"] |= {"solution": True, "points": 99}

    cell = restored(change).notebook.cells[index]
    assert {**cell, "id": ""} == {**skeleton.cells[index], "id": ""}


@pytest.mark.parametrize("index", [1, 3])
def test_an_answer_keeps_our_metadata(restored, skeleton, index):
    def change(cells):
        cells[index].metadata["nbgrader"] |= {"points": 99, "locked": True}
        cells[index].metadata["tags"] = ["export"]

    metadata = dict(restored(change).notebook.cells[index].metadata)
    metadata.pop(NOTE)
    assert metadata == skeleton.cells[index].metadata


def test_an_answer_brings_the_outputs_that_were_submitted(restored):
    def change(cells):
        cells[1].outputs = [new_output("stream", text="mine")]

    cell = restored(change).notebook.cells[1]
    assert [output.text for output in cell.metadata[NOTE]["outputs"]] == ["mine"]
    assert cell.outputs == []


@pytest.mark.parametrize("make", [new_markdown_cell, new_code_cell, new_raw_cell])
def test_a_written_answer_has_no_effect_whatever_type_it_was_given(restored, make):
    cell = restored(retype(3, make, EVIL)).notebook.cells[3]
    page = markdown2html(cell.source)
    assert cell.cell_type == "markdown"
    assert not any(part in page for part in ("<script", "href=", "<img"))


@pytest.mark.parametrize("make", [new_markdown_cell, new_raw_cell])
def test_an_answer_in_code_is_run_as_it_was_written_whatever_type_it_was_given(restored, make):
    source = "for x in a[0]:\n    if x <b: print(d[1](x), '![p](q)', '<b>')"
    cell = restored(retype(1, make, source)).notebook.cells[1]
    assert (cell.cell_type, cell.source) == ("code", source)


@pytest.mark.parametrize("make", [new_markdown_cell, new_raw_cell])
def test_a_students_own_text_has_no_effect(restored, make):
    result = restored(lambda cells: cells.append(make(EVIL)))
    page = markdown2html(result.notebook.cells[-1].source)
    assert not any(part in page for part in ("<script", "href=", "<img"))


def test_a_students_own_code_is_run_as_it_was_written(restored):
    source = "for x in a[0]:\n    print(x <b)"
    assert sources(restored(lambda cells: cells.append(new_code_cell(source))))[-1] == source


def test_a_picture_in_a_written_answer_is_shown(restored):
    source = "![p](attachment:p.png)"
    cell = restored(retype(3, new_markdown_cell, source, attachments=PICTURE)).notebook.cells[3]
    assert (cell.source, cell.get("attachments")) == (source, PICTURE)


def test_a_picture_of_a_students_own_is_shown(restored):
    cell = new_markdown_cell("![p](attachment:p.png)", attachments=PICTURE)
    shown = restored(lambda cells: cells.append(cell)).notebook.cells[-1]
    assert (shown.source, shown.get("attachments")) == (cell.source, PICTURE)


def test_a_written_answer_that_was_not_touched_is_still_ours(restored, skeleton):
    cell = restored(retype(3, new_markdown_cell, "Why?<br>")).notebook.cells[3]
    assert cell.source == skeleton.cells[3].source


def test_an_answer_is_found_by_its_grade_id_before_its_cell_id(restored):
    def change(cells):
        cells[1]["id"] = "id-think"

    assert sources(restored(change)) == WHOLE


def test_an_answer_that_lost_its_grade_id_is_found_by_its_cell_id(restored):
    def change(cells):
        cells[1].metadata = {}
        cells[3].metadata = {"nbgrader": {"grade_id": "renamed"}}

    assert sources(restored(change)) == WHOLE


def test_an_own_cell_has_no_say_in_grading(restored):
    def change(cells):
        cells.insert(2, new_code_cell("mine", metadata=ours("bonus", False, True)))

    cell = restored(change).notebook.cells[2]
    assert (cell.source, "nbgrader" in cell.metadata) == ("mine", False)


def test_own_cells_stay_in_their_order_behind_the_cell_they_followed(restored):
    def change(cells):
        cells[2:2] = [new_code_cell("a"), new_markdown_cell("b"), new_code_cell("c")]
        cells.insert(0, new_code_cell("first"))

    wanted = ["first", *WHOLE[:2], "a", "b", "c", *WHOLE[2:]]
    assert sources(restored(change)) == wanted


def test_own_cells_go_with_the_cell_they_followed(restored):
    def change(cells):
        cells.insert(3, new_code_cell("mine"))
        cells.append(cells.pop(0))

    assert sources(restored(change)) == [*WHOLE[:3], "mine", WHOLE[3]]


def test_every_cell_gets_an_id_of_its_own(restored):
    def change(cells):
        cells += [new_code_cell("a", id="same"), new_code_cell("b", id="same")]

    ids = [cell["id"] for cell in restored(change).notebook.cells]
    assert ids == [f"cell-{number}" for number in range(6)]


def test_the_skeleton_is_left_as_it_was(restored, skeleton):
    before = copy.deepcopy(skeleton)
    restored()
    assert skeleton == before


def test_without_a_submission_there_is_nothing_to_tell(skeleton):
    result = restore(skeleton, None)
    assert (sources(result), result.repairs) == ([cell.source for cell in skeleton.cells], [])
