"""Which of the files in a submission is the notebook to grade."""

import pytest

from grading.submission.find import Unreadable, find_notebook


def folder_of(tmp_path, *names):
    for name in names:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("{}")
    return tmp_path


def test_the_notebook_of_the_right_name_is_found_without_a_note(tmp_path):
    folder = folder_of(tmp_path, "one.ipynb", "data.csv")
    assert find_notebook(folder, "one") == (folder / "one.ipynb", [])


@pytest.mark.parametrize("others", [["a.ipynb"], ["a.ipynb", "z.ipynb"]])
def test_others_beside_the_right_one_are_left_and_the_student_told(tmp_path, others):
    folder = folder_of(tmp_path, "one.ipynb", *others)
    told = ["Only one.ipynb was graded, not the other notebooks."]
    assert find_notebook(folder, "one") == (folder / "one.ipynb", told)


def test_a_lone_notebook_of_another_name_is_graded_and_the_student_told(tmp_path):
    folder = folder_of(tmp_path, "one (final).ipynb")
    told = ["The notebook should be called one.ipynb; it was graded anyway."]
    assert find_notebook(folder, "one") == (folder / "one (final).ipynb", told)


def test_of_several_notebooks_of_other_names_none_is_chosen(tmp_path):
    folder = folder_of(tmp_path, "one-1.ipynb", "one-2.ipynb")
    with pytest.raises(Unreadable, match=r"no notebook called one\.ipynb.*several others"):
        find_notebook(folder, "one")


@pytest.mark.parametrize("names", [[], ["one.py"], ["ipynb"], ["old/one.ipynb"]])
def test_where_there_is_no_notebook_the_student_is_told_so(tmp_path, names):
    with pytest.raises(Unreadable, match=r"no notebook called one\.ipynb; there were none"):
        find_notebook(folder_of(tmp_path, *names), "one")


def test_a_folder_named_like_a_notebook_is_no_other_notebook(tmp_path):
    folder = folder_of(tmp_path, "mine.ipynb", "folder.ipynb/text")
    assert find_notebook(folder, "one")[0] == folder / "mine.ipynb"


def test_what_has_the_right_name_but_is_no_file_does_not_make_way_for_another(tmp_path):
    folder = folder_of(tmp_path, "other.ipynb", "one.ipynb/text")
    assert find_notebook(folder, "one")[0] == folder / "one.ipynb"


def test_a_link_of_the_right_name_to_nowhere_does_not_make_way_for_another(tmp_path):
    folder = folder_of(tmp_path, "other.ipynb")
    (folder / "one.ipynb").symlink_to("nowhere")
    assert find_notebook(folder, "one")[0] == folder / "one.ipynb"
