"""A run opens the gradebook once, asks it little, and writes each notebook whole or not at all."""

import gc
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing import get_context

import pytest
from book import ASSIGNMENT, FULL, STUDENT
from nbformat.v4 import new_notebook
from nbgrader.api import Base, MissingEntry
from policies import Broken, Deadly, OnePointAnHour, policy
from sqlalchemy import Engine, create_engine, event, text
from traitlets.config import Config

from grading.grades import database, gradebook
from grading.grades.database import GradebookError
from grading.grades.gradebook import Received
from grading.grades.graded import GradedNotebook
from grading.grades.told import told_of_all

FORK = get_context("fork")
LATE = timedelta(hours=2)
CLASS = [f"student-{number:02}" for number in range(1, 31)]
GRADED = GradedNotebook(new_notebook(), dict(FULL), {"stub": "No response."})


@contextmanager
def listening(name: str, listener: object) -> Iterator[None]:
    """Have something called whenever that happens to any connection."""
    event.listen(Engine, name, listener)
    yield
    event.remove(Engine, name, listener)


@contextmanager
def counted() -> Iterator[list[str]]:
    """Yield the statements that are sent to the database."""
    statements: list[str] = []

    def note(connection, cursor, statement, *_):
        statements.append(statement)

    with listening("before_cursor_execute", note):
        yield statements


def received(*students):
    return [Received(student, ASSIGNMENT, None) for student in students]


def everything(book):
    """Return all that is written of one submission."""
    fields = ("auto_score", "manual_score", "needs_manual_grade")
    return book.grades(*fields), book.comments(), book.penalty(), book.made_from()


def test_a_notebook_is_saved_in_a_handful_of_statements(book):
    with book.run() as run:
        run.mark_pending(received(STUDENT))
        with counted() as statements:
            run.save_grades(STUDENT, ASSIGNMENT, GRADED, Config(), "this")
    assert len(statements) <= 10, statements


def test_a_whole_class_is_marked_in_as_many_statements_as_one_student(book):
    with book.run() as run:
        with counted() as for_one:
            run.mark_pending(received(CLASS[0]))
        with counted() as for_all:
            run.mark_pending(received(*CLASS))
    assert len(for_all) == len(for_one) <= 20


def test_a_large_class_is_marked_in_several_transactions(book, monkeypatch):
    monkeypatch.setattr(gradebook, "AT_ONCE", 20)
    commits = []
    with book.run() as run, listening("commit", commits.append):
        run.mark_pending(received(*CLASS))
    assert len(commits) == 2
    with book.run() as run:
        assert run.unknown_students(CLASS) == set()


def test_what_was_read_and_written_does_not_stay_in_memory(book):
    def rows():
        gc.collect()
        return sum(isinstance(one, Base) for one in gc.get_objects())

    with book.run() as run:
        before = rows()
        run.mark_pending(received(*CLASS))
        for student in CLASS[:5]:
            run.save_grades(student, ASSIGNMENT, GRADED, Config(), "this")
            told_of_all(run, ASSIGNMENT)
        assert rows() == before


def test_what_a_grade_was_made_from_is_kept_beside_it(book):
    book.receive()
    assert book.made_from() == {}
    book.save(made_from="this")
    assert book.made_from() == {(STUDENT, ASSIGNMENT): "this"}
    book.save(made_from="that")
    assert book.made_from() == {(STUDENT, ASSIGNMENT): "that"}


def test_a_grade_that_is_taken_back_was_made_from_nothing(book):
    for student in (STUDENT, "student-02"):
        book.receive(student=student)
        book.save(student=student, made_from="this")
    book.receive()
    assert book.made_from() == {("student-02", ASSIGNMENT): "this"}


def test_a_submission_that_nbgrader_removes_takes_along_what_it_was_made_from(book):
    book.receive()
    book.save(made_from="this")
    with book.opened() as nbgrader:
        nbgrader.remove_submission(ASSIGNMENT, STUDENT)
    book.receive()
    assert book.made_from() == {}


def test_a_grade_that_fails_is_made_from_what_it_was(book):
    book.receive(LATE)
    book.save(made_from="this")
    with pytest.raises(RuntimeError, match="the policy is broken"):
        book.save(config=policy(Broken), made_from="that")
    assert book.made_from() == {(STUDENT, ASSIGNMENT): "this"}


def test_a_submission_that_nobody_recorded_is_not_graded(book):
    with pytest.raises(MissingEntry, match=f"no submission of {ASSIGNMENT} by {STUDENT}"):
        book.save()


def test_a_cell_that_came_later_gets_its_grade_when_the_submission_is_graded_again(book):
    book.receive()
    with book.opened() as nbgrader:
        for row in (nbgrader.find_grade("test-a", ASSIGNMENT, ASSIGNMENT, STUDENT),):
            nbgrader.db.delete(row)
    book.receive()
    book.save()
    assert book.grades("auto_score")["test-a"] == FULL["test-a"]


def test_a_run_that_is_killed_while_it_saves_has_written_nothing(book):
    book.receive(LATE)
    book.save(config=policy(OnePointAnHour), made_from="this")
    before = everything(book)
    scores = {"test-a": 0.0, "test-b": 0.0, "think": 0.0}
    killed = FORK.Process(
        target=book.save,
        args=(scores, {"stub": "killed"}, policy(Deadly)),
        kwargs={"made_from": "that"},
    )
    killed.start()
    killed.join()
    assert killed.exitcode == -signal.SIGKILL
    assert everything(book) == before
    book.save(made_from="that")
    assert book.made_from() == {(STUDENT, ASSIGNMENT): "that"}


# --- troubles


@contextmanager
def locked(book) -> Iterator[None]:
    """Keep the grades locked, as a browser of databases with something unsaved does."""
    engine = create_engine(book.url)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.connection.driver_connection.isolation_level = None
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(text("SELECT id FROM grade FOR UPDATE"))
        yield
        connection.rollback()
    engine.dispose()


def test_a_gradebook_that_stays_locked_is_a_sentence_and_nothing_is_written(book, monkeypatch):
    book.receive()
    book.save(made_from="this")
    before = everything(book)
    monkeypatch.setattr(database, "PATIENCE", 0.1)
    with (
        locked(book),
        pytest.raises(GradebookError, match=r"locked by somebody else for 0.1 seconds\. Close"),
    ):
        book.save({"test-a": 0.0, "test-b": 0.0, "think": 0.0}, made_from="that")
    assert everything(book) == before


def test_a_run_waits_for_somebody_who_is_writing_right_now(book):
    book.receive()
    with ThreadPoolExecutor(1) as other:
        with locked(book):
            saving = other.submit(book.save, made_from="after waiting")
            with pytest.raises(TimeoutError):
                saving.result(timeout=0.3)
        assert saving.result() == 6.0
    assert book.made_from() == {(STUDENT, ASSIGNMENT): "after waiting"}


@pytest.mark.parametrize("book", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("setting", "sentence"),
    [("max_page_count = 1", "its disk is full"), ("query_only = ON", "may only be read here")],
)
def test_a_file_that_cannot_be_written_is_a_sentence_and_nothing_is_written(
    book, setting, sentence
):
    book.receive()
    book.save(made_from="this")
    before = everything(book)

    def limit(connection, _):
        connection.execute(f"PRAGMA {setting}")

    with listening("connect", limit), pytest.raises(GradebookError, match=sentence):
        book.save(comments={"stub": "long " * 10_000}, made_from="that")
    assert everything(book) == before


@pytest.mark.parametrize("book", [pytest.param("postgresql")], indirect=True)
def test_a_server_that_only_follows_another_is_a_sentence(book):
    book.receive()

    def follow(connection, _):
        connection.execute("SET default_transaction_read_only = on")
        connection.commit()

    with listening("connect", follow), pytest.raises(GradebookError, match="follows another"):
        book.save()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "no address of a database"),
        ("gradebook.db", "no address of a database"),
        ("postgresql://host:port/name", "no address of a database"),
        ("postgres://host/name", "must begin with sqlite:/// or postgresql://"),
        ("mysql://host/name", "must begin with sqlite:/// or postgresql://"),
        ("postgresql+nothing://host/name", "must begin with sqlite:/// or postgresql://"),
        ("sqlite://", "names no database"),
        ("postgresql://host", "names no database"),
        ("sqlite:////no/such/folder/gradebook.db", "there is no such folder"),
        ("postgresql+psycopg2cffi://host/name", "needs the package psycopg2cffi"),
    ],
)
def test_a_wrong_address_is_a_sentence(url, sentence):
    with pytest.raises(GradebookError, match=sentence):
        gradebook.RunGradebook(url)


def test_a_file_that_is_no_database_is_a_sentence(tmp_path):
    file = tmp_path / "gradebook.db"
    file.write_text("notes " * 1000)
    with pytest.raises(GradebookError, match="no database of SQLite's"):
        gradebook.RunGradebook(f"sqlite:///{file}")


@pytest.mark.xdist_group("postgresql")
@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("/nowhere?host={folder}", 'database "nowhere" does not exist'),
        ("/postgres?host=/no/such/folder", "connection"),
        ("/postgres?host={folder}&user=nobody-here", 'role "nobody-here" does not exist'),
    ],
)
def test_a_server_that_cannot_be_reached_is_a_sentence_without_the_password(
    postgresql, place, reason
):
    url = f"postgresql://course:secret@{place.format(folder=postgresql.folder)}"
    with pytest.raises(GradebookError, match=f"cannot be reached: .*{reason}") as raised:
        gradebook.RunGradebook(url)
    assert "secret" not in str(raised.value)
