"""Formgrader on a course, served on loopback without a hub."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from nbgrader.api import Gradebook

from grading.sandbox.settings import PROJECT

EXTENSIONS = {"nbgrader.server_extensions.formgrader": True}
PATIENCE = 240
NAME, CELL, MOST = "02_tensor", "think-memory", 3


def write_course(root: Path, answers: int) -> str:
    """Write a gradebook in which so many answers to one question wait; return its address."""
    root.mkdir(parents=True, exist_ok=True)
    shutil.copy(PROJECT / "nbgrader_config.py", root)
    url = f"sqlite:///{root / 'gradebook.db'}"
    with Gradebook(url, "tinytorch") as gradebook:
        gradebook.add_assignment(NAME)
        gradebook.add_notebook(NAME, NAME)
        gradebook.add_grade_cell(CELL, NAME, NAME, max_score=MOST, cell_type="markdown")
        gradebook.add_solution_cell(CELL, NAME, NAME)
        for number in range(1, answers + 1):
            student = f"student-{number:03}"
            gradebook.add_student(student)
            [grade] = gradebook.add_submission(NAME, student).notebooks[0].grades
            grade.needs_manual_grade = True
        gradebook.db.commit()
    return url


@contextmanager
def formgrader(root: Path) -> Iterator[str]:
    """Serve Formgrader on a course; give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}/formgrader"
    command = [
        *(sys.executable, "-m", "jupyter", "server", "--no-browser", "--allow-root"),
        *("--ip=127.0.0.1", f"--port={port}", "--IdentityProvider.token="),
    ]
    settings = root / "settings"
    settings.mkdir()
    said = {"ServerApp": {"jpserver_extensions": EXTENSIONS}}
    (settings / "jupyter_server_config.json").write_text(json.dumps(said))
    env = os.environ | {"JUPYTER_CONFIG_DIR": str(settings), "PYTHONPATH": str(PROJECT)}
    with (root / "server.log").open("wb") as log:
        server = subprocess.Popen(command, cwd=root, env=env, stdout=log, stderr=log)
    try:
        _wait_until_up(f"{address}/gradebook", server)
        yield address
    finally:
        _end(server)


def _end(server: "subprocess.Popen[bytes]") -> None:
    server.terminate()
    try:
        server.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _wait_until_up(address: str, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with urlopen(address, timeout=PATIENCE):
                return
        except (URLError, OSError):
            assert server.poll() is None and time.monotonic() < deadline, "it does not start"
            time.sleep(0.2)
