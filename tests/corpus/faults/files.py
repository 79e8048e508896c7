"""What lies in the submitted folder is not what should lie there."""

import json
import os
import socket

from grading.trials.submission import Submission, fault

NOTHING = "no points, and the message says what the file is"
REST = "it is left out; same score"


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


@fault(NOTHING, score=0.0, says=("not a notebook",))
def deeply_nested_metadata(it: Submission) -> None:
    """The notebook's metadata are nested as deep as JSON may be read."""
    text = json.dumps(it.notebook | {"metadata": {"x": "DEEP"}})
    it.replace_file(text.replace('"DEEP"', "[" * 700 + "]" * 700).encode())


@fault(NOTHING, score=0.0, says=("not JSON",))
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


@fault("the message names the file that was expected; no points", score=0.0, says=("mini.ipynb",))
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


@fault(NOTHING, score=0.0, says=("mini.ipynb",))
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


@fault(REST, says=("link or special file was left out",))
def odd_files(it: Submission) -> None:
    """Beside the notebook lie a pipe, a socket, a dangling link and a link to itself."""
    os.mkfifo(it.folder / "pipe")
    here = os.open(it.folder, os.O_RDONLY)
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.bind(f"/proc/self/fd/{here}/socket")
    finally:
        os.close(here)
    (it.folder / "dangling").symlink_to("nowhere")
    (it.folder / "loop").symlink_to("loop")
    (it.folder / "up").symlink_to("..")


@fault("it is not read; same score")
def a_pipe_for_a_timestamp(it: Submission) -> None:
    """The file that says when it was submitted is a named pipe."""
    (it.folder / "timestamp.txt").unlink()
    os.mkfifo(it.folder / "timestamp.txt")


@fault("it is not read; same score")
def an_endless_timestamp(it: Submission) -> None:
    """The file that says when it was submitted is a link to /dev/zero."""
    (it.folder / "timestamp.txt").unlink()
    (it.folder / "timestamp.txt").symlink_to("/dev/zero")


@fault("it counts as if there were none; same score", stock=True)
def a_timestamp_that_is_none(it: Submission) -> None:
    """The file that says when it was submitted says something else."""
    it.add_file(
        "timestamp.txt", "last Tuesday, I promise \udcff".encode("utf-8", "surrogateescape")
    )


@fault("it is left out; same score", says=("too many or too large",))
def a_huge_file(it: Submission) -> None:
    """A file of three gigabytes lies beside the notebook."""
    with (it.folder / "movie.bin").open("wb") as file:
        file.truncate(3_000_000_000)


@fault("some are left out; same score", says=("too many or too large",))
def very_many_files(it: Submission) -> None:
    """Five thousand small files lie beside the notebook."""
    for number in range(5_000):
        it.add_file(f"many/{number // 500}/file-{number}.txt", str(number))


@fault("the depth does no harm; same score")
def folders_without_end(it: Submission) -> None:
    """Folders in folders, until no path reaches the last one."""
    place = os.open(it.folder, os.O_RDONLY)
    for _ in range(60):
        os.mkdir("d" * 100, dir_fd=place)
        below = os.open("d" * 100, os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = below
    os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=place))
    os.close(place)


@fault("the depth does no harm; same score")
def folders_in_folders(it: Submission) -> None:
    """Twelve hundred folders, each in the one before."""
    place = os.open(it.folder, os.O_RDONLY)
    for _ in range(1_200):
        os.mkdir("d", dir_fd=place)
        below = os.open("d", os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = below
    os.close(place)


@fault("names do no harm; same score")
def strange_names(it: Submission) -> None:
    """Files whose names hold line breaks, quotes, markup, bytes that are no text, and 255 letters."""
    for name in (b"line\nbreak", b"'; DROP TABLE grade; --", b"<img src=x onerror=alert(1)>.png", b"\xff\xfe.txt",
                 b"-rf", b"$(touch hostile)", b"n" * 255, "caf\u00e9".encode(), b" ", b"{{7*7}}", b"%s%n"):  # fmt: skip
        (it.folder / os.fsdecode(name)).write_bytes(b"x")


@fault("what may not be read is left out; same score")
def files_that_may_not_be_read(it: Submission) -> None:
    """Files and folders without any permission."""
    it.add_file("closed.txt", "x").chmod(0)
    it.add_file("closed/inner.txt", "x").parent.chmod(0)


@fault("its own modules serve its own code only; same score", stock=True)
def names_of_the_standard_library(it: Submission) -> None:
    """Helper files are called random.py, types.py, json.py and the like."""
    for name in (
        "random",
        "types",
        "json",
        "socket",
        "string",
        "test",
        "token",
        "zmq",
        "traitlets",
        "asyncio",
    ):
        it.add_file(f"{name}.py", "def helper():\n    return 42\n")


@fault(
    "the kernel never starts, which costs only this student; no points, or the same",
    score=(0.0, 4.0),
)
def a_start_that_never_ends(it: Submission) -> None:
    """A file named like the kernel's launcher sleeps for ever when the kernel should start."""
    it.add_file("ipykernel_launcher.py", "import time\ntime.sleep(10**9)\n")


@fault("the kernel is not harmed; same score")
def a_start_that_ends_at_once(it: Submission) -> None:
    """A file named like the kernel's launcher ends the process."""
    it.add_file("ipykernel_launcher.py", "import os\nos._exit(0)\n")
    it.add_file("ipykernel/__init__.py", "raise SystemExit\n")
