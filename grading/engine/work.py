"""What a worker does with one submission: lay it out, grade it, turn the result into a message."""

import io
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat

from grading.course.cells import NOTE
from grading.engine.messages import Graded
from grading.engine.shipment import unpack_submission
from grading.grades.grade import grade_submission, settle_submission
from grading.grades.graded import GradedNotebook
from grading.grades.kit import Kit
from grading.grades.told import Told
from grading.report.answer import render_answer
from grading.report.checks_output import show_checks
from grading.report.feedback_page import render_feedback
from grading.report.student_view import told_checks
from grading.report.submission_page import render_submission
from grading.submission.own_code import own_code

Earned = Callable[[str, float], None]


def grade(kit: Kit, submission: bytes, how: dict[str, Any], earned: Earned) -> Graded:
    """Grade an archive of submitted files; `grading.engine.messages` says how."""
    with tempfile.TemporaryDirectory(prefix="submission-") as name:
        folder = Path(name)
        unpack_submission(io.BytesIO(submission), folder)
        if instead := how.get("instead"):
            return finish(settle_submission(kit, folder, instead["note"], instead["earned"]))
        graded = grade_submission(kit, folder, how["execute"], earned)
        return told(graded) if how.get("tell") == "checks" else finish(graded)


def page(request: dict[str, Any], notebook: bytes) -> bytes:
    """Render a graded notebook, or tell its code; `grading.engine.messages` says which."""
    text = notebook.decode("utf-8", "replace")
    if request["do"] == "code":
        return json.dumps(own_code(text)).encode()
    settings = request["settings"]
    if request["do"] == "submission page":
        return render_submission(text, request["resources"], settings).encode()
    if request["do"] == "answer":
        return render_answer(text, request["cell"], request["question"], settings).encode()
    told = Told.read(request["told"])
    return render_feedback(text, request["name"], told, settings, request["rule"]).encode()


def told(graded: GradedNotebook) -> Graded:
    """Return which checks hold, with what feedback would tell of them, in a notebook's place."""
    checks = json.dumps(told_checks(graded.notebook)).encode()
    ended = graded.notebook.metadata[NOTE]["ended"]
    return Graded(checks, graded.scores, ended=ended)


def finish(graded: GradedNotebook) -> Graded:
    """Return a graded notebook as the message that says what it earned."""
    show_checks(graded.notebook)
    note = graded.notebook.metadata.get(NOTE, {})
    return Graded(
        nbformat.writes(graded.notebook).encode(),
        graded.scores,
        graded.comments,
        graded.waits,
        graded.answers,
        note.get("cold", ""),
        note.get("cpu_seconds", 0.0),
        note.get("ended", "complete"),
        note.get("stopped_in", ""),
    )
