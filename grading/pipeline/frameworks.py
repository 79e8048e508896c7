"""Try every student's own framework: `make frameworks`."""

import argparse
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from rich.console import Console

from grading.checks.milestones import Framework, try_framework
from grading.course.errors import CourseError
from grading.course.layout import Course
from grading.engine.options import Options
from grading.grades.milestone_credit import MilestoneCredit, give_credit
from grading.pipeline.configuration import load_config
from grading.report.frameworks import print_table, table_of
from grading.sandbox.bubblewrap import SandboxError
from grading.sandbox.settings import Sandbox
from grading.submission.own_framework import own_modules, reference_modules

REFERENCE = "(reference)"


def try_all(
    course: Course, settings: Sandbox, workers: int, report: Callable[[str], None]
) -> list[Framework]:
    """Return what each student's framework reaches, ours first."""
    wanted = course.modules()
    students = sorted({student for student, _ in course.submissions()})
    frameworks = {REFERENCE: reference_modules(course)}
    frameworks |= {student: own_modules(course, student) for student in students}
    with ThreadPoolExecutor(workers) as pool:
        running = [
            pool.submit(try_framework, course, student, modules, wanted, settings)
            for student, modules in frameworks.items()
        ]
        for done, future in enumerate(as_completed(running), 1):
            report(f"{future.result().student}: {done} of {len(running)} frameworks tried")
    return [future.result() for future in running]


def main() -> int:
    """Print the table and write it to reports/; give points if the course says so."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="the course folder")
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    console = Console()
    course = Course(arguments.root.resolve())
    config = load_config(course.root)
    options = Options.of(config)
    try:
        frameworks = try_all(
            course,
            options.sandbox,
            arguments.workers,
            lambda line: console.print(line, highlight=False, markup=False),
        )
    except (CourseError, SandboxError) as error:
        console.print(f"Stopped. {error}", style="bold red", highlight=False, markup=False)
        return 1
    print_table(frameworks, console)
    file = course.root / "reports" / "frameworks.csv"
    file.parent.mkdir(exist_ok=True)
    table_of(frameworks).to_csv(file, index=False)
    console.print("the same table: reports/frameworks.csv", highlight=False)
    points = MilestoneCredit(config=config).points
    for line in give_credit(course, options.db_url, frameworks, points):
        console.print(line, highlight=False, markup=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
