"""Everything that we rely on in nbgrader and nbconvert without their having promised it.

A new version may change each of these without a word; the tests of this table then fail and name
what to look at.
"""

from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import nbgrader

SEEN_IN = {"nbgrader": "0.9.6", "nbconvert": "7.17.2"}


@dataclass(frozen=True)
class PrivateName:
    """One thing we rely on: `where` is a module, or a file below nbgrader's folder."""

    where: str
    name: str
    why: str

    def find(self) -> Any:
        """Return what the installed version has there; raise `LookupError` where it is gone."""
        try:
            found = import_module(self.where)
            for part in self.name.split("."):
                found = getattr(found, part)
        except (ImportError, AttributeError) as error:
            raise LookupError(f"{self.where} has no {self.name} any more: {self.why}") from error
        return found


@dataclass(frozen=True)
class PrivateText(PrivateName):
    """A text that stands exactly once in a file which we mend, replace or answer for."""

    @property
    def file(self) -> Path:
        """Return the installed file."""
        return Path(nbgrader.__file__).parent / self.where

    def find(self) -> str:
        """Return the file's content; raise `LookupError` where the text is not there once."""
        content = self.file.read_text() if self.file.is_file() else ""
        if content.count(self.name) != 1:
            raise LookupError(f"{self.where} does not say {self.name} once: {self.why}")
        return content


FORMGRADER = "server_extensions/formgrader"
FORMGRADER_MODULES = "nbgrader.server_extensions.formgrader"
LINK = PrivateText(
    f"{FORMGRADER}/static/js/utils.js",
    'attr("href", prefix + path)',
    "its links forget where the server is mounted; the hub serves the script mended",
)
LAST_LINK = '/formgrader/manage_students">Manage Students</a></li>'
LINKED = tuple(
    PrivateText(f"{FORMGRADER}/templates/{page}.tpl", LAST_LINK, "the class page is linked below")
    for page in (
        *("base", "gradebook_base", "manage_assignments", "manage_submissions"),
        "manage_students_base",
    )
)
RELEASES = "release_feedback: function () {"
RELEASE_FEEDBACK = '"/release_feedback")'
RELEASED = """release_feedback_success: function (response) {
        this.model.fetch();
        response = JSON.parse(response);"""
ASKING = {
    script: tuple(
        PrivateText(
            f"{FORMGRADER}/static/js/{script}.js", text, "it asks before it releases feedback"
        )
        for text in (RELEASES, RELEASE_FEEDBACK, RELEASED)
    )
    for script in ("manage_assignments", "manage_submissions")
}
SCORE = "this.$score.text(score"
HANDED_IN = "this.$timestamp.text(display_timestamp"
NAME = 'name = last_name + ", " + first_name'
NO_SCORE = """} else {
            this.$score.attr("data-order", 0.0);
        }

        // autograde"""
OF_KINDS = tuple(f"this.${kind}_score.text(score" for kind in ("code", "written", "task"))
OF_AVERAGES = tuple(
    f"this.$avg_{kind}score.text(score" for kind in ("", "code_", "written_", "task_")
)
OF_STUDENT = tuple(f"this.${kind}_score.text({kind}_score" for kind in ("code", "written", "task"))
LISTING = {
    script: tuple(
        PrivateText(
            f"{FORMGRADER}/static/js/{script}.js",
            text,
            "lists say there what is not final, and what is late",
        )
        for text in texts
    )
    for script, texts in {
        "manage_submissions": (SCORE, NO_SCORE, NAME, HANDED_IN),
        "manage_students": (SCORE, NAME),
        "manage_students_assignments": (SCORE, *OF_STUDENT),
        "manage_students_notebook_submissions": (SCORE, *OF_KINDS),
        "gradebook_assignments": (SCORE,),
        "gradebook_notebooks": OF_AVERAGES,
        "gradebook_notebook_submissions": (SCORE, *OF_KINDS, NAME),
    }.items()
}
SCRIPTS = {script: texts[0].file for script, texts in (ASKING | LISTING).items()}

REPLACED = (
    PrivateName(
        "nbgrader.apps.autogradeapp",
        "Autograde",
        "the command has no setting for another converter: ours takes its place",
    ),
    PrivateName(
        "nbgrader.apps.api",
        "Autograde",
        "Formgrader's button has no setting for another converter: ours takes its place",
    ),
    PrivateName(
        "nbgrader.apps.validateapp",
        "Validator",
        "a student's command has no setting for another validator: the hub's takes its place",
    ),
    *(
        PrivateName(
            f"nbgrader.apps.{application}",
            "GenerateFeedback",
            "neither has a setting for another converter: ours takes its place",
        )
        for application in ("generatefeedbackapp", "api")
    ),
    *(
        PrivateName(
            f"{FORMGRADER_MODULES}.{module}",
            name,
            "Formgrader has no setting for another: ours takes its place",
        )
        for module, name in (
            ("base", "NbGraderAPI"),
            ("base", "Gradebook"),
            ("base", "BaseHandler.render"),
            ("formgrader", "HTMLExporter"),
        )
    ),
    PrivateName(
        "nbgrader.api",
        "Gradebook.__init__",
        "it makes tables without a lock: a gradebook is made ready before it opens one",
    ),
)
OVERRIDDEN = (
    PrivateName(
        "nbgrader.exchange.default",
        "ExchangeCollect._path_to_record",
        "whose a submission is and when it came must not be read from a name the student chose",
    ),
    PrivateName(
        "nbgrader.exchange.default",
        "ExchangeCollect._sort_by_timestamp",
        "of one student only so many submissions are looked through, the latest first",
    ),
)
UNDOCUMENTED = (
    *(
        PrivateName(
            f"{FORMGRADER_MODULES}.handlers", name, "ours, which serves less, stands in its place"
        )
        for name in ("FormgraderHandler", "SubmissionFilesHandler", "default_handlers")
    ),
    *(
        PrivateName(f"{FORMGRADER_MODULES}.base", name, "long steps are answered as its own are")
        for name in ("BaseHandler", "BaseApiHandler", "check_xsrf", "check_notebook_dir")
    ),
    *(
        PrivateName(f"{FORMGRADER_MODULES}.apihandlers", name, "a changed due date is announced")
        for name in ("AssignmentHandler.put", "default_handlers")
    ),
    PrivateName(
        "nbgrader.preprocessors",
        "AssignLatePenalties.init_plugin",
        "the course's policy for late submissions is asked outside nbgrader's own pipeline",
    ),
    PrivateName(
        "nbconvert.exporters",
        "HTMLExporter._init_resources",
        "a submission's page is made without nbconvert's second reading of it",
    ),
    PrivateName(
        "nbgrader.dbutil", "ALEMBIC_DIR", "a gradebook that we make says which version it is of"
    ),
    *(
        PrivateName("nbconvert.filters.markdown_mistune", name, "formulas become MathML")
        for name in ("IPythonRenderer", "MarkdownWithMath")
    ),
)
TEXTS = (
    LINK,
    *LINKED,
    *(text for texts in (*ASKING.values(), *LISTING.values()) for text in texts),
    PrivateText(
        f"{FORMGRADER}/formgrader.py",
        "h.extend(handlers.default_handlers)",
        "what stands first among them is answered first: ours",
    ),
    PrivateText(
        f"{FORMGRADER}/templates/formgrade/index.html.j2",
        "{{ mathjax() }}",
        "our mathjax.html.j2 makes this macro, so that no script is fetched",
    ),
    PrivateText(
        f"{FORMGRADER}/static/js/formgrade.js",
        'MathJax.Hub.Startup.signal.Interest(function (message) {\n        if (message === "End")',
        "our mathjax.html.j2 tells it so; the page listens to no key before",
    ),
    *(
        PrivateText(f"{FORMGRADER}/apihandlers.py", address, "the hub answers this address itself")
        for address in (
            '(r"/formgrader/api/assignment/([^/]+)/assign"',
            '(r"/formgrader/api/submission/([^/]+)/([^/]+)/autograde"',
            '(r"/formgrader/api/assignment/([^/]+)/generate_feedback"',
            '(r"/formgrader/api/assignment/([^/]+)/([^/]+)/generate_feedback"',
        )
    ),
    PrivateText(
        f"{FORMGRADER}/formgrader.py",
        "nbgrader_formgrader=self",
        "the hub asks it where submissions lie, to run none of them",
    ),
    PrivateText(
        f"{FORMGRADER}/formgrader.py",
        "nbgrader_gradebook=None",
        "the hub's pages must read the gradebook anew when another process has graded",
    ),
    PrivateText(
        "api.py",
        "sp.check_output(['alembic', '-c', alembic_ini, 'heads'])",
        "it is called by name, so our environment must be on PATH when a gradebook is made",
    ),
)
PRIVATE_NAMES: tuple[PrivateName, ...] = (*REPLACED, *OVERRIDDEN, *UNDOCUMENTED, *TEXTS)


def installed() -> dict[str, str]:
    """Return the versions that are installed, in the shape of `SEEN_IN`."""
    return {package: version(package) for package in SEEN_IN}
