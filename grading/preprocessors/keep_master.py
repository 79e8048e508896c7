"""Refuse an unfit release; keep the original of a fit one."""

from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Float

from grading.preprocessors.context import context_of
from grading.release import check_release
from grading.sandbox.settings import Sandbox


class KeepMaster(NbGraderPreprocessor):
    """Check that a notebook can be graded, then keep it as what submissions are graded by."""

    freebies = Float(
        0, help="Points that the unsolved release may earn; more refuses the release."
    ).tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Raise `BadRelease` when our solution misses a point or the stubs earn one."""
        context = context_of(self, resources)
        source = context.course.source(context.assignment)
        check_release(
            context.course, context.master, nb, source, Sandbox(parent=self), self.freebies
        )
        return nb, resources
