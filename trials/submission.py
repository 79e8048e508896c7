"""Hostile, broken and honest submissions: what an entry of a corpus is, and how one is made."""

import copy
import importlib.util
import json
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from grading.course.released import without_solutions
from trials.corpus import solved_answers

NOTEBOOK = "mini.ipynb"
Kind = Literal["attack", "fault", "honest"]
Change = Callable[["Submission"], None]


class Submission:
    """A student's folder in the making; an entry of a corpus turns it into what it is about."""

    def __init__(
        self, folder: Path, notebook: NotebookNode, solved: NotebookNode | None = None
    ) -> None:
        self.folder = folder
        self.notebook = notebook
        self.solved = notebook if solved is None else solved
        self.replaced = False
        self.rewritten: list[str] = []

    @property
    def file(self) -> Path:
        """Return the path of the notebook."""
        return self.folder / NOTEBOOK

    @property
    def stubs(self) -> dict[str, str]:
        """Return what was handed out in each answer, by grade id."""
        return solved_answers(without_solutions(copy.deepcopy(self.solved)))

    def cell(self, grade_id: str) -> NotebookNode:
        """Return the cell with a grade id."""
        return next(cell for cell in self.notebook.cells if grade_id_of(cell) == grade_id)

    def answer(self, grade_id: str, source: str) -> None:
        """Replace what the student wrote into a cell."""
        self.cell(grade_id).source = textwrap.dedent(source).strip()
        self.rewritten.append(self.cell(grade_id).source)

    def append(self, grade_id: str, source: str) -> None:
        """Add lines below what the student wrote into a cell."""
        self.cell(grade_id).source += "\n\n" + textwrap.dedent(source).strip()

    def run_first(self, source: str) -> None:
        """Add a code cell of the student's own above everything else."""
        self.notebook.cells.insert(0, new_code_cell(textwrap.dedent(source).strip()))

    def run_before(self, grade_id: str, source: str) -> None:
        """Add a code cell of the student's own above a cell."""
        place = self.notebook.cells.index(self.cell(grade_id))
        self.notebook.cells.insert(place, new_code_cell(textwrap.dedent(source).strip()))

    def write_text_cell(self, source: str) -> NotebookNode:
        """Add a Markdown cell of the student's own above everything else, and return it."""
        cell = new_markdown_cell(textwrap.dedent(source).strip())
        self.notebook.cells.insert(0, cell)
        return cell

    def show(self, data: dict[str, Any], metadata: dict[str, Any] | None = None) -> None:
        """Add a code cell that was submitted with a display output."""
        output = {"output_type": "display_data", "data": data, "metadata": metadata or {}}
        cell = new_code_cell("# a picture")
        cell["outputs"] = [nbformat.from_dict(output)]
        self.notebook.cells.insert(0, cell)

    def add_file(self, name: str, content: str | bytes) -> Path:
        """Put a file beside the notebook."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            content = textwrap.dedent(content).encode()
        path.write_bytes(content)
        return path

    def replace_file(self, content: bytes | None) -> None:
        """Submit these bytes instead of a notebook; None submits no such file."""
        self.replaced = True
        self.file.unlink(missing_ok=True)
        if content is not None:
            self.file.write_bytes(content)

    def save(self) -> None:
        """Write the notebook, unless something else takes its place."""
        if not self.replaced:
            text = json.dumps(self.notebook, ensure_ascii=True, indent=1)
            self.file.write_text(text + "\n")


@dataclass(frozen=True)
class Entry:
    """One attack, fault or honest submission: what it tries, and what must happen.

    `score` is what it must earn, or what it may earn (None: exactly as much as its base); `says`
    must stand in its feedback, `never` must not; `seconds` is the longest that it may take;
    `answers` is what it starts from; `stock` ones also go through nbgrader's own command. What
    `waits` must end before a person. What is `no_python` fails to run on purpose.
    """

    kind: Kind
    name: str
    tries: str
    ends: str
    change: Change
    theme: str
    score: float | tuple[float, ...] | None = None
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    seconds: float = 45.0
    answers: str = "half done"
    stock: bool = False
    waits: bool = False
    no_python: bool = False


def attack(ends: str, **expectations: Any) -> Callable[[Change], Change]:
    """Mark a function as an attack: its first line of documentation says what it tries."""
    return _mark("attack", ends, expectations)


def fault(ends: str, **expectations: Any) -> Callable[[Change], Change]:
    """Mark a function as a fault: its first line of documentation says what is wrong."""
    return _mark("fault", ends, expectations)


def honest(ends: str, **expectations: Any) -> Callable[[Change], Change]:
    """Mark a function as what happens to an honest, solved notebook on its way."""
    return _mark("honest", ends, {"answers": "solved", **expectations})


def load_corpus(folder: Path) -> list[Entry]:
    """Return the entries of every module of a folder, in order."""
    entries: list[Entry] = []
    for file in sorted(folder.glob("*.py")):
        for value in vars(_load(file)).values():
            entry = getattr(value, "entry", None)
            if isinstance(entry, Entry):
                entries.append(entry)
    return entries


def grade_id_of(cell: NotebookNode) -> str | None:
    """Return the grade id of a cell, or None."""
    return cell.get("metadata", {}).get("nbgrader", {}).get("grade_id")


def _mark(kind: Kind, ends: str, expectations: dict[str, Any]) -> Callable[[Change], Change]:
    def decorate(change: Change) -> Change:
        name = change.__name__.replace("_", "-")
        tries = (change.__doc__ or "").strip().split("\n")[0]
        theme = change.__module__.rpartition(".")[2]
        entry = Entry(kind, name, tries, ends, change, theme, **expectations)
        change.entry = entry  # type: ignore[attr-defined]
        return change

    return decorate


def _load(file: Path) -> ModuleType:
    name = f"{file.parent.name}.{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
