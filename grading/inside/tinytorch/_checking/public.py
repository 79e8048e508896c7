"""Run a visible test and say, in the grader's words, where a result is not what ours was."""

import ast
import importlib
import io
from collections.abc import Iterator
from contextlib import redirect_stdout
from typing import Any

from .watching import reason

LONGEST_NAME = 100
GOT = "_got_for_this_check"
WORDS = ("compare", "encode", "evidence")
COMPARING = ("allclose", "array_equal", "isclose")


def steps(source: str) -> Iterator[tuple[ast.stmt, str]]:
    """Yield the statements of a test, each with the name of what it compares, if it does.

    Such an assertion keeps what it compares under the name `GOT`: it is computed once.
    """
    meant: dict[str, ast.expr] = {}
    for statement in ast.parse(source).body:
        name = ""
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            meant[statement.targets[0].id] = statement.value
        if isinstance(statement, ast.Assert):
            got = _got(statement.test)
            if got is not None:
                name = _name(got, meant)
                _Keep(got).visit(statement)
        yield ast.fix_missing_locations(statement), name


def outcomes(
    source: str, recorded: dict[str, Any], names: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    """Run a test in some names; yield each thing compared, with a hint where it does not hold.

    A test stops where something does not hold, as its cell does.
    """
    for number, (statement, name) in enumerate(steps(source)):
        names.pop(GOT, None)
        try:
            code = compile(ast.Module([statement], []), "<visible test>", "exec")
            with redirect_stdout(io.StringIO()):
                exec(code, names)
        except Exception as error:
            told = reason(error).removeprefix("fails: ")
            yield name or _short(statement), _hint(recorded.get(str(number)), names) or told
            return
        if name:
            yield name, ""


class _Keep(ast.NodeTransformer):
    """Put `(GOT := expression)` in the place of one expression."""

    def __init__(self, wanted: ast.expr) -> None:
        self._wanted = wanted

    def visit(self, node: ast.AST) -> Any:
        if node is self._wanted:
            return ast.NamedExpr(ast.Name(GOT, ast.Store()), self._wanted)
        return self.generic_visit(node)


def _got(test: ast.expr) -> ast.expr | None:
    """Return what an assertion compares with something that is known."""
    if isinstance(test, ast.Call) and test.args:
        called = test.func.attr if isinstance(test.func, ast.Attribute) else ""
        return test.args[0] if called in COMPARING else None
    if not isinstance(test, ast.Compare) or len(test.ops) > 1:
        return None
    if isinstance(test.ops[0], ast.Eq):
        return test.left
    if isinstance(test.ops[0], ast.Lt | ast.LtE) and isinstance(test.left, ast.Call):
        called = test.left.func.id if isinstance(test.left.func, ast.Name) else ""
        inner = test.left.args[0] if called == "abs" and test.left.args else None
        if isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Sub):
            return inner.left
    return None


def _name(got: ast.expr, meant: dict[str, ast.expr]) -> str:
    return _short(meant.get(got.id, got) if isinstance(got, ast.Name) else got)


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= LONGEST_NAME else f"{text[:LONGEST_NAME]}…"


def _hint(recorded: Any, names: dict[str, Any]) -> str | None:
    """Return how a result differs from ours, or None where ours is not known."""
    if recorded is None or GOT not in names:
        return None
    compare, encode, evidence = (
        importlib.import_module(f"{__package__}.{name}")
        for name in ("compare", "encode", "evidence")
    )
    try:
        got = evidence.parse_value(encode.encode(names[GOT]))
        hint: str | None = compare.difference(
            evidence.parse_value(recorded), got, compare.Tolerance(dtype=False)
        )
    except Exception:  # whatever a student's object makes of being looked at
        return None
    return hint
