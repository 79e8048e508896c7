"""A real installation for the tests: folders, accounts and ports of its own, removed after."""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from hub.settings import Settings, load

PROJECT = Path(__file__).resolve().parents[3]
SYSTEM_PYTHON = "/usr/bin/python3"


class Installation:
    """The hub as `hub/install.py` installs it, under names that nobody else uses."""

    def __init__(self) -> None:
        self.tag = f"hubtest{secrets.token_hex(3)}"
        self.opt, self.srv = Path("/opt") / self.tag, Path("/srv") / self.tag
        self.etc = Path("/etc") / self.tag
        self.process: subprocess.Popen[bytes] | None = None
        self.passwords: dict[str, str] = {}

    def install(self) -> None:
        """Run the installer, as an administrator would."""
        places = {
            "opt": self.opt,
            "srv": self.srv,
            "etc": self.etc,
            "systemd": self.etc / "systemd",
            "cron": self.etc / "cron",
            "grader": f"{self.tag}-grader",
            "tas": f"{self.tag}-tas",
            "students": f"{self.tag}-students",
            "address": f"http://127.0.0.1:{free_port()}",
        }
        options = [f"--{name}={value}" for name, value in places.items()]
        subprocess.run([SYSTEM_PYTHON, PROJECT / "hub" / "install.py", *options], check=True)
        file = self.etc / "hub.toml"
        text = file.read_text()
        for name in ("hub_port", "proxy_port", "service_port", "check_port"):
            old = next(line for line in text.split("\n") if line.startswith(f"{name} ="))
            text = text.replace(old, f"{name} = {free_port()}")
        file.write_text(text)

    @property
    def settings(self) -> Settings:
        """Return the installation's settings."""
        return load(str(self.etc / "hub.toml"))

    @property
    def course(self) -> Path:
        """Return the course folder."""
        return Path(self.settings.course)

    @property
    def inbound(self) -> Path:
        """Return the folder where submissions arrive."""
        return Path(self.settings.exchange) / "tinytorch" / "inbound"

    def add_account(self, name: str, role: str) -> str:
        """Make a Unix account in the group of a role and return its full name."""
        account = f"{self.tag}-{name}"
        self.passwords[account] = secrets.token_urlsafe(12)
        group = f"{self.tag}-{role}"
        subprocess.run(["useradd", "-m", "-s", "/bin/bash", "-G", group, account], check=True)
        entry = f"{account}:{self.passwords[account]}".encode()
        subprocess.run(["chpasswd"], input=entry, check=True)
        return account

    def home(self, account: str) -> Path:
        """Return an account's home folder."""
        return Path("/home") / account

    def put_submission(self, account: str, assignment: str, notebook: str) -> None:
        """Put a notebook among the collected submissions, as the grader's."""
        folder = self.course / "submitted" / account / assignment
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{assignment}.ipynb").write_text(notebook)
        owner = f"{self.settings.grader}:"
        subprocess.run(["chown", "-R", owner, self.course / "submitted"], check=True)

    def run_as(self, account: str, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a command as an account, as its terminal would."""
        whole = ["runuser", "-u", account, "--", *map(str, command)]
        return subprocess.run(whole, capture_output=True, text=True, cwd="/", timeout=600)

    def run_step(self, step: str, course: Path) -> str:
        """Run a step behind `make` on a course, as the grader, and return what it printed."""
        programs = Path(self.settings.environment) / "bin"
        env = (f"PYTHONPATH={self.settings.grading}", f"PATH={programs}:/usr/bin:/bin")
        command = (programs / "python", "-m", "grading.pipeline", step, "--root", course)
        done = self.run_as(self.settings.grader, "env", "-C", course, *env, *command)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def back_up(self) -> Path:
        """Make a backup with the command of hub/README.md and return the archive."""
        python = Path(self.settings.environment) / "bin" / "python"
        command = [python, "-m", "hub.backup", "--settings", self.etc / "hub.toml"]
        env = {"PYTHONPATH": self.settings.code}
        return Path(subprocess.check_output(command, cwd="/", env=env, text=True).strip())

    def start(self) -> None:
        """Start the hub and wait until it and Formgrader answer."""
        settings, state = self.settings, Path(self.settings.state)
        programs = Path(settings.environment) / "bin"
        env = {
            "PATH": f"{programs}:/usr/sbin:/usr/bin:/sbin:/bin",
            "PYTHONPATH": settings.code,
            "HUB_SETTINGS": str(self.etc / "hub.toml"),
            "LANG": "C.UTF-8",
        }
        config = Path(settings.code) / "hub" / "jupyterhub_config.py"
        command = [programs / "python", "-m", "jupyterhub", "-f", config]
        with (state / "hub.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=state, env=env, stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + 240
        for path in ("/hub/health", "/services/tinytorch/api"):
            while not _answers(settings.address + path):
                assert self.process.poll() is None, (state / "hub.log").read_text()[-3000:]
                assert time.monotonic() < deadline, (state / "hub.log").read_text()[-3000:]
                time.sleep(0.3)

    def descendants(self) -> list[psutil.Process]:
        """Return every process that the hub has started."""
        assert self.process is not None
        return psutil.Process(self.process.pid).children(recursive=True)

    def stop(self) -> None:
        """Stop the hub as systemd would."""
        if self.process is None or self.process.poll() is not None:
            return
        started = self.descendants()
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
        for left in psutil.wait_procs(started, timeout=5)[1]:
            left.kill()

    def kill_when(self, it_is_time: Callable[[], bool]) -> None:
        """End the hub and all that it started in the moment that is asked for, as a power cut."""
        assert self.process is not None
        known = [psutil.Process(self.process.pid), *self.descendants()]
        deadline = time.monotonic() + 60
        while not it_is_time():
            assert time.monotonic() < deadline, "it never came to that"
            time.sleep(0.001)
        _send(signal.SIGSTOP, known)  # at once; to look for newer processes takes a while
        _send(signal.SIGKILL, [*known, *self.descendants()])
        self.process.wait(30)

    def remove(self) -> None:
        """Remove everything that belongs to the installation."""
        self.stop()
        for account in [*self.passwords, f"{self.tag}-grader"]:
            subprocess.run(["userdel", "-r", "-f", account], capture_output=True)
        for group in (f"{self.tag}-tas", f"{self.tag}-students"):
            subprocess.run(["groupdel", group], capture_output=True)
        for folder in (self.opt, self.srv, self.etc):
            shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _send(sign: signal.Signals, processes: list[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(sign)


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except (URLError, OSError):
        return False


def is_root() -> bool:
    """Return whether accounts can be made."""
    return os.geteuid() == 0
