"""Made from source/06_autograd/06_autograd.py by `make export`: edit there, not here."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from threading import local
from typing import Any

import numpy as np

from .activations import LogSoftmax, ReLU, Sigmoid, Softmax, Tanh
from .layers import Affine
from .losses import BinaryCrossEntropy, CrossEntropy
from .setup import beside_generators
from .tensor import (
    Add,
    Amax,
    Divide,
    Exp,
    Function,
    GetItem,
    Log,
    MatMul,
    Multiply,
    Negate,
    Power,
    Reshape,
    Subtract,
    Sum,
    Tensor,
    Transpose,
    from_numpy,
)

Array = np.ndarray
Rule = Callable[..., Any]

rules: dict[type[Function], Rule] = {
    Add: lambda op, grad, a, b: (grad, grad),
    Multiply: lambda op, grad, a, b: (grad * b, grad * a),
}


def derivative(function: type[Function]) -> Callable[[Rule], Rule]:
    """Put the function below into the table, as the rule of a Function."""

    def register(rule: Rule) -> Rule:
        rules[function] = rule
        return rule

    return register


def undo_broadcast(grad: Array, shape: tuple[int, ...]) -> Array:
    """Add a gradient up over the axes by which broadcasting enlarged an input of this shape."""
    if grad.shape == shape:
        return grad
    new = grad.ndim - len(shape)
    stretched = [new + axis for axis, size in enumerate(shape) if size == 1]
    total = grad.sum(axis=(*range(new), *stretched), keepdims=True)
    if total.shape[new:] != shape:
        raise ValueError(f"the rule's gradient has shape {grad.shape}, its input has {shape}")
    return total.reshape(shape)


moments = count(1)


def mark_changed(tensor: Tensor) -> None:
    """Note that the numbers of a tensor were changed in place: older graphs no longer hold."""
    tensor.changed = next(moments)  # type: ignore[attr-defined]


def inputs_of(op: Any) -> list[Tensor]:
    """Return the tensors an operation was applied to, unless a backward has used them up."""
    if not hasattr(op, "inputs"):
        raise RuntimeError("an earlier backward has freed this graph: compute the result again")
    return op.inputs


def first_gradient(tensor: Tensor, grad: Any) -> Array:
    """Return the gradient to start from: 1 for a single number, else it has to be given."""
    if grad is None and tensor.size == 1:
        return np.ones(tensor.shape, tensor.dtype)
    if grad is None or np.shape(grad) != tensor.shape:
        got = "none" if grad is None else f"one of shape {np.shape(grad)}"
        raise RuntimeError(
            f"backward from shape {tensor.shape} needs a gradient of that shape, got {got}: "
            "call backward(grad), or reduce to a single number with mean() or sum()"
        )
    return np.array(grad, dtype=tensor.dtype)


def gradients_of(op: Any, grad: Array) -> tuple[Array, ...]:
    """Apply the rule of an operation: the gradient of its result becomes those of its inputs."""
    rule, name = rules.get(type(op)), type(op).__name__
    if rule is None:
        raise NotImplementedError(f"{name} has no rule yet: write one under @derivative({name})")
    if any(getattr(x, "changed", 0) > op.made for x in op.inputs):
        raise RuntimeError(
            f"a step changed what {name} was applied to, so its slopes are no longer known: "
            "go backward before the step, or compute the result again"
        )
    gradients = rule(op, grad, *op.arrays)
    gradients = gradients if isinstance(gradients, tuple) else (gradients,)
    if len(gradients) != len(op.inputs):
        raise ValueError(f"{name} has {len(op.inputs)} inputs, its rule gave {len(gradients)}")
    return gradients


def in_backward_order(last: Any) -> list[Any]:
    """Return the operations behind `last`, each one after all that used its result."""
    order: list[Any] = []
    seen: set[Any] = set()
    stack = [(last, False)]
    while stack:
        op, inputs_done = stack.pop()
        if inputs_done:
            order.append(op)
        elif op not in seen:
            seen.add(op)
            stack.append((op, True))
            stack += [(x.creator, False) for x in inputs_of(op) if x.creator is not None]
    return order[::-1]


def hand_over(gradient: Array, tensor: Tensor, waiting: dict[Any, Array]) -> None:
    """Add a gradient to a leaf's `grad`, or to what is waiting for the operation behind."""
    if gradient is None:
        raise ValueError("a rule gave no gradient for an input that requires one")
    if tensor.dtype.kind != "f":
        raise RuntimeError(f"only floats have gradients, not {tensor.dtype}: use dtype=float")
    gradient = undo_broadcast(gradient, tensor.shape)
    op = tensor.creator
    if op is not None:
        waiting[op] = waiting[op] + gradient if op in waiting else gradient
        return
    if tensor.grad is None:
        tensor.grad = from_numpy(np.array(gradient, tensor.dtype))
    else:
        tensor.grad.data += gradient


class Recorder(local):  # every thread has its own
    """Write down how every result was computed; go back through it to find the gradients."""

    recording: bool = True

    def __init__(self) -> None:
        self.generators: list[Any] = []  # frames of generators that are inside of no_grad

    def record(self, op: Any, inputs: list[Tensor], out: Tensor) -> None:
        """Note on `out` which operation made it, if any input needs a gradient."""
        op.made, op.arrays = next(moments), [x.data for x in inputs]
        if any(frame.f_back for frame in self.generators):  # one that waits has no f_back
            return
        if self.recording and True in [x.requires_grad for x in inputs]:
            op.inputs, op.out = inputs, out.data
            out.creator, out.requires_grad = op, True

    def backward(self, tensor: Tensor, grad: Any = None) -> None:
        """Add to the `grad` of every leaf how `tensor`, times `grad`, changes with the leaf."""
        if not tensor.requires_grad:
            raise RuntimeError(
                "this tensor has no graph to go back through: compute it from a tensor with "
                "requires_grad=True, and not under no_grad"
            )
        waiting: dict[Any, Array] = {}
        order = in_backward_order(tensor.creator) if tensor.creator is not None else []
        hand_over(first_gradient(tensor, grad), tensor, waiting)
        for op in order:
            for x, gradient in zip(op.inputs, gradients_of(op, waiting.pop(op)), strict=True):
                if x.requires_grad:
                    hand_over(gradient, x, waiting)
            vars(op).clear()  # free the graph, and what forward saved


recorder = Function.recorder = Recorder()


def gradcheck(function: Callable[..., Tensor], inputs: Any, eps: float = 1e-6) -> bool:
    """Compare the gradients of a function of float64 leaves with slopes that are measured.

    Raises ValueError with the first number whose gradient is off by more than 0.001.
    """
    inputs = list(inputs)
    for x in inputs:
        x.grad = None
    out = function(*inputs)
    weights = np.cos(np.arange(out.size)).reshape(out.shape)
    out.backward(weights)
    for number, x in enumerate(inputs, 1):
        for place in np.ndindex(x.shape):
            slope, here = 0.0, x.data[place]
            for step in (eps, -eps):
                x.data[place] = here + step
                slope += (function(*inputs).data * weights).sum() / (2 * step)
            x.data[place] = here
            got = 0.0 if x.grad is None else x.grad.data[place]
            if not abs(got - slope) <= 1e-3 * (1 + abs(slope)):
                wanted = f"expected a gradient of {slope:.4f}, got {got:.4f}"
                raise ValueError(f"input {number} at {place}: {wanted}")
    return True


rules[Softmax] = lambda op, grad, a: op.out * (grad - (grad * op.out).sum(op.dim, keepdims=True))
rules[LogSoftmax] = lambda op, grad, a: grad - np.exp(op.out) * grad.sum(op.dim, keepdims=True)


@derivative(Power)
def _(op: Any, grad: Array, a: Array, b: Array) -> tuple[Array, Array | None]:
    for_a = grad * b * a ** np.where(b == 0, 0, b - 1)
    if not op.inputs[1].requires_grad:  # most powers are plain numbers
        return for_a, None
    return for_a, grad * op.out * np.log(np.where((a == 0) & (b >= 0), 1, a))


@derivative(Affine)
def _(op: Any, grad: Array, x: Array, weight: Array, bias: Array) -> tuple[Array | None, ...]:
    for_x = grad @ weight if op.inputs[0].requires_grad else None  # data needs no gradient
    rows, x = grad.reshape(-1, grad.shape[-1]), x.reshape(-1, x.shape[-1])
    return for_x, np.dot(rows.T, x), grad


def with_axes(reduced: Array, op: Any) -> Array:
    """Put the axes that a reduction removed back, with size 1; a single number fits anyway."""
    return reduced if op.keepdims or op.axis is None else np.expand_dims(reduced, op.axis)


@derivative(Amax)
def _(op: Any, grad: Array, a: Array) -> Array:
    largest = a == with_axes(op.out, op)
    shares = largest / largest.sum(axis=op.axis, keepdims=True, dtype=a.dtype)
    return with_axes(grad, op) * shares  # equal numbers share the gradient, as in PyTorch


rules[Subtract] = lambda op, grad, a, b: (grad, -grad)
rules[Divide] = lambda op, grad, a, b: (grad / b, -grad / b * op.out)
rules[Negate] = lambda op, grad, a: -grad
rules[Exp] = lambda op, grad, a: grad * op.out
rules[Log] = lambda op, grad, a: grad / a
rules[ReLU] = lambda op, grad, a: np.where(op.out <= 0, 0, grad)  # NaN stays NaN
rules[Sigmoid] = lambda op, grad, a: grad * op.out * (1 - op.out)
rules[Tanh] = lambda op, grad, a: grad * (1 - op.out**2)
rules[BinaryCrossEntropy] = lambda op, grad, a, t: (grad * (Sigmoid().forward(a) - t), -grad * a)
rules[Reshape] = lambda op, grad, a: grad.reshape(a.shape)
rules[Transpose] = lambda op, grad, a: grad.swapaxes(op.dim0, op.dim1)
rules[Sum] = lambda op, grad, a: with_axes(grad, op) + np.zeros(a.shape, a.dtype)


@derivative(MatMul)
def _(op: Any, grad: Array, a: Array, b: Array) -> tuple[Array, Array]:
    if b.ndim == 1:
        return grad[..., None] * b, grad[..., None] * a
    if a.ndim == 1:
        a, grad = a[None, :], grad[..., None, :]
    return grad @ b.swapaxes(-1, -2), a.swapaxes(-1, -2) @ grad


@derivative(GetItem)
def _(op: Any, grad: Array, a: Array) -> Array:
    whole = np.zeros_like(a)
    np.add.at(whole, op.key, grad)
    return whole


@derivative(CrossEntropy)
def _(op: Any, grad: Array, scores: Array) -> Array:
    slope = np.exp(op.log_probabilities)
    slope[op.right] -= 1
    return slope * grad[..., None]


@beside_generators(lambda: recorder.generators)
@contextmanager
def no_grad() -> Iterator[None]:
    """Record nothing inside `with no_grad():`, or in a function under `@no_grad()`."""
    before = recorder.recording
    recorder.recording = False
    try:
        yield
    finally:
        recorder.recording = before
