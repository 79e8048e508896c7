"""`make frameworks` obeys the course's settings: what a milestone is worth, and the limits."""

import shutil
import sys

import pandas as pd
import pytest

from grading.checks.milestones import LEAST, Framework
from grading.pipeline import frameworks as command
from grading.sandbox.bubblewrap import SandboxError
from grading.sandbox.settings import PROJECT

TRIED = [Framework("(reference)", reached=dict(LEAST)), Framework("student-01")]


@pytest.fixture
def root(tmp_path):
    shutil.copy(PROJECT / "nbgrader_config.py", tmp_path)
    return tmp_path


@pytest.fixture
def run(root, monkeypatch):
    """Return what runs the command with more settings; what it tries and gives is noted."""

    def run(settings="", *arguments):
        with (root / "nbgrader_config.py").open("a") as file:
            file.write(settings)
        monkeypatch.setattr(sys, "argv", ["frameworks", "--root", str(root), *arguments])
        return command.main()

    def tried(course, settings, workers, report):
        run.tried.append((course.root, settings.memory_mb, workers))
        return TRIED

    def give(course, db_url, frameworks, points):
        run.given.append((course.root, db_url, frameworks, points))
        return ["student-01: 1 point"]

    run.tried, run.given = [], []
    monkeypatch.setattr(command, "try_all", tried)
    monkeypatch.setattr(command, "give_credit", give)
    return run


def test_a_milestone_is_worth_what_the_course_says(run, root, capsys):
    assert run("\nc.MilestoneCredit.points = 1.5\n") == 0
    assert run.given == [(root, f"sqlite:///{root}/gradebook.db", TRIED, 1.5)]
    assert "student-01: 1 point" in capsys.readouterr().out


def test_a_milestone_is_worth_nothing_where_nothing_is_said(run):
    run()
    ((*_, points),) = run.given
    assert points == 0


def test_frameworks_run_under_the_limits_of_the_course_by_so_many_workers(run, root):
    run("\nc.Sandbox.memory_mb = 123\n", "--workers", "3")
    assert run.tried == [(root, 123, 3)]


def test_the_table_is_printed_and_written(run, root, capsys):
    run()
    written = pd.read_csv(root / "reports" / "frameworks.csv")
    assert list(written["student"]) == ["(reference)", "student-01"]
    assert "(reference)" in capsys.readouterr().out


def test_without_a_sandbox_no_credit_is_given_or_taken(run, monkeypatch, capsys):
    def refuse(*_):
        raise SandboxError("Install [bubblewrap].")

    monkeypatch.setattr(command, "try_all", refuse)
    assert run() == 1
    assert run.given == [] and "Stopped. Install [bubblewrap]." in capsys.readouterr().out
