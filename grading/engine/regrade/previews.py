"""What a preview has graded and shown: kept beside the course until it is applied.

`.regrade/<assignment>/<student>/` holds a submission as it was graded, `shown.json` the fingerprint
of each change that a person was shown, and the run that applies them.
"""

import json
import shutil
import uuid
from pathlib import Path

from grading.course.files import write_whole
from grading.course.layout import Course
from grading.engine.messages import Graded, Malformed
from grading.engine.tasks import Task

FOLDER = ".regrade"
Whose = tuple[str, str]
"""A student and an assignment."""


class Previews:
    """The submissions that a preview has graded, and what it has shown."""

    def __init__(self, course: Course) -> None:
        self._folder = course.root / FOLDER

    def keep(self, task: Task, graded: Graded) -> None:
        """Keep a graded submission; it is there when its last file is."""
        folder = self._of(task)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "graded.json").unlink(missing_ok=True)
        self.notebook(task).write_bytes(graded.notebook)
        text = json.dumps({"made_from": task.made_from, "graded": graded.line()})
        write_whole(folder / "graded.json", text)

    def notebook(self, task: Task) -> Path:
        """Return where the graded notebook lies."""
        return self._of(task) / "graded.ipynb"

    def read(self, task: Task) -> Graded | None:
        """Return a submission as it was graded from the same; None where it was not."""
        try:
            kept = json.loads((self._of(task) / "graded.json").read_text())
            if kept["made_from"] != task.made_from:
                return None
            return Graded.read(kept["graded"], self.notebook(task).read_bytes())
        except (OSError, ValueError, TypeError, KeyError, AttributeError, Malformed):
            return None

    def forget(self, task: Task) -> None:
        """Forget what is applied."""
        shutil.rmtree(self._of(task), ignore_errors=True)

    def show(self, changes: dict[Whose, str]) -> str:
        """Note what a person was shown, in the place of all before; return the run that applies it.

        Of each change its fingerprint is kept.
        """
        rows = [[*whose, change] for whose, change in sorted(changes.items())]
        run = uuid.uuid4().hex
        self._folder.mkdir(exist_ok=True)
        write_whole(self._folder / "shown.json", json.dumps({"run": run, "changes": rows}))
        return run

    def shown(self) -> tuple[str, dict[Whose, str]] | None:
        """Return the run that applies what was shown, and that; None where nothing was."""
        try:
            kept = json.loads((self._folder / "shown.json").read_text())
        except OSError:
            return None
        changes = {(student, name): change for student, name, change in kept["changes"]}
        return kept["run"], changes

    def _of(self, task: Task) -> Path:
        return self._folder / task.assignment / task.student
