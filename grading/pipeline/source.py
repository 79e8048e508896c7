"""Keep text notebooks, notebooks, reference modules and hand-outs in step."""

import os
from pathlib import Path

import jupytext

from grading.course import Course
from grading.export import export
from grading.handout import hand_out


def prepare_source(course: Course) -> list[str]:
    """Bring everything that is made from the text notebooks up to date; return what changed."""
    changed = [f"{name}.ipynb" for name in course.assignments() if sync(course.text(name))]
    changed += [f"tinytorch_ref/{file.name}" for file in export(course)]
    hand_out(course)
    return changed


def sync(text: Path) -> bool:
    """Update whichever of a text notebook and its `.ipynb` is older; return whether it did.

    A notebook that was edited in JupyterLab is newer than its text, and then the text follows.
    """
    notebook = text.with_suffix(".ipynb")
    if notebook.exists() and notebook.stat().st_mtime > text.stat().st_mtime:
        return _text_follows(text, notebook)
    if notebook.exists() and notebook.stat().st_mtime == text.stat().st_mtime:
        return False
    content = jupytext.read(text)
    for index, cell in enumerate(content.cells):
        cell["id"] = cell.metadata.get("nbgrader", {}).get("grade_id", f"cell-{index}")
    jupytext.write(content, notebook)
    _same_time(notebook, text)
    return True


def text_of(notebook: Path) -> str:
    """Return a notebook as text, without the line that names jupytext's version."""
    lines = jupytext.writes(jupytext.read(notebook), fmt="py:percent").split("\n")
    return "\n".join(line for line in lines if not line.startswith("#       jupytext_version:"))


def _text_follows(text: Path, notebook: Path) -> bool:
    content = text_of(notebook)
    changed = content != text.read_text()
    if changed:
        text.write_text(content)
    _same_time(notebook, text)
    return changed


def _same_time(target: Path, reference: Path) -> None:
    status = reference.stat()
    os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))
