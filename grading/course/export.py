"""Export the framework from the notebooks: every cell tagged `export` goes into one module."""

import ast
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import jupytext
from nbformat import NotebookNode

from grading.course.cells import exported_sources, is_exported
from grading.course.errors import BadCourse
from grading.course.files import write_if_changed
from grading.course.layout import Course

PACKAGE_IMPORT = re.compile(r"^(\s*)from tinytorch\.", re.MULTILINE)
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
    name = text_notebook.stem
    notebook = jupytext.read(text_notebook)
    sources = exported_sources(notebook)
    parsed = [_parsed(name, source) for source in sources]
    _refuse_names_imported_elsewhere(name, parsed, notebook)
    imports: list[str] = []
    bodies: list[str] = []
    for source, tree in zip(sources, parsed, strict=True):
        found, body = _split_imports(source, tree)
        imports += [line for line in found if line not in imports]
        bodies.append(body)
    header = f'"""Made from source/{name}/{name}.py by `make export`: edit there, not here."""'
    text = "\n\n".join([header, "\n".join(imports), *(body for body in bodies if body)])
    return PACKAGE_IMPORT.sub(r"\1from .", text) + "\n"


def export(course: Course) -> list[Path]:
    """Write every module of `tinytorch_ref/` that has changed, and return those.

    Raises `BadCourse`, leaving the old one in place, for a module that cannot be imported.
    """
    wanted = {
        course.reference / f"{assignment.module}.py": module_text(course.text(assignment.name))
        for assignment in course.read_assignments()
        if assignment.module
    }
    wanted[course.reference / "__init__.py"] = f'"""{PACKAGE_DOCSTRING}"""\n'
    for stray in set(course.reference.glob("*.py")) - set(wanted):
        stray.unlink()
    old = {file: file.read_text() if file.exists() else None for file in wanted}
    changed = [file for file, text in wanted.items() if write_if_changed(file, text)]
    for file in changed:
        reason = _why_not_importable(file)
        if reason is not None:
            for each in changed:
                before = old[each]
                each.unlink() if before is None else each.write_text(before)
            raise BadCourse(f"The module {file.stem}, as exported, cannot be imported: {reason}.")
    return changed


def _why_not_importable(file: Path) -> str | None:
    """Import a module of the reference in a process of its own; return what it raises."""
    program = f"import {file.parent.name}.{file.stem}"
    command = [sys.executable, "-B", "-c", program]
    done = subprocess.run(command, cwd=file.parent.parent, capture_output=True, text=True)
    return done.stderr.strip().split("\n")[-1].rstrip(".") if done.returncode else None


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
            with suppress(SyntaxError):
                elsewhere |= _imported(ast.parse(cell.source))
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
    imports: list[str] = []
    for node in reversed(tree.body):
        if isinstance(node, ast.Import | ast.ImportFrom):
            end = node.end_lineno or node.lineno
            imports.insert(0, "\n".join(lines[node.lineno - 1 : end]))
            del lines[node.lineno - 1 : end]
    return imports, "\n".join(lines).strip()


def _tidy(text: str) -> str:
    """Sort the imports and format, as ruff does for the rest of the project."""
    for arguments in (["check", "--quiet", "--fix", "--select", "I"], ["format", "--quiet"]):
        command = [sys.executable, "-m", "ruff", *arguments, "--stdin-filename", "module.py", "-"]
        text = subprocess.run(
            command, input=text, capture_output=True, text=True, check=True
        ).stdout
    return text
