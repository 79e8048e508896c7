"""A gradebook of two assignments, made once and copied for every test that needs it."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from book import Book, make_book
from sqlalchemy import Engine, event


@pytest.fixture(scope="session")
def no_waiting_for_the_disk() -> Iterator[None]:
    """Let SQLite trust the system to write, as no test pulls the plug."""

    def trust(connection: Any, _: object) -> None:
        connection.execute("PRAGMA synchronous = OFF")

    event.listen(Engine, "connect", trust)
    yield
    event.remove(Engine, "connect", trust)


@pytest.fixture(scope="session")
def empty_book(no_waiting_for_the_disk: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a gradebook that nobody has submitted to, and never changed."""
    file = tmp_path_factory.mktemp("book") / "gradebook.db"
    make_book(file)
    return file


@pytest.fixture
def book(empty_book: Path, tmp_path: Path) -> Book:
    """Return a gradebook of its own for one test."""
    return Book(Path(shutil.copy(empty_book, tmp_path)))
