"""Install the course's hub on this Debian machine, as root; run it again to bring it up to date.

`python3 hub/install.py`, with the system's own Python and nothing else. What people have made
(sources, gradebook, submissions, settings) is kept; only the code is replaced.
"""

import argparse
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from hub import course_command, environment, layout, unit
from hub.settings import Settings

PROJECT = Path(__file__).resolve().parent.parent
ONE_ORIGIN = (
    "While subdomain_host is not set there, graders must not open links to students' servers: what "
    "such a server shows can act in their name. See hub/README.md, Subdomains."
)
PACKAGES = {
    **{"bwrap": "bubblewrap", "prlimit": "util-linux", "runuser": "util-linux"},
    **{"make": "make", "cron": "cron"},
}


@dataclass(frozen=True)
class Places:
    """Where an installation puts its parts."""

    opt: Path
    srv: Path
    etc: Path
    systemd: Path
    cron: Path

    @property
    def similar(self) -> Path:
        """Return where the environment is that compares work, if it was ever asked for."""
        return self.opt / "similar"

    @property
    def command(self) -> Path:
        """Return the file that runs the course's commands."""
        return self.opt / "course"


def install(
    places: Places, settings: Settings, update_course: bool = False, similar: bool = False
) -> None:
    """Bring packages, accounts, environments, folders and services into place."""
    _refuse_a_closed_python()
    _install_packages()
    _make_accounts(settings, places.srv)
    layout.lay_out(PROJECT, places.opt, places.srv, settings)
    _build_environments(places)
    if similar or places.similar.exists():
        _build_similar(places)
    course_command.write(places.command, settings)
    places.etc.mkdir(parents=True, exist_ok=True)
    file = places.etc / "hub.toml"
    if not file.exists():
        settings.write(file)
    _prepare_course(places, settings, update_course)
    unit.write(places.systemd, places.cron, file, settings)


def _refuse_a_closed_python() -> None:
    """Stop when other users could not run the Python that environments would be made from."""
    python = Path(sys.executable).resolve()
    closed = [folder for folder in python.parents if not folder.stat().st_mode & 0o001]
    if closed:
        sys.exit(f"Other users cannot reach {python}: run this with /usr/bin/python3.")


def _install_packages() -> None:
    missing = {package for program, package in PACKAGES.items() if not shutil.which(program)}
    if subprocess.run([sys.executable, "-c", "import ensurepip"], capture_output=True).returncode:
        missing.add("python3-venv")
    if missing:
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], check=True, env=quiet)
        bring = ["apt-get", "install", "-y", "-qq", "--no-install-recommends"]  # cron's: a mailer
        subprocess.run([*bring, *sorted(missing)], check=True, env=quiet)


def _make_accounts(settings: Settings, srv: Path) -> None:
    """Make the groups and the grader's account, which nobody can log in to."""
    for group in (settings.tas, settings.students):
        subprocess.run(["groupadd", "--force", group], check=True)
    known = subprocess.run(["id", settings.grader], capture_output=True).returncode == 0
    if not known:
        home = ("--create-home", "--home-dir", str(srv / "grader"), "--key", "HOME_MODE=0700")
        shell = ("--shell", "/usr/sbin/nologin")
        srv.mkdir(parents=True, exist_ok=True)
        command = ["useradd", "--user-group", *home, *shell, settings.grader]
        subprocess.run(command, check=True)


def _build_environments(places: Places) -> None:
    """Build the hub's environment, then the students', which only holds what a kernel needs."""
    kernel = places.opt / "kernel"
    shared = places.opt / "code" / "hub" / "shared"
    environment.build(places.opt / "hub", kernel / "bin" / "python", shared)
    if not (kernel / "bin" / "python").exists():
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", kernel], check=True)
    lock = environment.LOCKS / "student.lock"
    environment.install_packages(places.opt / "hub", kernel / "bin" / "python", lock)
    fonts = os.environ | {"MPLCONFIGDIR": str(kernel / "matplotlib")}
    make_list = [str(kernel / "bin" / "python"), "-c", "import matplotlib.font_manager"]
    subprocess.run(make_list, check=True, env=fonts)
    _let_all_read(places.opt)


def _build_similar(places: Places) -> None:
    """Build the environment that compares work, which is nobody's but the comparison's."""
    python = places.similar / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", places.similar], check=True)
    environment.install_packages(places.opt / "hub", python, environment.LOCKS / "similar.lock")
    _let_all_read(places.similar)


def _let_all_read(folder: Path) -> None:
    subprocess.run(["chmod", "-R", "go+rX", str(folder)], check=True)


def _prepare_course(places: Places, settings: Settings, update_course: bool) -> None:
    """Make the notebooks from their texts, as the grader; show, or bring in, what is newer."""
    programs = places.opt / "hub" / "bin"
    as_grader = [
        *("runuser", "-u", settings.grader, "--", "env", f"PYTHONPATH={settings.grading}"),
        *(f"PATH={programs}:/usr/bin:/bin", str(programs / "python"), "-m"),
    ]
    source = ["grading.pipeline", "source", "--root", settings.course]
    silent = subprocess.DEVNULL
    subprocess.run([*as_grader, *source], check=True, cwd=settings.course, stdout=silent)
    newer = f"{settings.grading}/{layout.UPSTREAM}"
    update = ["grading.pipeline.update", "--from", newer, "--root", settings.course]
    print("What is newer in notebooks and configuration than in the course:", flush=True)
    subprocess.run(
        [*as_grader, *update, *(["--apply"] if update_course else [])], cwd=settings.course
    )


def main() -> None:
    """Install into the places named on the command line, or the usual ones."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--opt", type=Path, default=Path("/opt/tinytorch"))
    parser.add_argument("--srv", type=Path, default=Path("/srv/tinytorch"))
    parser.add_argument("--etc", type=Path, default=Path("/etc/tinytorch"))
    parser.add_argument("--systemd", type=Path, default=Path("/etc/systemd/system"))
    parser.add_argument("--cron", type=Path, default=Path("/etc/cron.daily"))
    parser.add_argument("--grader", default="grader-tinytorch")
    parser.add_argument("--tas", default="tinytorch-tas")
    parser.add_argument("--students", default="tinytorch-students")
    parser.add_argument("--address", default="http://127.0.0.1:8000")
    parser.add_argument(
        "--update-course", action="store_true", help="bring newer notebooks and tests in"
    )
    parser.add_argument(
        "--similar", action="store_true", help="fetch what looks for similar work, too"
    )
    arguments = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("Installing for everybody needs root. To try the hub as yourself: make hub")
    settings = Settings(
        course_id="tinytorch",
        code=str(arguments.opt / "code"),
        grading=str(arguments.srv / "code"),
        course=str(arguments.srv / "course"),
        exchange=str(arguments.srv / "exchange"),
        environment=str(arguments.opt / "hub"),
        state=str(arguments.srv / "hub"),
        grader=arguments.grader,
        tas=arguments.tas,
        students=arguments.students,
        address=arguments.address,
    )
    install(
        Places(arguments.opt, arguments.srv, arguments.etc, arguments.systemd, arguments.cron),
        settings,
        arguments.update_course,
        arguments.similar,
    )
    file = arguments.etc / "hub.toml"
    print(f"Installed. Settings: {file}; accounts and all else: docs/guides/operator.md.")
    print(ONE_ORIGIN)


if __name__ == "__main__":
    main()
