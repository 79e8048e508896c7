"""An edited course takes upstream's files in, keeps its own edits, and can go back."""

import pytest

from grading.course import upstream
from grading.course.files import write_whole
from grading.course.upstream import (
    CannotUpdate,
    apply,
    base_files,
    course_files,
    keep_base,
    plan,
    states,
    undo,
    write_files,
)

NOTEBOOK = "source/02_tensor/02_tensor.py"
CELLS = [f'# %% nbgrader={{"grade_id": "test_{name}"}}\n{name} = 1\n\n' for name in "abc"]
FILES = {
    NOTEBOOK: "".join(CELLS),
    "source/02_tensor/assignment.toml": "order = 2\n",
    "nbgrader_config.py": "c = 1\n",
}
NEW = {"source/03_new/03_new.py": "# %%\n1\n", "source/03_new/assignment.toml": "order = 3\n"}


@pytest.fixture
def there(tmp_path):
    """Return a course edited in one cell, and a newer upstream with another one changed."""
    course, newer = tmp_path / "course", tmp_path / "newer"
    write_files(course, FILES)
    keep_base(course, FILES)
    write_files(course, {NOTEBOOK: FILES[NOTEBOOK].replace("a = 1", "a = 'ours'")})
    write_files(newer, FILES | NEW | {NOTEBOOK: FILES[NOTEBOOK].replace("c = 1", "c = 'theirs'")})
    return course, newer


def test_what_is_planned_writes_nothing(there):
    course, newer = there
    before = course_files(course)
    plan(course, newer, None)
    assert course_files(course) == before
    assert states(course) == []


def test_an_upstream_change_arrives_and_the_edit_stays(there):
    course, newer = there
    planned = plan(course, newer, None)
    apply(course, planned)
    text = (course / NOTEBOOK).read_text()
    assert "a = 'ours'" in text
    assert "c = 'theirs'" in text
    assert [one.name for one in planned.changes] == [NOTEBOOK, *NEW]
    assert planned.changes[0].taken == ("test_c",)
    assert course_files(course).keys() == FILES.keys() | NEW.keys()


def test_what_was_brought_in_is_not_brought_in_again(there):
    course, newer = there
    apply(course, plan(course, newer, None))
    assert base_files(course) == course_files(newer)
    assert plan(course, newer, None).changes == []


def test_a_conflict_keeps_ours_until_theirs_is_asked_for_by_cell_or_assignment(there):
    course, newer = there
    write_files(newer, {NOTEBOOK: FILES[NOTEBOOK].replace("a = 1", "a = 'theirs'")})
    [first, *_] = plan(course, newer, None).changes
    assert [one.cell for one in first.conflicts] == ["test_a"]
    assert first.text == (course / NOTEBOOK).read_text()
    for asked in ("02_tensor/test_a", "02_tensor", "all"):
        [first, *_] = plan(course, newer, None, [asked]).changes
        assert (first.conflicts, "a = 'theirs'" in first.text) == ((), True), asked
    for another in ("03_new", "02_tensor/test_b"):
        assert plan(course, newer, None, [another]).changes[0].conflicts, another


def test_a_file_that_both_sides_added_is_a_conflict_as_a_whole(there):
    course, newer = there
    write_files(course, {"source/03_new/03_new.py": "# %%\nours\n"})
    change = next(one for one in plan(course, newer, None).changes if one.name in NEW)
    assert [one.cell for one in change.conflicts] == ["the whole file"]
    assert change.text == "# %%\nours\n"


def test_what_upstream_has_no_more_stays_and_is_told_once(there):
    course, newer = there
    for name in list(course_files(newer)):
        if name.startswith("source/02_tensor"):
            (newer / name).unlink()
    planned = plan(course, newer, None)
    assert planned.gone == [NOTEBOOK, "source/02_tensor/assignment.toml"]
    apply(course, planned)
    assert (course / NOTEBOOK).exists()
    assert plan(course, newer, None).gone == []


def test_what_the_course_has_removed_does_not_come_back(there):
    course, newer = there
    (course / NOTEBOOK).unlink()
    assert NOTEBOOK not in [one.name for one in plan(course, newer, None).changes]


def test_a_course_of_unknown_beginning_is_not_guessed_at(there, tmp_path):
    course, newer = there
    (course / upstream.FOLDER).rename(tmp_path / "gone")
    with pytest.raises(CannotUpdate, match="BASE="):
        plan(course, newer, None)
    began = tmp_path / "began"
    write_files(began, FILES)
    assert plan(course, newer, began).changes[0].taken == ("test_c",)


def test_a_folder_without_a_course_is_refused(there, tmp_path):
    with pytest.raises(CannotUpdate, match=r"no course in"):
        plan(there[0], tmp_path / "nowhere", None)


def test_undone_the_course_is_as_it_was_and_undone_again_as_it_became(there):
    course, newer = there
    before, base = course_files(course), base_files(course)
    apply(course, plan(course, newer, None))
    write_files(course, {"nbgrader_config.py": "edited since\n"})
    after = course_files(course)
    undo(course)
    assert (course_files(course), base_files(course)) == (before, base)
    undo(course)
    assert course_files(course) == after


def test_what_was_made_of_a_new_assignment_goes_with_it_but_no_edit_of_it(there):
    course, newer = there
    apply(course, plan(course, newer, None))
    write_files(course, {"source/03_new/03_new.ipynb": "{}", "source/03_new/assignment.toml": "x"})
    undo(course)
    left = [file.name for file in (course / "source/03_new").iterdir()]
    assert left == ["assignment.toml"]


def test_a_state_that_is_not_kept_is_refused_and_the_kept_ones_named(there):
    course, newer = there
    state = apply(course, plan(course, newer, None))
    with pytest.raises(CannotUpdate, match=state.replace("+", r"\+")):
        undo(course, "yesterday")
    assert states(course) == [state]


def test_an_update_killed_at_any_write_goes_on_when_said_again_and_can_be_undone(
    there, monkeypatch
):
    course, newer = there
    before, base = course_files(course), base_files(course)
    left = 0

    def write_until(file, text):
        nonlocal left
        if left == 0:
            raise KeyboardInterrupt
        left -= 1
        write_whole(file, text)

    for steps in range(20):
        left = steps
        with monkeypatch.context() as patch:
            patch.setattr(upstream, "write_whole", write_until)
            try:
                apply(course, plan(course, newer, None))
                break
            except KeyboardInterrupt:
                pass
        apply(course, plan(course, newer, None))
        assert "c = 'theirs'" in (course / NOTEBOOK).read_text(), steps
        undo(course, states(course)[0])
        assert (course_files(course), base_files(course)) == (before, base), steps
    else:
        pytest.fail("an update writes more than twenty files here")
    assert steps > 8
