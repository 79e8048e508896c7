"""Read `policies.toml`: when assignments are due, what lateness costs, what is left out."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from grading.course.errors import CourseError

FILE = "policies.toml"
EXAMPLE = "docs/policies-example.toml"
ONE_DAY = timedelta(days=1)
UNITS = {"min": 60, "minute": 60, "hour": 3600, "h": 3600, "day": 86400, "week": 604800}
PART = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)")
LONGEST = timedelta(days=366)
KNOWN = ("timezone", "late", "due", "extensions", "drop_lowest", "attempt", "attempts")
LAST, BEST = "last", "best"
LATE = ("per_day", "grace", "at_most")


class BadPolicies(CourseError):
    """The file cannot be used; the message names the line, and what to write instead."""


@dataclass(frozen=True)
class Late:
    """What lateness costs: per cent of the points earned for each day begun after the grace."""

    per_day: float
    grace: timedelta = timedelta(0)
    at_most: float = 100.0

    def share(self, seconds_late: float) -> float:
        """Return the share of the points that is lost, from 0 to 1."""
        beyond = timedelta(seconds=seconds_late) - self.grace
        if beyond <= timedelta(0):
            return 0.0
        return min(-(-beyond // ONE_DAY) * self.per_day, self.at_most) / 100

    @property
    def rule(self) -> str:
        """Return the rule as students read it."""
        grace = f" after {in_words(self.grace)} of grace" if self.grace else ""
        most = f", at most {self.at_most:g} %" if self.at_most < 100 else ""
        return f"\N{MINUS SIGN}{self.per_day:g} % of the points for each day begun{grace}{most}"


@dataclass(frozen=True)
class Policies:
    """What the file says; due dates are UTC. None for what it leaves to Formgrader."""

    late: Late | None = None
    due: Mapping[str, datetime] = field(default_factory=dict)
    extensions: Mapping[str, Mapping[str, timedelta]] | None = None
    drop_lowest: int = 0
    attempt: str = LAST
    attempts: Mapping[str, str] = field(default_factory=dict)

    def attempt_of(self, assignment: str) -> str:
        """Return which attempt of an assignment counts."""
        return self.attempts.get(assignment, self.attempt)


def in_words(duration: timedelta) -> str:
    """Return a duration as it is said, in its two largest units: 1 day 3 hours."""
    seconds = round(duration.total_seconds())
    parts = []
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        number, seconds = divmod(seconds, size)
        if number:
            parts.append(f"{number} {unit}{'' if number == 1 else 's'}")
    return " ".join(parts[:2]) or "less than a minute"


def read_policies(file: Path, assignments: Iterable[str] | None = None) -> Policies:
    """Read the file; one that is not there says nothing. Raise `BadPolicies` with the line.

    Names of assignments are checked where they are given.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
        said = tomllib.loads(text)
    except FileNotFoundError:
        return Policies()
    except UnicodeDecodeError:
        raise BadPolicies(f"{file.name}: save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise BadPolicies(
            f"{file.name} cannot be read: {error}. {EXAMPLE} shows how it is written."
        ) from None
    return _Reader(file.name, text, None if assignments is None else set(assignments)).read(said)


class _Reader:
    """Read what TOML has parsed, and say of what is wrong where it stands."""

    def __init__(self, name: str, text: str, assignments: set[str] | None) -> None:
        self._name, self._lines, self._assignments = name, text.splitlines(), assignments

    def read(self, said: dict[str, Any]) -> Policies:
        self._refuse_unknown(said, KNOWN, "")
        zone = self._zone(said.get("timezone", "UTC"))
        drop = said.get("drop_lowest", 0)
        if type(drop) is not int or not 0 <= drop <= 20:
            self._refuse("drop_lowest", "", "a whole number from 0 to 20")
        extensions = self._table(said, "extensions") if "extensions" in said else None
        return Policies(
            self._late(self._table(said, "late")) if "late" in said else None,
            {
                name: self._due(name, when, zone)
                for name, when in self._of_assignments(self._table(said, "due"), "due")
            },
            None if extensions is None else self._extensions(extensions),
            drop,
            self._attempt(said.get("attempt", LAST), "attempt", ""),
            {
                name: self._attempt(value, name, "attempts")
                for name, value in self._of_assignments(self._table(said, "attempts"), "attempts")
            },
        )

    def _attempt(self, value: Any, name: str, section: str) -> str:
        if not isinstance(value, str) or value not in (LAST, BEST):
            of_one = (
                "" if section else f'; for one assignment, 02_tensor = "{BEST}" below [attempts]'
            )
            self._refuse(name, section, f'{name} = "{LAST}" or {name} = "{BEST}"{of_one}')
        return str(value)

    def _late(self, said: dict[str, Any]) -> Late:
        self._refuse_unknown(said, LATE, "late")
        if "per_day" not in said:
            self._refuse("[late]", "", "per_day = 10 below it, in per cent")
        per_day, at_most = (
            self._percent(said.get(name, 100), name) for name in ("per_day", "at_most")
        )
        grace = self._duration(said.get("grace", "0 min"), "grace", "late")
        return Late(per_day, grace, at_most)

    def _extensions(self, said: dict[str, Any]) -> dict[str, dict[str, timedelta]]:
        found = {}
        for student, theirs in said.items():
            section = f"extensions.{student}"
            if not isinstance(theirs, dict):
                self._refuse(student, "extensions", f'{student} = {{ 02_tensor = "2 days" }}')
            found[student] = {
                name: self._duration(value, name, section)
                for name, value in self._of_assignments(theirs, section)
            }
        return found

    def _of_assignments(self, said: dict[str, Any], section: str) -> Iterable[tuple[str, Any]]:
        for name, value in said.items():
            if self._assignments is not None and name not in self._assignments:
                known = ", ".join(sorted(self._assignments)) or "none"
                self._refuse(name, section, f"the name of an assignment: {known}")
            yield name, value

    def _due(self, name: str, when: Any, zone: ZoneInfo) -> datetime:
        if isinstance(when, date) and not isinstance(when, datetime):
            when = datetime.combine(when, time(23, 59))
        if not isinstance(when, datetime):
            self._refuse(name, "due", f"{name} = 2026-10-12T23:59:00, without quotation marks")
        when = when if when.tzinfo else when.replace(tzinfo=zone)
        return when.astimezone(UTC).replace(tzinfo=None)

    def _duration(self, value: Any, name: str, section: str) -> timedelta:
        parts = PART.findall(value.lower()) if isinstance(value, str) else []
        rest = PART.sub("", value.lower()).strip(" ,") if isinstance(value, str) else "?"
        sizes = [UNITS.get(unit) or UNITS.get(unit.removesuffix("s")) for _, unit in parts]
        if rest or not parts or None in sizes:
            self._refuse(name, section, f'{name} = "30 min", "12 hours" or "2 days"')
        numbers = [float(number) for number, _ in parts]
        seconds = sum(one * (size or 0) for one, size in zip(numbers, sizes, strict=True))
        if seconds > LONGEST.total_seconds():
            self._refuse(name, section, "a year at most")
        return timedelta(seconds=seconds)

    def _percent(self, value: Any, name: str) -> float:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not 0 <= value <= 100:
            self._refuse(name, "late", f"{name} = 10, a number of per cent from 0 to 100")
        return float(value)

    def _zone(self, name: Any) -> ZoneInfo:
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, TypeError, OSError, AttributeError):
            return self._refuse("timezone", "", 'timezone = "Europe/Berlin"')

    def _table(self, said: dict[str, Any], name: str) -> dict[str, Any]:
        found = said.get(name, {})
        if not isinstance(found, dict):
            self._refuse(name, "", f"[{name}] on a line of its own")
        return dict(found)

    def _refuse_unknown(self, said: dict[str, Any], known: tuple[str, ...], section: str) -> None:
        for name in said:
            if name not in known:
                self._refuse(name, section, f"one of {', '.join(known)}")

    def _refuse(self, name: str, section: str, instead: str) -> Any:
        """Raise `BadPolicies` with the line of a name below a section, or of the section."""
        line = self._line(name, section)
        where = f"{self._name}, line {line}" if line else self._name
        raise BadPolicies(f"{where}: {name} cannot be so. Write {instead}.")

    def _line(self, name: str, section: str) -> int:
        within, near = "", 0
        for number, text in enumerate(self._lines, 1):
            if head := re.match(r"\s*\[([^\]]*)\]", text):
                within = re.sub("[\"' ]", "", head[1])
                if within in (name.strip("[]"), f"{section}.{name}"):
                    return number
            outer = section.partition(".")[0]
            if within not in (section, outer):
                continue
            if re.match(rf"\s*[\"']?{re.escape(name)}[\"']?\s*[=.]", text):
                return number
            if section and name in text:
                near = near or number
        return near
