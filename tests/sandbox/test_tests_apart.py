"""In a real kernel, warm or cold: what a student does to names and surroundings is harmless."""

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grading.sandbox.archive import NOTHING
from grading.sandbox.execute import run_notebook
from grading.sandbox.kernel import Files
from grading.sandbox.settings import Sandbox

pytestmark = pytest.mark.slow

ASKED = {"asked": {"double": "a"}, "given": {}, "imports": {"np": "import numpy as np"}}
TEST = {"test": ASKED | {"shown": ["seen"]}}
REBIND = """
import builtins, os, random, sys, warnings
import numpy as np
np.seterr(all="raise")
np.set_printoptions(precision=1)
warnings.simplefilter("error")
sys.setrecursionlimit(200)
os.chdir("/")
os.environ.clear()
sys.path.clear()
sum = abs = len = check = _x = 0
np = 3
builtins.print = None
"""
CELLS = {
    "answer": ("def double(x): return 2 * x", {"gives": {"a": ["double"]}}),
    "rebind": (REBIND, {}),
    "test": (
        "from grading import check\n_x = [1, 2]\n"
        "check('doubled', lambda: double(sum(_x)) + len(_x))\n"
        "print(np.array([1 / 3]), np.float64(1) / np.zeros(1), check.rng('a').integers(9) < 9)\n"
        "seen = abs(-4)",
        TEST,
    ),
    "own": ("sum, abs, len, np, seen, _x, builtins.print", {}),
    "ends in a value": ("seen + 1", TEST),
    "fails": ("1 / 0", TEST),
    "runs too long": ("while True: pass", TEST),
    "own again": ("builtins.print is None and 'Apart' not in globals() and sum", {}),
    "draws": ("import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()", TEST),
}


@pytest.fixture(scope="module", params=[True, False], ids=["warm", "cold"])
def ran(request):
    notebook = new_notebook(cells=[new_code_cell(source) for source, _ in CELLS.values()])
    about = [one for _, one in CELLS.values()]
    settings = Sandbox(warm=request.param, cell_seconds=3)
    files = Files(NOTHING, NOTHING, NOTHING)
    run = run_notebook(notebook, files, settings, "the salt", about=about)
    assert run.ended == "complete" and not run.cold
    return dict(zip(CELLS, run.cells, strict=True))


def shown(cell):
    return "".join(o.get("text", o.get("data", {}).get("text/plain", "")) for o in cell.outputs)


def test_a_test_reports_and_prints_as_if_nothing_had_been_changed(ran):
    assert ran["test"].status == "ran"
    assert [raw["value"] for raw in ran["test"].evidence] == [{"t": "int", "v": "8"}]
    printed = "".join(o.text for o in ran["test"].outputs if o.get("name") == "stdout")
    assert printed == "[0.33333333] [inf] True\n"


def test_afterwards_all_is_as_the_student_has_left_it_and_what_is_shown_is_there(ran):
    assert shown(ran["own"]) == "(0, 0, 0, 3, 4, 0, None)"


def test_a_test_may_end_in_a_value(ran):
    assert shown(ran["ends in a value"]) == "5"


def test_an_error_in_a_test_is_shown_to_graders_with_its_place(ran):
    assert ran["fails"].error == "ZeroDivisionError"
    assert "Cell" in str(ran["fails"].outputs[0].traceback)


def test_after_a_test_that_was_interrupted_a_students_cells_have_their_own_names(ran):
    assert ran["runs too long"].status == "interrupted"
    assert shown(ran["own again"]) == "0"


def test_a_figure_of_a_test_is_shown(ran):
    assert "<Figure" in shown(ran["draws"])
