"""What happens to honest notebooks on their way costs nothing: put together, and nothing run."""

import copy
import random
from pathlib import Path

import pytest
from rich.console import Console

from grading.course.layout import Course
from grading.course.texts import read_notebook
from grading.sandbox.settings import PROJECT
from trials.honest import Unrun, corpus, graded, rearrangements, with_ids
from trials.submission import Entry

ENTRIES = corpus()
ASSIGNMENTS = [assignment.name for assignment in Course(PROJECT).read_assignments()]
EVERY = 8


def test_the_corpus_is_large_enough() -> None:
    assert len(ENTRIES) >= 100


def test_names_are_unique() -> None:
    names = [entry.name for entry in ENTRIES]
    assert sorted(set(names)) == sorted(names)


@pytest.fixture(scope="module")
def unrun(tmp_path_factory: pytest.TempPathFactory) -> Unrun:
    return Unrun(tmp_path_factory.mktemp("honest"))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_all_that_was_written_is_there_or_a_person_is_asked(
    entry: Entry, unrun: Unrun, tmp_path: Path
) -> None:
    assert unrun.complaints(entry, tmp_path / "mini") == []


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_a_sample_of_ways_to_rearrange_its_answers_costs_nothing(assignment: str) -> None:
    """Others each time: pytest-randomly tells the seed, and `make honest-notebooks` tries all."""
    text = PROJECT / "source" / assignment / f"{assignment}.py"
    solved = with_ids(copy.deepcopy(read_notebook(text)))
    wrong = rearrangements(solved, every=EVERY, first=random.randrange(EVERY))
    assert {one.name: one.complaints for one in wrong if one.complaints} == {}


@pytest.mark.slow
def test_a_sample_of_the_corpus_earns_every_point_when_it_is_run(tmp_path: Path) -> None:
    some = random.sample(ENTRIES, 8)
    assert graded(tmp_path / "course", some, 2, Console(quiet=True)) == {}
