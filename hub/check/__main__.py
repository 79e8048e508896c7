"""Serve checks of the course in the current folder: `python -m hub.check`, started by the hub."""

import asyncio
import os
import signal
from pathlib import Path
from urllib.parse import urlsplit

from nbgrader.coursedir import CourseDirectory

from grading.course.layout import Course
from grading.engine.checker import Checker
from grading.engine.start_worker import begin
from grading.grades.asked import Questions
from grading.pipeline.configuration import load_config
from hub.check.budget import Budget
from hub.check.desk import Desk
from hub.check.questions import QuestionDesk
from hub.check.service import server

ASKED = "checks.sqlite"


async def serve(course: Path, address: str, prefix: str) -> None:
    """Serve until SIGTERM; `address` is where the hub's proxy finds it."""
    place = urlsplit(address)
    config = load_config(course)
    coursedir = CourseDirectory(config=config)
    questions = QuestionDesk(
        Course(course), coursedir.db_url, coursedir.course_id, Questions(config=config)
    )
    with Checker(Course(course), config) as checker:
        budget = Budget(course / ASKED, checker.policy.a_day)
        serving = server(Desk(checker, budget), questions, prefix)
        serving.listen(place.port or 80, place.hostname or "127.0.0.1")
        ended = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
        await ended.wait()
        serving.stop()
        budget.close()


def main() -> None:
    """Start workers, then serve where the hub says."""
    begin()
    asyncio.run(
        serve(
            Path.cwd(),
            os.environ["JUPYTERHUB_SERVICE_URL"],
            os.environ["JUPYTERHUB_SERVICE_PREFIX"],
        )
    )


if __name__ == "__main__":
    main()
