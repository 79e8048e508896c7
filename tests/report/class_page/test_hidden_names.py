"""Where names are hidden nothing on the page tells who is who, and pseudonyms stay the same."""

import pandas as pd
from made_class import checks, ids, made

from grading.course.layout import Course
from grading.grades.class_grades import WaitingCell
from grading.report.class_page.facts import Person
from grading.report.class_page.log import Run
from grading.report.class_page.names import hidden, pseudonyms
from grading.report.class_page.page import page_of, write_class_page

WHO = "student-01"
SECRETS = (WHO, "student-02", "Ada", "T1", "left_ada.ipynb")


def facts():
    return made(
        {WHO: [20, 20, None, None], "student-02": [None] * 4},
        people=[Person(WHO, "Ada One", "T1"), Person("student-02", "Ada Two", "T1")],
        checks=checks({"adds": [1, 0]}),
        waiting=[WaitingCell(WHO, "01_work", "think", "a written answer")],
        unsealed={(WHO, "01_work")},
        notes=[(WHO, "02_work", "found as left_ada.ipynb")],
        runs=[
            Run(WHO, "01_work", "2026-10-01", "failed", "failed", "no folder of Ada"),
            Run("student-02", "01_work", "2026-10-01", "graded", "memory", "memory, in test-a"),
        ],
        frameworks=pd.DataFrame({"student": [WHO], "XOR": [1.0], "carries_all": [True]}),
        remarks=["line 2: Ada stands twice"],
    )


def test_no_name_id_section_or_free_text_is_left_anywhere(tmp_path):
    page = page_of(hidden(facts(), "salt"))
    write_class_page(Course(tmp_path), page, hide_names=True)
    written = [file.read_text() for file in tmp_path.rglob("*.*") if file.is_file()]
    assert len(written) == 1 + len(page.tables)
    assert [secret for secret in SECRETS for text in written if secret in text] == []
    assert "names are hidden" in page.html


def test_all_that_is_known_of_a_student_stands_under_one_pseudonym():
    named, found = pseudonyms(ids(2), "salt"), hidden(facts(), "salt")
    one = named[WHO]
    assert one in [person.id for person in found.people]
    assert {student for student, _ in found.submissions} == {
        student for student, _ in found.handed_in
    }
    assert (one, "01_work") in found.submissions and (one, "01_work") in found.unsealed
    assert found.waiting[0].student == found.runs[0].student == found.notes[0][0] == one
    assert [*found.checks["student"]] == [one, named["student-02"]]
    assert [*found.frameworks["student"]] == [one]
    assert found.runs[1].why == "memory, in test-a"


def test_pseudonyms_stay_when_others_join_and_change_with_the_salt():
    alone = pseudonyms([WHO], "salt")
    assert pseudonyms(ids(50), "salt")[WHO] == alone[WHO]
    assert pseudonyms([WHO], "other salt")[WHO] != alone[WHO]


def test_no_two_share_a_pseudonym():
    assert len(set(pseudonyms(ids(20_000), "salt").values())) == 20_000


def test_pseudonyms_stand_in_an_order_of_their_own():
    found = [person.id for person in hidden(made({one: [] for one in ids(30)}, 0), "salt").people]
    assert found == sorted(found)


def test_without_names_it_has_a_place_of_its_own(tmp_path):
    file = write_class_page(Course(tmp_path), page_of(hidden(facts(), "salt")), hide_names=True)
    assert file.name == "class-hidden.html"
    assert not (tmp_path / "reports" / "class.html").exists()
