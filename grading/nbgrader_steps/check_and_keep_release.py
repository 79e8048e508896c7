"""Refuse an unfit release; keep the original of a fit one."""

from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Float

from grading.course.release_steps import with_settings
from grading.nbgrader_steps.context import context_of
from grading.pipeline.try_release import check_release
from grading.sandbox.settings import Sandbox


class CheckAndKeepRelease(NbGraderPreprocessor):
    """Check that a notebook can be graded, then keep it as what submissions are graded by."""

    unsolved_points = Float(
        0, help="Points that the unsolved release may earn; more refuses the release."
    ).tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Raise `BadRelease` when our solution misses a point or the stubs earn too many."""
        context = context_of(self, resources)
        kept = with_settings(nb, self.config)
        check_release(context.released, kept, Sandbox(parent=self), self.unsolved_points)
        return nb, resources
