"""What the course announces in the exchange: titles, due dates, and what being late costs."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FILE = "course.json"


def announced(exchange: Path, course: str) -> dict[str, Any]:
    """Return what a course announces; nothing where it does not, or it cannot be read."""
    try:
        found = json.loads((exchange / course / FILE).read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def about(announcement: dict[str, Any], assignment: str) -> dict[str, Any]:
    """Return title, due date and which submission counts; its name is a title that is not said."""
    said = announcement.get("assignments", {}).get(assignment, {})
    counts = said.get("counts") if said.get("counts") in ("last", "best") else ""
    return {"title": said.get("title") or assignment, "due": said.get("due"), "counts": counts}


def moment(text: str | None) -> datetime | None:
    """Return a time that nbgrader or the announcement has written, in UTC."""
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text.strip().removesuffix(" UTC"))
    except ValueError:
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def shown(time: datetime | None) -> str | None:
    """Return a time as scripts read it, without fractions of a second."""
    return time.isoformat(timespec="seconds").replace("+00:00", "Z") if time else None
