"""Run the cells that the grader sends.

    python -m … CHANNEL CLOCK    (two descriptors; only for a kernel that is started from nothing)

Requests are JSON: first one with environment, working folder, matplotlib's list of fonts, limits,
whether pictures are drawn, and folders to unpack tar archives into, followed by these archives, one
message each, ours before the student's; then any number of cells. The first is answered by a
message of the type `ready`, the others by `execute_reply`.
"""

import contextlib
import io
import json
import os
import resource
import shutil
import signal
import sys
import tarfile
import traceback
from pathlib import Path
from typing import Any

from .channel import Channel
from .descriptors import forget_standard
from .first import be_first


def serve(channel: Channel, shell: Any = None) -> None:
    """Serve until the other end is closed, or the notebook asks to end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    begin = channel.receive()
    if begin is None:
        return
    request = json.loads(begin)
    _begin(channel, request)
    if shell is None:
        from .shell import Shell

        shell = Shell()
    shell.attach(channel)
    if not request["pictures"]:
        shell.draw_no_pictures()
    _forget_what_is_shared()
    forget_standard()
    sys.path.append("")  # modules beside the notebook are found last
    channel.send({"msg_type": "ready"})
    while (request := channel.receive()) is not None:
        _execute(channel, shell, json.loads(request))


def _begin(channel: Channel, request: dict[str, Any]) -> None:
    os.environ.update(request["environment"])
    bring_fonts(request["fonts"])
    for folder in request["unpack"]:
        _unpack(channel.receive() or b"", Path(folder))
    os.chdir(request["folder"])
    for name, limit in request["limits"].items():
        kind = getattr(resource, f"RLIMIT_{name}")
        _, hard = resource.getrlimit(kind)
        lower = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(kind, (lower, lower))


def _unpack(archive: bytes, folder: Path) -> None:
    """Unpack files; what stands already stays, and what cannot be written is left out."""
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        for entry in files:
            target = folder / entry.name
            content = files.extractfile(entry) if entry.isreg() else None
            if content is None or _leads_out(entry.name) or os.path.lexists(target):
                continue
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content.read())
                target.chmod(0o644)
            except (OSError, tarfile.TarError):
                with contextlib.suppress(OSError):
                    target.unlink()


def _leads_out(name: str) -> bool:
    return name.startswith("/") or ".." in name.split("/")


def bring_fonts(folder: str) -> None:
    """Copy matplotlib's list of fonts to where it looks for it: making one takes seconds."""
    if Path(folder).is_dir():
        shutil.copytree(folder, Path("~/.cache/matplotlib").expanduser(), dirs_exist_ok=True)


def _forget_what_is_shared() -> None:
    """Draw new random state: a fork has its template's."""
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed()


def _execute(channel: Channel, shell: Any, request: dict[str, Any]) -> None:
    cell, fine = request["cell"], False
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        fine = shell.run(request["source"], cell, request["about"])
    except BaseException as error:
        lines = traceback.format_exception(error)
        with contextlib.suppress(Exception):
            content = {"ename": type(error).__name__, "evalue": str(error), "traceback": lines}
            channel.send({**content, "msg_type": "error", "cell": cell})
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    status = "ok" if fine else "error"
    channel.send({"msg_type": "execute_reply", "cell": cell, "status": status})


def main(channel: int, clock: int) -> None:
    """Start a kernel; as the first process of a sandbox, start it in a child."""
    os.environ["CHECK_CLOCK_FD"] = str(clock)
    if os.getpid() == 1:
        be_first(lambda: serve(Channel(channel)), [channel, clock])
    serve(Channel(channel))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
