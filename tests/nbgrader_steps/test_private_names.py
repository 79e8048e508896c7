"""What we rely on in nbgrader without its having promised it stands in one table, and is there."""

import ast
import importlib
import inspect
import sys
from pathlib import Path
from types import FunctionType

import pytest
from nbgrader.converters import Autograde

from grading.nbgrader_steps import autograde_converter, private_names
from grading.nbgrader_steps.private_names import PRIVATE_NAMES, PrivateName, PrivateText

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "hub" / "shared"))  # as a hub's environment does
THEIRS = ("nbgrader", "nbconvert", "nbformat", "jupyter_server")
FILES = [
    *(file for folder in ("grading", "hub") for file in sorted((PROJECT / folder).rglob("*.py"))),
    PROJECT / "nbgrader_config.py",
]
# Pinned, in an environment of its own: `tests/inside/test_similar.py` runs what this relies on.
OF_COMPARE50 = {"Executor"}
KNOWN = {name.name.rpartition(".")[2] for name in PRIVATE_NAMES}
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
DOCUMENTED = {
    "_exit",
    "_asdict",
    "_replace",
    "_mapping",
}  # of os, named tuples and SQLAlchemy's rows
OURS = {"_jupyter_server_extension_points", "_load_jupyter_server_extension"}


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def private_uses(source: str) -> set[str]:
    """Return private names that a module imports from, takes from or patches in others'."""
    tree = ast.parse(source)
    defined = own_names(tree)
    used = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in THEIRS:
            used |= {part for part in (node.module or "").split(".") if is_private(part)}
            used |= {alias.name for alias in node.names if is_private(alias.name)}
        elif isinstance(node, ast.Attribute) and is_private(node.attr):
            if not (is_self(node.value) and node.attr in defined):
                used.add(node.attr)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("getattr", "setattr"):
            used |= {
                argument.value
                for argument in node.args[1:2]
                if isinstance(argument, ast.Constant) and is_private(str(argument.value))
            }
    return used


def own_names(tree: ast.Module) -> set[str]:
    names = {node.name for node in ast.walk(tree) if isinstance(node, DEFINITIONS)}
    stored = (
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    )
    return names | {node.attr for node in stored if is_self(node.value)}


def is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("self", "cls")


def overridden(module) -> set[str]:
    """Return private names of others' classes that a module's classes define anew."""
    return {
        name
        for _, cls in inspect.getmembers(module, inspect.isclass)
        if cls.__module__ == module.__name__
        for name, value in vars(cls).items()
        if is_private(name) and isinstance(value, FunctionType | property)
        for base in cls.__mro__[1:]
        if base.__module__.split(".")[0] in THEIRS and name in vars(base)
    }


def replaced(source: str) -> set[str]:
    """Return the capitalised names that a module sets on what is not its own."""
    return {
        node.attr
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.attr[0].isupper()
        and node.value.id not in ("config", "c")
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PROJECT)))
def test_no_private_name_is_used_that_is_not_in_the_table(file):
    assert private_uses(file.read_text()) <= KNOWN | OURS | DOCUMENTED


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PROJECT)))
def test_no_name_of_theirs_is_replaced_that_is_not_in_the_table(file):
    assert replaced(file.read_text()) <= KNOWN | OF_COMPARE50


def has_a_class_of_theirs(source: str) -> bool:
    if "class " not in source or not any(f"from {package}" in source for package in THEIRS):
        return False
    tree = ast.parse(source)
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in THEIRS
        for alias in node.names
    }
    return any(
        isinstance(base, ast.Name) and base.id in imported
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for base in node.bases
    )


BELOW_THEIRS = [
    ".".join(file.relative_to(PROJECT).with_suffix("").parts)
    for file in FILES
    if has_a_class_of_theirs(file.read_text())
]


@pytest.mark.parametrize("name", BELOW_THEIRS)
def test_no_private_method_of_theirs_is_overridden_that_is_not_in_the_table(name):
    assert overridden(importlib.import_module(name)) <= KNOWN


def test_classes_below_theirs_are_found():
    assert {
        "grading.nbgrader_steps.autograde_converter",
        "hub.shared.course_exchange.collect",
    } <= {*BELOW_THEIRS}


def test_an_overridden_private_method_is_found():
    module = importlib.import_module("hub.shared.course_exchange.collect")
    assert overridden(module) == {"_path_to_record", "_sort_by_timestamp"}


@pytest.mark.parametrize("name", PRIVATE_NAMES, ids=lambda name: f"{name.where}:{name.name}")
def test_the_installed_version_still_has_what_we_rely_on(name):
    assert name.find()
    assert name.why.strip()


def test_the_table_was_read_beside_the_versions_that_are_installed():
    assert private_names.installed() == private_names.SEEN_IN


def test_nbgraders_collecting_still_asks_whose_a_submission_is():
    from nbgrader.exchange.default import ExchangeCollect

    assert "self._path_to_record(" in inspect.getsource(ExchangeCollect.init_src)
    assert [*inspect.signature(ExchangeCollect._path_to_record).parameters] == ["self", "path"]


def test_nbgraders_applications_still_make_a_converter_of_the_name_that_we_replace():
    for application in autograde_converter.autogradeapp, autograde_converter.api:
        source = Path(application.__file__).read_text()
        assert source.count("Autograde(coursedir=self.coursedir, parent=self)") == 1
    assert issubclass(autograde_converter.SealedAutograde, Autograde)


GONE = [
    PrivateName("nbgrader.apps.api", "NoSuchThing", "why"),
    PrivateName("nbgrader.no_such_module", "anything", "why"),
    PrivateText("api.py", "no such text", "why"),
    PrivateText("api.py", "def ", "why"),
    PrivateText("no_such_file.py", "def", "why"),
]


@pytest.mark.parametrize("name", GONE, ids=lambda name: f"{name.where}:{name.name}")
def test_what_is_gone_is_told_with_the_reason_we_needed_it(name):
    with pytest.raises(LookupError, match="why"):
        name.find()


SNIPPETS = [
    ("from nbgrader._hidden import x", {"_hidden"}),
    ("from nbgrader.apps import _x", {"_x"}),
    ("app._converter.start()", {"_converter"}),
    ("getattr(app, '_converter')", {"_converter"}),
    ("class A:\n def f(self): self._theirs()", {"_theirs"}),
    ("class A:\n def f(self): self._g()\n def _g(self): pass", set()),
    ("class A:\n def f(self):\n  self._x = 1\n  self._x", set()),
    ("class A:\n async def f(self): await self._g()\n async def _g(self): pass", set()),
    ("x.__class__", set()),
]


@pytest.mark.parametrize(("source", "names"), SNIPPETS)
def test_the_scan_finds_private_names(source, names):
    assert private_uses(source) == names


def test_the_scan_finds_what_is_replaced():
    assert replaced("api.Autograde = Ours\nself.x = 1\nc.Sandbox = 2") == {"Autograde"}
