"""Put the course's folders in place: who owns each, and who may enter."""

import os
import pwd
import secrets
import shutil
from pathlib import Path

from grading.course import upstream
from hub.settings import Settings

FOR_EVERYBODY = ("hub", "environment")
FOR_THE_GRADER = ("grading", "datasets", "tinytorch_ref", "environment")
UPSTREAM = "upstream"
"""In the grader's code: the course as this version of the project has it."""
NOT_COPIED = shutil.ignore_patterns("__pycache__", "*.ipynb", ".ipynb_checkpoints")


def lay_out(project: Path, opt: Path, srv: Path, settings: Settings) -> None:
    """Replace the code, add what the course lacks, make the exchange; keep what people made."""
    grader = pwd.getpwnam(settings.grader)
    srv.mkdir(parents=True, exist_ok=True)
    srv.chmod(0o755)
    opt.mkdir(parents=True, exist_ok=True)
    _replace_code(project, opt / "code", FOR_EVERYBODY, 0o755)
    code = srv / "code"
    _replace_code(project, code, FOR_THE_GRADER, 0o700)
    shutil.copy(project / "Makefile", code / "Makefile")
    for name, built in ((".venv-student", "kernel"), (".venv-similar", "similar")):
        (code / name).symlink_to(opt / built)
    upstream.write_files(code / UPSTREAM, upstream.course_files(project))
    _own(code, 0, grader.pw_gid, 0o750)
    _add_course(project, Path(settings.course), grader)
    _make_exchange(Path(settings.exchange), settings.course_id, grader)
    for private in (Path(settings.state), srv / "backups"):
        private.mkdir(0o700, parents=True, exist_ok=True)
        private.chmod(0o700)


def _replace_code(project: Path, target: Path, names: tuple[str, ...], mode: int) -> None:
    fresh, old = target.with_suffix(".new"), target.with_suffix(".old")
    for left in (fresh, old):
        shutil.rmtree(left, ignore_errors=True)
    fresh.mkdir(mode)  # before anything is in it
    for name in names:
        shutil.copytree(project / name, fresh / name, ignore=NOT_COPIED)
    if target.exists():
        target.rename(old)
    fresh.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _add_course(project: Path, course: Path, grader: pwd.struct_passwd) -> None:
    """Copy the sources and the configuration that were never there, and draw a salt.

    What is there stays as people made it: what is newer waits in the grader's code.
    """
    begins = not course.exists() or upstream.has_base(course)
    wanted, known = upstream.course_files(project), upstream.base_files(course)
    course.mkdir(0o700, parents=True, exist_ok=True)
    added = {}
    for name, text in wanted.items():
        target = course / name
        if not target.exists() and name not in known:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(project / name, target)
            added[name] = text
    if begins:
        upstream.keep_base(course, added)
    salt = course / "salt.txt"
    if not salt.exists():
        salt.write_text(secrets.token_hex(16) + "\n")
    _own(course, grader.pw_uid, grader.pw_gid, 0o700)


def _make_exchange(exchange: Path, course_id: str, grader: pwd.struct_passwd) -> None:
    """Make the exchange: anybody may hand in, nobody can see or move what others handed in."""
    modes = {"": 0o755, "inbound": 0o1733, "outbound": 0o755, "feedback": 0o711}
    exchange.mkdir(parents=True, exist_ok=True)
    for name, mode in modes.items():
        folder = exchange / course_id / name
        folder.mkdir(exist_ok=True)
        os.chown(folder, grader.pw_uid, grader.pw_gid)
        folder.chmod(mode)
    exchange.chmod(0o1777)  # last: until then nobody else can put anything in the way


def _own(folder: Path, user: int, group: int, mode: int) -> None:
    """Give a folder and all below it to an account; links are not followed."""
    folder.chmod(mode)
    for place, folders, files in os.walk(folder):
        os.chown(place, user, group)
        for name in (*folders, *files):
            os.chown(Path(place) / name, user, group, follow_symlinks=False)
