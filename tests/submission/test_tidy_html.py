"""HTML comes out in pairs, flat and small, so that no parser multiplies what is in it."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading.submission.sanitize import clean_html
from grading.submission.tidy_html import EMPTY, MAX_DEPTH, tidy_html


@pytest.mark.parametrize(
    ("raw", "tidy"),
    [
        ("<b>x", "<b>x</b>"),
        ("x</b>", "x"),
        ("<b><i>x</b>y</i>", "<b><i>x</i></b>y"),
        ("<p>a<p>b", "<p>a</p><p>b</p>"),
        ("<li>a<li>b", "<li>a</li><li>b</li>"),
        ("<tr><td>a<th>b<tr><td>c", "<tr><td>a</td><th>b</th></tr><tr><td>c</td></tr>"),
        ("<thead><tr><th>a<tbody>", "<thead><tr><th>a</th></tr></thead><tbody></tbody>"),
        ("<B CLASS=x id='y'>1</B>", "<b>1</b>"),
        ("<b title='<script>'>1</b>", "<b>1</b>"),
        ("<b title=it's>1</b>", "<b>1</b>"),
        ("<td ROWSPAN='2' colspan = 3 x=1>", '<td rowspan="2" colspan="3"></td>'),
        ("<td colspan=12345>", "<td></td>"),
        ("<p colspan=2>", "<p></p>"),
        ("a<br>b<hr/>", "a<br>b<hr>"),
        ("<x-y>a</x-y>", "a"),
        ("a < b > c", "a &lt; b &gt; c"),
        ("<", "&lt;"),
        ("a<!-- <b> -->c", "ac"),
        ("a<!-- b", "a"),
        ("a<!DOCTYPE x>b<?x y>c</ d>e", "abce"),
        ("a<style>b{}</style >c<script>d</SCRIPT>e", "ace"),
        ("a<script>b", "a"),
        ("a</script>b", "ab"),
        ("<b><b>x</b>", "<b>x</b>"),
        ("<div><div>x</div></div>", "<div><div>x</div></div>"),
    ],
)  # fmt: skip
def test_it_is_written_anew(raw, tidy):
    assert tidy_html(raw) == tidy


def test_what_is_nested_deeper_is_shown_without_its_tags():
    assert tidy_html("<div>" * 33 + "x") == "<div>" * 32 + "x" + "</div>" * 32


class Pairs(HTMLParser):
    """Hold a page to its form: each tag closed where it was opened, and none too deep."""

    def __init__(self, page):
        super().__init__()
        self.opened = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        assert {name for name, _ in attributes} <= {"colspan", "rowspan"}
        if tag not in EMPTY:
            self.opened.append(tag)
        assert len(self.opened) <= MAX_DEPTH

    def handle_endtag(self, tag):
        assert self.opened.pop() == tag


PIECES = st.sampled_from(
    [
        *("<b>", "</b>", "<p>", "</p>", "<td a='>'>", "<tr>", "</table>", "<table>", "<li>"),
        *("x", "<", ">", "<!--", "-->", "<script>", "</script>"),
        *("<a href='", '"', "</", "<i a=1>", "<br>"),
    ]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(PIECES, st.integers(1, 40)), max_size=8))
def test_every_tag_is_closed_where_it_was_opened(pieces):
    assert Pairs(tidy_html("".join(piece * times for piece, times in pieces))).opened == []


MULTIPLIED = {
    "formatting, anew in every paragraph": "".join(f"<b a={i}>" for i in range(1_000))
    + "<p>x" * 1_500,
    "every kind of formatting": "<b><i><em><strong><code>" * 400 + "<p>x" * 2_900,
    "paragraphs within formatting": "<b><p>" * 2_400,
    "tables within tables": "<table><tr><td>" * 1_600,
    "text beside cells": "<table>" + "<b>x</b>" * 2_400,
    "wrong ends": "<div>" * 2_400 + "</p>" * 2_400,
}  # fmt: skip


@pytest.mark.parametrize("raw", MULTIPLIED.values(), ids=MULTIPLIED)
def test_no_more_comes_out_than_a_few_times_what_went_in(raw):
    assert raw.count("<") <= 5_000
    clean = clean_html(raw)
    assert len(re.findall("<[a-z]", clean)) <= 2 * raw.count("<")
