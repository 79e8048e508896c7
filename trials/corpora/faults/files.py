"""What lies in the submitted folder is not what should lie there."""

import json
import os

from trials.submission import Submission, fault

NOTHING = "no points, and the message says what the file is"


@fault(NOTHING, score=0.0, says=("not JSON",), stock=True)
def not_json(it: Submission) -> None:
    """The notebook is a text that is not JSON."""
    it.replace_file(b"Dear TA, my dog ate my notebook.")


@fault(NOTHING, score=0.0, says=("not JSON",), stock=True)
def empty_file(it: Submission) -> None:
    """The notebook is an empty file."""
    it.replace_file(b"")


@fault(NOTHING, score=0.0, says=("not JSON",), stock=True)
def cut_in_the_middle(it: Submission) -> None:
    """The upload broke off: the second half of the notebook is missing."""
    text = json.dumps(it.notebook).encode()
    it.replace_file(text[: len(text) // 2])


@fault(NOTHING, score=0.0, says=("not JSON",))
def compressed(it: Submission) -> None:
    """The notebook is a zip archive, renamed."""
    it.replace_file(b"PK\x03\x04" + bytes(range(256)) * 9)


@fault(NOTHING, score=0.0, says=("not a notebook",), stock=True)
def another_kind_of_json(it: Submission) -> None:
    """The notebook is JSON, but a list of numbers."""
    it.replace_file(b"[1, 2, 3]")


@fault(NOTHING, score=0.0, says=("not a notebook",))
def a_dictionary_without_cells(it: Submission) -> None:
    """The notebook is JSON with none of a notebook's fields."""
    it.replace_file(b'{"hello": "world"}')


@fault(NOTHING, score=0.0, says=("not",))
def json_without_end(it: Submission) -> None:
    """The notebook is a hundred thousand brackets deep."""
    it.replace_file(b"[" * 100_000 + b"]" * 100_000)


@fault("metadata that are nested too deep are left out; same score")
def deeply_nested_metadata(it: Submission) -> None:
    """The notebook's metadata are nested as deep as JSON may be read."""
    text = json.dumps(it.notebook | {"metadata": {"x": "DEEP"}})
    it.replace_file(text.replace('"DEEP"', "[" * 700 + "]" * 700).encode())


@fault("it is read as any other; same score")
def utf_16(it: Submission) -> None:
    """The notebook was saved in UTF-16."""
    it.replace_file(json.dumps(it.notebook).encode("utf-16"))


@fault("a byte-order mark does no harm; same score", stock=True)
def byte_order_mark(it: Submission) -> None:
    """The notebook was saved by an editor that puts a byte-order mark in front."""
    it.replace_file(b"\xef\xbb\xbf" + json.dumps(it.notebook).encode())


@fault("the answers count as they stand; same score")
def strange_characters(it: Submission) -> None:
    """Answers and outputs hold lone surrogates, null bytes, right-to-left marks and emoji."""
    it.append(
        "mean", "odd = 'a\\u202e\U0001f600 caf\u00e9'  # \ud83d \u0000 \x1b[31m \u2028 \ufeff"
    )
    it.cell("mean").source = it.cell("mean").source.replace("\u0000", "").replace("\u2028", "")
    it.show({"text/plain": "half a pair: \ud83d, nothing: \u0000, \x1b[5m blink"})
    it.answer("think", "My answer \ud800 \u0000 \u202e")


@fault(NOTHING, score=0.0, says=("mini.ipynb",))
def missing(it: Submission) -> None:
    """There is no notebook, only a file of data."""
    it.replace_file(None)
    it.add_file("data.csv", "1,2,3")


@fault(
    "a lone notebook is graded, and the message names the file expected; same score",
    says=("mini.ipynb",),
)
def renamed(it: Submission) -> None:
    """The notebook was renamed by the student."""
    it.replace_file(None)
    it.add_file("mini (final) (2).ipynb", json.dumps(it.notebook))


@fault("other notebooks are left aside; same score", stock=True)
def extra_notebooks(it: Submission) -> None:
    """There are other notebooks beside the right one, some of them broken."""
    it.add_file("scratch.ipynb", json.dumps(it.notebook))
    it.add_file("broken.ipynb", "{")
    it.add_file(".ipynb_checkpoints/mini-checkpoint.ipynb", json.dumps(it.notebook))
    it.add_file("old/mini.ipynb", "[]")


@fault(NOTHING, score=0.0, says=("not an ordinary file",))
def a_folder_in_its_place(it: Submission) -> None:
    """The notebook's name belongs to a folder with files in it."""
    it.replace_file(None)
    it.add_file("mini.ipynb/notes.txt", "x")


@fault(NOTHING, score=0.0, says=("not an ordinary file",))
def a_link_to_the_gradebook(it: Submission) -> None:
    """The notebook is a symbolic link to the gradebook."""
    it.replace_file(None)
    it.file.symlink_to("../../../gradebook.db")


@fault(NOTHING, score=0.0, says=("not an ordinary file",))
def a_link_to_a_neighbour(it: Submission) -> None:
    """The notebook is a symbolic link to another student's notebook."""
    it.replace_file(None)
    it.file.symlink_to("../../honest-1/mini/mini.ipynb")


@fault(NOTHING, score=0.0, says=("not an ordinary file",))
def a_link_to_endless_zeros(it: Submission) -> None:
    """The notebook and a file beside it are symbolic links to /dev/zero."""
    it.replace_file(None)
    it.file.symlink_to("/dev/zero")
    (it.folder / "zeros.bin").symlink_to("/dev/zero")


@fault(NOTHING, score=0.0, says=("not an ordinary file",))
def a_pipe_in_its_place(it: Submission) -> None:
    """The notebook is a named pipe, from which reading would wait for ever."""
    it.replace_file(None)
    os.mkfifo(it.file)
