"""nbgrader's own exchange, asked and used for the student whose server this is."""

import copy
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbgrader.apps import NbGrader
from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError, ExchangeFactory
from traitlets.config import Config

Listed = dict[str, Any]
LOG = logging.getLogger("course_page")


class Refused(Exception):
    """The exchange did not do what it was asked for; the text says why, to a student."""


def configuration() -> Config:
    """Return what nbgrader's configuration files say to this account."""
    app = NbGrader()
    app.load_cwd_config = False
    app.load_config_file()
    return app.config


class StudentsExchange:
    """Fetch, submit and list below `root`, the folder that the student's server shows."""

    def __init__(self, root: Path, config: Config) -> None:
        self.root = root
        self._config = config
        self._one_at_a_time = threading.Lock()

    @property
    def folder(self) -> Path:
        """Return the exchange."""
        return Path(self._step("List").root)

    @property
    def cache(self) -> Path:
        """Return where nbgrader remembers what was handed in."""
        return Path(self._step("List").cache)

    def released(self) -> list[Listed]:
        """Return the assignments that are released in the student's courses."""
        return self._list(cached=False)

    def handed_in(self) -> list[Listed]:
        """Return the assignments of which something was handed in, each with its submissions."""
        return self._list(cached=True)

    def fetch(self, course: str, assignment: str) -> None:
        """Fetch an assignment; files that are missing are put back, none is overwritten."""
        self._do("FetchAssignment", course, assignment, replace_missing_files=True)

    def fetch_feedback(self, course: str, assignment: str) -> int:
        """Fetch the feedback that there is; return of how many notebooks."""
        return len(self._do("FetchFeedback", course, assignment).feedback_files)

    def submit(self, course: str, assignment: str) -> dict[str, Any]:
        """Hand in what is saved and return the receipt."""
        return dict(self._do("Submit", course, assignment).receipt)

    def assignment(self, course: str, assignment: str) -> Path:
        """Return where an assignment is once it is fetched; raise `Refused` for no such name."""
        names = {(one["course_id"], one["assignment_id"]) for one in self.released()}
        if (course, assignment) not in names:
            raise Refused(f"There is no assignment {assignment} that is released.")
        return self.root / course / assignment

    def _list(self, cached: bool) -> list[Listed]:
        with self._answered():
            lister = self._step("List")
            lister.cached = cached
            return list(lister.start())

    def _do(self, step: str, course: str, assignment: str, **traits: object) -> Any:
        self.assignment(course, assignment)
        with self._answered():
            done = self._step(step, course, assignment)
            for name, value in traits.items():
                setattr(done, name, value)
            done.start()
            return done

    def _step(self, step: str, course: str = "", assignment: str = "") -> Any:
        config = copy.deepcopy(self._config)
        config.CourseDirectory.course_id = course
        config.CourseDirectory.assignment_id = assignment
        config.Exchange.assignment_dir = str(self.root)
        made = getattr(ExchangeFactory(config=config), step)
        coursedir = CourseDirectory(config=config)
        return made(coursedir=coursedir, authenticator=Authenticator(config=config), config=config)

    @contextmanager
    def _answered(self) -> Iterator[None]:
        """One step at a time; what goes wrong is a sentence, and its details are in the log."""
        with self._one_at_a_time:
            try:
                yield
            except ExchangeError as error:
                LOG.exception("the exchange refused")
                raise Refused(str(error)) from error
            except Exception as error:
                LOG.exception("the exchange failed")
                raise Refused(f"That did not work: {error}") from error
