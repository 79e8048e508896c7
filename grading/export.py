"""Export the framework from the notebooks: every cell tagged `export` goes into one module."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import jupytext

from grading.course import Course

SOLUTION_MARK = re.compile(r"^\s*### (BEGIN|END) SOLUTION\s*$")
PACKAGE_IMPORT = re.compile(r"^(\s*)from tinytorch\.", re.MULTILINE)
PACKAGE_DOCSTRING = "The reference framework, exported from the solution cells of source/."


def module_name(assignment: str) -> str:
    """Return the module an assignment is exported to: `02_tensor` gives `tensor`."""
    return assignment.partition("_")[2]


def module_text(text_notebook: Path) -> str:
    """Return the module that a text notebook's exported cells make, imports first."""
    imports: list[str] = []
    bodies: list[str] = []
    for cell in jupytext.read(text_notebook).cells:
        if cell.cell_type == "code" and "export" in cell.metadata.get("tags", []):
            found, body = _split_imports(without_marks(cell.source))
            imports += [line for line in found if line not in imports]
            bodies.append(body)
    name = text_notebook.stem
    header = f'"""Made from source/{name}/{name}.py by `make export`: edit there, not here."""'
    text = "\n\n".join([header, "\n".join(imports), *(body for body in bodies if body)])
    return _tidy(PACKAGE_IMPORT.sub(r"\1from .", text) + "\n")


def export(course: Course) -> list[Path]:
    """Write every module of `tinytorch_ref/` that has changed, and return those."""
    package = course.root / "tinytorch_ref"
    wanted = {
        package / f"{module_name(name)}.py": module_text(course.text(name))
        for name in course.assignments()
    }
    wanted[package / "__init__.py"] = f'"""{PACKAGE_DOCSTRING}"""\n'
    for stray in set(package.glob("*.py")) - set(wanted):
        stray.unlink()
    return [file for file, text in wanted.items() if write_if_changed(file, text)]


def without_marks(source: str) -> str:
    """Return a cell's text without the lines that mark a solution."""
    return "\n".join(line for line in source.split("\n") if not SOLUTION_MARK.match(line))


def write_if_changed(file: Path, text: str) -> bool:
    """Write a file unless it already says so; return whether it was written."""
    if file.exists() and file.read_text() == text:
        return False
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return True


def _split_imports(source: str) -> tuple[list[str], str]:
    """Return a cell's top-level imports and the rest of it."""
    lines = source.split("\n")
    imports: list[str] = []
    for node in reversed(ast.parse(source).body):
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
