"""A copy of this course: what breaks it is refused, and then everything is as it was."""

import re
import shutil

import numpy as np
import pytest
from course_folders import contents, times

from datasets.digits import Digits
from grading.course import data
from grading.course.assignment import read_assignment
from grading.course.errors import BadCourse
from grading.course.layout import Course
from grading.course.package import lay_out_packages
from grading.course.soundness import package_imports
from grading.course.sync import prepare_source
from grading.sandbox.settings import PROJECT

THIS = Course(PROJECT)


@pytest.fixture
def course(tmp_path, monkeypatch):
    """Return a copy of this course, as it is checked out, with packages but without data."""
    monkeypatch.setattr("grading.course.sync.lay_out_data", lambda course: None)
    monkeypatch.setattr("grading.course.sync.lay_out_hidden_images", lambda course: None)
    monkeypatch.setattr("grading.course.sync.sync", lambda course, name: None)
    not_copied = shutil.ignore_patterns("*.ipynb", "tinytorch", "data", "__pycache__")
    for folder in ("source", "tinytorch_ref"):
        shutil.copytree(PROJECT / folder, tmp_path / folder, ignore=not_copied)
    lay_out_packages(Course(tmp_path))
    return Course(tmp_path)


def refused(course):
    before = contents(course.root)
    with pytest.raises(BadCourse) as complaint:
        prepare_source(course)
    assert contents(course.root) == before
    return str(complaint.value)


def importers(module):
    return [name for name in THIS.assignments() if module in dict(package_imports(THIS.text(name)))]


@pytest.mark.parametrize("name", THIS.assignments()[:-1])
def test_a_removed_assignment_is_missed_by_all_that_import_its_module(course, name):
    shutil.rmtree(course.source(name))
    module = THIS.assignment(name).module
    wanting = importers(module)
    assert wanting
    told = refused(course)
    assert re.findall(rf"source/\w+/(\w+)\.py imports tinytorch\.{module},", told) == wanting


def test_a_folder_that_was_renamed_without_its_notebook_says_what_to_do(course):
    course.source("03_activations").rename(course.source("03_nonlinear"))
    assert "no 03_nonlinear.py (notebooks there: 03_activations.py)" in refused(course)


def test_a_module_that_was_renamed_is_missed_under_its_old_name(course):
    file = course.source("06_autograd") / "assignment.toml"
    file.write_text(file.read_text().replace('"autograd"', '"gradients"'))
    told = refused(course)
    assert all(f"{name}.py imports tinytorch.autograd" in told for name in importers("autograd"))


def test_a_new_folder_comes_last(course):
    course.source("00_more").mkdir()
    course.text("00_more").write_text("# %%\nfrom tinytorch.dataloader import DataLoader\n")
    prepare_source(course)
    last = max(one.order for one in THIS.read_assignments())
    assert read_assignment(course.source("00_more")).order == last + 1


@pytest.mark.slow
def test_a_fresh_checkout_is_prepared_once(tmp_path, monkeypatch):
    few = Digits(np.zeros((2, 28, 28), np.uint8), np.array([1, 2], np.uint8))
    monkeypatch.setattr(data.digits, "read_bundle", lambda part: few)
    monkeypatch.setattr(data.drawn, "stand_in", lambda part: few)
    for folder in ("source", "tinytorch_ref"):
        not_copied = shutil.ignore_patterns("*.ipynb", "tinytorch", "data", "__pycache__")
        shutil.copytree(PROJECT / folder, tmp_path / folder, ignore=not_copied)
    course = Course(tmp_path)
    changed = prepare_source(course)
    assert changed == [f"source/{name}/{name}.ipynb" for name in course.assignments()]
    before = times(tmp_path)
    assert prepare_source(course) == []
    assert times(tmp_path) == before
    for one in course.read_assignments():
        laid_out = {file.name for file in course.source(one.name).glob("data/*")}
        assert laid_out == {data.FILES[name] for name in one.data}
