"""What is worked out on a page, and what is shown as it was written."""

import pytest
from jinja2 import Environment
from nbconvert.filters.strings import strip_files_prefix
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grading.report import code
from grading.report.code import highlighted, highlighted_cell
from grading.report.formulas import markdown_with_formulas
from grading.report.page import as_written, is_light


def shown(cell, *others):
    """Return a cell as a page of a notebook with others shows it."""
    environment = Environment()
    environment.filters |= {"markdown2html": markdown_with_formulas, "code": highlighted_cell}
    name = "code(metadata=cell.metadata)" if cell.cell_type == "code" else "markdown2html"
    template = environment.from_string(f"{{{{ cell.source | {name} }}}}")
    return template.render(cell=cell, nb=new_notebook(cells=[cell, *others]))


LIGHT = {
    "nothing": "",
    "fifty links in four pages": "[a](https://a.org) words and words\n" * 50 + "x" * 10_000,
    "a page of formulas": "so $x^2$ follows\n" * 100,
    "a page of emphasis": "a **bold** _word_\n" * 200,
    "a long list": "* item\n" * 900,
    "lists in lists": "- a\n  - b\n    - c\n      - d\n",
    "a list in a quote": "> > 1. - a\n",
    "a table": "|a|b|\n|---|---------|\n" + "|1|2|\n" * 500,
    "a rule": "---------\n=========\n* * *\n",
    "fifty thousand characters": "x" * 50_000,
}
HEAVY = {
    "too many characters": "x" * 50_001,
    **{f"{unit} without end": unit * 2_000 for unit in ("[", "![", "[]", "[a](", "[^")},
    **{f"{unit} without end": unit * 2_000 for unit in ("$a$ ", "\\\\[")},
    "\\begin without end": "\\begin{a}" * 1_000,
    "a few links in very long text": "[" * 50 + "x" * 49_000,
    **{f"{unit} without end": f"{unit}a " * 1_001 for unit in ("*", "**", "_", "~~", "`")},
    "quotes in quotes": "> " * 8 + "a\n",
    "quotes without spaces": ">" * 8 + "a\n",
    "lists in lists of one line": "- " * 8 + "a\n",
    "numbers in quotes": "x\n\n" + "> 1. " * 4 + "a\n",
}  # fmt: skip


@pytest.mark.parametrize("source", LIGHT.values(), ids=LIGHT)
def test_what_people_write_is_rendered(source):
    assert is_light(source)
    assert "<pre>" not in shown(new_markdown_cell(source))


@pytest.mark.parametrize("source", HEAVY.values(), ids=HEAVY)
def test_what_would_take_long_is_shown_as_it_was_written(source):
    assert not is_light(source)
    assert shown(new_markdown_cell(source)) == as_written(source)


def test_emphasis_counts_in_each_paragraph():
    assert is_light("*a " * 1_000 + "\n \n" + "*a " * 1_000)


def test_what_is_shown_as_it_was_written_is_no_html():
    assert as_written("<b>&[", "name") == '<div class="name"><pre>&lt;b&gt;&amp;&#91;</pre></div>'


@pytest.mark.parametrize("source", ["[a", "![ [", "`[`", "$[x]$", "    [x", "```python\n[1]\n```"])
def test_no_bracket_is_left_from_which_the_template_would_look_for_links(source):
    page = shown(new_markdown_cell(source))
    assert "[" not in page and "&#91;" in page
    assert strip_files_prefix(page) == page


def test_a_block_of_python_in_a_text_is_highlighted():
    assert "<span" in shown(new_markdown_cell("```python\nx = 1\n```"))


@pytest.mark.parametrize("name", ["", "ipython3-x", "html", "c++", "mermaid", "text", "php"])
def test_a_block_of_any_other_language_is_shown_as_it_was_written(name):
    page = shown(new_markdown_cell(f"```{name}\nx = <1>\n```"))
    assert page == "<pre><code>x = &lt;1&gt;\n</code></pre>\n"


def test_of_the_formulas_of_a_text_ten_thousand_characters_are_drawn():
    page = shown(new_markdown_cell(f"${'x' * 4_999}$ ${'y' * 4_999}$ $zz$ $zzz$"))
    assert page.count("<math") == 3 and "<code>$zzz$</code>" in page


def test_code_is_highlighted():
    page = highlighted("x = 1\n\nprint(x)")
    assert page.startswith('<div class=" highlight hl-ipython3"><pre>') and "<span" in page


@pytest.mark.parametrize("line", ["%matplotlib inline", "!pip install x", "x?"])
def test_a_line_for_ipython_is_no_mistake(line):
    assert 'class="err"' not in highlighted(line)


def test_spaces_at_the_ends_of_lines_are_not_looked_through():
    assert highlighted("a\n \n\t\n \nb ") == highlighted("a\n\n\n\nb")


def test_code_of_twenty_thousand_characters_is_highlighted_and_no_longer_one():
    assert "<span" in highlighted("x" * 20_000)
    assert highlighted("x" * 20_001) == as_written("x" * 20_001, " highlight hl-ipython3")


@pytest.mark.parametrize("make", [new_code_cell, new_markdown_cell])
def test_of_a_page_a_hundred_thousand_characters_are_worked_out(make):
    cell = make("x **1**" + "\n" * 18_993)
    assert "<s" in shown(cell, *[make("y" * 9_000)] * 9)
    assert "<s" not in shown(cell, *[make("y" * 9_001)] * 9)


def test_on_a_fuller_page_short_cells_are_still_worked_out():
    assert "<s" in shown(new_code_cell("x = 1"), new_code_cell("y" * 200_000))


def test_code_and_text_have_rooms_of_their_own():
    assert "<s" in shown(new_code_cell("x = 1" * 2_000), new_markdown_cell("y" * 200_000))


def test_a_text_that_is_no_cells_is_rendered():
    environment = Environment()
    environment.filters["markdown2html"] = markdown_with_formulas
    template = environment.from_string("{{ '**x**' | markdown2html }}")
    assert template.render(nb=NotebookNode(cells=[])) == "<p><strong>x</strong></p>\n"


def test_code_that_is_the_same_is_coloured_once(monkeypatch):
    coloured = []
    monkeypatch.setattr(code, "highlight", lambda source, *_: coloured.append(source) or "<b>")
    code.highlighted.cache_clear()
    assert [code.highlighted("x = 1") for _ in range(3)] == ["<b>"] * 3
    code.highlighted.cache_clear()
    assert coloured == ["x = 1"]
