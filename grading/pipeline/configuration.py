"""Load `nbgrader_config.py`, as nbgrader itself does."""

import os
import sys
from pathlib import Path

from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from grading.course.errors import CourseError

FILE = "nbgrader_config.py"


class NoCourse(CourseError):
    """A folder is no course."""


def load_config(root: Path) -> Config:
    """Return the course's configuration; its root is the folder of the file.

    Raises `NoCourse` where there is no such file.
    """
    if not (root / FILE).is_file():
        raise NoCourse(f"{root} is no course, for it has no {FILE}: go to the course's folder.")
    config = PyFileConfigLoader(FILE, path=str(root)).load_config()
    config.CourseDirectory.root = str(root.resolve())
    return config


def nbgrader_api(config: Config) -> NbGraderAPI:
    """Return nbgrader's own programming interface on this course.

    nbgrader calls alembic by name when it makes a gradebook, so our environment must be on PATH.
    """
    here = str(Path(sys.executable).parent)
    if here not in os.environ["PATH"].split(os.pathsep):
        os.environ["PATH"] = here + os.pathsep + os.environ["PATH"]
    return NbGraderAPI(CourseDirectory(config=config), config=config)
