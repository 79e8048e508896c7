"""`make update`: what it says, writes, refuses and takes back, on a course of two modules."""

import shutil
import subprocess
import sys

import jupytext
import pytest
from course_folders import add_assignment, code, exported

from grading.course import sync
from grading.course.layout import Course
from grading.course.sync import prepare_source
from grading.course.upstream import course_files, keep_base
from grading.engine.lock import only_grader
from grading.pipeline import update as command

CELLS = (
    exported("class Tensor: ..."),
    *(code(f"a{one} = {one}\nb{one} = {one}", grade_id=f"test_{one}") for one in (1, 2)),
)


@pytest.fixture
def course(tmp_path, monkeypatch):
    """Return a course that has been prepared, and a newer upstream that changed both tests."""
    monkeypatch.setattr(sync, "lay_out_hidden_images", lambda course: None)
    course, newer = Course(tmp_path / "course"), Course(tmp_path / "newer")
    add_assignment(course, "1_tensor", *CELLS, order=1, module="tensor")
    keep_base(course.root, course_files(course.root))
    shutil.copytree(course.root / "source", newer.root / "source")
    text = newer.text("1_tensor")
    text.write_text(text.read_text().replace("a1 = 1", "a1 = 'new'").replace("a2 = 2", "a2 = 0"))
    prepare_source(course)
    return course, newer


def edit_in_jupyterlab(course, old, new):
    notebook = course.text("1_tensor").with_suffix(".ipynb")
    content = jupytext.read(notebook)
    for cell in content.cells:
        cell.source = cell.source.replace(old, new)
    jupytext.write(content, notebook)


def said(course, *arguments, monkeypatch, capsys, status=0):
    words = ["update", "--root", str(course.root), *map(str, arguments)]
    monkeypatch.setattr(sys, "argv", words)
    assert command.main() == status
    captured = capsys.readouterr()
    return captured.err if status else captured.out


@pytest.fixture
def say(course, monkeypatch, capsys):
    return lambda *arguments, status=0: said(
        course[0], *arguments, monkeypatch=monkeypatch, capsys=capsys, status=status
    )


def test_looking_names_the_cells_and_writes_nothing(course, say):
    before = course_files(course[0].root)
    told = say("--from", course[1].root)
    assert "1_tensor.py: test_1: upstream's change comes in" in told
    assert "APPLY=yes" in told
    assert course_files(course[0].root) == before


def test_an_upstream_test_arrives_beside_an_edit_made_in_jupyterlab(course, say):
    ours, newer = course
    edit_in_jupyterlab(ours, "b1 = 1", "b1 = 1  # ours\nb3 = 3")
    edit_in_jupyterlab(ours, "a2 = 2", "a2 = 'ours'")
    told = say("--from", newer.root, "--apply")
    notebook = ours.text("1_tensor").with_suffix(".ipynb")
    for text in (ours.text("1_tensor").read_text(), notebook.read_text()):
        assert "a2 = 'ours'" in text
        assert "b3 = 3" in text
    assert "test_2: CONFLICT, yours stays" in told
    report = (ours.root / command.REPORT).read_text()
    for words in ("test_2", "a2 = 0", "a2 = 'ours'", "a2 = 2"):
        assert words in report


def test_theirs_is_taken_where_it_is_asked_for(course, say):
    ours, newer = course
    edit_in_jupyterlab(ours, "a2 = 2", "a2 = 'ours'")
    say("--from", newer.root, "--apply", "--theirs", "1_tensor/test_2")
    assert "a2 = 0" in ours.text("1_tensor").read_text()
    assert not (ours.root / command.REPORT).exists()


def test_it_can_be_taken_back_the_notebook_too(course, say):
    ours, newer = course
    before = course_files(ours.root)
    say("--from", newer.root, "--apply")
    assert course_files(ours.root) != before
    told = say("--undo", "yes")
    assert "is as it was" in told
    assert course_files(ours.root) == before
    assert "a1 = 1" in ours.text("1_tensor").with_suffix(".ipynb").read_text()


def test_a_course_that_has_all_is_told_so(course, say):
    say("--from", course[1].root, "--apply")
    assert say("--from", course[1].root, "--apply").startswith("Nothing to bring in")


def test_nothing_changes_while_somebody_grades(course, say):
    before = course_files(course[0].root)
    with only_grader(course[0]):
        assert "grading" in say("--from", course[1].root, "--apply", status=1)
    assert course_files(course[0].root) == before


def test_without_a_newer_course_it_says_what_to_give(say):
    assert "FROM=" in say(status=1)


def test_in_a_git_clone_a_pull_does_the_same(course, tmp_path):
    ours, newer = course

    def git(folder, *words):
        identity = ("-c", "user.name=student-01", "-c", "user.email=student-01@example.edu")
        subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)

    bare, mine = tmp_path / "upstream", tmp_path / "mine"
    began = tmp_path / "began"
    shutil.copytree(ours.root / ".upstream" / "base", began)
    git(tmp_path, "init", "-b", "main", str(bare))
    shutil.copytree(began, bare, dirs_exist_ok=True)
    git(bare, "add", ".")
    git(bare, "commit", "-m", "began")
    git(tmp_path, "clone", str(bare), str(mine))
    text = Course(mine).text("1_tensor")
    text.write_text(text.read_text().replace("class Tensor: ...", "class Tensor: 'ours'"))
    git(mine, "commit", "-am", "ours")
    shutil.copytree(newer.root, bare, dirs_exist_ok=True)
    git(bare, "commit", "-am", "newer")
    git(mine, "pull", "--no-rebase", "--no-edit")
    assert "class Tensor: 'ours'" in text.read_text()
    assert "a1 = 'new'" in text.read_text()
