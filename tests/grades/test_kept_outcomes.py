"""Of each graded notebook a small file is kept, and reports parse the notebook no second time."""

import json
from pathlib import Path

import pytest

from grading.course.cells import NOTE
from grading.course.layout import Course
from grading.grades import kept_outcomes as module
from grading.grades.kept_outcomes import CheckKept, Kept, kept_outcomes

WHO = ("student-01", "01_mini")
CHECK = {"name": "doubles", "passed": False, "hint": "too large", "reached": 0.5, "wanted": 0.8}


def graded(root: Path, checks=(CHECK,), run=None, **note):
    cell = {"nbgrader": {"grade_id": "test-double"}, NOTE: {"checks": [*checks], **note}}
    notebook = {
        "metadata": {NOTE: {"sealed": True, "ended": "complete", "notes": ["moved"]} | (run or {})},
        "cells": [{"metadata": {}}, {"metadata": cell}],
    }
    file = Course(root).autograded(*WHO) / "01_mini.ipynb"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(notebook))
    return file


@pytest.fixture
def parsed(monkeypatch):
    """Return which notebooks are parsed."""
    seen = []
    read = module.read_outcomes
    monkeypatch.setattr(module, "read_outcomes", lambda file: (seen.append(file), read(file))[1])
    return seen


def test_what_is_kept_is_what_the_notebook_says(tmp_path):
    graded(tmp_path, status="ran")
    check = CheckKept("test-double", "doubles", False, "too large", 0.5, 0.8, True)
    kept = Kept(True, "complete", ["moved"], [check])
    assert kept_outcomes(Course(tmp_path), *WHO) == kept
    assert kept_outcomes(Course(tmp_path), *WHO) == kept


def test_a_notebook_is_parsed_once_and_again_when_it_is_another(tmp_path, parsed):
    graded(tmp_path)
    for _ in range(3):
        kept_outcomes(Course(tmp_path), *WHO)
    assert len(parsed) == 1
    graded(tmp_path, checks=[CHECK | {"passed": True, "hint": ""}])
    assert kept_outcomes(Course(tmp_path), *WHO).checks[0].passed
    assert len(parsed) == 2


@pytest.mark.parametrize(
    ("note", "visible"),
    [
        ({"status": "ran"}, True),
        ({"status": "failed", "error": "AssertionError"}, False),
        ({"status": "not run"}, False),
        ({}, None),
    ],
)
def test_whether_the_visible_tests_of_the_cell_passed_is_kept(tmp_path, note, visible):
    graded(tmp_path, **note)
    assert kept_outcomes(Course(tmp_path), *WHO).checks[0].visible is visible


@pytest.mark.parametrize("junk", ["", "{", "[]", '{"cells": 3}', '{"metadata": {"course": 1}}'])
def test_a_notebook_that_cannot_be_read_has_no_outcomes_and_says_so(tmp_path, junk):
    graded(tmp_path).write_text(junk)
    kept = kept_outcomes(Course(tmp_path), *WHO)
    assert kept.checks == [] and kept.notes == ["The graded notebook could not be read."]


@pytest.mark.parametrize("junk", ["", "[]", "{}", '{"of": 1}', '{"of": null, "checks": 1}'])
def test_what_is_kept_and_cannot_be_read_is_read_from_the_notebook(tmp_path, junk):
    graded(tmp_path)
    kept = kept_outcomes(Course(tmp_path), *WHO)
    [file] = tmp_path.glob("reports/outcomes/*/*.json")
    file.write_text(junk)
    assert kept_outcomes(Course(tmp_path), *WHO) == kept


def test_without_a_graded_notebook_nothing_is_kept(tmp_path):
    assert kept_outcomes(Course(tmp_path), *WHO) is None
    assert not (tmp_path / "reports").exists()


def test_where_nothing_may_be_written_it_is_read_all_the_same(tmp_path):
    graded(tmp_path)
    (tmp_path / "reports").write_text("in the way")
    assert len(kept_outcomes(Course(tmp_path), *WHO).checks) == 1


@pytest.mark.parametrize("number", ["0.5", True, float("inf"), float("nan"), None, [1]])
def test_a_measure_that_is_no_number_is_none(tmp_path, number):
    graded(tmp_path, checks=[CHECK | {"reached": number}])
    assert kept_outcomes(Course(tmp_path), *WHO).checks[0].reached is None


def test_texts_have_an_end(tmp_path):
    graded(tmp_path, checks=[CHECK | {"hint": "x" * 10_000}])
    assert len(kept_outcomes(Course(tmp_path), *WHO).checks[0].hint) == module.LONGEST
