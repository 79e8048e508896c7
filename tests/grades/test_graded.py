"""From a run and the answer key to points, messages and the notebook that graders see."""

import copy
from types import SimpleNamespace

import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.utils import compute_checksum

from grading.checks.answer_key import AnswerKey
from grading.course.cells import NOTE
from grading.grades.graded import (
    A_PERSON,
    ENDINGS,
    NOT_RUN,
    judge_notebook,
    judge_run,
    leave_to_a_person,
    rounded,
    settle,
)
from grading.inside.check import encode
from grading.sandbox.clock import Stretch
from grading.sandbox.evidence import parse
from grading.sandbox.execute import CellRun, Run
from grading.submission.restore import Doubt


def report(name, value=1.0, kind="value", **params):
    return {"kind": kind, "name": name, "value": encode(value), "params": params}


def cell(name, source, make=new_code_cell, **ours):
    ours = {
        "grade_id": name,
        "grade": False,
        "solution": False,
        "task": False,
        "locked": False,
    } | ours
    made = make(source, metadata={"nbgrader": ours})
    if ours["solution"]:
        made.metadata["nbgrader"]["checksum"] = compute_checksum(made)
    return made


def notebook(points=4):
    cells = [
        new_markdown_cell("# Read this"),
        cell("double", "stub", solution=True),
        cell("test-double", "test", grade=True, points=points),
        cell("think", "Your answer", new_markdown_cell, grade=True, solution=True, points=2),
        cell("task", "Do this", new_markdown_cell, task=True, points=5),
        new_code_cell("a cell of the student's own"),
    ]
    return new_notebook(cells=cells)


CHECKS = ("a", "b", "c")
ALL = [report(name) for name in CHECKS]
KEY = AnswerKey({"test-double": {name: parse(report(name)) for name in CHECKS}})


def run_of(reported, **how):
    cells = [CellRun(), *(CellRun("ran") for _ in range(5))]
    cells[2].evidence = list(reported)
    return Run(cells, **how)


def judge(reported=ALL, restored=None, key=KEY, notes=(), labels=dict.get, **how):
    restored = restored or notebook()
    return judged(restored, run_of(reported, **how), key, labels, list(notes))


def judged(restored, run, key=KEY, labels=dict.get, notes=()):
    return judge_notebook(restored, run, key, judge_run(restored, run, key, labels), list(notes))


def note(graded, index=2):
    return graded.notebook.cells[index].metadata[NOTE]


def notes(graded):
    return graded.notebook.metadata[NOTE]["notes"]


@pytest.mark.parametrize(("held", "earned"), [(0, 0.0), (1, 1.3333), (2, 2.6667), (3, 4.0)])
def test_points_are_the_share_of_checks_that_hold(held, earned):
    assert judge(ALL[:held]).scores["test-double"] == earned


def test_points_are_those_of_the_cell():
    assert judge(restored=notebook(points=0.5)).scores["test-double"] == 0.5
    assert judge(ALL[:1], restored=notebook(points=0.5)).scores["test-double"] == 0.1667


def test_a_wrong_value_costs_its_check_and_no_other():
    graded = judge([report("a"), report("b", 3.0), report("c")])
    assert [outcome.passed for outcome in graded.outcomes["test-double"]] == [True, False, True]
    assert graded.scores["test-double"] == 2.6667


def test_the_outcome_of_every_check_is_noted_in_its_cell():
    graded = judge([report("a"), report("b", 3.0)])
    assert note(graded)["checks"] == [
        {"name": "a", "passed": True, "hint": ""},
        {"name": "b", "passed": False, "hint": "the number is off by 2"},
        {
            "name": "c",
            "passed": False,
            "hint": "not reached: the cell stopped before this check",
        },
    ]


def test_what_another_cell_reports_counts_for_nothing():
    run = run_of([])
    for place in (1, 5):
        run.cells[place].evidence = ALL
    graded = judged(notebook(), run)
    assert graded.scores["test-double"] == 0.0


def test_labels_reach_the_checks_that_are_judged_with_them():
    predicted = report("a", [1, 2], "accuracy", at_least=1.0, of="digits")
    key = AnswerKey({"test-double": {"a": parse(predicted)}})
    right = judge([predicted], key=key, labels={"digits": np.array([1, 2])}.__getitem__)
    wrong = judge([predicted], key=key, labels={"digits": np.array([2, 1])}.__getitem__)
    assert (right.scores["test-double"], wrong.scores["test-double"]) == (4.0, 0.0)


def timed(slow, fast):
    sides = (("slow", slow), ("fast", fast))
    return [Stretch("a", side, 0, 7, seconds, 1.0, encode(1.0)) for side, seconds in sides]


@pytest.mark.parametrize(("ours", "theirs", "earned"), [(20.0, 2.0, 0.0), (2.0, 20.0, 4.0)])
def test_a_students_stretches_are_judged_against_ours(ours, theirs, earned):
    speed = report("a", kind="speedup", at_least=10)
    key = AnswerKey({"test-double": {"a": parse(speed)}}, timed(20.0, 20.0 / ours))
    graded = judge([speed], key=key, stretches=timed(20.0, 20.0 / theirs))
    assert graded.scores["test-double"] == earned


def test_a_written_answer_waits_for_a_person():
    restored = notebook()
    restored.cells[3].source = "Because."
    graded = judge(restored=restored)
    assert graded.scores["think"] is None and graded.comments["think"] is None


@pytest.mark.parametrize("source", ["Your answer", "", "  \n "])
def test_what_nobody_answered_earns_nothing_and_says_so(source):
    restored = notebook()
    restored.cells[3].source = source
    graded = judge(restored=restored)
    assert graded.scores["think"] == 0.0 and graded.comments["think"] == "No response."


def test_a_stub_that_nobody_filled_in_is_commented_on_and_has_no_points():
    graded = judge()
    assert graded.comments["double"] == "No response." and "double" not in graded.scores
    restored = notebook()
    restored.cells[1].source = "def double(x): return 2 * x"
    assert judge(restored=restored).comments["double"] is None


def test_a_task_is_left_to_a_person():
    for graded in (judge(), leave_to_a_person(notebook(), [])):
        assert graded.scores.get("task") is None and "task" not in graded.comments


def test_graders_see_what_the_run_put_out_made_harmless():
    run = run_of(ALL)
    html = {"text/html": "<b>2</b><script>alert(1)</script>"}
    run.cells[5].outputs = [new_output("display_data", data=html)]
    graded = judged(notebook(), run)
    (output,) = graded.notebook.cells[5].outputs
    assert output.data["text/html"] == "<b>2</b>"


def test_graders_see_no_output_that_was_submitted():
    restored = notebook()
    restored.cells[2].outputs = [new_output("stream", name="stdout", text="3 of 3 checks passed")]
    assert judge(restored=restored).notebook.cells[2].outputs == []


def failed(trace, source="1\n2\n3", error="ValueError"):
    run = run_of(ALL)
    run.cells[5] = CellRun("failed", error=error)
    run.cells[5].outputs = [new_output("error", ename=error, evalue="", traceback=trace)]
    restored = notebook()
    restored.cells[5].source = source
    return note(judged(restored, run), 5)


@pytest.mark.parametrize(
    ("trace", "line"),
    [
        (['File "x", line 2, in <module>'], 2),
        (["Cell \x1b[32mIn[1], line 1\x1b[39m", "Cell In[1], line 3"], 3),
        (["Cell In[1], line 4"], None),
        (["Cell In[1], line 99999"], None),
        (["Cell In[1], line 0"], None),
        (["no place"], None),
        ([], None),
    ],
)
def test_the_line_of_an_error_is_one_that_the_cell_has(trace, line):
    assert failed(trace) == {"status": "failed", "error": "ValueError", "line": line}


def test_a_cell_that_ran_has_no_error_noted():
    assert note(judge(), 5) == {"status": "ran"}


def test_what_was_put_right_is_noted_first():
    graded = judge(notes=["The cell a was missing."], ended="died", message="Python ended.")
    assert notes(graded)[0] == "The cell a was missing." and len(notes(graded)) == 2


def test_a_complete_sealed_run_needs_no_words():
    graded = judge(cpu_seconds=1.23456)
    assert graded.notebook.metadata[NOTE] == {
        "sealed": True,
        "ended": "complete",
        "notes": [],
        "cold": "",
        "cpu_seconds": 1.23,
    }


def test_a_run_without_a_sandbox_is_marked():
    graded = judge(sealed=False)
    assert graded.notebook.metadata[NOTE]["sealed"] is False
    assert notes(graded) == ["This notebook was graded WITHOUT a sandbox."]


@pytest.mark.parametrize("ended", ENDINGS)
def test_a_run_that_was_ended_says_why_what_to_do_and_keeps_what_was_earned(ended):
    graded = judge(ALL[:2], ended=ended, message="It was ended.")
    assert graded.scores["test-double"] == 2.6667
    where = "It ended after the cell test-double."
    told = f"It was ended. {where} {ENDINGS[ended]} The cells after it were not run."
    assert notes(graded) == [told]
    assert graded.notebook.metadata[NOTE]["ended"] == ended


ENDED_IN = {
    0: "",
    1: "It ended in your own cell before the first of ours. ",
    2: "It ended in the cell double. ",
    3: "It ended in the cell test-double. ",
    5: "It ended after the cell test-double. ",
    6: "It ended after the cell test-double. ",
}


@pytest.mark.parametrize("begun", ENDED_IN)
def test_a_run_that_was_ended_names_the_last_cell_that_was_begun(begun):
    restored = notebook()
    run = Run([CellRun("ran" if place < begun else "not run") for place in range(6)], ended="died")
    run.message = "It was ended."
    graded = judge_notebook(restored, run, KEY, {}, [])
    assert notes(graded)[0].startswith(f"It was ended. {ENDED_IN[begun]}{ENDINGS['died']}")


DOUBT = Doubt(("The cell double is there twice.",), frozenset({"test-double"}))


def test_points_in_doubt_are_proposed_and_a_person_confirms_them():
    graded = judge_notebook(
        notebook(),
        run_of(ALL),
        KEY,
        judge_run(notebook(), run_of(ALL), KEY, dict.get),
        ["Put back."],
        DOUBT,
    )
    assert graded.scores["test-double"] == 4.0 and graded.waits == {"test-double"}
    assert notes(graded) == ["Put back.", *DOUBT.about, A_PERSON]
    assert graded.notebook.metadata[NOTE]["uncertain"] == [*DOUBT.about]
    assert note(graded)["proposed"] is True


def test_points_without_doubt_are_not_proposed():
    assert judge().waits == set() and "proposed" not in note(judge())


def test_a_written_answer_in_doubt_is_no_zero():
    doubt = Doubt(("It is missing.",), frozenset({"think"}))
    graded = judge_notebook(notebook(), run_of(ALL), KEY, {}, [], doubt)
    assert graded.scores["think"] is None and judge().scores["think"] == 0.0


def test_what_is_in_doubt_is_told_where_nothing_is_run():
    graded = leave_to_a_person(notebook(), [], DOUBT)
    assert notes(graded) == [NOT_RUN, *DOUBT.about, A_PERSON]
    assert graded.notebook.metadata[NOTE]["uncertain"] == [*DOUBT.about]


def test_judging_leaves_the_restored_notebook_as_it_was():
    restored = notebook()
    before = copy.deepcopy(restored)
    judge(restored=restored)
    leave_to_a_person(restored, [])
    assert restored == before


def test_what_is_not_run_is_left_to_a_person():
    restored = notebook()
    restored.cells[3].source = "Because."
    graded = leave_to_a_person(restored, ["The cell a was missing."])
    assert graded.scores == {"test-double": None, "think": None, "task": None}
    assert graded.comments == {"double": "No response.", "think": None}
    assert graded.outcomes == {} and NOTE not in graded.notebook.cells[2].metadata
    assert graded.notebook.metadata[NOTE] == {
        "ended": "not run",
        "notes": ["The cell a was missing.", NOT_RUN],
    }


def test_what_is_not_run_shows_what_was_submitted_made_harmless():
    html = {"text/html": "<b>2</b><script>alert(1)</script>"}
    restored = notebook()
    restored.cells[1].metadata[NOTE] = {"outputs": [new_output("display_data", data=html)]}
    restored.cells[2].outputs = [new_output("stream", name="stdout", text="all checks passed")]
    graded = leave_to_a_person(restored, [])
    (output,) = graded.notebook.cells[1].outputs
    assert output.data["text/html"] == "<b>2</b>"
    assert graded.notebook.cells[2].outputs == []


@pytest.mark.parametrize(
    ("earned", "score"), [(None, None), ({}, 0.0), ({"test-double": 1.5}, 1.5)]
)
def test_what_is_settled_gets_what_it_had_earned(earned, score):
    settled = settle(notebook(), ["It was too large."], earned)
    assert settled.scores["test-double"] == score
    assert notes(settled) == ["It was too large."]


def test_what_was_answered_waits_for_a_person_in_what_is_settled():
    restored = notebook()
    restored.cells[3].source = "Because."
    settled = settle(restored, [], {})
    assert settled.scores["think"] is None
    assert settled.comments == {"double": "No response.", "think": None}


def test_where_nothing_could_be_read_every_answer_waits_for_a_person():
    settled = settle(notebook(), [], {"test-double": 1.5}, read=False)
    assert settled.scores == {"test-double": 1.5, "think": None, "task": None}
    assert settled.comments == {"double": None, "think": None}


@pytest.mark.parametrize(
    ("statuses", "where"),
    [
        (["ran", "stopped"], "double"),
        (["ran", "ran", "stopped"], "test-double"),
        (["ran", "interrupted"], "double"),
        (
            ["ran", "interrupted", "ran", "not run", "not run", "stopped"],
            "student's own after task",
        ),
        (["stopped"], "student's own after the beginning"),
        (["ran"], ""),
    ],
)
def test_the_cell_in_which_a_run_ended_is_named(statuses, where):
    run = run_of(ALL, ended="died", message="It died.")
    for cell, status in zip(run.cells, statuses, strict=False):
        cell.status = status
    named = judged(notebook(), run).notebook.metadata[NOTE]["stopped_in"]
    assert named.endswith(where) and bool(named) == bool(where)


def test_a_score_is_kept_with_four_digits():
    assert rounded(2 / 3) == 0.6667 and rounded(4) == 4.0


def test_a_notebook_and_its_run_must_fit():
    with pytest.raises(ValueError, match="shorter"):
        judge_notebook(notebook(), SimpleNamespace(cells=[], stretches=[]), KEY, {}, [])
