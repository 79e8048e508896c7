import os
import shutil
import sys
from pathlib import Path

import pytest

from grading.pipeline.configuration import NoCourse, load_config, nbgrader_api
from grading.sandbox.settings import PROJECT


def test_the_root_of_a_course_is_the_folder_of_its_configuration(tmp_path):
    shutil.copy(PROJECT / "nbgrader_config.py", tmp_path)
    (tmp_path / "here").mkdir()
    (tmp_path / "link").symlink_to(tmp_path)
    for root in (tmp_path, tmp_path / "link", tmp_path / "here" / ".."):
        config = load_config(root)
        assert config.CourseDirectory.root == str(tmp_path.resolve())
        assert config.CourseDirectory.course_id == "tinytorch"


def test_a_folder_that_is_no_course_says_so(tmp_path):
    with pytest.raises(NoCourse) as missing:
        load_config(tmp_path)
    assert str(missing.value) == (
        f"{tmp_path} is no course, for it has no nbgrader_config.py: go to the course's folder."
    )


@pytest.fixture
def config(tmp_path):
    shutil.copy(PROJECT / "nbgrader_config.py", tmp_path)
    return load_config(tmp_path)


def test_nbgrader_works_on_that_course_with_that_configuration(config, tmp_path):
    api = nbgrader_api(config)
    assert api.coursedir.root == str(tmp_path.resolve())
    assert api.config.Sandbox.memory_mb == config.Sandbox.memory_mb


def test_nbgrader_finds_our_environments_programs_once(config, monkeypatch):
    monkeypatch.setenv("PATH", "/usr/bin")
    for _ in range(2):
        nbgrader_api(config)
    here = str(Path(sys.executable).parent)
    assert os.environ["PATH"].split(os.pathsep) == [here, "/usr/bin"]
