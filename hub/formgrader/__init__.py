"""Formgrader on the hub: links that lead somewhere, and submissions that run only sealed.

A server extension of the grader's account. It is loaded before nbgrader's own, by name, and
answers some of its addresses and some of the server's.
"""

from jupyter_server.serverapp import ServerApp
from jupyter_server.utils import url_path_join

from hub.formgrader.handlers import HANDLERS


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "hub.formgrader"}]


def _load_jupyter_server_extension(app: ServerApp) -> None:
    base = app.web_app.settings["base_url"]
    handlers = [(url_path_join(base, path), handler) for path, handler in HANDLERS]
    app.web_app.add_handlers(".*$", handlers)
