"""Measure the hidden tests: do wrong solutions lose points, and right ones keep them?"""

import argparse
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import nbformat
from rich.console import Console
from rich.table import Table

from grading.course.layout import Course
from grading.course.released import ReleasedNotebook
from grading.grades.grade import grade_submission
from grading.grades.kit import Kit
from grading.pipeline.configuration import load_config
from grading.sandbox.settings import Sandbox
from trials.corpus import Variant, corpus_file, edited, fill_in, load_variants, solved_answers


@dataclass(frozen=True)
class Trial:
    """One variant, graded: the checks that did not hold."""

    assignment: str
    variant: Variant
    failed: tuple[str, ...]

    @property
    def as_it_should(self) -> bool:
        """Whether a wrong solution failed a check about its mistake, or a right one none."""
        if self.variant.right:
            return not self.failed
        return bool(set(self.failed) & set(self.variant.fails))


def try_variants(
    course: Course, assignment: str, variants: Iterable[Variant], settings: Sandbox, workers: int
) -> Iterator[Trial]:
    """Submit and grade each variant as a student's notebook, in parallel."""
    master = ReleasedNotebook(course, assignment)
    kit = Kit.of(course, master, settings)
    answers = solved_answers(master.solved())
    release = course.release(assignment) / f"{assignment}.ipynb"

    def grade(variant: Variant) -> Trial:
        with tempfile.TemporaryDirectory(prefix="variant-") as folder:
            notebook = nbformat.read(release, as_version=4)
            fill_in(notebook, edited(answers, variant.edits))
            nbformat.write(notebook, Path(folder) / f"{assignment}.ipynb")
            verdict = grade_submission(kit, Path(folder))
        outcomes = [outcome for cell in verdict.outcomes.values() for outcome in cell]
        failed = tuple(outcome.name for outcome in outcomes if not outcome.passed)
        return Trial(assignment, variant, failed)

    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(grade, variants)


def main() -> int:
    """Print the table; the exit status says whether every variant ended as it should."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("assignments", nargs="*", help="all of them by default")
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    course, console = Course(Path.cwd()), Console()
    settings = Sandbox(config=load_config(course.root))
    table = Table("assignment", "wrong solutions caught", "right solutions with full marks")
    astray: list[Trial] = []
    for assignment in arguments.assignments or course.assignments():
        variants = load_variants(corpus_file(course, assignment))
        trials: list[Trial] = []
        for trial in try_variants(course, assignment, variants, settings, arguments.workers):
            trials.append(trial)
            mark = "[green]✓[/]" if trial.as_it_should else "[red]✗[/]"
            kind = "right" if trial.variant.right else "wrong"
            console.print(f"{mark} {assignment} {kind}: {trial.variant.name}", highlight=False)
        astray += [trial for trial in trials if not trial.as_it_should]
        table.add_row(assignment, _share(trials, right=False), _share(trials, right=True))
    console.print(table)
    for trial in astray:
        failed = ", ".join(trial.failed) or "nothing"
        console.print(f"{trial.assignment} {trial.variant.name}: failed {failed}", highlight=False)
    return 1 if astray else 0


def _share(trials: list[Trial], right: bool) -> str:
    kind = [trial for trial in trials if trial.variant.right == right]
    return f"{sum(trial.as_it_should for trial in kind)} / {len(kind)}"


if __name__ == "__main__":
    sys.exit(main())
