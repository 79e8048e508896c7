"""Measure how long Formgrader's pages take to open on a large course.

Run it as `.venv/bin/python -m benchmarks.formgrader [--students 500] [--assignments 10]`. It builds
a synthetic course, starts a server as `jupyter lab` does, opens each page over loopback as a
browser would (the page and what its script then asks for) and prints a table; on a machine that is
busy, look at the server's CPU time. `--stock` measures nbgrader without our steps.
"""

import argparse
import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from grading.sandbox.settings import PROJECT
from trials.synthetic_course import SyntheticCourse

WANTED = 2.0  # seconds in which each page is to be open
STARTUP = 60.0
STOCK = 'c = get_config()\nc.CourseDirectory.course_id = "tinytorch"\n'


class Server:
    """The server of one account, on a course."""

    def __init__(self, root: Path, extensions: list[str]) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._root, self._extensions, self._pid = root, extensions, 0

    @contextlib.contextmanager
    def running(self, home: Path) -> Iterator["Server"]:
        """Start it with an empty home, and end it afterwards."""
        environment = os.environ | {
            "PYTHONPATH": str(PROJECT),
            "HOME": str(home),
            "JUPYTER_CONFIG_DIR": str(home),
        }
        loaded = json.dumps(dict.fromkeys(self._extensions, True))
        (home / "jupyter_server_config.json").write_text(
            f'{{"ServerApp": {{"jpserver_extensions": {loaded}}}}}'
        )
        arguments = ["server", "--no-browser", f"--port={self.port}", "--ip=127.0.0.1"]
        arguments += ["--IdentityProvider.token=", "--ServerApp.allow_root=True"]
        with (
            (home / "server.log").open("w") as log,
            subprocess.Popen(
                [sys.executable, "-m", "jupyter", *arguments],
                cwd=self._root,
                env=environment,
                stdout=log,
                stderr=log,
            ) as process,
        ):
            self._pid = process.pid
            try:
                self._wait()
                yield self
            finally:
                process.terminate()

    def _wait(self) -> None:
        began = time.monotonic()
        while time.monotonic() - began < STARTUP:
            with contextlib.suppress(URLError, ConnectionError):
                self.get("api/status")
                return
            time.sleep(0.2)
        raise TimeoutError("The server did not start.")

    def cpu_seconds(self) -> float:
        """Return the CPU time that the server has used."""
        used = Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return sum(map(int, used)) / os.sysconf("SC_CLK_TCK")

    def get(self, path: str) -> bytes:
        """Return what an address below `/formgrader/` answers."""
        with urlopen(f"http://127.0.0.1:{self.port}/formgrader/{path}", timeout=600) as answer:
            return bytes(answer.read())

    def ask(self, path: str) -> Any:
        """Return what its programming interface answers."""
        return json.loads(self.get(f"api/{path}"))


def pages(server: Server) -> dict[str, list[str]]:
    """Return by page the addresses that a browser asks for to show it."""
    name = server.ask("assignments")[1]["name"]
    handed_in = server.ask(f"submitted_notebooks/{name}/{name}")
    notebook, student = handed_in[1]["id"], handed_in[1]["student"]
    return {
        "assignments": ["manage_assignments", "api/assignments"],
        "submissions of an assignment": [f"manage_submissions/{name}", f"api/submissions/{name}"],
        "one submission, after a button": [f"api/submission/{name}/{student}"],
        "students": ["manage_students", "api/students"],
        "one student": [f"manage_students/{student}", f"api/student_submissions/{student}"],
        "one student's assignment": [
            f"manage_students/{student}/{name}",
            f"api/student_notebook_submissions/{student}/{name}",
        ],
        "gradebook": ["gradebook", "api/assignments"],
        "gradebook: notebooks": [f"gradebook/{name}", f"api/notebooks/{name}"],
        "manual grading: submissions": [
            f"gradebook/{name}/{name}",
            f"api/submitted_notebooks/{name}/{name}",
        ],
        "manual grading: one submission": [
            f"submissions/{notebook}/?index=0",
            f"api/grades?submission_id={notebook}",
            f"api/comments?submission_id={notebook}",
        ],
        "manual grading: the next": [f"submissions/{notebook}/next"],
        "manual grading: the next wrong": [f"submissions/{notebook}/next_incorrect"],
    }


def measure(server: Server, rounds: int) -> list[tuple[str, float, float, float, float]]:
    """Return by page the seconds of the first opening, median, slowest and the median of CPU."""
    rows = []
    for page, addresses in pages(server).items():
        seconds, cpu = [], []
        for _ in range(rounds):
            began, used = time.perf_counter(), server.cpu_seconds()
            for address in addresses:
                server.get(address)
            seconds.append(time.perf_counter() - began)
            cpu.append(server.cpu_seconds() - used)
        median = statistics.median(seconds)
        rows.append((page, seconds[0], median, max(seconds), statistics.median(cpu)))
    return rows


def main() -> None:
    """Build the course, open the pages, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=500)
    parser.add_argument("--assignments", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--stock", action="store_true", help="nbgrader without our steps")
    parser.add_argument("--hub", action="store_true", help="with the hub's extension")
    chosen = parser.parse_args()
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        course = SyntheticCourse(Path(folder) / "course", chosen.students, chosen.assignments)
        course.build()
        if chosen.stock:
            (course.root / "nbgrader_config.py").write_text(STOCK)
        extensions = ["hub.formgrader"] if chosen.hub else []
        with Server(course.root, extensions).running(home) as server:
            rows = measure(server, chosen.rounds)
    print(f"{chosen.students} students x {chosen.assignments} assignments, seconds a page")
    print(f"{'page':<34}{'first':>8}{'median':>8}{'slowest':>8}{'CPU':>8}")
    for page, first, median, slowest, cpu in rows:
        late = "" if slowest < WANTED else f"   more than {WANTED:g}"
        print(f"{page:<34}{first:>8.2f}{median:>8.2f}{slowest:>8.2f}{cpu:>8.2f}{late}")


if __name__ == "__main__":
    main()
