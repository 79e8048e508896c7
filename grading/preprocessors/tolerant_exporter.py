"""Read submissions that nbgrader itself would stumble over."""

from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat.v4 import new_notebook

from grading.restore import NOTE, Unreadable, read_submission


class TolerantExporter(NotebookExporter):
    """Export notebooks; a submitted file that is none becomes an empty notebook with a note."""

    def from_filename(self, filename: str, resources: dict | None = None, **kw: Any) -> Any:
        """Read and convert one notebook file, whatever is in it."""
        if not getattr(self.parent, "_sanitizing", False):
            return super().from_filename(filename, resources=resources, **kw)
        try:
            notebook = read_submission(Path(filename))
        except Unreadable as error:
            notebook = new_notebook()
            notebook.metadata[NOTE] = {"unreadable": str(error)}
        return self.from_notebook_node(notebook, resources=resources, **kw)
