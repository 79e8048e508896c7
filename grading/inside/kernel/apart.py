"""Names of their own for test cells, so that they depend on nothing that a student may rebind.

The grader says with each cell what it knows of names (`grading/submission/names.py`). In a test
cell a name is what tests have bound, or what was imported or given for them; else it is what
the exercise asks the student for; else it is Python's own; and only then whatever else the student
calls so. This keeps honest work from harm. It is no wall: student code runs in the same process.
"""

import dis
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import update_wrapper
from types import CodeType, FunctionType, ModuleType
from typing import Any

from .surroundings import Surroundings

MODULE = "tests_of_this_notebook"


class Outer(dict[str, Any]):
    """What stands behind the names of tests, in the place where Python keeps its own names."""

    def __init__(self, own: dict[str, Any], theirs: dict[str, Any]) -> None:
        super().__init__(own)
        self._own, self._theirs = own, theirs
        self._first: dict[str, Any] = {}

    def ask(self, names: dict[str, Any]) -> None:
        """Let the student's names come before Python's own; the values are those to fall back on.

        A function that was asked for and has become a number since is what it was.
        """
        self._first = names
        self.update(self._own)
        for name in names:
            self.pop(name, None)

    def __missing__(self, name: str) -> Any:
        if name not in self._first:
            return self._theirs[name]
        before = self._first[name]
        value = self._theirs.get(name, before)
        if value is None and name not in self._theirs:
            return self._own[name]
        return before if callable(before) and not callable(value) else value


class Apart:
    """The names of the tests of one notebook, and what its cells have given for them."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._theirs = shell.user_module
        self._module = ModuleType(MODULE)
        with shell.builtin_trap:
            own = dict(vars(sys.modules["builtins"]))
        self._outer = Outer(own, shell.user_ns)
        self._names = vars(self._module)
        self._names.update(__builtins__=self._outer, _oh={}, In=[""], Out={})
        self._kept: dict[tuple[str, str], Any] = {}
        self._surroundings = Surroundings()

    @contextmanager
    def cell(self, about: dict[str, Any]) -> Iterator[None]:
        """Run a cell inside; `about` is what the grader says of it."""
        test = about.get("test")
        self._use(self._theirs)
        if test is None:
            yield
            self._keep(about.get("gives", {}))
            return
        with self._surroundings.as_they_were():
            transformers, self._shell.ast_transformers = self._shell.ast_transformers, []
            sys.modules[MODULE] = self._module
            self._prepare(test)
            self._use(self._module)
            try:
                yield
            finally:
                self._use(self._theirs)
                self._shell.ast_transformers = transformers
                names = self._names
                vars(self._theirs).update((n, names[n]) for n in test["shown"] if n in names)

    def _use(self, module: ModuleType) -> None:
        self._shell.user_module, self._shell.user_ns = module, vars(module)

    def _keep(self, gives: dict[str, list[str]]) -> None:
        theirs = vars(self._theirs)
        for place, names in gives.items():
            self._kept.update(((place, name), theirs[name]) for name in names if name in theirs)

    def _among_tests(self, given: Any) -> Any:
        """Return a given function as one that looks its names up here; all else as it is."""
        theirs = vars(self._theirs)
        if type(given) is not FunctionType or given.__globals__ is not theirs:
            return given
        if _binds_outside(given.__code__):
            return given
        made = FunctionType(
            given.__code__, self._names, given.__name__, given.__defaults__, given.__closure__
        )
        made.__kwdefaults__ = given.__kwdefaults__
        return update_wrapper(made, given, updated=("__dict__",))

    def _prepare(self, test: dict[str, Any]) -> None:
        asked, given = test["asked"], test["given"]
        for name in (*asked, *given, *test["imports"]):
            self._names.pop(name, None)
        self._outer.ask({name: self._kept.get((place, name)) for name, place in asked.items()})
        for name, place in given.items():
            if (place, name) in self._kept:
                self._names[name] = self._among_tests(self._kept[place, name])
        for name, statement in test["imports"].items():
            found: dict[str, Any] = {}
            with suppress(Exception):
                exec(statement, found)
                self._names[name] = found[name]


def _binds_outside(code: CodeType) -> bool:
    """Return whether a function gives names of the notebook another value."""
    if any(one.opname in ("STORE_GLOBAL", "DELETE_GLOBAL") for one in dis.get_instructions(code)):
        return True
    return any(_binds_outside(one) for one in code.co_consts if isinstance(one, CodeType))
