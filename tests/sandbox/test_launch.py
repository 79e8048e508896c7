"""How the outermost process of a sandbox is started and ended; none is started for it."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from grading.sandbox import bubblewrap, launch
from grading.sandbox.bubblewrap import SandboxError
from grading.sandbox.settings import Sandbox

MODULE = ["a.module", "{0}", "and {1}"]


class Started:
    """A process that only notes how it would have been started."""

    def __init__(self, command, **options):
        self.pid, self.command, self.options = 4711, command, options
        self.targets = [os.readlink(f"/proc/self/fd/{fd}") for fd in options["pass_fds"]]  # noqa: PTH115
        if "--args" in command:
            self.parts = os.pread(after(command, "--args"), 100_000, 0).decode().split("\0")

    def poll(self):
        return None

    def wait(self, seconds):
        self.waited = seconds


def after(parts, option):
    found = parts[parts.index(option) + 1]
    return int(found) if found.isdigit() else found


@pytest.fixture
def own():
    ends = os.pipe()
    yield list(ends)
    for end in ends:
        os.close(end)


@pytest.fixture
def seal(own, monkeypatch):
    """Launch a sandbox up to where its process would begin; return how that would."""
    monkeypatch.setattr(bubblewrap, "find_bubblewrap", lambda: "bwrap")
    monkeypatch.setattr(bubblewrap, "base_prefix", lambda settings: Path("/usr"))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    def seal(final=True, info=b'{"child-pid": 5} ', says=b"", **settings):
        started = []

        def popen(command, **options):
            started.append(Started(command, **options))
            os.write(after(started[0].parts, "--info-fd"), info)
            options["stderr"].write(says)
            options["stderr"].flush()
            return started[0]

        monkeypatch.setattr(subprocess, "Popen", popen)
        outermost = launch.launch_sealed(Sandbox(**settings), MODULE, own, final)
        outermost._said.close()
        return SimpleNamespace(outermost=outermost, **vars(started[0]))

    return seal


def test_the_processes_of_the_wall_get_nothing_of_the_graders(seal, monkeypatch):
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "canary")
    options = seal().options
    assert options["env"] == {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
    assert options["stdin"] == options["stdout"] == subprocess.DEVNULL
    assert options["start_new_session"] is True


def test_only_what_the_wall_needs_is_passed_on_beside_what_is_for_inside(seal, own):
    seen = seal()
    named = [after(seen.parts, "--info-fd"), after(seen.command, "--args")]
    named.append(after(seen.parts, "--seccomp"))
    passed = seen.options["pass_fds"]
    assert sorted(passed[2:]) == sorted(named)
    assert seen.targets[:2] == [str(Path(f"/proc/self/fd/{end}").readlink()) for end in own]
    assert all(descriptor >= 20 for descriptor in passed)


def test_a_template_inherits_no_file_that_its_wall_does_not_read(seal):
    seen = seal(final=False)
    named = [after(seen.parts, "--info-fd"), after(seen.command, "--args")]
    assert sorted(seen.options["pass_fds"][2:]) == sorted(named)


def test_what_runs_inside_is_told_the_numbers_of_its_descriptors(seal):
    seen = seal()
    first, second = seen.options["pass_fds"][:2]
    assert seen.command[-3:] == ["a.module", str(first), f"and {second}"]


def test_no_copy_of_a_descriptor_stays_open(seal):
    before = set(os.listdir("/proc/self/fd"))  # noqa: PTH208
    seal()
    assert set(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def test_of_the_graders_environment_only_the_tuning_of_blas_goes_in(seal, monkeypatch):
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    monkeypatch.setenv("OPENBLAS_VERBOSE", "2")
    parts = seal().parts
    assert after(parts, "OPENBLAS_CORETYPE") == "Haswell" and "OPENBLAS_VERBOSE" not in parts


def test_the_sandboxs_first_process_is_the_one_that_bubblewrap_names(seal):
    assert seal().outermost.first == 5


def test_a_sandbox_that_does_not_come_up_says_what_it_needs(seal):
    with pytest.raises(SandboxError, match=r"No permissions.*\n.*user namespaces"):
        seal(info=b"", says=b"bwrap: No permissions to creating new namespace")


def test_a_sandbox_that_does_not_come_up_in_time_is_killed(own, monkeypatch):
    slept = []
    real = subprocess.Popen

    def sleep(command, **options):
        slept.append(real([sys.executable, "-S", "-c", "import time; time.sleep(60)"], **options))
        return slept[0]

    monkeypatch.setattr(bubblewrap, "sealed_command", lambda *_: ([], b""))
    monkeypatch.setattr(subprocess, "Popen", sleep)
    with pytest.raises(SandboxError, match="too long"):
        launch.launch_sealed(Sandbox(startup_seconds=0.2), MODULE, own)
    assert slept[0].returncode == -9


def test_trusted_code_gets_its_own_descriptors_and_nothing_else_of_the_graders(
    own, monkeypatch, tmp_path
):
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "canary")
    monkeypatch.setattr(subprocess, "Popen", Started)
    settings = Sandbox(sealed=False, student_env=str(tmp_path))
    outermost = launch.launch_plain(settings, MODULE, own, tmp_path)
    options = outermost._process.options
    assert outermost._process.targets == [
        str(Path(f"/proc/self/fd/{end}").readlink()) for end in own
    ]
    assert "canary" not in options["env"].values() and options["cwd"] == tmp_path
    assert options["stdin"] == options["stdout"] == subprocess.DEVNULL
    outermost._said.close()


@pytest.fixture
def asleep(tmp_path):
    process = subprocess.Popen(["sleep", "600"])
    with (tmp_path / "said").open("w+b") as said:
        yield launch.Outermost(process, process.pid, said)
        process.kill()
        process.wait()


def test_killing_ends_it(asleep):
    assert not asleep.ended
    asleep.kill()
    assert asleep.ended


def test_killing_again_does_nothing(asleep):
    asleep.kill()
    asleep.kill()


def test_what_cannot_be_killed_is_not_waited_for_for_ever(asleep, monkeypatch):
    monkeypatch.setattr(launch.processes, "kill", lambda pid: None)
    monkeypatch.setattr(launch, "KILL_SECONDS", 0.01)
    asleep.kill()
    assert not asleep.ended


def test_the_end_of_what_it_said_is_kept(asleep):
    asleep._said.write(b"x" * 600 + b"the reason\xff\n")
    assert asleep.last_words().endswith("xthe reason\ufffd") and len(asleep.last_words()) == 500


def test_a_kernel_that_does_not_start_says_what_python_says(tmp_path):
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text("#!/bin/sh\necho 'No module named ipykernel' >&2\n")
    python.chmod(0o755)
    settings = Sandbox(student_env=str(tmp_path))
    assert launch.why_no_kernel(settings).startswith("No module named ipykernel (in ")


def test_without_a_word_of_pythons_a_kernel_just_ended(tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to("/bin/true")
    assert "ended before" in launch.why_no_kernel(Sandbox(student_env=str(tmp_path)))


def test_without_a_python_there_is_no_kernel_and_the_path_is_named(tmp_path):
    assert str(tmp_path) in launch.why_no_kernel(Sandbox(student_env=str(tmp_path)))
