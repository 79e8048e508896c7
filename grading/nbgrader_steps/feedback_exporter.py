"""Let `nbgrader generate_feedback` and Formgrader's button render pages in a worker."""

import atexit
from pathlib import Path
from typing import Any

from nbconvert.exporters import HTMLExporter

from grading.engine.settings import Workers
from grading.engine.slot import Slot
from grading.grades.gradebook import RunGradebook
from grading.grades.told import told_of_all
from grading.pipeline.feedback import page_request, page_settings


class FeedbackExporter(HTMLExporter):
    """Have a worker render what this process, which owns the gradebook, must not parse."""

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **_: Any
    ) -> tuple[Any, dict[str, Any]]:
        """Return the page of a graded notebook, with the grades of the gradebook."""
        assert resources is not None
        ours = resources["nbgrader"]
        with RunGradebook(ours["db_url"]) as gradebook:
            told = told_of_all(gradebook, ours["assignment"])[ours["student"]]
        request = page_request(ours["notebook"], told, page_settings(self.config))
        page = _slot(Workers(config=self.config)).render(request, Path(filename).read_bytes())
        return page.decode(), resources | {"output_extension": self.file_extension}


_slots: list[Slot] = []


def _slot(limits: Workers) -> Slot:
    """Return the one worker of this process, kept for the next page."""
    if not _slots:
        _slots.append(Slot(limits))
        atexit.register(_slots[0].close)
    return _slots[0]
