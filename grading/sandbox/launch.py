"""Start the outermost process of a kernel: bubblewrap, or a plain kernel for trusted code."""

import contextlib
import fcntl
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from grading.sandbox import bubblewrap, processes, seccomp
from grading.sandbox.settings import Sandbox

Paths = tuple[Path, Path, Path]
SILENT: dict[str, Any] = {
    "stdin": subprocess.DEVNULL,
    "stdout": subprocess.DEVNULL,
    "start_new_session": True,
}
LONGEST_REASON = 500
TRYING_SECONDS = 60.0


def launch(
    settings: Sandbox, paths: Paths, connection: Path, clock: int, salt: str
) -> tuple[subprocess.Popen[bytes], int]:
    """Start a kernel; return its outermost process and the pid of the first one inside.

    `paths` are submission, hand-out and data; `clock` is the descriptor that the sandbox keeps.
    What is written beside the connection file goes with its folder. Raises `SandboxError`, with
    bubblewrap's own reason, when no sandbox can be set up.
    """
    inside_salt = bubblewrap.salt_for_inside(salt)
    tuning = {name: os.environ[name] for name in bubblewrap.BLAS_SETTINGS if name in os.environ}
    with _high_descriptor(clock) as clock_fd:
        env = bubblewrap.environment(clock_fd, inside_salt, tuning)
        if settings.sealed:
            return _launch_sealed(settings, paths, connection, clock_fd, env)
        return _launch_plain(settings, paths, connection, clock_fd, env)


def why_no_kernel(settings: Sandbox) -> str:
    """Return what Python says of a kernel where one has just died before it answered, in a line."""
    python = Path(settings.student_env) / "bin" / "python"
    command = [str(python), "-I", "-c", "import ipykernel_launcher"]
    try:
        tried = subprocess.run(
            command, env=bubblewrap.OUTSIDE, capture_output=True, timeout=TRYING_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    said = tried.stderr.decode(errors="replace").strip().split("\n")[-1][-LONGEST_REASON:]
    if not said:
        return "its process ended before it answered."
    return f"{said} (in {settings.student_env}; `make environment` builds it)"


def _launch_plain(
    settings: Sandbox, paths: Paths, connection: Path, clock_fd: int, env: dict[str, str]
) -> tuple[subprocess.Popen[bytes], int]:
    scratch = connection.with_name("scratch")
    command, env, cwd = bubblewrap.unsealed_command(settings, paths, connection, env, scratch)
    with connection.with_name("stderr").open("wb") as errors:
        process = subprocess.Popen(
            command, env=env, cwd=cwd, pass_fds=[clock_fd], stderr=errors, **SILENT
        )
    return process, process.pid


def _launch_sealed(
    settings: Sandbox, paths: Paths, connection: Path, clock_fd: int, env: dict[str, str]
) -> tuple[subprocess.Popen[bytes], int]:
    said = connection.with_name("stderr")
    read, write = os.pipe()
    with os.fdopen(read) as info, ExitStack() as stack:
        told = stack.enter_context(os.fdopen(write, "wb"))
        arguments = stack.enter_context(tempfile.TemporaryFile())
        filter_ = stack.enter_context(seccomp.program_file())
        channels = bubblewrap.Channels(
            clock=clock_fd,
            info=stack.enter_context(_high_descriptor(told.fileno())),
            arguments=stack.enter_context(_high_descriptor(arguments.fileno())),
            filter=stack.enter_context(_high_descriptor(filter_.fileno())),
        )
        command, view = bubblewrap.sealed_command(settings, *paths, connection, channels, env)
        arguments.write(view)
        arguments.seek(0)
        errors = stack.enter_context(said.open("wb"))
        process = subprocess.Popen(
            command, env=bubblewrap.OUTSIDE, pass_fds=channels, stderr=errors, **SILENT
        )
        stack.close()
        try:
            return process, int(json.load(info)["child-pid"])
        except ValueError:
            process.wait()
            raise bubblewrap.SandboxError(_why_no_sandbox(said)) from None
        except BaseException:
            processes.kill(process.pid)
            process.wait()
            raise


def _why_no_sandbox(file: Path) -> str:
    said = file.read_text(errors="replace").strip()[-LONGEST_REASON:]
    return (
        f"The sandbox could not be set up: {said or 'bubblewrap said nothing'}\n"
        "It needs bubblewrap 0.8 or newer and user namespaces "
        "(sysctl user.max_user_namespaces must not be 0; containers may forbid them)."
    )


@contextlib.contextmanager
def _high_descriptor(descriptor: int) -> Iterator[int]:
    """Give a copy of a descriptor that no shell script uses for its own."""
    high = fcntl.fcntl(descriptor, fcntl.F_DUPFD, bubblewrap.FIRST_PASSED_FD)
    try:
        yield high
    finally:
        os.close(high)
