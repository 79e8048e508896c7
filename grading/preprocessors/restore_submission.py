"""Sanitise a submission: our locked cells, the student's answers."""

from typing import Any

from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor

from grading.gradebook import Received, mark_pending
from grading.preprocessors.context import context_of
from grading.restore import NOTE, restore


class RestoreSubmission(NbGraderPreprocessor):
    """Rebuild the submission on the released notebook, and take back its old scores."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the restored notebook; what had to be repaired stands in its metadata."""
        context = context_of(self, resources)
        with Gradebook(context.db_url) as gradebook:
            entry = gradebook.find_submission(context.assignment, context.student)
            timestamp = entry.timestamp
        received = Received(context.student, context.assignment, timestamp)
        mark_pending(context.db_url, [received])
        unreadable = nb.metadata.get(NOTE, {}).get("unreadable")
        restored = restore(context.master.skeleton(), None if unreadable else nb)
        notes = [unreadable] if unreadable else restored.repairs
        restored.notebook.metadata[NOTE] = {"notes": notes}
        return restored.notebook, resources
