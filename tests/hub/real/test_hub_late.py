"""A submission after the due date counts, and everybody can see that it was late."""

from browser import PICTURES, Browser, Grader, Person, Student
from nbgrader.api import Gradebook
from server import Installation


def test_a_late_submission_is_graded_and_marked_and_its_student_sees_it(
    hub: Installation, window: Browser, people: dict[str, Person], released: str
) -> None:
    ta1 = people["ta1"]
    assert isinstance(ta1, Grader)
    account = hub.add_account("late", "students")
    ta1.set_due_date(released, "2020-01-01T00:00")
    student = Student(window, hub.settings.address, account, PICTURES)
    student.log_in(hub.passwords[account])
    student.open_course()
    before = student.card(released).inner_text()
    assert "overdue by" in before and "Nothing is taken off for handing in late." in before
    student.fetch(released)
    assert "This will be late by" in student.ask_to_submit(released)
    assert "late by" in student.hand_in()
    student.card(released).get_by_text("late by").first.wait_for()
    assert f"Collected: {account}" in ta1.press(released, "collect")
    assert "graded, sealed" in ta1.press_for(released, account, "autograde")
    assert _seconds_late(hub, released, account) > 0
    assert "late by" in ta1.handed_in(released, account)
    [row] = [line for line in hub.run_step("report", hub.course).split("\n") if account in line]
    assert "†" in row

    ta1.set_due_date(released, "")
    assert _seconds_late(hub, released, account) == 0
    assert "late" not in ta1.handed_in(released, account)


def _seconds_late(hub: Installation, assignment: str, account: str) -> float:
    with Gradebook(f"sqlite:///{hub.course / 'gradebook.db'}", "tinytorch") as gradebook:
        return float(gradebook.find_submission(assignment, account).total_seconds_late)
