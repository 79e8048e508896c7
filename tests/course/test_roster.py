"""A roster says who is who; what could make one student another is refused, with its line."""

import pytest
from lms_zips import COLUMNS, write_roster

from grading.course.roster import EXAMPLE, BadRoster, forms_of, plain, read_roster
from grading.sandbox.settings import PROJECT

ONE = "student-01,First One,one@example.org,A,5001 sis-1"
TWO = "student-02,Second Two,two@example.org,B,5002"


@pytest.fixture
def read(tmp_path):
    """Return what reads a roster of some lines, or of a whole text."""

    def read(*lines, text=None, encoding="utf-8"):
        write_roster(tmp_path, *lines)
        if text is not None:
            (tmp_path / "roster.csv").write_bytes(text.encode(encoding))
        return read_roster(tmp_path / "roster.csv")

    return read


def ids(members):
    return [member.id for member in members]


@pytest.mark.parametrize("key", ["student-01", "STUDENT-01", "one@EXAMPLE.org", "5001", " SIS-1 "])
def test_a_student_is_known_by_every_id_login_and_address(read, key):
    assert ids(read(ONE, TWO).known(key)) == ["student-01"]


def test_ids_of_two_students_name_two(read):
    assert ids(read(ONE, TWO).known("5001", "two@example.org")) == ["student-01", "student-02"]


@pytest.mark.parametrize("name", ["First One", "one, first", "OneFirst", "ﬁrst one"])
def test_a_name_is_known_in_any_order_and_case(read, name):
    assert ids(read(ONE, TWO).named(name)) == ["student-01"]


@pytest.mark.parametrize("name", ["", "  ", "!", "First", "Efirst On"])
def test_what_is_no_whole_name_is_nobodys(read, name):
    assert read(ONE, ",".join(["student-03", "", "", "", ""])).named(name) == []


def test_a_name_of_one_word_twice_is_one_persons(read):
    assert ids(read("student-01,Abc Abc,,,").named("abc abc")) == ["student-01"]


def test_names_are_compared_without_what_an_lms_takes_out():
    assert plain("O'Née_-x ") == "onéex"
    assert forms_of("de la Née, Zo") == {"delanéezo", "lanéezode", "néezodela", "zodelanée"}


def test_students_of_one_group_are_found_by_its_name(read):
    text = f"{COLUMNS},group\n{ONE},Team A\n{TWO},team a\nstudent-03,,,,,\n"
    roster = read(text=text)
    assert ids(roster.in_group("Team_A")) == ["student-01", "student-02"]
    assert roster.in_group("") == []


def test_more_columns_are_kept(read):
    (member,) = read(text=f"{COLUMNS},SIS User ID\n{ONE}, 77 \n").members
    assert member.more == {"sis user id": "77"}


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_spreadsheets_of_any_country_are_read(read, separator):
    text = f"\ufeff{COLUMNS}\r\n{TWO}\r\n\r\n".replace(",", separator)
    assert ids(read(text=text)) == ["student-02"]


def test_empty_columns_of_a_spreadsheet_do_not_matter(read):
    (member,) = read(text=f"{COLUMNS},,\n{ONE},,\n,,,,,,\n").members
    assert member.id == "student-01" and member.more == {}


def test_a_cell_may_hold_a_comma_and_a_line(read):
    (member,) = read(text=f'{COLUMNS}\nstudent-01,"One, First",,"A",5001\n').members
    assert member.name == "One, First"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            (ONE, ONE.replace("student-01", "student-03")),
            "line 3: one@example.org stands in line 2",
        ),
        ((ONE, TWO, "student-01,,,,"), "line 4: student-01 stands in line 2 already"),
        ((ONE, "Student-01,,,,"), "line 3: student-01 stands in line 2 already"),
        ((ONE, "student-03,,,,5001"), "line 3: 5001 stands in line 2 already, for student-01"),
        ((ONE, "5001,,,,"), "line 3: 5001 stands in line 2 already"),
        ((ONE, "", ",Nobody,,,"), "line 4: there is no id"),
        (("../up,,,,",), "line 2: the id '../up'"),
        (("-x,,,,",), "line 2: the id '-x'"),
        (("two words,,,,",), "line 2: the id 'two words'"),
        (("a*,,,,",), "line 2: the id 'a*'"),
        ((".hidden,,,,",), "line 2: the id '.hidden'"),
        (("a,,=cmd@x,,",), "line 2: '=cmd@x' is no address"),
        (("a,,nowhere,,",), "line 2: 'nowhere' is no address"),
        (("a,b,,",), "line 2: 4 cells under 5 columns"),
        (('"a",b\x07,,,',), "line 2: name: characters that cannot be printed"),
        (('a,"b,,,',), "line 2: "),
        (('a,"one\ntwo",,,',), "line 2: name"),
        (('a,"one\ntwo",,,', "..,,,,"), "line 4: the id '..'"),
    ],
)
def test_it_is_refused_with_its_line(read, lines, said):
    with pytest.raises(BadRoster) as refused:
        read(*lines)
    assert said in str(refused.value)


def test_every_mistake_is_told_at_once_and_not_a_thousand(read):
    with pytest.raises(BadRoster) as refused:
        read(*[f"no good {n},,,," for n in range(15)])
    assert str(refused.value).count("line ") == 10
    assert str(refused.value).endswith("… and 5 more")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,name,email\na,b,c\n", "line 1: the first line has no column section, lms_id"),
        ("", "line 1: the first line has no column id, name"),
        (f"{COLUMNS},email\n", "line 1: the first line has email twice"),
    ],
)
def test_columns_that_are_missing_or_twice_are_named(read, text, said):
    with pytest.raises(BadRoster, match=said):
        read(text=text)


def test_another_encoding_is_refused_with_its_line(read):
    with pytest.raises(BadRoster, match=r"line 3: save it as CSV in UTF-8"):
        read(text=f"{COLUMNS}\n{ONE}\nb,Née,,,\n", encoding="cp1252")


def test_without_a_roster_it_is_said_how_to_write_one(tmp_path):
    with pytest.raises(BadRoster, match=EXAMPLE):
        read_roster(tmp_path / "roster.csv")


def test_the_example_is_a_roster_of_nobody():
    assert {one.id.rpartition("-")[0] for one in read_roster(PROJECT / EXAMPLE)} == {"student"}


def test_a_roster_is_never_committed():
    lines = (PROJECT / ".gitignore").read_text().splitlines()
    assert {"/roster.csv", "/downloaded/"} <= {*lines}
