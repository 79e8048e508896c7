"""`python -m trials.grader` says what was caught, and its exit status says whether all was."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tiny_project import CAUGHT, MISSED, WARM

from trials.grader.__main__ import main
from trials.grader.corpus import CORPUS, BrokenLine


@pytest.fixture
def corpus(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COLUMNS", "200")
    folder = project / CORPUS
    folder.mkdir(parents=True)
    return folder


def write(folder: Path, *lines: BrokenLine) -> None:
    for line in lines:
        fields = ("name", "file", "old", "new", "breaks", "tests")
        entry = [f"{field} = {json.dumps(getattr(line, field))}" for field in fields]
        with (folder / f"{line.area}.toml").open("a") as file:
            file.write("\n".join(["[[broken]]", *entry, ""]))


def test_a_sample_is_tried_at_once_and_can_be_drawn_again(
    project: Path, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(corpus, CAUGHT, replace(CAUGHT, name="the-same-again"))
    (project / "test_clock.py").write_text("def test_hour():\n    assert False\n")
    assert main(["--sample", "1", "--seed", "abc"], project, warm=WARM) == 0
    said = capsys.readouterr().out
    assert "a sample of 1, again with --seed abc\n" in said
    assert "fails with nothing broken" not in said
    assert said.rstrip().endswith("caught 1 of 1")


def test_a_missed_line_is_shown_with_all_one_needs(
    project: Path, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(corpus, CAUGHT, MISSED)
    assert main([], project, warm=WARM) == 1
    said = capsys.readouterr().out
    assert "✓ clock: another-hour\n" in said
    assert "✗ clock: another-minute: missed\n" in said
    after = said.partition("caught 1 of 2")[2]
    for part in (MISSED.name, MISSED.file, MISSED.breaks, *MISSED.tests):
        assert part in after
    assert CAUGHT.name not in after


def test_tests_that_fail_with_nothing_broken_are_no_success(
    project: Path, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(corpus, CAUGHT)
    (project / "test_clock.py").write_text("def test_hour():\n    assert False\n")
    assert main(["--sound"], project, warm=WARM) == 1
    assert "fails with nothing broken: test_clock.py::test_hour" in capsys.readouterr().out
    assert main(["--workers", "1"], project, warm=WARM) == 1
    assert "caught 1 of 1" in capsys.readouterr().out


def test_only_takes_an_expression_over_area_and_name(
    project: Path, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(corpus, CAUGHT, MISSED)
    assert main(["--only", "^clock/.*hour$"], project, warm=WARM) == 0
    assert "caught 1 of 1" in capsys.readouterr().out
