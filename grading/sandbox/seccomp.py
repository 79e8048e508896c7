"""Refuse the system calls a notebook never needs and an escape might: a seccomp filter for bwrap.

The filter is classic BPF (seccomp(2)): check the architecture, refuse the listed calls with EPERM
and `clone3` with ENOSYS (the C library then uses `clone`), refuse new user namespaces, allow the
rest. Handling SIGCHLD is refused too: a process that ignores it lets its children vanish with the
CPU time they used. Call numbers are those of the kernel's tables for x86_64 and of its generic
table (aarch64). Sockets are of the Unix family or none: what waits in a TCP connection is memory
that no process's size shows. A process stays on the processor that it was given.
"""

import platform
import struct
import tempfile
from typing import IO, NamedTuple

ALLOW = 0x7FFF0000
KILL = 0x80000000
ERRNO = 0x00050000
EPERM, ENOSYS, EAFNOSUPPORT = 1, 38, 97
SIGCHLD = 17
AF_UNIX = 1
CLONE_NEWUSER = 0x10000000
X32_BIT = 0x40000000

LOAD_WORD, JUMP_EQUAL, JUMP_GREATER_EQUAL, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER_AT, ARCHITECTURE_AT, FIRST_ARGUMENT_AT = 0, 4, 16


class Calls(NamedTuple):
    """An architecture's number in audit(8), and the numbers of its system calls."""

    architecture: int
    clone: int
    clone3: int
    rt_sigaction: int
    socket: int
    refused: dict[str, int]


TABLES = {
    "x86_64": Calls(
        0xC000003E,
        56,
        435,
        13,
        41,
        {
            **{"ptrace": 101, "shmget": 29, "msgget": 68, "semget": 64, "mq_open": 240},
            **{"add_key": 248, "request_key": 249, "keyctl": 250},
            **{"mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161, "setns": 308},
            **{"unshare": 272, "open_tree": 428, "move_mount": 429, "fsopen": 430},
            **{"memfd_create": 319, "memfd_secret": 447, "userfaultfd": 323},
            **{"bpf": 321, "perf_event_open": 298, "kexec_load": 246, "kexec_file_load": 320},
            **{"init_module": 175, "finit_module": 313, "delete_module": 176},
            **{"process_vm_readv": 310, "process_vm_writev": 311, "pidfd_getfd": 438},
            **{"name_to_handle_at": 303, "open_by_handle_at": 304},
            **{"io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427},
            **{"sched_setaffinity": 203},
        },
    ),
    "aarch64": Calls(
        0xC00000B7,
        220,
        435,
        134,
        198,
        {
            **{"ptrace": 117, "shmget": 194, "msgget": 186, "semget": 190, "mq_open": 180},
            **{"add_key": 217, "request_key": 218, "keyctl": 219},
            **{"mount": 40, "umount2": 39, "pivot_root": 41, "chroot": 51, "setns": 268},
            **{"unshare": 97, "open_tree": 428, "move_mount": 429, "fsopen": 430},
            **{"memfd_create": 279, "memfd_secret": 447, "userfaultfd": 282},
            **{"bpf": 280, "perf_event_open": 241, "kexec_load": 104, "kexec_file_load": 294},
            **{"init_module": 105, "finit_module": 273, "delete_module": 106},
            **{"process_vm_readv": 270, "process_vm_writev": 271, "pidfd_getfd": 438},
            **{"name_to_handle_at": 264, "open_by_handle_at": 265},
            **{"io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427},
            **{"sched_setaffinity": 122},
        },
    ),
}


def program(machine: str | None = None) -> bytes | None:
    """Return the filter for this machine, or None for an architecture without a table."""
    table = TABLES.get(machine or platform.machine())
    if table is None:
        return None
    steps = [
        _step(LOAD_WORD, ARCHITECTURE_AT),
        _step(JUMP_EQUAL, table.architecture, on_true=1),
        _step(RETURN, KILL),
        _step(LOAD_WORD, NUMBER_AT),
        _step(JUMP_GREATER_EQUAL, X32_BIT, on_false=1),
        _step(RETURN, ERRNO | ENOSYS),
        _step(JUMP_EQUAL, table.clone3, on_false=1),
        _step(RETURN, ERRNO | ENOSYS),
    ]
    for number in sorted(table.refused.values()):
        steps += [_step(JUMP_EQUAL, number, on_false=1), _step(RETURN, ERRNO | EPERM)]
    steps += [
        _step(JUMP_EQUAL, table.socket, on_false=4),
        _step(LOAD_WORD, FIRST_ARGUMENT_AT),
        _step(JUMP_EQUAL, AF_UNIX, on_true=1),
        _step(RETURN, ERRNO | EAFNOSUPPORT),
        _step(RETURN, ALLOW),
        _step(JUMP_EQUAL, table.rt_sigaction, on_false=4),
        _step(LOAD_WORD, FIRST_ARGUMENT_AT),
        _step(JUMP_EQUAL, SIGCHLD, on_false=1),
        _step(RETURN, ERRNO | EPERM),
        _step(RETURN, ALLOW),
        _step(JUMP_EQUAL, table.clone, on_false=3),
        _step(LOAD_WORD, FIRST_ARGUMENT_AT),
        _step(JUMP_ANY_BIT, CLONE_NEWUSER, on_false=1),
        _step(RETURN, ERRNO | EPERM),
        _step(RETURN, ALLOW),
    ]
    return b"".join(steps)


def program_file() -> IO[bytes]:
    """Return the filter as an open file, for bwrap to read from its descriptor."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the caller closes it)
    file.write(program() or _step(RETURN, ALLOW))
    file.seek(0)
    return file


def _step(code: int, value: int, on_true: int = 0, on_false: int = 0) -> bytes:
    """Return one BPF instruction: code, two jump distances, a constant."""
    return struct.pack("<HBBI", code, on_true, on_false, value)
