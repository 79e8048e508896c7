"""From a submitted folder to the notebook that is run: which file it is, and what is in it."""

from dataclasses import dataclass
from pathlib import Path

from grading.course.cells import grade_id_of, is_test
from grading.submission.files import TIMESTAMP, walk
from grading.submission.find import (
    MOST,
    Candidate,
    Unreadable,
    candidates,
    equally_likely,
    notes_on,
)
from grading.submission.read import MAX_BYTES, read_submission
from grading.submission.released_cells import Original
from grading.submission.restore import Doubt, Restored, restore_on

SEVERAL = "a person decides which one counts."


@dataclass
class Assembled(Restored):
    """A notebook to run, and the folder whose files it was written beside."""

    folder: Path = Path()
    readable: bool = False


def assemble(original: Original, submitted: Path) -> Assembled:
    """Return the notebook of a submission, restored on the released one.

    An unsolved notebook or one that cannot be read makes way for another; where it is not certain
    which notebook counts, or there is none that can be read, a person decides.
    """
    skeleton, name = original.skeleton, original.name
    tests = frozenset(str(grade_id_of(cell)) for cell in skeleton.cells if is_test(cell))
    try:
        found = candidates(submitted, name)
    except Unreadable as error:
        if not _holds_anything(submitted):
            return Assembled(skeleton, [str(error)], folder=submitted)
        return Assembled(skeleton, doubt=Doubt((str(error),), tests), folder=submitted)
    tried = _tries(found, original)
    best = next(
        (one for one in tried if one.answered),
        next((one for one in tried if one.restored is not None), tried[0]),
    )
    notes = notes_on(best.file, len(found) - 1, submitted, name)
    doubts = [*_doubts_about_the_file(tried, best), *([best.error] if best.error else [])]
    doubt = Doubt(tuple(doubts), tests if doubts else frozenset())
    if best.restored is None:
        return Assembled(skeleton, notes, doubt, folder=submitted)
    notes += best.restored.repairs
    doubt = doubt.and_(best.restored.doubt)
    return Assembled(
        best.restored.notebook, notes, doubt, folder=best.file.path.parent, readable=True
    )


@dataclass(frozen=True)
class _Tried:
    """A file that may be the notebook, and what came of reading it."""

    file: Candidate
    restored: Restored | None = None
    error: str = ""

    @property
    def answered(self) -> bool:
        return self.restored is not None and self.restored.answered


def _tries(found: list[Candidate], original: Original) -> list[_Tried]:
    """Look into the files that may count, likeliest first, and into no more than must be."""
    likely = equally_likely(found)
    tried: list[_Tried] = []
    room = MAX_BYTES
    for file in found[:MOST]:
        room -= file.path.lstat().st_size
        settled = any(one.answered for one in tried) and file not in likely
        if not tried or (room >= 0 and not settled):
            tried.append(_try(file, original))
    return tried


def _try(file: Candidate, original: Original) -> _Tried:
    try:
        return _Tried(file, restore_on(original.cells, read_submission(file.path)))
    except Unreadable as error:
        return _Tried(file, error=str(error))


def _doubts_about_the_file(tried: list[_Tried], best: _Tried) -> list[str]:
    """Say why another notebook could be the one that counts."""
    first = tried[0]
    if best is not first:
        why = first.error or "It holds no answer."
        return [f"{first.file.shown} is not graded: {why} {best.file.shown} is, in its place."]
    likely = equally_likely([one.file for one in tried])
    others = [one for one in tried if one.file in likely and one.answered and one is not best]
    if best.answered and any(_differ(one, best) for one in others):
        return [f"There were several notebooks, none called as it should be: {SEVERAL}"]
    return []


def _differ(one: _Tried, other: _Tried) -> bool:
    """Return whether two notebooks hold other code or text."""
    texts = [
        [cell.source for cell in tried.restored.notebook.cells] if tried.restored else []
        for tried in (one, other)
    ]
    return texts[0] != texts[1]


def _holds_anything(submitted: Path) -> bool:
    return any(path.name != TIMESTAMP for path, _ in walk(submitted))
