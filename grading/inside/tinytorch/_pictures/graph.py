"""Run a function of single numbers once, and note its graph and how the gradients arrive."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

MINUS, TIMES = "\N{MINUS SIGN}", "\N{MULTIPLICATION SIGN}"
SIGNS = {
    "Add": "+",
    "Subtract": MINUS,
    "Multiply": "\N{MULTIPLICATION SIGN}",
    "Divide": "÷",
    "MatMul": "@",
}
CIRCLED = "①②③④⑤⑥⑦⑧⑨"


@dataclass
class Node:
    """One number: a leaf, a constant, or the result of an operation on earlier nodes."""

    name: str
    data: float
    made: str = ""
    inputs: list[int] = field(default_factory=list)

    @property
    def title(self) -> str:
        """The name and, if an operation made it, how."""
        return f"{self.name} = {self.made}" if self.made else self.name


@dataclass
class Step:
    """What is known after a step back: the gradients so far, and what has just happened."""

    grads: list[float | None]
    said: str
    at: int | None = None


@dataclass
class Graph:
    """The nodes in the order in which they were computed, the last is the result; the steps."""

    nodes: list[Node]
    steps: list[Step]

    def described(self) -> str:
        """Return the graph in words."""
        lines = []
        for node, grad in zip(self.nodes, self.steps[-1].grads, strict=True):
            known = "" if grad is None else f", gradient {number(grad)}"
            lines.append(f"{node.title}: data {number(node.data)}{known}")
        return "A computational graph. " + "; ".join(lines) + "."


class Tape:
    """What notes every operation, in place of the recorder."""

    def __init__(self) -> None:
        """Begin with an empty tape."""
        self.entries: list[tuple[Any, list[Any], Any]] = []

    def record(self, op: Any, inputs: list[Any], out: Any) -> None:
        """Note an operation as 06 does, and in which order they came."""
        op.inputs, op.out, op.made = inputs, out.data, len(self.entries)
        out.creator, out.requires_grad = op, any(x.requires_grad for x in inputs)
        self.entries.append((op, inputs, out))


def trace(
    function: Callable[..., Any],
    rules: dict[Any, Callable[..., Any]],
    order: Callable[[Any], list[Any]] | None,
    values: dict[str, float],
) -> Graph:
    """Compute a function of these leaves, and go back by the rules, in the order given if any.

    Raises ValueError unless all it computes are single numbers, and the result is one of them.
    """
    from ..tensor import Function, Tensor

    leaves = {name: Tensor(float(x), dtype=float, requires_grad=True) for name, x in values.items()}
    before, Function.recorder = Function.recorder, Tape()
    try:
        result = function(*leaves.values())
        entries = Function.recorder.entries
    finally:
        Function.recorder = before
    if not entries or entries[-1][2] is not result:
        raise ValueError("the function has to return what its last operation computed")
    nodes, place = _nodes(leaves, entries)
    ops = [op for op, _, _ in reversed(entries)] if order is None else order(result.creator)
    owner = {op: out for op, _, out in entries}
    return Graph(nodes, list(_steps(nodes, place, ops, owner, rules)))


def _nodes(
    leaves: dict[str, Any], entries: list[tuple[Any, list[Any], Any]]
) -> tuple[list[Node], dict[int, int]]:
    """Return a node for every tensor, and the place of each by its tensor's id."""
    nodes: list[Node] = []
    place: dict[int, int] = {}

    def add(tensor: Any, name: str, made: str, inputs: list[int]) -> None:
        if tensor.size != 1:
            raise ValueError(f"only single numbers are drawn, {name} has shape {tensor.shape}")
        place[id(tensor)] = len(nodes)
        nodes.append(Node(name, tensor.item(), made, inputs))

    for name, leaf in leaves.items():
        add(leaf, name, "", [])
    for count, (op, inputs, out) in enumerate(entries):
        for x in inputs:
            if id(x) not in place:
                add(x, number(x.item()) if x.size == 1 else "an input", "", [])
        of = [place[id(x)] for x in inputs]
        name = CIRCLED[count] if count < len(CIRCLED) else f"({count + 1})"
        add(out, name, _made(type(op).__name__, [nodes[i].name for i in of]), of)
    return nodes, place


def _made(kind: str, names: list[str]) -> str:
    """Return how an operation is written, such as `a × b` or `Exp(a)`."""
    if kind in SIGNS:
        return f" {SIGNS[kind]} ".join(names)
    return f"{kind}({', '.join(names)})"


def _steps(
    nodes: list[Node],
    place: dict[int, int],
    ops: list[Any],
    owner: dict[Any, Any],
    rules: dict[Any, Callable[..., Any]],
) -> Any:
    """Yield what is known before the way back, at its beginning, and after every operation."""
    grads: list[float | None] = [None] * len(nodes)
    yield Step([*grads], "Forward is done: every node has its data, and no gradient is known yet.")
    grads[-1] = 1.0
    said = "The result changes by 1 when it changes by 1: its own gradient is 1. Now go back."
    yield Step([*grads], said, len(nodes) - 1)
    for count, op in enumerate(ops, 1):
        at = place[id(owner[op])]
        grad = grads[at] or 0.0
        handed = rules[type(op)](op, owner[op].data * 0 + grad, *[x.data for x in op.inputs])
        handed = handed if isinstance(handed, tuple) else (handed,)
        told = []
        for x, part in zip(op.inputs, handed, strict=True):
            if not x.requires_grad:
                continue
            to = place[id(x)]
            so_far = grads[to]
            grads[to] = (so_far or 0.0) + float(part)
            told.append(_told(nodes[to].name, float(part), so_far, grads[to]))
        begun = f"Step {count} of {len(ops)}: {nodes[at].title} has the gradient {number(grad)}. "
        yield Step(
            [*grads], f"{begun}Its rule turns that into {' and '.join(told) or 'nothing'}.", at
        )


def _told(name: str, part: float, so_far: float | None, total: float | None) -> str:
    if so_far is None or total is None:
        return f"{number(part)} for {name}"
    return f"{number(part)} more for {name} ({number(total)} in all)"


def number(value: float) -> str:
    """Return a number as short as it can be read, with a true minus sign."""
    return f"{value:.4g}".replace("-", MINUS)
