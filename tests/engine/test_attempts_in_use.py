"""Where the best attempt counts, every run finds it; a regrade leaves attempts what they are."""

import pytest
from graded_class import NAME

from grading.grades.gradebook import RunGradebook
from grading.grades.history import before_last_run
from grading.report.class_page.facts import read_facts
from grading.report.class_page.grid import grid
from grading.report.class_page.standing import standings
from grading.report.grades import grades_table

STUDENT = "student-02"


@pytest.fixture
def attempts(graded_class):
    """Return a class of which one has handed in three times, the second time the best."""
    (graded_class.mini.course.root / "policies.toml").write_text('attempt = "best"\n')
    mended = graded_class.mini.course.submitted(STUDENT, NAME) / "mended.txt"
    read(graded_class)
    mended.write_text("")
    graded_class.autograde()
    read(graded_class)
    mended.unlink()
    graded_class.mini.submit(STUDENT, graded_class.mini.notebook(think="Because."))
    graded_class.autograde()
    read(graded_class)
    graded_class.autograde()
    return graded_class


def read(graded_class):
    """Give a point for the written answer, so that nothing waits."""

    def give(gradebook):
        grade = gradebook.find_grade("think", NAME, NAME, STUDENT)
        grade.manual_score, grade.needs_manual_grade = 1.0, False

    graded_class.change(give)


def counts(graded_class):
    table = grades_table(graded_class.url).set_index("student")
    return table["score"][STUDENT], table["attempt"][STUDENT] if "attempt" in table else ""


def test_the_score_that_counts_stands_where_grades_are_shown(attempts):
    assert counts(attempts) == (7.0, "2 of 3")
    facts = read_facts(attempts.mini.course, attempts.url)
    cells = {row.student: row.cells[0].small for row in grid(facts, standings(facts))}
    assert "attempt 2 of 3" in cells[STUDENT] and "attempt" not in cells["student-01"]


def test_after_a_regrade_the_best_attempt_is_found_anew(attempts):
    attempts.widen()
    old, new, _ = attempts.preview()[STUDENT]
    assert (old, new) == (6.0, 7.0)
    attempts.apply()
    attempts.autograde()
    assert counts(attempts) == (7.0, "")
    with RunGradebook(attempts.url) as gradebook:
        states = before_last_run(gradebook)
    attempts.regrade.bring_back(states, "undone")
    assert counts(attempts) == (6.0, "")
    attempts.autograde()
    assert counts(attempts) == (7.0, "2 of 3")


def test_where_no_earlier_attempt_counts_the_table_has_no_column_of_them(graded_class):
    assert "attempt" not in grades_table(graded_class.url)
