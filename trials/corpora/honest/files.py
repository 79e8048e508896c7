"""Files and folders that a browser, a zip, an LMS or an operating system has renamed or moved."""

import json

from trials.submission import Change, Submission, honest

FULL = "it is found; full marks"
NAMED = ("mini.ipynb",)


def _text(it: Submission) -> str:
    return json.dumps(it.notebook)


def _called(it: Submission, name: str) -> None:
    it.replace_file(None)
    it.add_file(name, _text(it))


def _stub_notebook(it: Submission) -> str:
    cells = json.loads(_text(it))
    for cell in cells["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        cell["source"] = it.stubs.get(name, cell["source"])
    return json.dumps(cells)


NAMES = {
    "numbered_by_a_browser": "mini (1).ipynb",
    "numbered_without_a_blank": "mini(2).ipynb",
    "numbered_behind_its_ending": "mini.ipynb (1)",
    "saved_as_text": "mini.ipynb.txt",
    "saved_as_json": "mini.ipynb.json",
    "saved_as_json_alone": "mini.json",
    "in_capitals": "MINI.IPYNB",
    "with_an_ending_in_capitals": "mini.IPYNB",
    "copied_in_jupyterlab": "mini-Copy1.ipynb",
    "copied_on_windows": "mini - Copy.ipynb",
    "copied_by_a_web_notebook": "Copy of mini.ipynb",
    "with_a_name_in_front": "student-01_mini.ipynb",
    "renamed_by_an_lms": "student01_102334_5567_mini-1.ipynb",
    "with_a_word_behind": "mini_final_FINAL.ipynb",
    "with_another_name": "homework.ipynb",
    "with_a_name_in_another_script": "упражнение.ipynb",
    "with_a_path_of_windows": "mini\\mini.ipynb",
    "in_a_folder": "mini/mini.ipynb",
    "in_a_folder_in_a_folder": "submission/mini/mini.ipynb",
    "in_a_folder_of_an_odd_name": "my work [final] (2)/mini.ipynb",
    "in_a_folder_of_its_own_name": "mini.ipynb/mini.ipynb",
    "numbered_in_a_folder": "mini/mini (3).ipynb",
}


def _under(how: str, name: str) -> Change:
    def change(it: Submission) -> None:
        _called(it, name)

    change.__name__ = f"called_{how}"
    change.__doc__ = f"The notebook was {how.replace('_', ' ')}: {name}."
    change.__module__ = __name__
    return honest(FULL, says=NAMED)(change)


for _how, _name in NAMES.items():
    globals()[f"called_{_how}"] = _under(_how, _name)


@honest(FULL, stock=True)
def a_zip_of_a_mac(it: Submission) -> None:
    """The zip came from a Mac: __MACOSX, ._ files and .DS_Store lie beside the folder."""
    _called(it, "mini/mini.ipynb")
    for name in ("__MACOSX/mini/._mini.ipynb", "mini/._mini.ipynb", "._mini.ipynb", ".DS_Store"):
        it.add_file(name, b"\x00\x05\x16\x07")


@honest(FULL)
def checkpoints_in_a_folder(it: Submission) -> None:
    """The notebook lies in a folder, with an old checkpoint beside it."""
    _called(it, "mini/mini.ipynb")
    it.add_file("mini/.ipynb_checkpoints/mini-checkpoint.ipynb", _stub_notebook(it))
    it.add_file(".ipynb_checkpoints/mini.ipynb", _stub_notebook(it))


@honest(FULL)
def an_old_copy_beside_it(it: Submission) -> None:
    """A copy of JupyterLab's from an earlier day lies beside the notebook."""
    it.add_file("mini-Copy1.ipynb", _stub_notebook(it))


@honest(FULL)
def an_old_copy_in_a_folder(it: Submission) -> None:
    """An earlier version lies in a folder beside the notebook."""
    it.add_file("old/mini.ipynb", _stub_notebook(it))


@honest(FULL)
def a_scratch_notebook_beside_a_renamed_one(it: Submission) -> None:
    """The notebook was numbered by a browser; a notebook of another name lies beside it."""
    _called(it, "mini (1).ipynb")
    it.add_file("scratch.ipynb", '{"cells": [], "metadata": {}, "nbformat": 4}')


@honest(FULL)
def the_same_twice(it: Submission) -> None:
    """The notebook was downloaded twice; both are the same."""
    _called(it, "mini (1).ipynb")
    it.add_file("mini (2).ipynb", _text(it))


@honest("the solved one is proposed, a person decides", waits=True)
def solved_in_a_copy(it: Submission) -> None:
    """The student worked in a copy; the notebook itself is as it was handed out."""
    it.add_file("mini-Copy1.ipynb", _text(it))
    it.replace_file(_stub_notebook(it).encode())


@honest("the one that can be read is proposed, a person decides", waits=True)
def cut_off_beside_a_whole_one(it: Submission) -> None:
    """The upload broke off and was tried again: one file is cut, the other whole."""
    it.add_file("mini (1).ipynb", _text(it))
    it.replace_file(_text(it).encode()[:2000])


@honest("the later one is proposed, a person decides", waits=True)
def two_different_downloads(it: Submission) -> None:
    """Two downloads with different answers, neither under the right name."""
    _called(it, "mini (2).ipynb")
    it.answer("mean", "def mean(numbers):\n    return 0")
    it.add_file("mini (1).ipynb", _text(it))


@honest("a person decides", waits=True)
def the_upload_broke_off(it: Submission) -> None:
    """The only notebook is cut in the middle."""
    it.replace_file(_text(it).encode()[:2000])


@honest("a person decides", waits=True)
def exported_as_a_script(it: Submission) -> None:
    """A Python file was handed in, as JupyterLab exports one, and no notebook."""
    it.replace_file(None)
    it.add_file("mini.py", it.cell("mean").source)


@honest(FULL)
def a_file_in_a_folder_that_was_handed_out(it: Submission) -> None:
    """The answer reads a file that the student put into the folder of data."""
    it.add_file("data/factor.txt", "3")
    it.answer("mean", "factor = float(open('data/factor.txt').read())\n" + it.cell("mean").source
              + "\nassert factor == 3")  # fmt: skip


@honest(FULL)
def a_helper_beside_a_nested_notebook(it: Submission) -> None:
    """The notebook lies in a folder, with a module of the student's own beside it."""
    it.answer("mean", "import own_sums\n\n\ndef mean(numbers):\n    return own_sums.mean(numbers)")
    _called(it, "mini/mini.ipynb")
    it.add_file("mini/own_sums.py", "import numpy as np\n\n\ndef mean(numbers):\n"
                "    return np.sum(numbers, dtype=float) / np.size(numbers)\n")  # fmt: skip


@honest(FULL)
def the_handed_out_files_handed_in_again(it: Submission) -> None:
    """The folder of data was handed in again, with a file that is no longer whole."""
    it.add_file("data/few.npz", b"cut off")
