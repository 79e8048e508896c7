"""Read students' code as text: what it defines, what it needs, where it may be taken apart."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from grading.course.cells import MAGIC

MAX_CHARACTERS = 30_000
REMEMBERED = 64
TOO_ODD = (SyntaxError, ValueError, RecursionError, MemoryError)
Lines = tuple[str, ...]
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Statement:
    """A statement of a cell: its text, what it defines, and the names it needs when it runs."""

    text: str
    defines: frozenset[str]
    needs: frozenset[str]
    form: str

    @property
    def is_text(self) -> bool:
        """Return whether it does nothing: a comment, or words in quotation marks."""
        return not self.form or self.form.startswith("Expr(value=Constant(")


def lines_of(text: str) -> Lines:
    """Return a text's lines without what editors change: line ends, trailing and empty space."""
    return tuple(line.rstrip() for line in text.splitlines() if line.strip())


@lru_cache(REMEMBERED)
def is_python(source: str) -> bool:
    """Return whether a text is Python, IPython's `%` and `!` lines aside."""
    return _parsed(source) is not None


def form_of(source: str) -> str | None:
    """Return what a cell does, however it is laid out and commented; None if it is no Python."""
    tree = _parsed(source)
    try:
        return None if tree is None or not tree.body else ast.dump(tree)
    except TOO_ODD:
        return None


def names_in(source: str) -> frozenset[str]:
    """Return the names that a cell looks up or binds as variables; none if it is no Python."""
    tree = _parsed(source)
    return frozenset(
        part.id for part in (ast.walk(tree) if tree else ()) if isinstance(part, ast.Name)
    )


@lru_cache(REMEMBERED)
def statements(source: str) -> tuple[Statement, ...] | None:
    """Return a cell's statements with the comments above them; None if it is no Python.

    The texts, joined by line breaks, are the cell.
    """
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    tree = _parsed(source)
    if tree is None:
        return None
    lines, start = source.split("\n"), 0
    found: list[Statement] = []
    try:
        for node in tree.body:
            if found and node.lineno <= start:
                return None  # two statements in a line cannot be taken apart
            end = node.end_lineno or node.lineno
            text = "\n".join(lines[start:end])
            needs = frozenset(_needed(node)) - _bound(node)
            found.append(Statement(text, _defined(node), needs, ast.dump(node)))
            start = end
    except TOO_ODD:
        return None
    if rest := "\n".join(lines[start:]):
        found.append(Statement(rest, frozenset(), frozenset(), ""))
    return tuple(found)


def joined(parts: list[str]) -> str:
    """Return the parts of a cell that was split as one text: by lines, or else where it parses."""
    by_lines = "\n".join(parts)
    if len(parts) < 2 or is_python(by_lines):
        return by_lines
    text = parts[0]
    for part in parts[1:]:
        apart = f"{text}\n{part}"
        text = apart if is_python(apart) or not is_python(text + part) else text + part
    return text if is_python(text) else by_lines


def _parsed(source: str) -> ast.Module | None:
    if len(source) > MAX_CHARACTERS:
        return None
    for text in (source, MAGIC.sub(r"\1pass", source)):
        try:
            return ast.parse(text)
        except TOO_ODD:
            continue
    return None


def _defined(node: ast.stmt) -> frozenset[str]:
    """Return what a statement defines; rules are known by what they are registered for."""
    if isinstance(node, Function | ast.ClassDef):
        if node.name != "_":
            return frozenset({node.name})
        return frozenset(ast.unparse(decorator) for decorator in node.decorator_list)
    if isinstance(node, ast.If | ast.Try | ast.With):
        below = [one for one in ast.iter_child_nodes(node) if isinstance(one, ast.stmt)]
        return frozenset(name for one in below for name in _defined(one))
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        targets = [node.target]
    names = {
        part.id
        for target in targets
        for part in ast.walk(target)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    }
    return frozenset(names | {ast.unparse(one) for one in targets if _is_place(one)})


def _is_place(target: ast.expr) -> bool:
    return isinstance(target, ast.Subscript | ast.Attribute)


def _needed(node: ast.AST) -> Iterator[str]:
    """Yield the names that are looked up when a statement runs, not when a function is called."""
    if isinstance(node, Function):
        yield from (name for part in _run_at_once(node) for name in _needed(part))
    elif isinstance(node, ast.Lambda):
        for part in node.args.defaults:
            yield from _needed(part)
    elif isinstance(node, ast.Name):
        if isinstance(node.ctx, ast.Load):
            yield node.id
    else:
        for child in ast.iter_child_nodes(node):
            yield from _needed(child)


def _bound(node: ast.stmt) -> frozenset[str]:
    """Return the names that a statement binds for itself: in its loops, in the lines below it."""
    if isinstance(node, ast.For | ast.While | ast.If | ast.With | ast.Try):
        bodies: list[ast.AST] = [node]
    else:
        bodies = [part.target for part in ast.walk(node) if isinstance(part, ast.comprehension)]
    return frozenset(
        part.id
        for body in bodies
        for part in ast.walk(body)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    )


def _run_at_once(node: Function) -> list[ast.expr]:
    """Return what of a function is run when it is defined."""
    arguments = node.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    parts = [*node.decorator_list, *arguments.defaults, *arguments.kw_defaults, node.returns]
    return [part for part in (*parts, *(one.annotation for one in named)) if part is not None]
