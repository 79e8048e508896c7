"""A gradebook of two assignments, made once and empty again for every test that needs it."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from book import Book, make_book
from postgresql_server import Server
from sqlalchemy import Engine, create_engine, event, text

ON_SERVER = pytest.mark.xdist_group("postgresql")
FILLED = (
    *("student", "submitted_assignment", "submitted_notebook"),
    *("grade", "comment", "course_made_from", "course_answered", "course_basis"),
    *("course_rules", "course_held", "course_state", "course_asked", "course_attempt"),
)


@pytest.fixture(scope="session")
def no_waiting_for_the_disk() -> Iterator[None]:
    """Let SQLite trust the system to write, as no test pulls the plug."""

    def trust(connection: Any, _: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA synchronous = OFF")

    event.listen(Engine, "connect", trust)
    yield
    event.remove(Engine, "connect", trust)


@pytest.fixture(scope="session")
def empty_book(no_waiting_for_the_disk: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a gradebook that nobody has submitted to, and never changed."""
    file = tmp_path_factory.mktemp("book") / "gradebook.db"
    make_book(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def book_on_server(postgresql: Server) -> str:
    """Return the address of such a gradebook on a server."""
    url = postgresql.new()
    make_book(url)
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=ON_SERVER)])
def book(request: pytest.FixtureRequest, tmp_path: Path) -> Book:
    """Return a gradebook that nobody has submitted to, in a file and on a server."""
    if request.param == "sqlite":
        file = shutil.copy(request.getfixturevalue("empty_book"), tmp_path)
        return Book(f"sqlite:///{file}")
    url = request.getfixturevalue("book_on_server")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {', '.join(FILLED)}"))
    engine.dispose()
    return Book(url)
