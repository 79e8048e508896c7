"""Remember what the visible tests said when they ran in this kernel; nothing is run for it."""

import ast
from typing import Any

LONGEST_REASON = 300
NOT_RUN = "not run yet since the kernel started"
AGAIN = "your code has changed since: run it again"


class Watch:
    """Every cell that runs passes by: of tests the outcome is kept, of others what they define."""

    def __init__(self, tests: dict[str, str]) -> None:
        self._cells = {_as_compared(source): cell for cell, source in tests.items()}
        self._said: dict[str, tuple[int, str]] = {}
        self._defined: dict[str, list[int]] = {}
        self._number = 0

    def ran(self, result: Any) -> None:
        """Take what IPython says of a cell after it has run."""
        self._number += 1
        source = str(result.info.raw_cell)
        cell = self._cells.get(_as_compared(source))
        if cell is not None:
            error = result.error_before_exec or result.error_in_exec
            self._said[cell] = self._number, "holds" if error is None else reason(error)
            return
        for name in _definitions(source):
            self._defined.setdefault(name, []).append(self._number)

    def has_run(self, cell: str) -> bool:
        """Return whether a test has run in this kernel."""
        return cell in self._said

    def said_of(self, cell: str) -> str:
        """Return what a test said last; what was defined anew since makes that old."""
        if cell not in self._said:
            return NOT_RUN
        number, said = self._said[cell]
        anew = [times for times in self._defined.values() if times[0] < number < times[-1]]
        return AGAIN if anew else said


def reason(error: BaseException) -> str:
    """Return in one line why a test does not hold."""
    if isinstance(error, NotImplementedError):
        return "not written yet"
    text = " ".join(str(error).split())[:LONGEST_REASON]
    if isinstance(error, AssertionError) and text:
        return f"fails: {text}"
    return f"fails: {type(error).__name__}{': ' if text else ''}{text}"


def begin(tests: dict[str, str]) -> Watch | None:
    """Watch this kernel's cells from now on; None where there is no IPython."""
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    shell = get_ipython()
    if shell is None:
        return None
    watch = Watch(tests)
    shell.events.register("post_run_cell", watch.ran)
    return watch


def _as_compared(source: str) -> str:
    return "\n".join(line.rstrip() for line in source.strip().splitlines())


def _definitions(source: str) -> list[str]:
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        return []
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return [node.name for node in body if isinstance(node, kinds)]
