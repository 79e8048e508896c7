"""What a student sees of the course: one page, Validate, Submit with a receipt, feedback.

A server extension of each student's own server. It knows the exchange and the student's own files,
and nothing of the grader.
"""

import asyncio
from pathlib import Path
from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "course_page"}]


def _load_jupyter_server_extension(app: Any) -> None:
    from jupyter_server.utils import url_path_join

    from course_page.exchange import StudentsExchange, configuration
    from course_page.handlers import HANDLERS

    settings = app.web_app.settings
    settings["course_page_exchange"] = StudentsExchange(Path(app.root_dir), configuration())
    settings["course_page_validating"] = asyncio.Lock()
    base = settings["base_url"]
    handlers = [(url_path_join(base, path), handler) for path, handler in HANDLERS]
    app.web_app.add_handlers(".*$", handlers)
