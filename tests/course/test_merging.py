"""Three states of a notebook: what both sides changed is there, and what cannot be is told."""

import pytest

from grading.course.layout import Course
from grading.course.merging import merge_cells, merge_lines
from grading.sandbox.settings import PROJECT

COURSE = Course(PROJECT)


def named(name, *lines):
    return f'# %% nbgrader={{"grade": true, "grade_id": "{name}"}}\n' + "".join(
        f"{line}\n" for line in lines
    )


def prose(*lines):
    return "# %% [markdown]\n" + "".join(f"# {line}\n" for line in lines) + "\n"


HEADER = "# ---\n# jupyter:\n# ---\n\n"
ADD = named("test_add", "one", "two", "three", "four", "five")
MUL = named("test_mul", "six", "seven", "eight")
INTRO = prose("## Where we are", "You build tensors.", "They know arithmetic.")
BASE = HEADER + INTRO + ADD + MUL


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "merged"),
    [
        ("abc", "abc", "abc", "abc"),
        ("abc", "aXc", "abc", "aXc"),
        ("abc", "abc", "abY", "abY"),
        ("abcde", "aXcde", "abcdY", "aXcdY"),
        ("abc", "aXc", "aXc", "aXc"),
        ("abc", "aXc", "aYc", None),
        ("abc", "ac", "abc", "ac"),
        ("abc", "ac", "aXc", None),
        ("ab", "Xab", "abY", "XabY"),
        ("", "X", "Y", None),
        ("aa", "aaa", "aa", "aaa"),
    ],
)
def test_lines_have_the_changes_of_both_sides_or_are_refused(base, ours, theirs, merged):
    assert merge_lines(list(base), list(ours), list(theirs)) == (merged and list(merged))


def test_changes_of_both_sides_in_one_cell_are_both_there():
    merged = merge_cells(BASE, BASE.replace("one", "ONE"), BASE.replace("five", "FIVE"))
    assert merged.text == BASE.replace("one", "ONE").replace("five", "FIVE")
    assert (merged.conflicts, merged.taken) == ((), ("test_add",))


def test_a_change_of_what_a_cell_is_stands_apart_from_what_its_first_line_says():
    marked = BASE.replace('"grade": true, "grade_id": "test_add"', '"grade_id": "test_add"')
    merged = merge_cells(BASE, marked, BASE.replace("one", "ONE"))
    assert merged.text == marked.replace("one", "ONE")


def test_ours_stays_where_both_changed_a_line_and_the_cell_is_told_with_all_three():
    merged = merge_cells(BASE, BASE.replace("two", "OURS"), BASE.replace("two", "THEIRS"))
    assert merged.text == BASE.replace("two", "OURS")
    [told] = merged.conflicts
    assert told.cell == "test_add"
    assert [("two" in told.base), ("OURS" in told.ours), ("THEIRS" in told.theirs)] == [True] * 3


def test_a_conflict_in_one_cell_keeps_no_other_from_coming():
    theirs = BASE.replace("two", "THEIRS").replace("seven", "SEVEN")
    merged = merge_cells(BASE, BASE.replace("two", "OURS"), theirs)
    assert merged.text == BASE.replace("two", "OURS").replace("seven", "SEVEN")


@pytest.mark.parametrize("prefer", ["test_add", "all"])
def test_theirs_is_taken_where_it_is_preferred_and_only_in_a_conflict(prefer):
    ours = BASE.replace("two", "OURS").replace("seven", "MINE")
    merged = merge_cells(BASE, ours, BASE.replace("two", "THEIRS"), frozenset({prefer}))
    assert merged.text == BASE.replace("two", "THEIRS").replace("seven", "MINE")
    assert merged.conflicts == ()
    assert merged.taken == ("test_add",)


def test_cells_that_either_side_added_are_there_in_their_places():
    ours = BASE.replace(ADD, ADD + named("test_ours", "x"))
    theirs = BASE.replace(ADD, prose("A hint of theirs") + ADD)
    merged = merge_cells(BASE, ours, theirs)
    assert (
        merged.text
        == HEADER + INTRO + prose("A hint of theirs") + ADD + named("test_ours", "x") + MUL
    )


def test_two_equal_new_cells_are_both_kept():
    empty = "# %%\n\n"
    assert merge_cells(BASE, BASE + empty + empty, BASE).text == BASE + empty + empty


def test_a_cell_without_a_name_is_known_by_what_most_of_it_says():
    theirs = BASE.replace("arithmetic", "broadcasting")
    merged = merge_cells(BASE, BASE.replace("test_mul", "test_mul").replace("one", "ONE"), theirs)
    assert merged.text.count("## Where we are") == 1
    assert "broadcasting" in merged.text


@pytest.mark.parametrize(
    ("ours", "theirs", "kept", "told"),
    [
        (BASE.replace(ADD, ""), BASE, False, 0),
        (BASE, BASE.replace(ADD, ""), False, 0),
        (BASE.replace(ADD, ""), BASE.replace("two", "TWO"), False, 1),
        (BASE.replace("two", "TWO"), BASE.replace(ADD, ""), True, 1),
    ],
    ids=["ours removed", "theirs removed", "removed, then changed", "changed, then removed"],
)
def test_a_removed_cell_stays_removed_but_no_edit_is_lost(ours, theirs, kept, told):
    merged = merge_cells(BASE, ours, theirs)
    assert ("test_add" in merged.text) is kept
    assert len(merged.conflicts) == told


@pytest.mark.parametrize("who", ["ours", "theirs"])
def test_cells_moved_on_one_side_are_moved(who):
    moved, other = HEADER + INTRO + MUL + ADD, BASE.replace("seven", "SEVEN")
    sides = (moved, other) if who == "ours" else (other, moved)
    assert merge_cells(BASE, *sides).text == moved.replace("seven", "SEVEN")


@pytest.mark.parametrize("assignment", COURSE.assignments())
def test_every_notebook_of_the_course_survives_as_it_is(assignment):
    text = COURSE.text(assignment).read_text()
    edited = text.replace("# %%", "# a line of ours\n# %%", 3)
    assert merge_cells(text, text, text).text == text
    assert merge_cells(text, edited, text).text == edited
    assert merge_cells(text, text, edited).text == edited
