"""The installer: what it runs, as whom, and what it leaves alone when it is run again."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from installed import settings_below

from hub import environment, install, layout, unit
from hub.install import Places
from hub.settings import load

WITHOUT_ACCOUNT = "id"


class Machine:
    """A machine on which commands are noted instead of run."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.places = Places(*(folder / n for n in ("opt", "srv", "etc", "systemd", "cron")))
        self.settings = settings_below(folder, grader="the-grader", tas="tas", students="learners")
        self.ran: list[list[str]] = []
        self.options: list[dict[str, object]] = []
        self.fails: set[str] = set()
        self.laid: list[object] = []
        monkeypatch.setattr(subprocess, "run", self._run)
        monkeypatch.setattr(layout, "lay_out", lambda *places: self.laid.append(places))
        self.places.opt.mkdir()
        monkeypatch.setattr(environment, "build", lambda *places: self.laid.append(places))
        monkeypatch.setattr(install, "_refuse_a_closed_python", lambda: None)
        monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")

    def _run(self, command: Sequence[str | Path], **options: object) -> SimpleNamespace:
        self.ran.append([str(part) for part in command])
        self.options.append(options)
        failed = Path(self.ran[-1][0]).name in self.fails
        if failed and options.get("check"):
            raise subprocess.CalledProcessError(1, self.ran[-1])
        return SimpleNamespace(returncode=int(failed))

    def install(self) -> None:
        self.ran.clear()
        self.options.clear()
        install.install(self.places, self.settings)

    def commands(self, program: str) -> list[list[str]]:
        return [command for command in self.ran if Path(command[0]).name == program]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def test_both_groups_are_made_and_may_be_there_already(machine: Machine) -> None:
    machine.install()
    assert machine.commands("groupadd") == [
        ["groupadd", "--force", "tas"],
        ["groupadd", "--force", "learners"],
    ]


def test_the_graders_account_is_made_closed_and_nobody_can_log_in_to_it(machine: Machine) -> None:
    machine.fails = {WITHOUT_ACCOUNT}
    machine.install()
    [command] = machine.commands("useradd")
    assert command[command.index("--shell") + 1] == "/usr/sbin/nologin"
    assert command[command.index("--home-dir") + 1] == str(machine.places.srv / "grader")
    assert command[command.index("--key") + 1] == "HOME_MODE=0700"
    assert "--user-group" in command
    assert command[-1] == "the-grader"
    assert not machine.commands("passwd") + machine.commands("chpasswd")


def test_run_again_it_makes_no_account(machine: Machine) -> None:
    machine.install()
    assert machine.commands("useradd") == []


def test_run_again_it_keeps_the_settings(machine: Machine) -> None:
    machine.install()
    file = machine.places.etc / "hub.toml"
    assert load(str(file)) == machine.settings
    replace(machine.settings, idle_minutes=5).write(file)
    machine.install()
    assert load(str(file)).idle_minutes == 5


def test_notebooks_are_made_as_the_grader(machine: Machine) -> None:
    machine.install()
    for command in machine.commands("runuser"):
        assert command[:5] == ["runuser", "-u", "the-grader", "--", "env"]
        assert f"PYTHONPATH={machine.settings.grading}" in command
        assert command[-2:] == ["--root", machine.settings.course]
    assert "source" in machine.commands("runuser")[0]


def test_newer_notebooks_are_shown_and_brought_in_only_when_asked_for(machine: Machine) -> None:
    machine.install()
    shown = machine.commands("runuser")[-1]
    newer = f"{machine.settings.grading}/{layout.UPSTREAM}"
    assert shown[-5:-2] == ["grading.pipeline.update", "--from", newer]
    machine.ran.clear()
    install.install(machine.places, machine.settings, update_course=True)
    assert machine.commands("runuser")[-1] == [*shown, "--apply"]


def test_environments_are_readable_and_the_kernel_has_the_students_packages(
    machine: Machine,
) -> None:
    machine.install()
    opt = machine.places.opt
    [chmod] = machine.commands("chmod")
    assert chmod == ["chmod", "-R", "go+rX", str(opt)]
    [packages] = machine.commands("uv")
    assert packages[-1].endswith("student.lock")
    assert packages[packages.index("--python") + 1] == str(opt / "kernel" / "bin" / "python")
    built = (opt / "hub", opt / "kernel" / "bin" / "python", opt / "code" / "hub" / "shared")
    assert machine.laid[1] == built


def test_what_compares_work_is_fetched_only_when_asked_for_and_kept_up_to_date_after(
    machine: Machine,
) -> None:
    similar = machine.places.similar
    machine.install()
    assert not any(str(similar) in part for command in machine.ran for part in command)
    install.install(machine.places, machine.settings, similar=True)
    fetched = machine.commands("uv")[-1]
    assert fetched[-1].endswith("similar.lock")
    assert fetched[fetched.index("--python") + 1] == str(similar / "bin" / "python")
    assert ["chmod", "-R", "go+rX", str(similar)] in machine.ran
    similar.mkdir()
    machine.install()
    assert machine.commands("uv")[-1] == fetched


def test_the_code_is_laid_out_from_this_project(machine: Machine) -> None:
    machine.install()
    places = machine.places
    assert machine.laid[0] == (install.PROJECT, places.opt, places.srv, machine.settings)


def test_what_the_system_lacks_is_installed_and_nothing_else(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.install()
    assert machine.commands("apt-get") == []
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "bwrap" else name)
    machine.install()
    assert machine.commands("apt-get")[-1][-1] == "bubblewrap"
    assert "util-linux" not in machine.commands("apt-get")[-1]
    assert "--no-install-recommends" in machine.commands("apt-get")[-1]


def test_the_courses_commands_are_written_for_root(machine: Machine) -> None:
    machine.install()
    command = machine.places.command
    assert command.stat().st_mode & 0o777 == 0o755
    assert "runuser -u the-grader " in command.read_text()


@pytest.mark.parametrize("fails", ["groupadd", "runuser", "uv", "chmod"])
def test_a_step_that_fails_stops_the_installation(machine: Machine, fails: str) -> None:
    machine.fails = {fails}
    with pytest.raises(subprocess.CalledProcessError):
        machine.install()


def test_a_python_that_others_cannot_run_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.touch()
    monkeypatch.setattr(sys, "executable", str(python))
    tmp_path.chmod(0o700)
    with pytest.raises(SystemExit, match="Other users cannot reach"):
        install._refuse_a_closed_python()


def test_a_python_that_others_can_run_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/usr/bin/env")
    install._refuse_a_closed_python()


def test_only_root_installs(monkeypatch: pytest.MonkeyPatch) -> None:
    installed: list[object] = []
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(install, "install", lambda *places: installed.append(places))
    monkeypatch.setattr(sys, "argv", ["install.py"])
    with pytest.raises(SystemExit, match="needs root"):
        install.main()
    assert installed == []


def test_the_usual_places_are_those_of_the_documents(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    installed: list[tuple] = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(install, "install", lambda *places: installed.append(places))
    monkeypatch.setattr(sys, "argv", ["install.py"])
    install.main()
    [(places, settings, *asked_for)] = installed
    assert asked_for == [False, False]
    assert str(places.command) == "/opt/tinytorch/course"
    assert (str(places.opt), str(places.srv)) == ("/opt/tinytorch", "/srv/tinytorch")
    assert str(places.etc) == "/etc/tinytorch"
    assert settings.grader == "grader-tinytorch"
    assert (settings.tas, settings.students) == ("tinytorch-tas", "tinytorch-students")
    assert (settings.course, settings.grading) == ("/srv/tinytorch/course", "/srv/tinytorch/code")
    assert settings.state == "/srv/tinytorch/hub"
    assert settings.code == "/opt/tinytorch/code"
    assert "must not open links to students' servers" in capsys.readouterr().out


@pytest.fixture
def written(machine: Machine) -> tuple[str, str, int]:
    """Return the unit, the daily job and the mode of the job."""
    machine.install()
    service = machine.places.systemd / "tinytorch-hub.service"
    daily = machine.places.cron / "tinytorch-hub-backup"
    return service.read_text(), daily.read_text(), daily.stat().st_mode & 0o777


def test_the_service_starts_the_hub_with_these_settings(
    written: tuple[str, str, int], machine: Machine
) -> None:
    service = written[0]
    settings = machine.settings
    program = f"{settings.environment}/bin/python -m jupyterhub"
    assert f"ExecStart={program} -f {settings.code}/hub/jupyterhub_config.py\n" in service
    assert f"HUB_SETTINGS={machine.places.etc / 'hub.toml'}\n" in service
    assert f"WorkingDirectory={settings.state}\n" in service


def test_the_service_as_a_whole_is_limited_and_ends_as_a_whole(
    written: tuple[str, str, int],
) -> None:
    assert "\nMemoryMax=90%\n" in written[0]
    assert "\nTasksMax=20000\n" in written[0]
    assert "\nOOMPolicy=continue\n" in written[0]
    assert "\nKillMode=control-group\n" in written[0]
    assert "\nRestart=on-failure\n" in written[0]


def test_every_night_there_is_a_backup(written: tuple[str, str, int], machine: Machine) -> None:
    _, daily, mode = written
    settings, file = machine.settings, machine.places.etc / "hub.toml"
    command = f"exec {settings.environment}/bin/python -m hub.backup --settings {file}\n"
    assert daily.startswith("#!/bin/sh\n")
    assert daily.endswith(f"PYTHONPATH={settings.code} {command}")
    assert mode == 0o755


def test_elsewhere_than_at_the_usual_place_no_service_is_started(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "is_dir", lambda path: True)
    machine.install()
    assert machine.commands("systemctl") == []


def test_where_systemd_runs_the_hub_is_started_again_with_the_new_code(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Path] = []
    monkeypatch.setattr(Path, "is_dir", lambda path: True)
    monkeypatch.setattr(Path, "mkdir", lambda path, **options: None)
    monkeypatch.setattr(Path, "write_text", lambda path, text: written.append(path))
    monkeypatch.setattr(Path, "chmod", lambda path, mode: None)
    unit.write(
        Path("/etc/systemd/system"), machine.places.cron, Path("/etc/x.toml"), machine.settings
    )
    assert [command[1] for command in machine.commands("systemctl")] == [
        "daemon-reload",
        "enable",
        "restart",
    ]
    assert Path("/etc/systemd/system/tinytorch-hub.service") in written
