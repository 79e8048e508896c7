"""What a student has written in code, by cell."""

import nbformat

from grading.course.cells import grade_id_of, is_answer

OWN_CELLS = "cells of their own"
LONGEST = 100_000


def own_code(notebook: str) -> dict[str, str]:
    """Return the code of each answer of a graded notebook, and of all cells without a grade id.

    No line ends in blanks; what stands beyond `LONGEST` characters is left out.
    """
    code: dict[str, str] = {}
    room = LONGEST
    for cell in nbformat.reads(notebook, as_version=4).cells:
        name = grade_id_of(cell)
        if cell.cell_type != "code" or (name is not None and not is_answer(cell)):
            continue
        text = "\n".join(line.rstrip() for line in cell.source.split("\n"))[:room]
        room -= len(text)
        place = name or OWN_CELLS
        code[place] = f"{code[place]}\n\n{text}" if place in code else text
    return code
