import pytest
from course_folders import add_assignment, code, contents

from grading.course import data
from grading.course.errors import BadCourse
from grading.course.layout import Course
from grading.course.sync import sync
from grading.pipeline.clean import clean, main


def put(root, *names):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("something")


MADE = [
    *("release/1_one/1_one.ipynb", "autograded/student-01/1_one/1_one.ipynb"),
    *("feedback/student-01/1_one/1_one.html", "answer_key/1_one/released.ipynb"),
    *("reports/grades.csv", ".grading.lock", ".grading-x/left.txt", ".stamps/release/made_from"),
    "source/my_tinytorch/tensor.py",
    *("source/1_one/tinytorch/tensor.py", "source/1_one/tinytorch/inner/left.py"),
    *("source/1_one/.ipynb_checkpoints/1_one.ipynb", "grading/__pycache__/a.pyc"),
    *(f"source/1_one/data/{file}" for file in data.FILES.values()),
]
OWN = [
    *("salt.txt", "nbgrader_config.py", "tinytorch_ref/tensor.py", "my.ipynb", "data/train.bin"),
    *("data/__pycache__/a.pyc", ".venv-bench/lib/__pycache__/a.pyc", ".venv/__pycache__/a.pyc"),
    *("source/1_one/notes.txt", "source/1_one/Untitled.ipynb", "source/1_one/extra/x.ipynb"),
    *("source/2_draft/2_draft.ipynb", "source/2_draft/tinytorch/x.py"),
]


@pytest.fixture
def course(tmp_path):
    course = Course(tmp_path)
    add_assignment(course, "1_one", order=1)
    sync(course, "1_one")
    put(tmp_path, *MADE, *OWN)
    return course


def files(root):
    return {str(file.relative_to(root)) for file in root.rglob("*") if file.is_file()}


@pytest.mark.parametrize("name", [*MADE, "source/1_one/1_one.ipynb", "gradebook.db"])
def test_what_was_made_is_removed(course, name):
    put(course.root, "gradebook.db")
    assert clean(course.root) == []
    assert not (course.root / name).exists()


def test_nothing_else_is_removed(course):
    clean(course.root)
    texts = {"source/1_one/1_one.py", "source/1_one/assignment.toml"}
    assert files(course.root) == {*OWN, *texts}


def test_no_empty_folder_is_left_of_what_was_made(course):
    clean(course.root)
    assert not any((course.root / name).exists() for name in ("release", "source/1_one/data"))
    assert {path.name for path in course.source("1_one").iterdir()} == {
        *("1_one.py", "assignment.toml", "notes.txt", "Untitled.ipynb", "extra")
    }


def test_an_instructors_own_data_stay(course):
    put(course.root, "source/1_one/data/weather.csv")
    clean(course.root)
    assert {path.name for path in (course.source("1_one") / "data").iterdir()} == {"weather.csv"}


SUBMITTED = [
    "submitted/student-01/1_one/1_one.ipynb",
    "submitted/student-01/1_one/__pycache__/a.pyc",
]


def test_submissions_and_their_grades_are_kept_and_named(course):
    put(course.root, *SUBMITTED, "gradebook.db")
    assert clean(course.root) == ["submitted/student-01", "gradebook.db"]
    assert {*SUBMITTED, "gradebook.db"} <= files(course.root)
    assert not (course.root / "autograded").exists()


def test_an_empty_folder_of_submissions_is_no_reason_to_keep_grades(course):
    (course.root / "submitted").mkdir()
    put(course.root, "gradebook.db")
    assert clean(course.root) == []
    assert not (course.root / "gradebook.db").exists()


def test_an_edit_made_in_jupyterlab_goes_into_the_text_first(course):
    notebook = course.text("1_one").with_suffix(".ipynb")
    notebook.write_text(notebook.read_text().replace("x = 1", "edited = 1"))
    clean(course.root)
    assert "edited = 1" in course.text("1_one").read_text()


def edit_both(course):
    notebook = course.text("1_one").with_suffix(".ipynb")
    notebook.write_text(notebook.read_text().replace("x = 1", "edited = 1"))
    course.text("1_one").write_text(code("other = 1"))


def test_when_an_edit_would_be_lost_nothing_is_removed(course):
    edit_both(course)
    before = contents(course.root)
    with pytest.raises(BadCourse, match="both changed"):
        clean(course.root)
    assert contents(course.root) == before


def test_the_command_says_what_it_kept(course, monkeypatch, capsys):
    put(course.root, *SUBMITTED, "gradebook.db")
    monkeypatch.chdir(course.root)
    assert main() == 0
    assert capsys.readouterr().out == (
        "kept submitted/student-01: it was not made by these commands\n"
        "kept gradebook.db: it was not made by these commands\n"
    )


def test_the_command_fails_with_a_sentence_when_an_edit_would_be_lost(course, monkeypatch, capsys):
    edit_both(course)
    monkeypatch.chdir(course.root)
    assert main() == 1
    assert capsys.readouterr().err.startswith("Stopped, and removed nothing. 1_one.py and 1_one")


def test_cleaning_twice_is_no_error(course):
    clean(course.root)
    before = contents(course.root)
    assert clean(course.root) == []
    assert contents(course.root) == before
