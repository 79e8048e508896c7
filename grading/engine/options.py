"""What nbgrader's own settings say of a grading run."""

from dataclasses import dataclass

from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import Execute
from traitlets.config import Config

from grading.engine.settings import Workers
from grading.sandbox.settings import Sandbox


@dataclass(frozen=True)
class Options:
    """The settings that every way to grade obeys, nbgrader's names in brackets.

    `excluded` students are left out (`CourseDirectory.student_id_exclude`), notebooks are run
    (`Execute.enabled`; `--no-execute` says no), unknown students are added to the gradebook
    (`Autograde.create_student`), files of certain names are not copied (`CourseDirectory.ignore`),
    and graded files get certain permissions (`Autograde.permissions`).
    """

    sandbox: Sandbox
    workers: Workers
    db_url: str
    excluded: frozenset[str]
    execute: bool
    create_students: bool
    ignored: tuple[str, ...]
    permissions: int

    @classmethod
    def of(cls, config: Config) -> "Options":
        """Read them from the course's configuration."""
        coursedir = CourseDirectory(config=config)
        converter = Autograde(coursedir, config=config)
        return cls(
            Sandbox(config=config),
            Workers(config=config),
            coursedir.db_url,
            frozenset(coursedir.student_id_exclude.split(",")) - {""},
            Execute(config=config).enabled,
            converter.create_student,
            tuple(coursedir.ignore),
            int(str(converter.permissions), 8),
        )
