"""The progression: an assignment uses the one before at once, and nothing of those to come."""

import ast
from functools import cache

import pytest

from grading.course.layout import Course
from grading.course.soundness import module_of
from grading.course.texts import read_notebook
from grading.sandbox.settings import PROJECT

COURSE = Course(PROJECT)
ASSIGNMENTS = COURSE.assignments()
FIRST_CELLS = 3  # the first of them chooses whose modules are used
MODULES = [module_of(name) for name in ASSIGNMENTS]


@cache
def code_cells(assignment):
    """Return each code cell of a notebook, hidden tests included: its tags and its tree."""
    cells = [
        cell for cell in read_notebook(COURSE.text(assignment)).cells if cell.cell_type == "code"
    ]
    return [(cell.metadata.get("tags", []), ast.parse(cell.source)) for cell in cells]


def trees(assignment):
    return [tree for _, tree in code_cells(assignment)]


def imports(tree):
    """Yield (module, name) for everything that is imported from `tinytorch`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tinytorch"):
            package, _, module = node.module.partition(".")
            for alias in node.names:
                yield (module, alias.asname or alias.name) if module else (alias.name, alias.name)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                package, _, module = alias.name.partition(".")
                if package == "tinytorch" and module:
                    yield module, alias.asname or package


def named(tree):
    """Return the names that are read or defined in a tree."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} | {
        node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef | ast.FunctionDef)
    }


def called(tree):
    """Return the names of the methods that are called in a tree."""
    return {
        node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }


@cache
def exported(assignment, *kinds):
    """Return the names of all classes, or functions and methods, that an assignment adds."""
    return {
        node.name
        for tags, tree in code_cells(assignment)
        if "export" in tags
        for node in ast.walk(tree)
        if isinstance(node, kinds)
    }


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_a_notebook_imports_earlier_modules_only(assignment):
    earlier = MODULES[: ASSIGNMENTS.index(assignment)]
    imported = {module for tree in trees(assignment) for module, _ in imports(tree)}
    assert imported <= set(earlier)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_a_notebook_names_no_class_that_is_still_to_come(assignment):
    position = ASSIGNMENTS.index(assignment)
    known = set().union(*(exported(name, ast.ClassDef) for name in ASSIGNMENTS[: position + 1]))
    to_come = set().union(*(exported(name, ast.ClassDef) for name in ASSIGNMENTS[position + 1 :]))
    assert not set().union(*map(named, trees(assignment))) & (to_come - known)


@pytest.mark.parametrize("assignment", ASSIGNMENTS[1:])
def test_the_first_code_cells_run_what_the_last_assignment_made(assignment):
    position = ASSIGNMENTS.index(assignment) - 1
    first = ast.Module([node for tree in trees(assignment)[:FIRST_CELLS] for node in tree.body], [])
    from_last = {name for module, name in imports(first) if module == MODULES[position]}
    methods = exported(ASSIGNMENTS[position], ast.FunctionDef)
    assert from_last, f"the first cells import nothing from tinytorch.{MODULES[position]}"
    assert from_last & named(first) or methods & called(first)


@pytest.mark.parametrize("assignment", ASSIGNMENTS[: MODULES.index("autograd")])
def test_nothing_goes_backwards_before_autograd(assignment):
    for tags, tree in code_cells(assignment):
        assert "export" in tags or not called(tree) & {"backward", "step", "zero_grad"}
