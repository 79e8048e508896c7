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

CHECK_MODULE = Path(__file__).resolve().parents[1] / "inside" / "check.py"
HOME = "/home/student"
CONNECTION_FILE = "/run/connection.json"
SOCKETS = "/run/kernel"
NOBODY = "65534"
FIRST_FREE_FD = 3
FIRST_PASSED_FD = 20
FREE_USER_IDS = range(2_000_000_000, 2_000_100_000)
ADDRESS_SPACE_OF_LIBRARIES = 1024  # megabytes that libraries and threads reserve, not use
# Modules beside the notebook are found last, and not before the kernel is up.
KERNEL_OPTIONS = (
    "--HistoryManager.hist_file=:memory:",
    "--InteractiveShellApp.exec_lines=import sys",
    "--InteractiveShellApp.exec_lines=sys.path.append('')",
    "--InteractiveShellApp.exec_lines=del sys",
)
# What bubblewrap's own processes are started with; student code can read it.
OUTSIDE = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
BLAS_SETTINGS = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


class Channels(NamedTuple):
    """The descriptors that the sandbox is started with."""

    clock: int
    info: int
    arguments: int
    filter: int


class SandboxError(RuntimeError):
    """The sandbox cannot be set up; the message says what to install or change."""


def environment(clock_fd: int, salt: str, tuning: dict[str, str]) -> dict[str, str]:
    """Return every environment variable that exists inside."""
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
        "CHECK_CLOCK_FD": str(clock_fd),
        "CHECK_SALT": salt,
        "CHECK_DATA": "/inside/data",
        **tuning,
    }


def kernel_command(settings: Sandbox) -> list[str]:
    """Return what runs inside: limits, a scratch copy of the files, the kernel."""
    mb = 1024 * 1024
    limits = [
        f"--nproc={settings.processes}",
        f"--as={(settings.memory_mb * 2 + ADDRESS_SPACE_OF_LIBRARIES) * mb}",
        f"--fsize={settings.file_mb * mb}",
        f"--cpu={int(settings.cpu_seconds) + 5}",
        "--nofile=256",
        "--core=0",
    ]
    copy = (
        "mkdir -p .cache && cp -r /env/matplotlib .cache/; "
        "cp -r /submission/. /handout/. .; chmod -R u+w . ; "
        'exec "$@" 2>/dev/null'
    )
    kernel = ["python", "-m", "ipykernel_launcher", "-f", CONNECTION_FILE]
    return ["prlimit", *limits, "sh", "-c", copy, "sh", *kernel, *KERNEL_OPTIONS]


def sealed_command(
    settings: Sandbox,
    submission: Path,
    handout: Path,
    data: Path,
    connection: Path,
    channels: Channels,
    env: dict[str, str],
) -> tuple[list[str], bytes]:
    """Return the command line, from the outermost process to the kernel, and bwrap's arguments.

    The arguments are for the descriptor `channels.arguments`, not for the command line, which
    student code can read.
    """
    bwrap = find_bubblewrap()
    python = base_prefix(settings)
    readable = [
        python,
        Path(settings.student_env),
        CHECK_MODULE,
        submission,
        handout,
        data,
        connection,
    ]
    view = [
        *("--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent"),
        *("--new-session", "--clearenv", "--uid", NOBODY, "--gid", NOBODY),
        *("--hostname", "sandbox", "--info-fd", str(channels.info)),
        *("--seccomp", str(channels.filter)),
        *system_mounts(),
        *(() if python.is_relative_to("/usr") else ro_bind(python, str(python))),
        *ro_bind(Path(settings.student_env), "/env"),
        *_tmpfs("/tmp", settings.scratch_mb // 4),
        *_tmpfs(HOME, settings.scratch_mb),
        *_tmpfs("/run", 1),
        *ro_bind(CHECK_MODULE, "/inside/grading.py"),
        *ro_bind(data, "/inside/data"),
        *ro_bind(submission, "/submission"),
        *ro_bind(handout, "/handout"),
        *ro_bind(connection, CONNECTION_FILE),
        *("--proc", "/proc", "--dev", "/dev", *_tmpfs("/dev/shm", 16)),
        *("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", HOME),
        *(part for name, value in env.items() for part in ("--setenv", name, value)),
    ]
    inner = [bwrap, "--args", str(channels.arguments), *kernel_command(settings)]
    command = [*_become_nobody(readable), *inner] if os.geteuid() == 0 else inner
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


def _tmpfs(target: str, megabytes: int) -> list[str]:
    return ["--size", str(megabytes * 1024 * 1024), "--tmpfs", target]


def _become_nobody(readable: Iterable[Path]) -> list[str]:
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
    settings: Sandbox,
    paths: tuple[Path, Path, Path],
    connection: Path,
    env: dict[str, str],
    scratch: Path,
) -> tuple[list[str], dict[str, str], Path]:
    """Return command, environment and folder of a kernel that is not sealed, for trusted code."""
    submission, handout, data = paths
    for source in (submission, handout):
        shutil.copytree(source, scratch, dirs_exist_ok=True)
    fonts = Path(settings.student_env) / "matplotlib"
    if fonts.is_dir():
        shutil.copytree(fonts, scratch / ".cache" / "matplotlib", dirs_exist_ok=True)
    inside = scratch.with_name("inside")
    inside.mkdir()
    shutil.copy(CHECK_MODULE, inside / "grading.py")
    student = Path(settings.student_env)
    env = env | {
        "PATH": f"{student / 'bin'}:/usr/bin:/bin",
        "HOME": str(scratch),
        "IPYTHONDIR": str(inside / "ipython"),
        "PYTHONPATH": str(inside),
        "CHECK_DATA": str(data),
    }
    python = str(student / "bin" / "python")
    kernel = [python, "-m", "ipykernel_launcher", "-f", str(connection)]
    return [*kernel, *KERNEL_OPTIONS], env, scratch
