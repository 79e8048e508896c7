"""A course with one small assignment, made fresh: where tests and trials submit."""

import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config

from grading.course.assignment import FILE
from grading.course.layout import Course
from grading.course.released import ReleasedNotebook
from grading.course.sync import prepare_source
from grading.pipeline.configuration import load_config, nbgrader_api
from grading.pipeline.release import release_all
from grading.sandbox.settings import PROJECT
from trials.corpus import fill_in, solved_answers


@dataclass
class MiniCourse:
    """The small course: its folders, its configuration, its one assignment."""

    course: Course
    config: Config
    assignment: str

    @classmethod
    def at(cls, root: Path, assignment: str) -> "MiniCourse":
        """Return the course that lies in a folder."""
        return cls(Course(root), load_config(root), assignment)

    @cached_property
    def api(self) -> NbGraderAPI:
        """Return nbgrader's interface to the course, which prints nothing."""
        api = nbgrader_api(self.config)
        api.log.handlers.clear()
        api.log.propagate = False
        return api

    @property
    def released(self) -> ReleasedNotebook:
        """Return the kept original of the assignment."""
        return ReleasedNotebook(self.course, self.assignment)

    @property
    def answers(self) -> dict[str, str]:
        """Return our own answers by grade id."""
        return solved_answers(self.released.solved())

    def notebook(self, **answers: str) -> NotebookNode:
        """Return the release, solved, with some answers replaced."""
        file = self.course.release(self.assignment) / f"{self.assignment}.ipynb"
        return fill_in(nbformat.read(file, as_version=4), self.answers | answers)

    def submit(self, student: str, notebook: NotebookNode | str) -> Path:
        """Put a notebook, or whatever text, into `submitted/` as a student's."""
        folder = self.course.submitted(student, self.assignment)
        folder.mkdir(parents=True, exist_ok=True)
        text = notebook if isinstance(notebook, str) else nbformat.writes(notebook)
        (folder / f"{self.assignment}.ipynb").write_text(text)
        return folder


def build_mini_course(root: Path, text: Path, salt: str = "", settings: str = "") -> MiniCourse:
    """Make a course of one text notebook, with its `assignment.toml`, and release it.

    `settings` are lines for its `nbgrader_config.py`.
    """
    source = root / "source" / text.stem
    source.mkdir(parents=True, exist_ok=True)
    for file in (text, text.with_name(FILE)):
        shutil.copy(file, source)
    if salt:
        (root / "salt.txt").write_text(salt)
    config_text = (PROJECT / "nbgrader_config.py").read_text()
    (root / "nbgrader_config.py").write_text(config_text + settings)
    (root / "tinytorch_ref").mkdir()
    mini = MiniCourse.at(root, text.stem)
    prepare_source(mini.course)
    release_all(mini.course, mini.api, lambda line: None)
    return mini
