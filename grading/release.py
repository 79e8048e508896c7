"""What a release must satisfy before students get it."""

import copy
import json
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from nbformat import NotebookNode

from grading.answer_key import BadSolution, answer_key, run_solution
from grading.course import Course
from grading.handout import lay_out_hidden_images
from grading.labels import test_labels
from grading.master import Master, without_solutions
from grading.sandbox.settings import Sandbox
from grading.verdict import reach_verdict

SECRET_REGIONS = ("SOLUTION", "HIDDEN TESTS", "MARK SCHEME")
SHORTEST_TELLING_LINE = 12
UNMISTAKABLE_LINE = 30  # shorter ones may be part of an innocent line


class BadRelease(RuntimeError):
    """A release was refused; the message says why."""


def check_release(
    course: Course,
    master: Master,
    notebook: NotebookNode,
    source: Path,
    settings: Sandbox,
    freebies: float = 0,
) -> None:
    """Keep a notebook as an assignment's master if it can be graded; raise `BadRelease` if not.

    Our own solution must earn every point and the unsolved notebook at most `freebies`.
    """
    _refuse_strangers(master.assignment, source)
    lay_out_hidden_images(course.hidden_data)
    trial_root = Path(tempfile.mkdtemp(prefix="release-"))
    try:
        trial = Master(Course(trial_root), master.assignment, master.notebook)
        trial.keep(copy.deepcopy(notebook), source)
        _try_out(course, trial, settings, freebies)
        master.keep(copy.deepcopy(notebook), source)
        shutil.copy(trial.folder / "key.json", master.folder / "key.json")
    except BadSolution as error:
        raise BadRelease(f"{master.assignment} is not released: {error}.") from None
    finally:
        shutil.rmtree(trial_root, ignore_errors=True)


def _refuse_strangers(assignment: str, source: Path) -> None:
    """Raise `BadRelease` if another notebook or text lies in the folder: it would be handed out."""
    strangers = sorted(
        path.name
        for path in source.iterdir()
        if path.suffix in (".ipynb", ".py") and path.stem != assignment
    )
    if strangers:
        raise BadRelease(
            f"{assignment} is not released: its one notebook is {assignment}.ipynb. "
            f"Rename, move or remove {', '.join(strangers)}."
        )


def _try_out(course: Course, trial: Master, settings: Sandbox, freebies: float) -> None:
    notebooks = {True: trial.solved(), False: without_solutions(trial.solved())}
    with ThreadPoolExecutor(len(notebooks)) as pool:
        running = {
            solved: pool.submit(run_solution, notebook, trial.handout, course, settings)
            for solved, notebook in notebooks.items()
        }
        key = answer_key(course, trial, settings)
    for solved, notebook in notebooks.items():
        verdict = reach_verdict(notebook, running[solved].result(), key, test_labels, [])
        missed = [
            f"'{outcome.name}' in {cell} ({outcome.hint})"
            for cell, outcomes in verdict.outcomes.items()
            for outcome in outcomes
            if not outcome.passed
        ]
        earned = sum(score or 0.0 for score in verdict.scores.values())
        if solved and missed:
            raise BadSolution(f"a second run of our own solution misses {missed[0]}")
        if not solved and earned > freebies:
            held = [
                f"'{o.name}' in {cell}"
                for cell, outcomes in verdict.outcomes.items()
                for o in outcomes
                if o.passed
            ]
            raise BadSolution(f"the unsolved notebook earns {earned:g} points by {', '.join(held)}")


def secret_lines(notebook: NotebookNode) -> set[str]:
    """Return the lines of solutions and hidden tests that stand nowhere else in the notebook."""
    secret: set[str] = set()
    public: set[str] = set()
    for cell in notebook.cells:
        inside = False
        for line in cell.source.split("\n"):
            if any(f"BEGIN {region}" in line for region in SECRET_REGIONS):
                inside = True
            elif any(f"END {region}" in line for region in SECRET_REGIONS):
                inside = False
            else:
                (secret if inside else public).add(line.strip())
    known = "\n".join(public)
    return {line for line in secret if len(line) >= SHORTEST_TELLING_LINE and line not in known}


def find_leaks(
    release: Path, notebook: NotebookNode, earlier_modules: str = ""
) -> Iterator[tuple[Path, str]]:
    """Yield every file of a release, with the line, that tells of a solution or a hidden test.

    `earlier_modules` is the text of what may be handed out, whose lines a solution may repeat.
    """
    known = {line.strip() for line in earlier_modules.split("\n")}
    marks = {f"{edge} {region}" for edge in ("BEGIN", "END") for region in SECRET_REGIONS}
    telling = sorted((secret_lines(notebook) - known) | marks)
    for file in sorted(path for path in release.rglob("*") if path.is_file()):
        text = file.read_bytes().decode("utf-8", "replace")
        if file.suffix == ".ipynb":
            cells = json.loads(text)["cells"]
            text = "\n".join([text, *("".join(cell["source"]) for cell in cells)])
        present = {line.strip(" #\t") for line in text.split("\n")}
        for line in telling:
            unmistakable = len(line) >= UNMISTAKABLE_LINE
            if line.strip(" #\t") in present or (unmistakable and line in text):
                yield file, line
