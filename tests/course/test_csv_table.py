"""Tables saved as CSV by whatever program are read alike."""

import pytest

from grading.course.csv_table import read_csv
from grading.course.errors import BadCourse


def table(tmp_path, content):
    file = tmp_path / "table.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_csv(file, BadCourse)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_cells_may_be_parted_by_any_of_three_signs(tmp_path, delimiter):
    read = table(tmp_path, delimiter.join("ab") + "\n" + delimiter.join("cd"))
    assert read.rows == [(1, ["a", "b"]), (2, ["c", "d"])] and read.delimiter == delimiter


def test_a_row_has_the_line_it_begins_in_also_behind_empty_rows_and_long_cells(tmp_path):
    rows = table(tmp_path, 'a,b\n\n,\n"c\nd",e\nf,g\n').rows
    assert [line for line, _ in rows] == [1, 4, 6]


@pytest.mark.parametrize(("mark", "has"), [(b"\xef\xbb\xbf", True), (b"", False)])
def test_a_byte_mark_is_no_part_of_the_first_cell(tmp_path, mark, has):
    read = table(tmp_path, mark + b"a,b\n")
    assert read.rows[0][1][0] == "a" and read.has_byte_mark is has


def test_a_cell_may_hold_an_essay(tmp_path):
    assert table(tmp_path, "a\n" + "x" * 200_000 + "\n").rows[1][1] == ["x" * 200_000]


@pytest.mark.parametrize("content", [b"a,b\nc,\xff\n", b'a,b\nc,"d"x\n'])
def test_what_is_no_csv_is_refused_with_its_line(tmp_path, content):
    with pytest.raises(BadCourse, match=r"table.csv, line 2: "):
        table(tmp_path, content)


def test_an_empty_file_has_no_rows(tmp_path):
    assert table(tmp_path, "").rows == []
