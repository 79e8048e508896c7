"""Every wrong and right solution still fits the notebook it is about."""

from pathlib import Path

import pytest

from grading.course.cells import is_test
from grading.course.layout import Course
from grading.course.texts import read_notebook
from trials.corpus import corpus_file, edited, load_variants, solved_answers

COURSE = Course(Path(__file__).resolve().parents[2])


@pytest.mark.parametrize("assignment", COURSE.assignments())
def test_every_entry_changes_its_notebook(assignment: str) -> None:
    answers = solved_answers(read_notebook(COURSE.text(assignment)))
    variants = load_variants(corpus_file(COURSE, assignment))
    for variant in variants:
        assert edited(answers, variant.edits) != answers, variant.name
    names = [variant.name for variant in variants]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("assignment", COURSE.assignments())
def test_there_is_a_wrong_solution_for_every_test_cell_and_a_right_one(assignment: str) -> None:
    tests = [cell for cell in read_notebook(COURSE.text(assignment)).cells if is_test(cell)]
    variants = load_variants(corpus_file(COURSE, assignment))
    assert sum(not variant.right for variant in variants) >= len(tests)
    assert sum(variant.right for variant in variants) >= 1
