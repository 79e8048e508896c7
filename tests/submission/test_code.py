"""What a cell's statements define and need, and where a cell may be taken apart."""

import pytest

from grading.submission.code import form_of, joined, lines_of, statements

DEFINES = [
    ("def f(x): pass", {"f"}),
    ("class C:\n    def f(self): pass", {"C"}),
    ("a = b = 1", {"a", "b"}),
    ("a, (b, c) = 1, (2, 3)", {"a", "b", "c"}),
    ("a: int = 1", {"a"}),
    ("a: int", set()),
    ("rules[Add] = 1", {"rules[Add]"}),
    ("f.limit = 1", {"f.limit"}),
    ("@derivative(Add)\ndef _(x): pass", {"derivative(Add)"}),
    ("print(1)", set()),
    ("if a:\n    def f(): pass\nelse:\n    g = 1", {"f", "g"}),
    ("try:\n    def f(): pass\nfinally:\n    pass", {"f"}),
    ("with a as b:\n    if c:\n        f = b", {"f"}),
    ("for i in a:\n    x = i", set()),
    ("def f():\n    x = 1", {"f"}),
]


@pytest.mark.parametrize(("source", "names"), DEFINES)
def test_a_statement_defines(source, names):
    (one,) = statements(source)
    assert one.defines == names


NEEDS = [
    ("def f(x=a) -> b:\n    return c", {"a", "b"}),
    ("@a\ndef f(x: b, *, y=c): pass", {"a", "b", "c"}),
    ("class C(a):\n    x = b\n    def f(self): return c", {"a", "b"}),
    ("x = lambda y=a: b", {"a"}),
    ("x = [i for i in a]", {"a"}),
    ("for i in a:\n    b(i)", {"a", "b"}),
    ("if a:\n    x = b\n    x += 1", {"a", "b"}),
    ("x = x + 1", {"x"}),
]


@pytest.mark.parametrize(("source", "names"), NEEDS)
def test_a_statement_needs_what_is_looked_up_when_it_runs(source, names):
    (one,) = statements(source)
    assert one.needs == names


def test_statements_are_the_whole_text_with_the_comments_above_them():
    source = "# one\n@a\ndef f():\n    pass\n\n# two\nx = 1\n# end"
    texts = [one.text for one in statements(source)]
    assert "\n".join(texts) == source and texts[1] == "\n# two\nx = 1"


@pytest.mark.parametrize("source", ["x = 1; y = 2", "def f(:", "x\0", "(" * 500, "x = 1\n" * 9_000])
def test_what_cannot_be_taken_apart_is_left_whole(source):
    assert statements(source) is None


def test_magic_is_no_obstacle():
    assert len(statements("%matplotlib inline\n!ls\nx = 1")) == 3


SAME = ["x = 1  # one", "x=1", "\nx = (1)\n\n"]


@pytest.mark.parametrize("source", SAME)
def test_layout_and_comments_do_not_change_what_a_cell_does(source):
    assert form_of(source) == form_of("x = 1") and form_of(source) != form_of("x = 2")


def test_line_ends_and_empty_space_tell_no_texts_apart():
    assert lines_of("a  \r\n\r\n  b\r\n") == lines_of("a\n  b") == ("a", "  b")


PARTS = [
    (["def f():", "    return 1"], "def f():\n    return 1"),
    (["def f():\n    ret", "urn 1"], "def f():\n    return 1"),
    (["x = 1", "y = 2"], "x = 1\ny = 2"),
    (["def f(", ")  nonsense"], "def f(\n)  nonsense"),
]


@pytest.mark.parametrize(("parts", "whole"), PARTS)
def test_parts_are_joined_by_lines_or_else_where_they_parse(parts, whole):
    assert joined(parts) == whole
