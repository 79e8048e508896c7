"""`make similar`, up to the comparison itself and from there on."""

import io
import sys
from pathlib import Path

import pytest
from rich.console import Console

from grading.pipeline import similar as command
from grading.report.similar_page.pairs import Cell, Pair, Piece, Similar

OURS = Cell("double", 40, 30, (Piece("twice = 2 * x", 1),))
FOUND = Similar((Pair((0, 1), ((OURS,), (OURS,))),), ({"double": 40},) * 2)
CLASS = ("student-01", "student-02")


@pytest.fixture
def compared(unrun, monkeypatch):
    """Return a course of two graded students and one who is not, and what is compared there."""
    asked = []

    def read(course, options, assignment, workers, report):
        return dict.fromkeys(CLASS, b"{}"), ["student-03: not compared: not autograded yet"]

    def compare(given, answers, told, hide):
        asked.append((given, answers, hide))
        for done in range(1, 5):
            told(done, 4)
        return FOUND

    monkeypatch.setattr(command, "read_answers", read)
    monkeypatch.setattr(command, "compare", compare)
    monkeypatch.setattr(command, "ENVIRONMENT", Path(sys.prefix))
    for student in (*CLASS, "student-03"):
        unrun.submit(student, unrun.notebook())
    unrun.asked = asked
    return unrun


def run(course, monkeypatch, *arguments):
    """Return the exit status, and what was said in one line."""
    said = Console(file=io.StringIO(), width=500)
    monkeypatch.setattr(command, "Console", lambda: said)
    monkeypatch.setattr(sys, "argv", ["similar", "--root", str(course.root), *arguments])
    return command.main(), said.file.getvalue()


def test_a_page_and_a_table_name_who_is_alike_and_who_is_left_out(compared, monkeypatch):
    status, said = run(compared.course, monkeypatch, "--assignment", "01_mini")
    assert status == 0
    assert "reports/similar/01_mini.html: a place to look, never a verdict" in said
    assert "comparing 50 %" in said
    page = (compared.course.root / "reports/similar/01_mini.html").read_text()
    assert "student-01 and student-02" in page
    assert "student-03: not compared: not autograded yet" in page
    assert (compared.course.root / "reports/similar/01_mini.csv").exists()


def test_where_names_are_hidden_nobody_is_named(compared, monkeypatch):
    assert run(compared.course, monkeypatch, "--names", "hidden")[0] == 0
    assert [hide for _, _, hide in compared.asked] == [True]
    files = [*(compared.course.root / "reports" / "similar-hidden").iterdir()]
    assert len(files) == 2
    assert not any("student-0" in file.read_text() for file in files)
    assert "1 not compared" in (files[0].parent / "01_mini.html").read_text()
    assert not (compared.course.root / "reports" / "similar").exists()


def test_where_nobody_has_handed_in_it_says_so(unrun, monkeypatch):
    monkeypatch.setattr(command, "ENVIRONMENT", Path(sys.prefix))
    status, said = run(unrun.course, monkeypatch)
    assert status == 1
    assert "Nobody has handed in anything" in said


def test_what_may_not_be_read_or_written_is_named(compared, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied", "reports/similar")

    monkeypatch.setattr(command, "write_similar", refuse)
    status, said = run(compared.course, monkeypatch)
    assert status == 1
    assert "Permission denied: 'reports/similar'" in said


def test_without_its_environment_nothing_is_read(compared, monkeypatch, tmp_path):
    monkeypatch.setattr(command, "ENVIRONMENT", tmp_path / ".venv-similar")
    status, said = run(compared.course, monkeypatch)
    assert status == 1
    assert "There is no .venv-similar: `make similar` builds it." in said
    assert compared.asked == []
