"""A course released by nbgrader without running anything: for what does not depend on runs."""

import shutil
from pathlib import Path

import pytest
from course_folders import contents

from grading.course import sync
from grading.course.assignment import FILE
from grading.course.layout import Course
from grading.nbgrader_steps import check_and_keep_release
from grading.pipeline.configuration import load_config, nbgrader_api
from grading.pipeline.release import release_all
from grading.sandbox.settings import PROJECT


def write_course(root: Path, text: Path, name: str, change=lambda content: content) -> Course:
    """Write a course of one assignment and prepare it; the assignment may have another name."""
    source = root / "source" / name
    source.mkdir(parents=True)
    shutil.copy(text.with_name(FILE), source)
    (source / f"{name}.py").write_text(change(text.read_text()))
    shutil.copy(PROJECT / "nbgrader_config.py", root)
    course = Course(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sync, "lay_out_hidden_images", lambda course: None)
        sync.prepare_source(course)
    return course


def release_unsealed(course: Course, check=None) -> dict[str, bytes]:
    """Release everything, keeping each notebook without trying it; return what students get."""

    def keep(released, notebook, settings, unsolved_points):
        if check is not None:
            check(released, notebook, settings, unsolved_points)
        released.keep(notebook, course.source(released.assignment))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(check_and_keep_release, "check_release", keep)
        api = nbgrader_api(load_config(course.root))
        api.log.handlers.clear()
        api.log.propagate = False
        release_all(course, api, lambda line: None)
    return contents(course.root / "release")
