"""Highlight Python, in a time that grows as the code does."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from pygments.token import Error, Text, _TokenType

from grading.report.page import LONGEST_CODE, as_written, has_room

REMEMBERED_CELLS = 500
CLASS = " highlight hl-ipython3"  # as nbconvert calls it


class NotebookLexer(PythonLexer):
    """Python's own lexer, to which lines for IPython (`%`, `!`) are text and not mistakes."""

    def get_tokens_unprocessed(
        self, text: str, stack: tuple[str, ...] = ("root",)
    ) -> Iterator[tuple[int, _TokenType, str]]:
        """Yield the tokens of a text."""
        for place, token, value in super().get_tokens_unprocessed(text, stack):
            yield place, Text if token is Error else token, value


@lru_cache(REMEMBERED_CELLS)
def highlighted(source: str) -> str:
    """Return Python as HTML; a long text, or one that would take long, as it was written.

    It is remembered: of many pages most is the same. The lexer looks from every line that is
    blank but for spaces through all that follow.
    """
    source = "\n".join(line.rstrip() for line in source.split("\n"))
    if len(source) > LONGEST_CODE:
        return as_written(source, CLASS)
    return str(highlight(source or " ", NotebookLexer(), HtmlFormatter(cssclass=CLASS)))


@pass_context
def highlighted_cell(context: Context, source: str, metadata: Any = None) -> str:
    """Return a code cell as HTML: the template filter `highlight_code`."""
    return highlighted(source) if has_room(context, source) else as_written(source, CLASS)
