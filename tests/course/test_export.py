import pytest

from grading.course.export import export, module_text
from grading.course.layout import Course
from grading.sandbox.settings import PROJECT

COURSE = Course(PROJECT)


@pytest.mark.parametrize("assignment", COURSE.assignments())
def test_the_committed_reference_is_what_the_notebook_says(assignment):
    module = PROJECT / "tinytorch_ref" / f"{assignment.partition('_')[2]}.py"
    assert module.read_text() == module_text(COURSE.text(assignment)), "run `make export`"


def test_no_module_is_without_a_notebook():
    names = {file.stem for file in (PROJECT / "tinytorch_ref").glob("*.py")} - {"__init__"}
    assert names == {assignment.partition("_")[2] for assignment in COURSE.assignments()}


CELLS = """\
# %%
print("not exported")

# %% tags=["export"]
import numpy as np

from tinytorch.setup import generator


def one():
    ### BEGIN SOLUTION
    return np.ones(generator())
    ### END SOLUTION


# %% tags=["export"]
import math


def two():
    return math.sqrt(4)
"""


def test_a_module_holds_the_exported_cells_with_imports_first(tmp_path):
    (tmp_path / "source" / "05_pair").mkdir(parents=True)
    notebook = tmp_path / "source" / "05_pair" / "05_pair.py"
    notebook.write_text(CELLS)
    text = module_text(notebook)
    assert text.startswith('"""Made from source/05_pair/05_pair.py')
    body = text[: text.index("def one")]
    assert "import math" in body and "from .setup import generator" in body
    assert "SOLUTION" not in text and "not exported" not in text


def test_a_module_whose_notebook_is_gone_is_removed(tmp_path):
    folder = tmp_path / "source" / "05_pair"
    folder.mkdir(parents=True)
    (folder / "05_pair.py").write_text(CELLS)
    course = Course(tmp_path)
    export(course)
    (tmp_path / "tinytorch_ref" / "stray.py").write_text("")
    export(course)
    assert not (tmp_path / "tinytorch_ref" / "stray.py").exists()


def test_exporting_again_writes_nothing(tmp_path):
    folder = tmp_path / "source" / "05_pair"
    folder.mkdir(parents=True)
    (folder / "05_pair.py").write_text(CELLS)
    assert export(Course(tmp_path))
    assert export(Course(tmp_path)) == []
