"""Show the class page in Formgrader, as it is at that moment, to whoever may open Formgrader."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from nbgrader.coursedir import CourseDirectory
from nbgrader.server_extensions.formgrader import handlers
from nbgrader.server_extensions.formgrader.base import BaseHandler, check_notebook_dir, check_xsrf
from tornado import web
from tornado.ioloop import IOLoop

from grading.course.errors import CourseError
from grading.course.layout import Course
from grading.engine.stale import stale_grades
from grading.nbgrader_steps.formgrader.links import add_link
from grading.pipeline.configuration import load_config

ADDRESS = "/formgrader/class_page"
ONE_AT_A_TIME = ThreadPoolExecutor(1, "class page")
"""Beside the server's own thread, which answers others meanwhile."""


class ClassPageHandler(BaseHandler):
    """Answer with the class page of the server's course."""

    @web.authenticated
    @check_xsrf
    @check_notebook_dir
    async def get(self) -> None:
        """Write the page, `?names=hidden` without names; 409 where it cannot be made, and why."""
        from grading.report.class_page.page import policy  # pandas: not in every command

        hide = self.get_query_argument("names", "") == "hidden"
        make = partial(_page, self.coursedir, self.db_url, hide)
        try:
            made = await IOLoop.current().run_in_executor(ONE_AT_A_TIME, make)
        except CourseError as error:
            raise web.HTTPError(409, str(error)) from None
        self.set_header("Content-Security-Policy", f"{policy()}; frame-ancestors 'self'")
        self.set_header("Cache-Control", "no-store")
        self.finish(made.html)


def _page(coursedir: CourseDirectory, db_url: str, hide: bool) -> Any:
    from grading.report.class_page import page

    excluded = frozenset(coursedir.student_id_exclude.split(",")) - {""}
    course, config = Course(Path(coursedir.root)), load_config(Path(coursedir.root))
    config.CourseDirectory.db_url = db_url
    stale = stale_grades(course, config)
    return page.class_page(course, db_url, excluded, hide, live=True, stale=stale)


def install() -> None:
    """Answer the page's address, and link to it below the last link on the left of every page."""
    if (ADDRESS, ClassPageHandler) not in handlers.default_handlers:
        handlers.default_handlers.insert(0, (ADDRESS, ClassPageHandler))
    add_link("Class Page", lambda names: ADDRESS)
