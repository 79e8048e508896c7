"""A course of one small assignment, released once and copied for every test that needs it."""

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import nbformat
import postgresql_server
import pytest
import quick_gradebooks  # noqa: F401
from by_hand import grade_by_hand
from files_and_groups import FilesAndGroups, slow_files_first
from graded_class import GradedClass, graded_class_in
from xdist.remote import Producer

from grading.course.assignment import FILE
from grading.course.sync import prepare_source
from grading.grades.graded import GradedNotebook
from grading.nbgrader_steps.check_and_keep_release import CheckAndKeepRelease
from grading.pipeline.configuration import nbgrader_api
from grading.sandbox.settings import PROJECT
from trials.mini_course import MiniCourse, build_mini_course

ASSIGNMENT = "01_mini"
TEXT = Path(__file__).parent / "mini" / f"{ASSIGNMENT}.py"
SCORES = {"test-double": 3.0, "test-halve": 2.0, "think": None}


def pytest_configure() -> None:
    """Let what tests start be interrupted, also where a shell in the background ignores it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Put files with slow tests first, once all is shuffled: no worker ends alone with one."""
    yield
    slow_files_first(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> FilesAndGroups | None:
    """Let a worker take a whole file, or group: what its tests share is made once."""
    return FilesAndGroups(config, log) if config.getvalue("dist") == "loadgroup" else None


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a course that is released, and never changed."""
    root = tmp_path_factory.mktemp("released")
    build_mini_course(root, TEXT)
    return root


@pytest.fixture
def mini(released: Path, tmp_path: Path) -> MiniCourse:
    """Return a course of its own for one test."""
    root = tmp_path / "course"
    shutil.copytree(released, root)
    return MiniCourse.at(root, ASSIGNMENT)


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a course that is released by nbgrader's own steps: nothing was run."""
    root = tmp_path_factory.mktemp("kept")
    source = root / "source" / ASSIGNMENT
    source.mkdir(parents=True)
    (root / "tinytorch_ref").mkdir()
    for file in (TEXT, TEXT.with_name(FILE)):
        shutil.copy(file, source)
    shutil.copy(PROJECT / "nbgrader_config.py", root)
    mini = MiniCourse.at(root, ASSIGNMENT)
    prepare_source(mini.course)
    mini.config.GenerateAssignment.preprocessors.remove(CheckAndKeepRelease)
    answer = nbgrader_api(mini.config).generate_assignment(ASSIGNMENT)
    assert answer["success"], answer["log"]
    mini.released.keep(nbformat.read(source / f"{ASSIGNMENT}.ipynb", as_version=4), source)
    return root


@pytest.fixture
def unrun(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MiniCourse:
    """Return a course of its own, in which every submission is graded by hand: no kernel starts.

    Everybody gets `SCORES`.
    """
    shutil.copytree(kept, tmp_path / "course")
    mini = MiniCourse.at(tmp_path / "course", ASSIGNMENT)

    def graded(*_: object) -> GradedNotebook:
        return GradedNotebook(mini.released.skeleton(), dict(SCORES))

    grade_by_hand(monkeypatch, graded)
    return mini


@pytest.fixture
def graded_class(unrun: MiniCourse, monkeypatch: pytest.MonkeyPatch) -> GradedClass:
    """Return a graded class of three, in which a tolerance can be changed and no kernel starts."""
    return graded_class_in(unrun, monkeypatch)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[postgresql_server.Server]:
    """Return a running server of PostgreSQL: one, as its tests are in one group of xdist."""
    if missing := postgresql_server.missing():
        pytest.skip(missing)
    with postgresql_server.running() as server:
        yield server
