"""Warm kernels: one template for as long as this process grades, forked for each notebook.

Processes that are forked from one whose templates are shared ask the same template.
"""

import atexit
import base64
import contextlib
import json
import os
import select
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from grading.sandbox import bubblewrap, seccomp
from grading.sandbox.channel import Channel, ChannelClosed, Process
from grading.sandbox.launch import Outermost, launch_sealed
from grading.sandbox.settings import Sandbox


class NoTemplate(Exception):
    """There can be no warm kernel; the message says why. A fresh one may still be possible."""


class _Template:
    """A sealed process that has imported everything and forks.

    One that does not do as it is told is retired: it is asked no more, and ended with everything
    that is left of it as soon as none of its kernels is in use.
    """

    def __init__(self, settings: Sandbox) -> None:
        self._control, inside = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._asking = threading.Lock()
        module = [f"{bubblewrap.KERNEL_NAME}.template", "{0}"]
        filter_ = base64.b64encode(seccomp.program() or b"").decode()
        with inside:
            self._outermost: Outermost | _OfAnother = launch_sealed(
                settings, [*module, filter_], [inside.fileno()], final=False
            )
        self._ready = False
        self._in_use = 0
        self.retired = False

    def fork(
        self, settings: Sandbox, channel: Channel, clock: socket.socket, lifeline: int
    ) -> Process:
        """Have a kernel forked; return the first process of its namespace."""
        self._control.settimeout(settings.startup_seconds)
        with self._asking:
            try:
                self._wait_until_ready(settings.startup_seconds)
                processors = sorted(os.sched_getaffinity(0))
                request = {"folders": bubblewrap.scratch(settings), "processors": processors}
                ends = [channel.inside.fileno(), clock.fileno(), lifeline]
                socket.send_fds(self._control, [json.dumps(request).encode()], ends)
            except OSError as error:
                raise self._no_more(f"the template has ended: {error}") from None
        channel.close_inside()
        try:
            message, first = channel.introduced(settings.startup_seconds)
        except ChannelClosed as error:
            raise self._no_more(f"the fork has ended: {error}") from None
        except TimeoutError:
            raise self._no_more("the template did not fork in time") from None
        if message["msg_type"] != "first":
            first.close()
            raise NoTemplate(str(message.get("why")))
        return first

    def _wait_until_ready(self, seconds: float) -> None:
        if not self._ready:
            if not select.select([self._control], [], [], seconds)[0]:
                raise self._no_more("the template was not ready in time")
            if not self._control.recv(100, socket.MSG_PEEK):  # left there for all who share it
                raise self._no_more(f"the template ended: {self._outermost.last_words()}")
            self._ready = True

    def _no_more(self, why: str) -> NoTemplate:
        self.retired = True
        return NoTemplate(why)

    def use(self) -> None:
        """Count one more who uses it."""
        self._in_use += 1

    def leave(self) -> None:
        """Count one less; end it when it is retired and nobody uses it."""
        self._in_use -= 1
        self.close_if_unused()

    def close_if_unused(self) -> None:
        """End it when it is retired and nobody uses it."""
        if self.retired and not self._in_use:
            self.close()

    @property
    def ended(self) -> bool:
        """Whether it can fork no more."""
        return self.retired or self._outermost.ended

    def close(self) -> None:
        """End it and every kernel that it forked."""
        self._control.close()
        self._outermost.kill()

    def forget(self) -> None:
        """Close what leads to it, in a process to which it does not belong."""
        self._control.close()

    def belongs_to_another(self) -> None:
        """Go on asking it, in a process that was forked from the one that ends it."""
        self._outermost = _OfAnother()
        self._asking = threading.Lock()
        self._in_use = 0


class _OfAnother:
    """The outermost process of a template that another process ends."""

    ended = False

    def kill(self) -> None:
        """Leave that to whom it belongs to."""

    def last_words(self) -> str:
        """Return nothing: the other may read them."""
        return "it has ended"


class Fork:
    """A use of a template: a kernel that it forked, by the first process of its namespace.

    It ends with this process: both ends of its lifeline are nowhere else.
    """

    def __init__(
        self, template: _Template, settings: Sandbox, channel: Channel, clock: socket.socket
    ) -> None:
        self._template = template
        far, self._lifeline = os.pipe()
        try:
            self.first = template.fork(settings, channel, clock, far)
        except BaseException:
            os.close(self._lifeline)
            raise
        finally:
            os.close(far)

    def close(self) -> None:
        """Let it go: it ends, and its template no longer counts it."""
        os.close(self._lifeline)
        with _ours.changing:
            self._template.leave()


class _Templates:
    """The templates of one process, begun in a thread that lives as long as the process.

    (What bubblewrap's `--die-with-parent` takes for its parent is a thread.)
    """

    def __init__(self) -> None:
        self.made: dict[tuple[object, ...], _Template] = {}
        self.shared = False
        self.changing = threading.Lock()
        self.thread = ThreadPoolExecutor(1, "templates")


_ours = _Templates()


def fork_kernel(settings: Sandbox, channel: Channel, clock: socket.socket) -> Fork:
    """Fork a kernel from this process's template, which is made when there is none that fits.

    Raises `NoTemplate`, `SandboxError`.
    """
    template = _template(settings)
    try:
        return Fork(template, settings, channel, clock)
    except BaseException:
        with _ours.changing:
            template.leave()
        raise


def warm_up(settings: Sandbox) -> None:
    """Begin to make the template, so that it is ready when the first kernel is wanted."""
    with contextlib.suppress(bubblewrap.SandboxError):
        template = _template(settings)
        with _ours.changing:
            template.leave()


def share_templates() -> None:
    """Let processes that are forked from this one, which outlives them, use its templates."""
    _ours.shared = True


def forget_templates() -> None:
    """End this process's templates."""
    with _ours.changing:
        for template in _ours.made.values():
            template.close()
        _ours.made.clear()


def _template(settings: Sandbox) -> _Template:
    """Return a template that fits, in use once more."""
    made_from = _made_from(settings)
    with _ours.changing:
        template = _ours.made.get(made_from)
        if template is None or template.ended:
            for key in [*_ours.made]:
                old = _ours.made.pop(key)
                old.retired = True
                old.close_if_unused()
            template = _ours.thread.submit(_Template, settings).result()
            _ours.made[made_from] = template
        template.use()
        return template


def _made_from(settings: Sandbox) -> tuple[object, ...]:
    """Return what a template depends on: the environment, and our own files inside."""
    ours = sorted([bubblewrap.CHECK_MODULE, *bubblewrap.KERNEL_PACKAGE.glob("*.py")])
    environment = Path(settings.student_env)
    packages = sorted(environment.glob("lib/python*/site-packages"))
    seen = [environment / "pyvenv.cfg", *packages, *ours]
    times = tuple(path.stat().st_mtime_ns for path in seen if path.exists())
    return (settings.student_env, settings.scratch_mb, times)


def _begin_anew() -> None:
    """Forget, in a process that was forked from a grader, whose templates these are."""
    global _ours
    before, _ours = _ours, _Templates()
    for made_from, template in before.made.items():
        if before.shared:
            template.belongs_to_another()
            _ours.made[made_from] = template
        else:
            template.forget()


os.register_at_fork(after_in_child=_begin_anew)
atexit.register(forget_templates)
