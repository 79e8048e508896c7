"""Judge what became of a hostile or broken submission: its score, its feedback, what it reached."""

from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from grading.sandbox.bubblewrap import salt_for_inside
from trials import leaks
from trials.gradebook import Grades
from trials.hostile_course import MINI
from trials.mini_course import MiniCourse
from trials.outside import Secrets
from trials.submission import Entry

SHOUT = "GOT-THROUGH"  # what an attack prints when it has reached what it should not
MISTAKES = {"SyntaxError", "IndentationError", "NameError", "AttributeError", "TypeError"}


@dataclass
class Result:
    """What became of one hostile or broken submission."""

    entry: Entry
    base: float
    score: float | None = None
    seconds: float = 0.0
    gained: bool = False
    leaked: bool = False
    got_through: bool = False
    complaints: list[str] = field(default_factory=list)


class Judge:
    """Judge entries by the gradebook, their feedback and the notebook that graders see."""

    def __init__(
        self, mini: MiniCourse, secrets: Secrets, rows: Grades, honest: dict[str, str]
    ) -> None:
        self._mini = mini
        self._secrets = secrets
        self._rows = rows
        self._bases = {how: total(rows, student) or 0.0 for student, how in honest.items()}
        self._usual = self._active("honest-1")
        course = mini.course
        self._untold = leaks.hidden_lines(mini.released.solved()) | set(secrets.texts.values())
        self._untold |= {salt_for_inside(course.salt), str(course.root), "/tmp/"}
        self._untold |= {str(Path.home()) + "/"}

    def judge(self, student: str, entry: Entry, seconds: float) -> Result:
        """Return what became of an entry, with a complaint for each way it went astray."""
        base = self._bases[entry.answers]
        result = Result(entry, base, total(self._rows, student), seconds)
        result.gained = (result.score or 0) > base
        result.complaints += about_score(result)
        if self._page(student).exists():
            told = self._told(student, entry)
            result.leaked = bool(told)
            result.complaints += [f"its feedback tells {line[:60]!r}" for line in told]
            result.complaints += self._about_feedback(student, entry)
        else:
            result.complaints.append("it has no feedback")
        if self._graded(student).exists():
            reached = self._reached(student)
            result.got_through = bool(reached)
            result.complaints += [f"it got through: {what}" for what in reached]
            result.complaints += self._about_code(student, entry)
        return result

    def _about_feedback(self, student: str, entry: Entry) -> list[str]:
        page = self._page(student).read_text()
        complaints = [
            f"its feedback does not say {words!r}"
            for words in entry.says
            if not list(leaks.told(page, {words}, ""))
        ]
        active = self._active(student) - self._usual
        if active:
            complaints.append(f"it reaches browsers: {min(active, key=len)[:100]}")
        return complaints

    def _about_code(self, student: str, entry: Entry) -> list[str]:
        """Complain about a mistake in an attack's own code that keeps it from being one."""
        if entry.kind == "fault" or entry.no_python:
            return []
        return [
            f"the attack itself does not work: {output.ename}: {output.evalue}"
            for cell in self._cells(student)
            if not cell.metadata.get("nbgrader", {}).get("grade")
            for output in cell.get("outputs", [])
            if output.get("ename") in MISTAKES
        ]

    def _told(self, student: str, entry: Entry) -> list[str]:
        """Return the secrets that the feedback tells; what the student wrote is none."""
        page = self._page(student).read_text()
        notebook = self._mini.course.submitted(student, MINI) / f"{MINI}.ipynb"
        own = notebook.read_text(errors="replace") if notebook.is_file() else ""
        own = own.replace("\\n", "\n").replace('\\"', '"')
        others = set(self._rows) - {student}
        found = list(leaks.told(page, self._untold | others, own))
        return found + list(leaks.told(page, set(entry.never), ""))

    def _reached(self, student: str) -> list[str]:
        """Return the secrets and shouts in what the sealed run printed."""
        found = self._secrets.found_in(self._graded(student).read_text())
        for cell in self._cells(student):
            for output in cell.get("outputs", []):
                text = f"{output.get('text', '')} {output.get('data', {}).get('text/plain', '')}"
                if SHOUT in text:
                    found.append(text[text.index(SHOUT) :][:200])
        return found

    def _active(self, student: str) -> set[str]:
        """Return what is active in a student's page and in the one that Formgrader shows."""
        formgrader = leaks.formgrader_page(self._graded(student), self._mini.config)
        page = self._page(student).read_text()
        return {*leaks.active_content(page), *leaks.active_content(formgrader)}

    def _cells(self, student: str) -> list[NotebookNode]:
        return nbformat.read(self._graded(student), as_version=4).cells

    def _page(self, student: str) -> Path:
        return self._mini.course.feedback(student, MINI) / f"{MINI}.html"

    def _graded(self, student: str) -> Path:
        return self._mini.course.autograded(student, MINI) / f"{MINI}.ipynb"


def total(rows: Grades, student: str) -> float | None:
    """Return a student's automatic points, or None when any of them is missing."""
    cells = rows.get(student, {})
    scores = [auto for name, (auto, _, _) in cells.items() if name.startswith("test-")]
    if not scores or any(score is None for score in scores):
        return None
    return round(sum(score for score in scores if score is not None), 4)


def about_score(result: Result) -> list[str]:
    """Return what is wrong with a result's score and time; an attack never gains, whatever it says.

    An entry without a score of its own must earn exactly what its base does.
    """
    entry = result.entry
    allowed = entry.score if isinstance(entry.score, tuple) else (entry.score,)
    wanted = [result.base if score is None else score for score in allowed]
    complaints = []
    if result.score is None:
        complaints.append("it has no score")
    elif result.score not in wanted:
        complaints.append(f"it should earn {' or '.join(f'{score:g}' for score in wanted)}")
    if entry.kind == "attack" and result.gained:
        complaints.append("it gained")
    if result.seconds > entry.seconds:
        complaints.append(f"it took longer than {entry.seconds:g} s")
    return complaints
