"""A hub with real accounts, installed once for all tests; `make test-hub` runs them."""

import contextlib
import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

WANTED = os.environ.get("TEST_HUB") == "1"
collect_ignore_glob = [] if WANTED else ["*.py"]
ASSIGNMENT = "02_tensor"

if WANTED:
    from browser import PICTURES, Browser, Grader, Person, Student, chromium
    from server import Installation, is_root


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep what everybody sees when a test fails."""
    report = yield
    if WANTED and report.failed:
        for person in Person.everybody:
            with contextlib.suppress(Exception):
                person.picture(f"failed-{item.name}-{person.name}")
    return report


@pytest.fixture(scope="session")
def hub() -> "Iterator[Installation]":
    """Install and start the hub, with two students and two TAs; remove it all afterwards."""
    if not is_root():
        pytest.fail("Real accounts need root; as an ordinary user try `make hub`.")
    installation = Installation()
    try:
        installation.install()
        for name in ("student1", "student2"):
            installation.add_account(name, "students")
        for name in ("ta1", "ta2"):
            installation.add_account(name, "tas")
        installation.start()
        yield installation
    finally:
        log = Path(installation.srv) / "hub" / "hub.log"
        if log.exists():
            PICTURES.mkdir(parents=True, exist_ok=True)
            shutil.copy(log, PICTURES / "hub.log")
        installation.remove()


@pytest.fixture(scope="session")
def window() -> "Iterator[Browser]":
    """Give one Chromium for all people; each has a context of their own."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def people(hub: "Installation", window: "Browser") -> "dict[str, Student | Grader]":
    """Log everybody in."""
    found: dict[str, Student | Grader] = {}
    for account, password in hub.passwords.items():
        name = account.rpartition("-")[2]
        kind = Grader if name.startswith("t") else Student
        person = kind(window, hub.settings.address, account, PICTURES)
        person.log_in(password)
        found[name] = person
    return found


@pytest.fixture(scope="session")
def released(people: "dict[str, Student | Grader]") -> str:
    """Generate and release an assignment with clicks; return its name."""
    ta1 = people["ta1"]
    assert isinstance(ta1, Grader)
    assert "Success" in ta1.press(ASSIGNMENT, "assign")
    ta1.picture("formgrader-assignments")
    assert "Success" in ta1.press(ASSIGNMENT, "release")
    return ASSIGNMENT
