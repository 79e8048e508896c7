"""Let a release tell, for `tinytorch.check()`, which checks it will be graded by."""

import tempfile
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Enum

from grading.checks.answer_key import read_key
from grading.checks.public_results import public_results
from grading.course.errors import BadRelease
from grading.course.leaks import find_leaks
from grading.course.package import CHECKS_FILE
from grading.course.told_checks import told_checks, write_told
from grading.nbgrader_steps.context import context_of
from grading.sandbox.settings import Sandbox

NAMES, PUBLIC_INPUTS, OFF = "names", "public inputs", "off"


class TellChecks(NbGraderPreprocessor):
    """Write `tinytorch/checks.json` into the release, of what the answer key has evidence of."""

    tells = Enum(
        [NAMES, PUBLIC_INPUTS, OFF],
        NAMES,
        help="What `tinytorch.check()` tells in a released notebook, offline: the names of all "
        "checks and what the visible tests said (names); it also runs the visible tests and "
        "compares with what our own solution gave there (public inputs); nothing (off).",
    ).tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Write it; without a key nothing is told. Raises `BadRelease` for what tells too much."""
        context = context_of(self, resources)
        released, course = context.released, context.course
        package = course.release(context.assignment) / "tinytorch"
        key = released.folder / "key.json"
        if self.tells == OFF or not key.is_file() or not package.is_dir():
            return nb, resources
        public = {}
        if self.tells == PUBLIC_INPUTS:
            public = public_results(course, released, Sandbox(parent=self))
        solved, names = released.solved(), read_key(key.read_text()).cells
        text = told_checks(solved, names, self.tells, public)
        refuse_telling(context.assignment, solved, text)
        write_told(package, text, words=self.tells == PUBLIC_INPUTS)
        return nb, resources


def refuse_telling(assignment: str, solved: NotebookNode, text: str) -> None:
    """Raise `BadRelease` where a text has a line of a solution or of a hidden test in it."""
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / CHECKS_FILE).write_text(text, encoding="utf-8")
        for _, line in find_leaks(Path(name), solved):
            raise BadRelease(
                f"{assignment} is not released: {CHECKS_FILE} would tell {line!r}. Give that check "
                "another name, or set c.TellChecks.tells = 'off'."
            )
