"""Say what does not fit together in `source/`, before anything is made from it or removed."""

import ast
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

from grading.course.assignment import FILE, Assignment, refuse_unfit_name, write_assignment
from grading.course.cells import is_exported, parsed
from grading.course.errors import BadCourse
from grading.course.export import unformatted_module
from grading.course.layout import Course
from grading.course.package import INSIDE
from grading.course.texts import read_notebook, read_text

PACKAGE = "tinytorch"
MILESTONES = "milestones"

Imported = tuple[str, str | None]


def adopt_new_folders(course: Course) -> list[str]:
    """Give a folder with a notebook of its name, made in JupyterLab say, its `assignment.toml`.

    It comes last in the order. Return a line for each file that was written.
    """
    written = []
    for folder in _folders_without_file(course):
        notebooks = [folder / f"{folder.name}{suffix}" for suffix in (".py", ".ipynb")]
        found = next((file for file in notebooks if file.exists()), None)
        if found is not None:
            refuse_unfit_name(folder.name)
            cells = read_notebook(found).cells
            order = max([one.order for one in course.read_assignments()], default=0) + 1
            module = module_of(folder.name) if any(map(is_exported, cells)) else None
            write_assignment(folder, Assignment(folder.name, folder.name, order, module or None))
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


def refuse_misnamed(course: Course) -> None:
    """Raise `BadCourse` when an assignment has no notebook that is called as its folder."""
    for name in course.assignments():
        text = course.text(name)
        if not text.exists() and not text.with_suffix(".ipynb").exists():
            others = ", ".join(sorted(path.name for path in _notebooks(text.parent))) or "none"
            raise BadCourse(
                f"source/{name} has an {FILE}, but no {text.name} (notebooks there: {others}). "
                "Call the notebook as its folder, or the folder as its notebook."
            )


def refuse_unsound(course: Course) -> None:
    """Raise `BadCourse` when a text uses what no assignment before it makes."""
    known: dict[str, set[str]] = {}
    complaints: list[str] = []
    for assignment in course.read_assignments():
        text = course.text(assignment.name)
        complaints += _unknown_imports(assignment, text, known)
        if assignment.module:
            known[assignment.module] = _top_level_names(unformatted_module(text))
        elif any(map(is_exported, read_notebook(text).cells)):
            complaints.append(
                f"source/{assignment.name}/{text.name} has cells tagged `export`, but its {FILE} "
                "names no module for them."
            )
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


def package_imports(text: Path) -> tuple[Imported, ...]:
    """Return (module, name) of everything that a notebook imports from modules of `tinytorch`."""
    return _imported(text.read_text(encoding="utf-8"))


@lru_cache(maxsize=64)
def _imported(text: str) -> tuple[Imported, ...]:
    cells = [cell for cell in read_text(text).cells if cell.cell_type == "code"]
    nodes = (node for cell in cells for node in ast.walk(parsed(cell)))
    return tuple(found for node in nodes for found in _from_package(node))


def _from_package(node: ast.AST) -> Iterator[Imported]:
    if isinstance(node, ast.ImportFrom) and node.level == 0:
        package, _, module = (node.module or "").partition(".")
        if package == PACKAGE:
            for alias in node.names:
                if module:
                    yield module, alias.name
                elif alias.name not in _package_names():
                    yield alias.name, None
    elif isinstance(node, ast.Import):
        for alias in node.names:
            package, _, module = alias.name.partition(".")
            if package == PACKAGE and module:
                yield module, None


def _unknown_imports(assignment: Assignment, text: Path, known: dict[str, set[str]]) -> list[str]:
    place = f"source/{assignment.name}/{text.name}"
    complaints = []
    for module, name in dict.fromkeys(package_imports(text)):
        if module == MILESTONES and assignment.milestones:
            continue
        if module not in known:
            complaints.append(
                f"{place} imports {PACKAGE}.{module}, which no assignment before it makes."
            )
        elif name is not None and name != "*" and not {name, "*"} & known[module]:
            complaints.append(f"{place} imports {name}, which {PACKAGE}.{module} does not have.")
    return list(dict.fromkeys(complaints))


@cache
def _package_names() -> set[str]:
    """Return the names that `tinytorch` itself has, whatever its modules."""
    return {*_top_level_names((INSIDE / "__init__.py").read_text()), "*"}


def _top_level_names(module: str) -> set[str]:
    """Return the names that a module binds, in branches too; `*` stands for what it imports so."""
    names: set[str] = set()
    nodes: list[ast.AST] = [*ast.parse(module).body]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.Name):
            names |= {node.id} if isinstance(node.ctx, ast.Store) else set()
        elif not isinstance(node, ast.Lambda):
            nodes += ast.iter_child_nodes(node)
    return names


def _folders_without_file(course: Course) -> list[Path]:
    folders = sorted(path for path in course.root.glob("source/[!.]*") if path.is_dir())
    return [folder for folder in folders if not (folder / FILE).exists()]


def _notebooks(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.suffix in (".ipynb", ".py")]
