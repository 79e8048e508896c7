"""A PostgreSQL server of the tests' own: in its own folder, reached by a socket there alone."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

USER = "course"
NOBODY = ("--reuid", "65534", "--regid", "65534", "--clear-groups")
FOR_TESTS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=")


class Server:
    """A running server; each database that it is asked for is a new one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = count(1)

    def url(self, database: str) -> str:
        """Return the address of a database."""
        return f"postgresql://{USER}@/{database}?host={self.folder}"

    def new(self, like: str | None = None) -> str:
        """Make a database, empty or as a copy of another one; return its address."""
        name = f"gradebook_{next(self._numbers)}"
        template = make_url(like).database if like else "template1"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def run(self, statement: str) -> None:
        """Run a statement of whoever runs the server."""
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()


def missing() -> str:
    """Return what is missing to run one, and how to get it; nothing where all is there."""
    if find_spec("psycopg") is None:
        return "the driver psycopg is missing: `make environment` installs it"
    if _programs() is None and os.geteuid() == 0 and shutil.which("apt-get"):
        env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update", "-qq"], ["install", "-y", "-qq", "postgresql"]):
            subprocess.run(["apt-get", *command], env=env, capture_output=True, check=False)
    if _programs() is None:
        return "the server is missing, and only root can install it: apt-get install postgresql"
    return ""


@contextmanager
def running() -> Iterator[Server]:
    """Run a server until the end; it goes with this process, however that ends."""
    programs = _programs()
    assert programs is not None
    folder = Path(tempfile.mkdtemp(prefix="postgresql-", dir="/tmp"))
    if os.geteuid() == 0:
        os.chown(folder, 65534, 65534)
    data, log = folder / "data", folder / "log"
    _as_nobody(
        [programs / "initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync"],
        check=True,
    )
    settings = [f"-c{setting}" for setting in (*FOR_TESTS, f"unix_socket_directories={folder}")]
    with log.open("w") as file:
        process = subprocess.Popen(
            [*_setpriv(), programs / "postgres", "-D", data, *settings],
            stdout=file,
            stderr=file,
            cwd="/",
        )
    try:
        ready = [programs / "pg_isready", "-h", folder, "-U", USER, "-t", "1", "-q"]
        for _ in range(600):
            if subprocess.run(ready, check=False).returncode == 0:
                break
            assert process.poll() is None, log.read_text()
            subprocess.run(["sleep", "0.05"], check=True)
        yield Server(folder)
    finally:
        process.send_signal(signal.SIGQUIT)
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path | None:
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: int(file.parts[4])
    )
    if found:
        return found[-1].parent
    elsewhere = shutil.which("initdb")
    return Path(elsewhere).resolve().parent if elsewhere else None


def _setpriv() -> list[str]:
    """Return what runs a command as nobody, where we are root, and ends it when we end."""
    return ["setpriv", *(NOBODY if os.geteuid() == 0 else ()), "--pdeathsig", "SIGQUIT"]


def _as_nobody(command: list[object], check: bool) -> None:
    whole = [*_setpriv(), *map(str, command)]
    done = subprocess.run(whole, capture_output=True, text=True, cwd="/", check=False)
    assert not check or done.returncode == 0, done.stderr
