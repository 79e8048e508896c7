"""Release feedback student by student, and not unasked while answers wait for a person."""

import shutil
from pathlib import Path

from nbgrader.exchange.default import ExchangeReleaseFeedback
from nbgrader.utils import notebook_hash
from traitlets import Bool

from grading.course.layout import Course
from grading.engine.tasks import matching
from grading.grades.gradebook import RunGradebook
from grading.grades.waiting import waiting_answers
from grading.nbgrader_steps.announce import announce
from grading.submission.files import SECRET

LONGEST_SECRET = 1000  # characters; ours and nbgrader's have fewer than 200
NAMED = 10  # students whose names are told; of the others, the number
HOW = "release it all the same with --ReleaseFeedback.force=True"


class ReleaseFeedback(ExchangeReleaseFeedback):
    """Release feedback as nbgrader does, except for what ends it for the wrong students.

    Ids are names and no patterns, and what cannot be released of one student leaves the others
    alone. Where answers wait for a person, nothing is released until that is meant so (`force`).
    """

    force = Bool(
        False, help="Whether to release feedback in which answers are not graded yet."
    ).tag(config=True)

    def copy_files(self) -> None:
        """Release what was chosen; raise nbgrader's `ExchangeError` where anything is left.

        The log names it, and says why.
        """
        pages = self._pages()
        if not self.force and (question := self.question()):
            self.fail(f"{question} Grade them first, or {HOW}.")
        left = []
        for student, page in pages:
            try:
                self._release(student, page)
            except (OSError, ValueError) as error:
                self.log.error("Not released: %s: %s", student, _reason(error))
                left.append(student)
        announce(self.coursedir, Path(self.root), self.config, self.log)
        if left:
            self.fail(f"Not released, for the reasons above: {', '.join(left)}")

    def question(self) -> str:
        """Return whose answers wait for a person, in a sentence; empty where nobody's do."""
        with RunGradebook(self.coursedir.db_url) as gradebook:
            waiting = waiting_answers(gradebook, self.coursedir.assignment_id)
        students = [student for student, _ in self._pages()]
        theirs = [student for student in students if student in waiting]
        if not theirs:
            return ""
        answers = sum(waiting[student] for student in theirs)
        others = f" and {len(theirs) - NAMED} more" if len(theirs) > NAMED else ""
        return (
            f"{answers} answer{'s' if answers > 1 else ''} of {len(theirs)} of {len(students)} "
            f"students wait{'' if answers > 1 else 's'} for a person: "
            f"{', '.join(theirs[:NAMED])}{others}."
        )

    def _pages(self) -> list[tuple[str, Path]]:
        """Return the chosen students who have feedback, each with their page."""
        course = Course(Path(self.coursedir.root).resolve())
        assignment = self.coursedir.assignment_id
        folders = (course.root / "feedback").glob("*/")
        known = {folder.name for folder in folders if not folder.name.startswith(".")}
        chosen = matching(known, self.coursedir.student_id or "*")
        chosen -= set(self.coursedir.student_id_exclude.split(","))
        pages = [(name, course.feedback(name, assignment)) for name in sorted(chosen)]
        files = [(student, folder / f"{assignment}.html") for student, folder in pages]
        return [(student, file) for student, file in files if file.is_file()]

    def _release(self, student: str, page: Path) -> None:
        with (page.parent / SECRET).open() as file:
            secret = file.read(LONGEST_SECRET + 1)
        if len(secret) > LONGEST_SECRET:
            raise ValueError(f"its {SECRET} is none: it is too long")
        name = notebook_hash(secret=secret, notebook_id=page.stem)
        fresh = Path(self.dest_path, f"{name}-tmp.html")
        shutil.copy(page, fresh)
        fresh.rename(fresh.with_name(f"{name}.html"))
        self.log.info("Feedback released: %s %s", student, self.coursedir.assignment_id)


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError) and str(error.filename).endswith(SECRET):
        return f"there is no {SECRET}: it was not handed in through the exchange"
    return str(error)
