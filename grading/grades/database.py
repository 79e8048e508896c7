"""Connections to the gradebook's database, SQLite or PostgreSQL, and its troubles as sentences."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, Insert, Table, create_engine, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.orm import Session

from grading.course.errors import CourseError

PATIENCE = 30
"""Seconds that somebody else may keep what we want to write locked."""
TO_CONNECT = 10
"""Seconds that a server may take to answer."""
INSERTS: dict[str, Callable[[Table], Any]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}
WRITES = "writes_to_the_gradebook"
ONE_AT_A_TIME = 0x7469_6E79_746F
"""The advisory lock of PostgreSQL that is held while a gradebook's tables are made."""

LOCKED = (
    "has been locked by somebody else for {patience} seconds. Close what is writing to it (another "
    "run, a database browser, a backup), then run this again"
)
FULL = "cannot grow: its disk is full. Make room, then run this again"
READ_ONLY = "may only be read here. Make its file and its folder writable for whoever grades"
SQLITE_TROUBLES = {
    **dict.fromkeys((5, 6), LOCKED),
    8: READ_ONLY,
    11: "is damaged. Put a backup of it in its place",
    13: FULL,
    14: "cannot be opened: there is no such folder, or it may not be read. Look at "
    "c.CourseDirectory.db_url in nbgrader_config.py",
    26: "is no database of SQLite's. Look at c.CourseDirectory.db_url in nbgrader_config.py",
}
POSTGRESQL_TROUBLES = {
    "55P03": LOCKED,
    "40P01": LOCKED,
    "53100": FULL,
    "25006": "may only be read: its server is a copy that follows another. Write to that one",
    "42501": "may not be written by this role. GRANT it what it needs (docs/gradebook.md)",
}
UNREACHABLE = (
    "cannot be reached: {reason}. Look whether its server runs, and at c.CourseDirectory.db_url in "
    "nbgrader_config.py (docs/gradebook.md)"
)


class GradebookError(CourseError):
    """The gradebook cannot be read or written; of what was being written, nothing is kept."""


def shown(db_url: str) -> str:
    """Return a gradebook's address without its password."""
    try:
        return make_url(db_url).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):
        return "the gradebook"


def connect(db_url: str) -> Engine:
    """Return an engine; its transactions that write own SQLite's file from their first line.

    Raises `GradebookError` for an address of no database we can use.
    """
    url = _read(db_url)
    try:
        engine = create_engine(url, connect_args=_connect_args(url))
    except NoSuchModuleError:
        raise GradebookError(_no_such_kind(db_url)) from None
    except ModuleNotFoundError as error:
        raise GradebookError(
            f"{shown(db_url)} needs the package {error.name}, which is not installed: write "
            "postgresql://…, and run `make environment`."
        ) from None
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _begin_nothing_unasked)
        event.listen(engine, "begin", _begin)
    else:
        event.listen(engine, "connect", _limit_waiting)
    return engine


def for_writing(engine: Engine) -> Engine:
    """Return the engine whose transactions are for writing: on SQLite, one at a time."""
    return engine.execution_options(**{WRITES: True})


@contextmanager
def alone(engine: Engine) -> Iterator[Connection]:
    """Yield a transaction that no other one like it runs beside, on any machine."""
    with for_writing(engine).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})"))
        yield connection


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """Yield a transaction that only reads, all of it from one moment."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
    with engine.begin() as connection:
        yield connection


def is_there(db_url: str) -> bool:
    """Return whether there may be a gradebook: a file of SQLite's exists, or there is a server."""
    url = _read(db_url)
    return url.get_backend_name() != "sqlite" or Path(url.database or "").exists()


@contextmanager
def in_a_sentence(db_url: str) -> Iterator[None]:
    """Turn what a database complains of into a `GradebookError` that says what to do."""
    try:
        yield
    except DBAPIError as error:
        raise GradebookError(f"The gradebook {shown(db_url)} {_trouble(error)}.") from error
    except SQLAlchemyError as error:
        raise GradebookError(f"The gradebook {shown(db_url)} cannot be used: {error}") from error


def insert(session: Session, table: Table) -> Any:
    """Return an INSERT of the database's own kind, which knows what to do on a conflict."""
    statement: Insert = INSERTS[session.get_bind().dialect.name](table)
    return statement


def _read(db_url: str) -> URL:
    try:
        url = make_url(db_url)
    except (ArgumentError, ValueError):
        raise GradebookError(
            "c.CourseDirectory.db_url is no address of a database: write sqlite:////a/folder/"
            "gradebook.db or postgresql://user@host/database."
        ) from None
    if url.get_backend_name() not in INSERTS:
        raise GradebookError(_no_such_kind(db_url))
    if not url.database:
        raise GradebookError(f"{shown(db_url)} names no database: c.CourseDirectory.db_url must.")
    return url


def _no_such_kind(db_url: str) -> str:
    kind = shown(db_url).partition(":")[0]
    return (
        f"A gradebook cannot lie in {kind}://…: c.CourseDirectory.db_url must begin with "
        "sqlite:/// or postgresql://."
    )


def _connect_args(url: URL) -> dict[str, int]:
    if url.get_backend_name() == "sqlite":
        return {"timeout": PATIENCE}
    return {} if "connect_timeout" in url.query else {"connect_timeout": TO_CONNECT}


def _begin_nothing_unasked(connection: Any, _: object) -> None:
    connection.isolation_level = None


def _begin(connection: Connection) -> None:
    """Begin a transaction that waits for its turn now, if it will write, and not half way through.

    SQLite does not wait when two that have read both want to write: one of them fails at once.
    """
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _limit_waiting(connection: Any, _: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{PATIENCE}s'")
    connection.commit()


def _trouble(error: DBAPIError) -> str:
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        known = SQLITE_TROUBLES.get(code & 0xFF)
    else:
        state = getattr(error.orig, "sqlstate", None)
        known = POSTGRESQL_TROUBLES.get(state or "")
        if known is None and (state is None or state[:2] in ("08", "28", "3D", "57")):
            known = UNREACHABLE
    reason = " ".join(str(error.orig).split()).rstrip(".")
    return (known or "refused what was asked: {reason}").format(patience=PATIENCE, reason=reason)
