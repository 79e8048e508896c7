"""A whole class asks for a check, and submits, at once."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from browser import Grader, Person
from notebooks import solutions, solve
from server import Installation
from session import Session

CLASS = 30
AT_ONCE = 6


def test_thirty_students_check_and_submit_at_once(
    hub: Installation, people: dict[str, Person], released: str
) -> None:
    ta1 = people["ta1"]
    assert isinstance(ta1, Grader)
    accounts = [hub.add_account(f"s{number:02}", "students") for number in range(CLASS)]
    answers = solutions(hub.course, released)

    def get_ready(account: str) -> Session:
        session = Session(hub, account)
        session.start_server()
        assert session.ask("fetch", released)["fetched"]
        notebook = hub.home(account) / "tinytorch" / released / f"{released}.ipynb"
        mine = {name: f"# {account}\n{text}" for name, text in answers.items()}
        solve(notebook, mine, leave_out=left_out(account))
        return session

    with ThreadPoolExecutor(AT_ONCE) as pool:
        sessions = list(pool.map(get_ready, accounts))
    began = time.monotonic()
    with ThreadPoolExecutor(CLASS) as pool:
        told = list(pool.map(lambda one: one.ask("check", released), sessions))
    checking = time.monotonic() - began
    assert all("error" not in one for one in told), told
    held = {left_out(account): one["passed"] for account, one in zip(accounts, told, strict=True)}
    assert held[0] == told[0]["checks"] > held[1] > held[2]
    for account, one in zip(accounts, told, strict=True):
        assert one["passed"] == held[left_out(account)], "each is told of their own work"
    print(f"{CLASS} checks, asked for together, took {checking:.1f} s")
    began = time.monotonic()
    with ThreadPoolExecutor(CLASS) as pool:
        replies = list(pool.map(lambda one: one.ask("submit", released), sessions))
    took = time.monotonic() - began
    assert all(reply["files"] for reply in replies)
    log = ta1.press(released, "collect")
    for account in accounts:
        assert log.count(f"Collected: {account} {released}") == 1
        _assert_whole(hub.course / "submitted" / account / released, released, account)
    again = ta1.press(released, "collect")
    assert not any(f"Collected: {account}" in again for account in accounts)
    print(f"{CLASS} submissions, begun together, took {took:.1f} s")


def left_out(account: str) -> int:
    """Return how many of the last answers a student leaves out."""
    return int(account[-2:]) % 3


def _assert_whole(folder: Path, assignment: str, account: str) -> None:
    notebook = nbformat.read(folder / f"{assignment}.ipynb", as_version=4)
    assert sum(f"# {account}" in cell.source for cell in notebook.cells) > 1
    assert (folder / "timestamp.txt").exists()
    assert (folder / "submission_secret.txt").stat().st_size == 128
