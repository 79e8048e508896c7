"""A kit: all that an assignment's submissions are graded by, and nothing else of the course."""

import json

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grading.course.layout import Course
from grading.course.released import ReleasedNotebook
from grading.grades import kit as module
from grading.grades.kit import Kit
from grading.inside.check import encode
from grading.sandbox.settings import Sandbox

REPORT = {"kind": "value", "name": "a", "value": encode(1.0), "params": {}}
KEY = json.dumps({"cells": {"test": {"a": REPORT}}, "stretches": []})


def cell(make, source, **ours):
    return make(source, metadata={"nbgrader": {"schema_version": 3, "locked": False} | ours})


@pytest.fixture
def released(tmp_path, monkeypatch):
    course = Course(tmp_path / "course")
    released = ReleasedNotebook(course, "01_mini")
    for folder in (released.handout / "data", course.hidden_data):
        folder.mkdir(parents=True)
    (released.handout / "data" / "digits.npz").write_text("handed out")
    (course.hidden_data / "images.npz").write_text("unlabelled")
    (course.root / "salt.txt").write_text("a secret")
    stub = "### BEGIN SOLUTION\nours = 1\n### END SOLUTION"
    cells = [
        cell(new_code_cell, stub, grade_id="stub", grade=False, solution=True),
        cell(new_code_cell, "1", grade_id="test", grade=True, solution=False, points=1.23456),
        cell(new_markdown_cell, "?", grade_id="think", grade=True, solution=True, points=2),
        cell(new_markdown_cell, "!", grade_id="task", grade=False, task=True, points=3),
        new_code_cell("import os"),
    ]
    released.file.write_text(json.dumps(new_notebook(cells=cells)))
    monkeypatch.setattr(module, "key_text", lambda *_: KEY)
    return released


@pytest.fixture
def kit(released):
    return Kit.of(released.course, released, Sandbox(cell_seconds=7))


def test_a_kit_has_what_is_needed(kit):
    assert kit.assignment == "01_mini" and kit.salt == "a secret"
    assert kit.answer_key.cells["test"]["a"].value.scalar == 1.0
    assert {str(name) for name in kit.handed_out} == {"data/digits.npz"}
    assert b"unlabelled" in kit.data and b"handed out" in kit.handout


def test_a_kit_has_no_solution_of_ours(kit):
    assert b"ours = 1" not in kit.to_bytes()
    assert [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in kit.notebook.cells] == [
        *("stub", "test", "think", "task"),
        None,
    ]


def test_every_limit_of_the_sandbox_is_in_it(kit):
    names = Sandbox.class_own_traits(config=True)
    given = Sandbox(cell_seconds=7)
    assert {name: getattr(kit.settings, name) for name in names} == {
        name: getattr(given, name) for name in names
    }
    assert kit.settings.cell_seconds == 7


def test_a_kit_arrives_as_it_was_packed(kit):
    arrived = Kit.from_bytes(kit.to_bytes())
    assert arrived == kit and arrived.fingerprint == kit.fingerprint


def test_archives_with_lines_in_them_arrive_whole(kit):
    changed = Kit(**vars_of(kit) | {"handout": b"a\nb\n", "data": b"\n\nc"})
    arrived = Kit.from_bytes(changed.to_bytes())
    assert (arrived.handout, arrived.data) == (b"a\nb\n", b"\n\nc")


def vars_of(kit):
    return {name: getattr(kit, name) for name in Kit.__dataclass_fields__}


@pytest.mark.parametrize("name", Kit.__dataclass_fields__)
def test_a_kit_is_another_when_anything_in_it_is(kit, name):
    was = getattr(kit, name)
    other = was + b"x" if isinstance(was, bytes) else {} if isinstance(was, dict) else was + "x"
    assert Kit(**vars_of(kit) | {name: other}).fingerprint != kit.fingerprint


def test_what_each_cell_can_earn_is_rounded_as_scores_are(kit):
    assert kit.points == {"test": 1.2346, "think": 2.0, "task": 3.0}


def test_where_nothing_is_to_be_run_no_key_is_made_and_no_salt_is_given(released, monkeypatch):
    def refuse(*_):
        raise AssertionError("a key was made")

    monkeypatch.setattr(module, "key_text", refuse)
    kit = Kit.of(released.course, released, Sandbox(), execute=False)
    assert (kit.key, kit.salt) == ("", "")
