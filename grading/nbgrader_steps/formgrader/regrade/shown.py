"""What a preview has shown on a server: kept until it is applied, or another one is made."""

from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass
class Shown:
    """The last preview: of which assignment or all, what would change, who looked and when."""

    assignment: str | None = None
    run: str = ""
    changes: list[dict[str, Any]] = field(default_factory=list)
    same: int = 0
    who: str = ""
    at: str = ""

    def content(self) -> dict[str, Any] | None:
        """Return it as plain data with its reasons; None where nothing is shown."""
        return asdict(self) | {"reasons": reasons(self.changes)} if self.run else None

    def forget(self) -> None:
        """Show nothing."""
        vars(self).update(vars(Shown()))

    def keep(self, assignment: str | None, said: dict[str, Any], who: str) -> None:
        """Show what a preview has answered."""
        self.assignment, self.run, self.who = assignment, said["run"], who
        self.changes, self.same = said["changes"], said["same"]
        self.at = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"

    def written(self, assignment: str | None, students: Collection[str] | None) -> None:
        """Show no longer what was applied, to some students of an assignment, or to all."""
        if students is None:
            self.forget()
            return
        self.changes = [
            one
            for one in self.changes
            if one["assignment"] != assignment or one["student"] not in students
        ]


def reasons(changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what would change, and why, with how many submissions it concerns and the points.

    What concerns most comes first.
    """
    found: dict[tuple[str, str, str, str], dict[str, Any]] = {}
    for change in changes:
        for line in change["lines"]:
            key = (change["assignment"], line["cell"], line["what"], line["why"])
            names = dict(zip(("assignment", "cell", "what", "why"), key, strict=True))
            one = found.setdefault(key, names | {"submissions": 0, "points": 0.0})
            one["submissions"] += 1
            one["points"] = round(one["points"] + (line["new"] or 0.0) - (line["old"] or 0.0), 4)
    return sorted(found.values(), key=lambda one: -one["submissions"])
