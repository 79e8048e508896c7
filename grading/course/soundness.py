"""Say what does not fit together in `source/`, before anything is made from it or removed."""

import ast
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import jupytext

from grading.course.assignment import FILE, Assignment, write_assignment
from grading.course.cells import is_exported
from grading.course.errors import BadCourse
from grading.course.export import unformatted_module
from grading.course.layout import Course

PACKAGE = "tinytorch"


def adopt_new_folders(course: Course) -> list[str]:
    """Give a folder with a notebook of its name, made in JupyterLab say, its `assignment.toml`.

    It comes last in the order. Return a line for each file that was written.
    """
    written = []
    for folder in _folders_without_file(course):
        notebooks = [folder / f"{folder.name}{suffix}" for suffix in (".py", ".ipynb")]
        found = next((file for file in notebooks if file.exists()), None)
        if found is not None:
            cells = jupytext.read(found).cells
            order = max([one.order for one in course.read_assignments()], default=0) + 1
            module = module_of(folder.name) if any(map(is_exported, cells)) else None
            title = folder.name.replace('"', "")
            write_assignment(folder, Assignment(folder.name, title, order, module))
            written.append(f"source/{folder.name}/{FILE}")
    return written


def module_of(name: str) -> str:
    """Return the module that an assignment of this name makes: `02_tensor` gives `tensor`."""
    return name.lstrip("0123456789_-").replace("-", "_").lower()


def remarks(course: Course) -> Iterator[str]:
    """Yield a line for each folder that holds a notebook but is no assignment."""
    for folder in _folders_without_file(course):
        found = sorted(path.name for path in _notebooks(folder))
        if found:
            yield (
                f"source/{folder.name} is left out: it holds {', '.join(found)}, and the notebook "
                f"of an assignment is called as its folder, {folder.name}.py"
            )


def refuse_unsound(course: Course) -> None:
    """Raise `BadCourse` when a text is missing, or uses what no assignment before it makes."""
    known: dict[str, set[str]] = {}
    complaints: list[str] = []
    for assignment in course.read_assignments():
        text = course.text(assignment.name)
        if not text.exists():
            others = ", ".join(sorted(path.name for path in _notebooks(text.parent))) or "none"
            raise BadCourse(
                f"source/{assignment.name} has an {FILE}, but no {text.name} (notebooks there: "
                f"{others}). The notebook of an assignment is called as its folder."
            )
        complaints += _unknown_imports(assignment, text, known)
        if assignment.module:
            known[assignment.module] = _top_level_names(unformatted_module(text))
    if complaints:
        raise BadCourse(
            "\n".join([*complaints, "Put back what is missing, or change those first."])
        )


def refuse_strangers(assignment: str, source: Path) -> None:
    """Raise `BadCourse` if another notebook or text lies in the folder: it would be handed out."""
    strangers = sorted(path.name for path in _notebooks(source) if path.stem != assignment)
    if strangers:
        raise BadCourse(
            f"{assignment} is not released: its one notebook is {assignment}.ipynb. "
            f"Rename, move or remove {', '.join(strangers)}."
        )


def package_imports(text: Path) -> Iterator[tuple[str, str | None]]:
    """Yield (module, name) for everything that a notebook imports from modules of `tinytorch`."""
    for cell in jupytext.read(text).cells:
        if cell.cell_type != "code":
            continue
        with suppress(SyntaxError):
            for node in ast.walk(ast.parse(cell.source)):
                yield from _from_package(node)


def _from_package(node: ast.AST) -> Iterator[tuple[str, str | None]]:
    if isinstance(node, ast.ImportFrom) and node.level == 0:
        package, _, module = (node.module or "").partition(".")
        if package == PACKAGE:
            for alias in node.names:
                yield (module, alias.name) if module else (alias.name, None)
    elif isinstance(node, ast.Import):
        for alias in node.names:
            package, _, module = alias.name.partition(".")
            if package == PACKAGE and module:
                yield module, None


def _unknown_imports(assignment: Assignment, text: Path, known: dict[str, set[str]]) -> list[str]:
    place = f"source/{assignment.name}/{text.name}"
    complaints = []
    for module, name in dict.fromkeys(package_imports(text)):
        if module not in known:
            complaints.append(
                f"{place} imports {PACKAGE}.{module}, which no assignment before it makes."
            )
        elif name is not None and name != "*" and name not in known[module]:
            complaints.append(f"{place} imports {name}, which {PACKAGE}.{module} does not have.")
    return list(dict.fromkeys(complaints))


def _top_level_names(module: str) -> set[str]:
    names: set[str] = set()
    for node in ast.parse(module).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        else:
            names |= {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    return names


def _folders_without_file(course: Course) -> list[Path]:
    folders = sorted(path for path in course.root.glob("source/*") if path.is_dir())
    return [folder for folder in folders if not (folder / FILE).exists()]


def _notebooks(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.suffix in (".ipynb", ".py")]
