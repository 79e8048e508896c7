"""A course of one small assignment, released once and copied for every test that needs it."""

import shutil
from pathlib import Path

import pytest

from trials.mini_course import MiniCourse, build_mini_course

ASSIGNMENT = "01_mini"
TEXT = Path(__file__).parent / "mini" / f"{ASSIGNMENT}.py"


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a course that is released, and never changed."""
    root = tmp_path_factory.mktemp("released")
    build_mini_course(root, TEXT)
    return root


@pytest.fixture
def mini(released: Path, tmp_path: Path) -> MiniCourse:
    """Return a course of its own for one test."""
    root = tmp_path / "course"
    shutil.copytree(released, root)
    return MiniCourse.at(root, ASSIGNMENT)
