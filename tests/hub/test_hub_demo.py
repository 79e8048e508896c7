"""The demo: for an ordinary user, on this machine alone, with a password of its own."""

import os
import re
import signal
import subprocess
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import fake_jupyterhub
import pytest
from traitlets.config import Config

from hub import common, demo
from hub.demo import Demo, prepare

ETC = Path(demo.__file__).parent / "etc"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "hub"
    folder.mkdir()
    return folder


def test_its_folder_is_closed_to_other_accounts(state: Path) -> None:
    state.chmod(0o755)
    prepare(state)
    assert state.stat().st_mode & 0o077 == 0


def test_it_has_a_copy_of_the_course(state: Path) -> None:
    settings = prepare(state)
    copied = {path.parent.name for path in Path(settings.course).glob("source/*/*.py")}
    assert copied == {path.parent.name for path in demo.PROJECT.glob("source/*/*.py")}
    assert (Path(settings.course) / "nbgrader_config.py").exists()


def test_started_again_it_keeps_what_was_done(state: Path) -> None:
    settings = prepare(state)
    mine = sorted(Path(settings.course).glob("source/*/*.py"))[0]
    mine.write_text("changed")
    (Path(settings.exchange) / "handed-in").touch()
    prepare(state)
    assert mine.read_text() == "changed"
    assert (Path(settings.exchange) / "handed-in").exists()


def test_only_this_machine_can_reach_it_at_ports_of_its_own(state: Path) -> None:
    settings = prepare(state)
    assert urlsplit(settings.address).hostname == "127.0.0.1"
    ports = {urlsplit(settings.address).port, settings.hub_port}
    assert len(ports | {settings.proxy_port, settings.service_port, settings.check_port}) == 5


class Started:
    """A hub that is not started; the way in which it would be is noted."""

    pid = 1

    def __init__(self, command: list[str], **options: Any) -> None:
        self.command, self.options = command, options


@pytest.fixture
def starting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "Popen", Started)


def test_a_password_is_drawn_at_each_start(state: Path, starting: None) -> None:
    settings = prepare(state)
    passwords = [Demo(settings).password for _ in range(2)]
    assert len(set(passwords)) == 2
    for password in passwords:
        assert re.fullmatch("[a-z2-9]{4}(-[a-z2-9]{4}){2}", password)
    assert all(password not in (state / "hub.toml").read_text() for password in passwords)


def test_the_hub_is_told_the_password_and_where_the_settings_are(
    state: Path, starting: None
) -> None:
    started = Demo(prepare(state))
    env = started.process.options["env"]
    assert env["HUB_DEMO_PASSWORD"] == started.password
    assert Path(env["HUB_DEMO_RUNTIME"]).stat().st_mode & 0o077 == 0
    assert env["HUB_SETTINGS"] == str(state / "hub.toml")
    assert started.password not in " ".join(started.process.command)


def test_root_is_told_to_install_a_server(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(demo, "_run", lambda settings: pytest.fail("it was started"))
    assert demo.main() == 1
    assert "hub/README.md" in capsys.readouterr().out


def test_it_runs_once_at_a_time(
    state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(signal, "signal", lambda number, handler: None)
    monkeypatch.setattr(demo, "STATE", state)
    started: list[object] = []

    def start_another(settings: object) -> int:
        started.append(settings)
        return demo.main() if len(started) == 1 else 0

    monkeypatch.setattr(demo, "_run", start_another)
    assert demo.main() == 1
    assert len(started) == 1
    assert "running already" in capsys.readouterr().out


class Halted:
    """A demo whose hub does what a test wants of it, and that notes whether it was stopped."""

    def __init__(self, error: type[BaseException] | None) -> None:
        self.error, self.stopped, self.password = error, False, "the-password"
        self.process = SimpleNamespace(wait=lambda: 0)

    def wait_until_up(self) -> None:
        if self.error is not None:
            raise self.error("what went wrong")

    def stop(self) -> None:
        self.stopped = True


@pytest.mark.parametrize(("error", "code"), [(None, 0), (RuntimeError, 1), (KeyboardInterrupt, 0)])
def test_whatever_ends_it_everything_is_stopped(
    state: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: type[BaseException] | None,
    code: int,
) -> None:
    settings, halted = prepare(state), Halted(error)
    monkeypatch.setattr(demo, "Demo", lambda settings: halted)
    monkeypatch.setattr(demo, "prepare_source", lambda course: None)
    assert demo._run(settings) == code
    assert halted.stopped
    printed = capsys.readouterr().out
    assert (settings.address in printed and "the-password" in printed) is (error is None)


@pytest.fixture
def c(state: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the configuration of the demo's hub."""
    prepare(state)
    monkeypatch.setattr(common, "proxy_command", lambda environment: ["proxy"])
    monkeypatch.setenv("HUB_SETTINGS", str(state / "hub.toml"))
    monkeypatch.setenv("HUB_DEMO_PASSWORD", "the-password")
    monkeypatch.setenv("HUB_DEMO_RUNTIME", "/tmp/hub-x")
    return fake_jupyterhub.configuration((ETC.parent / "demo_config.py").read_text())


def test_one_account_teaches_and_three_are_students(c: Any) -> None:
    students = ["student-01", "student-02", "student-03"]
    assert c.JupyterHub.load_groups == {
        "nbgrader-tinytorch": {"users": students},
        "formgrade-tinytorch": {"users": ["ta"]},
    }
    assert c.Authenticator.allowed_users == {"ta", *students}
    assert c.DummyAuthenticator.password == "the-password"


def test_accounts_have_homes_of_their_own_and_students_submit_as_themselves(
    c: Any, state: Path
) -> None:
    assert c.SimpleLocalProcessSpawner.home_dir_template == f"{state}/homes/{{username}}"
    who, runtime = (
        c.Spawner.environment[name] for name in ("COURSE_DEMO_STUDENT", "JUPYTER_RUNTIME_DIR")
    )
    spawner = SimpleNamespace(user=SimpleNamespace(name="student-02"))
    assert (who(spawner), runtime(spawner)) == ("student-02", "/tmp/hub-x/student-02")
    assert c.JupyterHub.services[0]["environment"]["JUPYTER_RUNTIME_DIR"] == "/tmp/hub-x/grader"
    assert "/demo:" in c.Spawner.environment["JUPYTER_CONFIG_PATH"]
    assert c.JupyterHub.services[0]["environment"]["HOME"] == f"{state}/homes/ta"


def test_there_the_name_tells_whose_a_submission_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_DEMO_STUDENT", "student-03")
    c = Config()
    exec((ETC / "demo" / "nbgrader_config.py").read_text(), {"get_config": lambda: c})
    assert c.ExchangeCollect.check_owner is False
    assert c.CourseDirectory.student_id == "student-03"


class Stubborn:
    """A process that does not end when it is asked to."""

    pid, killed, terminated = 1, False, False

    def poll(self) -> None:
        return None

    def terminate(self) -> None:
        self.terminated = True

    def wait(self, seconds: float) -> None:
        raise subprocess.TimeoutExpired("hub", seconds)

    def kill(self) -> None:
        self.killed = True


def test_the_hub_and_what_it_has_started_end_also_when_they_do_not_want_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hub, server = Stubborn(), Stubborn()
    tree = SimpleNamespace(children=lambda recursive: [server] if recursive else [])
    monkeypatch.setattr(
        demo,
        "psutil",
        SimpleNamespace(Process=lambda pid: tree, wait_procs=lambda left, timeout: ([], left)),
    )
    running = object.__new__(Demo)
    running.process, running.runtime = hub, tempfile.TemporaryDirectory()
    running.stop()
    assert not Path(running.runtime.name).exists()
    assert hub.terminated
    assert hub.killed
    assert server.killed
