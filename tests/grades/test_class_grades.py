"""How late a submission is follows from its due date and its own extension."""

from datetime import datetime, timedelta

import pytest
from nbgrader.api import Gradebook

from grading.grades.class_grades import class_grades
from trials.gradebook import db_url_of

DUE = datetime(2026, 9, 14, 12)


@pytest.fixture
def handed_in(unrun):
    """Return what hands the assignment in, so many hours after it was due, and what is told."""

    def hand_in(hours, extension=0, due=DUE):
        url = db_url_of(unrun.course)
        with Gradebook(url) as gradebook:
            gradebook.update_or_create_assignment("01_mini", duedate=due)
            gradebook.add_student("student-01")
            when = DUE + timedelta(hours=hours)
            found = gradebook.add_submission("01_mini", "student-01", timestamp=when)
            found.extension = timedelta(hours=extension) if extension else None
            gradebook.db.commit()
        [submission] = class_grades(url).submissions
        return submission

    return hand_in


def test_late_is_what_comes_after_the_due_date(handed_in):
    assert handed_in(3).late_seconds == 3 * 3600


def test_an_extension_makes_it_less_late(handed_in):
    found = handed_in(3, extension=2)
    assert found.late_seconds == 3600 and found.extension == timedelta(hours=2)


def test_who_is_early_is_not_late(handed_in):
    assert handed_in(-3).late_seconds == 0


def test_without_a_due_date_nobody_is_late(handed_in):
    assert handed_in(3, due=None).late_seconds == 0
