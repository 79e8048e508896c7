"""Write grades as an LMS imports them: `make grades-for LMS=canvas [A=…] [INTO=gradebook.csv]`."""

import argparse
import sys
from pathlib import Path

from rich.console import Console
from traitlets.config import Config

from grading.course.errors import CourseError
from grading.course.layout import Course
from grading.course.roster import FILE, read_roster
from grading.engine.done import printable
from grading.engine.options import Options
from grading.engine.tasks import pending
from grading.grades.database import is_there, shown
from grading.grades.gradebook import RunGradebook
from grading.grades.never_graded import never_graded
from grading.pipeline.configuration import load_config
from grading.report.grades import grades_table
from grading.report.lms_grades import (
    LmsGrades,
    canvas_table,
    filled,
    moodle_table,
    scores_of,
    strangers,
)
from grading.report.lms_table import read_table

LMS = ("canvas", "moodle")
IMPORT = {
    "canvas": "in Canvas: Grades → Import → Upload CSV. It shows each change before it makes it.",
    "moodle": "in Moodle: Grades → Import → CSV file; identify people by `Email address`.",
    "worksheet": "in Moodle: the assignment → View all submissions → Upload grading worksheet.",
}


class CannotWrite(CourseError):
    """No table was written; the message says why."""


def write_grades(
    course: Course,
    config: Config,
    lms: str,
    assignment: str | None = None,
    into: Path | None = None,
) -> tuple[Path, str, list[str]]:
    """Write the table; return where it is, how it is imported, and what a person should know.

    Raises `CannotWrite`, and `CourseError` as all that is read does.
    """
    whole = read_roster(course.root / FILE)
    roster = whole.without_dropped()
    names = [course.assignment(assignment).name] if assignment else course.assignments()
    url = Options.of(config).db_url
    if not is_there(url):
        raise CannotWrite(f"There is no gradebook {shown(url)}: run `make autograde` first.")
    with RunGradebook(url) as gradebook:
        every = scores_of(grades_table(url), never_graded(gradebook))
    scores = {name: every[name] for name in names if name in every}
    if not scores:
        raise CannotWrite("Nothing has been handed in yet: there are no grades.")
    remarks = strangers(scores, whole)
    if into is None:
        table = canvas_table(roster, scores) if lms == "canvas" else moodle_table(roster, scores)
    else:
        table = read_table(into)
        if table.kind not in (lms, "worksheet" if lms == "moodle" else lms):
            raise CannotWrite(f"{into.name} is not {lms.capitalize()}'s, but {table.kind}'s.")
        if table.kind == "worksheet" and len(scores) > 1:
            raise CannotWrite(f"{into.name} is for one assignment: say which, A=…")
        table, more = filled(
            table,
            roster,
            scores,
            [course.assignment(name) for name in scores],
            LmsGrades(config=config),
        )
        remarks += more
    remarks += [
        f"{student}: {name} waits for a person; left empty"
        for name, one in scores.items()
        for student in sorted(one.waiting)
    ]
    remarks += _behind(course, config, list(scores))
    of = f"-{assignment}" if assignment else ""
    file = course.root / "reports" / f"grades-for-{lms}{of}.csv"
    table.write(file)
    return file, IMPORT[table.kind], list(dict.fromkeys(remarks))


def _behind(course: Course, config: Config, names: list[str]) -> list[str]:
    """Say whose newest work has not been graded yet."""
    remarks = []
    for name in names:
        try:
            tasks = pending(course, config, name)
        except CourseError as error:
            return [str(error)]
        remarks += [
            f"{one.student}: {name} has changed since it was graded; run `make autograde`"
            for one in tasks
        ]
    return remarks


def main() -> int:
    """Write one table; say how it is imported and what a person should know."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lms", nargs="?", default="", help=f"one of {', '.join(LMS)}")
    parser.add_argument("--assignment", default=None, help="only this one")
    parser.add_argument("--into", default="", help="the table that the LMS has exported")
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="the course folder")
    arguments = parser.parse_args()
    console = Console()
    lms = arguments.lms.strip().lower()
    try:
        if lms not in LMS:
            raise CannotWrite(f"Say for which LMS: LMS={' or LMS='.join(LMS)}.")
        course = Course(arguments.root.resolve())
        config = load_config(course.root)
        into = Path(arguments.into) if arguments.into else None
        file, how, remarks = write_grades(course, config, lms, arguments.assignment, into)
    except CourseError as error:
        console.print(f"Stopped. {error}", style="bold red", highlight=False, markup=False)
        return 1
    for remark in remarks:
        console.print(printable(remark), highlight=False, markup=False, soft_wrap=True)
    print(f"grades    {file.relative_to(course.root)}")
    print(f"import it {how}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
