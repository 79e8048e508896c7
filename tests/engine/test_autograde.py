"""Many submissions: only what changed, and the same grades as nbgrader's own commands."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from grading.engine.autograde import autograde
from grading.engine.tasks import pending
from grading.pipeline.feedback import generate_feedback, outdated
from grading.sandbox.settings import PROJECT
from trials.gradebook import db_url_of, gradebook_rows

pytestmark = pytest.mark.slow

WRONG = "def double(x):\n    return 3 * x"


@pytest.fixture
def submitted(mini):
    mini.submit("student-01", mini.notebook())
    mini.submit("student-02", mini.notebook(double=WRONG))
    mini.submit("student-03", "not a notebook")
    return mini


def run(mini, workers=2):
    tasks = pending(mini.course, mini.config)
    assert autograde(mini.course, mini.config, tasks, workers, lambda last: None) == []
    return [task.student for task in tasks]


def grades(mini):
    return gradebook_rows(mini.course, "01_mini")


def test_only_what_changed_is_graded_again(submitted):
    assert run(submitted) == ["student-01", "student-02", "student-03"]
    assert run(submitted) == []
    submitted.submit("student-02", submitted.notebook())
    assert run(submitted) == ["student-02"]
    assert grades(submitted)["student-02"]["test-double"] == (4.0, None, False)


def test_another_salt_grades_everything_again_to_the_same_scores(submitted):
    run(submitted)
    before = grades(submitted)
    (submitted.course.root / "salt.txt").write_text("another secret")
    assert len(run(submitted)) == 3
    assert grades(submitted) == before


def test_stock_nbgrader_gives_the_same_grades_cell_by_cell(submitted):
    run(submitted)
    ours = grades(submitted)
    with Gradebook(db_url_of(submitted.course)) as gradebook:
        for student in ("student-01", "student-02", "student-03"):
            gradebook.remove_submission("01_mini", student)
    stock("autograde", "01_mini", "--force", root=submitted.course.root)
    assert grades(submitted) == ours
    stock("generate_feedback", "01_mini", root=submitted.course.root)
    assert "3 of 4 checks" not in feedback(submitted, "student-01")


def stock(*command, root):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = os.environ | {"PATH": path, "PYTHONPATH": str(PROJECT)}
    nbgrader = [sys.executable, "-m", "nbgrader", *command]
    result = subprocess.run(nbgrader, cwd=root, env=env, capture_output=True)
    assert result.returncode == 0, result.stderr.decode()[-2000:]


def feedback(mini, student):
    return (mini.course.feedback(student, "01_mini") / "01_mini.html").read_text()


def test_feedback_names_checks_and_shows_nothing_hidden(submitted):
    run(submitted)
    course, db_url = submitted.course, db_url_of(submitted.course)
    due = outdated(course, db_url)
    assert generate_feedback(course, submitted.config, due, print) == []
    page = feedback(submitted, "student-02")
    assert "doubles a matrix" in page and "12 of 12 numbers differ" in page
    for secret in ("_numbers", "BEGIN HIDDEN", "check.rng", str(submitted.course.root)):
        assert secret not in page
    assert "not JSON" in feedback(submitted, "student-03")
    assert outdated(course, db_url) == []
