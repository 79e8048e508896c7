"""The corpora of attacks and faults: complete, well described, and each can be made."""

import copy
import os
import stat
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from nbformat import NotebookNode

from grading.course.released import without_solutions
from grading.course.texts import read_notebook
from trials.hostile import corpora
from trials.hostile_course import TEXT
from trials.submission import Entry, Submission

ENTRIES = corpora()
ATTACKS = [entry for entry in ENTRIES if entry.kind == "attack"]
FAULTS = [entry for entry in ENTRIES if entry.kind == "fault"]


def test_the_corpora_are_large_enough() -> None:
    assert len(ATTACKS) >= 50
    assert len(FAULTS) >= 30


@pytest.mark.parametrize("entries", [ATTACKS, FAULTS], ids=["attacks", "faults"])
def test_names_are_unique(entries: list[Entry]) -> None:
    names = [entry.name for entry in entries]
    assert sorted(set(names)) == sorted(names)


def test_themes_are_spread_over_files_of_their_kind() -> None:
    assert {entry.theme for entry in ATTACKS} >= {
        "files",
        "evidence",
        "timing",
        "browser",
        "escape",
    }
    assert {entry.theme for entry in FAULTS} >= {"files", "notebooks", "code", "runaway"}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry.kind}-{entry.name}")
def test_each_says_in_a_line_what_it_tries_and_how_it_ends(entry: Entry) -> None:
    assert entry.tries.endswith(".") and 20 <= len(entry.tries) <= 110
    assert 5 <= len(entry.ends) <= 90 and "\n" not in entry.ends


@cache
def unsolved() -> NotebookNode:
    """Return the small course's notebook as it is handed out, to be copied."""
    notebook = without_solutions(copy.deepcopy(read_notebook(TEXT)))
    for index, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{index}"
    return notebook


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Give a student's folder, and remove it even when its folders are nested beyond measure."""
    course = tmp_path / "course"
    folder = course / "submitted" / "student" / "mini"
    folder.mkdir(parents=True)
    (folder / "timestamp.txt").write_text("2026-09-14 12:00:00 UTC\n")
    yield folder
    subprocess.run(["sh", "-c", 'chmod -R u+rwX "$0" && rm -rf "$0"', course], check=True)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry.kind}-{entry.name}")
def test_each_changes_the_submission_that_it_starts_from(entry: Entry, folder: Path) -> None:
    submission = Submission(folder, copy.deepcopy(unsolved()))
    submission.save()
    before = _state(folder)

    entry.change(submission)
    submission.save()

    assert _state(folder) != before


def _state(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    state = {}
    for path in folder.iterdir():
        status = path.lstat()
        small = stat.S_ISREG(status.st_mode) and status.st_size < 10**8
        content = path.read_bytes() if small and os.access(path, os.R_OK) else b""
        state[path.name] = (status.st_mode, status.st_size, content)
    return state
