"""What an assignment says of itself: `assignment.toml` in its folder of `source/`."""

import json
import keyword
import re
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from grading.course.errors import BadCourse

FILE = "assignment.toml"
DATA_SETS = ("digits", "cifar10")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
MODULE = re.compile(r"[a-z][a-z0-9_]*")
OURS = ("milestones",)  # what lies in every whole `tinytorch/` beside the modules


@dataclass(frozen=True)
class Assignment:
    """One assignment: `module` is what its exported cells make, or None.

    Nobody needs to hand in an `optional` one: it only ever raises an average.
    """

    name: str
    title: str
    order: int
    module: str | None = None
    data: tuple[str, ...] = ()
    milestones: bool = False
    optional: bool = False


def read_assignment(folder: Path) -> Assignment:
    """Read the file of an assignment's folder; raise `BadCourse` where it does not fit."""
    file = folder / FILE
    place = f"source/{folder.name}/{FILE}"
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
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
        content.get("optional", False),
    )


def write_assignment(folder: Path, assignment: Assignment) -> None:
    """Write the file of an assignment's folder."""
    lines = [f"title = {_quoted(assignment.title)}", f"order = {assignment.order}"]
    if assignment.module:
        lines.append(f"module = {_quoted(assignment.module)}")
    if assignment.data:
        lines.append(f"data = [{', '.join(map(_quoted, assignment.data))}]")
    if assignment.milestones:
        lines.append("milestones = true")
    if assignment.optional:
        lines.append("optional = true")
    (folder / FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _refuse_unfit(place: str, name: str, content: dict[str, Any]) -> None:
    wanted = {"title": "a line of text", "order": "a whole number"}
    wanted |= {"module": f"a Python name in small letters, and not {' or '.join(OURS)}"}
    wanted |= {"data": f"a list out of {', '.join(DATA_SETS)}", "milestones": "true or false"}
    wanted |= {"optional": "true or false"}
    data = content.get("data", [])
    fits = {
        "title": _is_line(content.get("title")),
        "order": type(content.get("order")) is int,
        "module": _is_module(content.get("module")),
        "data": isinstance(data, list) and all(one in DATA_SETS for one in data),
        "milestones": isinstance(content.get("milestones", False), bool),
        "optional": isinstance(content.get("optional", False), bool),
    }
    for key, fit in fits.items():
        if not fit:
            said = f"it is {content[key]!r}" if key in content else "there is none"
            raise BadCourse(f"{place}: {key} must be {wanted[key]}, and {said}.")
    refuse_unfit_name(name)


def refuse_unfit_name(name: str) -> None:
    """Raise `BadCourse` when no assignment can have this name."""
    if not NAME.fullmatch(name):
        raise BadCourse(
            f"source/{name}: rename it; an assignment's name has letters, digits, _ and - only, "
            "at most 100 of them."
        )


def _is_line(title: Any) -> bool:
    return isinstance(title, str) and bool(title.strip()) and title.isprintable()


def _is_module(module: Any) -> bool:
    if module is None:
        return True
    fits = isinstance(module, str) and MODULE.fullmatch(module) and module not in OURS
    return bool(fits) and not keyword.iskeyword(module)
