"""Cells of a student's own that call something as the tests do, or change what all code shares."""

import textwrap

from trials.submission import Change, Submission, honest

FULL = "the tests have names and surroundings of their own; full marks"
TESTS = ("test-mean", "test-scale", "test-dot", "test-noise", "test-classify", "test-distances")


def _before_tests(name: str, about: str, source: str, *tests: str) -> Change:
    """Return an entry in which these lines stand in a cell of their own before tests."""

    def change(it: Submission) -> None:
        for test in tests or TESTS:
            it.run_before(test, textwrap.dedent(source))

    change.__name__, change.__doc__, change.__module__ = name, about, __name__
    return honest(FULL)(change)


CHANGED = {
    "calls_numbers_as_python_does": (
        "Calls results of its own `sum`, `abs`, `max` and the like.",
        "sum = 0\nabs = -3\nmax = min = 9\nsorted = list\nprint = None\nround = 1",
    ),
    "calls_something_check": (
        "Calls a result of its own `check`.",
        "check = mean([1.0, 3.0]) == 2",
    ),
    "calls_something_as_hidden_tests_do": (
        "Calls results of its own what the hidden tests call theirs, by chance.",
        "_mean_inputs = 3\n_scale_inputs = None\n_scaled_and_input = 1\n_dot_rng = _dot_cases = []",
    ),
    "imports_everything_of_numpy": (
        "Imports all of NumPy, whose `sum` and `max` take other arguments.",
        "from numpy import *",
    ),
    "makes_numpy_strict": ("Makes NumPy raise errors.", "np.seterr(all='raise')"),
    "makes_warnings_errors": (
        "Makes errors of warnings.",
        "import warnings\nwarnings.simplefilter('error')",
    ),
    "prints_few_digits": (
        "Prints few digits.",
        "np.set_printoptions(precision=1, suppress=True)\n%precision 1",
    ),
    "seeds_everything": (
        "Seeds Python's and NumPy's own generators before each test.",
        "import random\nrandom.seed(3)\nnp.random.seed(3)",
    ),
    "goes_elsewhere": ("Changes into another folder and stays there.", "import os\nos.chdir('/')"),
    "forgets_where_modules_are": (
        "Empties the path of modules.",
        "import sys\nsys.path = ['somewhere']",
    ),
    "calls_itself_rarely": (
        "Allows few calls inside each other.",
        "import sys\nsys.setrecursionlimit(150)",
    ),
    "clears_the_environment": ("Clears the environment.", "import os\nos.environ.clear()"),
    "quiets_python_itself": (
        "Replaces Python's own `print` and `sum`, everywhere.",
        "import builtins\nbuiltins.print = lambda *words, **how: None\nbuiltins.sum = 0",
    ),
    "prints_into_nothing": (
        "Sends all that is printed into nothing.",
        "import sys, os\nsys.stdout = sys.stderr = open(os.devnull, 'w')",
    ),
}
globals().update(
    (name, _before_tests(name, about, source)) for name, (about, source) in CHANGED.items()
)


@honest(FULL)
def forgets_numpy_at_the_end(it: Submission) -> None:
    """Calls something `np` where no answer needs NumPy any more."""
    names = ("dot", "noise", "classify", "distances")
    for name in names:
        it.answer(name, it.cell(name).source.replace("np.", "numpy."))
    it.append("scale", "import numpy")
    it.answer("mean", it.cell("mean").source.replace("np.", "numpy."))
    it.append("mean", "import numpy")
    it.run_before("test-noise", "del np")
    it.run_before("test-classify", "np = 3")


@honest(FULL)
def calls_a_result_as_the_function(it: Submission) -> None:
    """Calls a result as the function that gave it, also before its test."""
    for cell, line in (("scale", "mean = mean([1.0, 3.0])"), ("test-dot", "dot = dot([1], [2])")):
        it.run_before(cell, line)
        it.rewritten.append(line)


@honest(FULL)
def calls_a_helper_as_python_does(it: Submission) -> None:
    """Has a `sum` of its own, which its answer uses."""
    it.run_before("mean", "def sum(numbers):\n    return np.add.reduce(np.ravel(numbers))")
    it.answer("mean", "def mean(numbers):\n    return float(sum(numbers)) / np.size(numbers)")


@honest(FULL)
def goes_on_with_what_a_visible_test_made(it: Submission) -> None:
    """Uses in its answer what the test before has imported."""
    it.run_before("dot", "assert callable(mean) and scale(np.ones((1, 2))).sum() == 1")


@honest(FULL)
def needs_deep_calls(it: Submission) -> None:
    """Calls itself deeply, and has allowed that in a cell of its own."""
    it.run_before("mean", "import sys\nsys.setrecursionlimit(20_000)")
    it.answer(
        "mean",
        """
        def total(numbers, depth):
            return np.sum(numbers) if depth == 0 else total(numbers, depth - 1)


        def mean(numbers):
            return total(np.asarray(numbers, dtype=float), 5_000) / np.size(numbers)
        """,
    )
