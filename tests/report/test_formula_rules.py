"""Formulas in Markdown become MathML that acts on nothing, whatever is written in them."""

import re

import pytest
from jinja2 import Environment
from nbformat import NotebookNode

from grading.report.formulas import markdown_with_formulas, mathml

NO_WIDTH = "\u200b"


def page(source, **cell):
    environment = Environment()
    environment.filters["markdown2html"] = markdown_with_formulas
    template = environment.from_string("{{ cell.source | markdown2html }}")
    return template.render(cell=NotebookNode(source=source, **cell))


@pytest.mark.parametrize(
    ("formula", "element"),
    [
        ("x", "mi"),
        ("1", "mn"),
        ("+", "mo"),
        ("x_1", "msub"),
        ("x^2", "msup"),
        ("x_1^2", "msubsup"),
        (r"\frac{a}{b}", "mfrac"),
        (r"\sqrt{x}", "msqrt"),
        (r"\sqrt[3]{x}", "mroot"),
        (r"\hat{x}", "mover"),
        (r"\sum_{i}", "munder|msub"),
        (r"\text{mean}", "mtext"),
        (r"\begin{matrix} a & b \\ c & d \end{matrix}", "mtable"),
        (r"a \quad b", "mspace"),
        (r"\phantom{x}", "mphantom"),
    ],
)
def test_each_kind_of_formula_is_drawn(formula, element):
    assert re.search(f"<({element})[ >]", mathml(formula, "block"))


@pytest.mark.parametrize("display", ["inline", "block"])
def test_a_formula_says_where_it_stands(display):
    assert f'display="{display}"' in mathml("x", display)


def test_lines_that_are_aligned_are_drawn():
    made = mathml(r"\begin{aligned} a &= b \\ c &= d \end{aligned}", "block")
    assert made.count("<mtr>") == 2


def test_a_formula_of_five_thousand_characters_is_drawn():
    assert mathml("x" * 5_000, "inline").startswith("<math")


def test_a_longer_one_is_shown_as_it_was_written():
    assert mathml("x" * 5_001, "inline") == f"<code>${'x' * 5_001}$</code>"


@pytest.mark.parametrize(("display", "mark"), [("inline", "$"), ("block", "$$")])
def test_one_that_cannot_be_read_is_shown_with_its_marks(display, mark):
    broken = r"<b>& \frac"
    assert mathml(broken, display) == f"<code>{mark}&lt;b&gt;&amp; \\frac{mark}</code>"


@pytest.mark.parametrize(
    "element",
    [
        "<script>x</script>",
        "<img src=x onerror=y>",
        "<a href=javascript:x>y</a>",
        "<svg onload=x>",
        "<style>x</style>",
        "<iframe src=x></iframe>",
        "<form action=x><button>y",
        "<maction actiontype=x>y</maction>",
        "<annotation encoding='text/html'>y</annotation>",
        "<mglyph src=x>",
        "<semantics>x</semantics>",
        "<mi href=x onclick=y style=z class=a id=b>c</mi>",
        "</math><p style=x>y</p>",
        "<!-- x -->",
    ],
)
@pytest.mark.parametrize("form", ["{}", r"\text{{{}}}", r"\mathrm{{{}}}", r"\frac{{{}}}{{2}}"])
def test_no_element_that_a_formula_brings_stays(form, element):
    made = mathml(form.format(element), "inline")
    for opening in re.findall(r"<[a-z-]+[^>]*>", made):
        assert re.match(r"<(math|code|m(row|i|o|n|text|frac|sup))\b", opening), opening
        assert not re.search(r"\s(href|src|style|class|id|on\w+|action|actiontype)=", opening)


@pytest.mark.parametrize(
    "command",
    [
        r"\href{javascript:x}{y}",
        r"\style{position:fixed}{y}",
        r"\class{score}{y}",
        r"\cssId{score}{y}",
        r"\textcolor{red}{y}",
        r"\color{red} y",
    ],
)
def test_no_command_reaches_beyond_the_formula(command):
    made = mathml(command, "inline")
    assert not re.search(r"<[^>]*\s(href|style|class|id|mathcolor)=", made)


def test_what_was_written_between_a_sign_and_a_letter_to_break_tags_is_no_part_of_a_formula():
    assert mathml(f"a <{NO_WIDTH}b", "inline") == mathml("a <b", "inline")


@pytest.mark.parametrize(
    ("source", "display"),
    [
        ("see $x^2$ here", "inline"),
        (r"see \\(x^2\\) here", "inline"),
        ("$$x^2$$", "block"),
        (r"\\[x^2\\]", "block"),
        (r"\begin{align*}x^2\end{align*}", "block"),
    ],
)
def test_each_way_to_write_a_formula_is_drawn(source, display):
    made = page(source)
    assert f'display="{display}"' in made and "<msup>" in made


def test_a_page_shows_the_pictures_attached_to_its_own_cell():
    attached = {"p.png": {"image/png": "aGk="}}
    assert 'src="data:image/png;base64,aGk="' in page(
        "![p](attachment:p.png)", attachments=attached
    )


def test_text_beside_formulas_is_markdown():
    assert "<strong>so</strong>" in page("**so** $x$")
