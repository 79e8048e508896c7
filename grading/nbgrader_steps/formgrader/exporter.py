"""Let Formgrader's page of a submission be rendered in a worker."""

from pathlib import Path
from typing import Any

from nbconvert.exporters import HTMLExporter

from grading.nbgrader_steps.rendering_worker import render


class SubmissionExporter(HTMLExporter):
    """Have a worker render what the server, which everybody uses, must not parse."""

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **_: Any
    ) -> tuple[Any, dict[str, Any]]:
        """Return the page of a notebook file, and the resources it was given."""
        given = resources or {}
        file = Path(filename)
        about = given | {"metadata": {"name": file.stem, "path": str(file.parent)}}
        settings = dict(self.config.HTMLExporter)
        request = {"do": "submission page", "resources": about, "settings": settings}
        return render(request, file.read_bytes(), self.config), given
