import os
import shutil
from pathlib import Path

from grading.submission.files import describe, submission_files


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def make(tmp_path):
    submitted, handout = tmp_path / "submitted", tmp_path / "handout"
    for folder in (submitted / "sub", submitted / "tinytorch", handout / "tinytorch"):
        folder.mkdir(parents=True)
    (submitted / "sub" / "helper.py").write_text("x = 1")
    (submitted / "tinytorch" / "tensor.py").write_text("mine")
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
