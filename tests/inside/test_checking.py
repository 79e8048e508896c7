"""What `tinytorch.check()` says in a notebook: names, what visible tests said, and no more."""

import ast
import json
import sys
from importlib import import_module, reload
from types import SimpleNamespace

import pytest

from grading.course.told_checks import write_told
from grading.inside.tinytorch._checking import listed
from grading.inside.tinytorch._checking.public import outcomes, steps
from grading.inside.tinytorch._checking.watching import AGAIN, NOT_RUN, Watch

TEST = "got = double(2)\nassert got == 4, f'expected 4, got {got}'\nprint('double works')"
TOLD = {
    "title": "A course of one page",
    "tells": "names",
    "tests": [
        {
            "cell": "test-double",
            "section": "1. Doubling",
            "visible": TEST,
            "public": None,
            "checks": "doubles a matrix\ndoubles nothing",
        },
        {
            "cell": "test-halve",
            "section": "2. Halving",
            "visible": "",
            "public": None,
            "checks": "halves a large number",
        },
    ],
    "by_hand": [{"cell": "think", "section": "3. Why"}],
}


@pytest.fixture
def released(tmp_path, monkeypatch):
    """Return what writes the file of a release, and lists what it tells."""
    monkeypatch.setattr(listed, "FILE", tmp_path / "checks.json")

    def write(told, watch=None, names=None):
        (tmp_path / "checks.json").write_text(json.dumps(told))
        return list(listed.lines(watch, {} if names is None else names))

    return write


def ran(watch, source, error=None):
    info = SimpleNamespace(raw_cell=source)
    watch.ran(SimpleNamespace(info=info, error_before_exec=None, error_in_exec=error))


@pytest.fixture
def watch():
    return Watch({"test-double": TEST})


def test_all_names_are_listed_by_section_with_what_a_person_reads(released, watch):
    assert released(TOLD, watch) == [
        "A course of one page: 3 checks will be graded after you hand in.",
        "",
        "1. Doubling",
        f"  visible test: {NOT_RUN}",
        "  will be graded:",
        "    - doubles a matrix",
        "    - doubles nothing",
        "",
        "2. Halving",
        "  visible test: none",
        "  will be graded:",
        "    - halves a large number",
        "",
        "A person reads:",
        "  - 3. Why",
    ]


@pytest.mark.parametrize("told", [{}, [], {"tests": None}])
def test_where_nothing_is_told_it_says_so(released, told):
    assert released(told) == ["What will be graded is not listed here."]


def test_with_names_alone_no_student_code_runs(released, watch):
    ran(watch, TEST)
    called = []
    said = released(TOLD, watch, {"double": lambda x: called.append(x) or 2 * x})
    assert "  visible test: holds" in said
    assert called == []


# --- what visible tests have said


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (None, "holds"),
        (AssertionError("expected 4,\n got 5"), "fails: expected 4, got 5"),
        (NotImplementedError(), "not written yet"),
        (ZeroDivisionError("division by zero"), "fails: ZeroDivisionError: division by zero"),
        (AssertionError(), "fails: AssertionError"),
    ],
)
def test_a_test_says_what_it_said_last(watch, error, said):
    ran(watch, TEST, ValueError("before"))
    ran(watch, f"\n{TEST}  \n", error)
    assert watch.said_of("test-double") == said


def test_code_defined_anew_makes_a_test_old_and_running_it_again_new(watch):
    ran(watch, "def double(x):\n    return 2 * x")
    ran(watch, TEST)
    ran(watch, "def halve(x):\n    return x / 2")
    ran(watch, "x = double(2)")
    assert watch.said_of("test-double") == "holds"
    ran(watch, "def double(x):\n    return 3 * x")
    assert watch.said_of("test-double") == AGAIN
    ran(watch, TEST)
    assert watch.said_of("test-double") == "holds"


def test_a_changed_test_is_not_taken_for_the_one_that_was_handed_out(watch):
    ran(watch, TEST.replace("== 4", "== got"))
    assert watch.said_of("test-double") == NOT_RUN


def test_lines_for_ipython_are_no_trouble(watch):
    ran(watch, "%matplotlib inline\n!ls")
    assert watch.said_of("test-double") == NOT_RUN


# --- on public inputs


@pytest.fixture
def words(tmp_path, monkeypatch):
    """Lend the package the modules that a release gets with `public inputs`."""
    folder = tmp_path / "tinytorch"
    (folder / "_checking").mkdir(parents=True)
    write_told(folder, "{}", words=True)
    package = import_module("grading.inside.tinytorch._checking")
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder / "_checking")])
    yield
    for name in ("compare", "encode", "evidence"):
        sys.modules.pop(f"{package.__name__}.{name}", None)
    reload(package)


FOUR = {"1": {"t": "int", "v": "4"}}


def double_with(function):
    return list(outcomes(TEST, FOUR, {"double": function}))


def test_what_holds_is_told_by_what_is_compared(words):
    assert double_with(lambda x: 2 * x) == [("double(2)", "")]


@pytest.mark.parametrize(
    ("function", "hint"),
    [
        (lambda x: 2 * x + 1, "the number is off by 1"),
        (lambda x: [x, x], "got a list or tuple where a number was wanted"),
        (lambda x: object(), "got something that is neither a number, an array nor a Tensor"),
    ],
)
def test_what_fails_is_told_in_the_graders_words(words, function, hint):
    ((name, said),) = double_with(function)
    assert name == "double(2)"
    assert said.startswith(hint)


def test_an_exercise_that_is_not_written_says_so(words):
    def double(x):
        raise NotImplementedError

    assert double_with(double) == [("got = double(2)", "not written yet")]


def test_without_a_result_of_ours_the_tests_own_words_are_told():
    ((name, said),) = outcomes(TEST, {}, {"double": lambda x: 5})
    assert (name, said) == ("double(2)", "expected 4, got 5")


def test_it_runs_in_a_copy_of_the_names_and_prints_nothing(released, watch, words, capsys):
    ran(watch, TEST)
    tests = [TOLD["tests"][0] | {"public": FOUR}]
    names = {"double": lambda x: 2 * x}
    said = released(TOLD | {"tests": tests}, watch, names)
    assert said[3:5] == ["  visible test, run now: holds", "    holds  double(2)"]
    assert names.keys() == {"double"}
    assert capsys.readouterr().out == ""


def test_a_visible_test_that_compares_nothing_is_told_to_hold_or_to_fail(released, watch, words):
    tests = [
        TOLD["tests"][0] | {"public": {}, "visible": "for _ in [1]:\n    assert double(2) == 4"}
    ]
    watch = Watch({"test-double": tests[0]["visible"]})
    ran(watch, tests[0]["visible"])
    said = [
        released(TOLD | {"tests": tests}, watch, {"double": lambda x, by=by: by * x})[3:5]
        for by in (2, 3)
    ]
    assert said[0] == ["  visible test, run now: holds", "  will be graded:"]
    assert said[1][0] == "  visible test, run now: fails"


def test_a_test_that_has_not_run_in_this_kernel_is_not_run(released, watch):
    tests = [TOLD["tests"][0] | {"public": FOUR}]
    assert f"  visible test: {NOT_RUN}" in released(TOLD | {"tests": tests}, watch)


@pytest.mark.parametrize(
    ("assertion", "name"),
    [
        ("assert f(1) == 2", "f(1)"),
        ("assert np.allclose(f(1), 2, atol=1)", "f(1)"),
        ("assert abs(f(1) - 2) < 0.1, 'no'", "f(1)"),
        ("assert f(1) < 2", ""),
        ("assert 0 < f(1) < 2", ""),
        ("assert callable(f)", ""),
    ],
)
def test_what_an_assertion_compares_is_named_and_computed_once(assertion, name):
    ((statement, found),) = steps(assertion)
    assert found == name
    assert ast.unparse(statement).count("f(1)") == assertion.count("f(1)")
