"""Try every student's own framework: `make frameworks`."""

import argparse
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from grading.course import Course
from grading.export import module_name
from grading.frameworks.assemble import own_modules, reference_modules
from grading.frameworks.credit import MilestoneCredit, give_credit
from grading.frameworks.milestones import LEAST, Framework, try_framework
from grading.pipeline.configuration import load_config
from grading.sandbox.settings import Sandbox
from grading.sandbox.wall import SandboxError

REFERENCE = "(reference)"


def try_all(
    course: Course, settings: Sandbox, workers: int, report: Callable[[str], None]
) -> list[Framework]:
    """Return what each student's framework reaches, ours first."""
    wanted = [module_name(name) for name in course.assignments()]
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


def table_of(frameworks: list[Framework]) -> pd.DataFrame:
    """Return one row a framework: the share of right answers by milestone, and a remark."""
    rows = [
        {"student": one.student, **{name: one.reached.get(name) for name in LEAST}}
        | {"carries_all": all(map(one.carries, LEAST)), "remark": one.remark}
        for one in frameworks
    ]
    return pd.DataFrame(rows)


def print_table(frameworks: list[Framework], console: Console) -> None:
    """Print what each framework reaches."""
    table = Table("framework of", title="Milestones on the students' own frameworks")
    for name, least in LEAST.items():
        table.add_column(f"{name}\nat least {least:.0%}", justify="right")
    table.add_column("remark")
    for one in frameworks:
        marks = [_mark(one, name) for name in LEAST]
        table.add_row(one.student, *marks, one.remark)
    console.print(table)


def _mark(framework: Framework, milestone: str) -> str:
    if milestone not in framework.reached:
        return "-"
    mark = "✓" if framework.carries(milestone) else "✗"
    return f"{framework.reached[milestone]:.1%} {mark}"


def main() -> int:
    """Print the table and write it to reports/; give points if the course says so."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="the course folder")
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    console = Console()
    course = Course(arguments.root.resolve())
    config = load_config(course.root)
    try:
        frameworks = try_all(
            course,
            Sandbox(config=config),
            arguments.workers,
            lambda line: console.print(line, highlight=False),
        )
    except SandboxError as error:
        console.print(f"[bold red]Stopped.[/] {error}", highlight=False)
        return 1
    print_table(frameworks, console)
    file = course.root / "reports" / "frameworks.csv"
    file.parent.mkdir(exist_ok=True)
    table_of(frameworks).to_csv(file, index=False)
    console.print("the same table: reports/frameworks.csv", highlight=False)
    points = MilestoneCredit(config=config).points
    for line in give_credit(course, frameworks, points):
        console.print(line, highlight=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
