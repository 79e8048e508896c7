"""The page and the table of similar work."""

import pandas as pd
import pytest

from grading.report.similar_page.page import Compared, page_of, table_of, write_similar
from grading.report.similar_page.pairs import NoResult, read_similar


def cell(name="a", own=40, matching=30, text="total = 1"):
    return {"cell": name, "own": own, "matching": matching, "pieces": [[text, 1]]}


def said(**changes):
    pair = {"who": [0, 1], "sides": [[cell()], [cell(own=60)]]} | changes
    return {"pairs": [pair], "own": [{"a": 40}, {"a": 60}], "common": 0}


def compared(similar=None, people=("student-01", "student-02")):
    return Compared("02_tensor", people, read_similar(similar or said(), len(people)))


def test_what_students_wrote_is_text():
    sides = [[cell(text="<script>x</script>")], [cell(name="<b>")]]
    page = page_of(compared(said(sides=sides)))
    assert "<script>" not in page
    assert "<b>:" not in page
    assert "&lt;script&gt;" in page


def test_no_script_runs_in_the_page():
    page = page_of(compared())
    assert "default-src &#39;none&#39;" in page
    assert "script-src" not in page


def test_it_is_a_place_to_look():
    assert "A place to look, never a verdict" in page_of(compared())


def test_a_small_class_and_little_code_are_said():
    one = said() | {"own": [{"a": 3}, {"a": 60}]}
    remarks = " ".join(compared(one).remarks)
    assert "With 2 students, fewer than 8" in remarks
    assert "student-01" in remarks
    assert "student-02" not in remarks


def test_the_table_has_the_share_of_each_answer():
    table = table_of(compared())
    assert list(table["share"]) == [0.75, 0.5]
    assert list(table["student"]) == ["student-01", "student-02"]


def test_no_cell_of_the_table_is_a_formula(tmp_path):
    page = write_similar(tmp_path, compared(said(sides=[[cell(name="=1+1")], [cell()]])))
    assert not pd.read_csv(page.with_suffix(".csv"))["cell"].str.startswith("=").any()


@pytest.mark.parametrize(
    "changes", [{"who": [0, 2]}, {"who": [0, 0]}, {"sides": [[cell(matching=41)], []]}]
)
def test_what_is_no_result_is_refused(changes):
    with pytest.raises(NoResult):
        read_similar(said(**changes), 2)
