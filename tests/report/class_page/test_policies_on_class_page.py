"""The class page counts who is in the class, and drops the lowest where the course wants so."""

import pytest
from made_class import made

from grading.course.layout import Course
from grading.report.class_page.facts import Person, read_facts
from grading.report.class_page.page import page_of
from grading.report.class_page.standing import rules, standings
from trials.synthetic_course import SyntheticCourse

SCORES = {"student-01": [20, 10, 0, 20], "student-02": [20, None, 20, 20]}


def averages(**more):
    return {one.student: one.average for one in standings(made(SCORES, **more))}


@pytest.mark.parametrize(
    ("dropped", "found"),
    [
        (0, {"student-01": 62.5, "student-02": 75.0}),
        (1, {"student-01": 83.33, "student-02": 100.0}),
        (2, {"student-01": 100.0, "student-02": 100.0}),
        (9, {"student-01": 100.0, "student-02": 100.0}),
    ],
)
def test_so_many_of_the_lowest_leave_the_average(dropped, found):
    assert averages(drop_lowest=dropped) == found


def test_the_rule_is_told_where_any_is_dropped():
    assert "lowest 2 of what counts" in " ".join(rules(2))
    assert rules(2)[:-1] == rules(0)
    assert "lowest 2 of what counts" in page_of(made(SCORES, drop_lowest=2)).html


def test_sections_stand_in_the_tables():
    people = [Person("student-01", section="A"), Person("student-02", section="B")]
    page = page_of(made(SCORES, people=people))
    submissions = page.tables["submissions"]
    assert dict(zip(submissions["student"], submissions["section"], strict=True)) == {
        "student-01": "A",
        "student-02": "B",
    }


def test_who_has_dropped_is_named_and_not_counted(tmp_path):
    built = SyntheticCourse(tmp_path / "course", 4, 2, handed_in=1).build()
    course = Course(built.root)
    everybody = [one.id for one in read_facts(course, built.db_url).people]
    gone, *others = everybody
    lines = ["id,name,email,section,lms_id,dropped", f"{gone},,,,,2026-10-01"]
    lines += [f"{student},,,,,no" for student in others]
    (course.root / "roster.csv").write_text("\n".join(lines))
    facts = read_facts(course, built.db_url)
    assert [one.id for one in facts.people] == others
    assert gone not in {student for student, _ in facts.submissions}
    assert facts.remarks == [f"Not counted, for they have dropped: {gone}."]


def test_policies_that_cannot_be_read_are_a_remark(tmp_path):
    built = SyntheticCourse(tmp_path / "course", 2, 1, handed_in=1).build()
    (built.root / "policies.toml").write_text("drop_lowest = -1")
    facts = read_facts(Course(built.root), built.db_url)
    assert facts.drop_lowest == 0 and "line 1: drop_lowest cannot be so" in facts.remarks[0]
