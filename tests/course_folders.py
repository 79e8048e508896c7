"""Courses built by hand, cell by cell, as small as a test needs them."""

import json
from pathlib import Path

from grading.course.assignment import Assignment, write_assignment
from grading.course.layout import Course

LOCKED = {"grade": False, "locked": True, "schema_version": 3, "solution": False, "task": False}


def code(source: str, *tags: str, **nbgrader: object) -> str:
    """Return a code cell as text, with nbgrader's metadata where any are given."""
    marks = f" tags={json.dumps(tags)}" if tags else ""
    if nbgrader:
        marks += f" nbgrader={json.dumps(LOCKED | nbgrader)}"
    return f"# %%{marks}\n{source}\n"


def exported(source: str) -> str:
    """Return a cell that goes into the module."""
    return code(source, "export")


def add_assignment(
    course: Course,
    name: str,
    *cells: str,
    order: int,
    module: str | None = None,
    data: tuple[str, ...] = (),
    milestones: bool = False,
    optional: bool = False,
) -> Path:
    """Write an assignment's folder: its text, its toml; return the folder."""
    folder = course.source(name)
    folder.mkdir(parents=True, exist_ok=True)
    write_assignment(folder, Assignment(name, name, order, module, data, milestones, optional))
    course.text(name).write_text("\n".join(cells or (code("x = 1"),)))
    return folder


def contents(root: Path) -> dict[str, bytes]:
    """Return every file below a folder with what is in it, but no compiled Python."""
    return {
        str(file.relative_to(root)): file.read_bytes()
        for file in sorted(root.rglob("*"))
        if file.is_file() and "__pycache__" not in file.parts
    }


def times(root: Path) -> dict[str, int]:
    """Return when each file below a folder was last written, but no compiled Python."""
    return {name: (root / name).stat().st_mtime_ns for name in contents(root)}
