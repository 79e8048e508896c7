"""Say in a release how many checks of each test cell run only after handing in."""

from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from grading.checks.answer_key import read_key
from grading.course.cells import HIDDEN_CHECKS, NOTE
from grading.nbgrader_steps.context import context_of


class CountHiddenChecks(NbGraderPreprocessor):
    """Note in the notebook's metadata how many hidden checks each test cell has: a number alone."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Count the checks of which the answer key has evidence; without a key none are told."""
        key = context_of(self, resources).released.folder / "key.json"
        if key.is_file():
            cells = read_key(key.read_text()).cells
            counts = {cell: len(checks) for cell, checks in cells.items()}
            nb.metadata.setdefault(NOTE, {})[HIDDEN_CHECKS] = counts
        return nb, resources
