"""Formgrader's pages, quick for a large class; handlers, pages and scripts are nbgrader's.

Its long steps run beside its pages, and those of a whole class are one click.

But where answers wait for a person, lists say so instead of a bare score, and it asks before it
releases feedback; and what students wrote does nothing in the name of who looks at it.
"""

from nbgrader.server_extensions.formgrader import base, formgrader

from grading.nbgrader_steps.formgrader import (
    asked,
    asking,
    class_page,
    guarding,
    long_steps,
    regrade,
    scripts,
    whole_class,
    written,
)
from grading.nbgrader_steps.formgrader.api import ClassAPI
from grading.nbgrader_steps.formgrader.exporter import SubmissionExporter
from grading.nbgrader_steps.formgrader.gradebook import ClassGradebook


def install() -> None:
    """Put ours where Formgrader looks for its interface, its gradebook and its exporter."""
    base.NbGraderAPI = ClassAPI
    base.Gradebook = ClassGradebook
    formgrader.HTMLExporter = SubmissionExporter
    asking.install()
    scripts.install()
    guarding.install()
    long_steps.install()
    class_page.install()
    whole_class.install()
    regrade.install()
    written.install()
    asked.install()
