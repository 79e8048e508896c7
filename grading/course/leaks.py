"""Look into a release for lines of a solution or a hidden test."""

import json
from collections.abc import Iterator
from pathlib import Path

from nbformat import NotebookNode

from grading.course.release_steps import marks_of

SHORTEST_TELLING_LINE = 12
UNMISTAKABLE_LINE = 30  # shorter ones may be part of an innocent line


COMMENT = " #\t"  # what a line may have around it and still be the same


def secret_lines(notebook: NotebookNode) -> set[str]:
    """Return the lines of solutions and hidden tests that stand nowhere else in the notebook."""
    secret: set[str] = set()
    public: set[str] = set()
    begins, ends = zip(*marks_of(notebook), strict=True)
    for cell in notebook.cells:
        inside = False
        for line in cell.source.split("\n"):
            if any(begin in line for begin in begins):
                inside = True
            elif any(end in line for end in ends):
                inside = False
            else:
                (secret if inside else public).add(line.strip())
    known = "\n".join(public)
    return {
        line
        for line in secret
        if len(line) >= SHORTEST_TELLING_LINE and line.strip(COMMENT) not in known
    }


def find_leaks(
    release: Path, notebook: NotebookNode, earlier_modules: str = ""
) -> Iterator[tuple[Path, str]]:
    """Yield every file of a release, with the line, that tells of a solution or a hidden test.

    `earlier_modules` is the text of what may be handed out, whose lines a solution may repeat.
    """
    known = {line.strip() for line in earlier_modules.split("\n")}
    marks = {mark for pair in marks_of(notebook) for mark in pair}
    telling = sorted((secret_lines(notebook) - known) | marks)
    for file in sorted(path for path in release.rglob("*") if path.is_file()):
        text = file.read_bytes().decode("utf-8", "replace")
        if file.suffix == ".ipynb":
            cells = json.loads(text)["cells"]
            text = "\n".join([text, *("".join(cell["source"]) for cell in cells)])
        present = {line.strip(COMMENT) for line in text.split("\n")}
        for line in telling:
            unmistakable = len(line) >= UNMISTAKABLE_LINE
            if line.strip(COMMENT) in present or (unmistakable and line in text):
                yield file, line
