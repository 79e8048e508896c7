"""A student's own curves, found in their notebook: pictures of loss, accuracy and times."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from nbformat import NotebookNode

from grading.course.cells import is_test
from grading.course.sections import headings

TELLS_OF = {
    "loss": re.compile(r"\bloss(es)?\b", re.IGNORECASE),
    "accuracy": re.compile(r"\baccurac(y|ies)\b", re.IGNORECASE),
    "time": re.compile(r"\b((milli)?seconds?|times? (of|a|per)|per second)\b", re.IGNORECASE),
}
DRAWS = re.compile(r"\b(tinytorch\.show|plt\.\w+|\w+\.plot|\w+\.bar)\(")
MOST = 6
ROOM = 1_500_000  # characters of all pictures together: each stands once more in the page


class Curve(NamedTuple):
    """A picture as base64, where it was drawn, and what it tells of."""

    picture: str
    section: str
    what: str


def curves_of(notebook: NotebookNode) -> list[Curve]:
    """Return the pictures of a notebook as its student sees it, of cells that draw such numbers."""
    found: list[Curve] = []
    room = ROOM
    for section, cell in _drawing(notebook):
        what = [name for name, words in TELLS_OF.items() if words.search(cell.source)]
        for output in cell.outputs if what else ():
            picture = output.get("data", {}).get("image/png", "")
            room -= len(picture)
            if picture and room >= 0 and len(found) < MOST:
                found.append(Curve(picture.replace("\n", ""), section, " and ".join(what)))
    return found


def _drawing(notebook: NotebookNode) -> Iterator[tuple[str, NotebookNode]]:
    """Yield each cell that draws, with the heading above it."""
    section = ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            section = (headings(cell.source) or [section])[-1]
        elif cell.cell_type == "code" and not is_test(cell) and DRAWS.search(cell.source):
            yield section, cell
