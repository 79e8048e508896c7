"""One grading run at a time owns the gradebook."""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grading.course.errors import CourseError
from grading.course.layout import Course

UNFINISHED = ".grading-"


class AlreadyGrading(CourseError):
    """Another grading run owns the gradebook."""


@contextmanager
def only_grader(course: Course) -> Iterator[Path]:
    """Own the gradebook while grading, and clear away what a killed grader left behind.

    Gives a folder for what is unfinished, gone when grading ends.
    """
    with (course.root / ".grading.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyGrading("Somebody is grading this course; wait until that ends.") from None
        for left in course.root.glob(f"{UNFINISHED}*"):
            shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(dir=course.root, prefix=UNFINISHED) as name:
            yield Path(name)
