"""A Jupyter shell whose messages go to the grader's socket instead of ZeroMQ's.

It is ipykernel's own shell, with its magics, displays and tracebacks; only what carries its
messages is ours. Nothing in here counts as safe: student code runs in the same process, and
whatever arrives outside is read as data.
"""

import builtins
import getpass
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.error import StdinNotImplementedError, UsageError
from jupyter_client.session import Session
from traitlets.config import Config

from .apart import Apart
from .channel import Channel
from .streams import Stream

STREAMS = (("stdout", 1), ("stderr", 2))
BACKEND = "module://matplotlib_inline.backend_inline"


class Messages(Session):
    """Send what the shell publishes through a channel."""

    channel: Channel | None = None
    failed = False

    def send(  # type: ignore[override]
        self,
        stream: Any,
        msg_or_type: Any,
        content: Any = None,
        parent: Any = None,
        **_: Any,
    ) -> None:
        """Send a message of the Jupyter protocol, or its type and content."""
        if isinstance(msg_or_type, dict):
            content, parent = msg_or_type["content"], msg_or_type["parent_header"]
            msg_or_type = msg_or_type["header"]["msg_type"]
        self.tell(str(msg_or_type), content or {}, (parent or {}).get("msg_id"))

    def tell(self, kind: str, content: dict[str, Any], cell: Any) -> None:
        """Send one message of a cell, where there is a channel yet; remember whether one failed."""
        self.failed = self.failed or kind == "error"
        if self.channel is not None:
            self.channel.send({**content, "msg_type": kind, "cell": cell})


class _Shell(ZMQInteractiveShell):
    """ipykernel's shell, without its application."""

    def enable_gui(self, gui: Any = None) -> None:
        """Accept pictures in the page; refuse windows, of which there are none."""
        if gui not in (None, "inline"):
            raise UsageError(f"There is no window here for {gui!r}; use %matplotlib inline.")


class Shell:
    """One shell, ready to run cells; made once, perhaps long before it has a channel."""

    def __init__(self) -> None:
        os.environ["MPLBACKEND"] = BACKEND
        config = Config()
        config.HistoryManager.hist_file = ":memory:"
        config.HistoryManager.enabled = False
        self._messages = Messages()
        self._cell: Any = None
        shell = _Shell.instance(config=config)
        shell.kernel = SimpleNamespace(eventloop=None, shell=shell, session=self._messages)
        shell.displayhook.session = shell.display_pub.session = self._messages
        shell.displayhook.pub_socket = shell.display_pub.pub_socket = None
        shell.run_line_magic("load_ext", "storemagic")  # as ipykernel's application does
        self._shell = shell
        sys.argv[:] = ["ipykernel_launcher.py"]
        self._streams = [Stream(name, number, self._printed) for name, number in STREAMS]
        sys.stdout, sys.stderr = self._streams
        builtins.input = getpass.getpass = _no_input

    def attach(self, channel: Channel) -> None:
        """Send messages through a channel from now on."""
        self._messages.channel = channel
        for stream in self._streams:
            stream.belong_here()
        if profile := self._shell.profile_dir:  # in a fork, the template's is covered
            Path(profile.location).mkdir(parents=True, exist_ok=True)
            profile.check_dirs()
        self._apart = Apart(self._shell)

    def draw_no_pictures(self) -> None:
        """Show of each figure only that there is one."""
        from matplotlib_inline.config import InlineBackend

        InlineBackend.instance(parent=self._shell).shell = self._shell
        InlineBackend.instance().figure_formats = set()

    def warm_up(self, source: str) -> None:
        """Run a cell of ours quietly, before there is a notebook."""
        self._shell.run_cell(source, store_history=False, silent=True)

    def run(self, source: str, cell: Any, about: dict[str, Any]) -> bool:
        """Run one cell, `about` which the grader tells something; return if there was no error."""
        self._cell = cell
        self._shell.set_parent({"header": {"msg_id": cell}})
        self._messages.failed = False
        with self._apart.cell(about):
            result = self._shell.run_cell(source, store_history=True)
        for stream in self._streams:
            stream.flush()
        return bool(result.success and not self._messages.failed)

    def _printed(self, name: str, text: str) -> None:
        self._messages.tell("stream", {"name": name, "text": text}, self._cell)


def _no_input(*_: object, **__: object) -> str:
    raise StdinNotImplementedError(
        "raw_input was called, but this frontend does not support input requests."
    )
