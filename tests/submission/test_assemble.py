"""From a submitted folder to the notebook that is run."""

import json

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grading.course.layout import Course
from grading.course.released import ReleasedNotebook
from grading.submission.assemble import assemble
from grading.submission.own_framework import original
from grading.submission.read import read_submission

SOLUTION = "def f(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION"


def cell(name, source, **ours):
    ours = {"grade": False, "solution": False, "locked": True, "grade_id": name} | ours
    return new_code_cell(source, metadata={"nbgrader": ours | {"schema_version": 3}}, id=name)


def book(answer=SOLUTION):
    answered = cell("f", answer, solution=True, locked=False)
    return new_notebook(cells=[answered, cell("test-f", "assert f(1)", grade=True, points=1)])


@pytest.fixture
def released(tmp_path):
    released = ReleasedNotebook(Course(tmp_path / "course"), "one")
    released.folder.mkdir(parents=True)
    released.file.write_text(json.dumps(book()))
    return released


@pytest.fixture
def put_together(released, tmp_path):
    """A function that hands in files of these texts, or notebooks of these answers."""

    def put_together(**files):
        for name, text in files.items():
            file = tmp_path / "submitted" / name.replace("__", "/").replace("_", " ")
            file = file.with_name(f"{file.name}.ipynb") if "." not in file.name else file
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text if text.startswith("{cut") else json.dumps(book(text)))
        (tmp_path / "submitted").mkdir(exist_ok=True)
        return assemble(original(released), tmp_path / "submitted")

    return put_together


UNTOUCHED = "def f(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
MINE, OTHER = "def f(x):\n    return x", "def f(x):\n    return -x"
CUT = "{cut off"


def answer(assembled):
    return assembled.notebook.cells[0].source


def test_a_whole_submission_is_certain(put_together):
    assembled = put_together(one=MINE)
    assert (answer(assembled), assembled.doubt.about) == (MINE, ())
    assert assembled.repairs == [] and assembled.readable


def test_the_files_that_go_along_are_those_beside_the_notebook(put_together, tmp_path):
    assert put_together(a__one=MINE).folder == tmp_path / "submitted" / "a"


@pytest.mark.parametrize(
    "files",
    [
        {"one": MINE, "one_1": UNTOUCHED},
        {"one": MINE, "scratch": OTHER},
        {"one": MINE, "a__one": OTHER},
        {"one_1": MINE, "one_2": MINE},
        {"one_1": MINE, "one_2": UNTOUCHED},
        {"one_1": MINE, "scratch": OTHER},
    ],
)
def test_a_file_that_is_plainly_the_notebook_is_certain(put_together, files):
    assembled = put_together(**files)
    assert answer(assembled) == MINE
    assert not [about for about in assembled.doubt.about if "several" in about]


@pytest.mark.parametrize(
    "files",
    [
        {"one": UNTOUCHED, "one_1": MINE},
        {"one": CUT, "one_1": MINE},
        {"one_2": MINE, "one_1": OTHER},
        {"a": MINE, "b": OTHER},
        {"a__one": MINE, "b__one": OTHER},
    ],
)
def test_where_another_file_may_be_meant_a_person_decides(put_together, files):
    assembled = put_together(**files)
    assert answer(assembled) == MINE and assembled.doubt.waits == {"test-f"}
    assert len(assembled.doubt.about) == 1


def test_no_more_is_read_of_several_notebooks_than_of_one(put_together, monkeypatch):
    monkeypatch.setattr("grading.submission.assemble.MAX_BYTES", 2_000)
    read = []

    def note(path):
        read.append(path.name)
        return read_submission(path)

    monkeypatch.setattr("grading.submission.assemble.read_submission", note)
    put_together(one_1=UNTOUCHED, one_2=UNTOUCHED, one_3=MINE + "\n" * 3_000)
    assert read == ["one 3.ipynb"]


def test_a_notebook_that_cannot_be_read_waits_for_a_person(put_together):
    assembled = put_together(one=CUT)
    assert answer(assembled) == UNTOUCHED and not assembled.readable
    assert assembled.doubt.waits == {"test-f"} and "not JSON" in assembled.doubt.about[0]


def test_files_without_a_notebook_wait_for_a_person(put_together, tmp_path):
    (tmp_path / "submitted").mkdir()
    (tmp_path / "submitted" / "one.py").write_text(MINE)
    assert put_together().doubt.waits == {"test-f"}


def test_a_folder_without_files_is_certainly_nothing(put_together, tmp_path):
    (tmp_path / "submitted").mkdir()
    (tmp_path / "submitted" / "timestamp.txt").write_text("2026-09-14 12:00:00 UTC")
    assembled = put_together()
    assert assembled.doubt.waits == frozenset() and "no notebook" in assembled.repairs[0]


def test_a_notebook_in_which_nothing_was_answered_is_certain(put_together):
    assert put_together(one=UNTOUCHED).doubt.waits == frozenset()
