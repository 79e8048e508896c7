"""What nbgrader's own settings say of a grading run."""

from dataclasses import dataclass

from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from grading.sandbox.settings import Sandbox


@dataclass(frozen=True)
class Options:
    """The settings that every way to grade obeys, nbgrader's names in brackets.

    `excluded` students are left out (`CourseDirectory.student_id_exclude`), notebooks are run
    (`Execute.enabled`; `--no-execute` says no), unknown students are added to the gradebook
    (`Autograde.create_student`).
    """

    sandbox: Sandbox
    db_url: str
    excluded: frozenset[str]
    execute: bool
    create_students: bool

    @classmethod
    def of(cls, config: Config) -> "Options":
        """Read them from the course's configuration."""
        coursedir = CourseDirectory(config=config)
        return cls(
            Sandbox(config=config),
            coursedir.db_url,
            frozenset(coursedir.student_id_exclude.split(",")) - {""},
            bool(config.Execute.get("enabled", True)),
            bool(config.Autograde.get("create_student", True)),
        )
