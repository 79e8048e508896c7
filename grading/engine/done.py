"""What a run tells of each submission that it has dealt with."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from grading.engine.messages import Graded
from grading.engine.tasks import Task

LONGEST_REASON = 500


@dataclass(frozen=True)
class Done:
    """One submission that a run has dealt with.

    It was graded; or settled, when it took its worker down, with what it had earned until then; or
    it failed, and has no score. `ended` says in a word how its run or its worker ended, `why` in a
    sentence, where that was not as it should be. `attempt` counts from 1, `seconds` are those of
    the last attempt.
    """

    student: str
    assignment: str
    outcome: Literal["graded", "settled", "failed"]
    ended: str = "complete"
    why: str = ""
    score: float | None = None
    waiting: int = 0
    attempt: int = 1
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    cold: str = ""

    def __str__(self) -> str:
        return printable(f"{self.student} {self.assignment}")

    @property
    def remark(self) -> str:
        """One line for whoever watches, or nothing where all went as it should."""
        return printable(f"{self}: {self.why}") if self.why else ""

    def as_json(self) -> dict[str, Any]:
        """Return what the log keeps."""
        seconds = {name: round(getattr(self, name), 2) for name in ("seconds", "cpu_seconds")}
        return asdict(self) | seconds


def was_graded(task: Task, graded: Graded, attempt: int) -> Done:
    """Tell of a submission whose run has ended, by itself or at a limit."""
    where = f", in {graded.stopped_in}" if graded.stopped_in else ""
    stopped = graded.ended not in ("complete", "not run")
    return Done(
        task.student,
        task.assignment,
        "graded",
        graded.ended,
        f"its run was ended: {graded.ended}{where}" if stopped else "",
        **_earned(graded),
        attempt=attempt,
        seconds=graded.seconds,
    )


def was_settled(task: Task, graded: Graded, code: str, why: str, attempt: int) -> Done:
    """Tell of a submission that got what it had earned until it took its worker down."""
    return Done(
        task.student,
        task.assignment,
        "settled",
        code,
        f"settled with what it had earned: {why}",
        **_earned(graded),
        attempt=attempt,
        seconds=graded.seconds,
    )


def has_failed(task: Task, why: str, attempt: int = 1) -> Done:
    """Tell of a submission that has no score, through no fault of its student."""
    why = why[:LONGEST_REASON]
    return Done(task.student, task.assignment, "failed", "failed", why, attempt=attempt)


def printable(text: str) -> str:
    """Return a text as one line that does nothing to a terminal."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _earned(graded: Graded) -> dict[str, Any]:
    return {
        "score": round(sum(score or 0.0 for score in graded.scores.values()), 4),
        "waiting": sum(score is None for score in graded.scores.values()),
        "cpu_seconds": graded.cpu_seconds,
        "cold": graded.cold,
    }
