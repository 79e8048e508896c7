"""The course: what it is called, where things are, and our steps in nbgrader's pipelines."""

from pathlib import Path

import nbgrader
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    IncludeHeaderFooter,
    LockCells,
    SaveCells,
)

from grading.grades.course_policy import CoursePolicy
from grading.nbgrader_steps import (
    announce,
    autograde_converter,
    feedback_converter,
    formgrader,
    ready_gradebook,
)
from grading.nbgrader_steps.check_and_keep_release import CheckAndKeepRelease
from grading.nbgrader_steps.count_hidden_checks import CountHiddenChecks
from grading.nbgrader_steps.release_feedback import ReleaseFeedback
from grading.nbgrader_steps.tell_checks import TellChecks

c = get_config()

c.CourseDirectory.course_id = "tinytorch"

HERE = {Path(__file__).absolute(), Path(__file__).resolve()}

# The text notebooks hold the solutions: they must never be copied into a release.
c.CourseDirectory.ignore = [
    "[0-9][0-9]_*.py",
    *(f"{file.parent}/source/./*/*.py" for file in HERE),  # as nbgrader says it
    ".ipynb_checkpoints",
    "*.pyc",
    "__pycache__",
    "feedback",
    "assignment.toml",
]

# Releasing: refuse what cannot be graded, keep the original, then nbgrader's own steps.
c.GenerateAssignment.preprocessors = [
    CheckCellMetadata,
    CheckAndKeepRelease,
    CountHiddenChecks,
    TellChecks,
    IncludeHeaderFooter,
    LockCells,
    ClearSolutions,
    ClearOutput,
    CheckCellMetadata,
    ComputeChecksums,
    SaveCells,
    ClearHiddenTests,
    ClearMarkScheme,
    ComputeChecksums,
    CheckCellMetadata,
]

# Autograding: the engine of `make autograde`, behind nbgrader's command and Formgrader's button.
autograde_converter.install()

# Late penalties: as `policies.toml` says, where there is one.
c.AssignLatePenalties.plugin_class = CoursePolicy

# Formgrader: nbgrader's pages, quick for a large class.
formgrader.install()

# Whoever opens a gradebook first, or several at once: its tables are made whole.
ready_gradebook.install()

# Feedback: workers render what students may see, as `make feedback` lets them.
feedback_converter.install()
c.ExchangeFactory.release_feedback = ReleaseFeedback

# Releasing, and a due date that changes: students' page of the course follows.
announce.install()
c.ExchangeFactory.release_assignment = announce.ReleaseAssignment

# Pages that need no other host: formulas are MathML instead of a script from elsewhere.
c.HTMLExporter.filters = {
    "markdown2html": "grading.report.formulas.markdown_with_formulas",
    "highlight_code": "grading.report.code.highlighted_cell",
}
c.HTMLExporter.extra_template_basedirs = [
    str(Path(autograde_converter.__file__).with_name("templates")),
    str(Path(nbgrader.__file__).parent / "server_extensions" / "formgrader" / "templates"),
]

# What a student's notebook may use; `Sandbox` in grading/sandbox/settings.py explains each.
c.Sandbox.cell_seconds = 120
c.Sandbox.notebook_seconds = 600
c.Sandbox.memory_mb = 2048

# What students may ask on the hub before they hand in: "off", "count", "names" or "hints".
c.Check.tells = "names"
c.Check.a_day = 10

# A page of accuracies, seconds and parameters without names, for the class: docs/class-page.md.
c.ClassBoard.shown = False

# What `tinytorch.check()` tells in a notebook, without a hub: "names", "public inputs" or "off".
c.TellChecks.tells = "names"

# Questions about grades on the hub: whether, how many of a student's wait, how many an assignment.
c.Questions.allowed = True
c.Questions.waiting = 3
c.Questions.each = 10
