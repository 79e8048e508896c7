"""Formgrader's pages, quick for a large class; its handlers, pages and scripts are nbgrader's."""

from nbgrader.server_extensions.formgrader import base, formgrader

from grading.nbgrader_steps.formgrader.api import ClassAPI
from grading.nbgrader_steps.formgrader.exporter import SubmissionExporter
from grading.nbgrader_steps.formgrader.gradebook import ClassGradebook


def install() -> None:
    """Put ours where Formgrader looks for its interface, its gradebook and its exporter."""
    base.NbGraderAPI = ClassAPI
    base.Gradebook = ClassGradebook
    formgrader.HTMLExporter = SubmissionExporter
