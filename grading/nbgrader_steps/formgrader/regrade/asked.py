"""What the page of a regrade asks for, read from JSON."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

LONGEST_WHY = 500
DO = {"preview": "Preview", "apply": "Apply", "bring_back": "Bring back"}
NO_STEP = (
    "Needed are `do` (preview, apply or bring_back), and an `assignment` or null; to apply, the "
    "`run` that was seen, and `whose`, a list of students and assignments, or null for all; to "
    "bring back, a list of `states`; and `why`, a text of at most 500 characters, or nothing."
)
Part = tuple[str | None, dict[str, Any]]
"""An assignment or all, and how the step is to be carried out there."""


@dataclass(frozen=True)
class Asked:
    """One step, of one assignment or all."""

    do: str
    assignment: str | None
    run: str = ""
    whose: list[tuple[str, str]] | None = None
    states: list[str] = field(default_factory=list)
    why: str = ""

    @property
    def title(self) -> str:
        """Return what is done, for people."""
        return DO[self.do]

    def parts(self, shown: str | None, who: str) -> Iterator[Part]:
        """Yield what is to be done one after the other, where `shown` is the preview's assignment.

        Students are chosen within an assignment, so there is a part for each of theirs.
        """
        if self.do == "preview":
            yield self.assignment, {}
        elif self.do == "bring_back":
            yield None, {"states": self.states, "who": who, "why": self.why}
        else:
            how = {"seen": self.run, "who": who, "why": self.why}
            if self.whose is None:
                yield shown, {"students": None, **how}
            for name in dict.fromkeys(name for _, name in self.whose or ()):
                students = [student for student, one in self.whose or () if one == name]
                yield name, {"students": students, **how}


def read_request(said: Any) -> Asked:
    """Return what is asked for; raise `ValueError`, which says what is needed."""
    if not isinstance(said, dict) or said.get("do") not in DO:
        raise ValueError(NO_STEP)
    whose, states = said.get("whose"), said.get("states", [])
    texts = [said.get("assignment") or "", said.get("run", ""), said.get("why", "")]
    pairs = [] if whose is None else whose
    if not isinstance(pairs, list) or not all(isinstance(one, list) for one in pairs):
        raise ValueError(NO_STEP)
    if any(len(one) != 2 for one in pairs) or not isinstance(states, list):
        raise ValueError(NO_STEP)
    texts += [*states, *(text for one in pairs for text in one)]
    if not all(isinstance(text, str) for text in texts) or len(texts[2]) > LONGEST_WHY:
        raise ValueError(NO_STEP)
    if (said["do"] == "apply" and not texts[1]) or (said["do"] == "bring_back" and not states):
        raise ValueError(NO_STEP)
    chosen = None if whose is None else [(student, name) for student, name in pairs]
    return Asked(said["do"], texts[0] or None, texts[1], chosen, states, texts[2].strip())
