"""`make regrade` says what it shows and does, in words and in a table."""

import sys

import pandas as pd
import pytest

from grading.pipeline import regrade as command


@pytest.fixture
def say(graded_class, monkeypatch, capsys):
    """Return what runs the command on the class, and gives its status and what it printed."""

    def say(*arguments):
        root = str(graded_class.mini.course.root)
        monkeypatch.setattr(sys, "argv", ["regrade", "--root", root, *arguments])
        capsys.readouterr()
        return command.main(), capsys.readouterr().out

    return say


def test_it_is_shown_applied_listed_and_undone(graded_class, say):
    before = graded_class.rows()
    graded_class.widen()
    status, text = say()
    assert status == 0 and "student-02 01_mini: 5 → 6\n" in text
    assert "  doubles a matrix: 0 → 1 (tolerance: rtol 1e-06 → 0.01)\n" in text
    assert "1 submission would change, 2 would stay as they are.\n" in text
    assert graded_class.rows() == before
    table = pd.read_csv(graded_class.mini.course.root / "reports" / "regrade.csv")
    assert list(table["what"]) == ["score", "doubles a matrix"]
    assert list(table["new"] - table["old"]) == [1.0, 1.0]
    assert (
        "1 submission changed, 2 were graded again" in say("--apply", "all", "--why", "mended")[1]
    )
    status, text = say("--history", "student-02")
    assert "student-02 01_mini: 5 points until" in text and ": mended\n" in text
    assert "3 submissions as before." in say("--undo", "all")[1]
    assert graded_class.rows() == before


def test_one_state_is_brought_back_by_name(graded_class, say):
    graded_class.widen()
    say()
    say("--apply", "student-02")
    name = say("--history", "all")[1][:8]
    assert "1 submission as before." in say("--back", name)[1]
    assert graded_class.scores()["student-02"] == 5.0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--apply", "all", "--undo", "all"), "One at a time: APPLY or UNDO."),
        (("--apply", "all"), "look first with `make regrade`"),
        (("--undo", "all"), "Nothing is kept that could be brought back."),
        (("--undo", "student-09"), "Nothing is kept"),
        (("--back", "12345678"), "No states are called '12345678'"),
        (("--assignment", "02_none"), "There is no assignment 02_none"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(say, arguments, told):
    status, text = say(*arguments)
    assert status == 1 and told in " ".join(text.split())
