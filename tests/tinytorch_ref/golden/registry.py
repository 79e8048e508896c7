"""What a module of golden cases is: inputs, cases, and names that the cases use."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Module = tuple[dict[str, np.ndarray], list["Case"], dict[str, Any]]

MODULES: dict[str, Callable[[], Module]] = {}


@dataclass
class Case:
    """One calculation.

    `agree` says how: "exact" for what has a single right answer in floating point; "each" for a
    relative error of each number; "whole" for an error relative to the largest number, where sums
    may cancel; "gradient" for that, with the room that a walk through several operations needs.
    """

    name: str
    code: str
    agree: str = "exact"
    gradients: list[str] = field(default_factory=list)  # inputs with requires_grad=True


def module(name: str) -> Callable:
    """Register a function that returns inputs, cases and names."""

    def register(function: Callable) -> Callable:
        MODULES[name] = function
        return function

    return register


def cases_of(**agreements: dict[str, str]) -> list[Case]:
    """Make cases of dictionaries from name to code, one for each way to agree."""
    return [
        Case(name, code, agree)
        for agree, codes in agreements.items()
        for name, code in codes.items()
    ]
