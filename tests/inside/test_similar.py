"""Answers compared in the sealed process: what is alike, and what does not count."""

import ast
import builtins
import json
from functools import cache

import jupytext
import pytest

from grading.course.cells import grade_id_of, is_answer
from grading.course.layout import Course
from grading.engine import similar
from grading.sandbox.settings import PROJECT
from trials.corpus import corpus_file, edited, load_variants, solved_answers

pytestmark = pytest.mark.slow  # each comparison is a process that reads NumPy and Pygments first

ASSIGNMENT = "06_autograd"
CODE = """
def smooth(values, width):
    total, kept = 0.0, []
    for place, value in enumerate(values):
        total += value * width
        if place >= width and value != values[place - width]:
            total -= values[place - width] / 2
        kept.append(max(total, value) ** 2)
    return kept[:-1] or None
"""
RENAMED = "# all my own" + CODE.replace("total", "s").replace("kept", "out").replace(
    "width):\n", 'width):\n    """Smooth them."""\n'
).replace("place", "i").replace("/ 2", "/ 4")
OTHER = """
def smooth(values, width):
    import numpy as np
    return np.convolve(np.asarray(values), np.ones(width) / width, mode="valid").tolist()
"""
FIRST = """
class Queue:
    def push(self, one, *, first=False):
        while len(self.parts) > self.longest and not first:
            self.parts.pop(0)
        self.parts[len(self.parts):] = [one]
        return self
"""
SECOND = """
def depth(tree):
    left, right = tree.get("left"), tree.get("right")
    return 1 + max(depth(left) if left else 0, depth(right) if right is not None else -1)
"""
GIVEN = """
def clip(x, low, high):
    if low > high:
        raise ValueError(f"{low} is above {high}")
    inside = x.copy()
    inside[x < low], inside[x > high] = low, high
    return inside @ inside.T
"""
TABLE = "table = [" + "0, " * 5000 + "]\n"


def compare(answers, given=(), **settings):
    told = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in answers]
    return similar.compare(list(given), told, settings.pop("told", lambda *_: None), **settings)


def who(result):
    return [set(pair.who) for pair in result.pairs]


def varied(number):
    return "\n".join(f"x{at} = f(y)[{at}:] {'+-*/%'[(number + at) % 5]} y" for at in range(8))


@cache
def small():
    """Return what is alike in a class of seven, and what was told of how far it had come."""
    people = [
        {"a": CODE + OTHER, "b": varied(0)},
        {"a": RENAMED, "b": FIRST},
        {"a": FIRST + SECOND},
        {"a": SECOND + FIRST},
        {"a": GIVEN},
        {"a": GIVEN.replace("inside", "y"), "b": TABLE},
        {"b": TABLE},
    ]
    told = []
    result = compare(people, [GIVEN], told=lambda done, of: told.append((done, of)))
    return result, told


def pair_of(*numbers):
    [pair] = [pair for pair in small()[0].pairs if set(pair.who) == set(numbers)]
    return pair


def test_renamed_code_with_other_comments_is_alike():
    cell = next(cell for cell in pair_of(0, 1).sides[1] if cell.name == "a")
    assert cell.share == 1


def test_functions_in_another_order_are_alike():
    assert all(side[0].share > 0.9 for side in pair_of(2, 3).sides)


def test_the_shares_are_told_by_cell():
    side = pair_of(0, 1).sides[0]
    assert {cell.name: cell.matching > 0 for cell in side} == {"a": True, "b": False}
    assert 0 < side[0].share < 1


def test_in_a_small_class_nothing_is_common():
    assert {0, 1} in who(small()[0])


def test_what_was_handed_out_does_not_count():
    assert {4, 5} not in who(small()[0])


def test_repetition_is_no_likeness():
    assert {5, 6} not in who(small()[0])


def test_the_passages_are_marked_in_the_code_as_it_was_written():
    cell = pair_of(0, 1).sides[0][0]
    assert "".join(piece.text for piece in cell.pieces) == CODE + OTHER
    marked = "".join(piece.text for piece in cell.pieces if piece.mark > 0)
    assert "total -= values[place - width] / 2" in marked
    assert "convolve" not in marked


def test_it_tells_how_far_it_has_come():
    told = small()[1]
    assert [done for done, _ in told] == [*range(1, len(told) + 1)]
    assert len(told) >= 7
    assert {of for _, of in told} == {7 + 4 * similar.MOST_PAIRS}


def test_what_a_quarter_of_a_class_has_does_not_count():
    two = [{"a": CODE}, {"a": RENAMED}]
    three = [{"a": FIRST + SECOND}] * 3
    found = who(compare([*two, *three, *({"a": varied(at)} for at in range(5))]))
    assert {0, 1} in found
    assert not any(pair <= {2, 3, 4} for pair in found)


def test_comments_and_strings_are_hidden_where_they_may_name_somebody():
    own = CODE + 'name = f"student-01 {CODE} of\\n student-01"  # by student-01\n'
    [pair] = compare([{"a": own}, {"a": RENAMED}], hide_texts=True).pairs
    text = "".join(piece.text for piece in pair.sides[0][0].pieces)
    assert "total -= values" in text
    assert "student-01" not in text
    assert text.endswith("name = …CODE…  …\n")


def test_what_is_no_answer_leaves_the_others_alone():
    none = [b"no JSON", b"[1]", b'{"a": "\\ud800 = 1"}', b"[" * 100_000, b'{"a": "((\\"\\"\\""}']
    assert who(compare([{"a": CODE}, *none, {"a": RENAMED}])) == [{0, 6}]


@pytest.mark.parametrize("limit", ["MEMORY_MB", "SECONDS"])
def test_it_has_limits(limit, monkeypatch):
    monkeypatch.setattr(similar, limit, 1)
    people = [{str(cell): varied(one) * 60 for cell in range(3)} for one in range(40)]
    with pytest.raises(similar.NotCompared):
        compare(people)


def of_our_corpus():
    """Return a class of right solutions, each written differently, and ours."""
    course = Course(PROJECT)
    solved = jupytext.read(course.text(ASSIGNMENT))
    code = {grade_id_of(c) for c in solved.cells if c.cell_type == "code" and is_answer(c)}
    ours = {name: text for name, text in solved_answers(solved).items() if name in code}
    variants = load_variants(corpus_file(course, ASSIGNMENT))
    right = [edited(solved_answers(solved), one.edits) for one in variants if one.right]
    people = [{name: one[name] for name in ours} for one in right]
    assert all(one != ours for one in people)
    return people, [*ours.values()]


def disguised(code):
    """Return code with other names and order, and without its comments."""
    tree = ast.parse(code)
    for scope in ast.walk(tree):
        if isinstance(scope, ast.FunctionDef):
            names = [one for one in ast.walk(scope) if isinstance(one, ast.Name)]
            stored = {one.id for one in names if isinstance(one.ctx, ast.Store)}
            for one in names:
                if one.id in stored - set(dir(builtins)):
                    one.id = f"my_{one.id}"
        if isinstance(scope, ast.ClassDef):
            scope.body.reverse()
    tree.body.reverse()
    return "# my own work\n" + ast.unparse(tree)


def test_a_disguised_copy_stands_above_independent_right_solutions():
    people, ours = of_our_corpus()
    copy = {cell: disguised(code) for cell, code in people[0].items()}
    found = who(compare([*people, copy], ours))
    planted = {0, len(people)}
    assert planted in found
    honest = [at for at, pair in enumerate(found) if not pair & planted]
    assert not honest or found.index(planted) < honest[0]
