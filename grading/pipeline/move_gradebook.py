"""Copy a gradebook into another database, row for row: `make move-gradebook TO=postgresql://…`."""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row, Table, func, inspect, select, text
from sqlalchemy.exc import DataError, IntegrityError

from grading.course.errors import CourseError
from grading.course.layout import Course
from grading.engine.lock import only_grader
from grading.engine.options import Options
from grading.grades.database import alone, connect, in_a_sentence, is_there, shown, snapshot
from grading.grades.tables import TABLES, VERSION, make_tables, note_version, refuse_old
from grading.pipeline.configuration import load_config

Transaction = Callable[[Engine], AbstractContextManager[Connection]]
AT_ONCE = 500
"""Rows that are read, written and compared together."""


class CannotMove(CourseError):
    """A gradebook was not moved: the source is as it was, and nothing is in the target."""


def move(source: str, target: str) -> int:
    """Copy every row in one transaction and compare each with its original; return their number.

    The source is only read. Raises `CannotMove` for a target that is not empty, and where a row
    cannot be there as it is here; `GradebookError` as everything that uses a gradebook.
    """
    if not is_there(source):
        raise CannotMove(f"There is no gradebook {shown(source)}. Nothing was moved.")
    with _connected(source, snapshot) as original:
        refuse_old(original, source)
        tables = _tables(original, source)
        with _connected(target, alone) as copy:
            _refuse_full(copy, target)
            make_tables(copy)
            rows = sum(_copy(table, original, copy) for table in tables)
            note_version(copy)
    return rows


@contextmanager
def _connected(db_url: str, transaction: Transaction) -> Iterator[Connection]:
    """Yield a connection in one transaction, `snapshot` or `alone`."""
    engine = connect(db_url)
    try:
        with in_a_sentence(db_url), transaction(engine) as connection:
            yield connection
    finally:
        engine.dispose()


def _tables(original: Connection, source: str) -> list[Table]:
    """Return the tables to copy, in an order in which each finds what it points to."""
    known = {table.name: table for table in (*TABLES, VERSION)}
    there = set(inspect(original).get_table_names())
    if strangers := [name for name in sorted(there - known.keys()) if _has_rows(original, name)]:
        raise CannotMove(
            f"{shown(source)} holds more than a gradebook, and it would be left behind: "
            f"{', '.join(strangers)}. Move or remove these tables first. Nothing was moved."
        )
    return [table for name, table in known.items() if name in there]


def _has_rows(connection: Connection, table: str) -> bool:
    name = connection.dialect.identifier_preparer.quote(table)
    return connection.execute(text(f"SELECT 1 FROM {name} LIMIT 1")).first() is not None


def _refuse_full(copy: Connection, target: str) -> None:
    if found := inspect(copy).get_table_names():
        raise CannotMove(
            f"{shown(target)} is not empty, it has tables ({', '.join(sorted(found)[:3])} …): make "
            "an empty database and name that one. Nothing was moved."
        )


def _copy(table: Table, original: Connection, copy: Connection) -> int:
    rows = original.execution_options(yield_per=AT_ONCE).execute(select(table))
    number = 0
    for some in rows.partitions():
        try:
            copy.execute(table.insert(), [dict(row._mapping) for row in some])
        except (DataError, IntegrityError, ValueError) as error:
            reason = " ".join(str(getattr(error, "orig", error)).split())
            raise CannotMove(
                f"A row of {table.name} cannot be moved as it is: {reason}. Nothing was moved."
            ) from error
        _compare(table, some, copy)
        number += len(some)
    if copy.scalar(select(func.count()).select_from(table)) != number:
        raise CannotMove(
            f"There are other rows in {table.name} than were moved. Nothing was moved."
        )
    return number


def _compare(table: Table, originals: Sequence[Row[Any]], copy: Connection) -> None:
    """Raise `CannotMove` unless each row reads there as it does here."""
    key = next(iter(table.primary_key), next(iter(table.columns)))
    wanted = {row._mapping[key]: tuple(row) for row in originals}
    found = copy.execute(select(table).where(key.in_(wanted)))
    got = {row._mapping[key]: tuple(row) for row in found}
    for name, row in wanted.items():
        if got.get(name) != row:
            raise CannotMove(
                f"{table.name} {name} would not be there as it is here. Nothing was moved."
            )


def main() -> int:
    """Move the course's gradebook; say what to do next, or why nothing was moved."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("to", nargs="?", default="", help="such as postgresql://user@host/database")
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="the course folder")
    arguments = parser.parse_args()
    root = arguments.root.resolve()
    try:
        if not arguments.to:
            raise CourseError("Say where to: TO=postgresql://user@host/database.")
        source = Options.of(load_config(root)).db_url
        with only_grader(Course(root)):
            rows = move(source, arguments.to)
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{rows} rows are in {shown(arguments.to)}, each compared with its original.")
    print(f"Say so in nbgrader_config.py:  c.CourseDirectory.db_url = {shown(arguments.to)!r}")
    print(f"{shown(source)} is as it was: keep it as a backup.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
