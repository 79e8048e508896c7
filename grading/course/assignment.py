"""What an assignment says of itself: `assignment.toml` in its folder of `source/`."""

import re
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from grading.course.errors import BadCourse

FILE = "assignment.toml"
DATA_SETS = ("digits", "cifar10")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
MODULE = re.compile(r"[a-z_][a-z0-9_]*")


@dataclass(frozen=True)
class Assignment:
    """One assignment: `module` is what its exported cells make, or None."""

    name: str
    title: str
    order: int
    module: str | None = None
    data: tuple[str, ...] = ()
    milestones: bool = False


def read_assignment(folder: Path) -> Assignment:
    """Read the file of an assignment's folder; raise `BadCourse` where it does not fit."""
    file = folder / FILE
    place = f"source/{folder.name}/{FILE}"
    try:
        content = tomllib.loads(file.read_text())
    except tomllib.TOMLDecodeError as error:
        raise BadCourse(f"{place} is not TOML: {error}.") from None
    known = {field.name for field in fields(Assignment)} - {"name"}
    unknown = sorted(content.keys() - known)
    if unknown:
        raise BadCourse(
            f"{place} says {', '.join(unknown)}; it may say {', '.join(sorted(known))}."
        )
    _refuse_unfit(place, folder.name, content)
    return Assignment(
        folder.name,
        content["title"],
        content["order"],
        content.get("module"),
        tuple(content.get("data", ())),
        content.get("milestones", False),
    )


def write_assignment(folder: Path, assignment: Assignment) -> None:
    """Write the file of an assignment's folder."""
    lines = [f'title = "{assignment.title}"', f"order = {assignment.order}"]
    if assignment.module:
        lines.append(f'module = "{assignment.module}"')
    if assignment.data:
        lines.append(f"data = [{', '.join(map(_quoted, assignment.data))}]")
    if assignment.milestones:
        lines.append("milestones = true")
    (folder / FILE).write_text("\n".join(lines) + "\n")


def _quoted(text: str) -> str:
    return f'"{text}"'


def _refuse_unfit(place: str, name: str, content: dict[str, Any]) -> None:
    wanted = {"title": "a text", "order": "a whole number", "module": "a Python name"}
    wanted |= {"data": f"a list of {', '.join(DATA_SETS)}", "milestones": "true or false"}
    data = content.get("data", [])
    fits = {
        "title": isinstance(content.get("title"), str) and '"' not in content.get("title", ""),
        "order": type(content.get("order")) is int,
        "module": _is_module(content.get("module")),
        "data": isinstance(data, list) and all(one in DATA_SETS for one in data),
        "milestones": isinstance(content.get("milestones", False), bool),
    }
    for key, fit in fits.items():
        if not fit:
            said = content.get(key, "nothing")
            raise BadCourse(f"{place}: {key} must be {wanted[key]}, and it is {said!r}.")
    if not NAME.fullmatch(name):
        raise BadCourse(f"source/{name}: use letters, digits, _ and - in an assignment's name.")


def _is_module(module: Any) -> bool:
    return module is None or (isinstance(module, str) and bool(MODULE.fullmatch(module)))
