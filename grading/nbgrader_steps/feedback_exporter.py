"""Let `nbgrader generate_feedback` and Formgrader's button render pages in a worker."""

from pathlib import Path
from typing import Any

from nbconvert.exporters import HTMLExporter

from grading.grades.gradebook import RunGradebook
from grading.grades.told import told_of_all
from grading.nbgrader_steps.rendering_worker import render
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
        page = render(request, Path(filename).read_bytes(), self.config)
        return page, resources | {"output_extension": self.file_extension}
