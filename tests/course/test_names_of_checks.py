"""Names of checks are told to students: in no notebook is one made of anything drawn in secret."""

import ast

import pytest

from grading.course.cells import is_test, parsed
from grading.course.layout import Course
from grading.course.texts import read_notebook
from grading.sandbox.settings import PROJECT

COURSE = Course(PROJECT)
DRAWN = {"rng", "images"}


def named_in(node):
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def secrets_of(tree):
    """Return the names whose values follow from what `check.rng` or `check.images` has drawn."""
    secret, bound = set(), list(bindings(tree))
    while True:
        fresh = {
            name
            for target, value in bound
            if draws(value) or named_in(value) & secret
            for name in named_in(target)
        }
        if fresh <= secret:
            return secret
        secret |= fresh


def bindings(tree):
    """Yield every target with what it is bound to; of literal pairs and dictionaries, each part."""
    literal = {
        node.targets[0].id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            yield from ((target, node.value) for target in node.targets)
        elif isinstance(node, ast.NamedExpr):
            yield node.target, node.value
        elif isinstance(node, ast.For | ast.comprehension):
            yield from parts(node.target, node.iter, literal)


def parts(target, iterated, literal):
    source = iterated.func if isinstance(iterated, ast.Call) else iterated
    if isinstance(source, ast.Attribute) and source.attr == "items":
        held = source.value
        held = literal.get(held.id, held) if isinstance(held, ast.Name) else held
        if isinstance(held, ast.Dict) and None not in held.keys:
            yield from ((target.elts[0], key) for key in held.keys)
            yield from ((target.elts[1], value) for value in held.values)
            return
    yield target, iterated


def draws(node):
    return any(
        isinstance(one, ast.Attribute) and one.attr in DRAWN and named_in(one) == {"check"}
        for one in ast.walk(node)
    )


def names_of_checks(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and named_in(node.func) == {"check"}:
            called = node.func.attr if isinstance(node.func, ast.Attribute) else "check"
            if called not in ("rng", "images", "recorded"):
                yield node.args[0]


@pytest.mark.parametrize("assignment", COURSE.assignments())
def test_no_name_of_a_check_follows_from_what_was_drawn(assignment):
    telling = []
    for cell in read_notebook(COURSE.text(assignment)).cells:
        if is_test(cell):
            tree = parsed(cell)
            secret = secrets_of(tree)
            telling += [
                ast.unparse(name) for name in names_of_checks(tree) if named_in(name) & secret
            ]
    assert telling == []


def test_a_name_that_is_drawn_as_a_key_is_found_and_a_text_beside_what_is_drawn_is_not():
    tree = ast.parse(
        "_n = check.rng('a').random()\n_cases = {'zero': 0, 'some': _n}\n"
        "for _case, _value in _cases.items(): check(_case, f)\n"
        "for _drawn, _ in {_n: 1}.items(): check(_drawn, f)"
    )
    assert secrets_of(tree) == {"_n", "_cases", "_value", "_drawn"}


def test_a_name_that_tells_what_was_drawn_is_found():
    tree = ast.parse("_rng = check.rng('a')\n_size = _rng.integers(9)\ncheck(f'of {_size}', f)")
    assert secrets_of(tree) == {"_rng", "_size"}
    (name,) = names_of_checks(tree)
    assert named_in(name) & secrets_of(tree) == {"_size"}
