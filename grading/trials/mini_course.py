"""A course with one small assignment, made fresh: where hostile submissions are tried."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
import numpy as np
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config

from datasets import digits
from grading.course import Course
from grading.master import Master
from grading.pipeline.configuration import load_config, nbgrader_api
from grading.pipeline.release import release_all
from grading.pipeline.source import sync
from grading.sandbox.settings import PROJECT
from grading.trials.corpus import fill_in, solved_answers
from grading.trials.submission import Submission

MINI = "mini"
TEXT = PROJECT / "tests" / "corpus" / MINI / f"{MINI}.py"
LIMITS = """
c.Sandbox.cell_seconds = 8
c.Sandbox.notebook_seconds = 30
c.Sandbox.cpu_seconds = 12
c.Sandbox.memory_mb = 512
c.Sandbox.file_mb = 16
c.Sandbox.scratch_mb = 48
c.Sandbox.output_mb = 1
c.Sandbox.flood_mb = 24
"""
SLOW_DISTANCES = """
def distances(points):
    return distances_one_by_one(points)
"""
ALL_ZEROS = """
def classify(images):
    return np.zeros(len(images), dtype=int)
"""
DOT_WITHOUT_CHECK = """
def dot(a, b):
    return float(sum(x * y for x, y in zip(a, b)))
"""
HALF_DONE = {"distances": SLOW_DISTANCES, "classify": ALL_ZEROS, "dot": DOT_WITHOUT_CHECK}


@dataclass
class MiniCourse:
    """The small course: its folders, its configuration, and nbgrader's interface to it."""

    course: Course
    config: Config
    api: NbGraderAPI

    @property
    def master(self) -> Master:
        """Return the kept original of the assignment."""
        return Master(self.course, MINI, MINI)

    def answers(self, how: str) -> dict[str, str]:
        """Return answers by grade id: "solved", "half done" or "untouched"."""
        solved = solved_answers(self.master.solved())
        stubs = solved_answers(self.master.skeleton())
        if how == "solved":
            return solved
        return stubs if how == "untouched" else {**stubs, "mean": solved["mean"], **HALF_DONE}

    def submit(self, student: str, how: str, change: Callable[[Submission], None]) -> None:
        """Put a student's submission into `submitted/`."""
        folder = self.course.submitted(student, MINI)
        folder.mkdir(parents=True)
        (folder / "timestamp.txt").write_text("2026-09-14 12:00:00 UTC\n")
        release = nbformat.read(self.course.release(MINI) / f"{MINI}.ipynb", as_version=4)
        submission = Submission(folder, fill_in(release, self.answers(how)))
        change(submission)
        submission.save()


def build_mini_course(root: Path, salt: str, limits: str = LIMITS) -> MiniCourse:
    """Make the course below `root` and release its assignment, as `make` would."""
    course = Course(root)
    source = course.source(MINI)
    source.mkdir(parents=True)
    shutil.copy(TEXT, source)
    (root / "salt.txt").write_text(salt)
    config_text = (PROJECT / "nbgrader_config.py").read_text()
    (root / "nbgrader_config.py").write_text(config_text + limits)
    _lay_out_few_digits(source / "data")
    sync(course.text(MINI))
    config = load_config(root)
    mini = MiniCourse(course, config, nbgrader_api(config))
    mini.api.log.handlers.clear()
    mini.api.log.propagate = False
    release_all(course, mini.api, lambda line: None)
    return mini


def _lay_out_few_digits(folder: Path) -> None:
    folder.mkdir(parents=True)
    images, labels = digits.read_bundle("train")
    np.savez_compressed(folder / "few.npz", images=images[:600], labels=labels[:600])
