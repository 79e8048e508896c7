"""Start the outermost process of a sandbox: bubblewrap, or plain Python for trusted code."""

import contextlib
import fcntl
import json
import os
import select
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from grading.sandbox import bubblewrap, processes, seccomp
from grading.sandbox.settings import Sandbox

SILENT: dict[str, Any] = {
    "stdin": subprocess.DEVNULL,
    "stdout": subprocess.DEVNULL,
    "start_new_session": True,
}
LONGEST_REASON = 500
TRYING_SECONDS = 60.0
KILL_SECONDS = 10.0


class Outermost:
    """The outermost process of a sandbox, and the first one inside, by their numbers."""

    def __init__(self, process: subprocess.Popen[bytes], first: int, said: IO[bytes]) -> None:
        self._process = process
        self._said = said
        self.first = first

    @property
    def ended(self) -> bool:
        """Whether it has ended."""
        return self._process.poll() is not None

    def wait(self) -> None:
        """Wait until it has ended, but not for ever."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(KILL_SECONDS)

    def kill(self) -> None:
        """End it and everything inside, at once."""
        if not self.ended:
            processes.kill(self._process.pid)
        self.wait()
        self._said.close()

    def last_words(self) -> str:
        """Return the end of what it wrote to its standard error."""
        self._said.seek(0)
        return self._said.read().decode(errors="replace").strip()[-LONGEST_REASON:]


def launch_sealed(
    settings: Sandbox, module: list[str], own: list[int], final: bool = True
) -> Outermost:
    """Start Python inside the wall with `module`, its name and arguments.

    In these, `{0}`, `{1}` … stand for the descriptors `own` as they are numbered inside. Raises
    `SandboxError`, with bubblewrap's own reason, when no sandbox can be set up.
    """
    read, write = os.pipe()
    with os.fdopen(read, "rb") as info, ExitStack() as stack:
        told = stack.enter_context(os.fdopen(write, "wb"))
        arguments = stack.enter_context(tempfile.TemporaryFile())
        filter_ = stack.enter_context(seccomp.program_file())
        given = tuple(stack.enter_context(high_descriptor(descriptor)) for descriptor in own)
        channels = bubblewrap.Channels(
            info=stack.enter_context(high_descriptor(told.fileno())),
            arguments=stack.enter_context(high_descriptor(arguments.fileno())),
            filter=stack.enter_context(high_descriptor(filter_.fileno())),
        )
        module = [part.format(*given) for part in module]
        env = bubblewrap.environment(_tuning())
        command, view = bubblewrap.sealed_command(settings, module, channels, env, final)
        arguments.write(view)
        arguments.seek(0)
        said = tempfile.TemporaryFile()  # noqa: SIM115 (closed when the sandbox is)
        passed = [*given, channels.info, channels.arguments, *([channels.filter] * final)]
        process = subprocess.Popen(
            command, env=bubblewrap.OUTSIDE, pass_fds=passed, stderr=said, **SILENT
        )
        outermost = Outermost(process, 0, said)
        stack.close()
        try:
            told_all = _read_all(info.fileno(), settings.startup_seconds)
            outermost.first = int(json.loads(told_all)["child-pid"])
        except ValueError:
            outermost.wait()
            raise bubblewrap.SandboxError(_why_no_sandbox(outermost.last_words())) from None
        except BaseException:
            outermost.kill()
            raise
        return outermost


def launch_plain(settings: Sandbox, module: list[str], own: list[int], folder: Path) -> Outermost:
    """Start Python outside any wall, for trusted code, with its files in a temporary folder."""
    with ExitStack() as stack:
        given = [stack.enter_context(high_descriptor(descriptor)) for descriptor in own]
        module = [part.format(*given) for part in module]
        env = bubblewrap.environment(_tuning())
        command, env = bubblewrap.unsealed_command(settings, module, env, folder)
        said = tempfile.TemporaryFile()  # noqa: SIM115 (closed when the process is)
        process = subprocess.Popen(
            command, env=env, cwd=folder, pass_fds=given, stderr=said, **SILENT
        )
        return Outermost(process, process.pid, said)


def why_no_kernel(settings: Sandbox) -> str:
    """Return what Python says of a kernel where one has just died before it answered, in a line."""
    python = Path(settings.student_env) / "bin" / "python"
    command = [str(python), "-I", "-c", "import ipykernel.zmqshell, matplotlib.pyplot"]
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


def _read_all(descriptor: int, seconds: float) -> bytes:
    """Return all that is written to a pipe; raise `SandboxError` if that takes too long."""
    deadline, parts = time.monotonic() + seconds, [b""]
    while select.select([descriptor], [], [], max(deadline - time.monotonic(), 0))[0]:
        part = os.read(descriptor, 10_000)
        if not part:
            return b"".join(parts)
        parts.append(part)
    raise bubblewrap.SandboxError("The sandbox could not be set up: bubblewrap took too long.")


def _tuning() -> dict[str, str]:
    return {name: os.environ[name] for name in bubblewrap.BLAS_SETTINGS if name in os.environ}


def _why_no_sandbox(said: str) -> str:
    return (
        f"The sandbox could not be set up: {said or 'bubblewrap said nothing'}\n"
        "It needs bubblewrap 0.8 or newer and user namespaces "
        "(sysctl user.max_user_namespaces must not be 0; containers may forbid them)."
    )


@contextlib.contextmanager
def high_descriptor(descriptor: int) -> Iterator[int]:
    """Give a copy of a descriptor that no shell script uses for its own."""
    high = fcntl.fcntl(descriptor, fcntl.F_DUPFD, bubblewrap.FIRST_PASSED_FD)
    try:
        yield high
    finally:
        os.close(high)
