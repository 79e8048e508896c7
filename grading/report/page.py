"""How much of a page is worked out, and how the rest is shown: as it was written.

Highlighting code and rendering Markdown takes time that grows faster than some texts do, and makes
many times as much HTML of them. What our notebooks and students write is far below these limits.
"""

import html
import re
from typing import Any

from jinja2.runtime import Context

ROOM = 100_000  # characters of code, and of Markdown, that are worked out on one page
LONGEST_CODE = 20_000
LONGEST_MARKDOWN = 50_000
MOST_WORK = 2_000_000  # openings of links and the like, times the characters they may look through
OPENING = re.compile(r"[\[$]|\\\\|\\begin")
MOST_EMPHASIS = 1_000  # marks of one paragraph: each is tried with those before it
EMPHASIS = re.compile(r"\*+|_+|~+|`+")
PARAGRAPH_END = re.compile(r"\n[ \t]*\n")
NESTED = re.compile(r"^[ \t]*(?:(?:>|(?:[-+*]|\d{1,9}[.)])[ \t])[ \t]*){8}", re.MULTILINE)


def has_room(context: Context, source: str) -> bool:
    """Return whether a cell is to be worked out: all are, or only those within their share."""
    notebook: Any = context.get("nb")
    cell: Any = context.get("cell")
    if notebook is None or cell is None:
        return True
    kind = cell["cell_type"]
    alike = [len(one["source"]) for one in notebook["cells"] if one["cell_type"] == kind]
    return sum(alike) <= ROOM or len(source) <= ROOM // len(alike)


def is_light(markdown: str) -> bool:
    """Return whether rendering a Markdown text takes no more than it should."""
    if len(markdown) > LONGEST_MARKDOWN or NESTED.search(markdown):
        return False
    if len(OPENING.findall(markdown)) * len(markdown) > MOST_WORK:
        return False
    paragraphs = PARAGRAPH_END.split(markdown)
    return max(len(EMPHASIS.findall(paragraph)) for paragraph in paragraphs) <= MOST_EMPHASIS


def as_written(source: str, name: str = "") -> str:
    """Return a text as HTML that shows it as it was written."""
    return f'<div class="{name}"><pre>{without_brackets(html.escape(source))}</pre></div>'


def without_brackets(page: str) -> str:
    """Return HTML with its brackets as entities, which look the same.

    The templates look for links in it, from every bracket to the end of its line.
    """
    return page.replace("[", "&#91;")
