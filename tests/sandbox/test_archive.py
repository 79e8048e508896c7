"""Files for the sandbox are packed as they are, without links, and anybody may read them."""

import io
import os
import tarfile
from pathlib import PurePath

from grading.sandbox.archive import NOTHING, pack, pack_files


def entries(archive):
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        return {entry.name: (entry, files.extractfile(entry).read()) for entry in files}


def contents(archive):
    return {name: content for name, (_, content) in entries(archive).items()}


def test_names_and_contents_are_packed():
    files = [(PurePath("a.txt"), b"a"), (PurePath("folder/b.txt"), b"b")]
    assert contents(pack_files(files)) == {"a.txt": b"a", "folder/b.txt": b"b"}


def test_a_long_or_odd_name_is_kept():
    names = ["x" * 200 + "/" + "y" * 200, "ü ñ", "a\nb", os.fsdecode(b"\xff\xfe")]
    assert [*contents(pack_files((PurePath(name), b"") for name in names))] == names


def test_whatever_its_mode_a_packed_file_can_be_read_by_anybody_and_run_by_nobody(tmp_path):
    (tmp_path / "secret").touch(mode=0o700)
    (entry, _) = entries(pack(tmp_path))["secret"]
    assert entry.mode == 0o644 and (entry.uid, entry.gid, entry.uname) == (0, 0, "")


def test_a_folder_is_packed_with_what_lies_below_and_without_links(tmp_path):
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "file").write_text("text")
    (tmp_path / "link").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "pipe")
    assert contents(pack(tmp_path)) == {"below/file": b"text"}


def test_a_folder_that_is_not_there_holds_nothing(tmp_path):
    assert contents(pack(tmp_path / "missing")) == contents(NOTHING) == {}


def test_the_same_files_make_the_same_archive(tmp_path):
    for name in ("b", "a"):
        (tmp_path / name).write_text(name)
    first = pack(tmp_path)
    os.utime(tmp_path / "a", (1, 1))
    assert pack(tmp_path) == first
