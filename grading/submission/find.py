"""Find the notebook in what a student handed in, whatever it is called and wherever it lies.

The one of the right name counts; else the one whose name is most like it, wherever it lies in the
submission; else the only one. What systems add on their own is passed over.
"""

import re
import stat
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from grading.submission.files import is_junk, walk

NOTEBOOK_ENDING = re.compile(r"\.ipynb(\s?\(\d+\))?(\.(txt|json|bak|orig|download))*$", re.I)
OTHER_ENDING = re.compile(r"\.(json|txt)$", re.I)
SHOWN = re.compile(r"[\w .,()+-]{1,80}")
MOST = 6  # notebooks of a submission that are looked into


class Unreadable(ValueError):
    """A submitted file is no notebook; the message is for the student."""


@dataclass(frozen=True)
class Candidate:
    """A file that may be the notebook; the smaller `rank`, the more likely it is."""

    path: Path
    rank: int
    depth: int
    name: str

    @property
    def shown(self) -> str:
        """Return its name as it is told to the student."""
        return f"`{self.name}`" if SHOWN.fullmatch(self.name) else "one with an unusual name"


EXACT, SAME, LIKE, OTHER = range(4)


def candidates(folder: Path, notebook: str) -> list[Candidate]:
    """Return the files that may be the notebook, likeliest first; raise `Unreadable` for none.

    What lies at the notebook's own path but is no file, such as a link, makes way for no other.
    """
    wanted = folder / f"{notebook}.ipynb"
    if wanted.is_symlink():
        return [Candidate(wanted, EXACT, 0, wanted.name)]
    found = []
    for path, status in walk(folder):
        if stat.S_ISREG(status.st_mode) and not is_junk(path.relative_to(folder)):
            # archives made on Windows may leave a path where a name should be
            name = str(path.name).replace("\\", "/").rpartition("/")[2]
            depth = len(path.relative_to(folder).parts) - 1
            rank = _rank(name, notebook)
            if rank is not None:
                found.append(Candidate(path, rank, depth, name))
    if not found:
        if wanted.exists():
            return [Candidate(wanted, EXACT, 0, wanted.name)]
        raise Unreadable(f"There is no notebook called {wanted.name}; there were none.")
    return sorted(found, key=lambda one: (one.rank, one.depth, _age(one.name), one.path))


def equally_likely(found: list[Candidate]) -> list[Candidate]:
    """Return the candidates that nothing in their names and places tells from the first."""
    first = found[0]
    if first.rank == EXACT:
        return [one for one in found if (one.rank, one.depth) == (EXACT, first.depth)]
    return [one for one in found if one.rank == first.rank or first.rank == OTHER]


def is_like(name: str, notebook: str) -> bool:
    """Return whether a file's name is a notebook's, or like it."""
    rank = _rank(name, notebook)
    return rank is not None and rank <= LIKE


def notes_on(chosen: Candidate, others: int, folder: Path, notebook: str) -> list[str]:
    """Say which notebook was graded, where that is not plain."""
    wanted = f"{notebook}.ipynb"
    notes = []
    if chosen.name != wanted:
        notes.append(f"The notebook should be called {wanted}; {chosen.shown} was graded.")
    elif chosen.path != folder / wanted:
        notes.append(f"{wanted} was graded, from the folder in which it lay.")
    if others:
        notes.append(f"Only {chosen.shown} was graded, not the other notebooks.")
    return notes


def _rank(name: str, notebook: str) -> int | None:
    """Return how like the right name a file's name is; None for what is no notebook."""
    if name == f"{notebook}.ipynb":
        return EXACT
    known, plain = NOTEBOOK_ENDING.search(name), OTHER_ENDING.search(name)
    ending = known or plain
    if ending is None:
        return None
    stem, wanted = _plain(name[: ending.start()]), _plain(notebook)
    if stem == wanted:
        return SAME
    if not known:
        return None
    return LIKE if re.search(rf"(?<![a-z0-9]){re.escape(wanted)}(?![a-z0-9])", stem) else OTHER


def _plain(name: str) -> str:
    """Return a name without what does not tell notebooks apart: case, blanks, hyphens."""
    return re.sub(r"[\s_-]+", " ", unicodedata.normalize("NFKC", name).casefold()).strip()


def _age(name: str) -> int:
    """Return a key by which the highest number that a browser or an editor gave comes first."""
    numbers: list[str] = re.findall(r"\d{1,9}", name)
    return -int(numbers[-1]) if numbers else 0
