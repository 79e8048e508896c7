"""Show formulas as MathML, which browsers draw without a script and without a network."""

import html
from typing import Any

import nh3
from jinja2 import pass_context
from jinja2.runtime import Context
from latex2mathml.converter import convert
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

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
        mark = "$$" if display == "block" else "$"
        return f"<code>{mark}{html.escape(formula)}{mark}</code>"
    return nh3.clean(made, tags=TAGS, attributes=dict.fromkeys(TAGS, ATTRIBUTES))


class FormulaRenderer(IPythonRenderer):
    """Render Markdown as nbconvert does, with formulas that need nothing else."""

    def inline_math(self, body: str) -> str:
        """Return a formula in a line."""
        return mathml(body, "inline")

    def block_math(self, body: str) -> str:
        """Return a formula on its own."""
        return mathml(body, "block")

    def latex_environment(self, name: str, body: str) -> str:
        """Return an environment, which is a formula on its own."""
        return mathml(f"\\begin{{{name}}}{body}\\end{{{name}}}", "block")


@pass_context
def markdown_with_formulas(context: Context, source: str) -> str:
    """Return Markdown as HTML: the template filter `markdown2html`."""
    cell: dict[str, Any] = context.get("cell", {})
    renderer = FormulaRenderer(
        escape=False, attachments=cell.get("attachments", {}), exclude_anchor_links=True
    )
    return str(MarkdownWithMath(renderer=renderer).render(source))
