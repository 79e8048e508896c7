"""Whose modules a notebook builds on can be changed back; only what is tagged is exported."""

import json
import subprocess
import sys

import pytest

from grading.course.package import package_alone

EXPORT = "import tinytorch; tinytorch.export_mine('02_thing'); "


@pytest.fixture
def run(tmp_path):
    """Run code in a student's folder in which a module has been handed out; return its output."""
    folder = tmp_path / "02_thing"
    for name, text in package_alone().items():
        (folder / "tinytorch" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "tinytorch" / name).write_text(text)
    (folder / "tinytorch" / "thing.py").write_text("WHOSE = 'handed out'\n")
    cells = [
        {"source": ["WHOSE = ", "'mine'\n"], "metadata": {"tags": ["other", "export"]}},
        {"source": "WHOSE = 'untagged'", "metadata": {}},
        {"source": "WHOSE = 'tagged otherwise'", "metadata": {"tags": ["exported"]}},
    ]
    (folder / "02_thing.ipynb").write_text(json.dumps({"cells": cells}))

    def run(code):
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


WHOSE = "from tinytorch.thing import WHOSE; print(WHOSE)"


def test_ones_own_modules_can_be_put_aside_again(run):
    back = "tinytorch.use_mine(); tinytorch.use_mine(False); "
    assert run(EXPORT + back + WHOSE).endswith("handed out\n")


def test_asking_twice_for_ones_own_modules_can_be_taken_back_once(run):
    again = "tinytorch.use_mine(); tinytorch.use_mine(); tinytorch.use_mine(False); "
    assert run(EXPORT + again + WHOSE).endswith("handed out\n")


def test_only_cells_tagged_for_it_are_exported(run):
    assert run(EXPORT + "print(open('../my_tinytorch/thing.py').read())").endswith(
        "WHOSE = 'mine'\n\n"
    )


def test_the_modules_that_are_used_are_named(run):
    assert "your own modules: thing" in run(EXPORT + "tinytorch.use_mine()")


def test_before_there_is_anything_to_train_the_finale_says_so(run):
    assert "comes with a later assignment" in run("import tinytorch; tinytorch.finale()")
