"""A whole class is collected: each submission whole, each on its own."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from course_exchange import collect
from exchange import Class
from nbgrader.exchange import ExchangeError
from traitlets.config import Config

STUDENT = "student-01"


@pytest.fixture
def times() -> list[str]:
    """Return two times that a submission arriving now may honestly claim, the earlier first."""
    return [
        (datetime.now(UTC) - timedelta(minutes=minutes)).strftime("%Y-%m-%d %H:%M:%S.%f UTC")
        for minutes in (3, 2)
    ]


def collect_all(klass: Class, update: bool = True) -> None:
    klass.collector(check_owner=False, update=update).start()


def text_of(klass: Class, student: str = STUDENT) -> str:
    return (klass.submitted(student) / "one.ipynb").read_text()


@pytest.mark.parametrize("spoil", ["too large", "a link", "a file", "too deep"])
def test_one_that_cannot_be_collected_is_named_and_leaves_the_others_alone(
    klass: Class, spoil: str
) -> None:
    for student in ("student-01", "student-02", "student-03"):
        folder = klass.put(student)
        if student != "student-02":
            continue
        if spoil == "too large":
            (folder / "one.ipynb").write_text("x" * 50_000)
        elif spoil == "too deep":
            folder.joinpath(*["d"] * 30).mkdir(parents=True)
        else:
            shutil.rmtree(folder)
            folder.symlink_to(klass.outbound) if spoil == "a link" else folder.touch()
    with pytest.raises(ExchangeError, match=r": student-02$"):
        collect_all(klass)
    assert klass.collected() == {"student-01", "student-03"}


def test_one_taken_back_while_all_are_listed_leaves_the_others_alone(
    klass: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    going = klass.put("student-02")
    klass.put("student-01")
    last_change = collect.last_change

    def look_too_late(folder: Path) -> datetime:
        if folder == going:
            shutil.rmtree(going)
        return last_change(folder)

    monkeypatch.setattr(collect, "last_change", look_too_late)
    with pytest.raises(ExchangeError):
        collect_all(klass)
    assert klass.collected() == {"student-01"}
    assert [folder.name for folder in klass.course.glob("submitted/*")] == ["student-01"]


def test_the_latest_submission_of_a_student_counts(klass: Class, times: list[str]) -> None:
    klass.put(STUDENT, times[1], "second")
    klass.put(STUDENT, times[0], "first")
    collect_all(klass)
    assert text_of(klass) == "second"


def test_collecting_again_takes_what_is_newer_and_only_that_of_it(
    klass: Class, times: list[str]
) -> None:
    first = klass.put(STUDENT, times[0], "first")
    (first / "of-the-first").touch()
    collect_all(klass)
    klass.put(STUDENT, times[1], "second")
    collect_all(klass)
    assert text_of(klass) == "second"
    assert not (klass.submitted(STUDENT) / "of-the-first").exists()


@pytest.mark.parametrize("have", [0, 1], ids=["the same", "a later one"])
def test_collecting_again_leaves_what_is_not_newer(
    klass: Class, times: list[str], have: int
) -> None:
    klass.put(STUDENT, times[0], "in the exchange")
    klass.submitted(STUDENT).mkdir(parents=True)
    (klass.submitted(STUDENT) / "timestamp.txt").write_text(times[have])
    (klass.submitted(STUDENT) / "one.ipynb").write_text("collected")
    collect_all(klass)
    assert text_of(klass) == "collected"


def test_nothing_is_replaced_unless_asked(klass: Class, times: list[str]) -> None:
    klass.put(STUDENT, times[0], "first")
    collect_all(klass)
    klass.put(STUDENT, times[1], "second")
    collect_all(klass, update=False)
    assert text_of(klass) == "first"


def test_before_the_due_date_another_time_is_enough(klass: Class, times: list[str]) -> None:
    klass.put(STUDENT, times[0], "before it was due")
    klass.submitted(STUDENT).mkdir(parents=True)
    (klass.submitted(STUDENT) / "timestamp.txt").write_text(times[1])
    late_one = klass.collector(check_owner=False)
    late_one.before_duedate = True
    late_one.start()
    assert text_of(klass) == "before it was due"


def test_a_failed_copy_leaves_what_was_collected_and_nothing_else(
    klass: Class, times: list[str]
) -> None:
    klass.put(STUDENT, times[0], "first")
    collect_all(klass)
    klass.put(STUDENT, times[1], "x" * 50_000)
    with pytest.raises(ExchangeError):
        collect_all(klass)
    assert text_of(klass) == "first"
    assert [path.name for path in klass.course.glob(".*")] == []


def test_a_submission_is_moved_into_its_place_whole(
    klass: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    klass.put(STUDENT)
    place = klass.submitted(STUDENT)
    moved: list[set[str]] = []
    rename = Path.rename

    def see_what_is_moved(path: Path, target: Path) -> Path:
        if target == place:
            moved.append({file.name for file in path.iterdir()})
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", see_what_is_moved)
    collect_all(klass)
    assert moved == [{"one.ipynb", "timestamp.txt"}]


def test_everybody_but_the_demo_has_submit_and_collect_of_this_course() -> None:
    file = Path(__file__).resolve().parents[2] / "hub" / "etc" / "everyone" / "nbgrader_config.py"
    c = Config()
    exec(file.read_text(), {"get_config": lambda: c})
    assert c.ExchangeFactory.collect == "course_exchange.collect.WholeCollect"
    assert c.ExchangeFactory.submit == "course_exchange.submit.WholeSubmit"
    assert "check_owner" not in c.ExchangeCollect
