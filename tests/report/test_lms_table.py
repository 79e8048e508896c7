"""An LMS's own tables are read as they are, matched to the roster, and written without formulas."""

import csv

import pytest

from grading.course.roster import Member, Roster
from grading.report.lms_table import BadTable, LmsTable, harmless, read_table

CANVAS = "Student,ID,SIS User ID,SIS Login ID,Section"
WORKSHEET = "Identifier,Full name,Email address,Grade,Last modified (grade)"
MOODLE = "First name,Last name,Email address"
ONE = Member("student-01", "First One", "one@example.org", lms_ids=("5001", "sis-1"))
TWO = Member("student-02", "Second Two", "two@example.org", lms_ids=("5002",))
NO_ID = Member("student-03", "Third Three")
ROSTER = Roster([ONE, TWO, NO_ID])


@pytest.fixture
def read(tmp_path):
    def read(*lines, encoding="utf-8"):
        file = tmp_path / "table.csv"
        file.write_bytes("\r\n".join(lines).encode(encoding))
        return read_table(file)

    return read


def matched(table):
    found, remarks = table.matched(ROSTER)
    return {row: member.id for row, member in found.items()}, remarks


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        (CANVAS, "canvas"),
        ("LastName,FirstName,ID,SIS Login ID,Section", "canvas"),
        (WORKSHEET, "worksheet"),
        (MOODLE, "moodle"),
        ("Surname,ID number", "moodle"),
    ],
)
def test_tables_of_each_kind_are_known(read, header, kind):
    assert read(header).kind == kind


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("a,b,c",), "neither Canvas's gradebook"),
        (("Identifier,Grade",), r"no column Last modified \(grade\)"),
        (("Student,ID",), "neither"),
        (("",), "is empty"),
        ((CANVAS, "a,b,c,d,e,f"), "line 2: 6 cells under 5 columns"),
        ((CANVAS, 'a,"b'), "line 2: "),
    ],
)
def test_what_is_none_of_them_is_refused(read, lines, said):
    with pytest.raises(BadTable, match=said):
        read(*lines)


def test_another_encoding_is_refused_with_its_line(read):
    with pytest.raises(BadTable, match="line 2: save it as CSV in UTF-8"):
        read(CANVAS, "é,1,,,", encoding="cp1252")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BadTable, match=r"There is no file .*x\.csv"):
        read_table(tmp_path / "x.csv")


def test_rows_that_are_no_peoples_are_passed_over(read):
    table = read(CANVAS, ",,,,Manual Posting", "    Points Possible,,,,", ",,,,", '"One",1,,,')
    assert [person.name for person in table.people()] == ["One"]


@pytest.mark.parametrize(
    "row",
    [
        "X,5001,,,",
        "X,,sis-1,,",
        "X,,,student-01,",
        "X,,,ONE@example.org,",
    ],
)
def test_canvas_people_are_matched_by_any_id(read, row):
    assert matched(read(CANVAS, row)) == ({0: "student-01"}, [])


def test_a_name_decides_where_no_id_does(read):
    assert matched(read(CANVAS, '"Three, Third",77,,,')) == ({0: "student-03"}, [])


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["X,5001,,student-02,"], "X: could be student-01 or student-02; left as it was"),
        (['"One, First",77,,,'], "One, First: not in the roster; left as it was"),
        (['"Student, Test",9,,,'], "Student, Test: not in the roster; left as it was"),
        (['"Three, Third",1,,,', '"Three, Third",2,,,'], "Three, Third: not in the roster"),
        (["X,5001,,,", "Y,,sis-1,,"], "student-01: several rows could be theirs"),
    ],
)
def test_in_doubt_a_row_is_nobodys(read, rows, said):
    found, remarks = matched(read(CANVAS, *rows))
    assert found == {} and remarks[0].startswith(said)


def test_moodle_people_are_matched_by_their_address_before_their_number(read):
    row = "Participant 5001,Somebody,two@example.org,,-"
    assert matched(read(WORKSHEET, row)) == ({0: "student-02"}, [])


def test_a_moodle_number_alone_decides_where_names_are_hidden(read):
    assert matched(read(WORKSHEET, "Participant 5001,,,,-"))[0] == {0: "student-01"}


def test_who_has_the_name_but_another_address_is_somebody_else(read):
    assert matched(read(MOODLE, "First,One,other@example.org"))[0] == {}
    assert matched(read(MOODLE, "Third,Three,three@example.org"))[0] == {0: "student-03"}


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_table_is_written_as_it_was(read, tmp_path, separator, encoding):
    text = f"{CANVAS}\r\n    Points Possible,,,,\r\nÉ,1,,-,-5.5\r\n".replace(",", separator)
    table = read(text, encoding=encoding)
    table.write(tmp_path / "new" / "out.csv")
    assert (tmp_path / "new" / "out.csv").read_bytes() == text.encode(encoding)


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+1+1",
        "-1+1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "  =1",
        '=HYPERLINK("x")',
        "-x",
        "=5",
        "\n=1",
        "\uff1d1+1",
        "\uff20x",
    ],
)
def test_a_formula_is_no_formula_any_more(cell):
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize(
    "cell", ["", "-", "-1", "+1.5", "-3,25", "12%", "O'Neé", "a=b", "    Points Possible"]
)
def test_what_is_no_formula_stays(cell):
    assert harmless(cell) == cell


def test_formulas_in_names_are_none_and_staffs_comments_stay():
    header = ["Full name", "Section", "Feedback comments"]
    text = LmsTable("worksheet", header, [["=cmd|x", "@y", "- well done"]]).text()
    assert [*csv.reader(text.splitlines())][1] == ["'=cmd|x", "'@y", "- well done"]


def test_an_essay_in_a_cell_is_read(read):
    table = read(WORKSHEET, f'Participant 1,"{"x" * 300_000}",,,-')
    assert len(table.rows[0][1]) == 300_000
