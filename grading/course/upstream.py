"""What came from upstream, what is there now, and what stands in the course: merged, and kept."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from grading.course.errors import CourseError
from grading.course.files import write_whole
from grading.course.merging import Conflict, merge_cells

FOLDER = ".upstream"
PATTERNS = ("source/*/*.py", "source/*/*.toml", "nbgrader_config.py", "jupytext.toml")
"""The files of a course that people edit and upstream goes on changing."""
UNFINISHED = "unfinished"


class CannotUpdate(CourseError):
    """Nothing is brought in or taken back; the message says why."""


@dataclass(frozen=True)
class Change:
    """What becomes of one file: its new text, and what there is to tell of its cells."""

    name: str
    text: str
    new: bool = False
    conflicts: tuple[Conflict, ...] = ()
    taken: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What an update would do: files that change, and those that upstream has no more."""

    changes: list[Change] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    upstream: dict[str, str] = field(default_factory=dict)


def course_files(root: Path) -> dict[str, str]:
    """Return the texts of the files that upstream and course share, by their names."""
    found = sorted(file for pattern in PATTERNS for file in root.glob(pattern))
    return {
        file.relative_to(root).as_posix(): file.read_text(encoding="utf-8")
        for file in found
        if file.is_file() and not file.is_symlink()
    }


def keep_base(root: Path, files: dict[str, str]) -> None:
    """Note that these texts, as upstream has them, are what the course goes on from."""
    write_files(_base(root), files)


def write_files(folder: Path, files: dict[str, str]) -> None:
    """Write each text into its file, whole."""
    for name, text in files.items():
        write_whole(folder / name, text)


def base_files(root: Path) -> dict[str, str]:
    """Return upstream's files as the course once took them."""
    return course_files(_base(root))


def has_base(root: Path) -> bool:
    """Return whether it is known which state of upstream the course goes on from."""
    return _base(root).is_dir()


def plan(root: Path, upstream: Path, base: Path | None, prefer: Iterable[str] = ()) -> Plan:
    """Return what bringing in upstream's files would change; write nothing.

    `base` holds upstream's files as the course once took them; without one, those that the course
    has kept. `prefer` names assignments (`02_tensor`), cells (`02_tensor/test_matmul`) or `all`
    where upstream's text is taken though both sides changed it. Raises `CannotUpdate` when there is
    no course in `upstream`.
    """
    theirs = course_files(upstream)
    if not any(name.startswith("source/") for name in theirs):
        raise CannotUpdate(f"There is no course in {upstream}: it has no source/*/*.py.")
    bases = course_files(base) if base else base_files(root)
    ours, wanted = course_files(root), set(prefer)
    differ = any(ours.get(name, text) != text for name, text in theirs.items())
    if differ and base is None and not has_base(root):
        raise CannotUpdate(
            "It is not known from which state of upstream this course went on. Give the folder "
            "that it was made from, BASE=…; in a git clone say `git pull` (docs/updating.md)."
        )
    changes = []
    for name, text in theirs.items():
        if name in ours:
            change = _merged(name, bases.get(name), ours[name], text, _preferred(name, wanted))
            changes += [change] if change.conflicts or change.text != ours[name] else []
        elif name not in bases:
            changes.append(Change(name, text, new=True))
    gone = [name for name in bases if name not in theirs and name in ours]
    return Plan(changes, gone, theirs)


def _merged(name: str, base: str | None, ours: str, theirs: str, prefer: frozenset[str]) -> Change:
    """Merge one file; one that both sides have added without the other is a conflict as a whole."""
    if base is None and ours != theirs and prefer != {"all"}:
        return Change(name, ours, conflicts=(Conflict("the whole file", "", ours, theirs),))
    merged = merge_cells(ours if base is None else base, ours, theirs, prefer)
    return Change(name, merged.text, conflicts=merged.conflicts, taken=merged.taken)


def _preferred(name: str, wanted: set[str]) -> frozenset[str]:
    """Return the cells of a file in which upstream's text is preferred."""
    parts = Path(name).parts
    called = parts[1] if len(parts) > 2 else name
    if wanted & {"all", called}:
        return frozenset({"all"})
    return frozenset(
        one.removeprefix(f"{called}/") for one in wanted if one.startswith(f"{called}/")
    )


def apply(root: Path, planned: Plan) -> str:
    """Keep the course's files and base as they are, then write what is planned; return the state.

    A run that is killed leaves what was kept; said again, it goes on, and keeps the first state.
    """
    state = _unfinished(root) or _keep(root)
    write_whole(_states(root) / state / UNFINISHED, "")
    for change in planned.changes:
        if change.new or change.text != (root / change.name).read_text(encoding="utf-8"):
            write_whole(root / change.name, change.text)
    keep_base(root, planned.upstream)
    for name in planned.gone:
        (_base(root) / name).unlink(missing_ok=True)
    _finish(root)
    return state


def states(root: Path) -> list[str]:
    """Return the names of the states that are kept, the oldest first."""
    folder = _states(root)
    return sorted(one.name for one in folder.iterdir()) if folder.is_dir() else []


def undo(root: Path, state: str | None = None) -> tuple[str, str]:
    """Bring back the files of a kept state, by default the newest; return it and what it replaced.

    What stands there now is kept as a state of its own, so that this can be taken back, too. Files
    that the update brought go, when nobody has changed them since. Raises `CannotUpdate` when there
    is no such state.
    """
    kept = states(root)
    wanted = state or (kept[-1] if kept else None)
    if wanted not in kept:
        raise CannotUpdate(f"There is no such state; kept are: {', '.join(kept) or 'none'}.")
    folder = _states(root) / wanted
    before, brought = course_files(folder / "course"), base_files(root)
    replaced = _keep(root)
    for name, text in course_files(root).items():
        if name not in before and brought.get(name) == text:
            _remove(root / name)
    write_files(root, before)
    shutil.rmtree(_base(root), ignore_errors=True)
    keep_base(root, course_files(folder / "base"))
    _finish(root)
    return wanted, replaced


def _remove(file: Path) -> None:
    """Remove a file that an update brought, and what was made from it."""
    file.unlink()
    file.with_suffix(".ipynb").unlink(missing_ok=True)
    shutil.rmtree(file.parent / "tinytorch", ignore_errors=True)


def _base(root: Path) -> Path:
    return root / FOLDER / "base"


def _states(root: Path) -> Path:
    return root / FOLDER / "states"


def _unfinished(root: Path) -> str | None:
    found = [name for name in states(root) if (_states(root) / name / UNFINISHED).exists()]
    return found[0] if found else None


def _finish(root: Path) -> None:
    for name in states(root):
        (_states(root) / name / UNFINISHED).unlink(missing_ok=True)


def _keep(root: Path) -> str:
    """Keep the course's files and base under the time of today, whole or not at all."""
    name = f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%S}"
    while name in states(root):
        name += "+"
    fresh = root / FOLDER / "keeping"
    shutil.rmtree(fresh, ignore_errors=True)
    for part, folder in (("course", root), ("base", _base(root))):
        write_files(fresh / part, course_files(folder))
    _states(root).mkdir(parents=True, exist_ok=True)
    fresh.rename(_states(root) / name)
    return name
