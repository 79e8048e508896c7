"""Zips as Canvas and Moodle give them for a whole class, made by what their sources do."""

import io
import re
import zipfile
from datetime import datetime
from pathlib import Path

DOWNLOADED = datetime(2026, 10, 12, 9, 30)
COLUMNS = "id,name,email,section,lms_id"


def packed(files, time=DOWNLOADED, **more):
    """Return a zip of files by name; a value may be a pair of a `ZipInfo` and its content."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zip_file:
        for name, content in files.items() if isinstance(files, dict) else files:
            info = name
            if isinstance(name, str):
                info = zipfile.ZipInfo(name, time.timetuple()[:6])
                info.compress_type = zipfile.ZIP_DEFLATED
            zip_file.writestr(info, content, **more)
    return buffer.getvalue()


def canvas_name(sortable, user, upload, file, late=False):
    """Return what Canvas calls a file: `lib/content_zipper.rb`, `get_filename`."""
    person = re.sub(r"_(\d+)_", r"\1", sortable).lower()
    parts = [person, "LATE" if late else None, str(user)]
    whose = re.sub(r"[^\w]", "", "_".join(part for part in parts if part is not None))
    file = re.sub(r'[\x00/\\:*?"<>|]+', "_", file)
    return f"{whose}_{upload}_{file}"


def moodle_name(full_name, participant, file, folders=True, plugin="file"):
    """Return what Moodle calls a file: `mod/assign/classes/downloader.php`."""
    person = f"{full_name.replace('_', ' ')}_{participant}_assignsubmission_{plugin}"
    return f"{person}_/{file}" if folders else f"{person}_{file}"


def write_roster(root: Path, *lines: str) -> None:
    """Write a roster with its columns."""
    (root / "roster.csv").write_text("\n".join([COLUMNS, *lines]) + "\n", encoding="utf-8")


def student(number):
    return f"student-{number:02}"


def class_roster(root: Path, numbers: range, lms_id=lambda number: 5000 + number) -> None:
    """Write a roster of a class, everybody with a name and an id in the LMS."""
    lines = [
        f"{student(n)},{first_name(n)} {last_name(n)},{student(n)}@example.org,A,{lms_id(n)}"
        for n in numbers
    ]
    write_roster(root, *lines)


def first_name(number):
    return f"First{'abcdefghij'[number // 10]}{'abcdefghij'[number % 10]}"


def last_name(number):
    return f"Last{'abcdefghij'[number // 10]}{'abcdefghij'[number % 10]}"


def sortable(number):
    return f"{last_name(number)}, {first_name(number)}"


def files_below(folder: Path) -> dict[str, bytes]:
    """Return the files below a folder by their paths."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
