"""Show the course at work on the sample class: `make`, `make sample`.

`python -m trials.sample_class` takes every step of the course with the class in it;
`submit` and `remove` only bring its submissions or take them away.
"""

import argparse
import sys
from pathlib import Path

from rich.console import Console

from grading.course.layout import Course
from grading.engine.options import Options
from grading.pipeline.command_line import run_steps
from grading.pipeline.configuration import load_config
from trials.sample_class.submit import remove_sample_class, submit_sample_class

BEFORE, AFTER = ("source", "release"), ("autograde", "feedback", "report")
FIRST = ("autograde", "report")


def main() -> int:
    """Do what is asked; the exit status says whether everything could be done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="?", choices=["all", "submit", "remove"], default="all")
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="the course folder")
    parser.add_argument("--assignment", default=None, help="remove only what is of this one")
    parser.add_argument("--workers", type=int, default=None)
    arguments = parser.parse_args()
    course = Course(arguments.root.resolve())
    if arguments.what == "remove":
        remove_sample_class(course, arguments.assignment)
        return 0
    arguments.force, arguments.scheduler = False, None
    if arguments.what == "all" and (first := first_to_show(course)):
        arguments.assignment = first
        failed = release_and_submit(course, arguments) or run_steps(
            arguments, ("autograde", "report")
        )
        if failed:
            return failed
    arguments.assignment = None
    failed = release_and_submit(course, arguments)
    return failed if failed or arguments.what == "submit" else run_steps(arguments, AFTER)


def first_to_show(course: Course) -> str | None:
    """Return the assignment whose grades are shown before the others are made, the first time."""
    if any(course.root.glob("autograded/*/*")):
        return None
    return next(iter(course.assignments()), None)


def release_and_submit(course: Course, arguments: argparse.Namespace) -> int:
    """Release, and bring the sample class's submissions; return the exit status."""
    failed = run_steps(arguments, BEFORE)
    if failed:
        return failed
    db_url = Options.of(load_config(course.root)).db_url
    if written := submit_sample_class(course, db_url, arguments.assignment):
        Console().print(f"sample class: {written} submissions", highlight=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
