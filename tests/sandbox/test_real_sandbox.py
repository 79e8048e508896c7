"""What a cell really sees and can do in the sandbox, warm and cold: a probe tells."""

import json
import os
import socket
import struct
from pathlib import Path, PurePath
from types import SimpleNamespace

import pytest

from grading.sandbox import bubblewrap, seccomp
from grading.sandbox.archive import pack_files
from grading.sandbox.kernel import Files, SealedKernel
from grading.sandbox.settings import Sandbox
from grading.sandbox.template import forget_templates

pytestmark = pytest.mark.slow

MB = 1024 * 1024
PROBE = r"""
import ctypes, errno, json, os, resource, signal, socket, stat

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
    try:
        with open(path, "rb") as file:
            return file.read().decode(errors="replace")
    except PermissionError:
        return "closed"

def where(path):
    try:
        return os.readlink(path)
    except OSError as error:
        return errno.errorcode[error.errno]

def names(folder):
    try:
        return os.listdir(folder)
    except OSError as error:
        return errno.errorcode[error.errno]

def changed(path):
    # write to a file what stands in it already
    with open(path, "r+b", buffering=0) as file:
        file.write(file.read(1))

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
left = {path: names(path) for path in ("/tmp", "/run", "/dev/shm", "/dev/pts")}
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
    "interfaces": [line.split(":")[0].strip() for line in read("/proc/net/dev").splitlines()[2:]],
    "reached": {
        "loopback": tried(reach, socket.AF_INET, ("127.0.0.1", asked["port"])),
        "abstract": tried(reach, socket.AF_UNIX, "\0" + asked["name"]),
        "file": tried(reach, socket.AF_UNIX, asked["file"]),
    },
    "host": socket.gethostname(),
    "processes": len(pids),
    "told": [read(f"/proc/{pid}/{name}") for pid in pids for name in ("cmdline", "environ")],
    "first": {**{name: tried(open, "/proc/1/" + name) for name in ("mem", "maps", "environ")},
              **{name: where("/proc/1/" + name) for name in ("root", "cwd", "exe", "ns/pid")},
              "fd": names("/proc/1/fd")},
    "signals": {number: tried(os.kill, 1, number) for number in (2, 9, 15, 17, 19)},
    "open": {fd: os.readlink("/proc/self/fd/" + fd) for fd in os.listdir("/proc/self/fd")
             if os.path.lexists("/proc/self/fd/" + fd)},
    "left": left,
    "knobs": [path for path in (
        "/proc/sys/user/max_user_namespaces", "/proc/sys/kernel/core_pattern",
        "/proc/sys/kernel/hostname", "/proc/sys/vm/overcommit_memory", "/proc/self/uid_map",
        "/proc/sys/net/ipv4/ip_forward", "/proc/sys/fs/file-max", "/proc/sysrq-trigger",
    ) if os.path.exists(path) and tried(changed, path) == "done"],
    "folder": os.getcwd(),
    "files": {name: [oct(stat.S_IMODE(os.stat(name).st_mode)), read(name)]
              for name in os.listdir() if os.path.isfile(name)},
    "root": sorted(os.listdir("/")),
    "homes": os.listdir("/home"),
    "data": os.listdir(os.environ["CHECK_DATA"]),
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
        "umount": called(libc.umount2, b"/tmp", 2),
        "mount namespace": called(libc.unshare, 0x00020000),
        "pivot_root": called(libc.syscall, asked["pivot_root"], b"/tmp", b"/tmp"),
        "another processor": tried(os.sched_setaffinity, 0, os.sched_getaffinity(0)),
        "chroot": called(libc.chroot, b"/tmp"),
        "becoming root": tried(os.setuid, 0),
    },
}
print(json.dumps(facts))
"""
NO_FILTER = struct.pack("<HBBI", seccomp.RETURN, 0, 0, seccomp.ALLOW)
LIMITS = {"processes": 40, "memory_mb": 500, "file_mb": 9, "cpu_seconds": 33, "scratch_mb": 48}


FILES = {
    "submission": {"mine.txt": b"mine", "both.txt": b"mine"},
    "handout": {"both.txt": b"ours"},
    "data": {"images.npy": b"images"},
}


def probe(folder, patch, **settings):
    """Run the probe in the sandbox; return what it sees, and how it looks from outside."""
    folder.chmod(0o755)
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
    calls = seccomp.TABLES[os.uname().machine]
    asked = {
        **sockets,
        "port": listening[0].getsockname()[1],
        "clone": calls.clone,
        "pivot_root": calls.refused["pivot_root"],
        "paths": [
            str(folder),
            str(bubblewrap.CHECK_MODULE.parents[2] / "SECURITY.md"),
            "/etc",
            "/var",
        ],
    }
    files = {name: dict(contents) for name, contents in FILES.items()}
    files["submission"]["asked.json"] = json.dumps(asked).encode()
    packed = {
        name: pack_files((PurePath(path), content) for path, content in contents.items())
        for name, contents in files.items()
    }
    try:
        with SealedKernel(Sandbox(**settings), Files(**packed), "the salt") as kernel:
            assert kernel.cold == ""
            return SimpleNamespace(**_told(kernel), user_outside=_user_outside(kernel._first_pid))
    finally:
        for one in listening:
            one.close()


def _told(kernel):
    messages = list(kernel.execute(PROBE))
    said = "".join(message.get("text", "") for message in messages)
    assert messages[-1]["status"] == "ok", messages
    return json.loads(said)


def _user_outside(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("Uid:")[2].split()[0])


WAYS = {"warm": True, "cold": False}


@pytest.fixture(scope="module", params=WAYS)
def seen(request, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        return probe(tmp_path_factory.mktemp("wall"), patch, warm=WAYS[request.param], **LIMITS)


@pytest.fixture(scope="module", params=WAYS)
def seen_without_a_filter(request, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seccomp, "program", lambda: NO_FILTER)
        forget_templates()
        try:
            return probe(tmp_path_factory.mktemp("wall"), patch, warm=WAYS[request.param])
        finally:
            forget_templates()


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


@pytest.mark.parametrize("call", ["mount", "umount", "chroot", "pivot_root", "mount namespace"])
def test_without_the_filter_capabilities_would_still_be_missing(seen_without_a_filter, call):
    assert seen_without_a_filter.calls[call] == "EPERM"


REFUSED = (
    *("unshare", "clone", "memfd_create", "ptrace", "ignoring children", "mount", "umount"),
    *("chroot", "pivot_root", "mount namespace", "another processor"),
)


@pytest.mark.parametrize("call", REFUSED)
def test_the_filter_refuses(seen, call):
    assert seen.calls[call] == "EPERM"


def test_the_call_whose_flags_no_filter_can_read_does_not_exist(seen):
    assert seen.calls["clone3"] == "ENOSYS"


def test_nobody_inside_becomes_root(seen):
    assert seen.calls["becoming root"] in ("EINVAL", "EPERM")


READ_ONLY = (*("/", "/usr", "/env", "/dev", "/inside/grading.py", "/inside/_course_kernel"),)


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
    [("loopback", "EAFNOSUPPORT"), ("abstract", "ECONNREFUSED"), ("file", "ENOENT")],
)
def test_nobody_who_listens_outside_is_reached_by(seen, way, answer):
    assert seen.reached[way] == answer


def test_nobody_who_listens_outside_is_reached_even_without_the_filter(seen_without_a_filter):
    assert seen_without_a_filter.reached["loopback"] in ("ECONNREFUSED", "ENETUNREACH")


def test_the_machines_name_is_not_told(seen):
    assert seen.host == "sandbox"


def test_other_processes_are_not_visible(seen):
    assert seen.processes == 2


def test_there_is_no_terminal_and_the_session_is_its_own(seen):
    assert seen.terminal == "ENXIO" and seen.session != 0


HIDDEN = ("mem", "maps", "environ", "root", "cwd", "exe", "ns/pid", "fd")


@pytest.mark.parametrize("name", HIDDEN)
def test_nobody_looks_into_the_first_process(seen, name):
    assert seen.first[name] == "EACCES"


@pytest.mark.parametrize("number", ["2", "9", "15", "17", "19"])
def test_no_signal_from_inside_does_anything_to_the_first_process(seen, number):
    assert seen.signals[number] == "done" and seen.processes == 2


def test_nothing_of_the_machine_can_be_set(seen):
    assert seen.knobs == []


def test_the_environment_inside_holds_only_what_the_wall_gives_it(seen):
    salt = bubblewrap.salt_for_inside("the salt")
    expected = bubblewrap.environment({}) | {
        "CHECK_SALT": salt,
        "CHECK_DATA": "/home/student/.data",
        "PWD": "/home/student",
    }
    assert {name: seen.environment.get(name) for name in expected} == expected
    others = seen.environment.keys() - expected.keys() - {*bubblewrap.BLAS_SETTINGS}
    ipythons = {"TERM", "CLICOLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "PAGER", "GIT_PAGER"}
    assert others == {"CHECK_CLOCK_FD", "MPLBACKEND", *ipythons}


def test_the_processes_of_the_wall_tell_nothing_of_the_graders(seen):
    assert not any(word in text for text in seen.told for word in ("canary", "the salt", "/wall0"))


def test_of_open_files_only_channel_and_clock_are_left(seen):
    assert [seen.open[number] for number in ("0", "1", "2")] == ["/dev/null"] * 3
    others = [path for number, path in seen.open.items() if number not in ("0", "1", "2")]
    assert sorted(path.split(":")[0] for path in others) == ["socket", "socket"]


def test_the_folders_in_memory_hold_nothing_of_anybody_else(seen):
    assert seen.left["/run"] == [] == seen.left["/dev/shm"] and seen.left["/dev/pts"] == ["ptmx"]
    assert set(seen.left["/tmp"]) <= {"ipython"}


def test_the_files_are_the_students_with_those_handed_out_over_them(seen):
    assert seen.folder == "/home/student"
    assert seen.files["mine.txt"][1] == "mine" and seen.files["both.txt"][1] == "ours"


def test_the_students_files_can_be_changed(seen):
    assert seen.files["mine.txt"][0] == "0o644"


def test_the_fonts_that_matplotlib_would_look_for_are_there(seen):
    assert seen.fonts == ["matplotlib"]


def test_no_other_path_of_the_machine_exists(seen):
    assert seen.elsewhere == [False] * 4 and seen.homes == ["student"]
    python = str(bubblewrap.base_prefix(Sandbox())).split("/")[1]
    system = {path.removeprefix("/") for path in bubblewrap.system_mounts() if path.count("/") == 1}
    known = {"dev", "env", "home", "inside", "proc", "run", "tmp"}
    assert set(seen.root) <= known | system | {python}


def test_the_unlabelled_images_are_inside(seen):
    assert seen.data == ["images.npy"]
