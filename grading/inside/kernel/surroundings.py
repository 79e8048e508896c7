"""What a process shares with all that runs in it, and what a student's cells may have changed."""

import builtins
import locale
import math
import os
import random
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

import numpy as np

MODULES = (np, np.linalg, np.random, math, random, time)  # whose functions tests call


class Setting(NamedTuple):
    """How one of them is read and written, and what tests get in view of ours and theirs."""

    read: Callable[[], Any]
    write: Callable[[Any], object]
    for_tests: Callable[[Any, Any], Any] = lambda ours, theirs: ours


def _write_builtins(names: dict[str, Any]) -> None:
    for name in vars(builtins).keys() - names.keys():
        delattr(builtins, name)
    vars(builtins).update(names)


def _write_modules(names: list[dict[str, Any]]) -> None:
    for module, wanted in zip(MODULES, names, strict=True):
        vars(module).update(wanted)


def _write_warnings(wanted: tuple[list[Any], Any]) -> None:
    warnings.resetwarnings()
    warnings.filters[:], warnings.showwarning = wanted  # type: ignore[index]


def _write_environment(wanted: dict[str, str]) -> None:
    for name in os.environ.keys() - wanted.keys():
        del os.environ[name]
    os.environ.update(wanted)


def _write_path(wanted: tuple[list[str], list[str]]) -> None:
    sys.path, sys.path[:] = wanted


def _write_streams(wanted: tuple[Any, Any]) -> None:
    sys.stdout, sys.stderr = wanted


def _with_more(ours: tuple[Any, list[str]], theirs: tuple[Any, list[str]]) -> Any:
    return ours[0], [*ours[1], *(one for one in theirs[1] if one not in ours[1])]


SETTINGS = {
    # first: reading and writing the others takes Python's own functions
    "builtins": Setting(
        lambda: dict(vars(builtins)), _write_builtins, lambda ours, theirs: theirs | ours
    ),
    "functions of modules": Setting(
        lambda: [dict(vars(module)) for module in MODULES], _write_modules
    ),
    "modules' path": Setting(lambda: (sys.path, list(sys.path)), _write_path, _with_more),
    "environment": Setting(
        lambda: dict(os.environ), _write_environment, lambda ours, theirs: theirs | ours
    ),
    "working folder": Setting(os.getcwd, os.chdir),
    "streams": Setting(lambda: (sys.stdout, sys.stderr), _write_streams),
    "warnings": Setting(lambda: (list(warnings.filters), warnings.showwarning), _write_warnings),
    "locale": Setting(
        lambda: locale.setlocale(locale.LC_ALL), lambda name: locale.setlocale(locale.LC_ALL, name)
    ),
    "depth of calls": Setting(sys.getrecursionlimit, sys.setrecursionlimit, max),
    "errors of NumPy": Setting(np.geterr, lambda wanted: np.seterr(**wanted)),
    "handler of these": Setting(np.geterrcall, np.seterrcall),
    "numbers in print": Setting(np.get_printoptions, lambda wanted: np.set_printoptions(**wanted)),
    "random numbers": Setting(
        random.getstate, random.setstate, lambda ours, theirs: random.Random().getstate()
    ),
    "NumPy's random numbers": Setting(
        np.random.get_state,
        np.random.set_state,
        lambda ours, theirs: np.random.RandomState().get_state(),
    ),
}


class Surroundings:
    """Remember them as they are now, before any cell of a student's has run."""

    def __init__(self) -> None:
        self._ours = {name: setting.read() for name, setting in SETTINGS.items()}

    @contextmanager
    def as_they_were(self) -> Iterator[None]:
        """Put them back for a test; afterwards give the student's back.

        What a student has added (folders of modules, variables of the environment, deeper calls)
        stays. Random numbers are new ones. What cannot be put back stays as it is.
        """
        theirs: dict[str, Any] = {}
        try:
            for name, setting in SETTINGS.items():
                with suppress(Exception):
                    theirs[name] = setting.read()
                with suppress(Exception):
                    ours = self._ours[name]
                    setting.write(setting.for_tests(ours, theirs.get(name, ours)))
            yield
        finally:
            for name, before in reversed(theirs.items()):
                with suppress(Exception):
                    SETTINGS[name].write(before)
