"""Make a gradebook ready: nbgrader's tables and ours, whoever opens it first, and all at once."""

from nbgrader.api import Base, Course
from nbgrader.dbutil import ALEMBIC_DIR
from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select, text
from sqlalchemy.exc import DBAPIError

from grading.grades.database import GradebookError, alone, connect, in_a_sentence, shown
from grading.grades.own_tables import OURS

VERSION = Table("alembic_version", MetaData(), Column("version_num", String(32), nullable=False))
"""What nbgrader's alembic says of the tables, as `nbgrader db upgrade` reads it."""
LOOKED_UP = {
    "grade": "notebook_id",
    "comment": "notebook_id",
    "submitted_notebook": "assignment_id",
}
"""Columns of nbgrader's tables that it looks rows up by without an index: with 5,000 submissions,
each look-up reads a hundred thousand rows."""
TABLES = (*Base.metadata.sorted_tables, *OURS.sorted_tables)
EVERYTHING = text(
    f"SELECT {', '.join(str(column) for table in (*TABLES, VERSION) for column in table.columns)} "
    f"FROM {', '.join(table.name for table in (*TABLES, VERSION))} WHERE 1 = 0"
)
"""Asks for every column and returns no row: it fails where one is missing, after one round trip."""


class OldGradebook(GradebookError):
    """A gradebook was made by another version of nbgrader."""


def make_ready(db_url: str, course_id: str) -> None:
    """Make what a gradebook lacks, in one transaction; many may do so at the same moment.

    nbgrader makes its tables when it first opens a gradebook, and fails where two do that at once.
    Raises `GradebookError`, and `OldGradebook` for tables of another version.
    """
    engine = connect(db_url)
    with in_a_sentence(db_url):
        try:
            with engine.connect() as connection:
                ready = is_ready(connection, course_id)
            if not ready:
                with alone(engine) as connection:
                    refuse_old(connection, db_url)
                    make_tables(connection)
                    note_version(connection)
                    _enter_course(connection, course_id)
        finally:
            engine.dispose()


def is_ready(connection: Connection, course_id: str) -> bool:
    """Return whether every table is there, with every column, and the course is known."""
    try:
        connection.execute(EVERYTHING)
    except DBAPIError:
        return False
    return connection.scalar(select(Course.id).where(Course.id == course_id)) is not None


def refuse_old(connection: Connection, db_url: str) -> None:
    """Raise `OldGradebook` where nbgrader has columns that the gradebook lacks."""
    if columns := lacking(connection):
        raise OldGradebook(
            f"The gradebook {shown(db_url)} was made by an older nbgrader (it has no "
            f"{', '.join(columns)}): keep a copy of it, then run `nbgrader db upgrade`."
        )


def lacking(connection: Connection) -> list[str]:
    """Return the columns that tables which are there should have."""
    found = {
        name: {column["name"] for column in columns}
        for (_, name), columns in inspect(connection).get_multi_columns().items()
    }
    return [
        f"{table.name}.{column.name}"
        for table in TABLES
        for column in table.columns
        if table.name in found and column.name not in found[table.name]
    ]


def make_tables(connection: Connection) -> None:
    """Make the tables that are missing, and the indexes that nbgrader has none of."""
    Base.metadata.create_all(connection)
    OURS.create_all(connection)
    VERSION.create(connection, checkfirst=True)
    for table, column in LOOKED_UP.items():
        name = f"course_{table}_{column}"
        connection.execute(text(f"CREATE INDEX IF NOT EXISTS {name} ON {table} ({column})"))


def note_version(connection: Connection) -> None:
    """Note for `nbgrader db upgrade` that the tables are of the newest version, if it is not."""
    if connection.scalar(select(VERSION.c.version_num)) is None:
        from alembic.script import ScriptDirectory  # takes most of a second: once a gradebook

        head = ScriptDirectory(ALEMBIC_DIR).get_current_head()
        connection.execute(VERSION.insert().values(version_num=head))


def _enter_course(connection: Connection, course_id: str) -> None:
    if connection.scalar(select(Course.id).where(Course.id == course_id)) is None:
        connection.execute(text("INSERT INTO course (id) VALUES (:id)"), {"id": course_id})
