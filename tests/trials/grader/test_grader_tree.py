"""The copy in which lines are broken holds the work as it is now, and nothing that was made."""

import os
import py_compile
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from trials.grader.corpus import BadCorpus, BrokenLine
from trials.grader.tree import Tree

PROJECT = Path(__file__).resolve().parents[3]
HOUR = BrokenLine("x", "clock.py", "12", "13", "It is noon.", ("test_clock.py",), "area")
MADE = (
    *(".venv-other/bin/python", ".make/environment", "data/digits/train", "salt.txt"),
    *("release/01/01.ipynb", "gradebook.db", ".grading.lock", "reports/grades.csv"),
    *("source/01/01.ipynb", "source/01/tinytorch/a.py", "source/01/data/digits.npz"),
    *("grading/__pycache__/a.pyc.140", ".git/HEAD"),
)
WORK = ("source/01/01.py", "grading/report/a.py", "grading/release.py", "datasets/digits.npz")
COMPILED = ("__pycache__/clock.cpython-311.pyc", "grading/__pycache__/a.pyc")


@pytest.fixture
def tree(project: Path) -> Iterator[Tree]:
    tree = Tree(project)
    yield tree
    tree.remove()


def python(tree: Tree, code: str, folder: Path) -> str:
    command = [sys.executable, "-c", code]
    return subprocess.check_output(command, cwd=folder, env=tree.environment(), text=True).strip()


def keep_the_second(file: Path, of: os.stat_result) -> None:
    os.utime(file, ns=(of.st_atime_ns, of.st_mtime_ns))


def test_work_is_copied_and_of_what_was_made_only_compiled_python(project: Path) -> None:
    (project / ".gitignore").write_text((PROJECT / ".gitignore").read_text())
    for name in (*WORK, *COMPILED, *MADE):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).touch()
    tree = Tree(project)
    try:
        files = (path for path in tree.root.rglob("*") if path.is_file())
        found = {path.relative_to(tree.root).as_posix() for path in files}
    finally:
        tree.remove()
    assert found == {*WORK, *COMPILED, ".gitignore", "clock.py", "test_clock.py"}


def test_the_environments_are_links_that_outlive_the_copy(project: Path) -> None:
    for name in (".venv", ".venv-student"):
        (project / name).mkdir()
        (project / name / "pyvenv.cfg").touch()
    tree = Tree(project)
    linked = [(tree.root / name).resolve() for name in (".venv", ".venv-student")]
    tree.remove()
    assert linked == [project / ".venv", project / ".venv-student"]
    assert all((folder / "pyvenv.cfg").exists() for folder in linked)
    assert not tree.root.exists()


def test_python_imports_the_copy_and_not_what_is_installed(tmp_path: Path) -> None:
    tree = Tree(PROJECT)
    try:
        code = "import datasets, grading; print(datasets.__file__, grading.__file__)"
        imported = python(tree, code, tmp_path).split()
    finally:
        tree.remove()
    assert imported == [str(tree.root / name / "__init__.py") for name in ("datasets", "grading")]


def test_a_mistake_is_made_in_the_copy_alone_and_taken_back(tree: Tree, project: Path) -> None:
    before = (project / "clock.py").read_bytes()
    with pytest.raises(RuntimeError), tree.broken(HOUR):
        assert (tree.root / "clock.py").read_bytes() == before.replace(b"12", b"13")
        assert (project / "clock.py").read_bytes() == before
        raise RuntimeError
    assert (tree.root / "clock.py").read_bytes() == before


def test_an_entry_that_does_not_fit_changes_nothing(tree: Tree) -> None:
    nowhere = BrokenLine("x", "watch.py", "1", "2", "It is one.", ("test_clock.py",), "area")
    with pytest.raises(BadCorpus), tree.broken(nowhere):
        pass
    assert not (tree.root / "watch.py").exists()


def test_a_compiled_module_cannot_hide_a_mistake(tree: Tree) -> None:
    file = tree.root / "clock.py"
    py_compile.compile(str(file))
    before = file.stat()
    with tree.broken(HOUR):
        keep_the_second(file, before)
        assert python(tree, "import clock; print(clock.hour())", tree.root) == "13"


def test_a_compiled_mistake_is_not_taken_for_the_right_line(tree: Tree) -> None:
    file = tree.root / "clock.py"
    with tree.broken(HOUR):
        py_compile.compile(str(file))
        broken = file.stat()
    keep_the_second(file, broken)
    assert python(tree, "import clock; print(clock.hour())", tree.root) == "12"


def test_python_compiles_nothing_into_a_cache(
    tree: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path / "cache"))
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    assert "PYTHONPYCACHEPREFIX" not in tree.environment()
    python(tree, "import clock", tree.root)
    assert not (tree.root / "__pycache__").exists()


def test_the_tests_do_not_know_of_the_pytest_that_runs_them(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "--collect-only")
    assert not [name for name in tree.environment() if name.startswith("PYTEST_")]
