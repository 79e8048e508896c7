"""Answers compared in the sealed process: what is alike, and what does not count."""

import ast
import json
from functools import cache
from pathlib import Path

import jupytext
import pytest

from grading.course.cells import grade_id_of, is_answer
from grading.course.layout import Course
from grading.engine import similar
from grading.sandbox.settings import PROJECT
from trials.corpus import corpus_file, edited, load_variants, solved_answers

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
RENAMED = (
    "# all my own\n"
    + CODE.replace("total", "s").replace("kept", "out").replace("place", "i")
    + "\n\n"
)
OTHER = """
def smooth(values, width):
    import numpy as np
    return np.convolve(np.asarray(values), np.ones(width) / width, mode="valid").tolist()
"""


def compare(answers, given=(), **settings):
    told = [json.dumps(one).encode() for one in answers]
    return similar.compare(list(given), told, lambda done, of: None, **settings)


def who(result):
    return [set(pair.who) for pair in result.pairs]


def varied(number: int) -> str:
    return "\n".join(f"x{at} = f(y)[{at}:] {'+-*/%'[(number + at) % 5]} y" for at in range(8))


@cache
def of_our_corpus():
    """Return a class of right solutions, the last two of which are copies of the first two."""
    course = Course(PROJECT)
    solved = jupytext.read(course.text(ASSIGNMENT))
    code = {grade_id_of(c) for c in solved.cells if c.cell_type == "code" and is_answer(c)}
    ours = {name: text for name, text in solved_answers(solved).items() if name in code}
    variants = load_variants(corpus_file(course, ASSIGNMENT))
    right = [edited(solved_answers(solved), one.edits) for one in variants if one.right]
    people = [{name: one[name] for name in ours} for one in right]
    own = [sum(one[name] != ours[name] for name in ours) for one in people]
    assert all(own)
    return people, [*ours.values()]


def disguised(code: str) -> str:
    """Return code with other names and order, and without its comments."""
    tree = ast.parse(code)
    for scope in ast.walk(tree):
        if isinstance(scope, ast.FunctionDef):
            local = {n.id for n in ast.walk(scope) if isinstance(n, ast.Name)} - set(
                dir(__builtins__)
            )
            stored = {
                n.id
                for n in ast.walk(scope)
                if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
            }
            for node in ast.walk(scope):
                if isinstance(node, ast.Name) and node.id in local & stored:
                    node.id = f"my_{node.id}"
        if isinstance(scope, ast.ClassDef):
            scope.body.reverse()
    tree.body.reverse()
    return "# my own work\n" + ast.unparse(tree)


def test_copies_stand_on_top_and_independent_right_solutions_do_not():
    people, ours = of_our_corpus()
    copied = [{cell: disguised(code) for cell, code in one.items()} for one in people[:2]]
    found = who(compare([*people, *copied], ours))
    planted = [{at, len(people) + at} for at in range(2)]
    copies = set(range(len(people), len(people) + 2))
    assert planted[0] in found
    first_honest = next((at for at, pair in enumerate(found) if not pair & copies), len(found))
    assert found.index(planted[0]) < first_honest


def test_renamed_code_with_other_comments_is_alike():
    [pair] = compare([{"a": CODE}, {"a": RENAMED}, {"a": OTHER}]).pairs
    assert set(pair.who) == {0, 1}
    assert pair.sides[0][0].share == pair.sides[1][0].share == 1


def test_functions_in_another_order_are_alike():
    second = CODE.replace("smooth", "rough").replace("**", "//").replace("max", "min")
    [pair] = compare([{"a": CODE + second}, {"a": second + CODE}]).pairs
    assert pair.sides[0][0].share > 0.9


def test_the_shares_are_told_by_cell():
    one, two = {"a": CODE, "b": varied(0)}, {"a": RENAMED, "b": OTHER}
    [pair] = compare([one, two]).pairs
    assert {cell.name: cell.matching > 0 for cell in pair.sides[0]} == {"a": True, "b": False}


def test_what_was_handed_out_does_not_count():
    assert compare([{"a": CODE}, {"a": RENAMED}], [CODE]).pairs == ()


def test_what_a_quarter_of_a_class_has_does_not_count():
    others = [{"a": varied(at)} for at in range(6)]
    few = compare([{"a": CODE}, {"a": RENAMED}, *others, *others[:1]])
    assert {0, 1} in who(few)
    many = compare([{"a": CODE}, {"a": RENAMED}, {"a": CODE}, *others])
    assert not any(pair <= {0, 1, 2} for pair in who(many))


def test_in_a_small_class_nothing_is_common():
    assert len(compare([{"a": CODE}] * (similar.LEAST_CLASS - 1)).pairs) == 21


def test_repetition_is_no_likeness():
    table = "table = [" + "0, " * 5000 + "]\n"
    assert compare([{"a": table}, {"a": table}]).pairs == ()


def test_the_passages_are_marked_in_the_code_as_it_was_written():
    [pair] = compare([{"a": CODE + OTHER}, {"a": RENAMED}]).pairs
    cell = pair.sides[0][0]
    assert "".join(piece.text for piece in cell.pieces) == CODE + OTHER
    marked = "".join(piece.text for piece in cell.pieces if piece.mark > 0)
    assert "total -= values[place - width] / 2" in marked
    assert "convolve" not in marked


def test_comments_and_strings_are_hidden_where_they_may_name_somebody():
    own = CODE + 'name = "student-01"  # by student-01\n'
    [pair] = compare([{"a": own}, {"a": RENAMED}], hide_texts=True).pairs
    text = "".join(piece.text for piece in pair.sides[0][0].pieces)
    assert "total -= values" in text
    assert "student-01" not in text


@pytest.mark.parametrize("content", [b"no JSON", b"[1]", b'{"a": "\\ud800 = 1"}', b"[" * 100_000])
def test_what_is_no_answer_leaves_the_others_alone(content):
    told = [json.dumps({"a": CODE}).encode(), content, json.dumps({"a": RENAMED}).encode()]
    assert who(similar.compare([], told, lambda done, of: None)) == [{0, 2}]


def test_it_tells_how_far_it_has_come():
    told = []
    similar.compare([], [b"{}"] * 3, lambda done, of: told.append((done, of)))
    assert [done for done, _ in told] == [1, 2, 3]


def test_it_is_ended_when_it_takes_too_long():
    with pytest.raises(similar.NotCompared):
        compare([{"a": CODE}] * 2, seconds=0)


def test_nothing_of_the_course_is_seen_inside():
    command = similar.sealed(similar.ENVIRONMENT)
    assert {"--unshare-all", "--clearenv", "--die-with-parent"} <= set(command)
    bound = [command[at + 1] for at, part in enumerate(command) if part == "--ro-bind"]
    ours = [path for path in bound if Path(path).is_relative_to(PROJECT)]
    assert set(ours) <= {str(similar.COMPARED_BY), str(similar.ENVIRONMENT.resolve())}


def test_without_its_environment_it_says_what_to_run(tmp_path):
    with pytest.raises(similar.NotCompared, match="make similar"):
        similar.sealed(tmp_path)
