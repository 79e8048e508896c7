import os
import shutil
from pathlib import Path

import pytest

from grading.submission.files import describe, submission_files


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def make(tmp_path):
    submitted, handout = tmp_path / "submitted", tmp_path / "handout"
    for folder in (submitted / "sub", submitted / "tinytorch", handout / "tinytorch"):
        folder.mkdir(parents=True)
    (submitted / "sub" / "helper.py").write_text("x = 1")
    for folder in (submitted, handout):
        (folder / "tinytorch" / "tensor.py").write_text("mine")
    (tmp_path / "secret").write_text("secret")
    (submitted / "link").symlink_to(tmp_path / "secret")
    (submitted / "folder-link").symlink_to(tmp_path)
    os.mkfifo(submitted / "pipe")
    return submitted, handout


def test_only_ordinary_files_that_are_not_handed_out_go_in(tmp_path):
    with submission_files(*make(tmp_path)) as (folder, notes):
        assert files(folder) == ["sub/helper.py"]
        assert notes == ["A link or special file was left out."]
    assert not folder.exists()


def test_what_a_submission_is_changes_with_its_files(tmp_path):
    submitted, _ = make(tmp_path)
    before = describe(submitted)
    assert describe(submitted) == before
    (submitted / "sub" / "helper.py").write_text("x = 2")
    assert describe(submitted) != before


def but_not_the_huge_one(work):
    def done(file, *arguments, **options):
        assert file.name != "huge"  # before a disk is full of it
        return work(file, *arguments, **options)

    return done


def test_a_huge_sparse_file_is_neither_read_nor_copied(tmp_path, monkeypatch):
    submitted, handout = make(tmp_path)
    monkeypatch.setattr(shutil, "copyfile", but_not_the_huge_one(shutil.copyfile))
    monkeypatch.setattr(Path, "read_bytes", but_not_the_huge_one(Path.read_bytes))
    with (submitted / "huge").open("wb") as file:
        file.truncate(1 << 40)
    describe(submitted)
    with submission_files(submitted, handout) as (folder, notes):
        assert "huge" not in files(folder)
        assert any("too large" in note for note in notes)


HANDED_OUT = ("data/few.npz", "tinytorch/tensor.py")


def taken(tmp_path, *names):
    submitted, handout = tmp_path / "submitted", tmp_path / "handout"
    for folder, files_of in ((submitted, names), (handout, HANDED_OUT)):
        for name in files_of:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text("x")
    with submission_files(submitted, handout) as (folder, _):
        return files(folder)


@pytest.mark.parametrize(
    "name",
    ["data/factor.txt", "data/more/few.npz", "few.npz", "tinytorch/helper.py", "data/few.npz.txt"],
)
def test_a_students_file_in_a_folder_that_is_handed_out_is_kept(tmp_path, name):
    assert taken(tmp_path, name) == [name]


@pytest.mark.parametrize(
    "name",
    [
        "data/few.npz",
        "data/few.npz/inside",
        "data",
        "tinytorch/tensor.py",
        "tinytorch/tensor/__init__.py",
        "tinytorch/tensor.cpython-311-x86_64-linux-gnu.so",
        "tinytorch/__pycache__/tensor.cpython-311.pyc",
    ],
)
def test_nothing_takes_the_place_of_a_file_that_is_handed_out(tmp_path, name):
    assert taken(tmp_path, name) == []


@pytest.mark.parametrize(
    "name",
    ["__MACOSX/a", "._a", "b/._a", ".DS_Store", "b/Thumbs.db", ".ipynb_checkpoints/a.ipynb"],
)
def test_what_systems_add_is_left_out(tmp_path, name):
    assert taken(tmp_path, name, "mine") == ["mine"]
