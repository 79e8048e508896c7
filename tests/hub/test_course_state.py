"""What the course's page shows of each assignment."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from course_page.announced import moment
from exchange import ASSIGNMENT, Class
from student_server import COURSE, NAMES, StudentServer

RESULT = '<main data-course-result="{&#34;score&#34;: 3.5}">'


@pytest.fixture
def server(klass: Class, tmp_path: Path) -> StudentServer:
    (klass.root / COURSE / "feedback").mkdir()
    klass.root.chmod(0o777)
    return StudentServer(klass, tmp_path / "home")


@pytest.fixture
def handed_in(server: StudentServer) -> StudentServer:
    server.release()
    server.said("fetch", NAMES)
    server.said("submit", NAMES)
    return server


def shown(server: StudentServer) -> dict:
    [assignment] = server.said("state")["assignments"]
    return assignment


def last(server: StudentServer) -> dict:
    return shown(server)["submissions"][0]


def test_before_anything_is_released_there_is_nothing(server: StudentServer) -> None:
    server.klass.outbound.rmdir()
    assert server.said("state") == {"courses": [], "late_rules": {}, "assignments": []}


def test_an_exchange_that_is_not_there_is_a_sentence(server: StudentServer) -> None:
    server.klass.root.rename(server.klass.root.with_name("gone"))
    assert server.ask("api/state").code == 409


def test_a_released_assignment_has_its_title_and_due_date(server: StudentServer) -> None:
    server.release()
    server.announce(title="Doubling", due="2030-01-01T10:00:00Z", counts="best")
    one = shown(server)
    assert one["counts"] == "best"
    assert (one["title"], one["due"]) == ("Doubling", "2030-01-01T10:00:00Z")
    assert (one["released"], one["fetched"], one["notebook"]) == (True, False, None)
    assert one["submissions"] == []


@pytest.mark.parametrize("announced", [None, "{", "[]", '{"assignments": {}}'])
def test_without_an_announcement_it_has_its_name_and_no_due_date(
    server: StudentServer, announced: str | None
) -> None:
    server.release()
    if announced is not None:
        (server.klass.root / COURSE / "course.json").write_text(announced)
    one = shown(server)
    assert (one["title"], one["due"], one["counts"]) == (ASSIGNMENT, None, "")


def test_a_fetched_one_says_where_it_is_and_when_it_was_saved(server: StudentServer) -> None:
    server.release()
    server.said("fetch", NAMES)
    one = shown(server)
    assert one["fetched"] and one["notebook"] == f"{COURSE}/{ASSIGNMENT}/{ASSIGNMENT}.ipynb"
    saved = datetime.fromtimestamp(server.notebook.stat().st_mtime, UTC).replace(microsecond=0)
    assert moment(one["saved"]) == saved


def test_what_was_handed_in_has_a_time_without_fractions(handed_in: StudentServer) -> None:
    submission = last(handed_in)
    assert "." not in submission["at"] and submission["at"].endswith("Z")
    assert submission["timestamp"].startswith(submission["at"][:10])


@pytest.mark.parametrize(("hours", "late"), [(2, 0), (-2, 7200)])
def test_it_is_late_by_the_time_since_it_was_due(
    handed_in: StudentServer, hours: int, late: int
) -> None:
    at = moment(last(handed_in)["at"])
    assert at is not None
    due = at + timedelta(hours=hours)
    handed_in.announce(due=due.isoformat())
    assert abs(last(handed_in)["seconds_late"] - late) <= 1
    assert handed_in.said("state")["late_rules"] == {COURSE: "It costs."}


def test_without_a_due_date_nothing_is_late(handed_in: StudentServer) -> None:
    assert last(handed_in)["seconds_late"] == 0


def test_the_newest_submission_is_first_and_every_one_keeps_its_receipt(
    handed_in: StudentServer,
) -> None:
    handed_in.notebook.write_bytes(b"second")
    handed_in.said("submit", NAMES)
    sizes = [one["receipt"]["size"] for one in shown(handed_in)["submissions"]]
    assert sizes[0] == 6 and len(sizes) == 2 and sizes[1] != 6


def test_a_receipt_that_was_lost_or_spoilt_is_none(handed_in: StudentServer) -> None:
    [file] = (handed_in.home / "cache" / "receipts").rglob("*.json")
    file.write_text("{")
    assert last(handed_in)["receipt"] is None


def test_feedback_is_none_then_new_then_read_then_new_again(handed_in: StudentServer) -> None:
    assert (last(handed_in)["feedback"], last(handed_in)["result"]) == ("none", None)
    handed_in.put_feedback(RESULT)
    assert (last(handed_in)["feedback"], last(handed_in)["result"]) == ("new", None)
    handed_in.said("fetch_feedback", NAMES)
    assert (last(handed_in)["feedback"], last(handed_in)["result"]) == ("read", {"score": 3.5})
    handed_in.put_feedback("graded again")
    assert last(handed_in)["feedback"] == "new"


@pytest.mark.parametrize(
    "page",
    ["no result", RESULT.replace(": 3.5", ""), RESULT.replace("3.5", ""), RESULT[:30] + '[]">'],
)
def test_feedback_without_a_result_that_can_be_read_has_none(
    handed_in: StudentServer, page: str
) -> None:
    handed_in.put_feedback(page)
    handed_in.said("fetch_feedback", NAMES)
    assert (last(handed_in)["feedback"], last(handed_in)["result"]) == ("read", None)


def test_what_was_handed_in_stays_to_be_seen_when_it_is_no_longer_released(
    handed_in: StudentServer,
) -> None:
    (handed_in.klass.outbound / f"{ASSIGNMENT}.ipynb").unlink()
    handed_in.klass.outbound.rmdir()
    one = shown(handed_in)
    assert not one["released"] and len(one["submissions"]) == 1


@pytest.mark.parametrize("text", [None, "", "yesterday"])
def test_what_is_no_time_is_none(text: str | None) -> None:
    assert moment(text) is None
