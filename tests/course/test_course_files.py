import os
from pathlib import Path

import pytest

from grading.course.files import write_if_changed, write_whole


def test_a_file_that_says_so_already_is_not_written(tmp_path):
    file = tmp_path / "new" / "file.txt"
    assert write_if_changed(file, "text")
    os.utime(file, (0, 0))
    assert not write_if_changed(file, "text")
    assert file.stat().st_mtime == 0
    assert write_if_changed(file, "other") and file.read_text() == "other"


@pytest.mark.parametrize("method", ["write_text", "rename"])
def test_a_write_that_is_cut_short_leaves_the_old_file(tmp_path, monkeypatch, method):
    file = tmp_path / "file.txt"
    write_whole(file, "old")

    def cut_short(path, text):
        if method == "write_text":
            path.write_bytes(text[:2].encode())
        raise OSError("the disk is full")

    monkeypatch.setattr(Path, method, cut_short)
    with pytest.raises(OSError):
        write_whole(file, "new text")
    assert file.read_bytes() == b"old"


def test_a_whole_file_leaves_nothing_beside_it(tmp_path):
    write_whole(tmp_path / "new" / "file.txt", "text")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["file.txt"]
    assert (tmp_path / "new" / "file.txt").read_text() == "text"
