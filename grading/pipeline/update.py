"""Bring upstream's changes into a course that was edited: `make update FROM=… [APPLY=yes]`."""

import argparse
import sys
from pathlib import Path

from grading.course.errors import CourseError
from grading.course.layout import Course
from grading.course.sync import prepare_source, sync
from grading.course.upstream import (
    CannotUpdate,
    Change,
    Plan,
    apply,
    has_base,
    plan,
    states,
    undo,
)
from grading.engine.lock import only_grader

REPORT = "reports/update.txt"
SIDES = (("theirs", "upstream's"), ("ours", "yours, which stays"), ("base", "where both began"))


def show(course: Course, planned: Plan) -> list[str]:
    """Return what an update would do, a line for each file and cell; write conflicts in full."""
    lines = [line for change in planned.changes for line in _told(change)]
    lines += [f"{name}: upstream has it no more; it stays" for name in planned.gone]
    conflicts = [(one.name, cell) for one in planned.changes for cell in one.conflicts]
    report = course.root / REPORT
    report.unlink(missing_ok=True)
    if conflicts:
        report.parent.mkdir(exist_ok=True)
        parts = [
            f"{'=' * 10} {name}: {cell.cell}\n"
            + "".join(f"--- {title}\n{getattr(cell, side).rstrip()}\n" for side, title in SIDES)
            for name, cell in conflicts
        ]
        report.write_text("\n".join(parts), encoding="utf-8")
        lines.append(
            f"{len(conflicts)} were changed here and upstream in the same lines; yours stays. Both "
            f"stand in {REPORT}. To take upstream's: THEIRS=02_tensor/test_matmul,… or THEIRS=all."
        )
    return lines or ["Nothing to bring in: the course has all that upstream has."]


def _told(change: Change) -> list[str]:
    if change.new:
        return [f"{change.name}: new"]
    return [
        *(f"{change.name}: {name}: upstream's change comes in" for name in change.taken),
        *(f"{change.name}: {one.cell}: CONFLICT, yours stays" for one in change.conflicts),
    ]


def update(
    root: Path, upstream: Path, base: Path | None, theirs: list[str], write: bool
) -> list[str]:
    """Show what upstream's changes would do to a course, and do it when asked to.

    Raises `CourseError` when somebody is grading, when a notebook and its text were both edited, or
    when it is not known where the course began; then nothing is changed.
    """
    course = Course(root)
    with only_grader(course):
        for name in course.assignments():
            if course.text(name).with_suffix(".ipynb").exists():
                sync(course, name)
        planned = plan(root, upstream, base, theirs)
        lines = show(course, planned)
        if not write:
            return [
                *lines,
                *(["Nothing was written. To do it: APPLY=yes."] if planned.changes else []),
            ]
        if not planned.changes and has_base(root):
            return lines
        state = apply(root, planned)
        lines += prepare_source(course)
        return [
            *lines,
            f"Done; what was there is kept as {state}: `make update UNDO=yes` brings it back.",
            "`make release` checks the notebooks, `make regrade` shows whose points would change.",
        ]


def back(root: Path, state: str | None) -> list[str]:
    """Bring back the course's files as they were before an update, or before the last undo."""
    course = Course(root)
    with only_grader(course):
        for name in course.assignments():
            if course.text(name).with_suffix(".ipynb").exists():
                sync(course, name)
        brought, replaced = undo(root, state)
        prepare_source(course)
    return [
        f"The course is as it was at {brought}. What this replaced is kept as {replaced}.",
        "`make release` and `make regrade` follow.",
    ]


def main() -> int:
    """Show, bring in or take back what the command line says; say why where it cannot be done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--from", dest="upstream", type=Path, help="the newer course")
    parser.add_argument("--base", type=Path, help="the course that this one was made from")
    parser.add_argument("--theirs", default="", help="cells in which upstream's text is taken")
    parser.add_argument("--apply", action="store_true", help="write it")
    parser.add_argument("--undo", default=None, help="yes, or the name of a kept state")
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="the course folder")
    arguments = parser.parse_args()
    root = arguments.root.resolve()
    try:
        if arguments.undo is not None:
            lines = back(root, None if arguments.undo == "yes" else arguments.undo)
        elif arguments.upstream is None:
            kept = ", ".join(states(root)) or "none"
            raise CannotUpdate(f"Say where the newer course is: FROM=folder. Kept states: {kept}.")
        else:
            theirs = [one.strip() for one in arguments.theirs.split(",") if one.strip()]
            whole = (root, arguments.upstream, arguments.base, theirs, arguments.apply)
            lines = update(*whole)
    except (CourseError, OSError, UnicodeDecodeError) as error:
        print(f"Stopped. {error}", file=sys.stderr)
        return 1
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
