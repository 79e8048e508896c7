"""A tiny project, where tests of the runner break lines."""

from pathlib import Path

from trials.grader.corpus import BrokenLine

WARM = ("hypothesis",)
"""What its tests import: pytest's plugin asks for it at the end."""

CODE = """
def hour():
    return 12


def minute():
    return 30


def wait():
    while False:
        pass
"""
TESTS = """
import clock


def test_hour():
    assert clock.hour() == 12


def test_wait():
    clock.wait()
"""


def line(name: str, old: str, new: str, *tests: str, area: str = "clock") -> BrokenLine:
    """Return an edit of the tiny project's only module."""
    return BrokenLine(name, "clock.py", old, new, f"There is no {name}.", tests, area)


CAUGHT = line("another-hour", "12", "13", "test_clock.py::test_hour")
MISSED = line("another-minute", "30", "31", "test_clock.py")
ENDLESS = line("endless", "while False", "while True", "test_clock.py::test_wait")


def make_project(root: Path) -> Path:
    """Write the tiny project into a folder."""
    root.mkdir()
    (root / "clock.py").write_text(CODE)
    (root / "test_clock.py").write_text(TESTS)
    return root
