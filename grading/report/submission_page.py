"""Render a graded submission as the page on which it is graded by hand.

A worker does it: the page is made of what students wrote.
"""

import json
import os
import re
from functools import lru_cache
from typing import Any

import nbformat
from nbconvert.exporters import HTMLExporter, TemplateExporter
from nbconvert.filters import Highlight2HTML
from nbconvert.filters.widgetsdatatypefilter import WidgetsDataTypeFilter
from nbformat import NotebookNode
from traitlets.config import Config

Resources = dict[str, Any]
PICTURE = re.compile(r"<img(?=[\s/>])(?![^>]*\salt\s*=)", re.IGNORECASE)
DESCRIBED = '<img alt="No description has been provided for this image"'


def render_submission(notebook: str, resources: Resources, settings: dict[str, Any]) -> str:
    """Return the page of a notebook's text, with nbgrader's resources and `HTMLExporter` settings.

    Raises what nbformat and nbconvert raise for a text that is no notebook.
    """
    exporter = _exporter(json.dumps(settings, sort_keys=True))
    page, _ = exporter.from_notebook_node(nbformat.reads(notebook, as_version=4), dict(resources))
    return page


class PageExporter(HTMLExporter):
    """nbconvert's exporter, without its second reading of each page.

    nbconvert parses each page once more, to describe pictures and to make JupyterLab's cells
    reachable by keyboard, of which this page has none; here only pictures are looked for.
    """

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: Resources | None = None, **_: Any
    ) -> tuple[str, Resources]:
        """Return the page of a notebook, and the resources that templates were given."""
        language = nb.metadata.get("language_info", {})
        lexer = language.get("pygments_lexer", language.get("name"))
        resources = self._init_resources(resources)
        plain = Highlight2HTML(pygments_lexer=lexer, parent=self)
        self.register_filter("highlight_code", self.filters.get("highlight_code") or plain)
        file = resources["metadata"]
        where = os.path.join(file.get("path", ""), file.get("name", ""))  # noqa: PTH118
        shown = WidgetsDataTypeFilter(
            notebook_metadata={where: nb.metadata}, parent=self, resources=resources
        )
        self.register_filter("filter_data_type", shown)
        page, resources = TemplateExporter.from_notebook_node(self, nb, resources)
        return PICTURE.sub(DESCRIBED, page), resources


@lru_cache(maxsize=4)
def _exporter(settings: str) -> PageExporter:
    """Return an exporter, whose templates are read once."""
    return PageExporter(config=Config(HTMLExporter=json.loads(settings)))
