"""What the course's page shows of each assignment: due, fetched, handed in, late, feedback."""

import html
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from course_exchange.receipts import kept

from course_page.announced import about, announced, moment, shown
from course_page.exchange import Listed, StudentsExchange

RESULT = re.compile(r"""<main data-course-result=("|')(.*?)\1""")
NOBODY = {"feedback": "none", "result": None}
State = dict[str, Any]


def state_of(exchange: StudentsExchange) -> State:
    """Return all assignments of the student's courses, in the order of their names."""
    released, handed_in = exchange.released(), exchange.handed_in()
    submissions = {(one["course_id"], one["assignment_id"]): one for one in handed_in}
    courses = sorted({one["course_id"] for one in [*released, *handed_in]})
    said = {course: announced(exchange.folder, course) for course in courses}
    here = {(one["course_id"], one["assignment_id"]): one for one in released}
    assignments = [
        _assignment(
            exchange, said[course], here.get((course, name)), submissions.get((course, name))
        )
        for course, name in sorted({*here, *submissions})
    ]
    rules = {course: said[course].get("late_rule", "") for course in courses}
    return {"courses": courses, "late_rules": rules, "assignments": assignments}


def _assignment(
    exchange: StudentsExchange, said: State, released: Listed | None, handed_in: Listed | None
) -> State:
    known = released or handed_in or {}
    course, name = known["course_id"], known["assignment_id"]
    told = about(said, name)
    due = moment(told["due"])
    folder = exchange.root / course / name
    notebook = folder / f"{name}.ipynb"
    listed = (handed_in or {}).get("submissions", [])
    return {
        "course": course,
        "name": name,
        "title": told["title"],
        "due": shown(due),
        "counts": told["counts"],
        "released": released is not None,
        "fetched": folder.is_dir(),
        "notebook": str(notebook.relative_to(exchange.root)) if notebook.is_file() else None,
        "saved": saved(notebook),
        "submissions": [_submission(exchange, one, due) for one in reversed(listed)],
    }


def saved(notebook: Path) -> str | None:
    """Return when a file was last saved, or None where there is none."""
    if not notebook.is_file():
        return None
    return shown(datetime.fromtimestamp(notebook.stat().st_mtime, UTC))


def _submission(exchange: StudentsExchange, listed: Listed, due: datetime | None) -> State:
    at = moment(listed["timestamp"])
    late = max(0, int((at - due).total_seconds())) if at and due else 0
    receipt = kept(exchange.cache, listed["course_id"], Path(listed["path"]).name)
    return {
        "at": shown(at),
        "timestamp": listed["timestamp"],
        "seconds_late": late,
        "receipt": receipt,
        **_feedback(listed),
    }


def _feedback(listed: Listed) -> State:
    """Return whether there is feedback, whether it is new, and the result that it tells."""
    is_here, is_there = listed["has_local_feedback"], listed["has_exchange_feedback"]
    if not is_here:
        return NOBODY | {"feedback": "new" if is_there else "none"}
    is_new = is_there and listed["feedback_updated"]
    page = page_of(Path(listed["local_feedback_path"]))
    return {"feedback": "new" if is_new else "read", "result": result_in(page) if page else None}


def page_of(folder: Path) -> Path | None:
    """Return the page of fetched feedback, or None where there is none."""
    return next(iter(sorted(folder.glob("*.html"))), None)


def result_in(page: Path) -> State | None:
    """Return the result that a page of feedback tells to a computer, or None."""
    found = RESULT.search(page.read_text(errors="replace"))
    try:
        result = json.loads(html.unescape(found[2])) if found else None
    except ValueError:
        return None
    return result if isinstance(result, dict) else None
