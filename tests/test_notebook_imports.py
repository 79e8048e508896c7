"""Nothing is imported for nothing, and from 04 on nothing is exported for nothing."""

import ast
from functools import cache
from itertools import pairwise

import pytest

from grading.course.cells import is_exported
from grading.course.layout import Course
from grading.course.texts import read_notebook
from grading.sandbox.settings import PROJECT

COURSE = Course(PROJECT)
ASSIGNMENTS = COURSE.assignments()
FROM_04_ON = [name for name in ASSIGNMENTS if COURSE.assignment(name).order >= 4]
PACKAGES = ("tinytorch", "tinytorch_ref")
KIT = PROJECT / "grading" / "inside" / "tinytorch"
USERS = [KIT / "milestones.py", *PROJECT.glob("tests/**/*.py")]
Defined = ast.FunctionDef | ast.ClassDef


@cache
def code_cells(assignment):
    """Return whether each code cell of a notebook is exported, and its tree."""
    cells = [c for c in read_notebook(COURSE.text(assignment)).cells if c.cell_type == "code"]
    return [(is_exported(cell), ast.parse(cell.source)) for cell in cells]


def bound(node):
    """Return the names that an import binds."""
    return [(alias.asname or alias.name).partition(".")[0] for alias in node.names]


def dead_imports(trees):
    """Yield each imported name that is not read from its import up to the next import of it.

    Trees are read in the order in which they run; annotations in quotes are read, too.
    """
    imported, read = {}, {}
    for position, tree in enumerate(trees):
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                for name in bound(node):
                    imported.setdefault(name, []).append(position)
            for name in names_read(node):
                read.setdefault(name, set()).add(position)
    for name, places in imported.items():
        for begin, end in pairwise([*sorted(set(places)), len(trees)]):
            if not any(begin <= place < end for place in read.get(name, ())):
                yield name


def names_read(node):
    """Return the names that a node itself reads."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        return {node.id}
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
        return {node.value}
    return set()


def all_read(tree):
    return {name for node in ast.walk(tree) for name in names_read(node)}


def defined(trees):
    """Return the top-level definitions of a module's cells by name."""
    found = {}
    for node in (node for tree in trees for node in tree.body):
        if isinstance(node, Defined):
            found[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id: node for target in targets if isinstance(target, ast.Name)}
    return found


def taken(tree):
    """Return the names that code takes from the framework, or from modules of it.

    `of(losses, "MSELoss")` takes what it names, like `losses.MSELoss`.
    """
    names, framework = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in PACKAGES:
            names |= {alias.name for alias in node.names}
            framework |= set(bound(node))
        elif isinstance(node, ast.Import):
            ours = [one for one in node.names if one.name.partition(".")[0] in PACKAGES]
            framework |= {one.asname or one.name.partition(".")[0] for one in ours}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and root(node) in framework:
            names.add(node.attr)
        elif isinstance(node, ast.Call) and node.args and root(node.args[0]) in framework:
            names |= {one.value for one in node.args[1:] if isinstance(one, ast.Constant)}
    return names


def root(node):
    """Return the name that a chain of attributes begins with."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def is_registered(node):
    """Return whether a decorator with arguments, such as `@derivative(Add)`, takes a function."""
    return isinstance(node, Defined) and any(isinstance(d, ast.Call) for d in node.decorator_list)


def unused_exports(trees, used):
    """Return the exported names that neither others use nor what they use of the module.

    What runs when the module is imported counts as used, and what a decorator registers.
    """
    names = defined(trees)
    registered = {name for name, node in names.items() if is_registered(node)}
    running = [n for tree in trees for n in tree.body if n not in names.values()]
    reached = (used | registered | set().union(*map(all_read, running))) & names.keys()
    waiting = sorted(reached)
    while waiting:
        fresh = (all_read(names[waiting.pop()]) & names.keys()) - reached
        reached |= fresh
        waiting += fresh
    return names.keys() - reached


@cache
def used_by_others():
    """Return what the finale, the milestones and the tests take from the framework."""
    finale = [ast.parse(file.read_text()) for file in KIT.glob("_finale/*.py")]
    texts = [text for file in USERS if "tinytorch" in (text := file.read_text())]
    users = [ast.parse(text) for text in texts]
    return set().union(*map(all_read, finale), *map(taken, users))


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_each_import_of_a_notebook_is_used(assignment):
    assert sorted(dead_imports([tree for _, tree in code_cells(assignment)])) == []


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_each_import_of_a_module_is_used_in_it(assignment):
    exported = [tree for is_one, tree in code_cells(assignment) if is_one]
    whole = ast.Module([node for tree in exported for node in tree.body], [])
    assert sorted(dead_imports([whole])) == []


@pytest.mark.parametrize("assignment", FROM_04_ON)
def test_what_a_notebook_exports_is_used_later_or_by_the_finale_or_by_a_test(assignment):
    later = ASSIGNMENTS[ASSIGNMENTS.index(assignment) + 1 :]
    used = [taken(tree) for name in later for _, tree in code_cells(name)]
    exported = [tree for is_one, tree in code_cells(assignment) if is_one]
    assert sorted(unused_exports(exported, used_by_others().union(*used))) == []


def trees(*cells):
    return [ast.parse(cell) for cell in cells]


@pytest.mark.parametrize(
    ("cells", "dead"),
    [
        (["import math", "math.pi"], []),
        (["import os.path", "os.sep"], []),
        (["import numpy as np\ndef f(x: 'np'): ..."], []),
        (["import math"], ["math"]),
        (["math = 3\nprint(math)", "import math"], ["math"]),
        (["from math import pi, tau", "tau"], ["pi"]),
        (["import math", "import math\nmath.pi"], ["math"]),
        (["import math\nmath.pi", "import math"], ["math"]),
        (["import numpy as np", "numpy"], ["np"]),
    ],
)
def test_an_import_that_nothing_reads_is_dead(cells, dead):
    assert list(dead_imports(trees(*cells))) == dead


MODULE = "def a(): return b()\ndef b(): ...\nC = 3\nclass D:\n    x = C"


@pytest.mark.parametrize(
    ("cells", "used", "unused"),
    [
        ([MODULE], {"a", "D"}, set()),
        ([MODULE], {"b", "C"}, {"a", "D"}),
        ([MODULE], set(), {"a", "b", "C", "D"}),
        ([MODULE, "D()"], {"a"}, set()),
        (["def e(): ...", "@rule(x)\ndef d(): e()", "@plain\ndef f(): ..."], set(), {"f"}),
    ],
)
def test_an_export_is_unused_if_only_unused_ones_need_it(cells, used, unused):
    assert unused_exports(trees(*cells), used) == unused


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("from tinytorch.tensor import Tensor as T", {"Tensor"}),
        ("import tinytorch_ref as tt\ntt.Adam", {"Adam"}),
        ("from tinytorch_ref import autograd\nautograd.no_grad", {"autograd", "no_grad"}),
        ("import tinytorch.layers\ntinytorch.layers.MLP", {"layers", "MLP"}),
        ("from tinytorch_ref import layers\ngetattr(layers, 'MLP')", {"layers", "MLP"}),
        ("from torch.nn import Linear\nother.Adam", set()),
    ],
)
def test_what_code_takes_from_the_framework_is_found(source, names):
    assert taken(ast.parse(source)) == names
