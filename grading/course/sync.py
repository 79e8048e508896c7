"""Keep text notebooks, notebooks, reference modules and hand-outs in step."""

from pathlib import Path
from typing import Any

from grading.course.cells import nbgrader_of
from grading.course.data import lay_out_data, lay_out_hidden_images
from grading.course.errors import BadCourse
from grading.course.export import export
from grading.course.layout import Course
from grading.course.package import lay_out_packages
from grading.course.soundness import adopt_new_folders, refuse_misnamed, refuse_unsound
from grading.course.stamp import Stamp, fingerprint
from grading.course.texts import read_notebook


def prepare_source(course: Course) -> list[str]:
    """Bring everything that is made from the text notebooks up to date; return what changed.

    Raises `BadCourse` when the course does not fit together, before anything is made from the
    texts or removed.
    """
    changed = adopt_new_folders(course)
    refuse_misnamed(course)
    changed += [
        f"source/{name}/{written.name}"
        for name in course.assignments()
        if (written := sync(course, name))
    ]
    refuse_unsound(course)
    changed += [f"tinytorch_ref/{file.name}" for file in export(course)]
    lay_out_packages(course)
    lay_out_data(course)
    lay_out_hidden_images(course)
    return changed


def sync(course: Course, assignment: str) -> Path | None:
    """Bring a text notebook and its `.ipynb` in step; return the file that was written, if any.

    Whichever was edited since they last agreed is followed by the other. Raises `BadCourse` when
    both were, and differ: nothing is lost.
    """
    text, notebook = course.text(assignment), course.text(assignment).with_suffix(".ipynb")
    stamp = Stamp(course.root, notebook)
    agreed = (stamp.read() or "").split()
    states = [fingerprint(file.read_bytes()) if file.exists() else "" for file in (text, notebook)]
    if agreed == states:
        return None
    written = _bring_in_step(text, notebook, states, agreed)
    stamp.put(" ".join(fingerprint(file.read_bytes()) for file in (text, notebook)))
    return written


def _bring_in_step(text: Path, notebook: Path, states: list[str], agreed: list[str]) -> Path | None:
    if not notebook.exists() or (text.exists() and agreed[1:] == states[1:]):
        return _write_notebook(text, notebook)
    content = text_of(notebook)
    if text.exists() and _cells(text) == _cells(notebook):
        return None
    if text.exists() and agreed[:1] != states[:1]:
        raise BadCourse(
            f"{text.name} and {notebook.name} in source/{text.parent.name} were both changed since "
            "they last agreed. Keep one of them: move the other away, and say `make source` again."
        )
    text.write_text(content)
    return text


def _cells(file: Path) -> list[tuple[str, str, dict[str, Any], list[str]]]:
    """Return all of a notebook that matters, whatever its header says of how it was written."""
    return [
        (cell.cell_type, cell.source, nbgrader_of(cell), list(cell.metadata.get("tags", [])))
        for cell in read_notebook(file).cells
    ]


def _write_notebook(text: Path, notebook: Path) -> Path:
    import jupytext

    content = jupytext.read(text)
    for index, cell in enumerate(content.cells):
        cell["id"] = cell.metadata.get("nbgrader", {}).get("grade_id", f"cell-{index}")
    jupytext.write(content, notebook)
    return notebook


def text_of(notebook: Path) -> str:
    """Return a notebook as text, without the line that names jupytext's version."""
    import jupytext

    try:
        content = jupytext.read(notebook)
    except Exception as error:
        said = str(error).split("\n")[0][:80]
        raise BadCourse(
            f"source/{notebook.parent.name}/{notebook.name} is no notebook ({said}): put it right, "
            "or remove it and say `make source` again."
        ) from None
    lines = jupytext.writes(content, fmt="py:percent").split("\n")
    return "\n".join(line for line in lines if not line.startswith("#       jupytext_version:"))
