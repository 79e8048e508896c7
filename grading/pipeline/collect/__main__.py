"""Take the zip of a class from Canvas or Moodle: `make collect ZIP=… [A=…] [WITH=…]`."""

import argparse
import sys
from pathlib import Path

from rich.console import Console

from grading.course.errors import CourseError
from grading.course.layout import Course
from grading.engine.done import printable
from grading.pipeline.collect.collect import Collected, collect
from grading.pipeline.configuration import load_config

OUTCOMES = {
    "new": "new",
    "replaced": "replaced by a newer one",
    "same": "there already",
    "earlier": "older than what is there, and kept beside it",
    "no notebook": "without a notebook, and kept beside what is there",
}


def main() -> int:
    """Collect one zip; say what was put where and what waits for a person."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("zip", nargs="?", default="", help="the zip, as the LMS gave it")
    parser.add_argument("--assignment", default=None, help="which it is, if its names do not say")
    parser.add_argument("--with", dest="table", default=None, help="a table of the LMS's")
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="the course folder")
    arguments = parser.parse_args()
    console = Console()
    table = Path(arguments.table) if arguments.table else None
    try:
        if not arguments.zip:
            raise CourseError("Say which zip: ZIP=submissions.zip.")
        course = Course(arguments.root.resolve())
        config = load_config(course.root)
        done = collect(course, config, Path(arguments.zip), arguments.assignment, table)
    except CourseError as error:
        console.print(f"Stopped. {error}", style="bold red", highlight=False, markup=False)
        return 1
    for line in lines_of(done):
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    return 0


def lines_of(done: Collected) -> list[str]:
    """Return what is said of a zip that was collected."""
    total = sum(done.outcomes.values())
    noun = "submission" if total == 1 else "submissions"
    told = [f"{done.outcomes[one]} {text}" for one, text in OUTCOMES.items() if done.outcomes[one]]
    lines = [f"{done.assignment}: {total} {noun}: {', '.join(told) or 'none'}"]
    lines += [printable(f"  {remark}") for remark in sorted(done.remarks)]
    if done.waiting:
        lines.append(f"for a person ({len(done.waiting)}), in downloaded/{done.assignment}/:")
        lines += [printable(f"  {line}") for line in sorted(done.waiting)]
    return lines


if __name__ == "__main__":
    sys.exit(main())
