"""Which calls are refused: names and numbers as in the kernel's own tables, written down again."""

import struct

import pytest

from grading.sandbox import seccomp
from grading.sandbox.seccomp import ALLOW, ENOSYS, EPERM, ERRNO, TABLES, program

# name: (number on x86_64, number in the generic table)
REFUSED = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "setns": (308, 268),
    "unshare": (272, 97),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "userfaultfd": (323, 282),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "sched_setaffinity": (203, 122),
}
MACHINES = {"x86_64": (0xC000003E, 56, 435, 13, 41), "aarch64": (0xC00000B7, 220, 435, 134, 198)}


@pytest.fixture(params=MACHINES)
def machine(request):
    return request.param


def verdict(machine, number, argument=0):
    """Follow the filter as the kernel does."""
    data = struct.pack("<IIQQ", number, MACHINES[machine][0], 0, argument)
    steps = list(struct.iter_unpack("<HBBI", program(machine)))
    at = value = 0
    while (step := steps[at])[0] != seccomp.RETURN:
        code, on_true, on_false, constant = step
        if code == seccomp.LOAD_WORD:
            (value,) = struct.unpack_from("<I", data, constant)
            at += 1
            continue
        holds = {
            seccomp.JUMP_EQUAL: value == constant,
            seccomp.JUMP_GREATER_EQUAL: value >= constant,
            seccomp.JUMP_ANY_BIT: bool(value & constant),
        }[code]
        at += 1 + (on_true if holds else on_false)
    return step[3]


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_on_every_machine(name, machine):
    assert verdict(machine, REFUSED[name][[*MACHINES].index(machine)]) == ERRNO | EPERM


def test_no_other_call_is_refused_by_name(machine):
    assert TABLES[machine].refused.keys() == REFUSED.keys()


def test_the_machines_other_numbers_are_those_of_its_kernel(machine):
    assert TABLES[machine][:5] == MACHINES[machine]


def test_the_call_whose_flags_no_filter_can_read_does_not_exist(machine):
    assert verdict(machine, 435) == ERRNO | ENOSYS


@pytest.mark.parametrize("call", [0, 39, 101, 319])
def test_the_second_set_of_numbers_of_a_64_bit_machine_does_not_exist(machine, call):
    assert verdict(machine, 0x40000000 | call) == ERRNO | ENOSYS


@pytest.mark.parametrize("flags", [0x10000000, 0x7E020011 | 0x10000000, 0x10000000 | 17 | 1 << 40])
def test_no_flags_beside_it_let_a_user_namespace_through(machine, flags):
    assert verdict(machine, MACHINES[machine][1], flags) == ERRNO | EPERM


@pytest.mark.parametrize("flags", [17, 0x3D0F00, 0x01200011])
def test_processes_and_threads_can_be_started(machine, flags):
    assert verdict(machine, MACHINES[machine][1], flags) == ALLOW


def test_bubblewrap_is_handed_the_filter_of_this_machine_from_its_beginning():
    with seccomp.program_file() as file:
        assert file.read() == program()
