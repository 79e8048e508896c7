"""The course's commands on a server: which there are, as whom they run, and with what."""

import os
import pty
import subprocess
from pathlib import Path

import pytest
from installed import settings_below

from grading.sandbox.settings import PROJECT
from hub import course_command

PASSES_ON = """#!/bin/sh
echo "as $2" >> {noted}
[ "$3" != --pty ] || echo "in a terminal of its own" >> {noted}
until [ "$1" = -- ]; do shift; done
shift
exec "$@"
"""
NOTES = """#!/bin/sh
printf '%s\n' "$PWD" "$HOME" "$PYTHONPATH" "${{SECRET:-none}}" "$*" >> {noted}
"""


class Server:
    """An installation whose programs note how they are called."""

    def __init__(self, folder: Path) -> None:
        self.settings = settings_below(folder, grader="the-grader")
        self.noted = folder / "noted"
        self.programs = folder / "programs"
        self.command = folder / "opt" / "course"
        self._program(Path(self.settings.environment) / "bin" / "python", NOTES)
        self._program(self.programs / "runuser", PASSES_ON)
        self.be(0)
        for place in (self.settings.course, self.settings.grading):
            Path(place).mkdir(parents=True)
        (Path(self.settings.grading) / "Makefile").symlink_to(PROJECT / "Makefile")
        course_command.write(self.command, self.settings)

    def _program(self, file: Path, text: str) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.format(noted=self.noted))
        file.chmod(0o755)

    def be(self, number: int) -> None:
        self._program(self.programs / "id", f"#!/bin/sh\necho {number}\n")

    def say(self, *words: str, stdin: int = subprocess.DEVNULL) -> subprocess.CompletedProcess[str]:
        env = {"PATH": f"{self.programs}:/usr/bin:/bin", "SECRET": "of root", "HOME": "/root"}
        return subprocess.run(
            [self.command, *words],
            env=env,
            cwd="/",
            stdin=stdin,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path)


def test_a_command_runs_as_the_grader_in_the_course_and_knows_nothing_of_roots(
    server: Server,
) -> None:
    said = server.say("archive", "TO=/safe/term.tar.gz")
    assert said.returncode == 0, said.stderr
    settings = server.settings
    assert server.noted.read_text().splitlines() == [
        "as the-grader",
        settings.course,
        str(Path(settings.grading).parent / "grader"),
        settings.grading,
        "none",
        "-m grading.pipeline.archive --to /safe/term.tar.gz",
    ]


def test_in_a_terminal_it_gets_one_of_its_own_and_cannot_type_into_roots(server: Server) -> None:
    ours, theirs = pty.openpty()
    try:
        said = server.say("report", stdin=theirs)
    finally:
        os.close(ours)
        os.close(theirs)
    assert said.returncode == 0, said.stderr
    assert server.noted.read_text().splitlines()[1] == "in a terminal of its own"


@pytest.mark.parametrize("target", course_command.TARGETS)
def test_each_command_is_the_makefiles_and_builds_no_environment(
    server: Server, target: str
) -> None:
    assert f"\n{target}: " in (PROJECT / "Makefile").read_text()
    said = server.say(target)
    assert (said.returncode, said.stderr) == (0, "")
    assert "-m grading.pipeline" in server.noted.read_text()
    assert [*Path(server.settings.course).iterdir()] == []


@pytest.mark.parametrize("words", [[], ["clean"], ["test"], ["--file=/etc/passwd"], ["rep*"]])
def test_anything_else_is_refused_and_what_there_is_is_named(
    server: Server, words: list[str]
) -> None:
    said = server.say(*words)
    assert said.returncode == 2
    assert "Say one of: source, release," in said.stderr
    assert not server.noted.exists()


def test_whoever_is_not_root_is_told_so(server: Server) -> None:
    server.be(1000)
    said = server.say("report")
    assert said.returncode == 1
    assert f"sudo {server.command} report" in said.stderr
    assert not server.noted.exists()
