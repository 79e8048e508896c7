"""Run the steps of the course: `python -m grading.pipeline [step …]`, all of them by default."""

import argparse
import warnings
from pathlib import Path

from rich.console import Console
from sqlalchemy.exc import SAWarning

from grading.course.errors import CourseError
from grading.pipeline.steps import STEPS, Steps
from grading.sandbox.bubblewrap import SandboxError

NAMES = ("shown", "hidden")
INTERRUPTED = 130  # what shells say of a program that Ctrl-C has ended


def main() -> int:
    """Run the chosen steps; the exit status says whether everything could be done."""
    parser = argparse.ArgumentParser(prog="python -m grading.pipeline", description=__doc__)
    parser.add_argument("steps", nargs="*", metavar="step", help=f"of {', '.join(STEPS)}")
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="the course folder")
    parser.add_argument("--assignment", default=None, help="only this one")
    parser.add_argument("--force", action="store_true", help="grade also what is up to date")
    parser.add_argument("--workers", type=int, default=None, help="worker processes here")
    parser.add_argument("--scheduler", default=None, help="grade on this Dask cluster")
    parser.add_argument(
        "--names", choices=NAMES, default=NAMES[0], help="of students, in what report prints"
    )
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.steps) - set(STEPS))
    if unknown:
        parser.error(f"no such step: {', '.join(unknown)} (choose from {', '.join(STEPS)})")
    return run_steps(arguments, arguments.steps or STEPS)


def run_steps(arguments: argparse.Namespace, names: list[str] | tuple[str, ...]) -> int:
    """Run steps with the command line's options; print what went wrong as sentences."""
    warnings.filterwarnings("ignore", category=SAWarning)  # nbgrader's own queries
    console = Console()
    try:
        steps = Steps(
            arguments.root.resolve(),
            console,
            arguments.workers,
            arguments.assignment,
            arguments.force,
            arguments.scheduler,
            vars(arguments).get("names") == "hidden",
        )
        steps.run(*names)
    except (CourseError, SandboxError) as error:
        console.print(f"Stopped. {error}", style="bold red", highlight=False, markup=False)
        return 1
    except KeyboardInterrupt:
        console.print("Stopped, as you asked; say it again to go on.", style="bold red")
        return INTERRUPTED
    for failure in steps.failures:
        console.print(f"not graded: {failure}", style="red", highlight=False, markup=False)
    return 1 if steps.failures else 0
