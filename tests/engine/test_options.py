"""Every way to grade obeys the same settings, wherever they are said."""

import pytest
from nbgrader.apps.autogradeapp import AutogradeApp
from traitlets.config import Config

from grading.engine.options import Options
from grading.nbgrader_steps import autograde_converter


def said(*arguments):
    app = AutogradeApp()
    app.parse_command_line(["01_mini", *arguments])
    return Options.of(app.config)


def configured(**settings):
    config = Config()
    for name, value in settings.items():
        section, _, trait = name.partition("_")
        config[section][trait] = value
    return Options.of(config)


def test_without_settings_everybody_is_graded_run_and_known():
    options = Options.of(Config())
    assert options.excluded == frozenset()
    assert options.execute and options.create_students
    assert options.permissions == 0o444


@pytest.mark.parametrize("no", ["--no-execute", "--Execute.enabled=False"])
def test_the_command_line_can_keep_notebooks_from_being_run(no):
    assert not said(no).execute


@pytest.mark.parametrize("yes", ["--Execute.enabled=True", "--create"])
def test_the_command_line_can_say_what_holds_anyway(yes):
    assert said(yes).execute and said(yes).create_students


def test_the_command_line_can_keep_strangers_out():
    assert not said("--Autograde.create_student=False").create_students


def test_the_configuration_can_keep_strangers_out():
    assert not configured(Autograde_create_student=False).create_students


def test_the_configuration_can_keep_notebooks_from_being_run():
    assert not configured(Execute_enabled=False).execute


@pytest.mark.parametrize(
    ("setting", "excluded"),
    [("", set()), ("a", {"a"}), ("a,b", {"a", "b"}), ("a,,b,", {"a", "b"}), ("[y]", {"[y]"})],
)
def test_excluded_students_are_listed_with_commas(setting, excluded):
    assert configured(CourseDirectory_student_id_exclude=setting).excluded == excluded
    assert said(f"--CourseDirectory.student_id_exclude={setting}").excluded == excluded


def test_the_gradebook_is_the_one_that_is_named():
    assert said("--db=sqlite:////elsewhere.db").db_url == "sqlite:////elsewhere.db"


def test_limits_of_the_sandbox_are_read():
    assert configured(Sandbox_cell_seconds=7).sandbox.cell_seconds == 7
    assert said("--Sandbox.cell_seconds=7").sandbox.cell_seconds == 7


def test_limits_of_the_workers_are_read():
    assert configured(Workers_memory_mb=7).workers.memory_mb == 7
    assert said("--Workers.cpu_seconds=7").workers.cpu_seconds == 7


def test_permissions_are_octal_and_shared_by_a_group_where_the_course_is():
    assert said("--Autograde.permissions=640").permissions == 0o640
    assert configured(CourseDirectory_groupshared=True).permissions == 0o664


def test_names_that_are_ignored_are_nbgraders_setting():
    assert configured(CourseDirectory_ignore=["*.tmp"]).ignored == ("*.tmp",)


def test_installing_our_converter_leaves_nbgraders_own_settings_readable():
    autograde_converter.install()
    assert not said("--Autograde.create_student=False").create_students
