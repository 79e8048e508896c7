"""Build the bubblewrap command that a sealed kernel runs in.

Everything is read-only or forgotten: the system and the student environment are mounted
read-only, the student's files are copied into memory, and no other path of the machine exists
inside. A grader who is root first becomes a user id that nobody has.
"""

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path
from shlex import quote
from typing import NamedTuple

from grading.sandbox.settings import Sandbox

INSIDE = Path(__file__).resolve().parents[1] / "inside"
CHECK_MODULE = INSIDE / "check.py"
KERNEL_PACKAGE = INSIDE / "kernel"
KERNEL_NAME = "_course_kernel"  # no module of a student's is likely to be called so
HOME = "/home/student"
DATA = f"{HOME}/.data"  # unlabelled images
FONTS = "/env/matplotlib"
NOBODY = "65534"
FIRST_FREE_FD = 3
FIRST_PASSED_FD = 20
FREE_USER_IDS = range(2_000_000_000, 2_000_100_000)
ADDRESS_SPACE_OF_LIBRARIES = 1024  # megabytes that libraries and threads reserve, not use
# What bubblewrap's own processes are started with; student code can read it.
OUTSIDE = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
BLAS_SETTINGS = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


class Channels(NamedTuple):
    """The descriptors that bubblewrap itself reads and writes."""

    info: int
    arguments: int
    filter: int


class SandboxError(RuntimeError):
    """The sandbox cannot be set up; the message says what to install or change."""


def environment(tuning: dict[str, str]) -> dict[str, str]:
    """Return every environment variable that exists inside from the start."""
    one_thread = dict.fromkeys(
        ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
    )
    return one_thread | {
        "PATH": "/env/bin:/usr/bin:/bin",
        "HOME": HOME,
        "USER": "student",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "IPYTHONDIR": "/tmp/ipython",
        "PYTHONPATH": "/inside",
        "PYTHONHASHSEED": "0",
        "PYTHONSAFEPATH": "1",  # files of the student's must not stand in for the kernel's modules
        "PYTHONDONTWRITEBYTECODE": "1",
        **tuning,
    }


def limits(settings: Sandbox) -> dict[str, int]:
    """Return the limits that every process of a notebook has, by their names in setrlimit(2)."""
    mb = 1024 * 1024
    return {
        "NPROC": settings.processes,
        "AS": (settings.memory_mb * 2 + ADDRESS_SPACE_OF_LIBRARIES) * mb,
        "FSIZE": settings.file_mb * mb,
        "CPU": int(settings.cpu_seconds) + 5,
        "NOFILE": 256,
        "SIGPENDING": 1024,
        "CORE": 0,
    }


def scratch(settings: Sandbox) -> dict[str, int]:
    """Return the folders inside that can be written, and how many megabytes each may hold."""
    return {
        "/tmp": settings.scratch_mb // 4,
        HOME: settings.scratch_mb,
        "/run": 1,
        "/dev/shm": 16,
    }


def sealed_command(
    settings: Sandbox, module: list[str], channels: Channels, env: dict[str, str], final: bool
) -> tuple[list[str], bytes]:
    """Return the command line, from the outermost process to `module`, and bwrap's arguments.

    `module` is what Python runs inside. `final` says that it runs student code itself: no process
    can enter other namespaces, the seccomp filter holds from the start, `module` is the first
    process, and all ends with the thread that started it. The arguments are for the descriptor
    `channels.arguments`, not for the command line, which student code can read.
    """
    bwrap = find_bubblewrap()
    python = base_prefix(settings)
    readable = [python, Path(settings.student_env), CHECK_MODULE, KERNEL_PACKAGE]
    sealed = ["--disable-userns", "--as-pid-1", "--seccomp", str(channels.filter)]
    sealing = ["--die-with-parent", *sealed] if final else []
    view = [
        *("--unshare-all", "--unshare-user", *sealing),
        *("--new-session", "--clearenv", "--uid", NOBODY, "--gid", NOBODY),
        *("--hostname", "sandbox", "--info-fd", str(channels.info)),
        *system_mounts(),
        *(() if python.is_relative_to("/usr") else ro_bind(python, str(python))),
        *ro_bind(Path(settings.student_env), "/env"),
        *ro_bind(CHECK_MODULE, "/inside/grading.py"),
        *ro_bind(KERNEL_PACKAGE, f"/inside/{KERNEL_NAME}"),
        *("--proc", "/proc", "--dev", "/dev"),
        *(part for folder, size in scratch(settings).items() for part in tmpfs(folder, size)),
        *("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", HOME),
        *(part for name, value in env.items() for part in ("--setenv", name, value)),
    ]
    inner = [bwrap, "--args", str(channels.arguments), "python", "-m", *module]
    command = [*become_nobody(readable), *inner] if os.geteuid() == 0 else inner
    return command, b"".join(part.encode() + b"\0" for part in view)


def find_bubblewrap() -> str:
    """Return the path of bubblewrap, or raise `SandboxError` saying how to install it."""
    found = shutil.which("bwrap")
    if found is None:
        raise SandboxError(
            "Student code only runs in a sandbox, and bubblewrap is not installed.\n"
            "Install it with:  sudo apt-get install bubblewrap"
        )
    return found


def base_prefix(settings: Sandbox) -> Path:
    """Return the folder of the Python that the student environment was made from."""
    python = Path(settings.student_env) / "bin" / "python"
    if not python.exists():
        raise SandboxError(f"There is no Python at {python}: run `make environment` first.")
    return python.resolve().parent.parent


def system_mounts() -> list[str]:
    """Return the mounts of the system's own programs and libraries, read-only."""
    mounts = ["--ro-bind", "/usr", "/usr"]
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        path = Path("/", name)
        if path.is_symlink():
            mounts += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            mounts += ro_bind(path, str(path))
    return mounts


def ro_bind(source: Path, target: str) -> list[str]:
    """Return the arguments that show a path inside, read-only."""
    return ["--ro-bind", str(source), target]


def tmpfs(target: str, megabytes: int) -> list[str]:
    """Return the arguments that put an empty folder in memory there, of so many megabytes."""
    return ["--size", str(megabytes * 1024 * 1024), "--tmpfs", target]


def become_nobody(readable: Iterable[Path]) -> list[str]:
    """Return the command prefix with which root becomes a user id that nobody has.

    Paths that only root can reach (a Python under /root, say) are uncovered for it first, in a
    mount namespace of its own. No process stays in between, so that the sandbox, which ends with
    its parent, ends when the grader is killed.
    """
    user = str(secrets.choice(FREE_USER_IDS))
    script = "; ".join(["set -e", *_uncover(readable), "unset PWD OLDPWD", 'exec "$@"'])
    return [
        *("unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh"),
        *("setpriv", "--reuid", user, "--regid", user, "--clear-groups"),
        *("--bounding-set", "-all", "--inh-caps", "-all", "--no-new-privs"),
    ]


def _uncover(paths: Iterable[Path]) -> list[str]:
    """Return shell commands that cover closed folders and show only the given paths in them.

    Each path is opened first and bound from its descriptor, since the cover hides its name.
    """
    closed = {path: _first_closed_folder(path) for path in paths}
    hidden = [path for path, folder in closed.items() if folder is not None]
    opened = [f"exec {fd}<{quote(str(path))}" for fd, path in enumerate(hidden, FIRST_FREE_FD)]
    covers = sorted({str(folder) for folder in closed.values() if folder is not None})
    commands = [*opened, "umask 022"]
    commands += [f"mount -t tmpfs -o mode=0755,size=1m none {quote(cover)}" for cover in covers]
    for fd, path in enumerate(hidden, FIRST_FREE_FD):
        target = quote(str(path))
        if path.is_dir():
            commands.append(f"mkdir -p {target}")
        else:
            commands.append(f"mkdir -p {quote(str(path.parent))}; touch {target}")
        commands.append(f"mount --no-canonicalize --bind /proc/self/fd/{fd} {target}")
        commands.append(f"exec {fd}<&-")
    return commands if hidden else []


def _first_closed_folder(path: Path) -> Path | None:
    """Return the outermost folder above a path that others may not enter."""
    for folder in reversed(path.parents):
        if not folder.stat().st_mode & 0o001:
            return folder
    return None


def salt_for_inside(salt: str) -> str:
    """Return what hidden tests draw their inputs from; the salt itself stays outside."""
    return hashlib.sha256(f"{salt}/inside".encode()).hexdigest()


def unsealed_command(
    settings: Sandbox, module: list[str], env: dict[str, str], folder: Path
) -> tuple[list[str], dict[str, str]]:
    """Return command and environment of a kernel that is not sealed, for trusted code."""
    modules = folder / "modules"
    modules.mkdir()
    shutil.copy(CHECK_MODULE, modules / "grading.py")
    shutil.copytree(KERNEL_PACKAGE, modules / KERNEL_NAME)
    student = Path(settings.student_env)
    env = env | {
        "PATH": f"{student / 'bin'}:/usr/bin:/bin",
        "HOME": str(folder / "home"),
        "IPYTHONDIR": str(folder / "ipython"),
        "PYTHONPATH": str(modules),
    }
    return [str(student / "bin" / "python"), "-m", *module], env
