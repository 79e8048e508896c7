import nbformat
import pytest
from course_folders import contents
from nbformat.v4 import new_code_cell, new_notebook

from grading.course.errors import NotReleased
from grading.course.layout import Course
from grading.course.released import ReleasedNotebook, copy_handout, handed_out

MARKS = {"schema_version": 3, "task": False}
ANSWER = MARKS | {"grade": False, "solution": True, "locked": False, "grade_id": "one"}
TEST = MARKS | {"grade": True, "solution": False, "locked": True, "grade_id": "t", "points": 2}


def notebook(answer="secret = 1"):
    solved = f"### BEGIN SOLUTION\n{answer}\n### END SOLUTION"
    hidden = "### BEGIN HIDDEN TESTS\nhidden = 2\n### END HIDDEN TESTS\nassert shown"
    cells = [
        new_code_cell(solved, metadata={"nbgrader": ANSWER}, outputs=[shown("our own")]),
        new_code_cell(hidden, metadata={"nbgrader": TEST}),
    ]
    return new_notebook(cells=cells)


def shown(text):
    return nbformat.v4.new_output("stream", text=text)


HANDED_OUT = {"data/one.npz", "tinytorch/tensor.py", "notes.txt", "picture.png"}
KEPT = {
    *("01_one.py", "01_one.ipynb", "Untitled.ipynb", "solutions.py", "assignment.toml"),
    *(".ipynb_checkpoints/01_one.ipynb", "__pycache__/a.pyc", "old.pyc"),
    *("tinytorch/__pycache__/tensor.pyc", "data/.ipynb_checkpoints/draft.txt"),
}


@pytest.fixture
def source(tmp_path):
    source = tmp_path / "source" / "01_one"
    for name in HANDED_OUT | KEPT:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(name)
    return source


@pytest.mark.parametrize("name", sorted(KEPT))
def test_what_is_not_for_students_is_not_handed_out(source, tmp_path, name):
    copy_handout(source, tmp_path / "handout")
    assert name not in contents(tmp_path / "handout")
    assert not (tmp_path / "handout" / name).exists()


def test_everything_else_is_handed_out(source, tmp_path):
    copy_handout(source, tmp_path / "handout")
    assert contents(tmp_path / "handout").keys() == HANDED_OUT
    assert [path.name for path in handed_out(source)] == [
        *("data", "notes.txt", "picture.png", "tinytorch")
    ]


@pytest.fixture
def released(tmp_path):
    return ReleasedNotebook(Course(tmp_path), "01_one")


def test_what_is_kept_is_the_notebook_as_it_was_and_the_files_beside_it(released, source):
    released.keep(notebook(), source)
    kept = released.solved()
    assert [cell.source for cell in kept.cells] == [cell.source for cell in notebook().cells]
    assert contents(released.handout).keys() == HANDED_OUT


def test_a_new_release_leaves_nothing_of_the_old_one(released, source):
    (released.folder / "handout.new").mkdir(parents=True)
    (released.folder / "handout.new" / "left.txt").write_text("by a run that was killed")
    released.keep(notebook(), source)
    (source / "notes.txt").unlink()
    (source / "picture.png").write_text("another")
    released.keep(notebook("secret = 2"), source)
    assert contents(released.handout).keys() == HANDED_OUT - {"notes.txt"}
    assert contents(released.handout)["picture.png"] == b"another"
    assert "secret = 2" in released.solved().cells[0].source
    assert {path.name for path in released.folder.iterdir()} == {"handout", "released.ipynb"}


def test_what_was_never_released_says_how_to_release_it(released):
    with pytest.raises(NotReleased) as missing:
        released.solved()
    assert str(missing.value) == (
        "01_one has not been released: run `make release A=01_one`, "
        "or `nbgrader generate_assignment 01_one`."
    )


def test_the_base_of_submissions_has_hidden_tests_and_no_solution(released, source):
    released.keep(notebook(), source)
    answer, test = released.skeleton().cells
    assert "secret" not in answer.source and "NotImplementedError" in answer.source
    assert answer.outputs == []
    assert "hidden = 2" in test.source
    assert answer.metadata.deletable is False and test.metadata.editable is False
    assert answer.metadata.nbgrader.checksum and test.metadata.nbgrader.checksum
