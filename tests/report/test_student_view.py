"""What a student reads in feedback: their own work and our words, nothing that the run put out."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from grading.checks.answer_key import AnswerKey
from grading.checks.base import Outcome
from grading.course.cells import NOTE
from grading.grades.graded import judge_notebook
from grading.report.student_view import notes_of, show_to_student, told_checks
from grading.report.told_bits import NOT_TOLD
from grading.sandbox.execute import CellRun, Run

HIDDEN = "### BEGIN HIDDEN TESTS\nsecret = 1\n### END HIDDEN TESTS"


def cell(source="x", outputs=(), solution=False, grade=False, **note):
    ours = {"nbgrader": {"grade_id": "a", "solution": solution, "grade": grade, "points": 1}}
    metadata = (ours if solution or grade else {}) | ({NOTE: note} if note else {})
    made = new_code_cell(source, metadata=metadata)
    made.outputs = list(outputs)
    return made


def test_cell(source=f"{HIDDEN}\nassert 1", outputs=(), **note):
    return cell(source, outputs, grade=True, **note)


test_cell.__test__ = False


def printed(text):
    return new_output("stream", name="stdout", text=text)


def seen(*cells, **note):
    """Return the cells of the student's view of a notebook."""
    notebook = new_notebook(cells=list(cells), metadata={NOTE: note} if note else {})
    show_to_student(notebook)
    return notebook.cells


def text_of(one):
    return "".join(output.text for output in one.outputs)


def test_hidden_tests_are_not_seen_and_visible_ones_are():
    (shown,) = seen(test_cell())
    assert "secret" not in shown.source and "assert 1" in shown.source


def test_marks_of_hidden_tests_in_a_students_own_cells_are_only_text():
    sources = [HIDDEN, "### BEGIN HIDDEN TESTS\nnever closed"]
    shown = seen(cell(sources[0]), cell(sources[1], solution=True), test_cell())
    assert [one.source for one in shown[:2]] == sources


@pytest.mark.parametrize("make", [cell, test_cell, lambda **more: cell(solution=True, **more)])
@pytest.mark.parametrize(
    "output",
    [
        printed("from the run"),
        new_output("error", ename="from", evalue="the run", traceback=["from the run"]),
        new_output("display_data", data={"text/plain": "from the run"}),
        new_output("execute_result", data={"text/html": "from the run"}),
    ],
    ids=lambda output: output.output_type,
)
def test_nothing_that_the_run_put_out_is_seen(make, output):
    (shown,) = seen(make(outputs=[output]))
    assert "from the run" not in str(shown.outputs)


def test_outputs_that_were_submitted_are_seen_in_place_of_those_of_the_run():
    own = cell(outputs=[printed("run")])
    own.metadata[NOTE] = {"outputs": [printed("submitted")]}
    assert text_of(*seen(own)) == "submitted"


def test_outputs_that_were_submitted_are_cleaned():
    own = cell()
    evil = {"text/html": "<b onclick=x>1</b><script>2</script>", "image/svg+xml": "<svg/>"}
    own.metadata[NOTE] = {"outputs": [new_output("display_data", data=evil)]}
    assert seen(own)[0].outputs[0].data == {"text/html": "<b>1</b>"}


def test_outputs_submitted_with_a_test_cell_are_not_seen():
    ours = test_cell(checks=[{"name": "doubles", "passed": False, "hint": "off"}])
    ours.metadata[NOTE]["outputs"] = [printed("3 of 3 checks passed")]
    (shown,) = seen(ours)
    assert len(shown.outputs) == 1 and "0 of 1 checks passed" in str(shown.outputs)


def test_each_check_is_seen_with_its_hint():
    checks = [
        {"name": "doubles <b>", "passed": True, "hint": ""},
        {"name": "halves", "passed": False, "hint": "the number is off by 2"},
    ]
    (shown,) = seen(test_cell(checks=checks))
    data = shown.outputs[0].data
    lines = ["1 of 2 checks passed", "✓ doubles <b>", "✗ halves: the number is off by 2"]
    assert data["text/plain"].split("\n") == lines
    assert "doubles &lt;b&gt;" in data["text/html"] and "off by 2" in data["text/html"]


def test_a_test_cell_that_was_not_reached_shows_no_check_as_passed():
    (shown,) = seen(test_cell())
    assert shown.outputs == []


@pytest.mark.parametrize(
    ("error", "line", "told"),
    [
        ("ZeroDivisionError", 3, "the cell raised ZeroDivisionError in line 3."),
        ("ZeroDivisionError", None, "the cell raised ZeroDivisionError."),
        ("NotImplementedError", 2, "the cell was not written yet in line 2."),
        ("TheSecretIs42", None, "the cell raised an error."),
        ("</pre><script>", None, "the cell raised an error."),
    ],
)
def test_an_error_of_the_run_is_told_by_the_name_that_python_gives_it(error, line, told):
    (shown,) = seen(cell(error=error, line=line))
    assert text_of(shown) == f"When this was graded, {told}\n"


def test_of_cells_after_the_first_test_no_error_is_told():
    shown = seen(
        cell(), test_cell(), cell(error="ValueError", line=1), test_cell(), cell(error="x")
    )
    assert [one.outputs for one in shown] == [[]] * 5


def test_what_cells_after_the_first_test_showed_when_they_were_submitted_is_seen():
    own = cell(error="ValueError", line=1)
    own.metadata[NOTE]["outputs"] = [printed("submitted")]
    assert text_of(seen(test_cell(), own)[1]) == "submitted"


def test_that_a_cell_after_the_first_test_is_no_python_stands_in_its_text_and_is_told():
    odd = "x = 1\ndef f(:\n    return 2"
    told = "This cell is no Python: look at line 2.\n"
    assert text_of(seen(test_cell(), cell(odd))[1]) == told
    assert text_of(seen(test_cell(), cell(odd, error="ValueError", line=1))[1]) == told
    assert text_of(seen(cell(odd))[0]) == ""


@pytest.mark.parametrize("source", ["%time f(", "!ls (", "f(?"])
def test_what_may_be_ipythons_own_is_not_called_no_python(source):
    assert text_of(seen(test_cell(), cell(source))[1]) == ""


@pytest.mark.parametrize("source", ["x\0", "x = (" * 20_000, "(" * 5_000, "-" * 29_000 + "1"])
def test_odd_texts_stop_no_feedback(source):
    assert len(seen(test_cell(), cell(source))) == 2


def test_errors_are_told_in_order_until_there_is_no_room_and_then_none():
    long = [cell("\n" * 900, error="ValueError", line=700) for _ in range(9)]
    shown = [text_of(one) != "" for one in seen(*long, cell(error="ValueError", line=None))]
    assert shown == [True, True] + [False] * 8


def test_hints_are_told_in_order_over_all_tests():
    checks = [
        {"name": f"{n}", "passed": False, "hint": f"{n} of 40 numbers differ, by up to 3e-05"}
        for n in range(1, 11)
    ]
    shown = [str(one.outputs) for one in seen(test_cell(checks=checks), test_cell(checks=checks))]
    assert "1 of 40" in shown[0] and "10 of 40" not in shown[0] + shown[1]
    assert shown[0].count("✗") == shown[1].count("✗") and "of 40" not in shown[1]


def test_an_error_is_told_below_the_outputs_that_were_submitted():
    own = cell(error="ValueError", line=None)
    own.metadata[NOTE]["outputs"] = [printed("mine\n")]
    (shown,) = seen(own)
    assert [output.name for output in shown.outputs] == ["stdout", "stderr"]


def test_notes_of_the_whole_notebook_are_told():
    notebook = new_notebook(metadata={NOTE: {"notes": ["a was missing.", "Only b was graded."]}})
    assert notes_of(notebook) == ["a was missing.", "Only b was graded."]
    assert notes_of(new_notebook()) == []


def test_outcomes_are_returned_as_they_are_told():
    checks = [{"name": "n", "passed": False, "hint": "raised TypeError"}]
    notebook = new_notebook(cells=[cell(), test_cell(checks=checks)])
    assert show_to_student(notebook) == {"a": [Outcome("n", False, "raised TypeError")]}


def test_text_cells_stay_as_they_are():
    written = new_markdown_cell(
        "Because.", metadata={"nbgrader": {"solution": True, "grade": True}}
    )
    assert seen(written)[0].source == "Because."


@pytest.mark.parametrize(("sealed", "told"), [(False, True), (True, False)])
def test_grading_without_a_sandbox_is_recorded_and_told(sealed, told):
    run = Run([CellRun("ran")], sealed=sealed)
    graded = judge_notebook(new_notebook(cells=[cell()]), run, AnswerKey("", {}), {}, []).notebook
    assert graded.metadata[NOTE]["sealed"] == sealed
    assert any("WITHOUT a sandbox" in note for note in notes_of(graded)) == told


def test_a_check_before_handing_in_tells_what_feedback_would_and_no_more():
    noted = [
        {"name": f"{n}", "passed": n == 0, "hint": "12 of 40 numbers differ"} for n in range(40)
    ]
    notebook = new_notebook(cells=[test_cell(checks=noted)])
    told = told_checks(notebook)["a"]
    assert [(one["name"], one["passed"]) for one in told] == [
        (one["name"], one["passed"]) for one in noted
    ]
    hints = [one["hint"] for one in told[1:]]
    assert hints[0] == noted[1]["hint"] and hints[-1] == NOT_TOLD
