"""A module is exported when its exercises are solved; until then they are named."""

import errno
import json
from pathlib import Path

import pytest

from grading.inside.tinytorch import _exporting
from grading.inside.tinytorch._exporting import export, unsolved

STUB = "# YOUR CODE HERE\n    raise NotImplementedError()"
UNSOLVED = [
    ("def f():\n    # YOUR CODE HERE\n    raise NotImplementedError()", "f"),
    ("class A:\n    def f(self):\n        raise NotImplementedError()", "A.f"),
    ("class A:\n    def f(self):\n        raise NotImplementedError", "A.f"),
    ("class A:\n    def f(self):\n        x = 1\n        raise NotImplementedError()", "A.f"),
    ("class A:\n    def f(self):\n        pass", "A.f"),
    ("class A:\n    def f(self):\n        ...", "A.f"),
    ('class A:\n    def f(self):\n        """Do it."""', "A.f"),
    ("# YOUR CODE HERE\nraise NotImplementedError()", "cell one"),
    ("def _(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()", "cell one"),
    ("# only words", "cell one"),
    ("for x in y:\n    # YOUR CODE HERE\n    raise NotImplementedError()", "cell one"),
    (
        "try:\n    1\nexcept OSError:\n    # YOUR CODE HERE\n    raise NotImplementedError()",
        "cell one",
    ),
]
SOLVED = [
    "class A:\n    def f(self):\n        return 1\n        raise NotImplementedError()",
    "class A:\n    def f(self):\n        # YOUR CODE HERE\n        return 1",
    "class A:\n    def f(self):\n        raise NotImplementedError('of a kind to come')",
    "class A:\n    def g(self):\n        raise NotImplementedError()\n    f = g",
    "class A:\n    def g(self):\n        pass\n    def f(self):\n        return 2",
    "class B:\n    def f(self):\n        return 2\nA = B",
    "from .base import B as A",
]


@pytest.mark.parametrize(("source", "name"), UNSOLVED)
def test_what_is_not_written_yet_is_named(source, name):
    assert unsolved([("one", source)], ["A.f"] if "A" in source else []) == [name]


@pytest.mark.parametrize("source", SOLVED)
def test_what_works_is_not_held_up(source):
    assert unsolved([("one", source)], ["A.f"]) == []


def test_an_exercise_that_is_gone_is_unsolved():
    assert unsolved([("one", "x = 1")], ["A.f", "cell two"]) == ["A.f"]


@pytest.fixture
def said(tmp_path, monkeypatch):
    """Export a notebook of some cells; return what is said, and what the module was and is."""
    course = tmp_path / "course.json"
    told = [{"module": "thing", "exercises": ["f", "g"]}, {"module": "other", "exercises": ["h"]}]
    course.write_text(json.dumps(told))
    monkeypatch.setattr(_exporting, "COURSE", course)
    file = tmp_path / "mine" / "thing.py"

    def said(*sources, content=None):
        cells = [
            {"cell_type": "code", "source": one, "metadata": {"tags": ["export"]}}
            for one in sources
        ]
        notebook = tmp_path / "02_thing.ipynb"
        notebook.write_text(json.dumps({"cells": cells}) if content is None else content)
        return export(notebook, file), file.read_text() if file.exists() else None

    return said


def test_an_unsolved_module_is_not_written_and_every_exercise_is_listed(said):
    told, written = said(f"def f():\n    {STUB}", f"def g():\n    {STUB}")
    assert written is None
    assert "2 exercises are still unsolved.\n  f\n  g\n" in told


def test_what_was_exported_before_stays(said):
    said("def f(): return 1", "def g(): return 2")
    told, written = said("def f(): return 3", f"def g():\n    {STUB}")
    assert "one exercise is still unsolved.\n  g\n" in told
    assert "return 1" in written and "return 3" not in written


def test_a_module_is_held_to_its_own_exercises_and_no_others(said):
    assert "holds the 2 exported cells" in said("def f(): return 1", "def g(): return 2")[0]


def test_a_cell_that_is_no_python_is_named_with_its_line(said):
    told, written = said("def f(): return 1", "def g():\n    return (")
    assert written is None and "cell 2 is no Python at its line 2" in told


def test_a_notebook_without_exported_cells_makes_no_module(said):
    told, written = said()
    assert written is None and "no cell of the notebook is tagged" in told


@pytest.mark.parametrize("content", ["not JSON", "[]", '{"cells": [{}]}', '{"cells": 3}', "{}"])
def test_what_is_no_notebook_is_told(said, content):
    told, written = said(content=content)
    assert written is None and "is no notebook" in told


def test_markdown_is_never_exported(said):
    cell = {"cell_type": "markdown", "source": "words", "metadata": {"tags": ["export"]}}
    told, _ = said(content=json.dumps({"cells": [cell]}))
    assert "no cell of the notebook is tagged" in told


@pytest.mark.parametrize(
    ("code", "reads_as_an_error"), [(errno.EROFS, False), (errno.EACCES, True)]
)
def test_where_work_is_graded_no_error_is_told(tmp_path, monkeypatch, code, reads_as_an_error):
    def refuse(self, **_):
        raise OSError(code, "It cannot be written", str(self))

    cell = {"source": "x = 1", "metadata": {"tags": ["export"]}}
    (tmp_path / "01.ipynb").write_text(json.dumps({"cells": [cell]}))
    monkeypatch.setattr(Path, "mkdir", refuse)
    said = export(tmp_path / "01.ipynb", tmp_path / "my_tinytorch" / "one.py")
    assert ("was not written" in said) is reads_as_an_error
    assert (said == _exporting.NOT_WHERE_GRADED) is not reads_as_an_error
