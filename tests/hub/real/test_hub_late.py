"""A submission after the due date counts, and everybody can see that it was late."""

from browser import Grader, Person
from nbgrader.api import Gradebook
from server import Installation
from session import Session


def test_a_late_submission_is_graded_and_marked(
    hub: Installation, people: dict[str, Person], released: str
) -> None:
    ta1 = people["ta1"]
    assert isinstance(ta1, Grader)
    account = hub.add_account("late", "students")
    ta1.set_due_date(released, "2020-01-01T00:00")
    session = Session(hub, account)
    session.start_server()
    assert session.assignments("fetch", released)["success"]
    assert session.assignments("submit", released)["success"]
    assert f"Collected: {account}" in ta1.press(released, "collect")
    assert "graded, sealed" in ta1.press_for(released, account, "autograde")
    assert _seconds_late(hub, released, account) > 0
    [row] = [line for line in hub.run_step("report", hub.course).split("\n") if account in line]
    assert "†" in row

    ta1.set_due_date(released, "")
    assert _seconds_late(hub, released, account) == 0


def _seconds_late(hub: Installation, assignment: str, account: str) -> float:
    with Gradebook(f"sqlite:///{hub.course / 'gradebook.db'}", "tinytorch") as gradebook:
        return float(gradebook.find_submission(assignment, account).total_seconds_late)
