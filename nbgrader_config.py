"""The course: what it is called, where things are, and our steps in nbgrader's pipelines."""

from pathlib import Path

import nbgrader
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    GetGrades,
    IncludeHeaderFooter,
    LockCells,
    SaveCells,
)

import grading
from grading.box import set_aside_odd_files
from grading.preprocessors.keep_master import KeepMaster
from grading.preprocessors.restore_submission import RestoreSubmission
from grading.preprocessors.run_sealed import RunSealed
from grading.preprocessors.save_grades import SaveGrades
from grading.preprocessors.student_view import StudentView
from grading.preprocessors.tolerant_exporter import TolerantExporter

c = get_config()

c.CourseDirectory.course_id = "tinytorch"

# The text notebooks hold the solutions: they must never be copied into a release.
c.CourseDirectory.ignore = [
    "[0-9][0-9]_*.py",
    ".ipynb_checkpoints",
    "*.pyc",
    "__pycache__",
    "feedback",
]

# Releasing: refuse what cannot be graded, keep the original, then nbgrader's own steps.
c.GenerateAssignment.preprocessors = [
    KeepMaster,
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

# Autograding: our cells and the student's answers, run behind the wall, judged outside.
c.Autograde.pre_convert_hook = set_aside_odd_files
c.Autograde.exporter_class = TolerantExporter
c.Autograde.sanitize_preprocessors = [RestoreSubmission, CheckCellMetadata]
c.Autograde.autograde_preprocessors = [RunSealed, SaveGrades, CheckCellMetadata]

# Feedback: what a student may see, then nbgrader's own steps.
c.GenerateFeedback.preprocessors = [StudentView, GetGrades, CSSHTMLHeaderPreprocessor]

# Pages that need no other host: formulas are MathML instead of a script from elsewhere.
c.HTMLExporter.filters = {"markdown2html": "grading.formulas.markdown_with_formulas"}
c.HTMLExporter.extra_template_basedirs = [
    str(Path(grading.__file__).with_name("templates")),
    str(Path(nbgrader.__file__).parent / "server_extensions" / "formgrader" / "templates"),
]

# What a student's notebook may use; `Sandbox` in grading/sandbox/settings.py explains each.
c.Sandbox.cell_seconds = 120
c.Sandbox.notebook_seconds = 600
c.Sandbox.memory_mb = 2048
