"""Whose a submission is and when it came: what its owner cannot forge."""

import os
import pwd
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from course_exchange import collect
from course_exchange.collect import NOBODY, SLACK, last_change
from course_exchange.walk import MAX_DEPTH
from exchange import LONG_AGO, Class
from nbgrader.exchange import ExchangeError
from nbgrader.utils import parse_utc

FORMAT = "%Y-%m-%d %H:%M:%S.%f UTC"
ME = pwd.getpwuid(os.getuid()).pw_name


def ago(time: timedelta) -> str:
    return (datetime.now(UTC) - time).strftime(FORMAT)


def taken_as_arrived(klass: Class, student: str) -> datetime:
    return parse_utc((klass.submitted(student) / "timestamp.txt").read_text())


def rewrite_later_than(file: Path, moment: datetime) -> None:
    while datetime.fromtimestamp(file.stat().st_ctime, UTC).replace(tzinfo=None) <= moment:
        file.write_text("changed")


@pytest.mark.parametrize(
    "claimed",
    [
        LONG_AGO,
        "2099-01-01 00:00:00.000000 UTC",
        "yesterday",
        "",
        "0001-01-01 00:00:00 +1400",
        "9" * 30,
        "2026-01-01 00:00:00 +99999999",
        "99999-01-01 00:00:00.000000 UTC",
        "9999-12-31 23:59:59 -1400",
        "2026-13-45 99:99:99 UTC",
        "2026-01-01 00:00:00 :",
        "\u0662\u0660\u0662\u0666",
        "0 0 0",
    ],
)
def test_arrival_counts_whatever_time_the_name_claims(klass: Class, claimed: str) -> None:
    folder = klass.put(ME, claimed)
    klass.collector().start()
    assert taken_as_arrived(klass, ME) == last_change(folder)


def test_the_time_the_name_claims_is_kept_while_copying_may_explain_it(klass: Class) -> None:
    claimed = ago(SLACK / 2)
    klass.put(ME, claimed)
    klass.collector().start()
    assert taken_as_arrived(klass, ME) == parse_utc(claimed)


def test_more_than_a_few_minutes_are_not_explained_by_copying(klass: Class) -> None:
    assert timedelta(minutes=5) >= SLACK
    folder = klass.put(ME, ago(SLACK * 1.2))
    klass.collector().start()
    assert taken_as_arrived(klass, ME) == last_change(folder)


@pytest.mark.parametrize("place", ["one.ipynb", "sub/deep/data.txt"])
def test_a_file_rewritten_in_place_after_submitting_counts_as_arriving_then(
    klass: Class, place: str
) -> None:
    folder = klass.put(ME)
    file = folder / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    submitted = last_change(folder)
    rewrite_later_than(file, submitted)
    klass.collector().start()
    assert taken_as_arrived(klass, ME) > submitted


def test_a_file_rewritten_while_it_is_collected_counts_as_arriving_then(
    klass: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = klass.put(ME, ago(timedelta(minutes=1)))
    arrived = last_change(folder)
    copy = collect.copy_ordinary_files

    def copy_what_changes(source: Path, target: Path, room: int) -> None:
        rewrite_later_than(source / "one.ipynb", arrived)
        copy(source, target, room)

    monkeypatch.setattr(collect, "copy_ordinary_files", copy_what_changes)
    klass.collector().start()
    assert taken_as_arrived(klass, ME) == last_change(folder) > arrived


def test_a_file_rewritten_once_all_had_arrived_has_no_minutes_to_be_explained(
    klass: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = klass.put(ME, ago(SLACK / 2))
    placed = folder.lstat().st_ctime
    rewrite_later_than(folder / "one.ipynb", last_change(folder))
    monkeypatch.setattr(collect, "SETTLES", timedelta(0))
    klass.collector().start()
    assert taken_as_arrived(klass, ME) == last_change(folder)
    assert folder.lstat().st_ctime == placed


def test_whatever_time_one_claims_the_others_are_collected(
    klass: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(claimed: str) -> datetime:
        raise ArithmeticError(claimed)

    monkeypatch.setattr(collect, "parse_utc", stumble)
    klass.put("student-01", "99999-01-01")
    klass.put("student-02")
    klass.collector(check_owner=False).start()
    assert klass.collected() == {"student-01", "student-02"}


@pytest.mark.parametrize(
    ("name", "whose"), [("..", set()), (".", set()), (".hidden", set()), ("", {NOBODY})]
)
def test_a_name_that_is_no_students_leads_nowhere_else(
    klass: Class, name: str, whose: set[str]
) -> None:
    klass.put(name)
    klass.collector(check_owner=False).start()
    assert klass.collected() == whose
    assert not (klass.course / "one").exists() and not (klass.course / "submitted/one").exists()


@pytest.mark.parametrize("text", ["", "99999-01-01 00:00:00 UTC", "no date"])
def test_what_was_collected_without_a_time_makes_way(klass: Class, text: str) -> None:
    for student in ("student-01", "student-02"):
        klass.put(student)
    klass.collector(check_owner=False).start()
    (klass.submitted("student-01") / "timestamp.txt").write_text(text)
    (klass.submitted("student-01") / "one.ipynb").unlink()
    klass.collector(check_owner=False).start()
    assert (klass.submitted("student-01") / "one.ipynb").exists()


def test_a_mistake_of_ours_with_one_is_told_and_the_others_are_collected(
    klass: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = collect.copy_ordinary_files

    def stumble(source: Path, target: Path, room: int) -> None:
        if "student-01" in source.name:
            raise RuntimeError("of our own making")
        copy(source, target, room)

    monkeypatch.setattr(collect, "copy_ordinary_files", stumble)
    for student in ("student-01", "student-02"):
        klass.put(student)
    with pytest.raises(ExchangeError, match=r": student-01$"):
        klass.collector(check_owner=False).start()
    assert klass.collected() == {"student-02"}


def test_a_time_that_is_set_by_hand_does_not_count(klass: Class) -> None:
    folder = klass.put(ME)
    (folder / "one.ipynb").unlink()
    before = last_change(folder)
    os.utime(folder, (0, 0))
    assert last_change(folder) >= before


def test_a_file_rewritten_late_and_dated_back_still_arrived_late(klass: Class) -> None:
    folder = klass.put(ME)
    submitted = last_change(folder)
    rewrite_later_than(folder / "one.ipynb", submitted)
    os.utime(folder / "one.ipynb", (0, 0))
    assert last_change(folder) > submitted


def test_looking_for_changes_follows_no_link(klass: Class, tmp_path: Path) -> None:
    folder = klass.put(ME)
    outside = tmp_path / "outside"
    outside.mkdir()
    (folder / "link").symlink_to(outside)
    submitted = last_change(folder)
    (outside / "file").touch()
    rewrite_later_than(outside / "file", submitted)
    assert last_change(folder) == submitted


def test_looking_for_changes_ends_in_folders_without_end(
    klass: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = klass.put(ME)
    folder.joinpath(*["d"] * (MAX_DEPTH + 5)).mkdir(parents=True)
    looked = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda place: looked.append(place) or scandir(place))
    last_change(folder)
    assert len(looked) == 1 + MAX_DEPTH


@pytest.fixture
def owned_by(monkeypatch: pytest.MonkeyPatch) -> Callable[[str | None], None]:
    def set_owner(name: str | None) -> None:
        def look_up(number: int) -> SimpleNamespace:
            assert number == os.getuid()
            if name is None:
                raise KeyError(number)
            return SimpleNamespace(pw_name=name)

        monkeypatch.setattr(collect, "pwd", SimpleNamespace(getpwuid=look_up))

    return set_owner


def test_a_submission_is_its_owners_whatever_name_it_claims(
    klass: Class, owned_by: Callable[[str | None], None]
) -> None:
    owned_by("student-02")
    klass.put("student-01")
    klass.collector().start()
    assert klass.collected() == {"student-02"}


def test_a_forged_one_does_not_replace_what_the_other_handed_in(
    klass: Class, owned_by: Callable[[str | None], None]
) -> None:
    klass.put("student-01", text="mine")
    klass.collector(check_owner=False).start()
    owned_by("student-02")
    klass.put("student-01", "2099-01-01 00:00:00 UTC", text="forged")
    klass.collector().start()
    assert (klass.submitted("student-01") / "one.ipynb").read_text() == "mine"


def test_a_link_is_whose_it_is_and_not_whose_it_leads_to(klass: Class) -> None:
    (klass.inbound / f"student-01+one+{LONG_AGO}+x").symlink_to("/nowhere")
    with pytest.raises(ExchangeError, match=f": {ME}$"):
        klass.collector().start()


def test_what_an_account_left_that_is_gone_is_nobodys(
    klass: Class, owned_by: Callable[[str | None], None]
) -> None:
    owned_by(None)
    klass.put("student-01")
    klass.collector().start()
    assert klass.collected() == {NOBODY}


def test_where_accounts_share_a_user_the_name_tells(klass: Class) -> None:
    klass.put("student-01")
    klass.collector(check_owner=False).start()
    assert klass.collected() == {"student-01"}
