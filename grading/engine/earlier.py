"""Keep graded folders that others take the place of, and put them back.

`.earlier/<student>/<assignment>/` holds one for each fingerprint of what it was made from. Their
files are links to those of `autograded/`, so keeping them takes no room until those are others.
"""

import os
import shutil
from pathlib import Path

from grading.course.layout import Course
from grading.engine.tasks import graded_stamp

EARLIER = ".earlier"


def keep_earlier(course: Course, student: str, assignment: str) -> None:
    """Keep a graded folder as it is, if it is whole and not kept already."""
    made_from = graded_stamp(course, student, assignment).read()
    graded = course.autograded(student, assignment)
    if made_from is None or not graded.is_dir():
        return
    target = folder_of(course, student, assignment, made_from)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        _link(graded, target)


def put_back(course: Course, student: str, assignment: str, made_from: str) -> bool:
    """Let a graded folder be the one that was made from something; say whether it was kept."""
    stamp = graded_stamp(course, student, assignment)
    if stamp.holds(made_from):
        return True
    kept = folder_of(course, student, assignment, made_from)
    if not kept.is_dir():
        return False
    keep_earlier(course, student, assignment)
    stamp.remove()
    graded = course.autograded(student, assignment)
    shutil.rmtree(graded, ignore_errors=True)
    graded.parent.mkdir(parents=True, exist_ok=True)
    _link(kept, graded)
    stamp.put(made_from)
    return True


def folder_of(course: Course, student: str, assignment: str, made_from: str) -> Path:
    """Return where the graded folder that was made from something is kept."""
    return course.root / EARLIER / student / assignment / made_from


def _link(source: Path, target: Path) -> None:
    """Make a folder of links to another one's files, whole or not at all."""
    fresh = target.with_name(f".{target.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(source, fresh, copy_function=os.link)
    fresh.rename(target)
