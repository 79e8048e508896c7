import struct

import pytest

from grading.sandbox.seccomp import (
    AF_UNIX,
    ALLOW,
    CLONE_NEWUSER,
    EAFNOSUPPORT,
    EPERM,
    ERRNO,
    KILL,
    SIGCHLD,
    TABLES,
    program,
)


def run(filter_, audit, number, argument=0):
    """Interpret the filter as the kernel does; return its verdict."""
    data = struct.pack("<IIQQ", number, audit, 0, argument)
    steps = list(struct.iter_unpack("<HBBI", filter_))
    position = accumulator = 0
    while True:
        code, on_true, on_false, value = steps[position]
        position += 1
        if code == 0x06:
            return value
        if code == 0x20:
            (accumulator,) = struct.unpack_from("<I", data, value)
            continue
        holds = {
            0x15: accumulator == value,
            0x35: accumulator >= value,
            0x45: bool(accumulator & value),
        }[code]
        position += on_true if holds else on_false


@pytest.fixture(params=sorted(TABLES))
def machine(request):
    return request.param


def test_listed_calls_are_refused_and_others_allowed(machine):
    audit, refused = TABLES[machine].architecture, TABLES[machine].refused
    filter_ = program(machine)
    verdicts = {number: run(filter_, audit, number) for number in range(500)}
    assert all(verdicts[number] == ERRNO | EPERM for number in refused.values())
    allowed = [number for number, verdict in verdicts.items() if verdict == ALLOW]
    assert len(allowed) == 500 - len(set(refused.values())) - 2  # clone3, socket of no family


def test_clone_may_not_make_a_user_namespace(machine):
    audit, clone = TABLES[machine].architecture, TABLES[machine].clone
    assert run(program(machine), audit, clone, CLONE_NEWUSER | SIGCHLD) == ERRNO | EPERM
    assert run(program(machine), audit, clone, SIGCHLD) == ALLOW


def test_sigchld_may_not_be_ignored(machine):
    audit, rt_sigaction = TABLES[machine].architecture, TABLES[machine].rt_sigaction
    assert run(program(machine), audit, rt_sigaction, SIGCHLD) == ERRNO | EPERM
    assert run(program(machine), audit, rt_sigaction, 2) == ALLOW


@pytest.mark.parametrize("family", [0, 2, 10, 16, 17, 38, 40, 1 << 31])
def test_only_unix_sockets_can_be_made(machine, family):
    audit, number = TABLES[machine].architecture, TABLES[machine].socket
    assert run(program(machine), audit, number, family) == ERRNO | EAFNOSUPPORT
    assert run(program(machine), audit, number, AF_UNIX) == ALLOW


def test_calls_of_another_architecture_end_the_process(machine):
    assert run(program(machine), 0x40000003, 1) == KILL


def test_an_unknown_machine_has_no_filter():
    assert program("pdp11") is None
