"""Parts of a JSON text are found without building the others."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading.submission import document as document_module
from grading.submission.document import MAX_BUILT, Document

TEXTS = st.sampled_from(["", "a", '"', "\\", '\\\\"', "{[", "}],:", "\u00e9\U0001d4b3", "\n"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


def whole(document, part):
    """Put a value together from its smallest parts."""
    if document.kind(part) == "{":
        return {name: whole(document, one) for name, one in document.members(part).items()}
    if document.kind(part) == "[":
        return [whole(document, one) for one in document.items(part)]
    return document.build(part)


@settings(max_examples=150, deadline=None)
@given(VALUES, st.sampled_from([None, 1]), st.booleans(), st.integers(1, 40))
def test_a_value_is_put_together_from_its_parts_wherever_blocks_end(value, indent, ascii_, block):
    content = json.dumps(value, indent=indent, ensure_ascii=ascii_).encode()
    usual, document_module.BLOCK = document_module.BLOCK, block
    try:
        document = Document(content)
        assert whole(document, document.root) == value
    finally:
        document_module.BLOCK = usual


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b" ", b"[", b'{"a": [1}', b'"', b'"\\"', b"[1] 2", b"]", b"[" * 100_000, b"\xff"),
        *(b'{"a" 1}', b"{1: 2}", b'{"a"}', b"[1 2]", b'{"a": 1 "b": 2}', b"[,]"),
    ],
)
def test_what_is_no_json_is_refused_where_it_is_looked_into(content):
    with pytest.raises(ValueError):
        whole(document := Document(content), document.root)


def test_a_part_may_have_the_greatest_size_and_no_more():
    for size, builds in ((MAX_BUILT, True), (MAX_BUILT + 1, False)):
        document = Document(b'"' + b"x" * (size - 2) + b'"')
        assert (document.build_or_none(document.root) is not None) == builds


def test_a_part_that_is_too_deep_is_refused_as_one_that_is_too_large():
    document = Document(b"[" * 100_000 + b"]" * 100_000)
    with pytest.raises(ValueError, match="too deep"):
        document.build(document.root)


def test_of_an_object_a_thousand_members_are_looked_at():
    members = ",".join(f'"{number}": 0' for number in range(1_001))
    document = Document(f"{{{members}}}".encode())
    assert list(document.members(document.root)) == [str(number) for number in range(1_000)]


def test_of_several_members_of_a_name_the_last_counts():
    document = Document(b'{"a": 1, "\\u0061": 2}')
    assert whole(document, document.root) == {"a": 2}


def test_what_is_no_object_has_no_members():
    document = Document(b'["a"]')
    assert document.members(document.root) == {}
