"""Show where to look for similar work: `make similar [A=…] [NAMES=hidden]`."""

import argparse
import os
import sys
from pathlib import Path

from rich.console import Console

from grading.course.errors import CourseError
from grading.course.layout import Course
from grading.engine.done import printable
from grading.engine.options import Options
from grading.engine.similar import (
    ENVIRONMENT,
    LEAST_CLASS,
    compare,
    handed_out,
    python_of,
    read_answers,
)
from grading.pipeline.command_line import NAMES
from grading.pipeline.configuration import load_config
from grading.report.class_page.names import pseudonyms
from grading.report.progress import Bar
from grading.report.similar_page.page import Compared, write_similar
from grading.sandbox.bubblewrap import SandboxError

EVERY = 10  # percent of the comparison, after which a line tells how far it has come


def look(course: Course, assignment: str, hide: bool, workers: int, console: Console) -> Path:
    """Compare the graded answers of one assignment; return the page's file."""
    options = Options.of(load_config(course.root))
    given = handed_out(course, assignment)
    submissions = sum(1 for _ in course.submissions(assignment))
    with Bar(f"{assignment}: reading", submissions, console) as bar:
        answers, failures = read_answers(course, options, assignment, workers, bar)
    said = 0

    def told(done: int, of: int) -> None:
        nonlocal said
        if (percent := 100 * done // of) >= said + EVERY:
            said = percent
            console.print(f"{assignment}: comparing {percent} %", highlight=False, markup=False)

    similar = compare(given, [*answers.values()], told, hide)
    names = [*answers]
    if hide:
        called = pseudonyms(names, course.salt)
        names = [called[name] for name in names]
        left_out = "not compared: not autograded yet, or not to be read"
        failures = [f"{len(failures)} {left_out}"] if failures else []
    failures = [printable(one) for one in failures]
    compared = Compared(assignment, names, similar, failures, LEAST_CLASS, hide)
    return write_similar(course.root / "reports", compared)


def main() -> int:
    """Write the pages; say where they are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="the course folder")
    parser.add_argument("--assignment", default=None, help="only this one")
    parser.add_argument("--names", choices=NAMES, default=NAMES[0])
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    console = Console()
    try:
        course = Course(arguments.root.resolve())
        if arguments.assignment:
            course.assignment(arguments.assignment)
        python_of(ENVIRONMENT)
        submitted = course.root / "submitted"
        if submitted.exists():
            next(submitted.iterdir(), None)  # a search passes over what may not be read
        names = sorted({name for _, name in course.submissions(arguments.assignment)})
        if not names:
            raise CourseError("Nobody has handed in anything that could be compared.")
        for name in names:
            hide = arguments.names == "hidden"
            page = look(course, name, hide, arguments.workers, console)
            shown = page.relative_to(course.root)
            console.print(f"similar   {shown}: a place to look, never a verdict", markup=False)
    except (CourseError, SandboxError, OSError) as error:
        console.print(f"Stopped. {error}", style="bold red", highlight=False, markup=False)
        return 1
    except KeyboardInterrupt:
        console.print("Stopped, as you asked; say it again to begin anew.", style="bold red")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
