# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 06 · Autograd
#
# ## Where we are
#
# In 05 you measured which way is down: two losses for each of 50,890 numbers, for a single step.
# Now you get all slopes from **one** walk through the computation, backwards. You write the rules,
# the walk, and `no_grad`, and then a network learns what once stopped the whole field: XOR. You use
# `tinytorch.losses`, the work of assignment 05. Plan about two hours: this is the heart.

# %%
import tinytorch

tinytorch.use_mine(False)  # True: build on the modules that you exported from earlier notebooks

# %% nbgrader={"grade": false, "grade_id": "where", "locked": true, "schema_version": 3, "solution": false, "task": false}
import matplotlib.pyplot as plt
from tinytorch.layers import MLP
from tinytorch.losses import BCEWithLogitsLoss, cross_entropy
from tinytorch.setup import load_digits, manual_seed

images, labels = load_digits()
manual_seed(0)
mlp, losses = MLP([784, 64, 10]), []
bias = mlp.layers[3].bias  # of the ten scores
for step in (0.05, -0.1):  # to the right of where it is, then to the left
    bias.data[7] += step
    losses.append(cross_entropy(mlp(images[:100]), labels[:100]).item())
bias.data[7] += 0.05
print(f"the measured slope of one of 50,890 numbers: {(losses[0] - losses[1]) / 0.1:.4f}")

# %% [markdown]
# ## 1. The idea: ask every operation
#
# Take `(a * b + c) * a`. How does it change with `b`? Go backwards. The last product says: if my
# first factor grows by 1, I grow by `a`. The sum says: what I get, I hand on to both. The first
# product says: I hand on to `b` what I get, times `a`. So the slope is `a * a`. Each operation only
# turns the **gradient of its result**, `grad`, into gradients of its inputs. That is its *rule*. It
# gets the operation `op` (with its options, and its result `op.out`), `grad` and the inputs, all
# arrays, and returns an array for each input. Rules live in a table.


# %% nbgrader={"grade": false, "grade_id": "table", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["export"]
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from threading import local
from typing import Any

import numpy as np
from tinytorch.setup import beside_generators
from tinytorch.tensor import Add, Function, Multiply, Tensor, from_numpy

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


# %% [markdown]
# ## 2. Broadcasting, undone
#
# A bias of shape `(4,)` is added to three rows. It takes part three times, so its gradient is the
# **sum** of three: what broadcasting repeats on the way forward is added up on the way back.
#
# **Exercise.** Write `undo_broadcast`: sum over the axes that are new in front, and over those
# where `shape` has size 1. If it still does not fit, a rule is wrong: raise a `ValueError`.


# %% nbgrader={"grade": false, "grade_id": "undo-broadcast", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
def undo_broadcast(grad: Array, shape: tuple[int, ...]) -> Array:
    """Add a gradient up over the axes by which broadcasting enlarged an input of this shape."""
    ### BEGIN SOLUTION
    if grad.shape == shape:
        return grad
    new = grad.ndim - len(shape)
    stretched = [new + axis for axis, size in enumerate(shape) if size == 1]
    total = grad.sum(axis=(*range(new), *stretched), keepdims=True)
    if total.shape[new:] != shape:
        raise ValueError(f"the rule's gradient has shape {grad.shape}, its input has {shape}")
    return total.reshape(shape)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-undo-broadcast", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_grad = check.rng("undo-broadcast").normal(size=(2, 3, 4))


def _undone(*shapes, grad=_grad):
    """Bring a gradient, of shape (2, 3, 4) as a rule, to each of these shapes."""
    return {f"to {shape}": lambda s=shape: undo_broadcast(grad, s) for shape in shapes}


def _left_alone():
    """Undo, then look at the gradient that went in."""
    given = _grad.copy()
    return [undo_broadcast(given, (1, 4)) * 1.0, undo_broadcast(given, (3, 4)) * 1.0, given]


# rests on: Add a gradient up over the axes by which broadcasting enlarged an input
check("nothing to undo", _undone((2, 3, 4)))
check("no rows at all", _undone((3, 4), (4,), grad=_grad[:0]))
# rests on: sum over the axes that are new in front
check("axes that are new in front", _undone((3, 4), (4,), ()))
# rests on: over those where `shape` has size 1
check("axes of size 1", _undone((2, 1, 4), (1, 3, 1), (1, 1, 1)))
check("both at once", _undone((1, 4), (3, 1), (1,), (1, 1)))
# rests on: Never keep or change an array that may belong to somebody else
check("the gradient stays as it was", _left_alone)
# rests on: If it still does not fit, a rule is wrong: raise a `ValueError`.
check.outcomes(
    "refuses what does not fit, and only that",
    lambda shape: undo_broadcast(_grad, shape),
    {str(s): (s,) for s in [(3, 4), (3, 5), (2,), (2, 1, 1), (5, 2, 3, 4), (2, 4)]},
)
### END HIDDEN TESTS
for shape, wanted in (((4,), [2.0] * 4), ((2, 1), [[4.0], [4.0]]), ((), 8.0)):
    got = undo_broadcast(np.ones((2, 4)), shape).tolist()
    assert got == wanted, f"ones of shape (2, 4) for shape {shape}: expected {wanted}, got {got}"
print("undo_broadcast works")

# %% [markdown]
# ## 3. The way back
#
# Each result will know which operation made it, `out.creator`, and the operation its `inputs`. So
# you can go from the end back to the leaves. But an operation can be asked only when **all** that
# used its result have been, and only once: after a hundred forks in a row there are more ways
# through the graph than atoms in a human body.
#
# *Depth first* finds the order: to visit an operation, visit the creators of its inputs, then
# append it to a list. Reversed, the list is what you need. But graphs get deeper than Python lets a
# function call itself. Keep a **stack** of what is to be done: `(op, False)` for "visit it", and
# below its inputs `(op, True)` for "they are done, append it".
#
# **Exercise.** Write `in_backward_order`, with the given `inputs_of(op)`, in linear time: keep the
# operations you have seen in a set, not in a list. (Section 4 tests it.)


# %% nbgrader={"grade": false, "grade_id": "helpers", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["export"]
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


# %% nbgrader={"grade": false, "grade_id": "order", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
def in_backward_order(last: Any) -> list[Any]:
    """Return the operations behind `last`, each one after all that used its result."""
    order: list[Any] = []
    ### BEGIN SOLUTION
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
    ### END SOLUTION
    return order[::-1]


# %% [markdown]
# ## 4. The engine
#
# **Exercise.** Two methods and a helper.
#
# - `record` sits in the dispatch of 02. If it is `recording` and an input requires a gradient, it
#   notes `op.inputs` and `op.out` (the array), and in `out` its `creator` and `requires_grad`.
# - `hand_over` brings a gradient to a tensor, with the broadcasting undone. If an operation made
#   the tensor, it is **added** to what is `waiting` for that operation. Otherwise the tensor is a
#   leaf, and it is **added** to `tensor.grad`, a Tensor of the leaf's dtype, or None so far. Only
#   leaves have a `grad`. Never keep or change an array that may belong to somebody else: the rule
#   of `Add` hands out the same one twice.
# - `backward` begins with `first_gradient`, goes through the operations in order, and hands over
#   what `gradients_of` returns, be it 0, huge or NaN, to every input that requires a gradient.
#   After each, `vars(op).clear()` frees the operation and all it holds. A leaf's own `backward`
#   hands it that first gradient, and that is all. A tensor that requires no gradient has no graph:
#   raise a `RuntimeError` that says so.


# %% nbgrader={"grade": false, "grade_id": "recorder", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
def hand_over(gradient: Array, tensor: Tensor, waiting: dict[Any, Array]) -> None:
    """Add a gradient to a leaf's `grad`, or to what is waiting for the operation behind."""
    if gradient is None:
        raise ValueError("a rule gave no gradient for an input that requires one")
    if tensor.dtype.kind != "f":
        raise RuntimeError(f"only floats have gradients, not {tensor.dtype}: use dtype=float")
    ### BEGIN SOLUTION
    gradient = undo_broadcast(gradient, tensor.shape)
    op = tensor.creator
    if op is not None:
        waiting[op] = waiting[op] + gradient if op in waiting else gradient
        return
    if tensor.grad is None:
        tensor.grad = from_numpy(np.array(gradient, tensor.dtype))
    else:
        tensor.grad.data += gradient
    ### END SOLUTION


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
        ### BEGIN SOLUTION
        if self.recording and True in [x.requires_grad for x in inputs]:
            op.inputs, op.out = inputs, out.data
            out.creator, out.requires_grad = op, True
        ### END SOLUTION

    def backward(self, tensor: Tensor, grad: Any = None) -> None:
        """Add to the `grad` of every leaf how `tensor`, times `grad`, changes with the leaf."""
        ### BEGIN SOLUTION
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
        ### END SOLUTION


recorder = Function.recorder = Recorder()


# %% nbgrader={"grade": true, "grade_id": "test-recorder", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
import signal as _signal

from grading import check

_a, _b, _c = check.rng("recorder").normal(size=(3, 2, 3))
_stack, _number, _runtime_error = Tensor([_c, -_c]), float(_a[0, 0]), (RuntimeError,)


def _gradients(f, *arrays):
    """Apply f to leaves, go backwards from a random start, return the leaves' gradients."""
    leaves = [Tensor(array, requires_grad=True) for array in arrays]
    out = f(*leaves)
    out.backward(check.rng("start").normal(size=out.shape))
    return [leaf.grad for leaf in leaves]


def _long(step, n):
    """Return the slope of n steps y = step(y, number / n), unless that takes too much time."""

    def too_slow(*_):
        raise TimeoutError

    _signal.signal(_signal.SIGPROF, too_slow)
    _signal.setitimer(_signal.ITIMER_PROF, 1 + n / 10_000)  # seconds of CPU time
    try:
        x = y = Tensor(_b[0, 0], requires_grad=True)
        for _ in range(n):
            y = step(y, _number / n)
        y.backward()
    finally:
        _signal.setitimer(_signal.ITIMER_PROF, 0)
    return x.grad


def _times_asked():
    """Count how often the rule of Add is asked in 20 forks in a row; return the slope as well."""
    asked, rule = [], rules[Add]
    rules[Add] = lambda *given: asked.append(_number) or rule(*given)
    slope, rules[Add] = _long(lambda y, k: y + y * k, 20), rule
    return {"the slope": slope, "how often": sum(asked)}


def _three_leaves(*which_require):
    """Add three leaves up and go back; then change the start and one gradient."""
    a, b, c = (Tensor(_a, requires_grad=requires) for requires in which_require)
    start = _c.copy()
    (a + b + c).backward(start)
    a.grad.data += 100
    start[:] = -1
    return {"first": a.grad, "second": b.grad, "third": c.grad}


def _who_has_a_grad():
    a, b = (Tensor(array, requires_grad=True) for array in (_a, _b))
    product = a * b
    out = product * product
    out.backward(_c)
    return {"a leaf": a.grad, "on the way": product.grad, "the result": out.grad}


def _noted():
    """Return what record noted of a * b + c, where only b requires a gradient."""
    a, b, c = Tensor(_a), Tensor(_b, requires_grad=True), Tensor(_c)
    out = a * b + c
    add = out.creator
    product = add.inputs[0]
    a.data += 1  # an input is noted itself, not a copy of it
    return {
        "out of the sum": add.out,
        "out of the product": product.creator.out,
        "inputs of the product": product.creator.inputs,
        "the names": [type(op).__name__ for op in (product.creator, add)],
        "who requires a gradient": [t.requires_grad for t in (out, product, a + c, c)],
        "who has a creator": [t.creator is not None for t in (out, product, a + c, c)],
    }


def _held_afterwards():
    """Return how much the operations of a graph hold when backward is over, and the slope."""
    x = Tensor(_a, requires_grad=True)
    out = x * x + x
    operations = in_backward_order(out.creator)
    out.backward(_b)

    def held(op):
        return [kept for kept in vars(op).values() if not isinstance(kept, int | float)]

    return {"slope": x.grad, "held": [_number * len(held(op)) for op in operations]}


def _started(start):
    x = Tensor(np.ones(len(start)), requires_grad=True)
    (x * 3 + x).backward(start)
    return x.grad


def _square(shape=(), start=None, times=1, needs=True, dtype=float):
    """Go back from x * x as often as asked; return the gradient."""
    x = Tensor(np.full(shape, _number * 9), dtype, requires_grad=needs)
    y = x * x
    for _ in range(times):
        y.backward(start)
    return x.grad


_graphs = {
    "products and sums": lambda a, b: (a * b + b) * a,
    "a tensor that is used twice": lambda a, b: a * a + a * b + a,
    "a short way and a long way": lambda a, b: (y := a * a) + ((y * b) * a) * y,
    "a long way and a short way": lambda a, b: (((y := a * a) * b) * a) * y + (y * y + y),
    "a gradient for several": lambda a, b: (p := a * 2) + (q := b * 3) + p * 5 + q + (q + p),
    "two operations with equal results": lambda a, b: (a + b) * a + (a + b) * b + (b + a),
}
# rests on: turns the gradient of its result, `grad`, into gradients of its inputs
# rests on: only when all that used its result have been, and only once
for _name, _graph in _graphs.items():
    check(_name, lambda graph=_graph: _gradients(graph, _a, _b))
# rests on: how `tensor`, times `grad`, changes with the leaf
# rests on: be it 0, huge or NaN
_wild = np.array([0, -1e-9, 1e9, -1e30, np.inf, -np.inf, np.nan]) * _number
check("gradients that are 0, huge, infinite or NaN", lambda: _started(_wild), atol=0)
check("a gradient of nothing but 0", lambda: [_started(_wild * 0), _started(_wild[:2] * 0)])
check(
    "float64 in full",
    lambda: _gradients(_graphs["products and sums"], _a, _b),
    rtol=1e-12,
    atol=1e-14,
)
# rests on: it is added to `tensor.grad`
check(
    "several backwards add up",
    lambda: _gradients(lambda a, b: (a * b).backward(_c) or a + b, _a, _b),
)
# rests on: brings a gradient to a tensor, with the broadcasting undone
check(
    "broadcasting in a graph",
    lambda: _gradients(lambda a, b: _stack * a + (b + _number) * 3, _a, _b),
)
# rests on: A leaf's own `backward` hands it that first gradient
check("a leaf on its own", lambda: _gradients(lambda a: a, _a))
# rests on: Only leaves have a `grad`.
check("only leaves get a grad", _who_has_a_grad)
# rests on: Never keep or change an array that may belong to somebody else
check("leaves own their gradients", lambda: _three_leaves(True, True, True))
# rests on: to every input that requires a gradient
check("only who asks for a gradient gets one", lambda: _three_leaves(True, False, True))
# rests on: a Tensor of the leaf's dtype
check(
    "float32 leaves get float32", lambda: _gradients(lambda a, b: a * b + a, *np.float32([_a, _b]))
)
# rests on: notes `op.inputs` and `op.out` (the array), and in `out` its `creator` and
#   `requires_grad`
check("what is noted of an operation", _noted)
# rests on: But an operation can be asked only when all that used its result have been, and only once
check("every rule is asked once", _times_asked)
# rests on: frees the operation and all it holds
check("backward frees the graph", _held_afterwards)
check.outcomes(
    "twice is an error",
    lambda times: _square(times=times),
    {"backward once": (1,), "backward twice": (2,)},
    _runtime_error,
)
# rests on: Return the gradient to start from: 1 for a single number, else it has to be given.
_starts = {
    "one number, no start": (),
    "three numbers, no start": ((3,),),
    "shape (1, 1), no start": ((1, 1),),
    "two numbers, a list of two": ((2,), [_number, 2]),
    "two numbers, a Tensor of two": ((2,), Tensor([3, _number])),
    "two numbers, a list of one": ((2,), [1]),
    "two numbers, one number": ((2,), 1),
}
check.outcomes("a start that fits, or an error", _square, _starts, _runtime_error)
# rests on: A tensor that requires no gradient has no graph: raise a `RuntimeError`
check.outcomes(
    "no graph is an error",
    lambda needs: _square(needs=needs),
    {"requires a gradient": (True,), "requires none": (False,)},
    _runtime_error,
)
# rests on: Keep a stack of what is to be done
# rests on: in linear time: keep the operations you have seen in a set, not in a list
check("1,000 forks in a row", lambda: _long(lambda y, k: y * 0.3 + y * (0.7 + k), 1000))
check("a chain of 50,000 operations", lambda: _long(lambda y, k: y * (1 + k), 50_000))
### END HIDDEN TESTS
a, b, c = (Tensor(n, requires_grad=True) for n in (2.0, -3.0, 10.0))
((a * b + c) * a).backward()
got = [a.grad.item(), b.grad.item(), c.grad.item()]
assert got == [-2, 4, 2], f"(a * b + c) * a at 2, -3, 10: expected -2, 4, 2, got {got}"
x = Tensor([1.0, 2.0], requires_grad=True)
y = x * x
(y * x + y).backward([1.0, 1.0])
assert x.grad.tolist() == [5, 16], f"x³ + x² at 1 and 2: expected [5.0, 16.0], got {x.grad}"
try:
    (x * 2).backward()
    refused = ""
except RuntimeError as error:
    refused = str(error)
assert "shape (2,)" in refused, "backward from two numbers without a gradient: expected an error"
try:
    (Tensor(1.0) * 2).backward()
    refused = ""
except RuntimeError as error:
    refused = str(error)
assert refused, "backward without a graph: expected a RuntimeError"
print("backward works, and refuses:", refused)


# %%
def draw(panel, out, **leaves):
    """Draw the graph behind a result, from the leaves and their slopes to the end."""
    middle = {"ha": "center", "va": "center", "bbox": {"boxstyle": "round", "fc": "white"}}
    places = {id(x): (0, -i) for i, x in enumerate(leaves.values())}
    for i, op in enumerate(in_backward_order(out.creator)[::-1], 1):
        ends = [places[id(x.creator or x)] for x in op.inputs]
        places[id(op)] = here = (i, sum(y for _, y in ends) / len(ends))
        for end in ends:
            panel.plot(*zip(end, here, strict=True), color="0.7", zorder=0)
        panel.text(*here, f"{type(op).__name__}\n{op.out:g}", **middle)
    out.backward()
    for name, x in leaves.items():
        panel.text(*places[id(x)], f"{name} = {x.item():g}\nslope {x.grad.item():g}", **middle)
    panel.set(xlim=(-0.3, i + 0.3), ylim=(0.5 - len(leaves), 0.5))
    panel.axis("off")


a, b, c = (Tensor(n, requires_grad=True) for n in (2, -3, 10))
draw(plt.figure(figsize=(8, 2.6)).add_axes((0, 0, 1, 1)), (a * b + c) * a, a=a, b=b, c=c)
plt.show()

# %% [markdown]
# ## 5. The table of derivatives
#
# Teach the engine all the operations you have ever made. Some have their tricks and are given, and
# so is `gradcheck`: it nudges every number of every input, and compares the slope it measures with
# the one that your rules found.


# %% nbgrader={"grade": false, "grade_id": "gradcheck", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["export"]
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


# %% nbgrader={"grade": false, "grade_id": "tricky-rules", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["export"]
from tinytorch.activations import LogSoftmax, Softmax
from tinytorch.layers import Affine
from tinytorch.tensor import Amax, Power

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


# %% [markdown]
# **Exercise.** Write the rules of all operations that the next cell imports. One line is enough for
# most, as in section 1: `rules[Exp] = lambda op, grad, a: ...`; for the others use `@derivative`.
#
# - The slope of $e^a$ is $e^a$, which is `op.out`; that of $\log a$ is $1/a$, and of $a/b$ it is
#   $1/b$ and $-a/b^2$; that of a sigmoid $s$ is $s(1-s)$; that of a tanh $t$ is $1-t^2$; that of
#   ReLU is 1 where the number is positive, else 0. That of the binary cross-entropy is
#   $\sigma(a)-t$ for the logit $a$, and $-a$ for the target $t$. Exactly these, however large or
#   small: no clipping, no $+10^{-7}$.
# - A rule changes nothing it is given: not `grad`, which another rule may get as well, not the
#   inputs, not `op.out`, which is the result's own array.
# - `MatMul`: for matrices, `grad @ b.T` and `a.T @ grad`; with more axes in front, swap the last
#   two (for a stack of matrices too). A vector `b`: each row of `a` times `b`, added up. A vector
#   `a` is a matrix of one row.
# - `Sum` hands its gradient to every number that went into it. `with_axes(grad, op)` puts back the
#   axes that are gone; then broadcast it to the shape of `a`.
# - `GetItem` puts the gradient where the numbers came from, and 0 elsewhere. A number picked twice
#   gets both: `np.add.at(whole, op.key, grad)` counts each, `whole[op.key] += grad` only one.
# - `CrossEntropy`: the probabilities of a sample (`op.log_probabilities` are there), minus 1 at
#   `op.right`, all times the sample's `grad`.


# %% nbgrader={"grade": false, "grade_id": "rules", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
from tinytorch.activations import ReLU, Sigmoid, Tanh
from tinytorch.losses import BinaryCrossEntropy, CrossEntropy
from tinytorch.tensor import Divide, Exp, GetItem, Log, MatMul
from tinytorch.tensor import Negate, Reshape, Subtract, Sum, Transpose

### BEGIN SOLUTION
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


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-rules", "locked": true, "points": 12, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_rng = check.rng("rules")
_a, _b = _rng.uniform(0.5, 2, size=(2, 3, 4)) * [[1, -1, 1, -1]]
_cube, _stack, _right = _rng.normal(size=(5, 3, 4)), _rng.normal(size=(5, 4, 2)), [3, 0, 2]
_matrix, _vector, _three, _column = _a.T[:, :2], _b[0], _b[:, 0], _b[:, :1]
_positive, _signs = np.abs(_a), np.sign(_a)
_large, _small = _a * 1e6, _a * 1e-6  # of both signs
_with_zeros = np.where(_rng.permutation(12).reshape(3, 4) < 4, 0, _a)
_saturated = np.linspace(-19, 19, 12).reshape(3, 4) + _a / 9  # almost 0, almost 1
_probabilities = _positive / 2


def _slopes(f, **groups):
    """Return the gradients of f at each group of arrays; each has a name for the hint."""
    return {
        name.replace("_", " "): lambda arrays=arrays: _gradients(f, *arrays)
        for name, arrays in groups.items()
    }


def _each(f, *values):
    """Return the gradients of 3 f(cube, value) for each value."""
    return {
        f"case {i}": lambda v=v: _gradients(lambda a: f(a, v) * 3, _cube)
        for i, v in enumerate(values, 1)
    }


def _side_by_side(f, *arrays):
    """Apply f twice and add up, between two neighbours: Add hands all of them one gradient."""
    one, other = ([Tensor(a, requires_grad=True) for a in arrays] for _ in range(2))
    results = [f(*one), f(*other)]
    before = [result.data * 1.0 for result in results]
    left, right = (Tensor(before[0], requires_grad=True) for _ in range(2))
    out = (left * 1.0 + results[0]) + (results[1] + right * 1.0)
    out.backward(np.cos(np.arange(out.size)).reshape(out.shape))
    return {
        "gradients": [leaf.grad for leaf in (*one, *other, left, right)],
        "inputs": [leaf.data for leaf in (*one, *other)],
        "results": [result.data - old for result, old in zip(results, before, strict=True)],
    }


_exact = {"rtol": 1e-6, "atol": 1e-13}
_elementwise = {
    Subtract: {"small": (_cube, _small), "large": (_large, _b)},
    Divide: {
        "0 divided": (_with_zeros, _b),
        "by small numbers": (_b, _small),
        "by large numbers": (_b, _large),
    },
    Negate: {"small": (_small,), "large": (_large,), "with 0": (_with_zeros,)},
    Exp: {"near 0": (_cube,), "from -38 to 38": (_saturated * 2,), "small": (_small,)},
    Log: {"near 1": (_positive,), "small": (abs(_small),), "large": (abs(_large),)},
    ReLU: {"with 0": (_with_zeros,), "small": (_small,), "large": (_large,)},
    Sigmoid: {"near 0": (_cube,), "almost 0 and 1": (_saturated,), "0": (_with_zeros,)},
    Tanh: {"near 0": (_cube,), "almost -1 and 1": (_saturated / 2,), "0": (_with_zeros,)},
    BinaryCrossEntropy: {
        "near 0": (_b, _probabilities),
        "almost sure": (_saturated * 1.3, (_signs + 1) / 2),
        "far from 0": (_signs * 800, _probabilities),
    },
}
# rests on: Exactly these, however large or small: no clipping
for _f, _groups in _elementwise.items():
    check(f"the rule of {_f.__name__}", _slopes(_f.apply, **_groups), **_exact)
# rests on: A rule changes nothing it is given: not `grad`, which another rule may get as well
_twins = {
    "Subtract": (Subtract.apply, _a, _b),
    "Divide": (Divide.apply, _a, _b),
    "Negate": (Negate.apply, _a),
    "Exp": (Exp.apply, _a),
    "Log": (Log.apply, _positive),
    "ReLU": (ReLU(), _a),
    "Sigmoid": (Sigmoid(), _a),
    "Tanh": (Tanh(), _a),
    "BinaryCrossEntropy": (BinaryCrossEntropy.apply, _a, _b),
    "Reshape": (lambda x: x.reshape(2, 6), _a),
    "Transpose": (lambda x: x.transpose(0, 1), _a),
    "Sum": (lambda x: x.sum(0), _a),
    "MatMul": (MatMul.apply, _a, _matrix),
    "GetItem": (lambda x: x[[0, 2, 0]], _a),
    "CrossEntropy": (lambda x: cross_entropy(x, _right, "none"), _a),
}
check(
    "no rule changes what it is given",
    {name: lambda twin=twin: _side_by_side(*twin) for name, twin in _twins.items()},
)
# rests on: what broadcasting repeats on the way forward is added up on the way back
check(
    "pairs that were broadcast",
    _slopes(lambda x, y: (x - y) / (x * y), a_row=(_a, _vector), a_column=(_b, _column)),
)
check("results that were broadcast", _each(lambda a, i: a / (a * a).sum(i, True), 0, 2))
# rests on: Teach the engine all the operations you have ever made
check("powers and roots", _slopes(lambda x, y: x**y + x**3 + 2**y + x.sqrt(), both=(_positive, _b)))
check("reshape, backwards", _each(lambda a, s: a.reshape(*s), (15, 4), (-1,), (5, 2, 6)))
check("transpose, backwards", _each(lambda a, d: a.transpose(*d), (0, 1), (0, 2), (1, -1)))
check("mean and amax, backwards", _each(lambda a, i: a.mean(i) * a.amax(i), 0, (1, 2), None))
# rests on: for matrices, `grad @ b.T` and `a.T @ grad`
_products = {
    "matrix @ matrix, backwards": {"wide": (_a, _matrix), "high": (_matrix.T, _a.T)},
    # rests on: each row of `a` times `b`, added up
    "vectors in a product, backwards": {
        "matrix @ vector": (_a, _vector),
        "vector @ matrix": (_three, _a),
        "vector @ vector": (_vector, _vector * 2),
    },
    # rests on: with more axes in front, swap the last two (for a stack of matrices too)
    "vectors and batches, backwards": {"first": (_cube, _vector), "last": (_three, _cube)},
    "batch @ batch, backwards": {"five": (_cube, _stack), "one": (_cube[:1], _stack)},
    "batch @ matrix, backwards": {"batch first": (_cube, _matrix), "last": (_a, _stack)},
}
for _name, _groups in _products.items():
    check(_name, _slopes(lambda a, b: a @ b, **_groups))
# rests on: hands its gradient to every number that went into it
check("the sum of everything, backwards", _each(lambda a, k: a.sum(keepdims=k), True, False))
check("sums along an axis, backwards", _each(lambda a, i: a.sum(i), 0, 1, -1, (0, 2), (-1, 0)))
check("keepdims, backwards", _each(lambda a, i: a.sum(i, keepdims=True), 0, 2, (0, -1)))
# rests on: puts the gradient where the numbers came from, and 0 elsewhere
check("picked parts, backwards", _each(lambda a, k: a[k], 1, slice(1, 3), (0, 1), _cube > 0))
# rests on: A number picked twice gets both
check("picked twice, backwards", _each(lambda a, k: a[k], [2, 0, 2], ([1, 1, 1], [2, 0, 2])))
# rests on: the probabilities of a sample (`op.log_probabilities` are there), minus 1 at `op.right`
check(
    "cross-entropy, backwards",
    _slopes(
        lambda s: cross_entropy(s, _right, "none"), near=(_a,), sure=(_a * 20,), surer=(_a * 900,)
    ),
    **_exact,
)
check("cross-entropy of one sample", _slopes(lambda s: cross_entropy(s, 2) * 3, one=(_vector,)))
# rests on: a Tensor of the leaf's dtype
check(
    "float32 stays float32",
    lambda: _gradients(lambda a: (Tanh()(-a / 3) @ a.T).sum(0)[[0, 0]], np.float32(_a)),
)
### END HIDDEN TESTS
x = Tensor([[0.5, 1.5, -2.0], [1.0, -0.5, 3.0]], float, requires_grad=True)
y = Tensor([[2.0, 0.9, 1.0], [-1.5, 0.1, 0.3]], float, requires_grad=True)
z = Tensor(np.sin(np.arange(12)).reshape(2, 2, 3), float, requires_grad=True)
codes = (
    "x - y; x / y; -x; x.exp(); (x * x).log(); ReLU()(x); Sigmoid()(x); Tanh()(x); x.sum(axis=0); "
    "x @ y.T; x @ y[0]; x[0] @ y.T; z @ y[0]; z @ x.T; x.reshape(3, 2); x.transpose(0, 1); "
    "x[[1, 0, 1]]; BCEWithLogitsLoss()(x, y); cross_entropy(x, [2, 0]); -x + -x"
)
for code in codes.split("; "):
    used = {name: leaf for name, leaf in {"x": x, "y": y, "z": z}.items() if name in code}
    function = eval(f"lambda {', '.join(used)}: {code}")
    assert gradcheck(function, used.values()), code
print("all rules agree with measured slopes")

# %% [markdown]
# ## 6. Looking the other way
#
# Guessing needs no graph, and recording costs time and memory. Inside `with no_grad():` nothing is
# recorded. **Exercise.** Write `no_grad`: remember `recorder.recording`, switch it off, `yield`
# (now the indented block runs), and put back what it was, even if the block ends with an error.
# Then one may stand inside another. `@contextmanager` also lets `@no_grad()` stand over a function.
# `beside_generators`, given, lets a generator that waits inside of `no_grad` leave others alone.


# %% nbgrader={"grade": false, "grade_id": "no-grad", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
@beside_generators(lambda: recorder.generators)
@contextmanager
def no_grad() -> Iterator[None]:
    """Record nothing inside `with no_grad():`, or in a function under `@no_grad()`."""
    ### BEGIN SOLUTION
    before = recorder.recording
    recorder.recording = False
    try:
        yield
    finally:
        recorder.recording = before
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-no-grad", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_x = Tensor(check.rng("no-grad").normal(size=3), requires_grad=True)


def _recorded():
    """Return 1 if a product is recorded now, else 0, plus a number of this run."""
    return ((_x * 2).creator is not None) + _x.data[0]


def _inside(action):
    """Return what an action returns under no_grad; after a KeyError, what is recorded then."""
    try:
        with no_grad():
            return action()
    except KeyError:
        return _recorded()


def _decorated():
    @no_grad()
    def scores():
        return _recorded()

    return [scores(), _recorded(), scores()]


def _made_inside():
    """Return the requires_grad of a product while the block still runs."""
    return (_x * 2).requires_grad + _x.data[1]


# rests on: Inside `with no_grad():` nothing is recorded.
check("nothing is recorded inside", lambda: [_inside(_recorded), _inside(_made_inside)])
# rests on: put back what it was
check("recording goes on afterwards", lambda: [_inside(_recorded), _recorded()])
# rests on: even if the block ends with an error
check("recording goes on after an error", lambda: [_inside({}.popitem), _inside(_recorded)])
# rests on: Then one may stand inside another.
check(
    "one inside the other",
    lambda: [_inside(lambda: [_inside(_recorded), _recorded()]), _recorded()],
)
# rests on: or in a function under `@no_grad()`
check("a function under @no_grad()", _decorated)
recorder.recording = True
### END HIDDEN TESTS
x = Tensor([1.0, 2.0], requires_grad=True)
with no_grad():
    assert not (x * 2).requires_grad, "inside no_grad the result should not require a gradient"
assert (x * 2).requires_grad, "after no_grad, results should be recorded again"
print("no_grad works")

# %% [markdown]
# ## 7. Milestone: XOR
#
# *Exactly one of two switches is on.* Here are points around the four corners, and the loop that
# learns: clear the gradients, compute the loss, go backwards, take a step downhill.


# %% nbgrader={"grade": false, "grade_id": "xor", "locked": true, "schema_version": 3, "solution": false, "task": false}
def corners(rng: np.random.Generator, n: int) -> tuple[Tensor, Tensor]:
    """Return n points around each corner (4n, 2), and whether exactly one is on (4n, 1)."""
    offsets = rng.uniform(-0.2, 0.2, size=(n, 1, 2))  # the same around all four
    points = offsets + np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    return Tensor(points.reshape(-1, 2), np.float32), Tensor([[0], [1], [1], [0]] * n)


def train(model: Any, x: Tensor, target: Tensor, steps: int = 400, lr: float = 0.5) -> list[float]:
    """Let a model learn, and return its losses on the way."""
    losses = []
    for _ in range(steps):
        for parameter in model.parameters():
            parameter.grad = None
        loss = BCEWithLogitsLoss()(model(x), target)
        loss.backward()
        for parameter in model.parameters():
            parameter.data -= lr * parameter.grad.data
        losses.append(loss.item())
    return losses


def share_right(model: Any, x: Tensor, target: Tensor) -> float:
    """Return for how many of the points the model says yes when it should."""
    with no_grad():
        return ((model(x).numpy() > 0) == target.numpy()).mean()


# %% nbgrader={"grade": true, "grade_id": "test-xor", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check
from tinytorch.layers import MLP as _MLP  # whatever the name MLP stands for by now
from tinytorch.layers import Module as _Module

_rng = check.rng("xor")
_points, _seeds = _rng.permutation(corners(_rng, 25)[0].data), _rng.integers(10_000, size=4)


def _affine(x, layer):
    return x @ layer.weight.data.T + layer.bias.data


def _started(seed, steps):
    """Train a fresh network for some steps; return its losses and the network."""
    rng, model = manual_seed(seed), _MLP([2, 16, 1])
    return train(model, *corners(rng, 12), steps=steps), model


def _first_steps(seed):
    losses, model = _started(seed, 30)
    return {"losses": losses, "weights": [p.data for p in _Module.parameters(model)]}


def _says_yes(seed):
    """Return what a trained network's weights say of points it has not seen."""
    _, first, _, last = _started(seed, 400)[1].layers
    return _affine(np.maximum(_affine(_points, first), 0), last) > 0


def _whole():
    model = _MLP([2, 5, 3])
    for p in model.parameters():
        p.data = np.sin(np.arange(p.size) + _points[0, 0]).reshape(p.shape)
    cross_entropy(model(Tensor(_points)), np.arange(100) % 3).backward()
    return [p.grad for p in model.parameters()]


def _starts(f):
    return {f"start {i}": lambda s=seed: f(s) for i, seed in enumerate(_seeds.tolist(), 1)}


# rests on: Now you get all slopes from one walk through the computation, backwards.
check("the gradients of a whole network", _whole, dtype=False)
# rests on: clear the gradients, compute the loss, go backwards, take a step downhill
check("the first steps towards XOR", _starts(_first_steps), rtol=1e-3, atol=1e-4, dtype=False)
check("XOR is learned", _starts(_says_yes))
### END HIDDEN TESTS
x, target = corners(manual_seed(1), 12)
network = MLP([2, 16, 1])
before, losses = share_right(network, x, target), train(network, x, target)
after = share_right(network, x, target)
assert losses[-1] < 0.1, f"the loss should fall below 0.1, it is {losses[-1]:.3f}"
assert after == 1, f"all points should be right, {after:.1%} are"
print(f"XOR: {before:.0%} right before, {after:.0%} right after training")

# %%
figure, panels = plt.subplots(1, 4, figsize=(9, 2.4), layout="constrained")
new_x, new_target = corners(manual_seed(0), 100)
for sizes, color in (([2, 16, 1], "tab:blue"), ([2, 1], "tab:orange")):
    shares = []
    for seed in range(10):
        points, answers = corners(manual_seed(seed), 12)
        model = MLP(sizes)
        panels[0].plot(train(model, points, answers), color=color, linewidth=0.7)
        shares.append(share_right(model, new_x, new_target))
    print(f"MLP({sizes}) is right for {min(shares):.1%} to {max(shares):.1%} of the new points")
panels[0].set(yscale="log", xlabel="step", title="loss, 10 starts each")
_, fresh, side = manual_seed(1), MLP([2, 16, 1]), np.linspace(-0.5, 1.5, 80)
grid = np.stack(np.meshgrid(side, side), axis=-1, dtype=np.float32).reshape(-1, 2)
shown = {"before": fresh, "after": network, "linear": model}
for panel, (title, model) in zip(panels[1:], shown.items(), strict=True):
    with no_grad():
        yes = Sigmoid()(model(grid)).numpy().reshape(80, 80)
    panel.contourf(side, side, yes, levels=np.linspace(0, 1, 11), cmap="coolwarm", alpha=0.6)
    panel.contour(side, side, yes, levels=[0.5], colors="black")
    panel.scatter(*x.T.numpy(), c=target.numpy()[:, 0], cmap="coolwarm", s=12)
    panel.set(title=title, xticks=[0, 1], yticks=[0, 1])
plt.show()

# %% [markdown]
# Why does the linear model fail? Its score $s$ is a weighted sum plus a number, so
# $s(0,0) + s(1,1) = s(0,1) + s(1,0)$. XOR wants the left side negative and the right side positive:
# impossible. Of four points that lie alike around the corners one is wrong, so no line is right for
# more than 75 %. The best that it learns is "fifty-fifty" for all, and its loss ends at
# $\log 2 = 0.693$. When this was proved of the networks of 1969, the field went quiet for years.
# What was missing was a bend, and a way to learn the weights around it. You have both.
#
# ## In the real world
#
# `loss.backward()`, `tensor.grad`, `torch.no_grad()`: PyTorch works as yours does. Your `creator`
# is its `grad_fn`; a `torch.autograd.Function` has its rule, `backward`, beside its `forward`; the
# graph is freed as well, unless you say `retain_graph=True`. The algorithm is *reverse-mode
# automatic differentiation*, from 1970; as *backpropagation* it has trained networks since 1986.
#
# ## Think
#
# A weight is used for each of 32 samples in a batch, and its gradient is one number. Where do the
# 32 contributions meet, and what would the network learn if `hand_over` replaced instead of added?
# And why must the loop clear the gradients before each step?

# %% [markdown] nbgrader={"grade": true, "grade_id": "think", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# In a product they meet in the rule: `a.T @ grad` adds up over the samples. Where a bias is
# broadcast to 32 rows, `undo_broadcast` adds; where a tensor takes part in several operations,
# `hand_over`. Replacing would keep only what arrives last, and a step would not go downhill.
#
# The adding goes on from one backward to the next. Without clearing, a step would follow the sum of
# all gradients so far, most of them measured at places that have long been left.
# ### END SOLUTION

# %% [markdown]
# ## Next: what do we do with them?
#
# The slope of the first cell again, and 50,889 others, in one walk:

# %%
cross_entropy(mlp(images[:100]), labels[:100]).backward()
print(f"the slope of that number: {bias.grad.numpy()[7]:.4f}")
print("gradients:", [parameter.grad.shape for parameter in mlp.parameters()])

# %% [markdown]
# Now we have gradients: what do we do with them? The loop says `data -= lr * grad`, and its 0.5 and
# its 400 steps were found by trying. How far to step, what to do in a narrow valley, what to
# remember of the steps before? That is an **optimizer**, and yours will learn digits:
# assignment 07.
#
# Keep what you wrote: save the notebook and run the last cell. It adds a module to your framework.

# %%
import tinytorch

tinytorch.export_mine("06_autograd")
