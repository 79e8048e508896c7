"""What a kernel on the hub says is heard by its own account alone."""

import json
import os
import socket
from pathlib import Path

import pytest
from another_account import error_without_rights
from course_page import validation
from installed import settings_below
from jupyter_server.services.kernels.kernelmanager import ServerKernelManager
from nbformat.v4 import new_code_cell, new_notebook
from traitlets.config import Config

import hub
from hub.settings import Settings

ETC = Path(hub.__file__).parent / "etc"
LONGEST_SOCKET = 107  # bytes of a path that Linux takes
LONGEST_ACCOUNT = 32
KERNEL = "kernel-01234567-89ab-cdef-0123-456789abcdef"
ASK = """
import json
from pathlib import Path
from ipykernel import get_connection_file
file = Path(get_connection_file())
told = json.loads(file.read_text())
folder = file.parent.stat()
sockets = [path for path in file.parent.iterdir() if path.is_socket()]
print(json.dumps([told["transport"], folder.st_mode & 0o077, len(sockets), str(file.parent)]))
"""


@pytest.mark.parametrize("role", ["student", "grader"])
def test_kernels_of_a_server_talk_by_sockets_beside_their_connection_file(role: str) -> None:
    config = Config(json.loads((ETC / role / "jupyter_server_config.json").read_text()))
    manager = ServerKernelManager(config=config, connection_file="/private/kernel-1.json")
    assert (manager.transport, manager.ip) == ("ipc", "/private/kernel-1-ipc")


@pytest.mark.parametrize("role", ["student", "grader"])
def test_nobody_opens_the_port_of_a_debugger_which_asks_for_no_password(role: str) -> None:
    pages = json.loads((ETC / role / "labconfig" / "page_config.json").read_text())
    assert pages["disabledExtensions"]["@jupyterlab/debugger-extension"] is True


def test_the_path_of_a_socket_is_no_longer_than_linux_takes() -> None:
    where = {"course_id": "x", "code": "", "grading": "", "course": "", "exchange": ""}
    usual = Settings(**where, environment="", grader="", state="/srv/tinytorch/hub")
    assert str(usual.runtime) == "/srv/tinytorch/run"
    longest = usual.runtime / ("a" * LONGEST_ACCOUNT) / f"{KERNEL}-ipc-5"
    assert len(os.fsencode(longest)) <= LONGEST_SOCKET


def test_another_account_reaches_no_socket_in_a_folder_of_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fake_jupyterhub import put_in_place

    put_in_place(monkeypatch)
    from hub.accounts import make_runtime_folder

    settings = settings_below(tmp_path)
    make_runtime_folder(settings.runtime, settings.grader)
    monkeypatch.chdir(settings.runtime)
    with socket.socket(socket.AF_UNIX) as listening, socket.socket(socket.AF_UNIX) as asking:
        listening.bind(f"{settings.grader}/s")
        listening.listen()
        Path(f"{settings.grader}/s").chmod(0o777)
        asking.connect(f"{settings.grader}/s")

        def connect() -> None:
            if os.geteuid() == Path(settings.grader).stat().st_uid:
                Path(settings.grader).chmod(0)  # without root there is no other account to be
            socket.socket(socket.AF_UNIX).connect(f"{settings.grader}/s")

        assert error_without_rights(connect) == "PermissionError"


def test_a_folder_that_others_could_enter_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fake_jupyterhub import put_in_place

    put_in_place(monkeypatch)
    from hub.accounts import make_runtime_folder

    settings = settings_below(tmp_path)
    mine = settings.runtime / settings.grader
    mine.mkdir(parents=True)
    mine.chmod(0o755), settings.runtime.chmod(0o777)
    make_runtime_folder(settings.runtime, settings.grader)
    assert (mine.stat().st_mode & 0o777, settings.runtime.stat().st_mode & 0o777) == (0o700, 0o711)


@pytest.mark.slow
def test_validate_listens_in_a_folder_of_its_own_that_is_gone_afterwards(tmp_path: Path) -> None:
    notebook = new_notebook(cells=[new_code_cell(ASK)])
    assert validation.run(notebook, tmp_path) == ""
    transport, mode, sockets, folder = json.loads(notebook.cells[0].outputs[0].text)
    assert (transport, mode) == ("ipc", 0) and sockets >= 5
    assert not Path(folder).exists()
