"""Give a process of the sandbox namespaces of its own, then take every privilege away.

The calls are the kernel's own (unshare(2), mount(2), capset(2), prctl(2), seccomp(2)): Python has
none of them before 3.12. A step that fails raises `OSError` with the call's name.
"""

import ctypes
import os
from pathlib import Path

_libc = ctypes.CDLL(None, use_errno=True)

ALL_NAMESPACES = (
    0x00020000  # mount
    | 0x02000000  # cgroup
    | 0x04000000  # host name
    | 0x08000000  # System V IPC
    | 0x10000000  # user
    | 0x20000000  # process
    | 0x40000000  # network
)
NOSUID, NODEV, NOEXEC, REC, PRIVATE = 2, 4, 8, 1 << 14, 1 << 18
CAPABILITY_VERSION_3 = 0x20080522
LAST_CAPABILITY = 63
PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 4, 22, 24, 38
SECCOMP_MODE_FILTER = 2
EINVAL = 22
BPF_INSTRUCTION = 8
MOST_FILES = 100_000


def leave() -> None:
    """Enter new namespaces of every kind; children are in a new process namespace."""
    user, group = os.getuid(), os.getgid()
    _check(_libc.unshare(ALL_NAMESPACES), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def cover(folders: dict[str, int]) -> None:
    """Mount empty memory (megabytes) over folders, and the processes and terminals of our own.

    No working folder is left in what is covered. Few inodes: they are memory beside the megabytes.
    """
    _mount("none", "/", None, REC | PRIVATE, "")
    _mount("proc", "/proc", "proc", NOSUID | NODEV | NOEXEC, "")
    terminals = "newinstance,ptmxmode=0666,mode=620"
    _mount("devpts", "/dev/pts", "devpts", NOSUID | NOEXEC, terminals)
    for folder, megabytes in folders.items():
        room = f"size={megabytes}m,nr_inodes={MOST_FILES},mode=0755"
        _mount("tmpfs", folder, "tmpfs", NOSUID | NODEV, room)
    os.chdir("/")


def give_up_privileges(seccomp_filter: bytes) -> None:
    """Forbid new user namespaces, drop all capabilities for good, and filter system calls."""
    Path("/proc/sys/user/max_user_namespaces").write_text("0")
    for capability in range(LAST_CAPABILITY + 1):
        if _libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) and ctypes.get_errno() != EINVAL:
            _check(-1, "prctl(PR_CAPBSET_DROP)")
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    _check(_libc.capset(header, (ctypes.c_uint32 * 6)()), "capset")
    _check(_libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl(PR_SET_NO_NEW_PRIVS)")
    if seccomp_filter:
        _filter_calls(seccomp_filter)


def hide_memory() -> None:
    """Let no other process of the same user read this one's memory."""
    _check(_libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "prctl(PR_SET_DUMPABLE)")


def show_memory() -> None:
    """Let this process be looked at again, as any other."""
    _check(_libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), "prctl(PR_SET_DUMPABLE)")


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def _filter_calls(instructions: bytes) -> None:
    program = _Program(len(instructions) // BPF_INSTRUCTION, instructions)
    answer = _libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0)
    _check(answer, "prctl(PR_SET_SECCOMP)")


def _mount(source: str, target: str, kind: str | None, flags: int, options: str) -> None:
    answer = _libc.mount(
        source.encode(), target.encode(), kind and kind.encode(), flags, options.encode()
    )
    _check(answer, f"mount {target}")


def _check(answer: int, call: str) -> None:
    if answer != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{call}: {os.strerror(error)}")
