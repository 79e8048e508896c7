"""Show formulas as MathML, which browsers draw without a script and without a network."""

import html
from typing import Any

import nh3
from jinja2 import pass_context
from jinja2.runtime import Context
from latex2mathml.converter import convert
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from grading.report.code import highlighted
from grading.report.page import as_written, has_room, is_light, without_brackets

TAGS = {
    *("math", "mrow", "mi", "mo", "mn", "mtext", "mspace", "msub", "msup", "msubsup", "mfrac"),
    *("msqrt", "mroot", "munder", "mover", "munderover", "mtable", "mtr", "mtd", "mpadded"),
    *("mphantom", "menclose", "mstyle"),
}
ATTRIBUTES = {
    *("xmlns", "display", "displaystyle", "scriptlevel", "mathvariant", "stretchy", "fence"),
    *("separator", "form", "width", "lspace", "rspace", "minsize", "maxsize", "accent"),
    *("movablelimits", "linethickness", "linebreak", "notation", "columnalign", "rowspacing"),
    "columnspacing",
}
LONGEST_FORMULA = 5_000
MOST_FORMULA_CHARACTERS = 10_000  # of one text
PYTHON = {"python", "python3", "py", "ipython", "ipython3"}
NO_WIDTH = "\u200b"


def mathml(formula: str, display: str) -> str:
    """Return a TeX formula as MathML; one that cannot be read stays as it was written.

    The converter passes HTML inside a formula on, so what it makes is cleaned.
    """
    formula = formula.replace(NO_WIDTH, "").strip()
    try:
        if len(formula) > LONGEST_FORMULA:
            raise ValueError("too long")
        made = convert(formula.replace("{aligned}", "{align*}"), display=display)
    except Exception:
        return _as_written(formula, display)
    return nh3.clean(made, tags=TAGS, attributes=dict.fromkeys(TAGS, ATTRIBUTES))


def _as_written(formula: str, display: str) -> str:
    mark = "$$" if display == "block" else "$"
    return f"<code>{mark}{html.escape(formula)}{mark}</code>"


class FormulaRenderer(IPythonRenderer):
    """Render Markdown as nbconvert does, with formulas that need nothing else."""

    def __init__(self, attachments: dict[str, dict[str, str]]) -> None:
        super().__init__(escape=False, attachments=attachments, exclude_anchor_links=True)
        self._left = MOST_FORMULA_CHARACTERS

    def block_code(self, code: str, info: str | None = None) -> str:
        """Return a block of code, highlighted where it is Python.

        A text may name any lexer there is, and some take time that grows with the square.
        """
        language = (info or "").split(maxsplit=1)
        if language and language[0].lower() in PYTHON:
            return highlighted(code)
        return f"<pre><code>{html.escape(code)}</code></pre>\n"

    def inline_math(self, body: str) -> str:
        """Return a formula in a line."""
        return self._formula(body, "inline")

    def block_math(self, body: str) -> str:
        """Return a formula on its own."""
        return self._formula(body, "block")

    def latex_environment(self, name: str, body: str) -> str:
        """Return an environment, which is a formula on its own."""
        return self._formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", "block")

    def _formula(self, formula: str, display: str) -> str:
        self._left -= len(formula)
        return mathml(formula, display) if self._left >= 0 else _as_written(formula, display)


@pass_context
def markdown_with_formulas(context: Context, source: str) -> str:
    """Return Markdown as HTML: the template filter `markdown2html`.

    A text that would take long is shown as it was written.
    """
    if not (is_light(source) and has_room(context, source)):
        return as_written(source)
    cell: dict[str, Any] = context.get("cell", {})
    renderer = FormulaRenderer(cell.get("attachments", {}))
    return without_brackets(str(MarkdownWithMath(renderer=renderer).render(source)))
