"""Every wrong and right solution still fits the notebook it is about."""

from pathlib import Path

import jupytext
import pytest

from grading.course.layout import Course
from trials.corpus import corpus_file, edited, load_variants, solved_answers

COURSE = Course(Path(__file__).resolve().parents[3])
WRONG_AT_LEAST, RIGHT_AT_LEAST = 15, 4


@pytest.mark.parametrize("assignment", COURSE.assignments())
def test_every_entry_changes_its_notebook(assignment: str) -> None:
    answers = solved_answers(jupytext.read(COURSE.text(assignment)))
    variants = load_variants(corpus_file(COURSE, assignment))
    for variant in variants:
        assert edited(answers, variant.edits) != answers, variant.name
    names = [variant.name for variant in variants]
    assert len(set(names)) == len(names)
    assert sum(not variant.right for variant in variants) >= WRONG_AT_LEAST
    assert sum(variant.right for variant in variants) >= RIGHT_AT_LEAST
