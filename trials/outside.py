"""Watch what lies outside the sandbox: secrets that must stay there, files that must not change."""

import hashlib
import os
import secrets
import select
import shutil
import socket
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from grading.course.layout import Course
from grading.sandbox.settings import PROJECT

MARK = "hostile-mark"  # attacks try to leave files whose names begin so
OWN_OUTPUTS = (".stamps", "autograded", "feedback", "gradebook.db", "reports")
LONELY_SLEEP = "97531"  # attacks leave processes behind that sleep so many seconds
PORT = 48911  # attacks connect to this port of the machine
LISTENER = "hostile-listener"  # and to Unix sockets of this name


@dataclass
class Secrets:
    """Texts planted where student code must not reach; each is found nowhere else."""

    folder: Path
    texts: dict[str, str] = field(default_factory=dict)

    @classmethod
    def plant(cls) -> "Secrets":
        """Put a secret into the environment, the home folder and a folder of /tmp."""
        tag = secrets.token_hex(6)
        kinds = ("env", "file", "home", "gradebook", "neighbour", "salt")
        texts = {kind: f"canary-{kind}-{tag}" for kind in kinds}
        planted = cls(Path("/tmp") / f"hostile-canary-{tag}", texts)
        os.environ["HOSTILE_CANARY"] = texts["env"]
        for folder, kind in ((planted.folder, "file"), (planted._home, "home")):
            folder.mkdir(mode=0o755)
            (folder / "secret.txt").write_text(texts[kind])
        return planted

    @property
    def _home(self) -> Path:
        return Path.home() / f".{self.folder.name}"

    @property
    def folders(self) -> list[Path]:
        """Return the folders that hold secrets."""
        return [self.folder, self._home]

    def found_in(self, text: str) -> list[str]:
        """Return which secrets stand in a text."""
        return [kind for kind, secret in self.texts.items() if secret in text]

    def remove(self) -> None:
        """Remove what was planted."""
        for folder in self.folders:
            shutil.rmtree(folder, ignore_errors=True)


def state_of(course: Course, planted: Secrets, student_env: Path) -> dict[str, str]:
    """Return a fingerprint of every file that a run must leave as it is."""
    state: dict[str, str] = {}
    for path in _everything_below(course.root):
        place = path.relative_to(course.root).parts
        if place[0] not in OWN_OUTPUTS and not place[0].startswith(".grading-"):
            state[str(path)] = _fingerprint(path)
    for folder in planted.folders:
        state |= {str(path): _fingerprint(path) for path in folder.rglob("*")}
    for folder in (PROJECT / "grading", student_env / "bin", student_env / "matplotlib"):
        state |= {str(p): _stamp(p) for p in folder.rglob("*") if "__pycache__" not in p.parts}
    return state


def traces() -> list[str]:
    """Return files and processes that attacks have left on this machine."""
    folders = ("/", "/tmp", "/var/tmp", "/dev/shm", "/run", Path.home(), Path.cwd(), PROJECT)
    found = [str(path) for folder in folders for path in Path(folder).glob(f"{MARK}*")]
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = entry.read_bytes().split(b"\0")
        except OSError:
            continue
        if command[:1] and command[0].endswith(b"sleep") and LONELY_SLEEP.encode() in command:
            found.append(f"process {entry.parent.name}")
    return found


class Listener:
    """Listen where attacks would like to connect to; nobody may ever come."""

    def __init__(self) -> None:
        self._file = Path("/tmp") / f"{LISTENER}.sock"
        self._file.unlink(missing_ok=True)
        addresses: list[tuple[int, int, tuple[str, int] | str]] = [
            (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", PORT)),
            (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", PORT)),
            (socket.AF_UNIX, socket.SOCK_STREAM, f"\0{LISTENER}"),
            (socket.AF_UNIX, socket.SOCK_STREAM, str(self._file)),
        ]
        self._lines: list[socket.socket] = []
        for family, kind, address in addresses:
            line = socket.socket(family, kind)
            try:
                line.bind(address)
            except OSError as error:
                message = f"{address} is taken; does another trial of attacks run just now?"
                raise SystemExit(message) from error
            line.setblocking(False)
            if kind == socket.SOCK_STREAM:
                line.listen()
            self._lines.append(line)
        self._file.chmod(0o777)

    def visitors(self) -> list[str]:
        """Return where somebody has come since the last time."""
        ready = select.select(self._lines, [], [], 0)[0]
        found = []
        for line in ready:
            found.append(f"a visitor at {line.getsockname()!r}")
            if line.type == socket.SOCK_STREAM:
                line.accept()[0].close()
            else:
                line.recv(65536)
        return found

    def close(self) -> None:
        """Listen no longer."""
        for line in self._lines:
            line.close()
        self._file.unlink(missing_ok=True)


def _everything_below(folder: Path) -> Iterator[Path]:
    """Yield all paths, as deep as the system can name them."""
    folders = [folder]
    while folders:
        try:
            entries = list(os.scandir(folders.pop()))
        except OSError:
            continue
        for entry in entries:
            yield Path(entry.path)
            if entry.is_dir(follow_symlinks=False):
                folders.append(Path(entry.path))


def _fingerprint(path: Path) -> str:
    try:
        status = path.lstat()
    except OSError:
        return "beyond reach"
    readable = stat.S_ISREG(status.st_mode) and os.access(path, os.R_OK)
    if not readable or status.st_size > 30_000_000:
        return f"{status.st_mode} {status.st_size}"
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _stamp(path: Path) -> str:
    status = path.lstat()
    return f"{status.st_mode} {status.st_size} {status.st_mtime_ns}"
