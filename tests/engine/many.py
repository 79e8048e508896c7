"""A class that nobody has graded, and what it gets when nothing disturbs its grading."""

import shutil

from grading.engine.autograde import autograde
from grading.engine.tasks import pending
from trials.gradebook import gradebook_rows
from trials.mini_course import MiniCourse

WRONG = "def double(x):\n    return 3 * x"


def ungraded(released, root, students):
    """Copy a released course to a folder and hand in so many notebooks, a third of them wrong."""
    shutil.copytree(released, root)
    mini = MiniCourse.at(root, "01_mini")
    for number in range(students):
        answers = {"double": WRONG} if number % 3 == 1 else {}
        mini.submit(f"student-{number:02}", mini.notebook(**answers))
    return mini


def undisturbed_class(released, folder, students):
    """Return the folder of a class that nobody has graded, and the rows that it gets here."""
    mini = ungraded(released, folder / "course", students)
    shutil.copytree(mini.course.root, folder / "fresh")
    assert grade(mini) == []
    return folder / "fresh", gradebook_rows(mini.course, "01_mini")


def again(undisturbed, root):
    """Return a copy of the class that nobody has graded."""
    shutil.copytree(undisturbed[0], root)
    return MiniCourse.at(root, "01_mini")


def grade(mini, report=lambda done: None, **which):
    """Grade with two workers, or wherever the configuration says; return the failures."""
    tasks = pending(mini.course, mini.config, **which)
    return autograde(mini.course, mini.config, tasks, 2, report)
