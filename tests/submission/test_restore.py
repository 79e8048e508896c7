import copy
import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grading.course.cells import NOTE
from grading.submission.find import Unreadable
from grading.submission.read import TOO_LONG, read_submission
from grading.submission.restore import restore


def code(name, source, solution=False):
    ours = {"grade_id": name, "schema_version": 3, "solution": solution, "grade": not solution}
    return new_code_cell(source, metadata={"nbgrader": ours}, id=f"id-{name}")


@pytest.fixture
def skeleton():
    cells = [
        code("one", "stub 1", solution=True),
        code("test-one", "assert 1"),
        code("two", "stub 2", solution=True),
        code("test-two", "assert 2"),
    ]
    return new_notebook(cells=cells)


def submit(skeleton, tmp_path, *change):
    """Write a submission with answers, changed, and read it back as the grader does."""
    notebook = copy.deepcopy(skeleton)
    for cell in notebook.cells[::2]:
        cell.source = f"answer {cell.source[-1]}"
    for do in change:
        do(notebook.cells)
    file = tmp_path / "notebook.ipynb"
    file.write_text(json.dumps(notebook))
    return read_submission(file)


def sources(restored):
    return [cell.source for cell in restored.notebook.cells]


WHOLE = ["answer 1", "assert 1", "answer 2", "assert 2"]


def test_answers_stand_among_our_cells(skeleton, tmp_path):
    restored = restore(skeleton, submit(skeleton, tmp_path))
    assert sources(restored) == WHOLE and restored.repairs == []


def drop(index):
    return lambda cells: cells.pop(index)


def edit(index, source):
    return lambda cells: cells[index].update(source=source)


def swap(cells):
    cells[:] = cells[::-1]


def repeat(cells):
    cells.append(copy.deepcopy(cells[1]))


def forge_points(cells):
    cells[1].metadata["nbgrader"]["points"] = 1000


def unlock(cells):
    cells[1].metadata["nbgrader"]["solution"] = True
    cells[1].source = "pass"


@pytest.mark.parametrize(
    "change",
    [drop(1), edit(1, "pass"), swap, repeat, forge_points, unlock],
    ids=["deleted", "edited", "reordered", "repeated", "points forged", "unlocked"],
)
def test_a_changed_test_cell_is_put_back(skeleton, tmp_path, change):
    restored = restore(skeleton, submit(skeleton, tmp_path, change))
    assert sources(restored) == WHOLE
    assert restored.notebook.cells[1].metadata == skeleton.cells[1].metadata


@pytest.mark.parametrize(
    ("change", "word"), [(drop(1), "missing"), (repeat, "2 times"), (swap, "order")]
)
def test_a_repair_is_told(skeleton, tmp_path, change, word):
    assert word in " ".join(restore(skeleton, submit(skeleton, tmp_path, change)).repairs)


def test_a_deleted_answer_leaves_the_stub(skeleton, tmp_path):
    restored = restore(skeleton, submit(skeleton, tmp_path, drop(0)))
    assert sources(restored) == ["stub 1", *WHOLE[1:]]


def test_an_answer_that_became_markdown_is_code_again(skeleton, tmp_path):
    def retype(cells):
        ours = cells[0].metadata
        cells[0] = new_markdown_cell("answer 1", metadata=ours)

    restored = restore(skeleton, submit(skeleton, tmp_path, retype))
    assert sources(restored) == WHOLE and restored.notebook.cells[0].cell_type == "code"


def test_of_an_answer_given_twice_both_count_in_their_order(skeleton, tmp_path):
    def again(cells):
        cells.insert(1, code("one", "answer 1b", solution=True))

    assert sources(restore(skeleton, submit(skeleton, tmp_path, again)))[0] == "answer 1\nanswer 1b"


def test_an_answer_without_metadata_is_found_by_its_cell_id(skeleton, tmp_path):
    def strip(cells):
        for cell in cells:
            cell.metadata.clear()

    assert sources(restore(skeleton, submit(skeleton, tmp_path, strip))) == WHOLE


def test_a_students_own_cells_stay_behind_the_cell_they_followed(skeleton, tmp_path):
    def add(cells):
        cells.insert(1, new_code_cell("mine"))
        cells.insert(0, new_markdown_cell("first"))

    restored = restore(skeleton, submit(skeleton, tmp_path, add))
    assert sources(restored) == ["first", "answer 1", "mine", "assert 1", "answer 2", "assert 2"]


def test_a_cell_that_claims_an_unknown_id_is_the_students_own(skeleton, tmp_path):
    def claim(cells):
        cells.append(code("bonus", "points please"))

    restored = restore(skeleton, submit(skeleton, tmp_path, claim))
    assert "nbgrader" not in restored.notebook.cells[-1].metadata


def test_a_cell_of_enormous_length_is_left_out(skeleton, tmp_path):
    restored = restore(skeleton, submit(skeleton, tmp_path, edit(0, "x = 1\n" * 100_000)))
    assert sources(restored)[0] == TOO_LONG


def test_submitted_outputs_are_kept_for_the_student(skeleton, tmp_path):
    def run(cells):
        cells[0].outputs = [nbformat.v4.new_output("stream", text="hello")]

    restored = restore(skeleton, submit(skeleton, tmp_path, run))
    assert restored.notebook.cells[0].metadata[NOTE]["outputs"][0].text == "hello"


def test_no_submission_leaves_the_skeleton(skeleton):
    assert sources(restore(skeleton, None)) == [cell.source for cell in skeleton.cells]


OLD_FORMAT = {
    "nbformat": 3,
    "nbformat_minor": 0,
    "metadata": {},
    "worksheets": [
        {"cells": [{"cell_type": "code", "input": "x = 1", "outputs": [], "language": "python"}]}
    ],
}


def test_a_notebook_of_format_3_is_read(tmp_path):
    file = tmp_path / "old.ipynb"
    file.write_text(json.dumps(OLD_FORMAT))
    assert read_submission(file).cells[0].source == "x = 1"


def test_a_notebook_of_a_future_format_is_read(skeleton, tmp_path):
    notebook = skeleton | {"nbformat": 5, "nbformat_minor": 9}
    file = tmp_path / "new.ipynb"
    file.write_text(json.dumps(notebook))
    assert len(read_submission(file).cells) == 4


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04",
        b"\xff\xfe\x00",
        b"[]",
        b"{}",
        b'{"nbformat": 4, "cells": 3}',
        b'{"nbformat": 4, "cells": [1]}',
        b'{"nbformat": "x"}',
        b"[" * 100_000,
        b'{"cells": [], "nbformat": 2}',
    ],
)
def test_what_is_no_notebook_is_called_unreadable(content, tmp_path):
    file = tmp_path / "notebook.ipynb"
    file.write_bytes(content)
    with pytest.raises(Unreadable):
        read_submission(file)


def test_a_link_is_not_followed(skeleton, tmp_path):
    (tmp_path / "real.ipynb").write_text(json.dumps(skeleton))
    assert read_submission(tmp_path / "real.ipynb").cells
    (tmp_path / "link.ipynb").symlink_to(tmp_path / "real.ipynb")
    with pytest.raises(Unreadable):
        read_submission(tmp_path / "link.ipynb")
