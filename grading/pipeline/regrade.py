"""Regrade the course: `make regrade`, then `APPLY=all`, `UNDO=all`, `HISTORY=all` or `BACK=…`."""

import argparse
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pandas as pd
from rich.console import Console

from grading.course.errors import CourseError
from grading.course.layout import Course
from grading.engine.done import printable
from grading.engine.options import Options
from grading.engine.regrade.changes import Change
from grading.engine.regrade.regrade import Regrade
from grading.grades.database import is_there, shown
from grading.grades.gradebook import RunGradebook
from grading.grades.history import SHORT, before_last_run, history, named_states
from grading.pipeline.configuration import load_config
from grading.report.lms_table import harmless
from grading.report.progress import Bar
from grading.sandbox.bubblewrap import SandboxError

FILE = "regrade.csv"
COLUMNS = ("student", "assignment", "cell", "what", "old", "new", "why")
MOST_LINES = 60
"""Lines that are printed; all of them are in the file."""
ALL = "all"


class NothingToRegrade(CourseError):
    """There is nothing that could be regraded."""


class Command:
    """What `make regrade` was asked to do, on one course."""

    def __init__(self, arguments: argparse.Namespace, console: Console) -> None:
        self.arguments, self.console = arguments, console
        self.course = Course(arguments.root.resolve())
        self.config = load_config(self.course.root)
        self.options = Options.of(self.config)
        if arguments.assignment:
            self.course.assignment(arguments.assignment)
        if not is_there(self.options.db_url):
            raise NothingToRegrade(
                f"There is no gradebook {shown(self.options.db_url)}: run `make autograde` first."
            )
        self.regrade = Regrade(self.course, self.config, arguments.assignment)

    def run(self) -> None:
        """Do what was asked for, a preview where nothing was."""
        given = {name: vars(self.arguments)[name] for name in COMMANDS}
        asked = [name for name, value in given.items() if value]
        if len(asked) > 1:
            raise CourseError(f"One at a time: {' or '.join(name.upper() for name in asked)}.")
        COMMANDS[asked[0]](self) if asked else self.preview()

    def preview(self) -> None:
        """Grade what is stale, print what would change, and write nothing but that."""
        outcome = self.regrade.preview(
            self.arguments.workers, lambda number: Bar("preview: grading", number, self.console)
        )
        table = table_of(outcome.changes)
        file = self.course.root / "reports" / FILE
        file.parent.mkdir(exist_ok=True)
        table.map(lambda one: harmless(one) if isinstance(one, str) else one).to_csv(
            file, index=False
        )
        changed = [one for one in outcome.changes if one.lines]
        self._print_lines(changed)
        same = len(outcome.changes) - len(changed)
        for remark in outcome.remarks:
            self.say(remark)
        self.say(f"{_many(len(changed))} would change, {same} would stay as they are.")
        if outcome.changes:
            self.say(f"all lines  reports/{FILE}")
            self.say("next       make regrade APPLY=all, or APPLY=student-01,student-02")
        self.say("No grade was written.")

    def apply(self) -> None:
        """Write what was shown, of some students or all."""
        why = self.arguments.why or "regrade"
        outcome = self.regrade.apply(_students(self.arguments.apply), why)
        for remark in outcome.remarks:
            self.say(remark)
        changed = sum(bool(one.lines) for one in outcome.changes)
        self.say(
            f"{_many(changed)} changed, {len(outcome.changes) - changed} were graded again and "
            "stayed as they were."
        )
        if outcome.changes:
            self.say("next       make feedback report; back again: make regrade UNDO=all")

    def undo(self) -> None:
        """Bring back what grades were before the last run that changed them."""
        whose = _students(self.arguments.undo), self.arguments.assignment
        with self._gradebook() as gradebook:
            states = before_last_run(gradebook, *whose)
        self._bring_back(states, "undone")

    def history(self) -> None:
        """Print the states that are kept."""
        whose = _students(self.arguments.history), self.arguments.assignment
        with self._gradebook() as gradebook:
            kept = history(gradebook, *whose)
        for one in kept:
            self.say(
                f"{one.id[:SHORT]}  {one.student} {one.assignment}: {one.score:g} "
                f"point{_s(one.score)} until {one.at:%Y-%m-%d %H:%M} UTC; {one.who}: {one.why}"
            )
        self.say(f"{len(kept)} states are kept; make regrade BACK=<state>[,<state>] brings back.")

    def back(self) -> None:
        """Bring back named states."""
        with self._gradebook() as gradebook:
            states = named_states(gradebook, _names(self.arguments.back))
        self._bring_back(states, "brought back")

    def _bring_back(self, states: list[str], why: str) -> None:
        for remark in self.regrade.bring_back(states, self.arguments.why or why):
            self.say(remark)
        self.say(
            f"{_many(len(states))} as before. No run changes them again until you regrade them by "
            "name or their students hand in anew."
        )
        self.say("next       make feedback report")

    def _gradebook(self) -> RunGradebook:
        return RunGradebook(self.options.db_url)

    def _print_lines(self, changes: list[Change]) -> None:
        lines = [text for change in changes for text in _told(change)]
        for text in lines[:MOST_LINES]:
            self.say(text)
        if len(lines) > MOST_LINES:
            self.say(f"… and {len(lines) - MOST_LINES} more lines")

    def say(self, text: str) -> None:
        """Print one line, as it is."""
        self.console.print(printable(text), highlight=False, markup=False, soft_wrap=True)


COMMANDS: dict[str, Callable[[Command], None]] = {
    "apply": Command.apply,
    "undo": Command.undo,
    "history": Command.history,
    "back": Command.back,
}


def table_of(changes: list[Change]) -> pd.DataFrame:
    """Return one row a thing that would be another, and one a submission for its score."""
    rows = []
    for change in changes:
        whose = {"student": change.student, "assignment": change.assignment}
        if change.lines:
            rows.append({**whose, "what": "score", "old": change.old, "new": change.new})
        rows += [{**whose, **asdict(line)} for line in change.lines]
    return pd.DataFrame(rows, columns=[*COLUMNS])


def _told(change: Change) -> list[str]:
    told = [f"{change.student} {change.assignment}: {change.old:g} → {change.new:g}"]
    for line in change.lines:
        points = "" if line.old is None and line.new is None else _arrow(line.old, line.new)
        told.append(f"  {line.what}{points} ({line.why})")
    return told


def _arrow(old: float | None, new: float | None) -> str:
    said = ["—" if one is None else f"{one:g}" for one in (old, new)]
    return f": {said[0]} → {said[1]}"


def _students(text: str) -> list[str] | None:
    names = _names(text)
    return None if names == [ALL] else names


def _names(text: str) -> list[str]:
    return [name for part in text.split(",") if (name := part.strip())]


def _many(number: int) -> str:
    return f"{number} submission{_s(number)}"


def _s(number: float) -> str:
    return "" if number == 1 else "s"


def main() -> int:
    """Do one thing; say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--assignment", default=None, help="only this one")
    parser.add_argument("--apply", default="", help="write what was shown: all, or students")
    parser.add_argument("--undo", default="", help="the last change: all, or students")
    parser.add_argument("--history", default="", help="list what is kept: all, or students")
    parser.add_argument("--back", default="", help="states to bring back")
    parser.add_argument("--why", default="", help="is kept beside the state")
    parser.add_argument("--workers", type=int, default=2, help="worker processes here")
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="the course folder")
    arguments = parser.parse_args()
    console = Console()
    try:
        Command(arguments, console).run()
    except (CourseError, SandboxError) as error:
        console.print(f"Stopped. {error}", style="bold red", highlight=False, markup=False)
        return 1
    except KeyboardInterrupt:
        console.print("Stopped, as you asked; say it again to go on.", style="bold red")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
