"""A gradebook is moved whole, checked, to an empty place, or not at all."""

import sys
from datetime import datetime

import pytest
from nbgrader.api import Gradebook
from sqlalchemy import create_engine, inspect, text

from grading.engine.lock import only_grader
from grading.engine.tasks import pending
from grading.grades.database import GradebookError
from grading.grades.gradebook import Received, RunGradebook
from grading.grades.tables import TABLES, VERSION, OldGradebook
from grading.pipeline import move_gradebook
from grading.pipeline.move_gradebook import CannotMove, main, move

NAME, STUDENT = "01_first", "student-01"


def contents(url):
    """Return every row of every table."""
    engine = create_engine(url)
    with engine.connect() as connection:
        there = set(inspect(connection).get_table_names())
        found = {
            table.name: sorted(map(tuple, connection.execute(table.select())), key=str)
            for table in (*TABLES, VERSION)
            if table.name in there
        }
    engine.dispose()
    return found


def run(url, statement):
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.fixture
def source(tmp_path):
    """Return the address of a gradebook with something in every table."""
    url = f"sqlite:///{tmp_path / 'gradebook.db'}"
    with RunGradebook(url) as gradebook, Gradebook(url) as nbgrader:
        nbgrader.add_assignment(NAME, duedate=datetime(2030, 3, 1, 12, 30, 15, 123456))
        nbgrader.add_notebook(NAME, NAME)
        nbgrader.add_grade_cell("test", NAME, NAME, max_score=1 / 3, cell_type="code")
        nbgrader.add_solution_cell("think", NAME, NAME)
        nbgrader.add_task_cell("draw", NAME, NAME, max_score=5, cell_type="markdown")
        nbgrader.add_source_cell("test", NAME, NAME, cell_type="code", source="π = '\n'")
        nbgrader.add_student(STUDENT, first_name="Ada", email=None)
        gradebook.mark_pending([Received(STUDENT, NAME, datetime(2030, 3, 2))])
        nbgrader.grant_extension(NAME, STUDENT, days=2, hours=1)
        nbgrader.find_grade("test", NAME, NAME, STUDENT).manual_score = 0.1 + 0.2
        nbgrader.find_comment("think", NAME, NAME, STUDENT).manual_comment = "Schön. 🎉"
        nbgrader.db.commit()
        run(url, "INSERT INTO course_made_from SELECT id, 'this' FROM submitted_assignment")
        run(url, "INSERT INTO course_answered SELECT id, 'this', 'that' FROM grade")
        run(
            url,
            "INSERT INTO course_basis SELECT id, 'rules', 'files', '{}' FROM submitted_assignment",
        )
        run(url, "INSERT INTO course_rules VALUES ('rules', '{}')")
        run(url, "INSERT INTO course_held SELECT id, 'files' FROM submitted_assignment")
        states = "SELECT id, 1, id, 'run', '2030-03-01 12:30:15.123456', 'ta', 'why', 0.3, '{}'"
        run(url, f"INSERT INTO course_state {states} FROM submitted_assignment")
        given = "SELECT id, id, '2030-03-01 12:30:15.123456', 'ta', 0.3, 'Schön. 🎉'"
        run(url, f"INSERT INTO course_given {given} FROM grade")
        asked = "'test', 'adds', '2030-03-01 12:30:15.123456', 'Why?', NULL, NULL, NULL"
        run(url, f"INSERT INTO course_asked VALUES ('one', '{STUDENT}', '{NAME}', {asked})")
        attempt = "SELECT id, 1, 2, '2030-03-01 12:30:15.123456', 0.3, '{}', 'this', '{}'"
        run(url, f"INSERT INTO course_attempt {attempt} FROM submitted_assignment")
    assert all(contents(url).values())
    return url


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.xdist_group("postgresql"))]
)
def target(request, tmp_path):
    """Return the address of an empty database."""
    if request.param == "postgresql":
        return request.getfixturevalue("postgresql").new()
    return f"sqlite:///{tmp_path / 'target.db'}"


def test_every_row_is_there_and_back_again_and_the_source_as_it_was(source, target, tmp_path):
    before = contents(source)
    assert move(source, target) == sum(map(len, before.values()))
    assert contents(source) == contents(target) == before
    back = f"sqlite:///{tmp_path / 'back.db'}"
    move(target, back)
    assert contents(target) == contents(back) == before


def test_more_rows_than_are_moved_together_are_all_there(source, target, monkeypatch):
    monkeypatch.setattr(move_gradebook, "AT_ONCE", 2)
    with RunGradebook(source) as gradebook:
        gradebook.mark_pending([Received(f"student-{n:02}", NAME, None) for n in range(1, 8)])
    move(source, target)
    assert contents(target) == contents(source)


def test_the_moved_gradebook_is_nbgraders_and_ours(source, target):
    move(source, target)
    with RunGradebook(target) as gradebook, Gradebook(target) as nbgrader:
        assert gradebook.made_from() == {(STUDENT, NAME): "this"}
        gradebook.mark_pending([Received(STUDENT, NAME, None), Received("student-02", NAME, None)])
        assert len(nbgrader.submission_dicts(NAME)) == 2


def test_a_target_that_is_not_empty_is_refused_and_left_as_it_was(source, target):
    run(target, "CREATE TABLE notes (line VARCHAR(9))")
    with pytest.raises(CannotMove, match=r"is not empty, it has tables \(notes"):
        move(source, target)
    assert contents(target) == {}


def test_a_gradebook_is_not_moved_into_itself(source):
    before = contents(source)
    with pytest.raises((CannotMove, GradebookError)):
        move(source, source)
    assert contents(source) == before


def test_a_gradebook_that_is_not_there_is_not_made(tmp_path, target):
    with pytest.raises(CannotMove, match="There is no gradebook"):
        move(f"sqlite:///{tmp_path / 'none.db'}", target)
    assert not (tmp_path / "none.db").exists()


def test_what_is_no_part_of_a_gradebook_is_not_left_behind(source, target):
    run(source, "CREATE TABLE notes (line VARCHAR(9))")
    move_nothing = inspect(create_engine(target)).get_table_names
    run(source, "INSERT INTO notes VALUES ('mine')")
    with pytest.raises(CannotMove, match="left behind: notes"):
        move(source, target)
    assert move_nothing() == []


def test_an_older_gradebook_is_to_be_upgraded_first(source, target):
    run(source, "ALTER TABLE student DROP COLUMN lms_user_id")
    with pytest.raises(OldGradebook, match="nbgrader db upgrade"):
        move(source, target)


def test_a_row_that_changes_on_its_way_moves_nothing(source, target, monkeypatch):
    copy = move_gradebook.Connection.execute

    def change(self, statement, parameters=None, **options):
        if getattr(statement, "is_insert", False) and statement.table.name == "grade":
            parameters = [row | {"auto_score": 9.0} for row in parameters]
        return copy(self, statement, parameters, **options)

    monkeypatch.setattr(move_gradebook.Connection, "execute", change)
    with pytest.raises(CannotMove, match=r"grade .* would not be there as it is here"):
        move(source, target)
    monkeypatch.undo()
    assert contents(target) == {}


@pytest.mark.xdist_group("postgresql")
@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE student SET first_name = char(65, 0, 66)", "NUL"),
        (f"UPDATE student SET last_name = '{'x' * 200}'", "too long"),
        ("UPDATE comment SET notebook_id = 'nowhere'", "violates foreign key"),
    ],
)
def test_what_postgresql_does_not_take_is_told_and_nothing_is_moved(
    source, postgresql, statement, reason
):
    target = postgresql.new()
    run(source, statement)
    before = contents(source)
    with pytest.raises(CannotMove, match=f"cannot be moved as it is: .*{reason}"):
        move(source, target)
    assert contents(target) == {} and contents(source) == before


# --- the command


def command(monkeypatch, root, *arguments):
    monkeypatch.setattr(sys, "argv", ["move", *arguments, "--root", str(root)])
    return main()


def test_the_command_says_what_to_write_into_the_configuration(
    unrun, tmp_path, monkeypatch, capsys
):
    unrun.submit("student-01", unrun.notebook())
    target = f"sqlite:///{tmp_path / 'target.db'}"
    assert command(monkeypatch, unrun.course.root, target) == 0
    assert f"c.CourseDirectory.db_url = '{target}'" in capsys.readouterr().out
    unrun.config.CourseDirectory.db_url = target
    assert len(pending(unrun.course, unrun.config)) == 1


def test_the_command_says_why_nothing_was_moved(unrun, monkeypatch, capsys):
    assert command(monkeypatch, unrun.course.root) == 1
    assert capsys.readouterr().err == "Say where to: TO=postgresql://user@host/database.\n"
    assert command(monkeypatch, unrun.course.root, "mysql://host/name") == 1
    assert "must begin with sqlite:/// or postgresql://" in capsys.readouterr().err


def test_nothing_is_moved_while_somebody_grades(unrun, tmp_path, monkeypatch, capsys):
    with only_grader(unrun.course):
        assert command(monkeypatch, unrun.course.root, f"sqlite:///{tmp_path / 'target.db'}") == 1
    assert "Somebody is grading this course" in capsys.readouterr().err
    assert not (tmp_path / "target.db").exists()
