"""What every kind of check has in common."""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from grading.sandbox.clock import Stretch
from grading.sandbox.evidence import Evidence

Labels = Callable[[str], np.ndarray]


@dataclass(frozen=True)
class Spent:
    """What a training took: CPU seconds taken outside, and parameters as the notebook says."""

    seconds: float
    parameters: int


@dataclass(frozen=True)
class Outcome:
    """Whether one check holds; `hint` is what a student reads when it does not.

    `reached` is the number that was measured, where there is one (an accuracy from 0 to 1, how many
    times faster it was), `wanted` the least that holds, `seconds` and `parameters` what it took.
    They are for staff.
    """

    name: str
    passed: bool
    hint: str = ""
    reached: float | None = None
    wanted: float | None = None
    seconds: float | None = None
    parameters: int | None = None

    def noted(self) -> dict[str, Any]:
        """Return what is noted in a graded notebook: of what was not measured, no number."""
        return {name: value for name, value in vars(self).items() if value is not None}


@dataclass(frozen=True)
class Timing:
    """The timed stretches of our own run and of a student's."""

    key: list[Stretch]
    student: list[Stretch]


class KindOfCheck(ABC):
    """One kind of check: what is reported inside, how it is judged outside, how both are told.

    `report` is the function that hidden tests call; `reports` and `judged_by` are its row in the
    guide.
    """

    kind: ClassVar[str]
    report: ClassVar[Callable[..., None]]
    reports: ClassVar[str]
    judged_by: ClassVar[str]

    @classmethod
    @abstractmethod
    def hint(cls, key: Evidence, got: Evidence, timing: Timing, labels: Labels) -> str | None:
        """Return None when a student's evidence holds against ours, else why not.

        The hint is for students: it shows no expected value, and nothing free-form of theirs.
        """

    @classmethod
    def reached(cls, key: Evidence, got: Evidence, timing: Timing, labels: Labels) -> float | None:
        """Return the number that a threshold is held against, or None where there is none."""
        return None

    @classmethod
    def spent(cls, key: Evidence, timing: Timing) -> Spent | None:
        """Return what the work took, or None where that is not compared."""
        return None

    @classmethod
    def unfit(cls, ours: Evidence, timed: list[Stretch]) -> str | None:
        """Return why nothing could be judged by our own run, or None: this refuses a release."""
        return None

    @classmethod
    def call(cls) -> str:
        """Return how a hidden test calls the check, without what has a default."""
        method = cls.report.__name__
        shown = [
            f"{name}=…" if parameter.kind is parameter.KEYWORD_ONLY else name
            for name, parameter in inspect.signature(cls.report).parameters.items()
            if name != "self" and parameter.default is parameter.empty
        ]
        function = "check" if method == "__call__" else f"check.{method}"
        return f"{function}({', '.join(shown)})"

    @classmethod
    def row(cls) -> str:
        """Return the kind's row in the guide, as Markdown."""
        return f"| `{cls.call()}` | {cls.reports} | {cls.judged_by} |"


def number_of(params: dict[str, Any], name: str, default: float) -> float:
    """Return a number from the params of our own evidence."""
    return float(params.get(name, default))
