"""Gradebooks of tests: a query is compiled once for all of them, and nobody waits for the disk.

Each gradebook that is opened has an engine of its own, and SQLAlchemy keeps what it has compiled by
engine and dialect. What a query becomes does not depend on which file of SQLite's it is asked of.
"""

import sqlite3
from typing import Any

from sqlalchemy import Connection, Engine, event

COMPILED: dict[Any, Any] = {}
DIALECTS: dict[str, Any] = {}


@event.listens_for(Engine, "connect")
def _wait_for_no_disk(connection: Any, _: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = OFF")


@event.listens_for(Engine, "engine_connect")
def _share_what_is_compiled(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.dialect = DIALECTS.setdefault("sqlite", connection.dialect)
        connection.execution_options(compiled_cache=COMPILED)
