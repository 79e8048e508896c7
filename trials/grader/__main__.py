"""Break the grader's own lines one by one: does the nearest test notice each of them?"""

import argparse
import os
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from trials.grader.corpus import CORPUS, BrokenLine, load_broken_lines
from trials.grader.run import WARM, Crew, Outcome, sample

PROJECT = Path(__file__).resolve().parents[2]
TICK, CROSS = "[green]✓[/]", "[red]✗[/]"


def main(
    given: Sequence[str] | None = None, project: Path = PROJECT, warm: Iterable[str] = WARM
) -> int:
    """Print what was noticed; the exit status says whether everything was."""
    parser = argparse.ArgumentParser(prog="python -m trials.grader", description=__doc__)
    parser.add_argument("--only", default="", metavar="REGEX", help="search it in area/name")
    parser.add_argument("--sample", type=int, metavar="N", help="try so many, drawn by chance")
    parser.add_argument("--seed", default=os.urandom(4).hex(), help="draw that sample again")
    parser.add_argument("--sound", action="store_true", help="run the tests with nothing broken")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args(given)
    console = Console(highlight=False)
    lines = [
        line
        for line in load_broken_lines(project / CORPUS)
        if re.search(arguments.only, f"{line.area}/{line.name}")
    ]
    if arguments.sample is not None:
        lines = sample(lines, arguments.sample, arguments.seed)
        console.print(f"a sample of {len(lines)}, again with --seed {arguments.seed}")
    workers = max(1, min(arguments.workers, len(lines)))
    with Crew(project, workers, warm=warm) as crew:
        sound = arguments.sample is not None or _all_sound(crew, lines, console)
        if arguments.sound:
            return 0 if sound else 1
        outcomes: dict[BrokenLine, Outcome] = {}
        for line, outcome in crew.try_lines(lines):
            outcomes[line] = outcome
            verdict = "" if outcome.verdict == "caught" else f": {outcome.verdict}"
            mark = TICK if outcome.noticed else CROSS
            console.print(f"{mark} {escape(f'{line.area}: {line.name}{verdict}')}")
    _print_counts(outcomes, console)
    return 0 if sound and all(outcome.noticed for outcome in outcomes.values()) else 1


def _all_sound(crew: Crew, lines: list[BrokenLine], console: Console) -> bool:
    """Say which tests fail with nothing broken: what they notice proves nothing."""
    failing = [(tests, outcome) for tests, outcome in crew.try_sound(lines) if not outcome.passed]
    for tests, outcome in failing:
        console.print(f"{CROSS} fails with nothing broken: {escape(' '.join(tests))}")
        console.print(outcome.said, markup=False)
    return not failing


def _print_counts(outcomes: dict[BrokenLine, Outcome], console: Console) -> None:
    table = Table("area", "broken lines caught")
    for area in sorted({line.area for line in outcomes}):
        of_area = [outcome for line, outcome in outcomes.items() if line.area == area]
        table.add_row(area, f"{sum(one.noticed for one in of_area)} / {len(of_area)}")
    console.print(table)
    caught = sum(outcome.noticed for outcome in outcomes.values())
    console.print(f"caught {caught} of {len(outcomes)}")
    for line, outcome in outcomes.items():
        if not outcome.noticed:
            said = [
                f"{line.area}: {line.name}: {outcome.verdict}",
                *(f"  {line.file}", f"  {line.breaks}", f"  {' '.join(line.tests)}"),
            ]
            console.print("\n".join(said), markup=False)


if __name__ == "__main__":
    sys.exit(main())
