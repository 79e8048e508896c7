"""What is installed into the two environments, and what a machine is refused for; none is built."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "environment" / "bootstrap.sh"
NEEDED = ("sh", "dirname", "grep", "mkdir", "cp")
NOTE = '#!/bin/sh\necho "$0 $*" >>"$NOTES"\n'
PYTHON = """
case "$*" in
*version_info*) exec "$REAL" -c 'import sys; sys.version_info = eval(sys.argv[2]); exec(sys.argv[1])' "$2" "$VERSION" ;;
--version) echo "Python of a test" ;;
*venv\\ .venv) mkdir -p .venv/bin; cp "$NOTING" .venv/bin/python; cp "$NOTING" .venv/bin/uv ;;
esac
"""  # noqa: E501
UV = (
    'case "$*" in venv*) mkdir -p .venv-student/bin; cp "$NOTING" .venv-student/bin/python;; esac\n'
)


class Machine:
    """A folder of programs that only note how they are called, and an empty project."""

    def __init__(self, folder: Path) -> None:
        self.programs, self.project = folder / "programs", folder / "project"
        self.programs.mkdir()
        self.project.mkdir()
        for name in NEEDED:
            (self.programs / name).symlink_to(str(shutil.which(name)))
        self.notes, self.noting = folder / "notes", folder / "noting"
        self.notes.touch()
        self._write(self.noting, NOTE + UV)
        self._write(self.programs / "python3", NOTE + PYTHON)
        self._write(self.programs / "bwrap", NOTE)
        self._write(self.programs / "id", "#!/bin/sh\necho 1000\n")

    def _write(self, file: Path, text: str) -> None:
        file.write_text(text)
        file.chmod(0o755)

    def build(self, version: str = "(3, 11, 2)") -> subprocess.CompletedProcess[str]:
        told = {"NOTES": self.notes, "NOTING": self.noting, "REAL": sys.executable}
        env = {name: str(value) for name, value in told.items()}
        return subprocess.run(
            ["sh", str(SCRIPT)],
            cwd=self.project,
            env=env | {"PATH": str(self.programs), "VERSION": version},
            capture_output=True,
            text=True,
        )

    def calls(self, program: str) -> list[list[str]]:
        lines = [line.split() for line in self.notes.read_text().splitlines()]
        return [words for name, *words in lines if name.endswith(program)]

    @property
    def built(self) -> list[str]:
        return sorted(path.name for path in self.project.iterdir())


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize("version", ["(3, 11, 0)", "(3, 12, 4)", "(3, 14, 0)"])
def test_from_python_3_11_on_both_environments_are_built(machine: Machine, version: str) -> None:
    done = machine.build(version)
    assert (done.returncode, done.stderr) == (0, "")
    assert machine.built == [".venv", ".venv-student"]


@pytest.mark.parametrize("version", ["(3, 10, 14)", "(3, 9, 2)", "(2, 7, 18)"])
def test_an_older_python_is_refused_and_what_to_do_is_said(machine: Machine, version: str) -> None:
    done = machine.build(version)
    assert done.returncode == 1
    assert "is too old: use 3.11 or newer" in done.stderr
    assert machine.built == []


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("bwrap", "sudo apt-get install bubblewrap"),
        ("python3", "There is no python3: install Python 3.11 or newer."),
    ],
)
def test_what_an_ordinary_user_lacks_is_named_and_nothing_is_built(
    machine: Machine, program: str, said: str
) -> None:
    (machine.programs / program).unlink()
    done = machine.build()
    assert done.returncode == 1
    assert said in done.stderr
    assert machine.built == []


def test_our_environment_holds_what_its_lock_says_and_nothing_that_the_lock_leaves_out(
    machine: Machine,
) -> None:
    machine.build()
    installed = [words for words in machine.calls("/uv") if words[:2] == ["pip", "install"]]
    lock = str(SCRIPT.with_name("course.lock"))
    assert [words[words.index("--no-deps") + 1 :][:2] for words in installed] == [
        ["-r", lock],
        ["--no-build-isolation", "-e"],
    ]
    assert all(words[words.index("--python") + 1] == ".venv/bin/python" for words in installed)


def test_the_students_environment_holds_their_lock_alone(machine: Machine) -> None:
    machine.build()
    [synced] = [words for words in machine.calls("/uv") if words[:2] == ["pip", "sync"]]
    assert synced[synced.index("--python") + 1] == ".venv-student/bin/python"
    assert str(SCRIPT.with_name("student.lock")) in synced


def test_what_installs_is_pinned_itself(machine: Machine) -> None:
    machine.build()
    [installed] = [words for words in machine.calls("/python") if "pip" in words]
    assert [word for word in installed if word.startswith("uv==") and word[4].isdigit()]


def test_what_is_there_is_not_made_again(machine: Machine) -> None:
    machine.build()
    machine.notes.write_text("")
    machine.build()
    assert not [words for words in machine.calls("/python3") if words[:2] == ["-m", "venv"]]
    assert not [words for words in machine.calls("/uv") if words[0] == "venv"]
