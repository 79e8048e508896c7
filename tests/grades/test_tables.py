"""Whoever opens a gradebook first, and however many at once: it is whole, and nbgrader's own."""

import os
import re
from multiprocessing import get_context
from pathlib import Path

import nbgrader
import pytest
from alembic import command
from alembic.config import Config
from nbgrader.api import Base, Gradebook
from nbgrader.dbutil import write_alembic_ini
from sqlalchemy import create_engine, inspect, text

from grading.grades.gradebook import RunGradebook
from grading.grades.own_tables import MADE_FROM, OURS
from grading.grades.tables import OldGradebook, make_ready
from grading.nbgrader_steps import ready_gradebook
from grading.nbgrader_steps.private_names import PRIVATE_NAMES

REVISION = re.compile(r"^(revision|down_revision) = '?(\w+)", re.MULTILINE)
FORK = get_context("fork")
TOGETHER = 4


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.xdist_group("postgresql"))]
)
def empty(request, tmp_path) -> str:
    """Return the address of a database with nothing in it."""
    if request.param == "postgresql":
        return request.getfixturevalue("postgresql").new()
    return f"sqlite:///{tmp_path / 'gradebook.db'}"


def rows(url: str, statement: str) -> list[tuple]:
    engine = create_engine(url)
    with engine.begin() as connection:
        result = connection.execute(text(statement))
        found = [tuple(row) for row in result] if result.returns_rows else []
    engine.dispose()
    return found


def open_with_others(url: str, barrier) -> None:
    barrier.wait()
    with Gradebook(url, "tinytorch") as gradebook:
        gradebook.add_student(f"student-{os.getpid()}")


def test_several_first_openings_at_once_all_work(empty):
    ready_gradebook.install()
    barrier = FORK.Barrier(TOGETHER)
    openings = [
        FORK.Process(target=open_with_others, args=(empty, barrier)) for _ in range(TOGETHER)
    ]
    for opening in openings:
        opening.start()
    for opening in openings:
        opening.join()
    assert [opening.exitcode for opening in openings] == [0] * TOGETHER
    assert rows(empty, "SELECT count(*) FROM student") == [(TOGETHER,)]
    assert rows(empty, "SELECT id FROM course") == [("tinytorch",)]
    assert len(rows(empty, "SELECT version_num FROM alembic_version")) == 1


def newest_version() -> str:
    """Return the revision of nbgrader's tables that no other one follows."""
    files = Path(nbgrader.__file__).parent.glob("alembic/versions/*.py")
    found = [dict(REVISION.findall(file.read_text())) for file in files]
    [newest] = {one["revision"] for one in found} - {one["down_revision"] for one in found}
    return newest


def test_a_gradebook_that_is_made_ready_is_what_nbgrader_makes(empty):
    make_ready(empty, "tinytorch")
    found = inspect(create_engine(empty)).get_table_names()
    assert set(found) == {*Base.metadata.tables, "alembic_version", *OURS.tables}
    assert rows(empty, "SELECT version_num FROM alembic_version") == [(newest_version(),)]


def test_a_gradebook_of_stock_nbgraders_gets_what_it_lacks_and_keeps_its_rows(empty):
    Base.metadata.create_all(create_engine(empty))
    with Gradebook(empty) as gradebook:
        gradebook.add_student("student-01")
    make_ready(empty, "tinytorch")
    with RunGradebook(empty) as run:
        assert run.made_from() == {}
        assert run.unknown_students(["student-01"]) == set()
    assert rows(empty, "SELECT count(*) FROM alembic_version") == [(1,)]


def test_a_course_is_entered_once(empty):
    for course in ("tinytorch", "other", "tinytorch"):
        make_ready(empty, course)
    assert sorted(rows(empty, "SELECT id FROM course")) == [("other",), ("tinytorch",)]


def test_grades_are_looked_up_by_an_index(empty):
    make_ready(empty, "tinytorch")
    indexed = {
        (table, tuple(index["column_names"]))
        for table in ("grade", "comment", "submitted_notebook")
        for index in inspect(create_engine(empty)).get_indexes(table)
    }
    assert {
        ("grade", ("notebook_id",)),
        ("comment", ("notebook_id",)),
        ("submitted_notebook", ("assignment_id",)),
    } <= indexed


def as_before_2018(url: str) -> None:
    """Take from a gradebook the last columns that nbgrader added, as `db upgrade` knows them."""
    make_ready(url, "default_course")
    rows(url, "ALTER TABLE student DROP COLUMN lms_user_id")
    rows(url, "UPDATE alembic_version SET version_num = '167914646830'")


def test_a_gradebook_of_an_older_nbgrader_is_refused_with_what_to_do_and_left_alone(empty):
    as_before_2018(empty)
    rows(empty, f"DROP TABLE {MADE_FROM.name}")
    with pytest.raises(OldGradebook, match=r"no student.lms_user_id\).* run `nbgrader db upgrade`"):
        RunGradebook(empty)
    assert MADE_FROM.name not in inspect(create_engine(empty)).get_table_names()


def test_nbgraders_own_upgrade_does_not_mind_our_table(tmp_path, monkeypatch):
    monkeypatch.setattr("logging.config.fileConfig", lambda _: None)  # it would silence other tests
    url = f"sqlite:///{tmp_path / 'gradebook.db'}"
    as_before_2018(url)
    rows(url, "ALTER TABLE assignment RENAME COLUMN course_id TO course")
    rows(url, f"INSERT INTO {MADE_FROM.name} VALUES ('a submission', 'this')")
    settings = tmp_path / "alembic.ini"
    write_alembic_ini(str(settings), url)
    with pytest.raises(OldGradebook):
        make_ready(url, "default_course")
    command.upgrade(Config(settings), "head")
    make_ready(url, "default_course")
    assert rows(url, f"SELECT * FROM {MADE_FROM.name}") == [("a submission", "this")]
    assert rows(url, "SELECT version_num FROM alembic_version") == [(newest_version(),)]


def test_what_stands_before_nbgraders_constructor_is_in_the_table_of_private_names():
    ready_gradebook.install()
    ready_gradebook.install()
    assert Gradebook.__init__.__wrapped__ is ready_gradebook.as_nbgrader_opens_it
    assert not hasattr(ready_gradebook.as_nbgrader_opens_it, "__wrapped__")
    assert ("nbgrader.api", "Gradebook.__init__") in {
        (one.where, one.name) for one in PRIVATE_NAMES
    }
