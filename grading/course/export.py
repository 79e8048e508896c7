"""Export the framework from the notebooks: every cell tagged `export` goes into one module."""

import ast
import re
import subprocess
import sys
import tempfile
import textwrap
from functools import lru_cache
from pathlib import Path

from nbformat import NotebookNode

from grading.course.cells import exported_sources, is_exported, parsed
from grading.course.errors import BadCourse
from grading.course.files import write_if_changed
from grading.course.layout import Course
from grading.course.texts import read_text
from grading.sandbox.settings import PROJECT

PACKAGE_IMPORT = re.compile(r"^(\s*)from tinytorch\.", re.MULTILINE)
IMPORT_EACH = """
import importlib, sys
for module in sys.argv[1:]:
    try:
        importlib.import_module(module)
    except BaseException as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        sys.exit(f"\\n{module} {reason}")
"""
PACKAGE_DOCSTRING = "The reference framework, exported from the solution cells of source/."


def module_text(text_notebook: Path) -> str:
    """Return the module that a text notebook's exported cells make, formatted as the rest is.

    Raises `BadCourse` when a cell is no Python, or uses what only other cells import.
    """
    return _tidy(unformatted_module(text_notebook))


def unformatted_module(text_notebook: Path) -> str:
    """Return the module that a text notebook's exported cells make, imports first.

    Raises `BadCourse` as `module_text` does.
    """
    return _unformatted(text_notebook.stem, text_notebook.read_text(encoding="utf-8"))


@lru_cache(maxsize=64)
def _unformatted(name: str, content: str) -> str:
    notebook = read_text(content)
    sources = exported_sources(notebook)
    trees = [_parsed(name, source) for source in sources]
    _refuse_names_imported_elsewhere(name, trees, notebook)
    imports: list[str] = []
    bodies: list[str] = []
    for source, tree in zip(sources, trees, strict=True):
        found, body = _split_imports(source, tree)
        imports += [line for line in found if line not in imports]
        bodies.append(body)
    header = f'"""Made from source/{name}/{name}.py by `make export`: edit there, not here."""'
    text = "\n\n".join([header, "\n".join(imports), *(body for body in bodies if body)])
    return PACKAGE_IMPORT.sub(r"\1from .", text) + "\n"


def export(course: Course) -> list[Path]:
    """Write every module of `tinytorch_ref/` that has changed, and return those.

    Raises `BadCourse`, before any is written or removed, when one could not be imported then.
    """
    making = {one.module: one.name for one in course.read_assignments() if one.module}
    modules = {module: module_text(course.text(name)) for module, name in making.items()}
    wanted = {"__init__.py": package_text(modules)}
    wanted |= {f"{module}.py": text for module, text in modules.items()}
    there = {file.name: file.read_text() for file in course.reference.glob("*.py")}
    if there != wanted:
        _refuse_unimportable(course.reference.name, wanted, making)
    for stray in there.keys() - wanted.keys():
        (course.reference / stray).unlink()
    files = {course.reference / name: text for name, text in wanted.items()}
    return [file for file, text in files.items() if write_if_changed(file, text)]


def package_text(modules: dict[str, str]) -> str:
    """Return the text of `__init__.py`: importing the package gives what its modules define."""
    lines = [f'"""{PACKAGE_DOCSTRING}"""', "", "# ruff: noqa: F401, I001", "# fmt: off"]
    for module, text in modules.items():
        names = sorted(name for name in _given_by(ast.parse(text)) if name[0] != "_")
        if names:
            listed = textwrap.wrap(", ".join(names), 95)
            lines += [f"from .{module} import (", *(f"    {line}" for line in listed), ")"]
    return "\n".join(lines) + "\n"


def _given_by(module: ast.Module) -> set[str]:
    """Return the names of a module's classes and functions, and of what it makes by a call."""
    names = set()
    for node in module.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            names |= {one.id for one in node.targets if isinstance(one, ast.Name)}
    return names


def _refuse_unimportable(package: str, files: dict[str, str], making: dict[str, str]) -> None:
    """Import every module, in a place and a process of their own; raise `BadCourse` if one fails.

    `making` names the assignment that makes each module.
    """
    with tempfile.TemporaryDirectory(prefix="export-") as folder:
        for name, text in (files | {"__init__.py": ""}).items():  # so that each is named itself
            write_if_changed(Path(folder) / package / name, text)
        modules = [f"{package}.{module}" for module in making]
        done = subprocess.run(
            [sys.executable, "-B", "-c", IMPORT_EACH, *modules],
            cwd=folder,
            capture_output=True,
            text=True,
        )
    if done.returncode:
        failed, _, reason = done.stderr.strip().split("\n")[-1].partition(" ")
        module = failed.removeprefix(f"{package}.")
        raise BadCourse(
            f"The module {module}, as exported, cannot be imported: {reason.rstrip('.')}. "
            f"Mend the cells of {making[module]} that are tagged `export`."
        )


def _parsed(name: str, source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError as error:
        line = source.split("\n")[(error.lineno or 1) - 1].strip()
        raise BadCourse(
            f"source/{name}/{name}.py: an exported cell is no Python at {line!r}: {error.msg}."
        ) from None


def _refuse_names_imported_elsewhere(
    name: str, exported: list[ast.Module], notebook: NotebookNode
) -> None:
    """Raise `BadCourse` when exported cells use a name that only other cells import."""
    ours = ast.Module([node for tree in exported for node in tree.body], [])
    used = {node.id for node in ast.walk(ours) if isinstance(node, ast.Name)}
    bound = _imported(ours) | _defined(ours)
    elsewhere: set[str] = set()
    for cell in notebook.cells:
        if cell.cell_type == "code" and not is_exported(cell):
            elsewhere |= _imported(parsed(cell))
    missing = sorted(used & elsewhere - bound)
    if missing:
        raise BadCourse(
            f"source/{name}/{name}.py: exported cells use {', '.join(missing)}, which no exported "
            "cell imports: move the import into a cell tagged `export`."
        )


def _imported(tree: ast.AST) -> set[str]:
    return {
        (alias.asname or alias.name).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }


def _defined(tree: ast.AST) -> set[str]:
    """Return every name that a tree binds anywhere: variables, arguments, functions, classes."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
    return names


def _split_imports(source: str, tree: ast.Module) -> tuple[list[str], str]:
    """Return a cell's top-level imports and the rest of it."""
    lines = source.split("\n")
    ends: dict[int, int] = {}  # of the lines that hold imports, of which a line may hold several
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            ends[node.lineno] = node.end_lineno or node.lineno
    imports: list[str] = []
    for start, end in sorted(ends.items(), reverse=True):
        imports.insert(0, "\n".join(lines[start - 1 : end]))
        del lines[start - 1 : end]
    return imports, "\n".join(lines).strip()


@lru_cache(maxsize=64)
def _tidy(text: str) -> str:
    """Sort the imports and format, as ruff does for the rest of the project."""
    for arguments in (["check", "--quiet", "--fix", "--select", "I"], ["format", "--quiet"]):
        command = [sys.executable, "-m", "ruff", *arguments, "--stdin-filename", "module.py", "-"]
        text = subprocess.run(
            command, input=text, capture_output=True, text=True, check=True, cwd=PROJECT
        ).stdout
    return text
