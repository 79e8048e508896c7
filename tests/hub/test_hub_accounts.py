"""Unix groups decide who may log in, and as what; homes are closed."""

import asyncio
import grp
import os
import pwd
import stat
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import fake_jupyterhub
import pytest

GROUPS = {"tas": "formgrade-tinytorch", "students": "nbgrader-tinytorch"}
MEMBERS = {"tas": ["ta"], "students": ["student-01", "both"], "others": ["somebody"]}
PRIMARY = {"student-02": "students", "both": "tas"}


def _group_number(name: str) -> int:
    return 1000 + sorted(MEMBERS).index(name)


def _find_group(name: str) -> grp.struct_group:
    members = MEMBERS[name]
    return grp.struct_group((name, "x", _group_number(name), members))


def _find_account(name: str) -> pwd.struct_passwd:
    known = {*PRIMARY, *(name for names in MEMBERS.values() for name in names)}
    if name not in known:
        raise KeyError(name)
    group = _group_number(PRIMARY[name]) if name in PRIMARY else 500
    return pwd.struct_passwd((name, "x", 500, group, "", f"/home/{name}", "/bin/sh"))


@pytest.fixture
def accounts(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the module, on a machine with the accounts above."""
    fake_jupyterhub.put_in_place(monkeypatch)
    monkeypatch.setattr(fake_jupyterhub.PAMAuthenticator, "passwords", {"ta": "x", "gone": "y"})
    from hub import accounts

    monkeypatch.setattr(accounts, "grp", SimpleNamespace(getgrnam=_find_group))
    monkeypatch.setattr(accounts, "pwd", SimpleNamespace(getpwnam=_find_account))
    return accounts


@pytest.fixture
def authenticator(accounts: ModuleType) -> Any:
    return accounts.UnixGroupsAuthenticator(group_names=GROUPS)


@pytest.mark.parametrize(
    ("name", "groups"),
    [
        ("ta", ["formgrade-tinytorch"]),
        ("student-01", ["nbgrader-tinytorch"]),
        ("student-02", ["nbgrader-tinytorch"]),
        ("both", ["formgrade-tinytorch", "nbgrader-tinytorch"]),
        ("somebody", []),
        ("nobody-knows-them", []),
    ],
)
def test_who_may_log_in_and_as_what(authenticator: Any, name: str, groups: list[str]) -> None:
    assert authenticator.groups_of(name) == groups
    assert authenticator.check_allowed(name) is bool(groups)


def test_a_group_that_the_machine_does_not_have_has_no_members(accounts: ModuleType) -> None:
    authenticator = accounts.UnixGroupsAuthenticator(group_names=GROUPS | {"absent": "admins"})
    assert authenticator.groups_of("ta") == ["formgrade-tinytorch"]


def test_the_hub_takes_its_groups_from_the_machine(authenticator: Any) -> None:
    assert authenticator.manage_groups is True


def log_in(authenticator: Any, name: str, password: str) -> Any:
    data = {"username": name, "password": password}
    return asyncio.run(authenticator.authenticate(None, data))


def test_the_right_password_tells_the_groups(authenticator: Any) -> None:
    assert log_in(authenticator, "ta", "x") == {"name": "ta", "groups": ["formgrade-tinytorch"]}


def test_a_wrong_password_lets_nobody_in(authenticator: Any) -> None:
    assert log_in(authenticator, "ta", "wrong") is None


def test_an_account_is_known_by_its_own_name_and_no_other(
    authenticator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """JupyterHub's own lower case would log `Student-01` in as `student-01`."""
    monkeypatch.setitem(PRIMARY, "Student-01", "students")
    for name in ("Student-01", "student-01", "nobody-knows-them"):
        assert authenticator.normalize_username(name) == name


def test_of_an_account_with_several_spellings_the_machines_counts(
    authenticator: Any, accounts: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = SimpleNamespace(pw_name="student-01")
    monkeypatch.setattr(accounts, "pwd", SimpleNamespace(getpwnam=lambda name: account))
    assert authenticator.normalize_username("STUDENT-01") == "student-01"


@pytest.mark.parametrize("name", ["formgrade-tinytorch", "tas", "nbgrader-tinytorch", "ta ", "TA"])
def test_a_student_who_is_called_like_a_group_or_a_grader_is_none(
    authenticator: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setitem(PRIMARY, name, "students")
    assert authenticator.groups_of(name) == ["nbgrader-tinytorch"]


def test_who_is_put_into_a_group_is_so_at_the_next_refresh(
    authenticator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    student = SimpleNamespace(name="student-01")
    monkeypatch.setitem(MEMBERS, "tas", ["ta", "student-01"])
    groups = ["formgrade-tinytorch", "nbgrader-tinytorch"]
    told = asyncio.run(authenticator.refresh_user(student))
    assert told == {"name": "student-01", "groups": groups}


@pytest.mark.parametrize("name", ["somebody", "nobody-knows-them"])
def test_who_is_in_no_group_any_more_is_logged_out(authenticator: Any, name: str) -> None:
    assert asyncio.run(authenticator.refresh_user(SimpleNamespace(name=name))) is False


@pytest.fixture
def close(accounts: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def close_home_of_an_account(home: Path, owner: int) -> None:
        account = pwd.struct_passwd(("student-01", "x", owner, 500, "", str(home), ""))
        monkeypatch.setattr(accounts, "pwd", SimpleNamespace(getpwnam={"me": account}.get))
        accounts.close_home(SimpleNamespace(user=SimpleNamespace(name="me")))

    return close_home_of_an_account


def mode(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (0o755, "0o700"),
        (0o711, "0o700"),
        (0o750, "0o700"),
        (0o701, "0o700"),
        (0o500, "0o500"),
        (0o700, "0o700"),
    ],
)
def test_a_home_is_closed_to_others(
    tmp_path: Path, close: Callable[..., None], before: int, after: str
) -> None:
    tmp_path.chmod(before)
    try:
        close(tmp_path, os.getuid())
        assert mode(tmp_path) == after
    finally:
        tmp_path.chmod(0o700)


def test_a_home_that_is_another_accounts_is_left(
    tmp_path: Path, close: Callable[..., None]
) -> None:
    tmp_path.chmod(0o755)
    close(tmp_path, os.getuid() + 1)
    assert mode(tmp_path) == "0o755"


def test_what_a_home_is_linked_to_is_left(tmp_path: Path, close: Callable[..., None]) -> None:
    elsewhere, home = tmp_path / "elsewhere", tmp_path / "home"
    elsewhere.mkdir()
    elsewhere.chmod(0o755)
    home.symlink_to(elsewhere)
    close(home, os.getuid())
    assert mode(elsewhere) == "0o755"
