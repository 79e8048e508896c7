"""Links to pages of ours, below the last link on the left of every page of Formgrader."""

from collections.abc import Callable, Mapping
from functools import wraps
from html import escape
from typing import Any

from nbgrader.server_extensions.formgrader.base import BaseHandler

from grading.nbgrader_steps.private_names import LAST_LINK

Leads = Callable[[Mapping[str, Any]], str]
LINKS: dict[str, Leads] = {}


def add_link(title: str, leads: Leads) -> None:
    """Add a link once; `leads` returns its address, from what the page is made with."""
    LINKS[title] = leads
    theirs = BaseHandler.render
    if getattr(theirs, "__wrapped__", None) is None:
        BaseHandler.render = _with_links(theirs)


def _with_links(render: Any) -> Any:
    @wraps(render)
    def with_links(self: BaseHandler, name: str, **names: Any) -> str:
        links = "".join(
            f'\n<li role="presentation"><a href="{self.base_url}{escape(leads(names))}">{title}</a>'
            "</li>"
            for title, leads in LINKS.items()
        )
        return str(render(self, name, **names)).replace(LAST_LINK, LAST_LINK + links, 1)

    return with_links
