"""Made from source/06_autograd/06_autograd.py by `make export`: edit there, not here."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from itertools import count
from threading import local
from typing import Any

import numpy as np

from .activations import LogSoftmax, ReLU, Sigmoid, Softmax, Tanh
from .layers import Affine
from .losses import BinaryCrossEntropy, CrossEntropy
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
    """Put the function under `@derivative(Exp)` into the table, as the rule of `Exp`."""

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


def inputs_of(op: Any) -> list[Tensor]:
    """Return the tensors an operation was applied to, unless a backward has used them up."""
    if op is None:
        raise ValueError("a leaf was made by no operation: its creator is None")
    if not hasattr(op, "inputs"):
        raise RuntimeError("an earlier backward has freed this graph: compute the result again")
    return op.inputs


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
    """Sit in the dispatch, and write down how every result was computed."""

    recording: bool = True

    def record(self, op: Any, inputs: list[Tensor], out: Tensor) -> None:
        """Note on `out` which operation made it, if any input needs a gradient."""
        op.made, op.arrays = next(moments), [x.data for x in inputs]
        if self.recording and True in [x.requires_grad for x in inputs]:
            op.inputs, op.out = inputs, out.data
            out.creator, out.requires_grad = op, True

    def backward(self, tensor: Tensor, grad: Any = None) -> None:
        """Go back from a tensor, by the function `backward`; `tensor.backward(grad)` calls this."""
        backward(tensor, grad)


recorder = Function.recorder = Recorder()


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
            f"a step changed what {name} was applied to, so its gradients are no longer known: "
            "go backward before the step, or compute the result again"
        )
    gradients = rule(op, grad, *op.arrays)
    gradients = gradients if isinstance(gradients, tuple) else (gradients,)
    if len(gradients) != len(op.inputs):
        raise ValueError(f"{name} has {len(op.inputs)} inputs, its rule gave {len(gradients)}")
    return gradients


def mark_changed(tensor: Tensor) -> None:
    """Note that the numbers of a tensor were changed in place: older graphs no longer hold."""
    tensor.changed = next(moments)  # type: ignore[attr-defined]


def backward(tensor: Tensor, grad: Any = None) -> None:
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


def gradcheck(
    function: Callable[..., Tensor], inputs: Any, eps: float = 1e-6, name: str = ""
) -> bool:
    """Compare the gradients of a function of float64 leaves with gradients that are measured.

    With a name, print a line for each input. Raises ValueError with the first number whose gradient
    is off by more than 0.001.
    """
    inputs = list(inputs)
    for x in inputs:
        x.grad = None
    out = function(*inputs)
    weights = np.cos(np.arange(out.size)).reshape(out.shape)
    out.backward(weights)
    for number, x in enumerate(inputs, 1):
        which = f"{name}, input {number}" if name else f"input {number}"
        for place in np.ndindex(x.shape):
            expected, here = 0.0, x.data[place]
            for step in (eps, -eps):
                x.data[place] = here + step
                expected += (function(*inputs).data * weights).sum() / (2 * step)
            x.data[place] = here
            got = 0.0 if x.grad is None else x.grad.data[place]
            told = f"expected a gradient of {expected:.4f}, got {got:.4f}"
            if not abs(got - expected) <= 1e-3 * (1 + abs(expected)):
                raise ValueError(f"{which} at {place}, which is {here:.4f}: {told}")
            if name and not any(place):
                print(f"{which}, at {here:.4f}: {told}")
    return True


rules[Softmax] = lambda op, grad, a: op.out * (grad - (grad * op.out).sum(op.dim, keepdims=True))
rules[LogSoftmax] = lambda op, grad, a: grad - np.exp(op.out) * grad.sum(op.dim, keepdims=True)


@derivative(Power)
def power_rule(op: Any, grad: Array, a: Array, b: Array) -> tuple[Array, Array | None]:
    """Give `b * a ** (b - 1)` and, where the exponent is no plain number, `a ** b * log(a)`."""
    for_a = grad * b * a ** np.where(b == 0, 0, b - 1)
    if not op.inputs[1].requires_grad:  # most powers are plain numbers
        return for_a, None
    return for_a, grad * op.out * np.log(np.where((a == 0) & (b >= 0), 1, a))


@derivative(Affine)
def affine_rule(
    op: Any, grad: Array, x: Array, weight: Array, bias: Array
) -> tuple[Array | None, ...]:
    """Give the gradients of a Linear layer: of its input, its weight and its bias."""
    for_x = grad @ weight if op.inputs[0].requires_grad else None  # data needs no gradient
    rows, x = grad.reshape(-1, grad.shape[-1]), x.reshape(-1, x.shape[-1])
    return for_x, np.dot(rows.T, x), grad


def with_axes(reduced: Array, op: Any) -> Array:
    """Put the axes that a reduction removed back, with size 1; a single number fits anyway."""
    return reduced if op.keepdims or op.axis is None else np.expand_dims(reduced, op.axis)


@derivative(Amax)
def amax_rule(op: Any, grad: Array, a: Array) -> Array:
    """Give the gradient to the largest number; equal ones share it, as in PyTorch."""
    largest = a == with_axes(op.out, op)
    shares = largest / largest.sum(axis=op.axis, keepdims=True, dtype=a.dtype)
    return with_axes(grad, op) * shares


rules[Subtract] = lambda op, grad, a, b: (grad, -grad)
rules[Divide] = lambda op, grad, a, b: (grad / b, -grad / b * op.out)
rules[Negate] = lambda op, grad, a: -grad
rules[Exp] = lambda op, grad, a: grad * op.out
rules[Log] = lambda op, grad, a: grad / a

rules[ReLU] = lambda op, grad, a: np.where(op.out <= 0, 0, grad)  # NaN stays NaN
rules[Sigmoid] = lambda op, grad, a: grad * op.out * (1 - op.out)
rules[Tanh] = lambda op, grad, a: grad * (1 - op.out**2)

rules[Reshape] = lambda op, grad, a: grad.reshape(a.shape)
rules[Transpose] = lambda op, grad, a: grad.swapaxes(op.dim0, op.dim1)
rules[Sum] = lambda op, grad, a: with_axes(grad, op) + np.zeros(a.shape, a.dtype)


@derivative(GetItem)
def getitem_rule(op: Any, grad: Array, a: Array) -> Array:
    """Put the gradient where the numbers came from."""
    whole = np.zeros_like(a)
    np.add.at(whole, op.key, grad)
    return whole


def gradients_of_matrices(grad: Array, a: Array, b: Array) -> tuple[Array, Array]:
    """Give the gradients of both factors, which are matrices or batches of matrices."""
    return grad @ b.swapaxes(-1, -2), a.swapaxes(-1, -2) @ grad


rules[MatMul] = lambda op, grad, a, b: gradients_of_matrices(grad, a, b)


@derivative(MatMul)
def matmul_rule(op: Any, grad: Array, a: Array, b: Array) -> tuple[Array, Array]:
    """Give the gradients of both factors, which may be vectors, matrices or batches."""
    if b.ndim == 1:
        return grad[..., None] * b, grad[..., None] * a
    if a.ndim == 1:
        a, grad = a[None, :], grad[..., None, :]
    return gradients_of_matrices(grad, a, b)


rules[BinaryCrossEntropy] = lambda op, grad, a, t: (grad * (Sigmoid().forward(a) - t), -grad * a)


@derivative(CrossEntropy)
def cross_entropy_rule(op: Any, grad: Array, scores: Array) -> Array:
    """Give each sample's probabilities, minus 1 at the right class, times its gradient."""
    slope = np.exp(op.log_probabilities)
    slope[op.right] -= 1
    return slope * grad[..., None]


class Switch:
    """A `with` block that may stand over a function; over a generator, it holds while that runs."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self.make = make

    def __enter__(self) -> None:
        self.block = self.make()
        self.block.__enter__()

    def __exit__(self, *error: Any) -> Any:
        return self.block.__exit__(*error)

    def __call__(self, function: Any) -> Any:
        """Put the block around every call of a function, or every step of a generator."""
        if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError("over an async function this does nothing: put a `with` inside")

        @wraps(function)
        def in_steps(*args: Any, **options: Any) -> Any:
            steps, sent = function(*args, **options), None
            while True:
                with self.make():
                    try:
                        got = steps.send(sent)
                    except StopIteration as end:
                        return end.value
                sent = yield got

        return in_steps if inspect.isgeneratorfunction(function) else self.make()(function)


def switch(make: Callable[[], Any]) -> Callable[[], Switch]:
    """Let what `@contextmanager` made stand over generators as well."""
    return wraps(make)(lambda: Switch(make))


@switch
@contextmanager
def no_grad() -> Iterator[None]:
    """Record nothing inside `with no_grad():`, or in a function under `@no_grad()`."""
    before = recorder.recording
    recorder.recording = False
    try:
        yield
    finally:
        recorder.recording = before
