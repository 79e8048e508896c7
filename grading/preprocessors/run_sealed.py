"""Run a restored submission in the sandbox and judge it outside."""

from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from grading.grade import grade_restored
from grading.preprocessors.context import context_of
from grading.restore import NOTE
from grading.sandbox.settings import Sandbox


class RunSealed(NbGraderPreprocessor):
    """Execute the notebook behind the wall and compare its evidence with the answer key."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the graded notebook and leave the verdict in the resources."""
        context = context_of(self, resources)
        submitted = context.course.submitted(context.student, context.assignment)
        notes = nb.metadata.get(NOTE, {}).get("notes", [])
        settings = Sandbox(parent=self)
        verdict = grade_restored(context.course, context.master, nb, submitted, settings, notes)
        resources["verdict"] = verdict
        return verdict.notebook, resources
