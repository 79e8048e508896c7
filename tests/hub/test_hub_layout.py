"""Folders of an installation: whose each is, who may enter, what is kept when it is run again."""

import os
import pwd
import shutil
import stat
from pathlib import Path

import pytest
from installed import COURSE, ME, settings_below

from hub import layout
from hub.settings import Settings

GRADER = 12345
PROJECT_FILES = (
    "hub/common.py",
    "hub/__pycache__/common.pyc",
    "environment/hub.lock",
    "grading/course.py",
    "datasets/digits.py",
    "sample_class/students.py",
    "tinytorch_ref/tensor.py",
    "source/01_setup/01_setup.py",
    "source/01_setup/01_setup.ipynb",
    "nbgrader_config.py",
    "Makefile",
    "jupytext.toml",
    "salt.txt",
    "gradebook.db",
)


class Laid:
    """An installation below a temporary folder; owners are noted instead of changed."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.project, self.opt, self.srv = (folder / n for n in ("project", "opt", "srv"))
        self.settings: Settings = settings_below(folder)
        self.owners: dict[str, tuple[int, int]] = {}
        for name in PROJECT_FILES:
            file = self.project / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"the project's {name}")
        me = pwd.getpwuid(os.getuid())
        grader = pwd.struct_passwd((ME, "x", GRADER, GRADER + 1, "", me.pw_dir, ""))
        monkeypatch.setattr(layout.pwd, "getpwnam", {ME: grader}.__getitem__)
        monkeypatch.setattr(os, "chown", self._note)

    def _note(self, path: str | Path, user: int, group: int, **options: bool) -> None:
        assert options.get("follow_symlinks", True) is False or not Path(path).is_symlink()
        self.owners[str(Path(path).relative_to(self.srv))] = (user, group)

    def lay_out(self) -> None:
        layout.lay_out(self.project, self.opt, self.srv, self.settings)

    def mode(self, name: str) -> int:
        return stat.S_IMODE((self.srv / name).stat().st_mode)


@pytest.fixture
def laid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Laid:
    return Laid(tmp_path, monkeypatch)


def files_below(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize(
    ("folder", "mode"),
    [
        ("", 0o755),
        ("course", 0o700),
        ("code", 0o750),
        ("hub", 0o700),
        ("backups", 0o700),
        ("exchange", 0o1777),
        (f"exchange/{COURSE}", 0o755),
        (f"exchange/{COURSE}/inbound", 0o1733),
        (f"exchange/{COURSE}/outbound", 0o755),
        (f"exchange/{COURSE}/feedback", 0o711),
    ],
)
def test_who_may_enter_each_folder(laid: Laid, folder: str, mode: int) -> None:
    laid.lay_out()
    assert oct(laid.mode(folder)) == oct(mode)
    (laid.srv / folder).chmod(0o777)
    laid.lay_out()
    assert oct(laid.mode(folder)) == oct(mode)


def test_the_course_is_the_graders_and_its_code_is_roots(laid: Laid) -> None:
    laid.lay_out()
    for name in ("course", "course/salt.txt", "course/source/01_setup/01_setup.py"):
        assert laid.owners[name] == (GRADER, GRADER + 1), name
    for name in ("code", "code/grading/course.py", "code/tinytorch_ref/tensor.py"):
        assert laid.owners[name] == (0, GRADER + 1), name
    for name in ("", "/inbound", "/outbound", "/feedback"):
        assert laid.owners[f"exchange/{COURSE}{name}"] == (GRADER, GRADER + 1), name
    assert "exchange" not in laid.owners


def test_what_everybody_can_read_has_neither_solutions_nor_grading(laid: Laid) -> None:
    laid.lay_out()
    assert files_below(laid.opt / "code") == {"hub/common.py", "environment/hub.lock"}


def test_the_grader_has_grading_and_the_reference(laid: Laid) -> None:
    laid.lay_out()
    names = {name.split("/")[0] for name in files_below(laid.srv / "code")}
    assert names == {
        *("grading", "datasets", "tinytorch_ref", "environment", "upstream", "Makefile")
    }
    assert (laid.srv / "code" / ".venv-student").readlink() == laid.opt / "kernel"
    assert (laid.srv / "code" / ".venv-similar").readlink() == laid.opt / "similar"


def test_private_code_is_never_open_to_others_not_even_while_it_is_copied(
    laid: Laid, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, int] = {}
    copytree, copy = shutil.copytree, shutil.copy

    def note(target: Path) -> None:
        below = target.relative_to(laid.srv).parts[0]
        seen[below] = seen.get(below, 0) | laid.mode(below) & 0o077

    def copytree_and_look(source: Path, target: Path, **options: object) -> Path:
        copied: Path = copytree(source, target, **options)  # type: ignore[arg-type]
        if target.is_relative_to(laid.srv):
            note(target)
        return copied

    def copy_and_look(source: Path, target: Path) -> Path:
        note(target.parent)
        return copy(source, target)

    monkeypatch.setattr(shutil, "copytree", copytree_and_look)
    monkeypatch.setattr(shutil, "copy", copy_and_look)
    old = os.umask(0)
    try:
        laid.lay_out()
    finally:
        os.umask(old)
    assert seen == {"code.new": 0, "code": 0, "course": 0}


def test_the_exchange_opens_when_the_course_is_in_it(
    laid: Laid, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    chmod = Path.chmod

    def note(path: Path, mode: int) -> None:
        order.append(path.name)
        chmod(path, mode)

    monkeypatch.setattr(Path, "chmod", note)
    laid.lay_out()
    assert order.index("exchange") > order.index("inbound")


def test_run_again_it_replaces_the_code(laid: Laid) -> None:
    laid.lay_out()
    (laid.project / "grading" / "course.py").write_text("newer")
    (laid.srv / "code" / "grading" / "gone.py").touch()
    laid.lay_out()
    assert (laid.srv / "code" / "grading" / "course.py").read_text() == "newer"
    assert not (laid.srv / "code" / "grading" / "gone.py").exists()
    assert {p.name for p in laid.srv.iterdir()} == {"backups", "code", "course", "exchange", "hub"}


def test_run_again_it_clears_what_was_interrupted(laid: Laid) -> None:
    laid.lay_out()
    for left in ("code.new", "code.old"):
        (laid.srv / left / "grading").mkdir(parents=True)
        (laid.srv / left / "grading" / "half.py").touch()
    laid.lay_out()
    assert not (laid.srv / "code" / "grading" / "half.py").exists()
    assert not [left for left in ("code.new", "code.old") if (laid.srv / left).exists()]


@pytest.mark.parametrize(
    "name",
    [
        "course/source/01_setup/01_setup.py",
        "course/nbgrader_config.py",
        "course/jupytext.toml",
        "course/salt.txt",
        "course/gradebook.db",
        "course/submitted/student-01/01_setup/01_setup.ipynb",
        f"exchange/{COURSE}/inbound/student-01+01_setup+now+x/01_setup.ipynb",
        "hub/jupyterhub.sqlite",
        "hub/cookie_secret",
        "backups/tinytorch-20260101-000000.tar.gz",
    ],
)
def test_run_again_it_keeps_what_people_have_made(laid: Laid, name: str) -> None:
    laid.lay_out()
    file = laid.srv / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("made by somebody")
    laid.lay_out()
    assert file.read_text() == "made by somebody"


def test_run_again_it_adds_the_assignments_that_are_new(laid: Laid) -> None:
    laid.lay_out()
    (laid.project / "source" / "02_tensor").mkdir()
    (laid.project / "source" / "02_tensor" / "02_tensor.py").touch()
    laid.lay_out()
    assert (laid.srv / "course" / "source" / "02_tensor" / "02_tensor.py").exists()


def test_an_assignment_that_was_removed_does_not_come_back(laid: Laid) -> None:
    laid.lay_out()
    shutil.rmtree(laid.srv / "course" / "source" / "01_setup")
    laid.lay_out()
    assert not (laid.srv / "course" / "source" / "01_setup").exists()


def test_a_newer_notebook_waits_in_the_graders_code(laid: Laid) -> None:
    laid.lay_out()
    (laid.project / "source/01_setup/01_setup.py").write_text("newer")
    laid.lay_out()
    waits = laid.srv / "code" / layout.UPSTREAM / "source/01_setup/01_setup.py"
    assert waits.read_text() == "newer"
    began = laid.srv / "course" / ".upstream" / "base" / "source/01_setup/01_setup.py"
    assert began.read_text() == "the project's source/01_setup/01_setup.py"


def test_of_a_course_that_was_there_before_it_is_not_claimed_where_it_began(laid: Laid) -> None:
    laid.lay_out()
    shutil.rmtree(laid.srv / "course" / ".upstream")
    laid.lay_out()
    assert not (laid.srv / "course" / ".upstream").exists()


def test_the_course_begins_with_sources_configuration_and_salt_alone(laid: Laid) -> None:
    laid.lay_out()
    assert files_below(laid.srv / "course") == {
        "source/01_setup/01_setup.py",
        "nbgrader_config.py",
        "jupytext.toml",
        "salt.txt",
        ".upstream/base/source/01_setup/01_setup.py",
        ".upstream/base/nbgrader_config.py",
        ".upstream/base/jupytext.toml",
    }


def test_each_installation_draws_a_salt_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    salts = []
    for name in ("here", "there"):
        laid = Laid(tmp_path / name, monkeypatch)
        laid.lay_out()
        salts.append((laid.srv / "course" / "salt.txt").read_text().strip())
    assert len(set(salts)) == 2
    assert all(len(bytes.fromhex(salt)) >= 16 for salt in salts)


def test_a_link_is_given_to_the_grader_and_not_what_it_leads_to(laid: Laid) -> None:
    laid.lay_out()
    (laid.srv / "course" / "link").symlink_to("/etc/passwd")
    laid.lay_out()
    assert laid.owners["course/link"] == (GRADER, GRADER + 1)
