"""Strange things beside the notebook."""

import os
import socket
from collections.abc import Iterator

from trials.submission import Submission, fault


def _each_in_the_one_before(it: Submission, number: int, name: str = "d") -> Iterator[int]:
    """Make folders, however long their paths grow; yield a descriptor of each."""
    place = os.open(it.folder, os.O_RDONLY)
    for _ in range(number):
        os.mkdir(name, dir_fd=place)
        below = os.open(name, os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = below
        yield place
    os.close(place)


def _put_a_file(place: int) -> None:
    os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=place))


@fault("it is left out; same score", says=("link or special file was left out",))
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
    for depth, place in enumerate(_each_in_the_one_before(it, 60, "d" * 100), start=1):
        if depth == 60:
            _put_a_file(place)


@fault("the depth does no harm; same score")
def folders_in_folders(it: Submission) -> None:
    """Twelve hundred folders, each in the one before."""
    for _ in _each_in_the_one_before(it, 1_200):
        pass


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


@fault("its files are its own; same score")
def a_start_that_never_ends(it: Submission) -> None:
    """Files named like the kernel's sleep for ever when the kernel should start."""
    for name in ("_course_kernel/serve.py", "ipykernel/zmqshell.py", "sitecustomize.py"):
        it.add_file(name, "import time\ntime.sleep(10**9)\n")


@fault("the kernel is not harmed; same score")
def a_start_that_ends_at_once(it: Submission) -> None:
    """Files named like the kernel's end the process."""
    for name in ("_course_kernel/__init__.py", "ipykernel/__init__.py", "usercustomize.py"):
        it.add_file(name, "import os\nos._exit(0)\n")


@fault("ours are there, theirs make way; same score")
def files_where_ours_are_to_be(it: Submission) -> None:
    """Files lie where the kernel keeps its own folders."""
    for name in (".data", ".cache", ".ipython", ".config"):
        it.add_file(name, "in the way")


@fault("only its size is carried; same score", says=("too many or too large",))
def a_file_of_a_terabyte(it: Submission) -> None:
    """A file that takes no room on the disk says that it is a terabyte long."""
    with (it.folder / "sparse.bin").open("wb") as file:
        file.truncate(1 << 40)


@fault("they are left out; same score", says=("link or special file was left out",))
def files_too_deep_for_any_other_folder(it: Submission) -> None:
    """Files lie so deep that their paths fit where they were handed in, and nowhere else."""
    for depth, place in enumerate(_each_in_the_one_before(it, 1_500)):
        if depth % 500 == 60:
            _put_a_file(place)
