"""Lay out what the documentation is built from: pages, what they link to, unsolved notebooks."""

import argparse
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jupytext
from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, ClearSolutions

from grading.course.layout import Course
from grading.course.release_steps import take_step
from grading.report.formulas import markdown_with_formulas

NOTHING_AROUND: Any = {}  # what a template would tell of the cell
PAGES = ("*.md", "hub/README.md", "datasets/PROVENANCE.md", "docs/*.md", "docs/guides/*.md")
LINK = re.compile(r"\]\(([^)#\s:]+)")
HEADING = re.compile(r"^#{1,6} .*$", re.MULTILINE)


def lay_out(root: Path, target: Path) -> list[str]:
    """Fill the folder with all that the site is made of; return the names of its pages.

    Of notebooks only what students get is in it: no solution, hidden test or model answer.
    """
    shutil.rmtree(target, ignore_errors=True)
    pages = sorted({file for pattern in PAGES for file in root.glob(pattern)})
    for page in pages:
        _copy(root, page, target)
        for link in LINK.findall(page.read_text(encoding="utf-8")):
            linked = (page.parent / link).resolve()
            if linked.is_file() and linked.suffix != ".md" and linked.is_relative_to(root):
                _copy(root, linked, target)
    shutil.copy(root / "docs" / "site" / "index.md", target)
    course = Course(root)
    notebooks = target / "notebooks"
    notebooks.mkdir()
    for name in course.assignments():
        (notebooks / f"{name}.md").write_text(unsolved(course, name), encoding="utf-8")
    return sorted(file.relative_to(target).as_posix() for file in target.rglob("*.md"))


def unsolved(course: Course, name: str) -> str:
    """Return an assignment's notebook as students get it, as one page."""
    notebook = jupytext.read(course.text(name))
    for step in (ClearSolutions, ClearHiddenTests, ClearMarkScheme):
        notebook = take_step(step, notebook)
    parts: list[str] = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            parts += _rendered(cell.source)
        elif cell.cell_type == "code" and cell.source.strip():
            parts.append(_fenced("python", cell.source))
    return "\n\n".join(parts) + "\n"


def _rendered(text: str) -> Iterator[str]:
    """Yield headings as they are, for the table of contents, and all between them as HTML."""
    at = 0
    fences = [match.start() for match in re.finditer(r"^```", text, re.MULTILINE)]
    for heading in HEADING.finditer(text):
        if sum(fence < heading.start() for fence in fences) % 2:
            continue  # a comment in a block of code
        if between := text[at : heading.start()].strip():
            yield _fenced("{raw} html", markdown_with_formulas(NOTHING_AROUND, between))
        yield heading[0]
        at = heading.end()
    if rest := text[at:].strip():
        yield _fenced("{raw} html", markdown_with_formulas(NOTHING_AROUND, rest))


def _fenced(language: str, text: str) -> str:
    """Return text in a fence that nothing in it can close."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _copy(root: Path, file: Path, target: Path) -> None:
    copied = target / file.relative_to(root)
    copied.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(file, copied)


def main() -> None:
    """Lay out the course's documentation in the folder that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", type=Path)
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="the course folder")
    arguments = parser.parse_args()
    lay_out(arguments.root.resolve(), arguments.target.absolute())


if __name__ == "__main__":
    main()
