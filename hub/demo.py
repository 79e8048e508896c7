"""Try the course on a hub of one's own: `make hub`.

Everything is below `.make/hub`: a copy of the course, the exchange, the accounts' home folders.
"""

import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from grading.course.layout import Course
from grading.course.sync import prepare_source
from hub.settings import Settings

PROJECT = Path(__file__).resolve().parent.parent
STATE = PROJECT / ".make" / "hub"
COPIED = ("nbgrader_config.py", "jupytext.toml")
LETTERS_WITHOUT_LOOKALIKES = "abcdefghjkmnpqrstuvwxyz23456789"
STOPPING_SECONDS = 20

CLICKS = """
The course's hub is at   {address}
Accounts, all with the password   {password}
  ta                                     teaches: instructor and TA
  student-01, student-02, student-03     are students
This is a demo: all its accounts are one Unix user, {user}, and could read each other's files.
Only this machine can reach it. For real accounts see hub/README.md.

Use a private window for each account, so that you can be two people at once.
 1. ta           logs in and is in Formgrader. In the row of 02_tensor: Generate (the hat), wait
                 for the answer, then Release (the cloud with an arrow up).
 2. student-01   logs in and is on the course's page. Fetch 02_tensor, Open it, solve what you like,
                 answer the written question at the end. Validate, on the page or in the notebook's
                 toolbar, runs the visible tests. Submit saves, asks, and shows a receipt.
 3. ta           In the row of 02_tensor: Collect (the cloud with an arrow down), then the number
                 of submissions. There: Autograde (the flash). Then Manual Grading, 02_tensor,
                 02_tensor, and the submission: points and a comment for the written answer.
                 Back in Manage Assignments: Generate Feedback (the bubble), then Release
                 Feedback (the envelope).
 4. student-01   Look again, then Read feedback.

The sources of the assignments, in JupyterLab:  {address}/services/tinytorch/lab
Ctrl-C stops everything. `rm -r .make/hub` forgets it.
"""


def prepare(state: Path) -> Settings:
    """Lay out course, exchange and homes, keeping what is there, and return the settings."""
    course = state / "course"
    for kind in ("py", "toml"):
        for file in sorted(PROJECT.glob(f"source/*/*.{kind}")):
            target = course / file.relative_to(PROJECT)
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, target)
    for name in COPIED:
        shutil.copy(PROJECT / name, course / name)
    (state / "homes" / "ta").mkdir(parents=True, exist_ok=True)
    exchange = state / "exchange"
    exchange.mkdir(exist_ok=True)
    exchange.chmod(0o1777)
    state.chmod(0o700)
    web, hub, proxy, service, check = _free_ports()
    settings = Settings(
        course_id="tinytorch",
        code=str(PROJECT),
        grading=str(PROJECT),
        course=str(course),
        exchange=str(exchange),
        environment=str(Path(sys.prefix)),
        state=str(state),
        grader="",
        address=f"http://127.0.0.1:{web}",
        hub_port=hub,
        proxy_port=proxy,
        service_port=service,
        check_port=check,
    )
    settings.write(state / "hub.toml")
    return settings


class Demo:
    """A running hub, and all the processes that it has started."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.password = "-".join(
            "".join(secrets.choice(LETTERS_WITHOUT_LOOKALIKES) for _ in range(4)) for _ in range(3)
        )
        state = Path(settings.state)
        self.runtime = tempfile.TemporaryDirectory(prefix="hub-")
        env = os.environ | {
            "HUB_DEMO_RUNTIME": self.runtime.name,
            "HUB_SETTINGS": str(state / "hub.toml"),
            "HUB_DEMO_PASSWORD": self.password,
            "PYTHONPATH": settings.code,
        }
        self.log = state / "hub.log"
        command = [
            *(sys.executable, "-m", "jupyterhub"),
            *("-f", str(PROJECT / "hub" / "demo_config.py")),
        ]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, cwd=state, env=env, stdout=log, stderr=log, start_new_session=True
            )

    def wait_until_up(self, seconds: float = 120) -> None:
        """Wait until the hub and Formgrader answer; raise `RuntimeError` if they do not."""
        deadline = time.monotonic() + seconds
        course = self.settings.course_id
        for path in ("/hub/health", f"/services/{course}/api"):
            while not _answers(self.settings.address + path):
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"The hub did not start: see {self.log}")
                time.sleep(0.5)

    def stop(self) -> None:
        """End the hub, its proxy, its services and all servers."""
        if self.process.poll() is not None:
            return
        started = psutil.Process(self.process.pid).children(recursive=True)
        self.process.terminate()
        try:
            self.process.wait(STOPPING_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
        for left in psutil.wait_procs(started, timeout=5)[1]:
            left.kill()
        self.runtime.cleanup()


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except (URLError, OSError):
        return False


def _free_ports() -> tuple[int, int, int, int, int]:
    """Return five free ports: 8000 for the browser if it can be had, any for the rest."""
    probes = [_bound(8000), *(_bound(0) for _ in range(4))]
    web, hub, proxy, service, check = (probe.getsockname()[1] for probe in probes)
    for probe in probes:
        probe.close()
    return web, hub, proxy, service, check


def _bound(port: int) -> socket.socket:
    probe = socket.socket()
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind(("127.0.0.1", port))
    except OSError:
        probe.bind(("127.0.0.1", 0))
    return probe


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    """Run the demo until Ctrl-C."""
    if os.geteuid() == 0:
        print("The demo is for ordinary users; as root, install a server: see hub/README.md.")
        return 1
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    STATE.mkdir(parents=True, exist_ok=True)
    with (STATE / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("The demo is running already.")
            return 1
        return _run(prepare(STATE))


def _run(settings: Settings) -> int:
    prepare_source(Course(Path(settings.course)))
    demo = Demo(settings)
    try:
        demo.wait_until_up()
        user = os.environ.get("USER", str(os.geteuid()))
        print(
            CLICKS.format(address=settings.address, password=demo.password, user=user), flush=True
        )
        return demo.process.wait()
    except RuntimeError as error:
        print(error)
        return 1
    except KeyboardInterrupt:
        print("\nstopping the hub, which takes a few seconds", flush=True)
        return 0
    finally:
        demo.stop()


if __name__ == "__main__":
    sys.exit(main())
