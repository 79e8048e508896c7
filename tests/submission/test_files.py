import os
from pathlib import Path, PurePath

import pytest

from grading.submission.files import describe, submission_files


def make(tmp_path):
    submitted = tmp_path / "submitted"
    for folder in (submitted / "sub", submitted / "tinytorch"):
        folder.mkdir(parents=True)
    (submitted / "sub" / "helper.py").write_text("x = 1")
    (submitted / "tinytorch" / "tensor.py").write_text("mine")
    (tmp_path / "secret").write_text("secret")
    (submitted / "link").symlink_to(tmp_path / "secret")
    (submitted / "folder-link").symlink_to(tmp_path)
    os.mkfifo(submitted / "pipe")
    return submitted, [PurePath("tinytorch/tensor.py")]


def test_only_ordinary_files_that_are_not_handed_out_go_in(tmp_path):
    files, notes = submission_files(*make(tmp_path))
    assert files == [(Path("sub/helper.py"), b"x = 1")]
    assert notes == ["A link or special file was left out."]


def test_what_a_submission_is_changes_with_its_files(tmp_path):
    submitted, _ = make(tmp_path)
    before = describe(submitted)
    assert describe(submitted) == before
    (submitted / "sub" / "helper.py").write_text("x = 2")
    assert describe(submitted) != before


def but_not_the_huge_one(work):
    def done(file, *arguments, **options):
        assert Path(file).name != "huge"  # before memory is full of it
        return work(file, *arguments, **options)

    return done


def test_a_huge_sparse_file_is_not_read(tmp_path, monkeypatch):
    submitted, handout = make(tmp_path)
    monkeypatch.setattr(os, "open", but_not_the_huge_one(os.open))
    monkeypatch.setattr(Path, "read_bytes", but_not_the_huge_one(Path.read_bytes))
    with (submitted / "huge").open("wb") as file:
        file.truncate(1 << 40)
    describe(submitted)
    files, notes = submission_files(submitted, handout)
    assert "huge" not in {name.name for name, _ in files}
    assert any("too large" in note for note in notes)


HANDED_OUT = ("data/few.npz", "tinytorch/tensor.py")


def taken(tmp_path, *names):
    submitted = tmp_path / "submitted"
    for name in names:
        (submitted / name).parent.mkdir(parents=True, exist_ok=True)
        (submitted / name).write_text("x")
    taken, _ = submission_files(submitted, [PurePath(name) for name in HANDED_OUT])
    return sorted(str(name) for name, _ in taken)


@pytest.mark.parametrize(
    "name",
    [
        *("data/factor.txt", "data/more/few.npz", "few.npz", "tinytorch/helper.py"),
        *("data/few.npz.txt", ".gitignore", ".git/HEAD", "data/.hidden"),
    ],
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
