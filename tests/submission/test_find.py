"""Which of the files in a submission is the notebook to grade."""

import pytest

from grading.submission.find import Unreadable, candidates, equally_likely, notes_on


def folder_of(tmp_path, *names):
    for name in names:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("{}")
    return tmp_path


def find(folder, notebook="one"):
    """Return the likeliest notebook and what the student is told of it."""
    found = candidates(folder, notebook)
    return found[0].path, notes_on(found[0], len(found) - 1, folder, notebook)


def test_the_notebook_of_the_right_name_is_found_without_a_note(tmp_path):
    folder = folder_of(tmp_path, "one.ipynb", "data.csv")
    assert find(folder) == (folder / "one.ipynb", [])


@pytest.mark.parametrize("others", [["a.ipynb"], ["a.ipynb", "z.ipynb"], ["old/one.ipynb"]])
def test_others_beside_the_right_one_are_left_and_the_student_told(tmp_path, others):
    folder = folder_of(tmp_path, "one.ipynb", *others)
    told = ["Only `one.ipynb` was graded, not the other notebooks."]
    assert find(folder) == (folder / "one.ipynb", told)


RENAMED = (
    *("one (1).ipynb", "ONE.IPYNB", "one.ipynb.txt", "one.ipynb.json", "one.json", "One.ipynb"),
    *("one-Copy1.ipynb", "Copy of one.ipynb", "student_one.ipynb", "one.ipynb (1)", "else.ipynb"),
)


@pytest.mark.parametrize("name", RENAMED)
def test_a_lone_notebook_of_another_name_is_graded_and_the_student_told(tmp_path, name):
    folder = folder_of(tmp_path, name)
    told = [f"The notebook should be called one.ipynb; `{name}` was graded."]
    assert find(folder) == (folder / name, told)


def test_a_notebook_in_a_folder_is_graded_and_the_student_told(tmp_path):
    folder = folder_of(tmp_path, "a/b/one.ipynb")
    told = ["one.ipynb was graded, from the folder in which it lay."]
    assert find(folder) == (folder / "a/b/one.ipynb", told)


LIKELIER = [
    ("one.ipynb", "one (1).ipynb"),
    ("one.ipynb", "a/one.ipynb"),
    ("a/one.ipynb", "one.ipynb.txt"),
    ("one.ipynb.txt", "one (1).ipynb"),
    ("one (1).ipynb", "scratch.ipynb"),
    ("a/one-Copy1.ipynb", "scratch.ipynb"),
    ("one (10).ipynb", "one (9).ipynb"),
    ("one.ipynb", "someone.ipynb"),
    ("a one.ipynb", "someone.ipynb"),
]


@pytest.mark.parametrize(("likelier", "other"), LIKELIER)
def test_the_name_that_is_more_like_the_right_one_counts(tmp_path, likelier, other):
    folder = folder_of(tmp_path, likelier, other)
    assert find(folder)[0] == folder / likelier


@pytest.mark.parametrize(
    "junk", ["__MACOSX/one.ipynb", "._one.ipynb", ".ipynb_checkpoints/one.ipynb"]
)
def test_what_systems_add_is_no_notebook(tmp_path, junk):
    folder = folder_of(tmp_path, junk, "mine.ipynb")
    assert [one.name for one in candidates(folder, "one")] == ["mine.ipynb"]


@pytest.mark.parametrize("names", [[], ["one.py"], ["ipynb"], ["data.json"], ["notes.txt"]])
def test_where_there_is_no_notebook_the_student_is_told_so(tmp_path, names):
    with pytest.raises(Unreadable, match=r"no notebook called one\.ipynb; there were none"):
        find(folder_of(tmp_path, *names))


EQUAL = [
    (["one (1).ipynb", "one (2).ipynb"], 2),
    (["a.ipynb", "b.ipynb"], 2),
    (["a/one.ipynb", "b/one.ipynb"], 2),
    (["one.ipynb", "one (1).ipynb", "a/one.ipynb"], 1),
    (["one (1).ipynb", "scratch.ipynb"], 1),
]


@pytest.mark.parametrize(("names", "count"), EQUAL)
def test_names_that_tell_nothing_are_equally_likely(tmp_path, names, count):
    assert len(equally_likely(candidates(folder_of(tmp_path, *names), "one"))) == count


def test_a_folder_named_like_a_notebook_is_no_other_notebook(tmp_path):
    folder = folder_of(tmp_path, "mine.ipynb", "folder.ipynb/text")
    assert find(folder)[0] == folder / "mine.ipynb"


def test_a_folder_of_the_right_name_makes_way_for_a_notebook(tmp_path):
    folder = folder_of(tmp_path, "other.ipynb", "one.ipynb/text")
    assert find(folder)[0] == folder / "other.ipynb"


def test_what_has_the_right_name_but_is_no_file_is_found_where_there_is_nothing_else(tmp_path):
    folder = folder_of(tmp_path, "one.ipynb/text")
    assert find(folder)[0] == folder / "one.ipynb"


def test_a_link_of_the_right_name_to_nowhere_does_not_make_way_for_another(tmp_path):
    folder = folder_of(tmp_path, "other.ipynb")
    (folder / "one.ipynb").symlink_to("nowhere")
    assert find(folder)[0] == folder / "one.ipynb"


def test_a_link_of_another_name_is_no_notebook(tmp_path):
    folder = folder_of(tmp_path, "other.ipynb")
    (folder / "one (1).ipynb").symlink_to("other.ipynb")
    assert len(candidates(folder, "one")) == 1


@pytest.mark.parametrize("name", ["`x`.ipynb", "<b>.ipynb", "[a](b).ipynb", "n" * 90 + ".ipynb"])
def test_an_odd_name_is_not_shown(tmp_path, name):
    _, notes = find(folder_of(tmp_path, name))
    assert notes == [
        "The notebook should be called one.ipynb; one with an unusual name was graded."
    ]
