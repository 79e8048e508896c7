import subprocess
import sys

import pytest
from course_folders import add_assignment, code, contents, exported, times

from grading.course.errors import BadCourse
from grading.course.export import export, module_text, unformatted_module
from grading.course.layout import Course
from grading.sandbox.settings import PROJECT

COURSE = Course(PROJECT)


MAKE_A_MODULE = [one.name for one in COURSE.read_assignments() if one.module]


@pytest.mark.parametrize("assignment", MAKE_A_MODULE)
def test_the_committed_reference_is_what_the_notebook_says(assignment):
    module = PROJECT / "tinytorch_ref" / f"{COURSE.assignment(assignment).module}.py"
    assert module.read_text() == module_text(COURSE.text(assignment)), "run `make export`"


def test_no_module_is_without_a_notebook():
    names = {file.stem for file in (PROJECT / "tinytorch_ref").glob("*.py")} - {"__init__"}
    assert names == set(COURSE.modules())


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
    course = Course(tmp_path)
    add_assignment(course, "05_pair", exported("x = 1"), order=5, module="pair")
    export(course)
    (tmp_path / "tinytorch_ref" / "stray.py").write_text("")
    export(course)
    assert contents(course.reference).keys() == {"__init__.py", "pair.py"}


def test_exporting_again_writes_nothing(tmp_path):
    course = Course(tmp_path)
    add_assignment(course, "05_pair", exported("x = 1"), order=5, module="pair")
    assert [file.name for file in export(course)] == ["__init__.py", "pair.py"]
    before = times(tmp_path)
    assert export(course) == []
    assert times(tmp_path) == before


# --- what is refused, and that nothing has changed then


@pytest.fixture
def course(tmp_path):
    """Return a course of two modules, the second built on the first, with a reference of before."""
    course = Course(tmp_path)
    add_assignment(course, "1_tensor", exported("class Tensor: ..."), order=1, module="tensor")
    layers = "from tinytorch.tensor import Tensor\nclass Linear(Tensor): ..."
    add_assignment(course, "2_layers", exported(layers), order=2, module="layers")
    export(course)
    (course.reference / "stray.py").write_text("STRAY = 1")
    return course


def refused(course):
    before = times(course.root)
    with pytest.raises(BadCourse) as complaint:
        export(course)
    assert times(course.root) == before
    return str(complaint.value)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("x = unknown", "NameError: name 'unknown' is not defined"),
        ("import nowhere", "ModuleNotFoundError: No module named 'nowhere'"),
        ("raise ValueError('two\\nlines.')", "ValueError: two lines"),
        ("print('quiet')\nraise SystemExit", "SystemExit:"),
        ("from tinytorch import layers", "ModuleNotFoundError: No module named 'tinytorch'"),
    ],
)
def test_a_module_that_cannot_be_imported_is_refused_and_all_is_left_as_it_was(
    course, source, reason
):
    add_assignment(course, "1_tensor", exported(source), order=1, module="tensor")
    assert refused(course) == (
        f"The module tensor, as exported, cannot be imported: {reason}. "
        "Mend the cells of 1_tensor that are tagged `export`."
    )


def test_a_module_that_another_one_breaks_is_refused_though_it_has_not_changed(course):
    source = "def Tensor(): ..."
    add_assignment(course, "1_tensor", exported(source), order=1, module="tensor")
    assert refused(course).startswith("The module layers, as exported, cannot be imported: Type")


def test_an_import_outside_exported_cells_is_refused_by_name(course):
    cells = (code("import numpy as np\nimport os.path"), exported("x = np.ones(3), os.sep"))
    add_assignment(course, "1_tensor", *cells, order=1, module="tensor")
    assert refused(course) == (
        "source/1_tensor/1_tensor.py: exported cells use np, os, which no exported cell imports: "
        "move the import into a cell tagged `export`."
    )


def test_such_an_import_is_found_beside_lines_for_ipython(course):
    cells = (code("%matplotlib inline\nfrom math import sqrt"), exported("x = sqrt(4)"))
    add_assignment(course, "1_tensor", *cells, order=1, module="tensor")
    assert "use sqrt, which no exported cell imports" in refused(course)


@pytest.mark.parametrize(
    "source",
    [
        "import numpy as np\nx = np.ones(3)",
        "def f(np):\n    return np",
        "np = 3\nx = np",
        "def np(): ...\nnp()",
        "class np: ...\nnp()",
        "x = 'np'",
        "x = [np for np in range(3)]",
    ],
)
def test_a_name_that_an_exported_cell_gives_itself_is_no_such_import(course, source):
    add_assignment(
        course, "1_tensor", code("import numpy as np"), exported(source), order=1, module="tensor"
    )
    unformatted_module(course.text("1_tensor"))


def test_an_exported_cell_that_is_no_python_is_refused_with_its_line(course):
    cells = (exported("x = 1"), exported("y = 2\n%matplotlib inline"))
    add_assignment(course, "1_tensor", *cells, order=1, module="tensor")
    assert refused(course) == (
        "source/1_tensor/1_tensor.py: an exported cell is no Python at '%matplotlib inline': "
        "invalid syntax."
    )


def test_only_what_changed_is_written_and_returned(course):
    (course.reference / "stray.py").unlink()
    before = times(course.reference)
    add_assignment(course, "1_tensor", exported("class Tensor: one = 1"), order=1, module="tensor")
    assert export(course) == [course.reference / "tensor.py"]
    changed = {name for name, time in times(course.reference).items() if before[name] != time}
    assert changed == {"tensor.py"}


def test_a_module_of_another_name_takes_the_place_of_the_old_one(course):
    add_assignment(course, "1_tensor", exported("class Tensor: ..."), order=1, module="array")
    layers = "from tinytorch.array import Tensor\nclass Linear(Tensor): ..."
    add_assignment(course, "2_layers", exported(layers), order=2, module="layers")
    assert {file.name for file in export(course)} == {"__init__.py", "array.py", "layers.py"}
    assert contents(course.reference).keys() == {"__init__.py", "array.py", "layers.py"}


def test_an_assignment_that_makes_no_module_is_not_exported(course):
    add_assignment(course, "3_essay", code("x = 1"), order=3)
    export(course)
    assert contents(course.reference).keys() == {"__init__.py", "tensor.py", "layers.py"}


@pytest.mark.parametrize(
    ("source", "imports", "rest"),
    [
        ("import math; import os\nx = 1", ["import math; import os"], "x = 1"),
        (
            "from os import (\n    sep,\n    path,\n)\nx = 1",
            ["from os import (\n    sep,\n    path,\n)"],
            "x = 1",
        ),
        ("x = 1\nimport os\ny = 2\nimport math", ["import os", "import math"], "x = 1\ny = 2"),
        ("def f():\n    import os", [], "def f():\n    import os"),
    ],
)
def test_imports_come_first_whole_and_nothing_is_lost(tmp_path, source, imports, rest):
    course = Course(tmp_path)
    add_assignment(course, "1_one", exported(source), order=1, module="one")
    _, *parts = unformatted_module(course.text("1_one")).split("\n\n")
    assert [part.strip() for part in parts if part.strip()] == [
        *(["\n".join(imports)] if imports else []),
        rest,
    ]


def test_the_same_import_in_two_cells_is_made_once(tmp_path):
    course = Course(tmp_path)
    cells = (exported("import math\nx = math.pi"), exported("import math\ny = math.e"))
    add_assignment(course, "1_one", *cells, order=1, module="one")
    assert unformatted_module(course.text("1_one")).count("import math") == 1


def test_modules_are_formatted_alike_wherever_the_command_is_run(course, tmp_path, monkeypatch):
    long = "x = [" + ", ".join(f'"{number:06}"' for number in range(9)) + "]"
    add_assignment(course, "1_tensor", exported(long), order=1, module="tensor")
    here = module_text(course.text("1_tensor"))
    assert long in here
    monkeypatch.chdir(tmp_path)
    assert module_text(course.text("1_tensor")) == here


def test_importing_the_package_gives_what_its_modules_define(course):
    source = "from math import pi\nclass Tensor: ...\ndef one(): ...\ndef _own(): ...\nnone = one()"
    source += "\nPair = tuple"
    add_assignment(course, "1_tensor", exported(source), order=1, module="tensor")
    export(course)
    command = "import tinytorch_ref; print([n for n in vars(tinytorch_ref) if n[:2] != '__'])"
    done = subprocess.run(
        [sys.executable, "-B", "-c", command], cwd=course.root, capture_output=True, text=True
    )
    assert done.stdout == "['tensor', 'Tensor', 'none', 'one', 'layers', 'Linear']\n", done.stderr
