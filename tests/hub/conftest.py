"""Make the exchange's plug-ins importable, as a hub's environment does."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "hub" / "shared"))

from exchange import Class


class OneAssignment:
    """A gradebook that is asked for the due date alone; making a real one takes seconds."""

    duedate = None

    def __init__(self, url: str, course: str) -> None:
        pass

    def __enter__(self) -> "OneAssignment":
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def find_assignment(self, name: str) -> SimpleNamespace:
        """Return an assignment with the due date that the test has set."""
        return SimpleNamespace(duedate=self.duedate)


@pytest.fixture
def klass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Class:
    """Return a course with an empty exchange."""
    monkeypatch.setattr("nbgrader.exchange.default.collect.Gradebook", OneAssignment)
    monkeypatch.setattr(OneAssignment, "duedate", None)
    return Class(tmp_path)
