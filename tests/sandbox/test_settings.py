"""The settings of the sandbox: what they are called, what they are, and where they are set."""

import os
from pathlib import Path

import pytest
from traitlets import TraitError
from traitlets.config import Config

from grading.pipeline.configuration import load_config
from grading.sandbox.settings import PROJECT, Sandbox

DEFAULTS = {
    "cell_seconds": 60,
    "notebook_seconds": 300,
    "cpu_seconds": 300,
    "memory_mb": 2048,
    "processes": 64,
    "file_mb": 64,
    "scratch_mb": 256,
    "output_mb": 2,
    "flood_mb": 128,
    "startup_seconds": 60,
    "warm": True,
    "pictures": False,
    "sealed": True,
    "student_env": str(PROJECT / ".venv-student"),
}


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_setting_has_its_default(name):
    assert getattr(Sandbox(), name) == DEFAULTS[name]


def test_there_are_no_other_settings():
    assert set(Sandbox.class_own_traits(config=True)) == set(Sandbox.class_own_traits())
    assert set(Sandbox.class_own_traits()) == set(DEFAULTS)


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_setting_can_be_set_in_the_configuration_and_says_what_it_is(name):
    other = {bool: not DEFAULTS[name], str: "/elsewhere"}.get(type(DEFAULTS[name]), 7)
    config = Config({"Sandbox": {name: other}})
    assert getattr(Sandbox(config=config), name) == other
    assert Sandbox.class_own_traits()[name].help


@pytest.mark.parametrize("name", [name for name in DEFAULTS if name not in ("sealed", "warm")])
def test_a_setting_of_another_kind_is_refused(name):
    with pytest.raises(TraitError):
        Sandbox(**{name: ["many"]})


def test_the_courses_limits_are_those_of_its_configuration(tmp_path):
    settings = Sandbox(config=load_config(PROJECT))
    limits = (settings.cell_seconds, settings.notebook_seconds, settings.memory_mb)
    assert limits == (120, 600, 2048) and settings.sealed is True


def test_the_students_environment_has_a_python_that_others_can_run():
    python = Path(Sandbox().student_env) / "bin" / "python"
    assert os.access(python, os.X_OK)
