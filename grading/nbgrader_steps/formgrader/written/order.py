"""In which order questions come, which is next, and where each grader begins."""

from collections.abc import Mapping, Sequence
from typing import Any

from grading.course.cells import grade_id_of
from grading.course.errors import CourseError
from grading.course.layout import Course
from grading.course.released import ReleasedNotebook
from grading.course.stamp import fingerprint
from grading.grades.gradebook import RunGradebook
from grading.grades.written import Question, questions


def all_questions(gradebook: RunGradebook, course: Course) -> list[Question]:
    """Return the questions of all assignments, each one's as its released notebook has them."""
    found = questions(gradebook)
    places = {name: _places(course, name) for name in {one.assignment for one in found}}

    def key(one: Question) -> tuple[str, str, int, str]:
        return one.assignment, one.notebook, places[one.assignment].get(one.cell, 0), one.cell

    return sorted(found, key=key)


def next_left(found: Sequence[Question], now: Question) -> Question | None:
    """Return the next question of which answers are left, after the last from the first again."""
    at = found.index(now)
    return next((one for one in [*found[at + 1 :], *found[:at]] if one.left), None)


def start_at(answers: Sequence[Mapping[str, Any]], who: str) -> int:
    """Return the place of the answer that a grader begins with: those who share begin apart."""
    left = [at for at, one in enumerate(answers) if one["waits"]] or [0]
    return left[int(fingerprint(who)[:8], 16) % len(left)]


def _places(course: Course, assignment: str) -> dict[str, int]:
    try:
        cells = ReleasedNotebook(course, assignment).solved().cells
    except CourseError:
        return {}
    return {name: at for at, cell in enumerate(cells) if (name := grade_id_of(cell))}
