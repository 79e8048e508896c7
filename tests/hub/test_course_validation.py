"""Validate says how many visible tests hold, which do not and why, and how many run later."""

import json
from pathlib import Path

import nbformat
import pytest
from course_page import command, validation
from course_page.validation import Validation, judge, validate
from nbclient.exceptions import DeadKernelError
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.apps import validateapp
from nbgrader.utils import compute_checksum


def a_test(name, source="assert double(2) == 4", outputs=(), **more):
    about = {"grade_id": name, "grade": True, "locked": True, "points": 1, "cell_type": "code"}
    cell = new_code_cell(source, metadata={"nbgrader": about}, outputs=list(outputs), **more)
    cell.metadata.nbgrader["checksum"] = compute_checksum(cell)
    return cell


def error(name, message):
    return new_output("error", ename=name, evalue=message, traceback=["pages", "of", "it"])


def judged(*cells, hidden=None, stopped=False):
    notebook = new_notebook(cells=[new_markdown_cell("## 1. Doubling"), *cells])
    if hidden is not None:
        notebook.metadata["course"] = {"hidden_checks": hidden}
    return Validation("one", judge(notebook, stopped), [])


def only(*cells, **about):
    [test] = judged(*cells, **about).tests
    return test


def test_a_test_without_an_error_holds_also_where_it_warns():
    warned = new_output("stream", name="stderr", text="careful")
    test = only(a_test("t", outputs=[warned]))
    assert (test.state, test.why, test.place.section) == ("holds", "", "1. Doubling")


def test_a_test_that_fails_says_why_in_one_line():
    test = only(
        a_test("t", outputs=[error("AssertionError", "expected 4,\n got \x1b[31m5\x1b[0m")])
    )
    assert (test.state, test.why) == ("fails", "expected 4, got 5")
    test = only(a_test("t", outputs=[error("NameError", "name 'x' is not defined")]))
    assert test.why == "NameError: name 'x' is not defined"
    assert only(a_test("t", outputs=[error("AssertionError", "")])).why == "AssertionError"


def test_a_reason_is_never_pages_long():
    assert len(only(a_test("t", outputs=[error("ValueError", "x" * 9999)])).why) < 320


def test_unsolved_work_is_not_written_yet_and_has_no_traceback():
    test = only(a_test("t", outputs=[error("NotImplementedError", "")]))
    assert (test.state, test.why) == ("not written yet", "")


def test_a_test_that_was_stopped_says_so():
    test = only(a_test("t", outputs=[error("KeyboardInterrupt", "")]))
    assert test.state == "fails" and "300 seconds" in test.why


def test_a_test_that_a_student_has_changed_does_not_hold():
    changed = a_test("t")
    changed.source = "pass"
    test = only(changed)
    assert test.state == "changed" and "original" in test.why


def test_a_test_with_nothing_to_see_is_not_counted_as_holding():
    found = judged(a_test("seen"), a_test("unseen", "# nothing\n"), hidden={"unseen": 3, "seen": 2})
    assert (found.holding, len(found.visible), found.hidden) == (1, 1, 5)


def test_what_the_kernel_never_came_to_does_not_hold():
    reached = a_test("a", execution_count=1)
    states = [test.state for test in judged(reached, a_test("b"), stopped=True).tests]
    assert states == ["holds", "not run"]


def test_it_is_told_how_many_checks_run_after_handing_in():
    tests = a_test("a"), a_test("b", outputs=[error("AssertionError", "no")])
    found = judged(*tests, hidden={"a": 7, "b": 5})
    assert found.summary() == "1 of 2 visible tests holds. 12 more checks run after you hand in."
    assert [test.hidden for test in found.tests] == [7, 5]


@pytest.mark.parametrize("hidden", [None, {"a": 7}])
def test_a_release_that_does_not_say_how_many_is_not_taken_to_have_none(hidden):
    found = judged(a_test("a"), a_test("b"), hidden=hidden)
    assert found.summary() == "2 of 2 visible tests hold. More checks run after you hand in."


def test_everything_that_holds_is_never_called_all():
    assert "more checks run" in judged(a_test("a"), hidden={"a": 3}).summary()
    assert "1 more check runs" in judged(a_test("a"), hidden={"a": 1}).summary()


def test_a_terminal_is_told_the_same_in_a_line_each():
    found = judged(a_test("a", outputs=[error("AssertionError", "no")]), hidden={"a": 3})
    first, second = found.lines()
    assert first == "one: 0 of 1 visible test hold. 3 more checks run after you hand in."
    assert " ".join(second.split()) == "fails 1. Doubling · a: no (3 more after you hand in)"


def test_the_command_of_nbgrader_prints_it(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(validateapp, "Validator", validateapp.Validator)
    monkeypatch.setattr(command, "validate", lambda file: judged(a_test("a"), hidden={"a": 3}))
    command.install()
    validateapp.Validator().validate_and_print(str(tmp_path / "one.ipynb"))
    assert "1 of 1 visible test holds. 3 more checks" in capsys.readouterr().out


def test_a_kernel_that_dies_is_told_and_nothing_of_before_counts(tmp_path, monkeypatch):
    def die(client):
        raise DeadKernelError("gone")

    monkeypatch.setattr(validation.NotebookClient, "execute", die)
    file = tmp_path / "one.ipynb"
    before = a_test("b", outputs=[error("ValueError", "old")])
    nbformat.write(new_notebook(cells=[a_test("a"), before]), file)
    found = validate(file)
    assert "kernel died" in found.stopped and found.holding == 0
    assert [test.state for test in found.tests] == ["not run", "not run"]


@pytest.mark.slow
def test_a_notebook_is_run_in_its_folder_to_its_end(tmp_path: Path) -> None:
    (tmp_path / "number.txt").write_text("4")
    notebook = new_notebook(
        cells=[
            new_code_cell("def double(x):\n    raise NotImplementedError()"),
            a_test("stub", "assert double(2) == 4"),
            new_code_cell("def double(x):\n    return 2 * x"),
            a_test("right", "assert double(2) == int(open('number.txt').read())"),
            a_test("wrong", "assert double(2) == 5, 'it is 4'"),
        ]
    )
    notebook.cells[3].outputs = [error("OldError", "from before")]
    file = tmp_path / "one.ipynb"
    nbformat.write(notebook, file)
    before = file.read_bytes()
    found = json.loads(json.dumps(validate(file).answer()))
    assert [test["state"] for test in found["tests"]] == ["not written yet", "holds", "fails"]
    assert found["tests"][2]["why"] == "it is 4"
    assert file.read_bytes() == before
