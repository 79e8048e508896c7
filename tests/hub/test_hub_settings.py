"""Settings are written and read back, whatever is in them."""

import os
import tomllib
from dataclasses import asdict, fields, replace
from pathlib import Path

import pytest
from installed import settings_below

from hub import settings as module
from hub.settings import Settings, load

SETTINGS = settings_below(Path("/place"))


def test_settings_are_read_back(tmp_path: Path) -> None:
    others = {
        field.name: 7 if isinstance(getattr(SETTINGS, field.name), int) else f"a {field.name}"
        for field in fields(Settings)
    }
    file = tmp_path / "hub.toml"
    for settings in (SETTINGS, Settings(**others)):
        settings.write(file)
        assert load(str(file)) == settings


@pytest.mark.parametrize("text", ["", '"', "\\", '\\"', "\\\\n", 'C:\\new "x"', "# é", "a = 'b'"])
def test_whatever_is_written_in_a_setting_is_read_back(tmp_path: Path, text: str) -> None:
    file = tmp_path / "hub.toml"
    settings = replace(SETTINGS, course=text, tas=text)
    settings.write(file)
    assert load(str(file)) == settings


def test_the_file_is_the_one_that_is_named_or_the_environments_or_the_usual(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in ("named", "of-the-environment", "usual"):
        replace(SETTINGS, course_id=place).write(tmp_path / place)
    monkeypatch.setattr(module, "DEFAULT_FILE", str(tmp_path / "usual"))
    monkeypatch.delenv("HUB_SETTINGS", raising=False)
    assert load().course_id == "usual"
    monkeypatch.setenv("HUB_SETTINGS", str(tmp_path / "of-the-environment"))
    assert load().course_id == "of-the-environment"
    assert load(str(tmp_path / "named")).course_id == "named"


def test_a_setting_that_is_unknown_is_not_ignored(tmp_path: Path) -> None:
    file = tmp_path / "hub.toml"
    SETTINGS.write(file)
    file.write_text(file.read_text() + "idle_minuets = 5\n")
    with pytest.raises(TypeError, match="idle_minuets"):
        load(str(file))


def test_the_file_names_every_setting_and_no_secret(tmp_path: Path) -> None:
    file = tmp_path / "hub.toml"
    SETTINGS.write(file)
    named = tomllib.loads(file.read_text())
    assert named.keys() == asdict(SETTINGS).keys()
    assert not [name for name in named if "secret" in name or "token" in name or "salt" in name]


def test_the_usual_settings_let_only_this_machine_in() -> None:
    assert SETTINGS.address == "http://127.0.0.1:8000"
    assert module.DEFAULT_FILE == "/etc/tinytorch/hub.toml"


def test_a_server_finds_its_own_configuration_and_programs() -> None:
    env = SETTINGS.jupyter_path("demo", "student")
    folders = [SETTINGS.etc(role) for role in ("demo", "student", "everyone")]
    assert env["JUPYTER_CONFIG_PATH"].split(os.pathsep) == folders
    assert env["JUPYTER_PATH"].split(os.pathsep) == folders[:-1]
    assert env["PATH"].split(os.pathsep)[0] == str(Path(SETTINGS.program("python")).parent)
    assert env["COURSE_EXCHANGE"] == SETTINGS.exchange
