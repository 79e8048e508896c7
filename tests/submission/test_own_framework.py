"""How a student's own framework is put together from what they submitted."""

import json

import numpy as np
import pytest
from nbformat import write
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grading.course.assignment import Assignment, write_assignment
from grading.course.layout import Course
from grading.submission.own_framework import exported, lay_out, own_modules, reference_modules

TWICE = "### BEGIN SOLUTION\nours = 1\n### END SOLUTION"


def code(name, source, solution=False, tags=()):
    ours = {"grade_id": name, "solution": solution, "grade": False, "schema_version": 3}
    ours |= {"locked": not solution, "task": False}
    return new_code_cell(source, metadata={"nbgrader": ours, "tags": list(tags)}, id=f"id-{name}")


def book():
    return new_notebook(
        cells=[
            code("imports", "import numpy as np", tags=["export"]),
            new_markdown_cell("import text", metadata={"tags": ["export"]}),
            code("answer", TWICE, solution=True, tags=["export"]),
            code("scratch", "print('try it')"),
        ]
    )


@pytest.fixture
def course(tmp_path):
    for order, assignment in enumerate(("01_first", "02_second"), 1):
        source = tmp_path / "source" / assignment
        source.mkdir(parents=True)
        module = assignment.partition("_")[2]
        write_assignment(source, Assignment(assignment, "A title", order, module))
        kept = tmp_path / "answer_key" / assignment
        kept.mkdir(parents=True)
        write(book(), kept / "released.ipynb")
    return Course(tmp_path)


def submit(course, assignment, *extra, answer="theirs = 2", name=None):
    notebook = book()
    notebook.cells[2].source = answer
    notebook.cells += extra
    folder = course.submitted("student-01", assignment)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name or assignment}.ipynb").write_text(json.dumps(notebook))
    return folder


def test_a_module_holds_our_imports_and_the_students_answers(course):
    submit(course, "01_first")
    wanted = "import numpy as np\n\n\ntheirs = 2\n"
    assert own_modules(course, "student-01") == {"first": wanted}


def test_each_assignment_gives_its_module(course):
    submit(course, "01_first", answer="a = 1")
    submit(course, "02_second", answer="b = 2")
    modules = own_modules(course, "student-01")
    assert list(modules) == ["first", "second"]
    assert "a = 1" in modules["first"] and "b = 2" in modules["second"]


@pytest.mark.parametrize("content", ["not a notebook", "[]"])
def test_what_cannot_be_read_is_left_out_and_the_others_kept(course, content):
    file = submit(course, "01_first") / "01_first.ipynb"
    file.write_text(content)
    submit(course, "02_second")
    assert list(own_modules(course, "student-01")) == ["second"]


def test_a_lone_notebook_of_another_name_counts_as_in_grading(course):
    submit(course, "01_first", name="my work")
    assert list(own_modules(course, "student-01")) == ["first"]


def test_another_students_work_is_not_taken(course):
    submit(course, "01_first")
    assert own_modules(course, "student-02") == {}


def test_a_students_own_cell_is_no_part_of_the_module_whatever_its_tags(course):
    submit(course, "01_first", new_code_cell("mine = 3", metadata={"tags": ["export"]}))
    assert "mine" not in own_modules(course, "student-01")["first"]


def test_an_answer_that_was_deleted_leaves_the_stub(course):
    file = submit(course, "01_first") / "01_first.ipynb"
    notebook = json.loads(file.read_text())
    del notebook["cells"][2]
    file.write_text(json.dumps(notebook))
    module = own_modules(course, "student-01")["first"]
    assert "NotImplementedError" in module and "ours" not in module


def test_our_own_modules_hold_our_solutions_without_marks(course):
    wanted = "import numpy as np\n\n\nours = 1\n"
    assert reference_modules(course) == {"first": wanted, "second": wanted}


def test_only_code_that_is_tagged_is_exported():
    assert exported(book()) == "import numpy as np\n\n\nours = 1\n"


@pytest.fixture(autouse=True)
def uncompressed(monkeypatch):
    """Save the time of compressing the digits."""
    monkeypatch.setattr(np, "savez_compressed", np.savez)


def test_a_framework_is_laid_out_with_what_it_is_tried_on(tmp_path):
    lay_out({"tensor": "mine = 1\n"}, tmp_path)
    package = tmp_path / "tinytorch"
    assert (package / "tensor.py").read_text() == "mine = 1\n"
    assert {"__init__.py", "milestones.py"} <= {file.name for file in package.iterdir()}
    assert (tmp_path / "data" / "digits.npz").exists()


def test_nothing_of_an_earlier_framework_is_left(tmp_path):
    lay_out({"tensor": "mine = 1\n", "stray": "x = 1\n"}, tmp_path)
    lay_out({"tensor": "mine = 2\n"}, tmp_path)
    names = {file.name for file in (tmp_path / "tinytorch").iterdir()}
    assert "stray.py" not in names
    assert (tmp_path / "tinytorch" / "tensor.py").read_text() == "mine = 2\n"


def test_labels_of_the_test_images_are_not_laid_out(tmp_path):
    lay_out({}, tmp_path)
    assert [file.name for file in (tmp_path / "data").iterdir()] == ["digits.npz"]
