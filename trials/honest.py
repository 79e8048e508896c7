"""Try what happens to honest notebooks on their way: `make honest` prints right / tried.

Every solved notebook of the corpus must earn every point, or wait for a person where it says so.
`--notebooks` rearranges each answer of all solved notebooks, without running them; `--names`
runs them with names and surroundings changed that their tests use.
"""

import argparse
import copy
import re
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode
from nbformat.warnings import DuplicateCellId
from rich.console import Console
from sqlalchemy.exc import SAWarning

from grading.course.cells import is_test, nbgrader_of
from grading.course.layout import Course
from grading.course.released import ReleasedNotebook, without_solutions
from grading.engine.autograde import autograde
from grading.engine.tasks import pending
from grading.pipeline.configuration import load_config
from grading.sandbox.settings import PROJECT, Sandbox
from grading.submission.assemble import assemble
from grading.submission.code import statements
from grading.submission.own_framework import original
from grading.submission.released_cells import defined_by
from grading.submission.restore import Restored, restore
from trials.gradebook import Grades, gradebook_rows
from trials.hostile_course import MINI, TEXT, build_hostile_course, submit
from trials.rearranged import handed_in, rearranged
from trials.rebound import Rebound, rebound
from trials.running_order import at_tests, names_of
from trials.submission import Entry, Submission, load_corpus

CORPUS = PROJECT / "trials" / "corpora" / "honest"


def corpus() -> list[Entry]:
    """Return everything that happens to honest notebooks."""
    return load_corpus(CORPUS)


class Unrun:
    """The small course's release, on which submissions are put together and nothing is run."""

    def __init__(self, root: Path) -> None:
        self.released = ReleasedNotebook(Course(root), MINI)
        source = root / "source" / MINI
        (source / "data").mkdir(parents=True)
        (source / "data" / "few.npz").write_bytes(b"digits")
        self.released.keep(with_ids(jupytext.read(TEXT)), source)

    def complaints(self, entry: Entry, folder: Path) -> list[str]:
        """Return what is wrong with a submission that is put together again."""
        folder.mkdir(parents=True)
        solved = self.released.solved()
        submission = Submission(folder, handed_in(solved), solved)
        entry.change(submission)
        submission.save()
        assembled = assemble(original(self.released), folder)
        if entry.waits:
            waits = assembled.doubt.waits and assembled.doubt.about
            return [] if waits else ["it does not wait for a person"]
        return complaints(assembled, handed_in(solved), submission.rewritten)


def with_ids(notebook: NotebookNode) -> NotebookNode:
    """Return a notebook whose cells have ids that stay the same."""
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"ours-{number}"
    return notebook


def complaints(
    restored: Restored, written: NotebookNode, rewritten: Sequence[str] = ()
) -> list[str]:
    """Return what is not defined as it was written when the tests are reached, or waits."""
    others = {one.form for text in rewritten for one in statements(text) or []}
    known = names_of(written)
    wanted, got = at_tests(written, known), at_tests(restored.notebook, known)
    lost = {
        f"{name} at {test}"
        for test, defined in wanted.items()
        for name, form in defined.items()
        if got.get(test, {}).get(name) not in {form, *others}
    }
    return [*sorted(lost), *restored.doubt.about]


@dataclass(frozen=True)
class Rearrangement:
    """An answer of a solved notebook that was rearranged, and what is wrong with the result."""

    name: str
    complaints: list[str]


def rearrangements(solved: NotebookNode, every: int = 1, first: int = 0) -> Iterator[Rearrangement]:
    """Rearrange each answer of a solved notebook in each way (or every so many), and restore it."""
    skeleton = without_solutions(copy.deepcopy(solved))
    whole = restore(skeleton, handed_in(solved), defined_by(solved)).notebook
    for number, (name, notebook) in enumerate(rearranged(solved)):
        if number % every == first:
            restored = restore(skeleton, notebook, defined_by(solved))
            yield Rearrangement(name, complaints(restored, whole))


def graded(mini_root: Path, entries: list[Entry], workers: int, console: Console) -> dict[str, str]:
    """Grade the entries on the small course; return what is wrong, by entry."""
    mini = build_hostile_course(mini_root, "honest")
    for entry in entries:
        submit(mini, entry.name, entry.answers, entry.change)
    console.print(f"grading {len(entries)} submissions", highlight=False)
    tasks = pending(mini.course, mini.config)
    failures = autograde(mini.course, mini.config, tasks, workers, lambda line: None)
    rows = gradebook_rows(mini.course, MINI)
    tests = [nbgrader_of(cell) for cell in mini.released.solved().cells if is_test(cell)]
    most = {str(ours["grade_id"]): float(ours["points"]) for ours in tests}
    wrong = {line.split()[0]: line for line in failures}
    for entry in entries:
        file = mini.course.autograded(entry.name, MINI) / f"{MINI}.ipynb"
        told = nbformat.read(file, as_version=4).metadata if file.exists() else {}
        if complaint := _wrong(entry, rows, most, str(told)):
            wrong.setdefault(entry.name, complaint)
    return wrong


def _wrong(entry: Entry, rows: Grades, most: dict[str, float], told: str) -> str | None:
    """Return what is wrong with a grade: a point too few, or a person asked too often or not."""
    cells = {name: row for name, row in rows.get(entry.name, {}).items() if name in most}
    waiting = sorted(name for name, (_, _, waits) in cells.items() if waits)
    if entry.waits:
        return None if waiting else "does not wait for a person"
    less = {name: cells[name][0] for name in most if cells.get(name, [None])[0] != most[name]}
    if less or waiting:
        return f"{less} of {most}, waiting {waiting}: {told}"
    untold = [words for words in entry.says if words not in told]
    return f"is not told {untold}" if untold else None


def main() -> int:
    """Print the results; the exit status says whether everything is right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="regular expression of names or themes")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--notebooks", action="store_true", help="rearrange all notebooks")
    parser.add_argument("--names", action="store_true", help="rebind names in all notebooks")
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore", category=SAWarning)  # nbgrader's own queries
    warnings.filterwarnings("ignore", category=DuplicateCellId)
    console = Console(width=None if sys.stdout.isatty() else 160)
    if arguments.notebooks:
        return _print_rearrangements(arguments.only, console)
    if arguments.names:
        return _print_rebound(arguments.only, console)
    entries = [one for one in corpus() if re.search(arguments.only, f"{one.theme} {one.name}")]
    with tempfile.TemporaryDirectory(prefix="honest-") as folder:
        wrong = graded(Path(folder) / "course", entries, arguments.workers, console)
    for name, complaint in sorted(wrong.items()):
        console.print(f"{name}: {complaint}", highlight=False, markup=False)
    console.print(f"{len(entries) - len(wrong)} / {len(entries)} right", highlight=False)
    return 1 if wrong else 0


def _print_rearrangements(only: str, console: Console) -> int:
    def of(assignment: str) -> Iterator[Rearrangement]:
        text = PROJECT / "source" / assignment / f"{assignment}.py"
        return rearrangements(with_ids(jupytext.read(text)))

    return _print_all(of, only, console)


def _print_rebound(only: str, console: Console) -> int:
    course, settings = Course(PROJECT), Sandbox(config=load_config(PROJECT))
    return _print_all(lambda name: rebound(course, name, settings), only, console)


def _print_all(
    of: Callable[[str], Iterable[Rearrangement | Rebound]], only: str, console: Console
) -> int:
    right = tried = 0
    for assignment in Course(PROJECT).read_assignments():
        if not re.search(only, assignment.name):
            continue
        for one in of(assignment.name):
            right, tried = right + (not one.complaints), tried + 1
            for complaint in one.complaints:
                console.print(f"{assignment.name} {one.name}: {complaint}", markup=False)
    console.print(f"{right} / {tried} right", highlight=False)
    return int(right != tried)


if __name__ == "__main__":
    sys.exit(main())
