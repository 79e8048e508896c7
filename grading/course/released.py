"""Keep what an assignment was released from, and rebuild submissions on it.

`answer_key/<assignment>/` holds `released.ipynb` (solutions and hidden tests included), `handout/`
(the other files of the release) and `key.json` (made by `grading.checks.answer_key`). nbgrader
writes them when it generates the assignment, so grading always uses what was released.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path, PurePath

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import ClearOutput, ClearSolutions, ComputeChecksums, LockCells

from grading.course.assignment import FILE
from grading.course.errors import NotReleased
from grading.course.layout import Course
from grading.course.release_steps import take_step

SKELETON_STEPS = (LockCells, ClearSolutions, ClearOutput, ComputeChecksums)
NOT_HANDED_OUT = (FILE, "*.ipynb", "*.py", ".ipynb_checkpoints", "__pycache__", "*.pyc")


@dataclass(frozen=True)
class ReleasedNotebook:
    """The kept original of an assignment's notebook, and the files released beside it."""

    course: Course
    assignment: str

    @property
    def folder(self) -> Path:
        """Return the folder that holds everything of the release that students do not get."""
        return self.course.answer_key(self.assignment)

    @property
    def handout(self) -> Path:
        """Return the folder of the files that are released beside the notebook."""
        return self.folder / "handout"

    @property
    def handed_out(self) -> frozenset[PurePath]:
        """Return the names of these files."""
        files = (path for path in self.handout.rglob("*") if path.is_file())
        return frozenset(path.relative_to(self.handout) for path in files)

    @property
    def key(self) -> Path:
        """Return the path of the answer key; for practice there is another."""
        return self.folder / ("practice_key.json" if self.course.practising else "key.json")

    @property
    def file(self) -> Path:
        """Return the path of the kept notebook."""
        return self.folder / "released.ipynb"

    def keep(self, notebook: NotebookNode, source: Path) -> None:
        """Store the notebook and the files to hand out from the source folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        fresh = self.folder / "handout.new"
        shutil.rmtree(fresh, ignore_errors=True)
        copy_handout(source, fresh)
        shutil.rmtree(self.handout, ignore_errors=True)
        fresh.rename(self.handout)
        nbformat.write(notebook, self.file)

    def solved(self) -> NotebookNode:
        """Return the notebook with our solutions; raise `NotReleased` when there is none."""
        if not self.file.exists():
            raise NotReleased(
                f"{self.assignment} has not been released: run `make release A={self.assignment}`, "
                f"or `nbgrader generate_assignment {self.assignment}`."
            )
        return nbformat.read(self.file, as_version=4)

    def skeleton(self) -> NotebookNode:
        """Return the notebook without solutions, with hidden tests: the base of submissions."""
        return without_solutions(self.solved())


def without_solutions(notebook: NotebookNode) -> NotebookNode:
    """Return the notebook as nbgrader releases it, but with its hidden tests."""
    for step in SKELETON_STEPS:
        notebook = take_step(step, notebook)
    return notebook


def handed_out(source: Path) -> list[Path]:
    """Return the files and folders of a source folder that students get beside the notebook."""
    return [
        path
        for path in sorted(source.iterdir())
        if not any(path.match(pattern) for pattern in NOT_HANDED_OUT)
    ]


def copy_handout(source: Path, target: Path) -> None:
    """Copy what a release holds beside its notebook.

    The text notebook holds the solutions, so no Python file of the folder itself is handed out.
    """
    target.mkdir(parents=True)
    for path in handed_out(source):
        if path.is_dir():
            ignore = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
            shutil.copytree(path, target / path.name, ignore=ignore)
        else:
            shutil.copy(path, target / path.name)
