"""Read a table of grades as Canvas and Moodle do, written from their own sources.

Canvas: `lib/gradebook_importer.rb`; Moodle: `mod/assign/feedback/offline/importgradeslib.php` and
`grade/import/csv`. Nothing of our own code is used here.
"""

import csv
import io
import re

TOTALS = re.compile("Current Score|Current Points|Final Score|Final Points|Override Score")


def canvas_imports(text, students):
    """Return what Canvas changes: by user id and column, what each of the rows says.

    `students` are the course's, as (user id, SIS id, login, name); an unknown one is an error, as
    Canvas would ask who it is.
    """
    semicolons = [len(line.split(";")) for line in text.splitlines()[:3]]
    commas = [len(next(csv.reader([line]))) for line in text.splitlines()[:3]]
    separator = ";" if len({*semicolons}) == 1 and semicolons[0] > commas[0] else ","
    rows = [
        row
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        if not re.fullmatch(r"[;, ]*", separator.join(row))
    ]
    header = rows.pop(0)
    assert len(header) > 3 and "Student" in header[0] and "ID" in header[1], "Invalid header row"
    people, sis, login = 3, None, None
    if re.search(r"SIS\s+Login\s+ID", header[2]):
        login, people = 2, 4
    elif re.search(r"SIS\s+User\s+ID", header[2]) and re.search(r"SIS\s+Login\s+ID", header[3]):
        sis, login = 2, 3
        people = 5 + bool(re.search(r"Integration\s+ID", header[4]))
    assert "Section" in header[people - 1], "Invalid header row"
    columns = {
        at: name for at, name in enumerate(header) if at >= people and not TOTALS.search(name)
    }
    changes = {}
    points = {}
    for row in rows:
        assert len(row) == len(header)
        if "Points Possible" in row[0]:
            points = {columns[at]: row[at] for at in columns}
            continue
        if all(re.fullmatch(r"\s*(Muted|Manual Posting.*)?\s*", cell, re.I) for cell in row):
            continue
        found = (
            [one for one in students if row[1] and str(one[0]) == row[1]]
            or [one for one in students if sis and row[sis] and one[1] == row[sis]]
            or [one for one in students if login and row[login] and one[2] == row[login]]
            or [one for one in students if one[3] == row[0]]
        )
        assert found, f"Canvas would ask who {row[0]} is"
        assert found[0][0] not in changes, f"{row[0]} twice"
        changes[found[0][0]] = {name: _canvas_number(row[at]) for at, name in columns.items()}
    return changes, points


def _canvas_number(cell):
    cell = cell.strip()
    if not re.fullmatch(r"-?[0-9.,]+%?", cell):
        return cell
    *whole, last = re.split("[,.]", cell)
    return float(f"{''.join(whole)}.{last}" if whole else last)


def moodle_worksheet(text, participants):
    """Return the grades that Moodle takes of a grading worksheet, by participant.

    `participants` are the numbers that the assignment knows; every other row is passed over.
    """
    rows = [*csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))]
    header = rows.pop(0)
    assert {"Identifier", "Grade", "Last modified (grade)"} <= {*header}
    grades = {}
    for row in rows:
        assert len(row) == len(header), "Moodle: the number of columns is not constant"
        said = dict(zip(header, row, strict=True))
        number = int(said["Identifier"][len("Participant ") :])
        if number in participants and said["Grade"] not in ("", "-"):
            grade = float(said["Grade"])
            assert 0 <= grade <= float(said["Maximum Grade"]), "Moodle refuses this grade"
            grades[number] = grade
    return grades


def moodle_import(text, addresses, column, identified_by="Email address"):
    """Return the grades that Moodle's import of a CSV file takes: a row of nobody stops it all."""
    rows = [*csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))]
    grades = {}
    for row in rows:
        assert None not in row and None not in row.values(), "a row of another length"
        assert row[identified_by] in addresses, f"nobody has {row[identified_by]}"
        if row[column].strip() not in ("", "-"):
            grades[row[identified_by]] = float(row[column])
    return grades
