"""Render a graded submission as the page on which it is graded by hand.

`render_submission` is told all it needs and reads nothing but templates and the file it is given,
so that it can be called in another process.
"""

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from nbconvert.exporters import HTMLExporter, TemplateExporter
from nbconvert.filters import Highlight2HTML
from nbconvert.filters.widgetsdatatypefilter import WidgetsDataTypeFilter
from nbformat import NotebookNode
from traitlets.config import Config

Resources = dict[str, Any]
REMEMBERED_CELLS = 500
LONGEST_REMEMBERED = 20_000  # characters
PICTURE = re.compile(r"<img(?=[\s/>])(?![^>]*\salt\s*=)", re.IGNORECASE)
DESCRIBED = '<img alt="No description has been provided for this image"'


def render_submission(file: str, resources: Resources, config: Config | None = None) -> str:
    """Return the page of a notebook file; `resources` and `config` are those of nbgrader.

    All three can be pickled. Raises what nbformat and nbconvert raise for a file that is no
    notebook.
    """
    page, _ = _exporter(Settings.of(config or Config())).from_filename(file, dict(resources))
    return page


class SubmissionExporter(HTMLExporter):
    """Formgrader's exporter, which has the rendering done."""

    def from_filename(  # type: ignore[override]
        self, filename: str, resources: Resources | None = None, **_: Any
    ) -> tuple[str, Resources]:
        """Return the page of a notebook file, and the resources it was given."""
        given = resources or {}
        return render_submission(filename, given, self.config), given


class PageExporter(HTMLExporter):
    """nbconvert's exporter, for many pages of which most is the same.

    nbconvert parses each page once more, to describe pictures and to make JupyterLab's cells
    reachable by keyboard, of which this page has none; here only pictures are looked for. What
    coloured code looks like is remembered.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.highlighter = lru_cache(maxsize=4)(self._highlighter)

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: Resources | None = None, **_: Any
    ) -> tuple[str, Resources]:
        """Return the page of a notebook, and the resources that templates were given."""
        language = nb.metadata.get("language_info", {})
        lexer = language.get("pygments_lexer", language.get("name"))
        resources = self._init_resources(resources)
        self.register_filter(
            "highlight_code", self.filters.get("highlight_code") or self.highlighter(lexer)
        )
        file = resources["metadata"]
        where = os.path.join(file.get("path", ""), file.get("name", ""))  # noqa: PTH118
        shown = WidgetsDataTypeFilter(
            notebook_metadata={where: nb.metadata}, parent=self, resources=resources
        )
        self.register_filter("filter_data_type", shown)
        page, resources = TemplateExporter.from_notebook_node(self, nb, resources)
        return PICTURE.sub(DESCRIBED, page), resources

    def _highlighter(self, lexer: str | None) -> Callable[..., str]:
        plain = Highlight2HTML(pygments_lexer=lexer, parent=self)
        remembered = lru_cache(REMEMBERED_CELLS)(plain)

        def highlight(source: str, language: str | None = None, metadata: Any = None) -> str:
            if len(source) > LONGEST_REMEMBERED or "magics_language" in (metadata or {}):
                return str(plain(source, language, metadata))
            return str(remembered(source, language))

        return highlight


@dataclass(frozen=True)
class Settings:
    """A configuration, the same as another that says the same."""

    text: str
    config: Config = field(compare=False)

    @classmethod
    def of(cls, config: Config) -> "Settings":
        """Return the settings that a configuration says."""
        return cls(json.dumps(config, sort_keys=True, default=repr), config)


@lru_cache(maxsize=4)
def _exporter(settings: Settings) -> PageExporter:
    """Return an exporter, whose templates are read once."""
    return PageExporter(config=settings.config)
