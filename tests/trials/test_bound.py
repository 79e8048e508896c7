"""The bound that `make attacks` prints is that of the released assignment that tells most."""

import json

from nbformat.v4 import new_code_cell, new_notebook

from grading.course.layout import Course
from grading.report.told_bits import leak_bound
from trials.bound import most_bits


def release(root, name, checks):
    value = {"t": "int", "v": "1"}
    raw = {"kind": "value", "value": value, "params": {}}
    cells = {"t": {f"{n}": raw | {"name": f"{n}"} for n in range(checks)}}
    source, folder = root / "source" / name, root / "answer_key" / name
    source.mkdir(parents=True)
    folder.mkdir(parents=True)
    (source / "assignment.toml").write_text(f'title = "{name}"\norder = {checks}\n')
    (source / f"{name}.py").write_text("1\n")
    (folder / "key.json").write_text(json.dumps({"cells": cells, "stretches": []}))
    test = new_code_cell("1", metadata={"nbgrader": {"grade_id": "t", "grade": True, "points": 1,
        "solution": False, "locked": True, "schema_version": 3, "task": False}})  # fmt: skip
    (folder / "released.ipynb").write_text(json.dumps(new_notebook(cells=[test])))


def test_it_is_that_of_the_assignment_that_tells_most(tmp_path):
    release(tmp_path / "one", "01_few", 3)
    release(tmp_path / "two", "01_many", 300)
    bound = most_bits([Course(tmp_path / "one"), Course(tmp_path / "two")])
    assert bound - 1 < leak_bound(300, 1) <= bound
    assert most_bits([Course(tmp_path / "one")]) == 196


def test_without_a_release_nothing_is_told(tmp_path):
    assert most_bits([Course(tmp_path)]) == 0
