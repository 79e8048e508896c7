"""Solved notebooks in which names are rebound: the cells that do it are sound, and cost nothing."""

import ast
import copy
import itertools

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grading.course.cells import MAGIC, grade_id_of, is_answer, is_test
from grading.course.layout import Course
from grading.course.texts import read_notebook
from grading.sandbox.settings import PROJECT
from trials.rebound import WAYS, put_in

ASSIGNMENTS = [assignment.name for assignment in Course(PROJECT).read_assignments()]


def cell(name, source, **ours):
    return new_code_cell(source, metadata={"nbgrader": {"grade_id": name, **ours}})


def rebound(way, *cells):
    notebook = new_notebook(cells=copy.deepcopy([*cells]))
    put_in(notebook, {grade_id_of(one): one for one in cells if is_test(one)}, WAYS[way])
    return [one.source for one in notebook.cells]


ANSWER = cell("a", "def double(x): return len([x]) * 2 * x", solution=True)
TEST = cell("t", "y = double(sum([1]))\nz = len([y])", grade=True)


@pytest.mark.parametrize("way", WAYS)
def test_a_cell_stands_before_each_test_and_one_after_it(way):
    sources = rebound(way, ANSWER, TEST, TEST)
    assert len(sources) == 7
    assert sources[0] == ANSWER.source and sources[2] == sources[5] == TEST.source


def test_what_tests_use_is_rebound_but_what_the_answers_use():
    before = rebound("names of tests rebound", ANSWER, TEST)[1]
    names = {"y", "z", "sum"}
    assert all(f"'{name}'" in before for name in names)
    assert "'double'" not in before and "'len'" not in before


def test_pythons_names_are_rebound_but_what_the_answers_use():
    names = rebound("Python's names rebound", ANSWER, TEST)[1].split("\n")
    assert "sum = 0" in names and "len = 0" not in names and len(names) > 30


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_in_every_assignment_much_is_rebound_before_every_test(name):
    notebook = read_notebook(PROJECT / "source" / name / f"{name}.py")
    tests = {grade_id_of(one): one for one in notebook.cells if is_test(one)}
    for way in WAYS.values():
        made = copy.deepcopy(notebook)
        put_in(made, tests, way)
        own = made.cells[1:]
        for before, test in itertools.pairwise(own):
            if is_test(test):
                assert not is_answer(before) and len(before.source) > 60
                ast.parse(MAGIC.sub(r"\1pass", before.source))
