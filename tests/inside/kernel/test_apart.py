"""Test cells have names and surroundings of their own; no kernel is started for it."""

import builtins
import dataclasses
import locale
import math
import os
import pickle
import random
import sys
import warnings
from contextlib import nullcontext
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from grading.inside.kernel import apart
from grading.inside.kernel.apart import Apart
from grading.inside.kernel.surroundings import MODULES

TEST = {"asked": {}, "given": {}, "imports": {}, "shown": []}


class Kernel:
    """Runs cells among a student's names or the tests', as a shell does."""

    def __init__(self):
        module = ModuleType("a_notebook")
        self.theirs = vars(module)
        self.shell = SimpleNamespace(
            user_module=module,
            user_ns=self.theirs,
            builtin_trap=nullcontext(),
            ast_transformers=[],
        )
        self.apart = Apart(self.shell)

    def own(self, source, **gives):
        """Run a cell that is no test."""
        self._run(source, {"gives": gives})

    def test(self, source, **test):
        """Run a test, and return what it calls `got`."""
        names = self._run(source, {"test": TEST | test})
        return names.get("got")

    def _run(self, source, about):
        with self.apart.cell(about):
            names = vars(self.shell.user_module)
            assert names is self.shell.user_ns
            exec(source, names, self.shell.user_ns)
            return names


@pytest.fixture
def kernel(monkeypatch):
    monkeypatch.setitem(sys.modules, apart.MODULE, None)
    return Kernel()


@pytest.mark.parametrize("name", ["sum", "abs", "len", "range", "print", "isinstance", "list"])
def test_pythons_own_names_are_pythons(kernel, name):
    kernel.own(f"{name} = 0")
    assert kernel.test(f"got = {name}") is getattr(builtins, name)
    assert kernel.test(f"def f(): return {name}\ngot = f()") is getattr(builtins, name)
    assert kernel.test(f"class C: x = {name}\ngot = C.x") is getattr(builtins, name)
    assert kernel.theirs[name] == 0


def test_what_tests_have_bound_is_theirs_from_one_to_the_next(kernel):
    kernel.test("x = 1\ndef f(): return x")
    kernel.own("x = 2\nf = None")
    assert kernel.test("got = f()") == 1


def test_what_tests_bind_is_not_among_the_students_names_unless_it_is_shown(kernel):
    kernel.test("x, y = 1, 2", shown=["y", "z"])
    assert "x" not in kernel.theirs and kernel.theirs["y"] == 2 and "z" not in kernel.theirs


def test_what_is_shown_is_shown_after_an_error_too(kernel):
    with pytest.raises(ZeroDivisionError):
        kernel.test("x = 1\n1 / 0\ny = 2", shown=["x", "y"])
    assert kernel.theirs["x"] == 1 and "y" not in kernel.theirs
    assert kernel.shell.user_ns is kernel.theirs


def test_what_is_asked_for_comes_from_the_student_as_it_is_now(kernel):
    kernel.own("def f(): return 1", a=["f"])
    kernel.test("x = 1")
    kernel.own("def f(): return 2")
    assert kernel.test("got = f()", asked={"f": "a"}) == 2
    assert kernel.test("class C: x = f()\ngot = C.x", asked={"f": "a"}) == 2


def test_a_student_may_be_asked_for_what_python_has_too(kernel):
    kernel.own("def sum(numbers): return 'mine'")
    assert kernel.test("got = sum([1, 2])", asked={"sum": "a"}) == "mine"
    assert kernel.test("got = sum([1, 2])") == 3


def test_what_python_has_too_is_pythons_where_the_student_has_none(kernel):
    assert kernel.test("got = sum([1, 2])", asked={"sum": "a"}) == 3


def test_what_is_asked_for_and_nowhere_is_no_name(kernel):
    with pytest.raises(NameError, match="'f'"):
        kernel.test("f", asked={"f": "a"})


def test_a_function_that_has_become_its_result_is_what_it_was(kernel):
    kernel.own("def f(): return 1", a=["f"])
    kernel.own("f = f()")
    assert kernel.test("got = f()", asked={"f": "a"}) == 1
    kernel.own("del f")
    assert kernel.test("got = f()", asked={"f": "a"}) == 1


def test_a_number_that_is_asked_for_is_what_it_is_now(kernel):
    kernel.own("rate = 1", a=["rate"])
    kernel.own("rate = 2")
    assert kernel.test("got = rate", asked={"rate": "a"}) == 2


def test_what_is_given_is_as_it_was_given(kernel):
    kernel.own("images = [1]", ours=["images", "missing"])
    kernel.own("images = 3")
    assert kernel.test("got = images", given={"images": "ours"}) == [1]


def test_what_is_given_takes_the_place_of_what_a_test_has_bound_before(kernel):
    kernel.test("x = 1")
    kernel.own("x = 2", ours=["x"])
    assert kernel.test("got = x", given={"x": "ours"}) == 2


@pytest.mark.parametrize("known", [{"given": {"x": "ours"}}, {"asked": {"x": "ours"}}])
def test_what_was_not_given_as_released_is_the_students(kernel, known):
    kernel.test("x = 1")
    kernel.own("x = 2", another=["x"])
    assert kernel.test("got = x", **known) == 2


def test_a_given_function_looks_names_up_among_those_of_tests(kernel):
    kernel.own("import math\ndef f(*, x=2): return math.sqrt(x), sum([x])", ours=["f"])
    kernel.own("math = sum = 0")
    imports = {"math": "import math"}
    assert kernel.test("got = f(x=4)", given={"f": "ours"}, imports=imports) == (2.0, 4)
    assert kernel.test("got = f()[1]", given={"f": "ours"}, imports=imports) == 2


def test_a_given_function_that_changes_names_of_the_notebook_changes_the_students(kernel):
    kernel.own("n = 0\ndef f():\n  global n\n  n += 1\n  return n", ours=["f"])
    kernel.test("f()", given={"f": "ours"})
    assert kernel.theirs["n"] == 1


def test_given_classes_and_what_was_imported_stay_the_same(kernel):
    kernel.own("from os.path import join\nclass C: pass", ours=["join", "C"])
    given = {"join": "ours", "C": "ours"}
    assert kernel.test("got = C, join", given=given) == (kernel.theirs["C"], os.path.join)


def test_imports_are_made_for_tests(kernel):
    kernel.own("np = 3")
    assert kernel.test("got = np", imports={"np": "import numpy as np"}) is np
    kernel.own("del np")
    assert kernel.test("got = np", imports={"np": "import numpy as np"}) is np


def test_what_cannot_be_imported_is_the_students(kernel):
    kernel.own("mine = 3")
    assert kernel.test("got = mine", imports={"mine": "import there.is.none as mine"}) == 3


def test_whatever_else_a_test_names_is_the_students(kernel):
    kernel.own("x = 1")
    assert kernel.test("def f(): return x\ngot = f()") == 1
    with pytest.raises(NameError):
        kernel.test("y")


def test_functions_of_the_students_look_names_up_among_theirs(kernel):
    kernel.own("sum = max\ndef f(): return sum([1, 2])", a=["f"])
    assert kernel.test("got = f()", asked={"f": "a"}) == 2


def test_a_test_can_change_what_the_students_functions_see(kernel):
    kernel.own("n = 1\ndef change():\n  global n\n  n = 5", a=["n", "change"])
    assert kernel.test("change(); got = n", asked={"n": "a", "change": "a"}) == 5


def test_classes_made_in_tests_are_classes_like_any_other(kernel):
    kernel.own("class Base:\n  def hello(self): return type(self).__name__", a=["Base"])
    source = """
import dataclasses, pickle
@dataclasses.dataclass
class Mine(Base):
    x: int = len("abc")
    def hello(self): return super().hello()
got = pickle.loads(pickle.dumps(Mine(4))), Mine().hello(), Mine
"""
    made, said, kind = kernel.test(source, asked={"Base": "a"})
    assert (made.x, said, kind().x) == (4, "Mine", 3) and dataclasses.is_dataclass(kind)
    assert pickle.loads(pickle.dumps(made)) == made


def test_what_rewrites_a_students_cells_does_not_rewrite_tests(kernel):
    kernel.shell.ast_transformers.append("theirs")
    with kernel.apart.cell({"test": TEST}):
        assert kernel.shell.ast_transformers == []
    assert kernel.shell.ast_transformers == ["theirs"]


CHANGES = {
    "errors of NumPy": ("np.seterr(over='raise')", lambda: np.geterr()["over"]),
    "their handler": ("np.seterrcall(print)", np.geterrcall),
    "digits": ("np.set_printoptions(precision=2)", lambda: np.get_printoptions()["precision"]),
    "warnings": ("warnings.simplefilter('error')", lambda: list(warnings.filters)),
    "how warnings are shown": ("warnings.showwarning = print", lambda: warnings.showwarning),
    "folder": ("os.chdir('/')", Path.cwd),
    "environment": ("os.environ.clear()", lambda: "PATH" in os.environ),
    "a variable": ("os.environ['PATH'] = 'x'", lambda: os.environ.get("PATH")),
    "streams": ("sys.stdout = None", lambda: sys.stdout),
    "print": ("builtins.print = None", lambda: builtins.print),
    "no print": ("del builtins.print", lambda: hasattr(builtins, "print")),
    "a function of NumPy's": ("np.sum = sum", lambda: np.sum),
    "a function of a module's": ("np.random.permutation = len", lambda: np.random.permutation),
    "few calls": ("sys.setrecursionlimit(400)", sys.getrecursionlimit),
    "locale": ("locale.setlocale(locale.LC_ALL, 'C.UTF-8')", lambda: locale.setlocale(0)),
}


@pytest.fixture
def unharmed(monkeypatch):
    """Put back whatever a test of this file changes for the whole process."""
    kept = np.geterr(), np.get_printoptions(), locale.setlocale(locale.LC_ALL), list(sys.path)
    limit, folder, call = sys.getrecursionlimit(), Path.cwd(), np.geterrcall()
    states, names = (random.getstate(), np.random.get_state()), dict(vars(builtins))  # noqa: NPY002
    environment, streams = dict(os.environ), (sys.stdout, sys.stderr)
    modules = [(module, dict(vars(module))) for module in MODULES]
    with warnings.catch_warnings():
        yield
    vars(builtins).update(names)
    for module, functions in modules:
        vars(module).update(functions)
    os.environ.clear()
    os.environ.update(environment)
    np.seterr(**kept[0])
    np.set_printoptions(**kept[1])
    np.seterrcall(call)
    locale.setlocale(locale.LC_ALL, kept[2])
    sys.path[:] = kept[3]
    sys.setrecursionlimit(limit)
    os.chdir(folder)
    random.setstate(states[0])
    np.random.set_state(states[1])  # noqa: NPY002
    sys.stdout, sys.stderr = streams


@pytest.mark.parametrize("what", CHANGES)
def test_surroundings_are_as_they_were_and_then_the_students_again(what, unharmed, kernel):
    change, look = CHANGES[what]
    if what == "locale":
        locale.setlocale(locale.LC_ALL, "C")
    before = look()
    kernel = Kernel()
    exec(change)
    theirs = look()
    assert theirs != before
    with kernel.apart.cell({"test": TEST}):
        assert look() == before
    assert look() == theirs


def test_folders_of_modules_that_a_student_adds_come_last_in_tests(unharmed, kernel):
    before = list(sys.path)
    theirs = ["/mine", *before[1:]]
    sys.path[:] = theirs
    with kernel.apart.cell({"test": TEST}):
        assert sys.path == [*before, "/mine"]
    assert sys.path == theirs


def test_a_function_of_a_module_that_a_student_has_deleted_is_there_for_tests(unharmed, kernel):
    del math.sqrt
    assert kernel.test("got = math.sqrt(4)", imports={"math": "import math"}) == 2


def test_variables_and_deep_calls_that_a_student_adds_stay(unharmed, kernel):
    os.environ["MINE"] = "1"
    sys.setrecursionlimit(9_999)
    with kernel.apart.cell({"test": TEST}):
        assert (os.environ["MINE"], sys.getrecursionlimit()) == ("1", 9_999)


def test_random_numbers_are_new_ones_and_the_students_go_on(unharmed, kernel):
    random.seed(3)
    np.random.seed(3)  # noqa: NPY002
    wanted = random.Random(3).random(), np.random.RandomState(3).random()
    with kernel.apart.cell({"test": TEST}):
        drawn = random.random(), np.random.random()  # noqa: NPY002
    assert not set(drawn) & set(wanted)
    assert (random.random(), np.random.random()) == wanted  # noqa: NPY002


def test_a_folder_that_is_gone_does_not_stop_a_test(unharmed, kernel, tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()
    assert kernel.test("import os\ngot = os.getcwd()") != str(gone)
