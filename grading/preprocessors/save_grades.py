"""Write a verdict into the gradebook."""

from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from grading.gradebook import save_verdict
from grading.preprocessors.context import context_of


class SaveGrades(NbGraderPreprocessor):
    """Save scores, comments and late penalty of a notebook in one transaction."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Save the verdict that `RunSealed` left in the resources."""
        context = context_of(self, resources)
        verdict = resources.pop("verdict")
        place = (context.student, context.assignment, context.notebook)
        save_verdict(context.db_url, *place, verdict, self.config)
        return nb, resources
