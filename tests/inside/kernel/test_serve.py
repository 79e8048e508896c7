"""What a kernel does before its first cell and with each cell; no shell is started for it."""

import json
import os
import resource
import signal
import socket
import subprocess
import sys
from pathlib import Path, PurePath

import numpy as np
import pytest

from grading.inside.kernel import serve as serve_module
from grading.inside.kernel.serve import serve
from grading.sandbox.archive import NOTHING, pack_files


class Shell:
    """A shell whose cells are functions' names."""

    def __init__(self):
        self.ran, self.channel, self.pictures = [], None, True

    def attach(self, channel):
        self.channel = channel

    def draw_no_pictures(self):
        self.pictures = False

    def run(self, source, cell, about):
        self.ran.append((source, cell, about))
        return getattr(self, source)()

    def fine(self):
        return True

    def failing(self):
        return False

    def broken(self):
        raise KeyboardInterrupt("stop")

    def interruptible(self):
        return signal.getsignal(signal.SIGINT) is signal.default_int_handler


class Channel:
    """A grader that has asked for everything beforehand."""

    def __init__(self, *requests):
        self.requests, self.sent = list(requests), []

    def receive(self):
        request = self.requests.pop(0) if self.requests else None
        return request if isinstance(request, bytes | None) else json.dumps(request).encode()

    def send(self, message):
        self.sent.append(message)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Return a folder for the notebook; nothing of the test's own process is changed for good."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(os, "environ", {**os.environ})
    monkeypatch.setattr(resource, "setrlimit", lambda kind, limits: None)
    monkeypatch.setattr(serve_module, "forget_standard", lambda: None)
    handler = signal.getsignal(signal.SIGINT)
    yield tmp_path / "home"
    signal.signal(signal.SIGINT, handler)


def begin(home, unpack=(), limits=None, fonts="/nowhere", pictures=True):
    return {
        "environment": {"CHECK_SALT": "salted"},
        "folder": str(home),
        "fonts": str(fonts),
        "limits": limits or {},
        "pictures": pictures,
        "unpack": [str(home), *map(str, unpack)],
    }


def served(home, *cells, archives=(NOTHING,), **options):
    shell = Shell()
    requests = [
        {"cell": at, "source": source, "about": {"gives": {}}} for at, source in enumerate(cells, 1)
    ]
    channel = Channel(begin(home, **options), *archives, *requests)
    serve(channel, shell)
    assert shell.channel is channel
    assert shell.ran == [(one, at, {"gives": {}}) for at, one in enumerate(cells, 1)]
    return channel.sent


def archive(**files):
    return pack_files((PurePath(name), content) for name, content in files.items())


def test_without_a_grader_nothing_begins(home):
    channel = Channel()
    serve(channel, None)
    assert channel.sent == []


def test_it_says_that_it_is_ready_and_answers_every_cell(home):
    assert served(home, "fine", "failing") == [
        {"msg_type": "ready"},
        {"msg_type": "execute_reply", "cell": 1, "status": "ok"},
        {"msg_type": "execute_reply", "cell": 2, "status": "error"},
    ]


def test_an_error_that_the_shell_does_not_catch_is_told_and_the_next_cell_runs(home):
    told, reply, after = served(home, "broken", "fine")[1:]
    assert (told["msg_type"], told["ename"], told["evalue"]) == (
        "error",
        "KeyboardInterrupt",
        "stop",
    )
    assert (reply["status"], after["status"]) == ("error", "ok")


def test_only_a_running_cell_can_be_interrupted(home):
    assert served(home, "interruptible")[1]["status"] == "ok"
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_environment_and_folder_are_those_of_the_request(home):
    served(home)
    assert os.environ["CHECK_SALT"] == "salted" and Path.cwd() == home
    assert sys.path[-1] == ""


def test_files_are_unpacked_and_can_be_changed(home):
    served(home, archives=[archive(**{"a.txt": b"a", "folder/b.txt": b"b"})])
    assert (home / "folder" / "b.txt").read_text() == "b"
    assert os.access(home / "a.txt", os.W_OK)


def unpack(home, *archives):
    served(home, unpack=[home] * (len(archives) - 1), archives=archives)


def test_what_was_unpacked_first_stays(home):
    unpack(home, archive(both=b"ours"), archive(both=b"mine", mine=b"mine"))
    assert (home / "both").read_text() + (home / "mine").read_text() == "oursmine"


CLASHES = {
    "a file where a folder is": ({"name/ours": b"ours"}, {"name": b"mine"}),
    "a folder where a file is": ({"name": b"ours"}, {"name/mine": b"mine"}),
    "a name that is too long": ({}, {"x" * 300: b"mine"}),
    "a path out of the folder": ({}, {"../outside": b"mine"}),
    "an absolute path": ({}, {"/proc/self/comm": b"mine"}),
}


@pytest.mark.parametrize(("ours", "mine"), CLASHES.values(), ids=CLASHES.keys())
def test_what_cannot_be_unpacked_is_left_out_and_the_rest_is_there(home, ours, mine):
    unpack(home, archive(**ours), archive(**mine, rest=b"rest"))
    assert (home / "rest").read_text() == "rest"
    assert not (home.parent / "outside").exists()
    for name, content in ours.items():
        assert (home / name).read_bytes() == content


def test_files_that_find_no_room_are_left_out(home, monkeypatch):
    write = Path.write_bytes

    def full(file, content):
        if file.name == "large":
            write(file, b"the beginning")
            raise OSError(28, "No space left on device")
        return write(file, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    unpack(home, archive(large=b"x", small=b"y"))
    assert [path.name for path in home.iterdir()] == ["small"]


def test_limits_are_lowered_for_good_and_never_raised(home, monkeypatch):
    set_limits = {}
    monkeypatch.setattr(resource, "setrlimit", set_limits.__setitem__)
    now = {resource.RLIMIT_NOFILE: (50, 100), resource.RLIMIT_CORE: (0, resource.RLIM_INFINITY)}
    monkeypatch.setattr(resource, "getrlimit", now.__getitem__)
    served(home, limits={"NOFILE": 256, "CORE": 7})
    assert set_limits == {resource.RLIMIT_NOFILE: (100, 100), resource.RLIMIT_CORE: (7, 7)}


def test_matplotlibs_list_of_fonts_is_brought_to_where_it_looks_for_it(home, tmp_path):
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts" / "fontlist.json").write_text("{}")
    os.environ["HOME"] = str(home)
    served(home, fonts=tmp_path / "fonts")
    assert (home / ".cache" / "matplotlib" / "fontlist.json").is_file()


def test_numpy_draws_anew_in_every_kernel(home):
    state = np.random.get_state()  # noqa: NPY002
    try:
        drawn = []
        for _ in range(2):
            np.random.seed(7)  # noqa: NPY002
            served(home)
            drawn.append(np.random.random())  # noqa: NPY002
    finally:
        np.random.set_state(state)  # noqa: NPY002
    assert drawn[0] != drawn[1]


FIRST = """
import os, sys
from grading.inside.kernel import serve
serve.os.getpid = lambda: {pid}
serve.be_first = lambda kernel, descriptors: (print("first", descriptors), sys.exit())
serve.serve = lambda channel: print("serve", channel._socket.fileno())
serve.main(0, 1)
print(os.environ["CHECK_CLOCK_FD"])
"""


@pytest.mark.parametrize(("pid", "says"), [(1, "first [0, 1]"), (7, "serve 0\n1")])
def test_the_first_process_of_a_sandbox_starts_the_kernel_in_a_child(pid, says):
    near, far = socket.socketpair()
    with near, far:
        command = [sys.executable, "-c", FIRST.format(pid=pid)]
        done = subprocess.run(command, stdin=near, capture_output=True, text=True)
    assert done.stdout.strip() == says, done.stderr


@pytest.mark.parametrize("drawn", [True, False])
def test_pictures_are_drawn_where_the_grader_says_so_and_nowhere_else(home, drawn):
    shell = Shell()
    serve(Channel(begin(home, pictures=drawn), NOTHING), shell)
    assert shell.pictures == drawn
