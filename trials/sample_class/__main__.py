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
from grading.pipeline.__main__ import run_steps
from grading.pipeline.configuration import load_config
from trials.sample_class.submit import remove_sample_class, submit_sample_class

BEFORE, AFTER = ("source", "release"), ("autograde", "feedback", "report")


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
    arguments.assignment, arguments.force, arguments.scheduler = None, False, None
    failed = run_steps(arguments, BEFORE)
    if failed:
        return failed
    written = submit_sample_class(course, Options.of(load_config(course.root)).db_url)
    if written:
        Console().print(f"sample class: {written} submissions", highlight=False)
    return 0 if arguments.what == "submit" else run_steps(arguments, AFTER)


if __name__ == "__main__":
    sys.exit(main())
