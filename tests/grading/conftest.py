"""A course of one small assignment, released once and copied for every test that needs it."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from traitlets.config import Config

from grading.course import Course
from grading.master import Master
from grading.pipeline.configuration import load_config, nbgrader_api
from grading.pipeline.release import release_all
from grading.pipeline.source import prepare_source
from grading.sandbox.settings import PROJECT
from grading.trials.corpus import fill_in, solved_answers

ASSIGNMENT = "01_mini"
TEXT = Path(__file__).parent / "mini" / f"{ASSIGNMENT}.py"


@dataclass
class MiniCourse:
    """The course and what tests do with it."""

    course: Course
    config: Config

    @property
    def master(self) -> Master:
        return Master(self.course, ASSIGNMENT, ASSIGNMENT)

    @property
    def answers(self) -> dict[str, str]:
        return solved_answers(self.master.solved())

    def notebook(self, **answers: str) -> NotebookNode:
        """Return the release, solved, with some answers replaced."""
        file = self.course.release(ASSIGNMENT) / f"{ASSIGNMENT}.ipynb"
        return fill_in(nbformat.read(file, as_version=4), self.answers | answers)

    def submit(self, student: str, notebook: NotebookNode | str) -> Path:
        folder = self.course.submitted(student, ASSIGNMENT)
        folder.mkdir(parents=True, exist_ok=True)
        text = notebook if isinstance(notebook, str) else nbformat.writes(notebook)
        (folder / f"{ASSIGNMENT}.ipynb").write_text(text)
        return folder


def build(root: Path) -> MiniCourse:
    source = root / "source" / ASSIGNMENT
    source.mkdir(parents=True)
    shutil.copy(TEXT, source)
    shutil.copy(PROJECT / "nbgrader_config.py", root)
    (root / "tinytorch_ref").mkdir()
    course, config = Course(root), load_config(root)
    prepare_source(course)
    release_all(course, nbgrader_api(config), lambda line: None)
    return MiniCourse(course, config)


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("released")
    build(root)
    return root


@pytest.fixture
def mini(released: Path, tmp_path: Path) -> MiniCourse:
    root = tmp_path / "course"
    shutil.copytree(released, root)
    return MiniCourse(Course(root), load_config(root))
