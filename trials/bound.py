"""How many bits feedback tells at most, of the released assignments: printed by `make attacks`."""

import math
from collections.abc import Iterable

from grading.checks.answer_key import read_key
from grading.course.cells import grade_id_of
from grading.course.layout import Course
from grading.course.released import ReleasedNotebook
from grading.report.told_bits import leak_bound


def most_bits(courses: Iterable[Course]) -> int:
    """Return the bound of the assignment that tells most; 0 where none is released."""
    bounds = [
        _bound(ReleasedNotebook(course, assignment.name))
        for course in courses
        for assignment in course.read_assignments()
        if (course.answer_key(assignment.name) / "key.json").exists()
    ]
    return math.ceil(max(bounds, default=0.0))


def _bound(released: ReleasedNotebook) -> float:
    key = read_key((released.folder / "key.json").read_text())
    named = sum(grade_id_of(cell) is not None for cell in released.skeleton().cells)
    return leak_bound(sum(map(len, key.cells.values())), named)
