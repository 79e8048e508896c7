"""A submission's files arrive at a worker as a person would meet them, whatever they are."""

import io
import os
import stat
import subprocess

import pytest

from grading.engine import shipment
from grading.engine.shipment import MAX_DEPTH, MAX_NAME_BYTES, TOO_DEEP
from grading.submission.files import MAX_TOTAL_BYTES, submission_files
from grading.submission.read import MAX_BYTES


@pytest.fixture
def submitted(tmp_path):
    """Yield a submitted folder; it goes with what lies too deep in it for Python to remove."""
    (tmp_path / "submitted").mkdir()
    yield tmp_path / "submitted"
    subprocess.run(["rm", "-rf", tmp_path / "submitted"], check=True)


@pytest.fixture
def carry(submitted, tmp_path):
    """Return what carries the submission and returns where it is laid out."""

    def carry():
        target = tmp_path / "there"
        target.mkdir()
        archive = io.BytesIO()
        shipment.pack_submission(submitted, archive)
        archive.seek(0)
        shipment.unpack_submission(archive, target)
        return target

    return carry


def names(folder):
    found = [path.relative_to(folder) for path in folder.rglob("*") if not path.is_dir()]
    return sorted(os.fsencode(name) for name in found)


@pytest.mark.parametrize(
    "name",
    [
        *("01_mini.ipynb", "data/own.csv", "a b.txt", "üñí.txt", "new\nline.txt", "tab\t.txt"),
        *("..hidden", "-rf", "a'b\"c.txt", "x" * 255, f"{'y' * 150}/{'z' * 150}", "back\\slash"),
        *("GNU.sparse.name", "path=other", "trailing "),
    ],
)
def test_a_file_arrives_with_its_name_and_content(submitted, carry, name):
    file = submitted / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"\0mine\xff")
    assert (carry() / name).read_bytes() == b"\0mine\xff"


def test_a_name_that_is_no_unicode_arrives(submitted, carry):
    name = b"caf\xe9.txt"
    (submitted / os.fsdecode(name)).write_bytes(b"mine")
    assert names(carry()) == [name]


def test_an_empty_submission_arrives_empty(carry):
    assert names(carry()) == []


def test_a_notebook_that_is_a_folder_arrives_as_one(submitted, carry):
    (submitted / "01_mini.ipynb").mkdir()
    (submitted / "01_mini.ipynb" / "01_mini.ipynb").write_text("{}")
    assert (carry() / "01_mini.ipynb").is_dir()


def test_what_is_no_ordinary_file_arrives_as_a_link_to_nowhere(submitted, carry, tmp_path):
    (tmp_path / "secret").write_text("of another")
    (submitted / "link").symlink_to(tmp_path / "secret")
    (submitted / "folder").symlink_to(tmp_path)
    os.mkfifo(submitted / "pipe")
    there = carry()
    assert names(there) == [b"folder", b"link", b"pipe"]
    assert all((there / name).is_symlink() for name in ("folder", "link", "pipe"))
    assert not any((there / name).exists() for name in ("folder", "link", "pipe"))


def test_a_file_that_cannot_be_read_arrives_as_a_link_to_nowhere(submitted, carry, monkeypatch):
    (submitted / "closed").write_text("mine")

    def refuse(path, flags):
        raise PermissionError(path)

    monkeypatch.setattr(shipment.os, "open", refuse)
    assert (carry() / "closed").is_symlink()


def test_a_file_that_became_a_link_meanwhile_is_not_followed(
    submitted, carry, monkeypatch, tmp_path
):
    (tmp_path / "secret").write_text("of another")
    file = submitted / "file"
    file.write_text("mine")
    walk = [(file, file.lstat())]
    file.unlink()
    file.symlink_to(tmp_path / "secret")
    monkeypatch.setattr(shipment, "walk", lambda _: iter(walk))
    assert not (carry() / "file").exists()


def test_a_file_that_became_a_pipe_meanwhile_is_not_waited_for(submitted, carry, monkeypatch):
    file = submitted / "file"
    file.write_text("mine")
    walk = [(file, file.lstat())]
    file.unlink()
    os.mkfifo(file)
    monkeypatch.setattr(shipment, "walk", lambda _: iter(walk))
    assert (carry() / "file").read_bytes() == b""


@pytest.mark.parametrize(("now", "arrives"), [("grown larger", "grow"), ("gr", "gr")])
def test_a_file_that_changes_while_it_is_packed_arrives_no_longer_than_it_was(
    submitted, carry, monkeypatch, now, arrives
):
    file = submitted / "file"
    file.write_text("grow")
    walk = [(file, file.lstat())]
    file.write_text(now)
    monkeypatch.setattr(shipment, "walk", lambda _: iter(walk))
    assert (carry() / "file").read_text() == arrives


def test_of_a_file_that_is_too_large_only_its_size_arrives(submitted, carry):
    with (submitted / "movie.bin").open("wb") as file:
        file.truncate(3_000_000_000)
    there = carry() / "movie.bin"
    status = there.stat()
    assert status.st_size == shipment.MAX_CARRIED > max(MAX_TOTAL_BYTES, MAX_BYTES)
    assert status.st_blocks * 512 < 1_000_000


@pytest.mark.parametrize("size", [1 << 40, (1 << 63) - 1])
def test_a_size_that_no_disk_has_does_no_harm(submitted, carry, monkeypatch, size):
    file = submitted / "movie.bin"
    file.write_bytes(b"")
    status = list(file.lstat())
    status[stat.ST_SIZE] = size
    monkeypatch.setattr(shipment, "walk", lambda _: iter([(file, os.stat_result(status))]))
    assert (carry() / "movie.bin").stat().st_size == shipment.MAX_CARRIED


def test_all_files_together_are_carried_up_to_a_limit(submitted, carry, monkeypatch):
    monkeypatch.setattr(shipment, "MAX_CARRIED", 10)
    for name in "abc":
        (submitted / name).write_bytes(b"12345678"[: 8 if name == "b" else 4])
    there = carry()
    contents = [(there / name).read_bytes() for name in "abc"]
    assert contents == [b"1234", b"\0" * 8, b"1234"]


def test_very_many_files_are_not_all_carried(submitted, carry, monkeypatch):
    monkeypatch.setattr("grading.submission.files.MAX_WALK", 5)
    for number in range(9):
        (submitted / f"{number}").touch()
    assert len(names(carry())) == 5


def deep_folder(place, name, depth):
    """Make folders in folders, deeper than any path reaches, with a file in the last."""
    here = os.open(place, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir(name, dir_fd=here)
        below = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)


@pytest.mark.parametrize(
    ("name", "depth"), [("d", MAX_DEPTH), ("d", 1_200), ("d" * 200, 6), ("d" * 250, 12)]
)
def test_what_lies_too_deep_is_left_out_and_that_is_noticed(submitted, carry, name, depth):
    deep_folder(submitted, name, depth)
    (submitted / "01_mini.ipynb").write_text("{}")
    there = carry()
    assert names(there) == [b"01_mini.ipynb", TOO_DEEP.encode()]
    assert submission_files(there, set())[1] == ["A link or special file was left out."]


def test_folders_deeper_than_any_path_do_no_harm(submitted, carry):
    deep_folder(submitted, "d", 5_000)
    (submitted / "01_mini.ipynb").write_text("{}")
    assert names(carry()) == [b"01_mini.ipynb"]


@pytest.mark.parametrize(
    ("name", "depth"), [("d", MAX_DEPTH - 1), ("d" * 100, (MAX_NAME_BYTES - 4) // 101)]
)
def test_what_lies_less_deep_arrives(submitted, carry, name, depth):
    deep_folder(submitted, name, depth)
    assert len(names(carry())) == 1 and not os.path.lexists(submitted.parent / "there" / TOO_DEEP)


def test_a_file_that_is_called_as_what_is_left_out_arrives(submitted, carry):
    deep_folder(submitted, "d", MAX_DEPTH)
    (submitted / TOO_DEEP).write_text("mine")
    assert (carry() / TOO_DEEP).read_text() == "mine"
