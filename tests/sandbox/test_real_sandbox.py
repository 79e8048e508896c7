"""What a process really sees and can do in the sandbox: a probe in place of the kernel tells."""

import json
import os
import select
import socket
import struct
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from grading.sandbox import bubblewrap, seccomp
from grading.sandbox.kernel import SealedKernel
from grading.sandbox.settings import Sandbox

MB = 1024 * 1024
PROBE = r"""
import ctypes, errno, json, os, resource, signal, socket, stat

clock = socket.socket(fileno=os.dup(int(os.environ["CHECK_CLOCK_FD"])))
libc = ctypes.CDLL(None, use_errno=True)

def tried(work, *arguments):
    try:
        work(*arguments)
    except OSError as error:
        return errno.errorcode[error.errno]
    return "done"

def called(function, *arguments):
    ctypes.set_errno(0)
    return "done" if function(*arguments) >= 0 else errno.errorcode[ctypes.get_errno()]

def read(path):
    with open(path, "rb") as file:
        return file.read().decode(errors="replace")

def reach(family, address):
    with socket.socket(family) as probe:
        probe.settimeout(2)
        probe.connect(address)

def ignore():
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)

asked = json.loads(read("asked.json"))
mounts = [line.split() for line in read("/proc/self/mountinfo").splitlines()]
pids = [name for name in os.listdir("/proc") if name.isdigit()]
limits = ("NPROC", "AS", "FSIZE", "CPU", "NOFILE", "CORE")
status = dict(line.split(":", 1) for line in read("/proc/self/status").splitlines())
folders = {"/", *(line[4] for line in mounts), *("/" + name for name in os.listdir("/"))}
writable = [folder for folder in sorted(folders) if tried(os.mkdir, folder + "/probe") == "done"]
facts = {
    "status": {name: value.strip() for name, value in status.items()},
    "ids": [os.getuid(), os.geteuid(), os.getgid(), os.getegid()],
    "groups": os.getgroups(),
    "session": os.getsid(0),
    "terminal": tried(open, "/dev/tty"),
    "readonly": {line[4]: "ro" in line[5].split(",") for line in mounts},
    "writable": writable,
    "sizes": {
        path: os.statvfs(path).f_blocks * os.statvfs(path).f_frsize
        for path in ("/home/student", "/tmp", "/run", "/dev/shm")
    },
    "namespaces": {name: os.readlink("/proc/self/ns/" + name)
                   for name in os.listdir("/proc/self/ns")},
    "environment": dict(os.environ),
    "limits": {name: resource.getrlimit(getattr(resource, "RLIMIT_" + name)) for name in limits},
    "interfaces": [name for _, name in socket.if_nameindex()],
    "reached": {
        "loopback": tried(reach, socket.AF_INET, ("127.0.0.1", asked["port"])),
        "abstract": tried(reach, socket.AF_UNIX, "\0" + asked["name"]),
        "file": tried(reach, socket.AF_UNIX, asked["file"]),
    },
    "host": socket.gethostname(),
    "processes": len(pids),
    "told": [read(f"/proc/{pid}/{name}") for pid in pids for name in ("cmdline", "environ")],
    "open": {fd: os.readlink("/proc/self/fd/" + fd) for fd in os.listdir("/proc/self/fd")
             if os.path.lexists("/proc/self/fd/" + fd)},
    "folder": os.getcwd(),
    "files": {name: [oct(stat.S_IMODE(os.stat(name).st_mode)), read(name)]
              for name in os.listdir() if os.path.isfile(name)},
    "root": sorted(os.listdir("/")),
    "homes": os.listdir("/home"),
    "data": os.listdir("/inside/data"),
    "fonts": os.listdir(".cache"),
    "elsewhere": [os.path.exists(path) for path in asked["paths"]],
    "calls": {
        "unshare": called(libc.unshare, 0x10000000),
        "clone": called(libc.syscall, asked["clone"], 0x10000000 | 17, 0, 0, 0, 0),
        "clone3": called(libc.syscall, 435, 0, 0),
        "ptrace": called(libc.ptrace, 0, 0, 0, 0),
        "memfd_create": called(libc.memfd_create, b"x", 0),
        "ignoring children": tried(ignore),
        "mount": called(libc.mount, b"none", b"/tmp", b"tmpfs", 0, None),
        "chroot": called(libc.chroot, b"/tmp"),
        "becoming root": tried(os.setuid, 0),
    },
}
clock.sendall(json.dumps(facts).encode() + b"\n")
clock.recv(1)
"""
NO_FILTER = struct.pack("<HBBI", seccomp.RETURN, 0, 0, seccomp.ALLOW)
LIMITS = {"processes": 40, "memory_mb": 500, "file_mb": 9, "cpu_seconds": 33, "scratch_mb": 48}


def probe(folder, patch, **settings):
    """Start the probe in the sandbox; return what it sees, and how it looks from outside."""
    folder.chmod(0o755)
    for name in ("submission", "handout", "data"):
        (folder / name).mkdir()
    (folder / "submission" / "mine.txt").write_text("mine")
    (folder / "submission" / "mine.txt").chmod(0o444)
    (folder / "submission" / "both.txt").write_text("mine")
    (folder / "handout" / "both.txt").write_text("ours")
    (folder / "data" / "images.npy").write_text("images")
    (folder / "connection.json").write_text("{}")
    command = bubblewrap.kernel_command
    patch.setattr(
        bubblewrap, "kernel_command", lambda limits: _instead_of_the_kernel(command(limits), PROBE)
    )
    patch.setenv("JUPYTERHUB_API_TOKEN", "canary")
    listening = [
        socket.create_server(("127.0.0.1", 0)),
        *(socket.socket(socket.AF_UNIX) for _ in range(2)),
    ]
    sockets = {"name": f"wall-{os.getpid()}", "file": str(folder / "listening")}
    listening[1].bind(f"\0{sockets['name']}")
    listening[2].bind(sockets["file"])
    for one in listening:
        one.listen()
    asked = {
        **sockets,
        "port": listening[0].getsockname()[1],
        "clone": seccomp.TABLES[os.uname().machine][1],
        "paths": [
            str(folder),
            str(bubblewrap.CHECK_MODULE.parents[2] / "SECURITY.md"),
            "/etc",
            "/var",
        ],
    }
    (folder / "submission" / "asked.json").write_text(json.dumps(asked))
    folders = [folder / name for name in ("submission", "handout", "data")]
    kernel = SealedKernel(Sandbox(**settings), *folders, "the salt")
    try:
        kernel._launch(folder / "connection.json")
        return SimpleNamespace(**_told(kernel), user_outside=_user_outside(kernel._pid))
    finally:
        kernel.close()
        for one in listening:
            one.close()


def _instead_of_the_kernel(command, script):
    return [*command[: command.index("python")], "python", "-c", script]


def _told(kernel):
    facts = b""
    while not facts.endswith(b"\n"):
        ready, _, _ = select.select([kernel.clock.outside], [], [], 60)
        part = kernel.clock.outside.recv(1 << 20) if ready else b""
        assert part, "the probe said nothing"
        facts += part
    return json.loads(facts)


def _user_outside(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("Uid:")[2].split()[0])


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        return probe(tmp_path_factory.mktemp("wall"), patch, **LIMITS)


@pytest.fixture(scope="module")
def seen_without_a_filter(tmp_path_factory):
    def allow_everything():
        file = tempfile.TemporaryFile()  # noqa: SIM115 (the kernel closes it)
        file.write(NO_FILTER)
        file.seek(0)
        return file

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seccomp, "program_file", allow_everything)
        return probe(tmp_path_factory.mktemp("wall"), patch)


@pytest.mark.parametrize("name", ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"])
def test_there_are_no_capabilities(seen, name):
    assert int(seen.status[name], 16) == 0


def test_no_privileges_can_be_won_and_a_filter_is_in_place(seen):
    assert seen.status["NoNewPrivs"] == "1" and seen.status["Seccomp"] == "2"


def test_inside_the_user_is_nobody_and_in_no_group(seen):
    assert seen.ids == [65534] * 4 and set(seen.groups) <= {65534}


def test_outside_the_user_is_nobody_either_also_when_the_grader_is_root(seen):
    own = os.geteuid()
    assert seen.user_outside == own if own else seen.user_outside in bubblewrap.FREE_USER_IDS


NAMESPACES = ("cgroup", "ipc", "mnt", "net", "pid", "user", "uts")


@pytest.mark.parametrize("name", NAMESPACES)
def test_the_namespace_is_its_own(seen, name):
    assert seen.namespaces[name] != str(Path(f"/proc/self/ns/{name}").readlink())


def test_no_user_namespace_can_be_made_even_without_the_filter(seen_without_a_filter):
    calls = seen_without_a_filter.calls
    assert (calls["unshare"], calls["clone"]) == ("ENOSPC", "ENOSPC")


@pytest.mark.parametrize("call", ["memfd_create", "ptrace", "ignoring children"])
def test_only_the_filter_stands_before(seen_without_a_filter, call):
    assert seen_without_a_filter.calls[call] == "done"


@pytest.mark.parametrize("call", ["mount", "chroot"])
def test_without_the_filter_capabilities_would_still_be_missing(seen_without_a_filter, call):
    assert seen_without_a_filter.calls[call] == "EPERM"


REFUSED = ("unshare", "clone", "memfd_create", "ptrace", "ignoring children")


@pytest.mark.parametrize("call", REFUSED)
def test_the_filter_refuses(seen, call):
    assert seen.calls[call] == "EPERM"


def test_the_call_whose_flags_no_filter_can_read_does_not_exist(seen):
    assert seen.calls["clone3"] == "ENOSYS"


def test_nobody_inside_becomes_root(seen):
    assert seen.calls["becoming root"] in ("EINVAL", "EPERM")


READ_ONLY = (
    *("/", "/usr", "/env", "/dev", "/submission", "/handout", "/inside/data"),
    *("/inside/grading.py", "/run/connection.json"),
)


@pytest.mark.parametrize("path", READ_ONLY)
def test_it_is_mounted_read_only(seen, path):
    assert seen.readonly[path] is True


def test_only_folders_in_memory_can_be_written(seen):
    assert seen.writable == ["/dev/shm", "/home/student", "/run", "/tmp"]


SIZES = {"/home/student": 48 * MB, "/tmp": 12 * MB, "/run": MB, "/dev/shm": 16 * MB}


@pytest.mark.parametrize("folder", SIZES)
def test_the_folder_in_memory_holds_no_more_than_it_may(seen, folder):
    assert seen.sizes[folder] == SIZES[folder]


RESOURCES = {
    "NPROC": 40,
    "AS": (2 * 500 + 1024) * MB,
    "FSIZE": 9 * MB,
    "CPU": 38,
    "NOFILE": 256,
    "CORE": 0,
}


@pytest.mark.parametrize("name", RESOURCES)
def test_the_limit_can_neither_be_exceeded_nor_raised(seen, name):
    assert seen.limits[name] == [RESOURCES[name]] * 2


def test_there_is_no_network_but_its_own_loopback(seen):
    assert seen.interfaces == ["lo"]


@pytest.mark.parametrize(
    ("way", "answer"),
    [("loopback", "ECONNREFUSED"), ("abstract", "ECONNREFUSED"), ("file", "ENOENT")],
)
def test_nobody_who_listens_outside_is_reached_by(seen, way, answer):
    assert seen.reached[way] == answer


def test_the_machines_name_is_not_told(seen):
    assert seen.host == "sandbox"


def test_other_processes_are_not_visible(seen):
    assert seen.processes == 2


def test_there_is_no_terminal_and_the_session_is_its_own(seen):
    assert seen.terminal == "ENXIO" and seen.session != 0


def test_the_environment_inside_holds_only_what_the_wall_gives_it(seen):
    expected = bubblewrap.environment(0, bubblewrap.salt_for_inside("the salt"), {})
    found = {name: seen.environment.get(name) for name in expected}
    assert found == expected | {"CHECK_CLOCK_FD": found["CHECK_CLOCK_FD"]}
    tuning = {*bubblewrap.BLAS_SETTINGS}
    assert seen.environment.keys() - expected.keys() - tuning == {"PWD"}
    assert seen.environment["PWD"] == "/home/student"


def test_the_processes_of_the_wall_tell_nothing_of_the_graders(seen):
    outermost = seen.told[1].split("\0")
    assert sorted(filter(None, outermost)) == ["LANG=C.UTF-8", "PATH=" + bubblewrap.OUTSIDE["PATH"]]
    assert not any(word in text for text in seen.told for word in ("canary", "the salt", "/wall0"))


def test_of_open_files_only_the_clock_is_left(seen):
    assert [seen.open[number] for number in ("0", "1", "2")] == ["/dev/null"] * 3
    others = [path for number, path in seen.open.items() if number not in ("0", "1", "2")]
    assert all(path.startswith("socket:") or path.endswith("/fd") for path in others)


def test_the_files_are_the_students_with_those_handed_out_over_them(seen):
    assert seen.folder == "/home/student"
    assert seen.files["mine.txt"][1] == "mine" and seen.files["both.txt"][1] == "ours"


def test_the_students_files_can_be_changed_whatever_they_were(seen):
    assert seen.files["mine.txt"][0] == "0o644"


def test_the_fonts_that_matplotlib_would_look_for_are_there(seen):
    assert seen.fonts == ["matplotlib"]


def test_no_other_path_of_the_machine_exists(seen):
    assert seen.elsewhere == [False] * 4 and seen.homes == ["student"]
    python = str(bubblewrap.base_prefix(Sandbox())).split("/")[1]
    system = {path.removeprefix("/") for path in bubblewrap.system_mounts() if path.count("/") == 1}
    known = {"dev", "env", "handout", "home", "inside", "proc", "run", "submission", "tmp"}
    assert set(seen.root) <= known | system | {python}


def test_the_unlabelled_images_are_inside(seen):
    assert seen.data == ["images.npy"]
