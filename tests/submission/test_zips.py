"""Zips of somebody else's making: nothing leads out, nothing unpacks without end."""

import io
import stat
import struct
import zipfile
from datetime import datetime
from pathlib import PurePosixPath
from zoneinfo import ZoneInfo

import pytest
from lms_zips import packed

from grading.submission.zip_settings import Zips
from grading.submission.zips import (
    LONGEST_NAME,
    MB,
    BadZip,
    is_zip,
    name_of,
    opened,
    safe_path,
    time_of,
)

WHEN = datetime(2026, 10, 12, 9, 30, 2)


def read_all(content, **limits):
    """Return the files of a student's zip, and why others were refused."""
    with opened(content, Zips(**limits)) as archive:
        return {str(f.path): archive.read(f) for f in archive.files}, archive.refused


@pytest.mark.parametrize(
    "name",
    ["../a", "a/../../b", "/etc/a", "\\a", "..\\a", "C:\\a", "c:a", "\\\\server\\share\\a", "a/.."],
)
def test_a_path_that_leads_out_is_refused_and_the_others_are_read(name):
    files, refused = read_all(packed({name: b"x", "good.ipynb": b"y"}))
    assert files == {"good.ipynb": b"y"}
    assert refused == {name: "its path leads out of the zip"}


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("A\\B\\mini.ipynb", "A/B/mini.ipynb"),
        ("./a//b", "a/b"),
        ("a\x07b\n", "a_b_"),
        ("e\u0301.csv", "é.csv"),
        ("...", "..."),
        ("a..b", "a..b"),
    ],
)
def test_a_path_is_put_right(name, path):
    assert safe_path(name) == PurePosixPath(path)


@pytest.mark.parametrize("name", ["", ".", "/", "./"])
def test_what_is_no_path_is_none(name):
    assert safe_path(name) is None


@pytest.mark.parametrize("name", ["d/" * 21 + "a", f"{'d' * 190}/" * 6 + "a"])
def test_of_a_path_too_deep_or_too_long_the_name_is_left(name):
    assert safe_path(name) == PurePosixPath("a")


def test_a_name_too_long_for_a_file_keeps_its_ending():
    name = safe_path("é" * 300 + ".ipynb").name
    assert name.endswith("é.ipynb") and len(name.encode()) <= LONGEST_NAME


def entry(name, mode=0, **fields):
    info = zipfile.ZipInfo(name, WHEN.timetuple()[:6])
    info.external_attr = mode << 16
    for field, value in fields.items():
        setattr(info, field, value)
    return info


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_links_and_special_files_are_refused(kind):
    files, refused = read_all(packed([(entry("odd", kind | 0o777), b"/etc"), ("a", b"")]))
    assert files == {"a": b""}
    assert refused == {"odd": "it is a link or a special file"}


@pytest.mark.parametrize("mode", [0, 0o644, stat.S_IFREG | 0o600])
def test_ordinary_files_of_every_system_are_read(mode):
    assert read_all(packed([(entry("a", mode), b"x")])) == ({"a": b"x"}, {})


def test_folders_are_no_files():
    assert read_all(packed({"a/": b"", "b\\": b"", "a/x": b"y"})) == ({"a/x": b"y"}, {})


@pytest.mark.parametrize("name", ["__MACOSX/._a", "d/._a.ipynb", ".DS_Store", "d/Thumbs.db"])
def test_what_systems_add_is_passed_over(name):
    assert read_all(packed({name: b"x", "a": b"y"})) == ({"a": b"y"}, {})


def locked(content):
    """Return a zip all of whose files are said to be encrypted."""
    changed = bytearray(content)
    for begin, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = -1
        while (place := content.find(begin, place + 1)) >= 0:
            changed[place + at] |= 1
    return bytes(changed)


def test_a_locked_file_is_refused():
    assert read_all(locked(packed({"a": b"x"})))[1] == {"a": "it is locked with a password"}


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_file_packed_by_a_method_that_has_no_bound_is_refused(method):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as zip_file:
        zip_file.writestr("a", bytes(1000))
    assert read_all(buffer.getvalue()) == ({}, {"a": "it is packed in an unusual way"})


def test_a_file_of_a_method_that_nobody_knows_is_refused():
    content = packed({"a": b"x"})
    place = content.index(b"PK\x01\x02") + 10
    odd = content[:place] + b"\x63\x00" + content[place + 2 :]
    assert read_all(odd)[1] == {"a": "it is packed in an unusual way"}


def test_a_file_larger_than_one_may_be_is_refused():
    files, refused = read_all(packed({"a": b"x" * (MB + 1), "b": b"y"}), file_mb=1)
    assert files == {"b": b"y"}
    assert refused == {"a": "it would have 1 MB, and 1 may be"}


def test_a_file_that_says_it_is_smaller_is_read_no_further_than_it_says():
    content = packed({"a": b"x" * (3 * MB)})
    lie = content.replace(struct.pack("<I", 3 * MB), struct.pack("<I", 10))
    with opened(lie, Zips(file_mb=1)) as archive, pytest.raises(BadZip, match="it is broken"):
        archive.read(archive.files[0])


def test_a_file_much_larger_than_when_it_was_packed_is_refused():
    refused = read_all(packed({"a": bytes(30 * MB)}))[1]
    assert refused == {"a": "it would have more than 250 times its packed size"}


def test_a_notebook_that_prints_one_line_without_end_is_read():
    line = b'"epoch 1000: loss 0.1234\\n",\n'
    content = line * (8 * MB // len(line))
    assert read_all(packed({"a.ipynb": content}))[0] == {"a.ipynb": content}


def test_a_zip_that_unpacks_to_more_than_a_student_may_have_is_refused():
    with pytest.raises(BadZip, match="it would unpack to 3 MB, and 2 may be"):
        read_all(packed({f"{n}": b"x" * (MB - 1) for n in range(4)}), student_mb=2)


def test_a_zip_of_too_many_files_is_refused():
    content = packed({f"{n}": b"" for n in range(11)})
    assert len(read_all(content, student_files=11)[0]) == 11
    with pytest.raises(BadZip, match="it holds more than 10 files"):
        read_all(content, student_files=10)


def test_too_many_files_are_counted_before_any_is_looked_at(monkeypatch):
    def never(*_):
        raise AssertionError("the table of contents was read")

    monkeypatch.setattr(zipfile, "ZipFile", never)
    with (
        pytest.raises(BadZip, match="more than 10 files"),
        opened(b"PK\x01\x02" * 11, Zips(student_files=10)),
    ):
        pass


def test_the_zip_of_a_class_has_limits_of_its_own(tmp_path):
    file = tmp_path / "class.zip"
    file.write_bytes(packed({f"{n}": b"" for n in range(11)}))
    with opened(file, Zips(student_files=1)) as archive:
        assert len(archive.files) == 11
    with pytest.raises(BadZip, match="more than 10 files"), opened(file, Zips(class_files=10)):
        pass


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip", packed({"a": b"x" * 99})[:-30]])
def test_what_is_no_zip_is_said_to_be_none(content):
    with pytest.raises(BadZip, match="no zip, or a broken one"):
        read_all(content)


def test_a_file_whose_bytes_have_changed_is_broken():
    content = bytearray(packed({"a": bytes(range(256)) * 4}))
    content[60] ^= 255
    with opened(bytes(content), Zips()) as archive, pytest.raises(BadZip, match="it is broken"):
        archive.read(archive.files[0])


def test_names_marked_as_nothing_are_read_as_utf8_where_they_can_be():
    for written, meant in (("é.ipynb".encode(), "é.ipynb"), (b"\x82.ipynb", "é.ipynb")):
        info = zipfile.ZipInfo(written.decode("cp437"))
        assert name_of(info) == meant


def test_a_name_that_claims_to_be_utf8_and_is_not_breaks_only_its_zip():
    content = packed({"é": b"x"}).replace("é".encode(), b"\xe9\xe9")
    with pytest.raises(BadZip, match="broken"):
        read_all(content)


def test_times_are_read_in_the_zone_of_the_lms():
    info = zipfile.ZipInfo("a", WHEN.timetuple()[:6])
    assert time_of(info, ZoneInfo("Europe/Berlin")) == datetime(2026, 10, 12, 7, 30, 2)


def test_a_time_in_utc_counts_before_one_of_some_clock():
    info = zipfile.ZipInfo("a", WHEN.timetuple()[:6])
    seconds = int(datetime(2026, 10, 1, tzinfo=ZoneInfo("UTC")).timestamp())
    info.extra = b"\x01\x00\x02\x00ab" + struct.pack("<HHBi", 0x5455, 5, 1, seconds)
    assert time_of(info, ZoneInfo("Europe/Berlin")) == datetime(2026, 10, 1)


@pytest.mark.parametrize(
    "date", [(1980, 1, 1, 0, 0, 0), (2026, 0, 0, 0, 0, 0), (2026, 13, 1, 0, 0, 0)]
)
def test_no_time_is_none(date):
    info = zipfile.ZipInfo("a")
    info.date_time = date
    assert time_of(info, ZoneInfo("UTC")) is None


@pytest.mark.parametrize(
    "extra", [b"UT\x05", b"UT\x05\x00\x01", b"\x00\x00\xff\xff", b"UT\x01\x00\x00"]
)
def test_extra_fields_of_any_shape_are_passed_over(extra):
    info = zipfile.ZipInfo("a", WHEN.timetuple()[:6])
    info.extra = extra
    assert time_of(info, ZoneInfo("UTC")) == WHEN


@pytest.mark.parametrize(
    ("name", "content", "yes"),
    [
        ("a.ZIP", b"", True),
        ("a.ipynb", b"PK\x03\x04", True),
        ("a.ipynb", b"{}", False),
        ("a.docx", b"PK\x03\x04", False),
    ],
)
def test_a_zip_is_known_by_its_name_or_under_a_notebooks(name, content, yes):
    assert is_zip(name, content) is yes


def test_every_limit_says_what_it_is():
    assert all(len(trait.help) > 40 for trait in Zips.class_own_traits(config=True).values())


def test_overlapping_files_are_bounded_by_what_they_say_they_are():
    content = packed({"a": b"x" * 1000})
    directory = content.index(b"PK\x01\x02")
    one = content[directory : content.index(b"PK\x05\x06")]
    end = bytearray(content[content.index(b"PK\x05\x06") :])
    end[8:12] = struct.pack("<HH", 50, 50)
    end[12:16] = struct.pack("<I", len(one) * 50)
    with pytest.raises(BadZip, match="more than 10 files"):
        read_all(content[:directory] + one * 50 + bytes(end), student_files=10)
