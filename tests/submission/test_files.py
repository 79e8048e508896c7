import os
from pathlib import Path

from grading.submission.files import describe, submission_files


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
