"""The hub is stopped hard, in the middle, and started again: nothing lost, nothing half-written."""

import json
import shutil
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from browser import PICTURES, Browser, Grader
from notebooks import automatic_grades, solutions, solve
from server import Installation
from session import Session

LARGE = 60  # files of a megabyte, so that submitting takes a moment


def _log_in(hub: Installation, window: Browser, name: str) -> Grader:
    account = f"{hub.tag}-{name}"
    person = Grader(window, hub.settings.address, account, PICTURES)
    person.log_in(hub.passwords[account])
    return person


@pytest.fixture
def student(hub: Installation, released: str) -> tuple[str, Path]:
    """Give a student with a solved notebook and files enough that submitting takes a moment."""
    account = hub.add_account("student3", "students")
    session = Session(hub, account)
    session.start_server()
    assert session.ask("fetch", released)["fetched"]
    folder = hub.home(account) / "tinytorch" / released
    solve(folder / f"{released}.ipynb", solutions(hub.course, released))
    return account, folder


def test_stopped_in_a_submission_and_in_a_grading_run(
    hub: Installation, window: Browser, student: tuple[str, Path], released: str
) -> None:
    account, folder = student
    session = Session(hub, account)
    session.start_server()
    for number in range(LARGE):
        (folder / f"ballast-{number}.txt").write_text("x" * 1_000_000)
    pending = _in_background(lambda: session.ask("submit", released))
    hub.kill_when(lambda: any(hub.inbound.glob(".arriving-*")))
    pending.join(30)
    assert not list(hub.inbound.glob(f"{account}+*")), "half a submission looks like one"
    assert any(hub.inbound.glob(".arriving-*"))

    hub.start()
    ta1 = _log_in(hub, window, "ta1")
    assert account not in ta1.press(released, "collect")
    for ballast in folder.glob("ballast-*"):
        ballast.unlink()
    session = Session(hub, account)
    session.start_server()
    assert session.ask("submit", released)["files"]
    assert f"Collected: {account}" in ta1.press(released, "collect")
    assert "graded, sealed" in ta1.press_for(released, account, "autograde")
    before = automatic_grades(hub.course / "gradebook.db")
    graded = hub.course / "autograded" / account / released / f"{released}.ipynb"

    ta1.page.goto(f"{ta1.formgrader}/manage_submissions/{released}")
    ta1.page.locator("tr", has_text=account).locator(".autograde a").click()
    hub.kill_when(lambda: _waits_for_a_grade(hub, account))
    assert json.loads(graded.read_text())["cells"], "the graded notebook is whole"
    hub.start()
    ta1 = _log_in(hub, window, "ta1")
    status, _ = ta1.status_and_score(released, account)
    assert "graded, sealed" in ta1.press_for(released, account, "autograde"), status
    assert automatic_grades(hub.course / "gradebook.db") == before
    assert not list(hub.course.glob(".grading-*"))


def test_a_backup_brings_everything_back(hub: Installation, window: Browser, released: str) -> None:
    unsolved = (hub.course / "release" / released / f"{released}.ipynb").read_text()
    account = f"{hub.tag}-student1"
    hub.put_submission(account, released, unsolved)
    ta1 = _log_in(hub, window, "ta1")
    assert "graded, sealed" in ta1.press_for(released, account, "autograde")
    grades = automatic_grades(hub.course / "gradebook.db")
    places = (hub.course, hub.course / "gradebook.db", hub.inbound, hub.srv / "exchange")
    before = [_owner_and_mode(place) for place in places]

    archive = hub.back_up()
    hub.stop()
    for folder in ("course", "exchange", "hub"):
        shutil.rmtree(hub.srv / folder)
    subprocess.run(["tar", "-xpzf", archive, "-C", hub.srv], check=True)
    assert [_owner_and_mode(place) for place in places] == before
    hub.start()
    assert automatic_grades(hub.course / "gradebook.db") == grades
    ta1 = _log_in(hub, window, "ta1")
    assert "graded, sealed" in ta1.press_for(released, account, "autograde")
    assert automatic_grades(hub.course / "gradebook.db") == grades


def _owner_and_mode(place: Path) -> tuple[int, int, int]:
    status = place.stat()
    return status.st_uid, status.st_gid, status.st_mode


def _in_background(action: Callable[[], object]) -> threading.Thread:
    def run() -> None:
        try:
            action()
        except Exception:
            return

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def _waits_for_a_grade(hub: Installation, account: str) -> bool:
    scores = automatic_grades(hub.course / "gradebook.db")
    return not any(student == account for student, _ in scores)
