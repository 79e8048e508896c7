"""Whose a file is: never another student's, and in doubt nobody's until a person says."""

import pytest
from lms_zips import canvas_name, moodle_name

from grading.course.roster import Member, Roster
from grading.pipeline.collect.names import LmsNames
from grading.pipeline.collect.whose import Whose
from grading.report.lms_table import LmsTable

ONE = Member("student-01", "First One", "one@example.org", lms_ids=("5001",))
TWO = Member("student-02", "Second Two", "two@example.org", lms_ids=("5002",))
SAME = Member("student-03", "Second Two", "three@example.org", lms_ids=("5003",))
NO_ID = Member("student-04", "Fourth Four", "four@example.org")


def owners(paths, members=(ONE, TWO, SAME, NO_ID), table=None):
    """Return for each path the ids of its owners, or why it has none."""
    named = [LmsNames().read(path) for path in paths]
    found = Whose(Roster(members), named, table).of_all(named)
    return [[m.id for m in found[one.key].members] or found[one.key].why for one in named]


def canvas(person, user, file="a.ipynb"):
    return canvas_name(person, user, 900, file)


def test_an_id_decides_whatever_the_name():
    assert owners([canvas("Two, Second", 5003), canvas("Other", 5002)]) == [
        ["student-03"],
        ["student-02"],
    ]


def test_a_name_decides_for_who_has_no_id_in_the_roster():
    assert owners([canvas("Four, Fourth", 999)]) == [["student-04"]]


@pytest.mark.parametrize(
    ("path", "why"),
    [
        (canvas("One, First", 999), "the name is student-01's, but not the id"),
        (canvas("Two, Second", 999), "2 students are called so"),
        (canvas("Nobody", 999), "nobody in the roster has this id or name"),
        ("anon_aBcDe_900_a.ipynb", "nobody"),
    ],
)
def test_in_doubt_it_is_nobodys(path, why):
    (found,) = owners([path])
    assert isinstance(found, str) and why in found


def test_who_ends_a_name_in_anothers_number_is_not_the_other():
    path = canvas("two_5001", 5002)
    assert path.startswith("two_5001_5002_900_")
    assert owners([path]) == ["by its name it could be student-01's or student-02's"]


def test_who_names_a_file_like_anothers_is_not_the_other():
    path = canvas("Two, Second", 5002, "one_5001_900_a.ipynb")
    assert owners([path]) == [["student-02"]]
    assert owners([canvas("X", 999, "firstone_5001_900_a.ipynb")])[0].startswith("nobody")


def test_two_of_a_name_that_is_one_students_are_nobodys():
    found = owners([canvas("Four, Fourth", 998), canvas("Four, Fourth", 999)])
    assert found == ["there are several of this name in the zip"] * 2


def test_what_is_one_students_by_id_is_not_taken_by_a_name():
    members = (Member("student-05", "Fifth Five", lms_ids=("login5", "5005")),)
    spoof = moodle_name("Fifth Five", 1, "a")
    found = owners([canvas("Nickname", 5005), spoof], members)
    assert found == [["student-05"], "something else in this zip is student-05's, too"]


def test_an_id_of_the_universitys_own_is_no_id_of_the_lms():
    members = (ONE, Member("4711", "Sixth Six"))
    assert owners([canvas("Other", 4711)], members)[0].startswith("nobody")
    assert owners([canvas("Other", 4711)], (Member("4711", "Sixth Six"),)) == [["4711"]]


def test_a_group_hands_in_for_all_of_it():
    members = [Member(f"student-1{n}", lms_ids=(f"60{n}",), more={"group": "Team A"}) for n in "12"]
    both = ["student-11", "student-12"]
    assert owners([canvas("Team A", 602)], members) == [both]
    assert owners([moodle_name("Team A", 3, "a")], members) == [both]


def test_who_is_called_like_a_group_of_others_hands_in_for_nobody_else():
    member = Member("student-11", "First Eleven", lms_ids=("601",), more={"group": "Team A"})
    assert owners([canvas("Team A", 5001)], (member, ONE)) == [["student-01"]]


def moodle(name, number):
    return moodle_name(name, number, "a.ipynb")


def test_moodles_numbers_count_only_with_the_name():
    assert owners([moodle("Two Second", 5003), moodle("First One", 77)]) == [
        ["student-03"],
        ["student-01"],
    ]
    assert owners([moodle("First One", 5002), moodle("Other", 1)])[0] == ["student-01"]
    assert owners([moodle("Stranger", 5002), moodle("Other", 1)])[0].startswith("nobody")


def test_moodles_numbers_count_where_it_hides_all_names():
    assert owners([moodle("Participant", 5002), moodle("Participant", 5003)]) == [
        ["student-02"],
        ["student-03"],
    ]


def test_two_students_of_one_name_are_told_apart_by_moodles_worksheet():
    header = ["Identifier", "Full name", "Email address", "Grade", "Last modified (grade)"]
    rows = [
        ["Participant 31", "Second Two", "three@example.org", "", "-"],
        ["Participant 32", "Second Two", "two@example.org", "", "-"],
    ]
    table = LmsTable("worksheet", header, rows)
    paths = [moodle("Second Two", 31), moodle("Second Two", 32)]
    assert owners(paths) == ["2 students are called so"] * 2
    assert owners(paths, table=table) == [["student-03"], ["student-02"]]


def test_canvas_numbers_are_told_by_its_gradebook():
    table = LmsTable(
        "canvas",
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"],
        [["Four, Fourth", "999", "", "four@example.org", "A"]],
    )
    assert owners([canvas("Nickname", 999)], table=table) == [["student-04"]]


def test_the_table_of_another_lms_says_nothing():
    header = ["Identifier", "Full name", "Email address", "Grade", "Last modified (grade)"]
    table = LmsTable("worksheet", header, [["Participant 999", "X", "two@example.org", "", "-"]])
    assert owners([canvas("Nobody", 999)], table=table)[0].startswith("nobody")


def test_a_table_without_numbers_says_nothing_of_those_in_no_group():
    table = LmsTable("moodle", ["Email address"], [["two@example.org"]])
    path = "Default group_assignsubmission_file_/a"
    assert owners([path], table=table)[0].startswith("nobody")


def test_moodles_numbers_count_for_a_nickname_where_they_are_of_this_assignment():
    found = owners([moodle("First One", 5001), moodle("Nickname", 5002)])
    assert found == [["student-01"], ["student-02"]]
    found = owners([moodle("First One", 5003), moodle("Nickname", 5002)])
    assert found[0] == ["student-01"] and found[1].startswith("nobody")


def test_moodles_number_counts_for_who_has_no_name_in_the_roster():
    member = Member("student-06", lms_ids=("5006",))
    assert owners([moodle("Any Name", 5006), moodle("Other", 1)], (member, ONE))[0] == [
        "student-06"
    ]
