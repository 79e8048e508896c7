"""Try every attack and every fault on a class of honest students: `make attacks`."""

import argparse
import re
import sys
import tempfile
import warnings
from collections import Counter
from pathlib import Path

from nbformat.warnings import DuplicateCellId
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import SAWarning

from grading.course.layout import Course
from grading.sandbox.settings import PROJECT
from trials.bound import most_bits
from trials.hostile_class import HostileClass
from trials.hostile_judge import Result
from trials.submission import Entry, load_corpus

MOST_BITS = 200
CORPORA = PROJECT / "trials" / "corpora"


def corpora() -> list[Entry]:
    """Return all attacks and all faults."""
    return load_corpus(CORPORA / "attacks") + load_corpus(CORPORA / "faults")


def main() -> int:
    """Print the table; the exit status says whether everything ended as it should."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="regular expression of names or themes")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", action="store_true", help="keep the course for a closer look")
    parser.add_argument("--no-stock", action="store_true", help="leave out nbgrader's own commands")
    arguments = parser.parse_args()
    entries = [
        entry
        for entry in corpora()
        if re.search(arguments.only, f"{entry.kind} {entry.theme} {entry.name}")
    ]
    warnings.filterwarnings("ignore", category=SAWarning)  # nbgrader's own queries
    warnings.filterwarnings("ignore", category=DuplicateCellId)
    console = Console(width=None if sys.stdout.isatty() else 160)
    folder = Path(tempfile.mkdtemp(prefix="hostile-"))
    trial = HostileClass(folder, entries, arguments.workers, console)
    try:
        results = trial.run(stock=not arguments.no_stock)
        astray = report(results, trial, console)
    finally:
        trial.remove(keep=arguments.keep)
    if arguments.keep:
        console.print(f"kept {folder}")
    return 1 if astray else 0


def report(results: list[Result], trial: HostileClass, console: Console) -> bool:
    """Print what happened; return whether anything went astray."""
    table = Table("", "name", "tries", "base", "got", "s", "ends")
    for result in results:
        entry = result.entry
        mark = "[red]✗[/]" if result.complaints else "[green]✓[/]"
        got = "-" if result.score is None else f"{result.score:g}"
        end = "; ".join(result.complaints) or entry.ends
        table.add_row(
            *(mark, f"{entry.theme}/{entry.name}", entry.tries),
            *(f"{result.base:g}", got, f"{result.seconds:.1f}", end),
        )
    console.print(table)
    for line in trial.complaints:
        console.print(f"[red]✗[/] {line}", highlight=False)
    for line in trial.remarks:
        console.print(line, highlight=False)
    console.print(_summary(results, trial), highlight=False)
    bits = most_bits([Course(PROJECT), Course(trial.folder / "course")])
    console.print(f"leak bound: {bits} bits a submission", highlight=False)
    astray = bits >= MOST_BITS or any(result.complaints for result in results)
    return bool(trial.complaints) or astray


def _summary(results: list[Result], trial: HostileClass) -> str:
    tried = Counter(result.entry.kind for result in results)
    attacks = [result for result in results if result.entry.kind == "attack"]
    faults = [result for result in results if result.entry.kind == "fault"]
    gained = sum(result.gained for result in attacks)
    leaked = sum(result.leaked for result in results)
    changed = sum(result.got_through for result in attacks) + len(trial.complaints)
    as_said = sum(not result.complaints for result in faults)
    return (
        f"attacks: {tried['attack']} tried, {gained} gained, {leaked} leaked, {changed} changed "
        f"anything; faults: {tried['fault']} tried, {as_said} ended as they say"
    )


if __name__ == "__main__":
    sys.exit(main())
