"""The small course on which hostile and broken submissions are tried."""

from collections.abc import Callable
from pathlib import Path

import nbformat
import numpy as np

from datasets import digits
from grading.sandbox.settings import PROJECT
from trials.corpus import fill_in, solved_answers
from trials.mini_course import MiniCourse, build_mini_course
from trials.submission import Submission

MINI = "mini"
TEXT = PROJECT / "trials" / "corpora" / MINI / f"{MINI}.py"
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


def build_hostile_course(root: Path, salt: str, limits: str = LIMITS) -> MiniCourse:
    """Make the course below `root` and release its assignment, as `make` would."""
    _lay_out_few_digits(root / "source" / MINI / "data")
    return build_mini_course(root, TEXT, salt, limits)


def answers_of(mini: MiniCourse, how: str) -> dict[str, str]:
    """Return answers by grade id: "solved", "half done" or "untouched"."""
    stubs = solved_answers(mini.released.skeleton())
    if how == "solved":
        return mini.answers
    return stubs if how == "untouched" else {**stubs, "mean": mini.answers["mean"], **HALF_DONE}


def submit(mini: MiniCourse, student: str, how: str, change: Callable[[Submission], None]) -> None:
    """Put a changed submission into `submitted/`."""
    folder = mini.course.submitted(student, MINI)
    folder.mkdir(parents=True)
    (folder / "timestamp.txt").write_text("2026-09-14 12:00:00 UTC\n")
    release = nbformat.read(mini.course.release(MINI) / f"{MINI}.ipynb", as_version=4)
    filled = fill_in(release, answers_of(mini, how))
    submission = Submission(folder, filled, mini.released.solved())
    change(submission)
    submission.save()


def _lay_out_few_digits(folder: Path) -> None:
    folder.mkdir(parents=True)
    images, labels = digits.read_bundle("train")
    np.savez_compressed(folder / "few.npz", images=images[:600], labels=labels[:600])
