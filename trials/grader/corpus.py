"""The corpus of broken lines: edits of the grader that break a promise, and who must notice."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

CORPUS = Path("trials", "corpora", "grader")
"""Where in the project the corpus is, a TOML file for each area of the code."""


class BadCorpus(ValueError):
    """An entry of the corpus is incomplete, or does not fit the code it is about."""


@dataclass(frozen=True)
class BrokenLine:
    """One deliberate mistake: in `file`, `new` stands where `old` should."""

    name: str
    file: str
    old: str
    new: str
    breaks: str
    """Which promise is broken, in a sentence."""

    tests: tuple[str, ...]
    """The nearest tests, as pytest is told them; with the mistake made, one of them must fail."""

    area: str
    """The TOML file it is from, without its ending."""


FIELDS = {field.name for field in fields(BrokenLine)} - {"area"}


def load_broken_lines(folder: Path) -> list[BrokenLine]:
    """Read every TOML file of a folder; raise `BadCorpus` naming the file and the entry."""
    lines: list[BrokenLine] = []
    first: dict[str, str] = {}
    for file in sorted(folder.glob("*.toml")):
        for number, entry in enumerate(_entries(file), start=1):
            where = f"{file.name}: {entry.get('name', f'entry {number}, which has no name')}"
            line = _broken_line(entry, where, file.stem)
            if line.name in first:
                raise BadCorpus(f"{where}: {first[line.name]} has an entry of that name already")
            first[line.name] = file.name
            lines.append(line)
    return lines


def edited(root: Path, line: BrokenLine) -> bytes:
    """Return the file's content with the mistake made; raise `BadCorpus` where it does not fit."""
    where = f"{line.area}.toml: {line.name}"
    file = root / line.file
    if not file.is_file():
        raise BadCorpus(f"{where}: there is no {line.file}")
    content, old, new = file.read_bytes(), line.old.encode(), line.new.encode()
    if old == new:
        raise BadCorpus(f"{where}: new is the same as old")
    if content.count(old) != 1:
        raise BadCorpus(f"{where}: old stands {content.count(old)} times in {line.file}, not once")
    return content.replace(old, new)


def apply(root: Path, line: BrokenLine) -> None:
    """Make the mistake in a tree; raise `BadCorpus` where it does not fit."""
    (root / line.file).write_bytes(edited(root, line))


def _entries(file: Path) -> list[dict[str, Any]]:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadCorpus(f"{file.name}: {error}") from None
    unknown = sorted(content.keys() - {"broken"})
    if unknown:
        raise BadCorpus(f"{file.name}: only [[broken]] entries belong here, not {unknown[0]}")
    return list(content.get("broken", []))


def _broken_line(entry: Mapping[str, Any], where: str, area: str) -> BrokenLine:
    for field in sorted(FIELDS - entry.keys()):
        raise BadCorpus(f"{where}: the field {field} is missing")
    for field in sorted(entry.keys() - FIELDS):
        raise BadCorpus(f"{where}: there is no field {field}")
    for field in sorted(FIELDS - {"tests"}):
        if not isinstance(entry[field], str):
            raise BadCorpus(f"{where}: {field} is not a text")
    tests = entry["tests"]
    if not isinstance(tests, list) or not tests or not all(isinstance(test, str) for test in tests):
        raise BadCorpus(f"{where}: tests is not a list of test files or node ids")
    return BrokenLine(**{**entry, "tests": tuple(tests)}, area=area)
