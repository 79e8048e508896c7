"""A submission is in the exchange whole or not at all."""

import os
import re
import stat
from hashlib import sha256
from pathlib import Path

import pytest
from course_exchange import walk
from course_exchange.receipts import kept
from course_exchange.submit import WholeSubmit
from exchange import ASSIGNMENT, Class
from nbgrader.auth import Authenticator
from nbgrader.exchange import ExchangeError

STUDENT = "student-01"


@pytest.fixture
def mine(klass: Class, tmp_path: Path) -> Path:
    """Return a student's folder of the assignment, which is released."""
    (klass.outbound / f"{ASSIGNMENT}.ipynb").write_text("{}")
    folder = tmp_path / "home" / "demo" / ASSIGNMENT
    (folder / "pictures").mkdir(parents=True)
    (folder / f"{ASSIGNMENT}.ipynb").write_text("solved")
    (folder / "pictures" / "one.png").write_text("one")
    (folder / "pictures").chmod(0o700)
    (folder / "pictures" / "one.png").chmod(0o600)
    return folder


def submitter(klass: Class, mine: Path, **traits: object) -> WholeSubmit:
    submit = WholeSubmit(
        coursedir=klass.coursedir(student_id=STUDENT, max_dir_size=20),
        authenticator=Authenticator(),
        **traits,
    )
    submit.root, submit.path_includes_course = str(klass.root), True
    submit.assignment_dir = str(mine.parents[1])
    submit.cache = str(mine.parents[1] / "cache")
    return submit


def arrived(klass: Class) -> Path:
    [folder] = klass.inbound.iterdir()
    return folder


def remembered(mine: Path) -> Path:
    [folder] = (mine.parents[1] / "cache" / "demo").iterdir()
    return folder


def files_below(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): p.read_text() for p in folder.rglob("*") if p.is_file()}


def test_a_submission_arrives_whole_and_is_remembered(klass: Class, mine: Path) -> None:
    submit = submitter(klass, mine)
    submit.start()
    files = files_below(arrived(klass))
    assert files.pop("timestamp.txt") == submit.timestamp
    assert re.fullmatch("[0-9a-f]{128}", files["submission_secret.txt"])
    assert files.keys() == {"one.ipynb", "pictures/one.png", "submission_secret.txt"}
    assert files_below(remembered(mine)) == files_below(arrived(klass))


def test_a_receipt_of_what_arrived_is_kept(klass: Class, mine: Path) -> None:
    submit = submitter(klass, mine)
    submit.start()
    notebook, picture = submit.receipt["files"]
    assert notebook == {"name": "one.ipynb", "size": 6, "sha256": sha256(b"solved").hexdigest()}
    assert (picture["name"], submit.receipt["size"]) == ("pictures/one.png", 9)
    said = {name: submit.receipt[name] for name in ("course", "assignment", "at")}
    assert said == {"course": "demo", "assignment": ASSIGNMENT, "at": submit.timestamp}
    assert kept(Path(submit.cache), "demo", remembered(mine).name) == submit.receipt


def test_a_receipt_is_of_the_bytes_in_the_exchange(
    klass: Class, mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = WholeSubmit._place

    def change_meanwhile(submit: WholeSubmit, *where: object) -> None:
        place(submit, *where)
        (mine / f"{ASSIGNMENT}.ipynb").write_text("changed since")

    monkeypatch.setattr(WholeSubmit, "_place", change_meanwhile)
    submit = submitter(klass, mine)
    submit.start()
    assert submit.receipt["files"][0]["sha256"] == sha256(b"solved").hexdigest()


def test_its_name_tells_whose_it_is_and_when_and_cannot_be_guessed(
    klass: Class, mine: Path
) -> None:
    names = []
    for _ in range(2):
        submit = submitter(klass, mine)
        submit.start()
        [new] = {folder.name for folder in klass.inbound.iterdir()} - set(names)
        assert new.startswith(f"{STUDENT}+{ASSIGNMENT}+{submit.timestamp}+")
        names.append(new)
    secrets = {name.rpartition("+")[2] for name in names}
    assert len(secrets) == 2
    assert min(map(len, secrets)) >= 12
    cached = {folder.name for folder in (mine.parents[1] / "cache" / "demo").iterdir()}
    assert cached == {name.rpartition("+")[0] for name in names}


def test_without_a_random_string_the_name_is_the_same_in_both_places(
    klass: Class, mine: Path
) -> None:
    submitter(klass, mine, add_random_string=False).start()
    assert remembered(mine).name == arrived(klass).name
    assert arrived(klass).name.count("+") == 2


def test_each_submission_has_a_secret_of_its_own(klass: Class, mine: Path) -> None:
    for _ in range(2):
        submitter(klass, mine).start()
    secrets = [file.read_text() for file in klass.inbound.glob("*/submission_secret.txt")]
    assert len(set(secrets)) == 2


def test_the_grader_can_read_it_and_others_cannot_change_it(klass: Class, mine: Path) -> None:
    old = os.umask(0o077)
    try:
        submitter(klass, mine).start()
    finally:
        os.umask(old)
    folder = arrived(klass)
    for place in (folder, *folder.rglob("*")):
        wanted = 0o755 if place.is_dir() else 0o644
        assert oct(stat.S_IMODE(place.stat().st_mode)) == oct(wanted), place


def test_until_it_is_whole_it_has_a_name_that_nobody_collects(
    klass: Class, mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename
    whole: list[set[str]] = []

    def look_before(path: Path, target: Path) -> Path:
        if target.parent == klass.inbound:
            whole.append(set(files_below(path)))
            assert [folder.name for folder in klass.inbound.iterdir()] == [path.name]
            assert stat.S_IMODE(path.stat().st_mode) == 0o755
            klass.collector(check_owner=False).start()
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", look_before)
    submitter(klass, mine).start()
    assert whole == [set(files_below(arrived(klass)))]
    assert klass.collected() == set()
    klass.collector(check_owner=False).start()
    assert klass.collected() == {STUDENT}


@pytest.mark.parametrize("error", [OSError, RuntimeError, KeyboardInterrupt])
def test_what_fails_in_the_middle_leaves_nothing_and_says_so(
    klass: Class, mine: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    def fail(submit: WholeSubmit, *_: object, **__: object) -> None:
        raise error("no room")

    monkeypatch.setattr(WholeSubmit, "set_perms", fail)
    with pytest.raises(error, match="no room"):
        submitter(klass, mine).start()
    assert list(klass.inbound.iterdir()) == []
    assert not (mine.parents[1] / "cache").exists()


def test_too_much_is_refused(klass: Class, mine: Path) -> None:
    (mine / "large").write_bytes(b"x" * 30_000)
    with pytest.raises(RuntimeError, match="too big"):
        submitter(klass, mine).start()
    assert list(klass.inbound.iterdir()) == []


def test_what_was_never_released_is_not_taken(klass: Class, mine: Path) -> None:
    (klass.outbound / f"{ASSIGNMENT}.ipynb").unlink()
    klass.outbound.rmdir()
    with pytest.raises(ExchangeError, match="not found"):
        submitter(klass, mine).start()
    assert list(klass.inbound.iterdir()) == []


def test_a_missing_notebook_is_refused_where_the_course_is_strict(klass: Class, mine: Path) -> None:
    (mine / f"{ASSIGNMENT}.ipynb").rename(mine / "renamed.ipynb")
    submit = submitter(klass, mine)
    submit.strict = True
    with pytest.raises(ExchangeError, match="missing notebooks"):
        submit.start()
    assert list(klass.inbound.iterdir()) == []


def test_every_submission_is_kept(klass: Class, mine: Path) -> None:
    for number in range(3):
        (mine / f"{ASSIGNMENT}.ipynb").write_text(str(number))
        submitter(klass, mine).start()
    texts = [file.read_text() for file in klass.inbound.glob("*/one.ipynb")]
    assert sorted(texts) == ["0", "1", "2"]
    klass.collector(check_owner=False).start()
    assert (klass.submitted(STUDENT) / "one.ipynb").read_text() == "2"


@pytest.mark.parametrize(
    ("how", "why"), [("too many", "too many files"), ("too deep", "nested too deeply")]
)
def test_what_nobody_would_collect_is_refused_before_it_is_handed_in(
    klass: Class, mine: Path, monkeypatch: pytest.MonkeyPatch, how: str, why: str
) -> None:
    if how == "too many":
        monkeypatch.setattr(walk, "MAX_ENTRIES", 2)
    else:
        mine.joinpath(*["d"] * 25).mkdir(parents=True)
    with pytest.raises(ExchangeError, match=f"cannot be handed in: .*{why}"):
        submitter(klass, mine).start()
    assert list(klass.inbound.iterdir()) == []
