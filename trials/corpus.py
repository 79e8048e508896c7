"""Solutions with known mistakes, and right ones written differently, made from our own."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode

from grading.course.cells import grade_id_of, is_answer, without_marks
from grading.course.layout import Course


class BadCorpus(ValueError):
    """An entry of a corpus does not fit the notebook it is about."""


@dataclass(frozen=True)
class Edit:
    """One change to a solved cell; without `old`, `new` replaces the whole cell."""

    cell: str
    new: str
    old: str | None = None


@dataclass(frozen=True)
class Variant:
    """A solution that differs from ours: wrong (some check of `fails` must not hold) or right."""

    name: str
    right: bool
    about: str
    edits: tuple[Edit, ...]
    fails: tuple[str, ...] = field(default=())


def corpus_file(course: Course, assignment: str) -> Path:
    """Return the file with an assignment's wrong and right solutions."""
    return course.root / "trials" / "corpora" / "solutions" / f"{assignment}.toml"


def load_variants(file: Path) -> list[Variant]:
    """Read a corpus file; raise `BadCorpus` when an entry is incomplete."""
    content = tomllib.loads(file.read_text()) if file.exists() else {}
    variants = []
    for kind in ("wrong", "right"):
        for entry in content.get(kind, []):
            try:
                edits = tuple(Edit(**edit) for edit in entry["edit"])
                about = entry["mistake"] if kind == "wrong" else entry["idea"]
                fails = tuple(entry["fails"]) if kind == "wrong" else ()
                variants.append(Variant(entry["name"], kind == "right", about, edits, fails))
            except (KeyError, TypeError) as error:
                name = entry.get("name", "an entry without a name")
                raise BadCorpus(f"{file.name}: {name}: {error}") from None
    return variants


def solved_answers(solved: NotebookNode) -> dict[str, str]:
    """Return our own answers by grade id, without the marks around them."""
    return {
        name: without_marks(cell.source)
        for cell in solved.cells
        if is_answer(cell) and (name := grade_id_of(cell))
    }


def edited(answers: dict[str, str], edits: Iterable[Edit]) -> dict[str, str]:
    """Return answers with the edits made; raise `BadCorpus` where the old text is not just once."""
    changed = dict(answers)
    for edit in edits:
        if edit.cell not in changed:
            raise BadCorpus(f"there is no answer cell {edit.cell}")
        if edit.old is None:
            changed[edit.cell] = edit.new
            continue
        count = changed[edit.cell].count(edit.old)
        if count != 1:
            raise BadCorpus(
                f"{edit.cell}: the text to replace stands there {count} times: {edit.old!r}"
            )
        changed[edit.cell] = changed[edit.cell].replace(edit.old, edit.new)
    return changed


def fill_in(release: NotebookNode, answers: dict[str, str]) -> NotebookNode:
    """Return the released notebook with answers written into it, as a student would."""
    for cell in release.cells:
        name = grade_id_of(cell)
        if is_answer(cell) and name in answers:
            cell.source = answers[name]
    return release
