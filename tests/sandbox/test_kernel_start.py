"""How a kernel's processes are started and what is left when it ends; none is started for it."""

import json
import os
import stat
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from grading.sandbox import bubblewrap
from grading.sandbox import kernel as kernel_module
from grading.sandbox.kernel import MB, KernelNotStarted


class Started(Exception):
    """The sandbox would be started now."""


@pytest.fixture
def start(make_kernel, monkeypatch, tmp_path):
    """Start a kernel up to where its processes would begin; return how they would."""
    seen = SimpleNamespace()
    monkeypatch.setattr(bubblewrap, "find_bubblewrap", lambda: "bwrap")
    monkeypatch.setattr(bubblewrap, "base_prefix", lambda settings: Path("/usr"))

    def popen(command, **options):
        seen.command, seen.options = command, options
        if "--args" in command:
            seen.parts = _view(command)
            os.write(_after(seen.parts, "--info-fd"), b'{"child-pid": 5} ')
        return SimpleNamespace(pid=4711, poll=lambda: None, wait=lambda: None)

    def start(info=None, **settings):
        kernel = make_kernel(**settings)
        kernel._process = None
        monkeypatch.setattr(subprocess, "Popen", popen)
        monkeypatch.setattr(kernel, "_wait_for", lambda address: None)
        monkeypatch.setattr(kernel_module.BlockingKernelClient, "start_channels", _stop_here)
        with pytest.raises(Started):
            kernel._start()
        seen.kernel = kernel
        seen.connection = kernel._folder / "connection.json"
        return seen

    return start


def _stop_here(self, **channels):
    raise Started


def _view(command):
    """Return bubblewrap's arguments from the descriptor that its command line names."""
    return os.pread(_after(command, "--args"), 100_000, 0).decode().split("\0")


def _after(parts, option):
    found = parts[parts.index(option) + 1]
    return int(found) if found.isdigit() else found


def test_the_processes_of_the_wall_get_nothing_of_the_graders(start, monkeypatch):
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "canary")
    options = start().options
    assert options["env"] == {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
    assert options["stdin"] == options["stdout"] == subprocess.DEVNULL
    assert options["start_new_session"] is True


def test_only_the_walls_own_descriptors_are_passed_on(start):
    seen = start()
    parts = seen.parts
    clock = parts[parts.index("CHECK_CLOCK_FD") + 1]
    named = [_after(parts, "--info-fd"), _after(seen.command, "--args"), _after(parts, "--seccomp")]
    assert sorted(seen.options["pass_fds"]) == sorted([int(clock), *named])
    assert all(descriptor >= 20 for descriptor in seen.options["pass_fds"])


def test_trusted_code_gets_the_clock_and_nothing_else_of_the_graders(start, monkeypatch, tmp_path):
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "canary")
    options = start(sealed=False, student_env=str(tmp_path)).options
    assert options["pass_fds"] == [int(options["env"]["CHECK_CLOCK_FD"])]
    assert "canary" not in options["env"].values()
    assert options["stdin"] == options["stdout"] == subprocess.DEVNULL


def test_the_salt_itself_stays_outside(start):
    seen = start()
    assert bubblewrap.salt_for_inside("the salt") in seen.parts
    assert not any("the salt" in part for part in [*seen.parts, *seen.command])


def test_of_the_graders_environment_only_the_tuning_of_blas_goes_in(start, monkeypatch):
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    monkeypatch.setenv("OPENBLAS_VERBOSE", "2")
    parts = start().parts
    assert _after(parts, "OPENBLAS_CORETYPE") == "Haswell" and "OPENBLAS_VERBOSE" not in parts


def test_the_sandboxs_first_process_is_the_one_that_bubblewrap_names(start):
    assert start().kernel._pid == 5


def test_a_sandbox_that_does_not_come_up_says_what_it_needs(start, monkeypatch):
    def popen(command, stderr, **options):
        stderr.write(b"bwrap: No permissions to creating new namespace")
        stderr.flush()
        return SimpleNamespace(pid=4711, poll=lambda: None, wait=lambda: None)

    started = start()
    monkeypatch.setattr(subprocess, "Popen", popen)
    with pytest.raises(bubblewrap.SandboxError, match=r"No permissions.*\n.*user namespaces"):
        started.kernel._start()


def test_every_kernel_has_a_key_of_its_own(start):
    keys = {json.loads(start().connection.read_text())["key"] for _ in range(2)}
    assert len(keys) == 2 and all(len(key) == 32 for key in keys)


def test_the_connection_can_be_read_by_the_sandboxs_user_and_its_folder_only_by_ours(start):
    before = os.umask(0o077)
    try:
        file = start().connection
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_messages_are_bounded_in_size_and_number_and_lost_connections_stay_lost(start):
    context = start().kernel._context
    assert context.maxmsgsize == 16 * MB and context.rcvhwm == 8
    assert context.reconnect_ivl == -1 and context.linger == 0


def test_closing_kills_what_runs_and_forgets_what_it_had(make_kernel, killed):
    kernel = make_kernel()
    folder, process = kernel._folder, kernel._process
    kernel.close()
    assert killed == [process.pid] and process.waited
    assert not folder.exists() and kernel.clock.closed


def test_a_kernel_that_fails_to_start_is_closed(make_kernel, monkeypatch):
    kernel = make_kernel()
    folder = kernel._folder

    def fail():
        raise KernelNotStarted("not in time")

    monkeypatch.setattr(kernel, "_start", fail)
    with pytest.raises(KernelNotStarted), kernel:
        pass
    assert not folder.exists()
