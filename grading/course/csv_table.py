"""Read tables that people and other programs have saved as CSV."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from grading.course.errors import CourseError


@dataclass(frozen=True)
class CsvTable:
    """The rows of a file, each with the line that it begins in, and how it was written."""

    rows: list[tuple[int, list[str]]]
    delimiter: str
    has_byte_mark: bool


def read_csv(file: Path, wrong: type[CourseError]) -> CsvTable:
    """Read a file whose cells are parted by commas, semicolons or tabs.

    Raises `wrong`, with the line, where it is no CSV. Rows without any text are passed over. A cell
    may be of any length: Moodle puts whole essays into one.
    """
    raw = file.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise wrong(f"{file.name}, line {line}: save it as CSV in UTF-8.") from None
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    csv.field_size_limit(len(text) + 1)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows, line = [], 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise wrong(f"{file.name}, line {line}: {error}.") from None
    return CsvTable(rows, delimiter, raw.startswith(b"\xef\xbb\xbf"))
