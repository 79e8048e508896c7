"""What a database complains of, as people read it."""

import pytest
from sqlalchemy.exc import OperationalError

from grading.grades.database import GradebookError, in_a_sentence, is_there, shown


class OfPostgresql(Exception):
    """An error as psycopg raises it."""

    def __init__(self, sqlstate):
        super().__init__("said the server")
        self.sqlstate = sqlstate


def test_an_address_is_shown_without_its_password():
    assert shown("postgresql://grader:secret@host/name") == "postgresql://grader:***@host/name"
    assert shown("no address: secret") == "the gradebook"


@pytest.mark.parametrize(
    ("sqlstate", "sentence"),
    [
        ("55P03", "locked by somebody else for 30 seconds"),
        ("40P01", "locked by somebody else"),
        ("53100", "its disk is full"),
        ("25006", "may only be read"),
        ("42501", "GRANT it what it needs"),
        ("57P01", "cannot be reached: said the server"),
        ("28P01", "cannot be reached: said the server"),
        (None, "cannot be reached: said the server"),
        ("XX000", "refused what was asked: said the server"),
    ],
)
def test_what_a_server_complains_of_is_a_sentence(sqlstate, sentence):
    with pytest.raises(GradebookError, match=sentence), in_a_sentence("postgresql://host/name"):
        raise OperationalError("SELECT 1", {}, OfPostgresql(sqlstate))


def test_a_file_is_there_or_not_and_a_server_may_be(tmp_path):
    file = tmp_path / "gradebook.db"
    assert not is_there(f"sqlite:///{file}")
    file.touch()
    assert is_there(f"sqlite:///{file}")
    assert is_there("postgresql://host/name")
