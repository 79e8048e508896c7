"""Formulas need no script and bring none."""

import pytest

from grading.report.formulas import mathml


def test_a_formula_becomes_mathml() -> None:
    assert "<msup><mi>x</mi><mn>2</mn></msup>" in mathml("x^2", "inline")
    assert 'display="block"' in mathml(r"\frac{a}{b}", "block")


@pytest.mark.parametrize(
    "formula",
    [
        r"\text{<script>alert(1)</script>}",
        r"\text{<img src=x onerror=alert(1)>}",
        r"\href{javascript:alert(1)}{x}",
        r"\style{background:url(//elsewhere)}{x}",
        r"</math><script>alert(1)</script>",
        r"\text{</mtext></math><a href='javascript:alert(1)'>x</a>}",
    ],
)
def test_nothing_that_acts_comes_out(formula: str) -> None:
    made = mathml(formula, "inline")
    for acting in ("<script", "<img", "<a", "onerror=", "href=", "style="):
        assert acting not in made


@pytest.mark.parametrize("formula", ["", r"\frac{", "{" * 2000, "x" * 10_000])
def test_what_cannot_be_read_is_shown(formula: str) -> None:
    assert mathml(formula, "inline") == f"<code>${formula}$</code>"


def test_a_mark_alone_is_a_formula_all_the_same() -> None:
    assert mathml("&", "inline").startswith("<math")
