"""Let nbgrader and Formgrader open no gradebook that is not ready.

nbgrader makes tables when it opens an empty database, without a lock: of several that do so at the
same moment, all but one fail, or find half of them. It opens gradebooks in twenty places that have
no setting for it, so what makes one ready stands before its constructor.
"""

from functools import wraps
from typing import Any

from nbgrader.api import Gradebook

from grading.grades.tables import make_ready

as_nbgrader_opens_it = getattr(Gradebook.__init__, "__wrapped__", Gradebook.__init__)


@wraps(as_nbgrader_opens_it)
def open_ready(
    gradebook: Gradebook, db_url: str, course_id: str = "default_course", authenticator: Any = None
) -> None:
    """Make the database ready, then open it as nbgrader does; raise `CourseError` in a sentence."""
    make_ready(db_url, course_id)
    as_nbgrader_opens_it(gradebook, db_url, course_id, authenticator)


def install() -> None:
    """Make every gradebook ready that is opened in this process from now on."""
    Gradebook.__init__ = open_ready
