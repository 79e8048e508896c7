"""Warm kernels: one template for as long as this process grades, forked for each notebook."""

import atexit
import base64
import contextlib
import json
import os
import select
import socket
import threading
from pathlib import Path

from grading.inside.kernel.template import CLOCK_DESCRIPTOR
from grading.sandbox import bubblewrap, seccomp
from grading.sandbox.channel import Channel, ChannelClosed, Process
from grading.sandbox.launch import Outermost, launch_sealed
from grading.sandbox.settings import Sandbox

__all__ = ["CLOCK_DESCRIPTOR", "NoTemplate", "forget_templates", "fork_kernel"]


class NoTemplate(Exception):
    """There can be no warm kernel; the message says why. A fresh one may still be possible."""


class _Template:
    """A sealed process that has imported everything and forks."""

    def __init__(self, settings: Sandbox) -> None:
        self._control, inside = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._asking = threading.Lock()
        module = [f"{bubblewrap.KERNEL_NAME}.template", "{0}"]
        filter_ = base64.b64encode(seccomp.program() or b"").decode()
        with inside:
            self._outermost: Outermost = launch_sealed(
                settings, [*module, filter_], [inside.fileno()], final=False
            )
        self._ready = False

    def fork(self, settings: Sandbox, channel: Channel, clock: socket.socket) -> Process:
        """Have a kernel forked; return the first process of its namespace."""
        with self._asking:
            try:
                self._wait_until_ready(settings.startup_seconds)
                request = json.dumps(bubblewrap.scratch(settings)).encode()
                ends = [channel.inside.fileno(), clock.fileno()]
                socket.send_fds(self._control, [request], ends)
            except OSError as error:
                raise NoTemplate(f"the template has ended: {error}") from None
        channel.close_inside()
        try:
            message, first = channel.introduced(settings.startup_seconds)
        except (ChannelClosed, TimeoutError) as error:
            raise NoTemplate(str(error)) from None
        if message["msg_type"] != "first":
            first.close()
            raise NoTemplate(str(message.get("why")))
        return first

    def _wait_until_ready(self, seconds: float) -> None:
        if not self._ready:
            if not select.select([self._control], [], [], seconds)[0]:
                raise NoTemplate("the template was not ready in time")
            if not self._control.recv(100):
                raise NoTemplate(f"the template ended: {self._outermost.last_words()}")
            self._ready = True

    @property
    def ended(self) -> bool:
        """Whether it can fork no more."""
        return self._outermost.ended

    def close(self) -> None:
        """End it and every kernel that it forked."""
        self._control.close()
        self._outermost.kill()


_templates: dict[tuple[object, ...], _Template] = {}
_changing = threading.Lock()


def fork_kernel(settings: Sandbox, channel: Channel, clock: socket.socket) -> Process:
    """Fork a kernel from this process's template, which is made when there is none that fits."""
    return _template(settings).fork(settings, channel, clock)


def warm_up(settings: Sandbox) -> None:
    """Begin to make the template, so that it is ready when the first kernel is wanted."""
    with contextlib.suppress(bubblewrap.SandboxError):
        _template(settings)


def forget_templates() -> None:
    """End this process's templates."""
    with _changing:
        for template in _templates.values():
            template.close()
        _templates.clear()


def _template(settings: Sandbox) -> _Template:
    made_from = (os.getpid(), *_made_from(settings))
    with _changing:
        template = _templates.get(made_from)
        if template is None or template.ended:
            for key in [key for key in _templates if key[0] == os.getpid()]:
                _templates.pop(key).close()
            template = _templates[made_from] = _Template(settings)
        return template


def _made_from(settings: Sandbox) -> tuple[object, ...]:
    """Return what a template depends on: the environment, and our own files inside."""
    ours = sorted([bubblewrap.CHECK_MODULE, *bubblewrap.KERNEL_PACKAGE.glob("*.py")])
    environment = Path(settings.student_env)
    packages = sorted(environment.glob("lib/python*/site-packages"))
    seen = [environment / "pyvenv.cfg", *packages, *ours]
    times = tuple(path.stat().st_mtime_ns for path in seen if path.exists())
    return (settings.student_env, settings.scratch_mb, times)


atexit.register(forget_templates)
