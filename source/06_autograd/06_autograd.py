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
# In 05 you measured which way is down: two losses for each of 50,890 parameters, for one single
# step. Now you compute the gradient of **all** of them in one walk through the computation,
# backwards. The field calls it *reverse-mode automatic differentiation*, and when it trains a
# network, **backpropagation**. You write the rules, the walk, and `no_grad`. Then a network learns
# what once stopped the whole field: XOR.
#
# You use `tinytorch.losses`, the work of assignment 05. Plan about three hours, in two sittings:
# sections 1 to 4 are the engine, 5 to 7 its rules and what it is for.
#
# `tinytorch.check()` in a cell of its own lists what this notebook will be graded by, and what its
# visible tests say so far.

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
print(f"measured for one of 50,890 parameters: {(losses[0] - losses[1]) / 0.1:.4f}")

# %% [markdown]
# ## 1. The chain rule, one operation at a time
#
# Every computation is a **computational graph**: its nodes are tensors, and an operation leads from
# its inputs to its result. What you put in are the **leaves**. The **gradient** of a node says how
# much the end result changes for each unit by which the node changes.
#
# Take `(a * b + c) * a`. How does it change with `b`? Go backwards from the end, with a 1. The last
# product says: I pass on to my first factor what I get, times `a`. The sum says: whatever I get, I
# pass on to both. The first product says: I pass on to `b` what I get, times `a`. So the gradient of
# `b` is `a * a`. Multiplying along the way like this is the **chain rule** of calculus. No operation has
# to know the whole: each turns the gradient of its result, `grad`, into gradients of its inputs.
# That is its *rule*. A rule gets the operation `op` (with its options, and its result, the array
# `op.out`), and as arrays `grad` and the inputs. It returns an array for each input. Rules live in a
# table.


# %% nbgrader={"grade": false, "grade_id": "table", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["export"]
from collections.abc import Callable, Iterator
import inspect
from contextlib import contextmanager
from functools import wraps
from itertools import count
from threading import local
from typing import Any

import numpy as np
from tinytorch.tensor import Add, Function, Multiply, Tensor, from_numpy

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


# %% [markdown]
# Go back through the graph yourself, step by step. Why is the gradient of `a` −2, and not 4? (Where
# buttons do not work, the picture shows the last step.)

# %%
tinytorch.step_through(lambda a, b, c: (a * b + c) * a, rules, a=2, b=-3, c=10)

# %% [markdown]
# `a` is used twice, so it gets two gradients, 4 and −6, and they **add up**. Keep that in mind: it
# is half of this notebook.
#
# ## 2. Exercise: broadcasting, undone
#
# A bias of shape `(4,)` is added to two rows. It is used twice, so its gradient is the **sum** of
# two: what broadcasting repeats on the way forward is added up on the way back.
#
# Write `undo_broadcast`: sum over the axes that are new in front, and over those where `shape` has
# size 1. A gradient of shape `(2, 4)` for an input of shape `(4,)` becomes the sum of its two rows,
# of shape `(4,)`; an axis of size 1 stays, so for one of shape `(2, 1)` it becomes the two sums of
# its rows. If it still does not fit, a rule is wrong: raise a `ValueError`.

# %% [markdown]
# <details><summary>Hint 1: write the shapes down</summary>
#
# Write the shapes of the gradient and of the input below each other, aligned on the right. Which
# axes has the gradient in front that the input has not? Where has the input size 1?
#
# </details>
#
# <details><summary>Hint 2: all axes at once</summary>
#
# The first `grad.ndim - len(shape)` axes are new. Sum over these and over those of size 1 at once,
# with `keepdims=True`, so that no axis moves to another place.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# ```python
# new = grad.ndim - len(shape)
# stretched = [new + axis for axis, size in enumerate(shape) if size == 1]
# total = grad.sum(axis=(*range(new), *stretched), keepdims=True)
# ```
#
# Now only ones stand in front: compare what follows them with `shape`, and reshape.
#
# </details>


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


# %% nbgrader={"grade": true, "grade_id": "test-undo-broadcast", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
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
check("no rows at all", _undone((1, 3, 4), (3, 4), (4,), grad=_grad[:0]))
# rests on: sum over the axes that are new in front
check("axes that are new in front", _undone((3, 4), (4,), ()))
# rests on: over those where `shape` has size 1
check("axes of size 1", _undone((2, 1, 4), (1, 3, 1), (1, 1, 1)))
check("both at once", _undone((1, 4), (3, 1), (1,), (1, 1)))
# rests on: Never keep or change an array that may belong to somebody else
check("the gradient stays as it was", _left_alone)
_smaller, _as_many = [(3, 4), (2, 1, 1)], [(4, 3, 2), (6, 4), (24,)]  # numbers as the gradient
# rests on: If it still does not fit, a rule is wrong: raise a `ValueError`.
check.outcomes(
    "refuses what does not fit, and only that",
    lambda shape: undo_broadcast(_grad, shape),
    {str(s): (s,) for s in (*_smaller, (3, 5), (2,), (5, 2, 3, 4), (2, 4), *_as_many)},
)
check.outcomes(
    "refuses what is too small",
    lambda shape: undo_broadcast(_grad[:, :1], shape),
    {str(s): (s,) for s in [(2, 1, 4), (2, 3, 4), (3, 4), (1, 4), (2, 2, 1, 4)]},
)
### END HIDDEN TESTS
for shape, wanted in (((4,), [2.0] * 4), ((2, 1), [[4.0], [4.0]]), ((), 8.0)):
    got = undo_broadcast(np.ones((2, 4)), shape).tolist()
    assert got == wanted, f"ones of shape (2, 4) for shape {shape}: expected {wanted}, got {got}"
fits = True
try:
    undo_broadcast(np.ones((2, 4)), (3,))
except ValueError:
    fits = False
assert not fits, "ones of shape (2, 4) for shape (3,): expected a ValueError"
print("undo_broadcast works, and refuses what does not fit")

# %% [markdown]
# ## 3. Topological order
#
# Each result will know which operation made it, `out.creator`, and each operation its `inputs`. A
# leaf was made by none: its `creator` is None. So you can go from the end back to the leaves, but
# in which order? An operation can be asked for its gradients only when **all** that used its result
# have been, and only once: if a hundred results in a row are each used twice, there are more paths
# through the graph than atoms in a human body. An order in which everything comes after what it
# waits for is called a **topological order**.
#
# `inputs_of(op)`, which is given, returns the inputs of an operation, as a list of tensors. Your
# recorder of section 4 will note them. Until then `made_of(x, y)` makes a result by hand, whose
# creator has the inputs `x` and `y`; the counter `moments` numbers the operations as they are made.


# %% nbgrader={"grade": false, "grade_id": "inputs-of", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["export"]
moments = count(1)


def inputs_of(op: Any) -> list[Tensor]:
    """Return the tensors an operation was applied to, unless a backward has used them up."""
    if op is None:
        raise ValueError("a leaf was made by no operation: its creator is None")
    if not hasattr(op, "inputs"):
        raise RuntimeError("an earlier backward has freed this graph: compute the result again")
    return op.inputs


# %% nbgrader={"grade": false, "grade_id": "made-of", "locked": true, "schema_version": 3, "solution": false, "task": false}
def made_of(*inputs: Tensor) -> Tensor:
    """Return a tensor as an operation on these inputs makes it, recorded by hand."""
    op, out = Function(), Tensor(0.0)
    op.inputs, op.out, op.made = list(inputs), out.data, next(moments)
    out.creator, out.requires_grad = op, True
    return out


# %% [markdown]
# ### Exercise: `in_backward_order`
#
# Write `in_backward_order(last)`. It returns a list: the operation `last` and all operations behind
# it, each one after all that used its result. For `(a * b + c) * a` it returns the last product,
# the sum, the first product.
#
# *Depth-first search* finds such an order: to visit an operation, visit the creators of its inputs,
# then append it to a list. Reversed, as the last line does it, the list is what you need. But graphs
# get deeper than Python lets a function call itself. Keep a **stack** of what is to be done: `(op,
# False)` for "visit it", and below the creators of its inputs `(op, True)` for "they are done, append
# it".
#
# Ask for the inputs with the given `inputs_of(op)`, and stay in linear time: keep the operations
# you have seen in a set, not in a list. Ask whether one was seen when its turn comes, not when you put
# it on the stack: what waits there for its first visit may be needed earlier.

# %% [markdown]
# <details><summary>Hint 1: visit by hand</summary>
#
# Draw `(a * b + c) * a` and visit it by hand. An operation is appended after the creators of its
# inputs, so the last product comes last; the list is reversed for you.
#
# </details>
#
# <details><summary>Hint 2: how the stack works</summary>
#
# The stack begins as `[(last, False)]`, and `stack.pop()` takes what was put there last. So put
# `(op, True)` there first, then the creators of the inputs: they are done before it.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# ```python
# while stack:
#     op, inputs_done = stack.pop()
#     if inputs_done:
#         order.append(op)
#     elif op not in seen:
#         ...
# ```
#
# Three things are left there: add `op` to `seen`, put `(op, True)` on the stack, and then
# `(x.creator, False)` for each `x` of `inputs_of(op)` that has a creator.
#
# </details>


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


# %% nbgrader={"grade": true, "grade_id": "test-order", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
import signal as _signal

from grading import check

_near_1 = check.rng("order").uniform(1 - 1e-4, 1 + 1e-4, size=12).tolist()
_start = float(check.rng("order start").uniform(1, 2))


def _in_time(seconds, work):
    """Return what work returns, unless it takes more seconds of CPU time."""

    def too_slow(*_):
        raise TimeoutError

    _signal.signal(_signal.SIGPROF, too_slow)
    _signal.setitimer(_signal.ITIMER_PROF, seconds)
    try:
        return work()
    finally:
        _signal.setitimer(_signal.ITIMER_PROF, 0)


def _made(*inputs):
    """Return what an operation on these inputs makes, recorded by hand."""
    op, out = Function(), Tensor(0.0)
    op.inputs, op.out, op.made = list(inputs), out.data, next(moments)
    out.creator, out.requires_grad = op, True
    return out


def _arrived(*made):
    """Pass numbers on from the last to its inputs, in the order asked for; return what arrives."""
    order = in_backward_order(made[-1].creator)
    numbers = {out.creator: number for number, out in enumerate(made)}
    arrived = dict.fromkeys(numbers, 0.0)
    arrived[made[-1].creator] = _start
    for op in order:
        before = [x.creator for x in op.inputs if x.creator is not None]
        for i, creator in enumerate(before, numbers[op]):
            arrived[creator] += arrived[op] * _near_1[i % 12] / len(before)
    return {"what arrives": list(arrived.values())[:9], "how many": _start * len(order)}


def _forks_and_joins():
    root, y = _made(Tensor(1.0)), Tensor(2.0)
    a = _made(root, y)
    b, c = _made(a), _made(a, y)
    d = _made(b, c)
    _made(d, a)  # not behind the last
    return [root, a, b, c, d, _made(d, b)]


def _short_and_long(long_first):
    root = _made(Tensor(1.0))
    a = _made(root)
    b = _made(a)
    c = _made(b, a)
    d = _made(c)
    return [root, a, b, c, d, _made(d, a) if long_first else _made(a, d)]


def _row(n, fork):
    made = [_made(Tensor(1.0))]
    while len(made) < n:
        made.append(_made(made[-1], made[-1]) if fork else _made(made[-1]))
    return made


def _forks(n):
    made = [_made(Tensor(1.0))]
    for _ in range(n):
        left, right = _made(made[-1]), _made(made[-1])
        made += [left, right, _made(left, right)]
    return made


def _freed(freed):
    first = _made(Tensor(1.0))
    last = _made(_made(first))
    if freed:
        vars(first.creator).clear()
    return _start * len(in_backward_order(last.creator))


# rests on: An operation can be asked for its gradients only when all that used its result have been
check("an order of forks and joins", lambda: _arrived(*_forks_and_joins()))
check("an order of a short and a long path", lambda: _arrived(*_short_and_long(False)))
check("an order of a long and a short path", lambda: _arrived(*_short_and_long(True)))
# rests on: and only once: if a hundred results in a row are each used twice
check("an input that is used twice", lambda: _arrived(*_row(5, fork=True)))
# rests on: For `(a * b + c) * a` it returns the last product, the sum, the first product.
check("one operation alone", lambda: _arrived(_made(Tensor(1.0), Tensor(2.0))))
# rests on: with the given `inputs_of(op)`
check.outcomes(
    "a graph that was freed is an error",
    _freed,
    {"as recorded": (False,), "freed": (True,)},
    (RuntimeError,),
)
# rests on: Keep a stack of what is to be done
# rests on: in linear time: keep the operations you have seen in a set, not in a list
check("an order of 1,000 forks in a row", lambda: _in_time(2, lambda: _arrived(*_forks(1000))))
check("an order of 50,000 in a row", lambda: _in_time(6, lambda: _arrived(*_row(50_000, False))))
### END HIDDEN TESTS
first = made_of(Tensor(1.0), Tensor(2.0))
second = made_of(first)
for inputs in ((second, first), (first, second)):  # the order of the inputs does not matter
    last = made_of(*inputs)
    names = {first.creator: "first", second.creator: "second", last.creator: "last"}
    got = [names[op] for op in in_backward_order(last.creator)]
    assert got == ["last", "second", "first"], f"expected last, second, first, got {got}"
print("the order works:", ", ".join(got))

# %% [markdown]
# Step through your own order. In `x² + x³` the node ① is used twice, and has to wait for both: what
# would go wrong if it went on as soon as the sum had reached it?


# %%
def cube_and_square(x):
    """Return x² + x³, in which the square is used twice."""
    square = x * x
    return square + square * x


tinytorch.step_through(cube_and_square, rules, in_backward_order, x=2)

# %% [markdown]
# ## 4. The engine
#
# ### Exercise: `hand_over`
#
# It brings a gradient to a tensor, with the broadcasting undone. If an operation made the tensor,
# the gradient is **added** to what is `waiting` for that operation. Otherwise the tensor is a leaf,
# and the gradient is **added** to `tensor.grad`, which is None at first, and from then on a Tensor
# of the leaf's dtype. Only leaves have a `grad`. Never keep or change an array that may belong to
# somebody else: the rule of `Add` hands out the same one twice.

# %% [markdown]
# <details><summary>Hint 1: two cases, twice</summary>
#
# First bring the gradient to the shape of the tensor, with `undo_broadcast`. Then: is it a leaf or
# not? And in each case: is something there already?
#
# </details>
#
# <details><summary>Hint 2: whose array is it?</summary>
#
# `waiting[op] + gradient` makes a new array; `waiting[op] += gradient` changes one that may belong
# to somebody else. A leaf needs a copy: `np.array(gradient, tensor.dtype)` makes one, and
# `from_numpy` a Tensor of it.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# With `op = tensor.creator`, where that is not None:
#
# ```python
# waiting[op] = waiting[op] + gradient if op in waiting else ...
# ```
#
# Otherwise, where `tensor.grad` is None, make the Tensor of the copy; where it is not, add to
# `tensor.grad.data`, which is the leaf's own.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "hand-over", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
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


# %% nbgrader={"grade": true, "grade_id": "test-hand-over", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_one, _two = check.rng("hand over").normal(size=(2, 2, 3))


def _handed(*gradients, shape=(2, 3), dtype=float, leaf=True):
    """Hand gradients over to a tensor; return what it, or the operation behind it, has then."""
    tensor = Tensor(np.zeros(shape), dtype, requires_grad=True)
    op, waiting = Function(), {}
    if not leaf:
        tensor.creator = op
    for gradient in gradients:
        hand_over(gradient, tensor, waiting)
    return tensor.grad if leaf else [waiting[op] * 1.0, len(waiting), tensor.grad]


def _kept(leaf):
    """Hand one array over to two tensors and more to one; return what the others have then."""
    given, other = _one.copy(), Tensor(np.zeros((2, 3)), float, requires_grad=True)
    first = Tensor(np.zeros((2, 3)), float, requires_grad=True)
    if not leaf:
        first.creator, other.creator = Function(), Function()
    waiting = {}
    for tensor, gradient in ((first, given), (other, given), (first, _two)):
        hand_over(gradient, tensor, waiting)
    return [given, other.grad if leaf else waiting[other.creator]]


# rests on: Otherwise the tensor is a leaf, and the gradient is **added** to `tensor.grad`
check("a leaf gets its gradient", lambda: _handed(_one))
check("a second gradient of a leaf is added", lambda: _handed(_one, _two))
# rests on: the gradient is **added** to what is `waiting` for that operation
# rests on: Only leaves have a `grad`.
check("what waits for an operation", lambda: _handed(_one, leaf=False))
check("a second one that waits is added", lambda: _handed(_one, _two, leaf=False))
# rests on: brings a gradient to a tensor, with the broadcasting undone
_broadcast = {str(s): lambda s=s: _handed(_one, _two, shape=s) for s in ((3,), (2, 1), (), (1, 1))}
check("a leaf that was broadcast", _broadcast)
check("a result that was broadcast", lambda: _handed(_one, _two, shape=(3,), leaf=False))
# rests on: a Tensor of the leaf's dtype
check("a leaf of float32", lambda: _handed(_one, _two, dtype=np.float32))
_coarse = {"rtol": 1e-2, "atol": 1e-2}
check("a leaf of float16", lambda: _handed(_one, _two, dtype=np.float16), **_coarse)
# rests on: Never keep or change an array that may belong to somebody else
check("an array handed to two leaves", lambda: _kept(True))
check("an array handed to two operations", lambda: _kept(False))
### END HIDDEN TESTS
leaf, on_the_way, waiting = Tensor([0.0, 0.0], requires_grad=True), made_of(Tensor(1.0)), {}
for gradient in (np.array([1.0, 2.0]), np.array([10.0, 20.0])):
    hand_over(gradient, leaf, waiting)
    hand_over(gradient, on_the_way, waiting)
assert leaf.grad.tolist() == [11, 22], f"a leaf, twice: expected [11.0, 22.0], got {leaf.grad}"
got = waiting[on_the_way.creator]
assert got == 33, f"a single number, broadcast to two, twice: expected 33.0 to wait, got {got}"
assert leaf.grad.dtype == np.float32, f"a float32 leaf: expected float32, got {leaf.grad.dtype}"
same, one, other = np.array(5.0), made_of(Tensor(1.0)), made_of(Tensor(1.0))
for tensor in (one, other, one):  # as `Add` hands one array to both of its inputs
    hand_over(same, tensor, waiting)
got = waiting[one.creator], waiting[other.creator]
assert got == (10, 5), f"one array for two: expected 10.0 and 5.0 to wait, got {got}"
print("hand_over works")

# %% [markdown]
# ### Exercise: `record`
#
# In the dispatch of 02 there is a place for a recorder, `Function.recorder`. After every operation
# the dispatch calls its method `record(op, inputs, out)`: with the operation, the list of tensors
# that it was applied to, and the result, a new tensor. Write this method. It asks two questions: is
# it `recording`, and does at least one input require a gradient? If both hold, it notes four
# things:
#
# - of the operation: `op.inputs`, the tensors themselves, and `op.out`, the array of the result;
# - of the result: `out.creator`, which is the operation, and `out.requires_grad`, which is True.
#
# Otherwise the result stays as it is, like a leaf that requires no gradient. Two things are given:
# the first line, which notes when the operation ran and the arrays that its rule will get, and a
# method `backward`, which calls the function that you write in the next exercise.
#
# Take `a * b + c` at 2, −3 and 10, where only `a` requires a gradient. The creator of the result is
# an `Add`. Its `inputs` are the product and `c`, and its `out` is 4. The creator of the product is
# a `Multiply` with the inputs `a` and `b`, and −6 as its `out`. Of `b + c` nothing is noted.

# %% [markdown]
# <details><summary>Hint 1: what is asked, and of whom</summary>
#
# `record` is an `if` with two lines below it. Whether it is recording, the recorder itself knows:
# `self.recording`, so that each thread has its own answer. Each input knows whether it requires a
# gradient.
#
# </details>
#
# <details><summary>Hint 2: one of them is enough</summary>
#
# `any(x.requires_grad for x in inputs)` is True if at least one input asks. What is noted of the
# operation is assigned to `op`, the rest to `out`; the array of a tensor is its `data`.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# ```python
# if self.recording and any(...):
#     op.inputs, op.out = inputs, ...
#     out.creator, out.requires_grad = ...
# ```
#
# There is no `else`: a new tensor has no creator and requires no gradient.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "record", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
class Recorder(local):  # every thread has its own
    """Sit in the dispatch, and write down how every result was computed."""

    recording: bool = True

    def record(self, op: Any, inputs: list[Tensor], out: Tensor) -> None:
        """Note on `out` which operation made it, if any input needs a gradient."""
        op.made, op.arrays = next(moments), [x.data for x in inputs]
        ### BEGIN SOLUTION
        if self.recording and True in [x.requires_grad for x in inputs]:
            op.inputs, op.out = inputs, out.data
            out.creator, out.requires_grad = op, True
        ### END SOLUTION

    def backward(self, tensor: Tensor, grad: Any = None) -> None:
        """Go back from a tensor, by the function `backward`; `tensor.backward(grad)` calls this."""
        backward(tensor, grad)


recorder = Function.recorder = Recorder()


# %% nbgrader={"grade": true, "grade_id": "test-record", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from itertools import product as _choices

from grading import check
from tinytorch.layers import Affine as _Affine

_a, _b, _c = check.rng("record").normal(size=(3, 2, 3))
_float32, _whole = np.float32(_b), np.arange(6).reshape(2, 3) + 1


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


def _of(f, arrays, asking):
    """Apply f to arrays, of which some ask for a gradient; return what is noted of the result."""
    inputs = [Tensor(a, a.dtype, requires_grad=ask) for a, ask in zip(arrays, asking, strict=True)]
    out = f(*inputs)
    return {
        "result": out,
        "has a creator": _c * (out.creator is not None),
        "requires a gradient": _c * out.requires_grad,
    }


def _whoever_asks(f, *arrays):
    """Apply f with every choice of inputs that ask; whole numbers never do."""
    may_ask = [(False, True) if array.dtype.kind == "f" else (False,) for array in arrays]
    return {
        f"asking {asking}": lambda asking=asking: _of(f, arrays, asking)
        for asking in _choices(*may_ask)
    }


def _switched(recording):
    """Switch the recorder on or off, return what is noted then, and switch it on again."""
    recorder.recording = recording
    try:
        return _of(lambda a, b: a * b, (_a, _b), (True, True))
    finally:
        recorder.recording = True


# rests on: of the operation: `op.inputs`, the tensors themselves, and `op.out`, the array
# rests on: of the result: `out.creator`, which is the operation, and `out.requires_grad`, which is
#   True
check("what is noted of an operation", _noted)
# rests on: does at least one input require a gradient
# rests on: Otherwise the result stays as it is, like a leaf that requires no gradient.
check("whichever of two inputs asks", _whoever_asks(lambda a, b: a * b, _a, _b))
check("whichever of three inputs asks", _whoever_asks(_Affine.apply, _a, _b, _c[:, 0]))
check("an operation on one input", _whoever_asks(lambda a: -a, _a))
check("inputs of two dtypes", _whoever_asks(lambda a, b: a + b, _a, _float32))
check("inputs of which one holds whole numbers", _whoever_asks(lambda a, b: a + b, _whole, _a))
# rests on: is it `recording`
check("only while it is recording", lambda: [_switched(on) for on in (True, False, True)])
### END HIDDEN TESTS
a, b, c = Tensor(2.0, requires_grad=True), Tensor(-3.0), Tensor(10.0)
out = a * b + c
add = out.creator
assert out.requires_grad, "a * b + c: expected a result that requires a gradient, as a does"
assert isinstance(add, Add), f"the creator of a * b + c: expected an Add, got {add}"
assert add.out == 4, f"the out of that sum: expected 4.0, got {add.out}"
assert add.inputs[1] is c, f"the second input of that sum: expected c itself, got {add.inputs[1]}"
multiply = add.inputs[0].creator
assert isinstance(multiply, Multiply), f"the creator of a * b: expected a Multiply, got {multiply}"
assert multiply.inputs[0] is a, f"its first input: expected a itself, got {multiply.inputs[0]}"
assert multiply.out == -6, f"the out of that product: expected -6.0, got {multiply.out}"
silent = b + c
assert silent.creator is None, f"b + c, where none asks: expected no creator, got {silent.creator}"
assert not silent.requires_grad, "b + c, where none asks: it should require no gradient"
print("record works: a sum of", add.inputs[0].item(), "and", add.inputs[1].item(), "is noted")

# %% [markdown]
# Two helpers are given for the way back, and one that only 07 will call:
#
# - `first_gradient(tensor, grad)` returns the gradient to start from. For a single number that is 1
#   if none is given; for more numbers it has to be given, in their shape.
# - `gradients_of(op, grad)` looks up the rule of an operation and applies it: it takes the gradient
#   of the result, and returns a tuple with a gradient for each input.
# - `mark_changed(tensor)` notes that the numbers of a tensor were changed in place, as a step of 07
#   will change parameters. `gradients_of` refuses an operation that ran before such a change.


# %% nbgrader={"grade": false, "grade_id": "way-back", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["export"]
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


# %% [markdown]
# ### Exercise: `backward`
#
# Write a function `backward(tensor, grad=None)`, like the one in `torch.autograd`. It is what
# `tensor.backward(grad)` calls, by way of the recorder.
#
# 1. A tensor that requires no gradient has no graph: raise a `RuntimeError` that says so.
# 2. Bring what `first_gradient` returns to the tensor, with `hand_over`. For a leaf, that is all.
# 3. Go through the operations in your order. Hand over what `gradients_of` returns, be it 0, huge
#    or NaN, to every input that requires a gradient.
# 4. After each operation, `vars(op).clear()` frees the operation and all it holds.
#
# A dictionary, `waiting`, holds what has arrived for each operation so far. After `loss.backward()`
# every leaf `x` that requires a gradient has it in `x.grad`. For `(a * b + c) * a` at 2, −3 and 10
# these are −2, 4 and 2, as in section 1.

# %% [markdown]
# <details><summary>Hint 1: the order of things</summary>
#
# First what is refused, then the first gradient, then a loop over the operations. A leaf has no
# creator, so it has no operations to go through.
#
# </details>
#
# <details><summary>Hint 2: where it begins</summary>
#
# `waiting` is empty at first, and `hand_over(first_gradient(tensor, grad), tensor, waiting)` brings
# the first gradient to where it belongs. `waiting.pop(op)` takes out what has arrived, when it is
# the turn of `op`.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# ```python
# for op in order:
#     for x, gradient in zip(op.inputs, gradients_of(op, waiting.pop(op)), strict=True):
#         ...
#     vars(op).clear()
# ```
#
# In the inner loop, hand over to each `x` that requires a gradient. Find `order` before all this:
# `in_backward_order(tensor.creator)`, or an empty list for a leaf.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "backward", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
def backward(tensor: Tensor, grad: Any = None) -> None:
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


# %% nbgrader={"grade": true, "grade_id": "test-backward", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_a, _b, _c = check.rng("backward").normal(size=(3, 2, 3))
_stack, _number, _runtime_error = Tensor([_c, -_c]), float(_a[0, 0]), (RuntimeError,)


def _gradients(f, *arrays):
    """Apply f to leaves, go backwards from a random start, return the leaves' gradients."""
    leaves = [Tensor(array, requires_grad=True) for array in arrays]
    out = f(*leaves)
    out.backward(check.rng("start").normal(size=out.shape))
    return [leaf.grad for leaf in leaves]


def _long(step, n):
    """Return the slope of n steps y = step(y, number / n), unless that takes too much time."""

    def slope():
        x = y = Tensor(_b[0, 0], requires_grad=True)
        for _ in range(n):
            y = step(y, _number / n)
        y.backward()
        return x.grad

    return _in_time(1 + n / 10_000, slope)


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


def _sums(a, b):
    return (a * b + b) * a


def _by_the_function(start):
    """Call the function with a result that is a single number; return the leaves' gradients."""
    a, b = Tensor(_a[0, 0], requires_grad=True), Tensor(_b[0, 0], requires_grad=True)
    backward(a * b + b, *start)
    return [a.grad, b.grad]


_graphs = {
    "products and sums": _sums,
    "a tensor that is used twice": lambda a, b: a * a + a * b + a,
    "a short way and a long way": lambda a, b: (y := a * a) + ((y * b) * a) * y,
    "a long way and a short way": lambda a, b: (((y := a * a) * b) * a) * y + (y * y + y),
    "a gradient for several": lambda a, b: (p := a * 2) + (q := b * 3) + p * 5 + q + (q + p),
    "two operations with equal results": lambda a, b: (a + b) * a + (a + b) * b + (b + a),
}
# rests on: turns the gradient of its result, `grad`, into gradients of its inputs
# rests on: only when all that used its result have been, and only once
# rests on: Go through the operations in your order
for _name, _graph in _graphs.items():
    check(_name, lambda graph=_graph: _gradients(graph, _a, _b))
# rests on: how `tensor`, times `grad`, changes with the leaf
# rests on: be it 0, huge or NaN
_wild = np.array([0, -1e-9, 1e9, -1e30, np.inf, -np.inf, np.nan]) * _number
check("gradients that are 0, huge, infinite or NaN", lambda: _started(_wild), atol=0)
check("a gradient of nothing but 0", lambda: [_started(_wild * 0), _started(_wild[:2] * 0)])
check("a gradient of nothing but NaN", lambda: [_started(_wild[-1:]), _started(_wild[1:3])])
check(
    "float64 in full",
    lambda: _gradients(_sums, _a, _b),
    rtol=1e-12,
    atol=1e-14,
)
# rests on: Write a function `backward(tensor, grad=None)`
check(
    "the function itself",
    {
        "with a start": lambda: _by_the_function([_number]),
        "without": lambda: _by_the_function([]),
    },
)
# rests on: the gradient is **added** to `tensor.grad`
check(
    "several backwards add up",
    lambda: _gradients(lambda a, b: (a * b).backward(_c) or a + b, _a, _b),
)
# rests on: brings a gradient to a tensor, with the broadcasting undone
check(
    "broadcasting in a graph",
    lambda: _gradients(lambda a, b: _stack * a + (b + _number) * 3, _a, _b),
)
# rests on: For a leaf, that is all
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
check("a leaf of float32 with one of float64", lambda: _gradients(_sums, np.float32(_a), _b))
# rests on: only when all that used its result have been, and only once
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
backward(y * x + y, [1.0, 1.0])
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


# %% [markdown]
# ## 5. The table of derivatives
#
# Teach the engine all the operations you have ever made: fifteen rules, in six small exercises. You
# check each with `gradcheck`, as people do who write such rules for a living: it nudges every
# number of every input, and compares the gradient it measures with the one that your rules give. It
# begins with uneven gradients of the results, so that one that lands in the wrong place shows. With a
# `name` it prints for each input its first number, the gradient expected there, and the one it got.


# %% nbgrader={"grade": false, "grade_id": "gradcheck", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["export"]
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


# %% [markdown]
# Five rules that have their tricks are given: softmax, log-softmax, power, the linear layer and the
# largest number. Yours are shorter: `Add` and `Multiply` of section 1 show how a rule looks.

# %% nbgrader={"grade": false, "grade_id": "tricky-rules", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["export"]
from tinytorch.activations import LogSoftmax, Softmax
from tinytorch.layers import Affine
from tinytorch.tensor import Amax, Power

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


# %% [markdown]
# Some things hold for all rules. Each multiplies by `grad`: that is the chain rule. Each is the
# formula as it stands, however large or small the numbers are: no clipping, no $+10^{-7}$. And a
# rule changes nothing it is given: not `grad`, which another rule may get as well, not the inputs,
# not `op.out`, which is the result's own array. One line is enough for most, as in section 1.
#
# ### Exercise: arithmetic
#
# Write the rules of `Subtract`, `Divide`, `Negate`, `Exp` and `Log`, for instance
# `rules[Negate] = lambda op, grad, a: ...`.
#
# | result | derivative | |
# |---|---|---|
# | $a - b$ | 1 for $a$, −1 for $b$ | |
# | $a / b$ | $1/b$ for $a$, $-a/b^2$ for $b$ | the result is `op.out` |
# | $-a$ | −1 | |
# | $e^a$ | $e^a$ | which is `op.out` |
# | $\log a$ | $1/a$ | |

# %% [markdown]
# <details><summary>Hint 1: one line each</summary>
#
# Each rule is `grad` times the derivative in the table. An operation with two inputs returns a
# tuple of two arrays.
#
# </details>
#
# <details><summary>Hint 2: use the result</summary>
#
# `op.out` is $a/b$, or $e^a$: so $-a/b^2$ is `-op.out / b`, and no exponential is computed twice.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# ```python
# rules[Negate] = lambda op, grad, a: -grad
# rules[Subtract] = lambda op, grad, a, b: (grad, ...)
# rules[Divide] = lambda op, grad, a, b: (grad / b, ...)
# ```
#
# `Exp` multiplies by `op.out`, and `Log` divides by `a`.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "rules-arithmetic", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
from tinytorch.tensor import Divide, Exp, Log, Negate, Subtract

### BEGIN SOLUTION
rules[Subtract] = lambda op, grad, a, b: (grad, -grad)
rules[Divide] = lambda op, grad, a, b: (grad / b, -grad / b * op.out)
rules[Negate] = lambda op, grad, a: -grad
rules[Exp] = lambda op, grad, a: grad * op.out
rules[Log] = lambda op, grad, a: grad / a
### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-rules-arithmetic", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_rng = check.rng("rules")
_a, _b = _rng.uniform(0.5, 2, size=(2, 3, 4)) * [[1, -1, 1, -1]]
_cube, _stack, _right = _rng.normal(size=(5, 3, 4)), _rng.normal(size=(5, 4, 2)), [3, 0, 2]
_matrix, _vector, _three, _column = _a.T[:, :2], _b[0], _b[:, 0], _b[:, :1]
_positive, _signs = np.abs(_a), np.sign(_a)
_large, _small, _tiny = _a * 1e6, _a * 1e-6, _a * 1e-60  # of both signs
_with_zeros = np.where(_rng.permutation(12).reshape(3, 4) < 4, 0, _a)
_saturated = np.linspace(-19, 19, 12).reshape(3, 4) + _a / 9  # almost 0, almost 1
_probabilities = _positive / 2
_exact = {"rtol": 1e-6, "atol": 1e-13}


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


def _twins(**cases):
    return {name: lambda case=case: _side_by_side(*case) for name, case in cases.items()}


_elementwise = {
    Subtract: {"small": (_cube, _small), "large": (_large, _b)},
    Divide: {
        "0 divided": (_with_zeros, _b),
        "by small numbers": (_b, _small),
        "by tiny numbers": (_b, _tiny),
        "by large numbers": (_b, _large),
    },
    Negate: {"small": (_small,), "large": (_large,), "with 0": (_with_zeros,)},
    Exp: {"near 0": (_cube,), "from -38 to 38": (_saturated * 2,), "tiny": (_tiny,)},
    Log: {"near 1": (_positive,), "tiny": (abs(_tiny),), "large": (abs(_large),)},
}
# rests on: Each is the formula as it stands, however large or small the numbers are: no clipping
for _f, _groups in _elementwise.items():
    check(f"the rule of {_f.__name__}", _slopes(_f.apply, **_groups), **_exact)
# rests on: And a rule changes nothing it is given: not `grad`, which another rule may get as well
check(
    "no rule of arithmetic changes what it is given",
    _twins(
        Subtract=(Subtract.apply, _a, _b),
        Divide=(Divide.apply, _a, _b),
        Negate=(Negate.apply, _a),
        Exp=(Exp.apply, _a),
        Log=(Log.apply, _positive),
    ),
)
# rests on: what broadcasting repeats on the way forward is added up on the way back
check(
    "pairs that were broadcast",
    _slopes(lambda x, y: (x - y) / (x * y), a_row=(_a, _vector), a_column=(_b, _column)),
)
# rests on: $1/b$ for $a$, $-a/b^2$ for $b$
_whole_numbers = Tensor([1, -2, 3, 4], int)
check(
    "divided by whole numbers", _slopes(lambda a: (a - _whole_numbers) / _whole_numbers, all=(_a,))
)
# rests on: Teach the engine all the operations you have ever made
check("powers and roots", _slopes(lambda x, y: x**y + x**3 + 2**y + x.sqrt(), both=(_positive, _b)))
# rests on: a Tensor of the leaf's dtype
check("float32 stays float32", lambda: _gradients(lambda a: -a.exp() / 3 - a, np.float32(_a)))
### END HIDDEN TESTS
x = Tensor([[0.5, 1.5, 2.0], [1.0, 0.3, 3.0]], float, requires_grad=True)
y = Tensor([[2.0, 0.9, 1.0], [-1.5, 0.1, 0.3]], float, requires_grad=True)
gradcheck(lambda x, y: x - y, [x, y], name="x - y")
gradcheck(lambda x, y: x / y, [x, y], name="x / y")
gradcheck(lambda x: -x + -x, [x], name="-x + -x")
gradcheck(lambda x: x.exp(), [x], name="exp(x)")
gradcheck(lambda x: x.log(), [x], name="log(x)")
print("the rules of arithmetic work")

# %% [markdown]
# ### Exercise: activations
#
# Write the rules of `ReLU`, `Sigmoid` and `Tanh`, with their results: the derivative of ReLU is 1
# where the number is positive, else 0; that of a sigmoid $s$ is $s(1-s)$; that of a tanh $t$ is
# $1-t^2$. Where a ReLU lets nothing through, the gradient is 0 even if `grad` is infinite, as a
# product with 0 would not be.
#
# Look at the sigmoid: $s(1-s)$ is never more than ¼. The chain rule multiplies one such factor for
# each layer, so after ten layers less than a millionth of the gradient is left. This **vanishing
# gradient** kept deep networks from learning for twenty years, and is why ReLU is everywhere.

# %% [markdown]
# <details><summary>Hint 1: the result is enough</summary>
#
# All three rules can do with the result, `op.out`: it is 0 where a ReLU lets nothing through, and
# it is $s$ or $t$ for the others.
#
# </details>
#
# <details><summary>Hint 2: choose, do not multiply</summary>
#
# `np.where(condition, x, y)` chooses number by number. For ReLU, choose between 0 and `grad`, so
# that 0 is never multiplied by something infinite.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# ```python
# rules[Sigmoid] = lambda op, grad, a: grad * op.out * ...
# ```
#
# `Tanh` is like it, with $1 - t^2$, and `ReLU` is `np.where(op.out <= 0, 0, ...)`.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "rules-activations", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
from tinytorch.activations import ReLU, Sigmoid, Tanh

### BEGIN SOLUTION
rules[ReLU] = lambda op, grad, a: np.where(op.out <= 0, 0, grad)  # NaN stays NaN
rules[Sigmoid] = lambda op, grad, a: grad * op.out * (1 - op.out)
rules[Tanh] = lambda op, grad, a: grad * (1 - op.out**2)
### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-rules-activations", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check


def _wild_relu():
    """Go back from a ReLU with gradients that are infinite; NaN only where it lets them through."""
    size, inf = abs(_number), np.inf
    x = Tensor([-size, 0, -2, 3, size, 2, 1, -1], float, requires_grad=True)
    ReLU()(x).backward([inf, inf, -inf, inf, -inf, np.nan, size, size])
    return x.grad


_elementwise = {
    ReLU: {"with 0": (_with_zeros,), "small": (_small,), "large": (_large,)},
    Sigmoid: {
        "near 0": (_cube,),
        "almost 0 and 1": (_saturated,),
        "0": (_with_zeros,),
        "far off": (_signs * 800,),
    },
    Tanh: {
        "near 0": (_cube,),
        "almost -1 and 1": (_saturated / 2,),
        "0": (_with_zeros,),
        "far off": (_signs * 800,),
    },
}
# rests on: Each is the formula as it stands, however large or small the numbers are: no clipping
for _f, _groups in _elementwise.items():
    check(f"the rule of {_f.__name__}", _slopes(_f.apply, **_groups), **_exact)
# rests on: Where a ReLU lets nothing through, the gradient is 0 even if `grad` is infinite
check("ReLU of gradients that are infinite or NaN", _wild_relu)
# rests on: And a rule changes nothing it is given: not `grad`, which another rule may get as well
check(
    "no rule of an activation changes what it is given",
    _twins(ReLU=(ReLU(), _a), Sigmoid=(Sigmoid(), _a), Tanh=(Tanh(), _a)),
)
### END HIDDEN TESTS
x = Tensor([[-2.0, 1.5, 0.5], [1.0, -0.5, 3.0]], float, requires_grad=True)
for function in (ReLU(), Sigmoid(), Tanh()):
    gradcheck(function, [x], name=type(function).__name__)
print("the rules of activations work")

# %% [markdown]
# ### Exercise: shapes, sums and picking
#
# Four operations that compute little and move much. Their rules bring each gradient back to where
# its number came from.
#
# - `Reshape`: back to the shape of `a`. `Transpose`: swap the same two axes again, `op.dim0` and
#   `op.dim1`.
# - `Sum` hands its gradient to every number that went into it. `with_axes(grad, op)` puts back the
#   axes that are gone; then broadcast it to the shape of `a`. For `x` of shape `(2, 3)`,
#   `x.sum(axis=0)` and a `grad` of `[1, 2, 3]` that is `[[1, 2, 3], [1, 2, 3]]`.
# - `GetItem` puts the gradient where the numbers came from, and 0 elsewhere. A number picked twice
#   gets both: `np.add.at(whole, op.key, grad)` counts each, `whole[op.key] += grad` only one.

# %% [markdown]
# <details><summary>Hint 1: where from?</summary>
#
# Ask for each number of the result: where in `a` did it come from? There its gradient has to go.
#
# </details>
#
# <details><summary>Hint 2: one line for three</summary>
#
# `grad.reshape(...)` and `grad.swapaxes(...)` are all that the first two need. For `Sum`, adding to
# `np.zeros(a.shape, a.dtype)` broadcasts the gradient, into a new array.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# ```python
# rules[Sum] = lambda op, grad, a: with_axes(grad, op) + ...
# ```
#
# `GetItem` begins with `whole = np.zeros_like(a)`, fills it as the text says, and returns it.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "rules-shapes", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
from tinytorch.tensor import GetItem, Reshape, Sum, Transpose

### BEGIN SOLUTION
rules[Reshape] = lambda op, grad, a: grad.reshape(a.shape)
rules[Transpose] = lambda op, grad, a: grad.swapaxes(op.dim0, op.dim1)
rules[Sum] = lambda op, grad, a: with_axes(grad, op) + np.zeros(a.shape, a.dtype)
### END SOLUTION


@derivative(GetItem)
def getitem_rule(op: Any, grad: Array, a: Array) -> Array:
    """Put the gradient where the numbers came from."""
    ### BEGIN SOLUTION
    whole = np.zeros_like(a)
    np.add.at(whole, op.key, grad)
    return whole
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-rules-shapes", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

# rests on: And a rule changes nothing it is given: not `grad`, which another rule may get as well
check(
    "no rule of shapes changes what it is given",
    _twins(
        Reshape=(lambda x: x.reshape(2, 6), _a),
        Transpose=(lambda x: x.transpose(0, 1), _a),
        Sum=(lambda x: x.sum(0), _a),
        GetItem=(lambda x: x[[0, 2, 0]], _a),
    ),
)
# rests on: bring each gradient back to where its number came from
check("reshape, backwards", _each(lambda a, s: a.reshape(*s), (15, 4), (-1,), (5, 2, 6)))
# rests on: swap the same two axes again, `op.dim0` and `op.dim1`
check("transpose, backwards", _each(lambda a, d: a.transpose(*d), (0, 1), (0, 2), (1, -1)))
# rests on: hands its gradient to every number that went into it
check("the sum of everything, backwards", _each(lambda a, k: a.sum(keepdims=k), True, False))
check("sums along an axis, backwards", _each(lambda a, i: a.sum(i), 0, 1, -1, (0, 2), (-1, 0)))
check("keepdims, backwards", _each(lambda a, i: a.sum(i, keepdims=True), 0, 2, (0, -1)))
check("mean and amax, backwards", _each(lambda a, i: a.mean(i) * a.amax(i), 0, (1, 2), None))
# rests on: what broadcasting repeats on the way forward is added up on the way back
check("results that were broadcast", _each(lambda a, i: a * (a * a).sum(i, True), 0, 2))
# rests on: puts the gradient where the numbers came from, and 0 elsewhere
check("picked parts, backwards", _each(lambda a, k: a[k], 1, slice(1, 3), (0, 1), _cube > 0))
_other_keys = [-2, slice(None, None, -2), (..., 1), (slice(1, 4), [0, 2])]
check("parts picked from the end, or of some axes", _each(lambda a, k: a[k], *_other_keys))
_endless = np.where(_cube > 0.7, np.inf, np.where(_cube < -0.7, np.nan, _cube))
check(
    "sums and parts of infinite numbers",
    {
        "a sum": lambda: _gradients(lambda a: a.sum(1), _endless),
        "the sum of everything": lambda: _gradients(lambda a: a.sum() * 3, _endless),
        "picked parts": lambda: _gradients(lambda a: a[[0, 2, 0]], _endless),
        "reshaped": lambda: _gradients(lambda a: a.reshape(-1).transpose(0, 0), _endless),
    },
)
# rests on: A number picked twice gets both
check(
    "picked twice, backwards",
    _each(lambda a, k: a[k], [2, 0, 2], [4, 0, -1], ([1, 1, 1], [2, 0, 2])),
)
### END HIDDEN TESTS
gradcheck(lambda x: x.reshape(3, 2), [x], name="x.reshape(3, 2)")
gradcheck(lambda x: x.transpose(0, 1), [x], name="x.transpose(0, 1)")
gradcheck(lambda x: x.sum(axis=0), [x], name="x.sum(axis=0)")
gradcheck(lambda x: x[[1, 0, 1]], [x], name="x[[1, 0, 1]]")
print("the rules of shapes work")

# %% [markdown]
# ### Exercise: the product of matrices
#
# This rule takes nearly all of the time of training. Take **matrices**: `a` of shape `(n, k)`, `b` of
# shape `(k, m)`, and `grad` of `(n, m)`. The gradients have to have the shapes of `a` and `b`, and
# only one product of `grad` with the other fits each: `grad @ b.T` and `a.T @ grad`. Write them as
# `gradients_of_matrices(grad, a, b)`. With more axes in front (batches), swap the last two instead
# of `.T`, for a stack of matrices too. For shapes `(2, 3)` and `(3, 4)` you return arrays `(2, 3)`
# and `(3, 4)`. A matrix that meets a whole batch gets a gradient for each member of it: leave them
# side by side, `hand_over` adds them up.

# %% [markdown]
# <details><summary>Hint 1: shapes first</summary>
#
# The gradient of `a` has to have the shape of `a`, `(n, k)`. You have `grad`, which is `(n, m)`,
# and `b.T`, which is `(m, k)`. Which product of the two fits? And which one is `(k, m)`, for `b`?
#
# </details>
#
# <details><summary>Hint 2: the last two axes</summary>
#
# `b.T` reverses all axes. That is right for a matrix; in a batch `(5, k, m)` only the last two may
# change places: `b.swapaxes(-1, -2)`.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# ```python
# return grad @ b.swapaxes(-1, -2), ...
# ```
#
# The other product is made alike, with `a` in front.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "rules-matmul", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
from tinytorch.tensor import MatMul


def gradients_of_matrices(grad: Array, a: Array, b: Array) -> tuple[Array, Array]:
    """Give the gradients of both factors, which are matrices or batches of matrices."""
    ### BEGIN SOLUTION
    return grad @ b.swapaxes(-1, -2), a.swapaxes(-1, -2) @ grad
    ### END SOLUTION


rules[MatMul] = lambda op, grad, a, b: gradients_of_matrices(grad, a, b)


# %% nbgrader={"grade": true, "grade_id": "test-rules-matmul", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

# rests on: And a rule changes nothing it is given: not `grad`, which another rule may get as well
check("the rule of MatMul changes nothing", _twins(matrices=(MatMul.apply, _a, _matrix)))
# rests on: only one product of `grad` with the other fits each: `grad @ b.T` and `a.T @ grad`
_matrices = {"wide": (_a, _matrix), "high": (_matrix.T, _a.T)}
check("matrix @ matrix, backwards", _slopes(lambda a, b: a @ b, **_matrices))
# rests on: With more axes in front (batches), swap the last two instead of `.T`, for a stack of
#   matrices too.
_four = np.stack([_cube, _cube[::-1] * 2])
_batches = {"five": (_cube, _stack), "one": (_cube[:1], _stack), "two of five": (_four, _stack)}
check("batch @ batch, backwards", _slopes(lambda a, b: a @ b, **_batches))
_mixed = {"batch first": (_cube, _matrix), "last": (_a, _stack), "four axes": (_four, _matrix)}
check("batch @ matrix, backwards", _slopes(lambda a, b: a @ b, **_mixed))
# rests on: a Tensor of the leaf's dtype
check("products of float32", lambda: _gradients(lambda a: a @ a.T, np.float32(_a)))
### END HIDDEN TESTS
cube = Tensor(np.sin(np.arange(12)).reshape(2, 2, 3), float, requires_grad=True)
for factors in (((2, 3), (3, 4)), ((5, 2, 3), (3, 4))):
    a, b = (np.ones(shape) for shape in factors)
    got = gradients_of_matrices(a @ b, a, b)[0].shape
    assert got == a.shape, f"factors {a.shape} and {b.shape}: expected {a.shape}, got {got}"
gradcheck(lambda x, y: x @ y.T, [x, y], name="matrix @ matrix")
gradcheck(lambda cube, x: cube @ x.T, [cube, x], name="batch @ matrix")
print("products of matrices work")

# %% [markdown]
# ### Exercise: vectors in a product
#
# A factor may be a vector, too. Write `matmul_rule(op, grad, a, b)`, which deals with vectors and
# leaves everything else to `gradients_of_matrices`. Look at `b` first: that covers two vectors.
#
# - A vector `b`: each result is a row of `a` times `b`, added up. So the gradient of each row of
#   `a` is its number of `grad` times `b`. For `b` each row gives its number of `grad` times that
#   row; return all of these, `hand_over` adds them up. For `[[1, 2], [3, 4]] @ [5, 6]` and a `grad`
#   of `[1, 10]`, that of `a` is `[[5, 6], [50, 60]]`.
# - A vector `a` is a matrix of one row: give it that axis, and `grad` as well.

# %% [markdown]
# <details><summary>Hint 1: shapes first</summary>
#
# For a matrix `(n, k)` and a vector `(k,)`, `grad` has the shape `(n,)`. You need a gradient `(n,
# k)` for the matrix, and for the vector one that can be added up to `(k,)`.
#
# </details>
#
# <details><summary>Hint 2: one more axis</summary>
#
# `grad[..., None]` has an axis more, at the end: `(n, 1)`. Times `b` that is `(n, k)`, and times
# `a` as well; `undo_broadcast` adds the rows of the second up.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# ```python
# if b.ndim == 1:
#     return grad[..., None] * b, ...
# if a.ndim == 1:
#     a, grad = a[None, :], ...
# ```
#
# In the second case `grad` lacks the axis before the last: `grad[..., None, :]`. Then
# `gradients_of_matrices` does the rest.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "rules-matmul-vectors", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
@derivative(MatMul)
def matmul_rule(op: Any, grad: Array, a: Array, b: Array) -> tuple[Array, Array]:
    """Give the gradients of both factors, which may be vectors, matrices or batches."""
    ### BEGIN SOLUTION
    if b.ndim == 1:
        return grad[..., None] * b, grad[..., None] * a
    if a.ndim == 1:
        a, grad = a[None, :], grad[..., None, :]
    return gradients_of_matrices(grad, a, b)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-rules-matmul-vectors", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

# rests on: And a rule changes nothing it is given: not `grad`, which another rule may get as well
check(
    "the rule of MatMul changes nothing it is given",
    _twins(matrices=(MatMul.apply, _a, _matrix), vector=(MatMul.apply, _a, _vector)),
)
# rests on: each result is a row of `a` times `b`, added up
# rests on: A vector `a` is a matrix of one row: give it that axis, and `grad` as well.
_products = {
    "vectors in a product, backwards": {
        "matrix @ vector": (_a, _vector),
        "vector @ matrix": (_three, _a),
        "vector @ vector": (_vector, _vector * 2),
    },
    "vectors and batches, backwards": {
        "first": (_cube, _vector),
        "last": (_three, _cube),
        "four axes": (_four, _vector),
    },
    # rests on: which deals with vectors and leaves everything else to `gradients_of_matrices`
    "matrices and batches as before": {**_matrices, **_batches, **_mixed},
}
for _name, _groups in _products.items():
    check(_name, _slopes(lambda a, b: a @ b, **_groups))
### END HIDDEN TESTS
gradcheck(lambda x, y: x @ y[0], [x, y], name="matrix @ vector")
gradcheck(lambda x, y: x[0] @ y.T, [x, y], name="vector @ matrix")
gradcheck(lambda cube, y: cube @ y[0], [cube, y], name="batch @ vector")
gradcheck(lambda x, y: x[0] @ y[1], [x, y], name="vector @ vector")
gradcheck(lambda x, y: x @ y.T, [x, y], name="matrix @ matrix")
print("the rule of MatMul works")

# %% [markdown]
# ### Exercise: losses
#
# - `BinaryCrossEntropy`: the derivative is $\sigma(a)-t$ for the logit $a$, and $-a$ for the target
#   $t$. `Sigmoid().forward(a)` computes $\sigma$ so that nothing overflows.
# - `CrossEntropy`: the probabilities of a sample, minus 1 at `op.right`, all times the sample's
#   `grad`. `grad` has one number for each sample: give it a last axis. `op.log_probabilities` were
#   kept by your `forward` of 05 and have the shape of the scores; `op.right` is the option that it
#   got, and `scores[op.right]` are the right ones. Of probabilities 0.2, 0.7, 0.1 with the second
#   class right, that is 0.2, −0.3, 0.1: the right score is pushed up, the others down.
#
# Both come out as "what the network said, minus what was right". That is no accident: these losses
# were chosen so that it is.

# %% [markdown]
# <details><summary>Hint 1: how many inputs?</summary>
#
# `BinaryCrossEntropy` has two inputs, so its rule returns two arrays. `CrossEntropy` has one: the
# scores.
#
# </details>
#
# <details><summary>Hint 2: probabilities again</summary>
#
# `np.exp(op.log_probabilities)` makes new arrays of probabilities, which you may change. A sample
# has one gradient for all its classes: `grad[..., None]` is that gradient with an axis for them.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# ```python
# slope = np.exp(op.log_probabilities)
# slope[op.right] -= 1
# ```
#
# Return it times the gradient with its new axis. The other rule is
# `(grad * (Sigmoid().forward(a) - t), ...)`.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "rules-losses", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
from tinytorch.losses import BinaryCrossEntropy, CrossEntropy

### BEGIN SOLUTION
rules[BinaryCrossEntropy] = lambda op, grad, a, t: (grad * (Sigmoid().forward(a) - t), -grad * a)
### END SOLUTION


@derivative(CrossEntropy)
def cross_entropy_rule(op: Any, grad: Array, scores: Array) -> Array:
    """Give each sample's probabilities, minus 1 at the right class, times its gradient."""
    ### BEGIN SOLUTION
    slope = np.exp(op.log_probabilities)
    slope[op.right] -= 1
    return slope * grad[..., None]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-rules-losses", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check


def _log_probabilities():
    """Go back through a cross-entropy; return the log-probabilities that its operation had."""
    loss = cross_entropy(Tensor(_a, requires_grad=True), _right, "none")
    kept = loss.creator.log_probabilities
    loss.backward(_vector[:3])
    return kept


_logits = {
    "near 0": (_b, _probabilities),
    "almost sure": (_saturated * 1.3, (_signs + 1) / 2),
    "far from 0": (_signs * 800, _probabilities),
}
# rests on: Each is the formula as it stands, however large or small the numbers are: no clipping
# rests on: the derivative is $\sigma(a)-t$ for the logit $a$, and $-a$ for the target $t$
check("the rule of BinaryCrossEntropy", _slopes(BinaryCrossEntropy.apply, **_logits), **_exact)
# rests on: And a rule changes nothing it is given: not `grad`, which another rule may get as well
check(
    "no rule of a loss changes what it is given",
    _twins(
        BinaryCrossEntropy=(BinaryCrossEntropy.apply, _a, _b),
        CrossEntropy=(lambda x: cross_entropy(x, _right, "none"), _a),
    ),
)
check("the log-probabilities stay as they were", _log_probabilities)
# rests on: the probabilities of a sample, minus 1 at `op.right`, all times the sample's `grad`
check(
    "cross-entropy, backwards",
    _slopes(
        lambda s: cross_entropy(s, np.array(_right) % s.shape[1], "none"),
        near=(_a,),
        sure=(_a * 20,),
        surer=(_a * 900,),
        as_many_classes_as_samples=(_b[:, :3],),
    ),
    **_exact,
)
check("cross-entropy of one sample", _slopes(lambda s: cross_entropy(s, 2) * 3, one=(_vector,)))
### END HIDDEN TESTS
gradcheck(BCEWithLogitsLoss(), [x, y], name="binary cross-entropy")
gradcheck(lambda x: cross_entropy(x, [2, 0]), [x], name="cross-entropy")
print("all rules agree with measured gradients")

# %% [markdown]
# ## 6. Exercise: `no_grad`
#
# To predict needs no graph, and recording costs time and memory. Inside `with no_grad():` nothing
# is recorded. Write it: remember `recorder.recording`, switch it off, `yield` (now the indented
# block runs), and put back what it was, even if the block ends with an error, or is stopped. Then
# one may stand inside another. `@contextmanager` makes it a block; the given `Switch` also lets
# `@no_grad()` stand over a function.


# %% nbgrader={"grade": false, "grade_id": "switch", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["export"]
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


# %% [markdown]
# <details><summary>Hint 1: before and behind</summary>
#
# What stands before `yield` runs when the block begins; what stands behind it runs when the block
# ends.
#
# </details>
#
# <details><summary>Hint 2: inside another, or an error</summary>
#
# Inside another `no_grad`, `recorder.recording` is False already: so keep what it was. An error in
# the block comes out of the `yield`, and `try` with `finally` does its last part all the same.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# ```python
# before = recorder.recording
# recorder.recording = False
# try:
#     yield
# ...
# ```
#
# What is left puts `before` back, whatever happened.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "no-grad", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
@switch
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
from threading import Thread as _Thread

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


def _interrupted():
    """Interrupt a block, as from the keyboard; return what is recorded after it."""
    try:
        with no_grad():
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        return _recorded()


def _elsewhere():
    """Return what another thread records while no_grad holds in this one."""
    found = []
    with no_grad():
        other = _Thread(target=lambda: found.append(_recorded()))
        other.start()
        other.join()
    return [*found, _recorded()]


def _calls_itself():
    @no_grad()
    def recorded(depth):
        return [_recorded(), *(recorded(depth - 1) if depth else []), _recorded()]

    return [*recorded(2), _recorded()]


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
# rests on: even if the block ends with an error, or is stopped
check("recording goes on after an interrupt", lambda: [_interrupted(), _inside(_recorded)])
# rests on: every thread has its own
check("other threads record as before", _elsewhere)
# rests on: Then one may stand inside another.
check(
    "one inside the other",
    lambda: [_inside(lambda: [_inside(_recorded), _recorded()]), _recorded()],
)
# rests on: or in a function under `@no_grad()`
check("a function under @no_grad()", _decorated)
check("a function under @no_grad() that calls itself", _calls_itself)
recorder.recording = True
### END HIDDEN TESTS
x = Tensor([1.0, 2.0], requires_grad=True)
with no_grad():
    assert not (x * 2).requires_grad, "inside no_grad the result should not require a gradient"
assert (x * 2).requires_grad, "after no_grad, results should be recorded again"
try:
    with no_grad():
        x.reshape(3)  # two numbers are not three: the block ends with an error
except ValueError:
    pass
assert (x * 2).requires_grad, "after an error inside, results should be recorded again"
print("no_grad works")

# %% [markdown]
# ## 7. Milestone: XOR
#
# *Exactly one of two switches is on.* Here are points around the four corners, and the loop that
# learns, **gradient descent**: clear the gradients, compute the loss, go backwards, take a step
# downhill. One round is an **iteration**, and how far it steps along the gradients is set by the
# **learning rate**, `lr`. You write nothing here: it is your engine that runs.


# %% nbgrader={"grade": false, "grade_id": "xor", "locked": true, "schema_version": 3, "solution": false, "task": false}
def corners(rng: np.random.Generator, n: int) -> tuple[Tensor, Tensor]:
    """Return n points around each corner (4n, 2), and whether exactly one is on (4n, 1)."""
    offsets = rng.uniform(-0.2, 0.2, size=(n, 1, 2))  # the same around all four
    points = offsets + np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    return Tensor(points.reshape(-1, 2), np.float32), Tensor([[0], [1], [1], [0]] * n)


def train(
    model: Any, x: Tensor, target: Tensor, iterations: int = 400, lr: float = 0.5
) -> list[float]:
    """Let a model learn, and return its losses on the way."""
    losses = []
    for _ in range(iterations):
        for parameter in model.parameters():
            parameter.grad = None
        loss = BCEWithLogitsLoss()(model(x), target)
        loss.backward()
        for parameter in model.parameters():
            parameter.data -= lr * parameter.grad.data
        losses.append(loss.item())
    return losses


def accuracy(model: Any, x: Tensor, target: Tensor) -> float:
    """Return the share of points that the model classifies correctly."""
    with no_grad():
        return ((model(x).numpy() > 0) == target.numpy()).mean()


# %% nbgrader={"grade": true, "grade_id": "test-xor", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check
from tinytorch.layers import MLP as _MLP  # whatever the name MLP stands for by now
from tinytorch.layers import Module as _Module

_rng = check.rng("xor")
_points, _seeds = _rng.permutation(corners(_rng, 25)[0].data), _rng.integers(10_000, size=4)


def _affine(x, layer):
    return x @ layer.weight.data.T + layer.bias.data


def _started(seed, iterations):
    """Train a fresh network for some iterations; return its losses and the network."""
    rng, model = manual_seed(seed), _MLP([2, 16, 1])
    return train(model, *corners(rng, 12), iterations=iterations), model


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


# rests on: Now you compute the gradient of all of them in one walk through the computation,
#   backwards.
check("the gradients of a whole network", _whole, dtype=False)
# rests on: clear the gradients, compute the loss, go backwards, take a step downhill
check("the first steps towards XOR", _starts(_first_steps), rtol=1e-3, atol=1e-4, dtype=False)
check("XOR is learned", _starts(_says_yes))
### END HIDDEN TESTS
x, target = corners(manual_seed(1), 12)
network = MLP([2, 16, 1])
before, losses = accuracy(network, x, target), train(network, x, target)
after = accuracy(network, x, target)
assert losses[-1] < 0.1, f"the loss should fall below 0.1, it is {losses[-1]:.3f}"
assert after == 1, f"all points should be right, {after:.1%} are"
print(f"XOR: {before:.0%} right before, {after:.0%} right after training")

# %% [markdown]
# ## See it work
#
# Ten networks with a hidden layer and ten linear models, each from other starting values: on the
# left how their losses fall. Then the probability of "exactly one" over the plane, before and after
# training. The black line is the **decision boundary**, where it is one half; before training it lies
# outside the picture.

# %%
figure, ((curves, *first), others) = plt.subplots(2, 2, figsize=(6.5, 5), layout="constrained")
new_x, new_target = corners(manual_seed(0), 100)
for sizes, color, style in (([2, 16, 1], "tab:blue", "-"), ([2, 1], "tab:orange", "--")):
    found = []
    for seed in range(10):
        points, targets = corners(manual_seed(seed), 12)
        model = MLP(sizes)
        losses = train(model, points, targets)
        label = None if seed else str(sizes)
        curves.plot(losses, style, color=color, linewidth=0.8, label=label)
        found.append(accuracy(model, new_x, new_target))
    print(f"MLP({sizes}): {min(found):.1%} to {max(found):.1%} of the new points right")
curves.set(yscale="log", xlabel="iteration", title="loss, 10 starts each")
curves.legend(fontsize=8)
_, fresh, side = manual_seed(1), MLP([2, 16, 1]), np.linspace(-0.5, 1.5, 80)
grid = np.stack(np.meshgrid(side, side), axis=-1, dtype=np.float32).reshape(-1, 2)
shown = {"before": (fresh, x), "after": (network, x), "linear": (model, points)}
on = target.numpy()[:, 0] == 1
for panel, (title, (model, seen)) in zip([*first, *others], shown.items(), strict=True):
    with no_grad():
        yes = Sigmoid()(model(grid)).numpy().reshape(80, 80)
    panel.contourf(side, side, yes, levels=np.linspace(0, 1, 11), cmap="PuOr_r", alpha=0.4)
    panel.contour(side, side, yes, levels=[0.5], colors="black")
    for chosen, marker in ((on, "o"), (~on, "x")):
        panel.scatter(*seen.numpy()[chosen].T, color="black", marker=marker, s=10, linewidth=0.8)
    panel.set(title=title, xticks=[0, 1], yticks=[0, 1])
tinytorch.show(
    figure,
    "Four panels. The losses of ten networks with a hidden layer fall to nearly 0; those of ten "
    "linear models stay at 0.69. Before training no decision boundary is near the points; after "
    "it, two lines cut off the corners where exactly one switch is on. The linear model has one.",
)

# %% [markdown]
# Why does the linear model fail? Its score $s$ is a weighted sum plus a bias, so $s(0,0) + s(1,1) =
# s(0,1) + s(1,0)$. XOR wants the left side negative and the right side positive: impossible. Of
# four points that lie in the same place around their corners at least one is wrong, so no line is
# right for more than 75 %. The best it learns is "fifty-fifty" for all, and its loss ends at $\log
# 2 = 0.693$. In 1969 Minsky and Papert proved this and more of networks with one layer, and the
# field went quiet for years. What was missing was a nonlinearity between two layers, and a way to
# learn the weights below it. You have built both.
#
# ## What it costs
#
# Backpropagation buys all gradients for the price of a few forward passes. How many exactly, and
# what does it hold in memory meanwhile? Measured on the MLP for digits:

# %%
import time


def held(loss: Tensor) -> int:
    """Return the bytes of all arrays that a graph keeps for the way back."""
    arrays = {}
    for op in in_backward_order(loss.creator):
        for kept in (*vars(op).values(), *[x.data for x in op.inputs]):
            if isinstance(kept, np.ndarray):
                own = kept if kept.base is None else kept.base
                arrays[id(own)] = own.nbytes
    return sum(arrays.values())


def seconds(*works: Any, times: int = 30) -> list[float]:
    """Return for each work the shortest of several durations, measured in turn."""
    durations = [float("inf")] * len(works)
    for _ in range(times):
        for i, work in enumerate(works):
            begun = time.perf_counter()
            work()
            durations[i] = min(durations[i], time.perf_counter() - begun)
    return durations


def forward(n: int) -> Tensor:
    """Return the loss of n images."""
    return cross_entropy(mlp(images[:n]), labels[:n])


parameters = sum(parameter.data.nbytes for parameter in mlp.parameters())
sizes, n = [1, 10, 100, 1000], 100
graphs = [held(forward(size)) - parameters - images[:size].nbytes for size in sizes]
predicting, recording, training = seconds(
    no_grad()(lambda: forward(n)), lambda: forward(n), lambda: forward(n).backward()
)
print(f"predict {1e3 * predicting:.2f} ms, forward and backward {1e3 * training:.2f} ms")
print(f"that is {training / predicting:.1f} times as long, for {parameters // 4:,} gradients")
flops = 2 * n * (784 * 64 + 64 * 10)
print(f"a forward pass is {flops / 1e6:.0f} MFLOP, {flops / predicting / 1e9:.1f} GFLOP a second")

figure, (left, right) = plt.subplots(1, 2, figsize=(8, 2.5), layout="constrained")
names = ["predict", "forward,\nrecorded", "forward and\nbackward"]
left.barh(names[::-1], [1e3 * training, 1e3 * recording, 1e3 * predicting], color="tab:blue")
left.set(xlabel="ms for 100 images", title="time")
right.plot(sizes, [graph / 1e3 for graph in graphs], "o-", label="graph")
right.plot(sizes, [parameters / 1e3] * 4, "s--", color="tab:orange", label="all gradients")
right.set(xscale="log", yscale="log", xlabel="images at once", ylabel="kB", title="memory")
right.legend(fontsize=8)
tinytorch.show(
    figure,
    f"Two panels. Forward and backward take {training / predicting:.1f} times as long as a "
    "prediction. All gradients together take the same memory however many images there are, and "
    "as much as the parameters; what the graph holds grows with the images, and soon it is more.",
)

# %% [markdown]
# For each product of the forward pass the backward pass has two, `grad @ b.T` and `a.T @ grad`. Only
# the first layer has one, since images need no gradient. Nearly all of this network is its first
# layer, so a training step is a little more than twice the arithmetic of a prediction; in a deep
# network it is nearly three times. How many times as long it takes, the cell has printed: that
# depends on the machine, too, and on what else runs on it: below one, something else was running, so
# run the cell again. And the graph keeps every result until its rule has used it (the images, which
# are there anyway, are left out of the curve). In large networks it is these *activations* that fill
# a graphics card, more than the parameters.
#
# ## In the real world
#
# `loss.backward()`, `tensor.grad`, `torch.no_grad()`: PyTorch works as yours does. Your `creator`
# is its `grad_fn`; a `torch.autograd.Function` has its rule, `backward`, beside its `forward`; the
# graph is freed as well, unless you say `retain_graph=True`; `torch.autograd.gradcheck` is yours.
#
# Seppo Linnainmaa described reverse mode in his master's thesis of 1970, to follow rounding errors,
# without a network in sight. It was found again several times, until in 1986 it trained hidden
# layers, and XOR was among the first things that they learned. To read on:
#
# - D. Rumelhart, G. Hinton, R. Williams: *Learning representations by back-propagating errors*.
#   Nature 323, 1986. Four pages that began it.
# - A. Baydin, B. Pearlmutter, A. Radul, J. Siskind: *Automatic differentiation in machine learning: a
#   survey*. Journal of Machine Learning Research 18, 2018.
#
# ## Think
#
# A weight of a Linear layer is used for each of 32 samples in a batch, and its gradient is one number.
# Where do the 32 contributions to a weight meet? And those to a bias? Which computation of this
# notebook would go wrong if `hand_over` replaced instead of added? And why must the loop clear the
# gradients before each step?

# %% [markdown] nbgrader={"grade": true, "grade_id": "think", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# (2 points) Those to a weight meet in the rule: `rows.T @ x`, as in `a.T @ grad`, adds up over the
# samples. Those to a bias, which is broadcast to 32 rows, meet in `undo_broadcast`. One point each.
#
# (1 point) Whatever is used by several operations: for `a` in `(a * b + c) * a` only one of 4 and −6
# would be left, and of `x³ + x²` one power. (The MLP uses each weight in one operation only, so there
# nothing would change.)
#
# (1 point) The adding goes on from one backward to the next. Without clearing, a step would follow
# the sum of all gradients so far, most of them measured at parameters that have long been left.
# ### END SOLUTION

# %% [markdown]
# ## Next: what do we do with them?
#
# The gradient of the first cell again, and 50,889 others, in one walk:

# %%
for parameter in mlp.parameters():
    parameter.grad = None
cross_entropy(mlp(images[:100]), labels[:100]).backward()
print(f"the gradient of that parameter: {bias.grad.numpy()[7]:.4f}")
print("gradients:", [parameter.grad.shape for parameter in mlp.parameters()])

# %% [markdown]
# Now we have gradients: what do we do with them? The loop says `data -= lr * grad`, and its
# learning rate of 0.5 and its 400 iterations were found by trying. How far to step, what to do in a
# narrow valley, what to remember of the steps before? That is an **optimizer**, and yours will
# learn digits: assignment 07.
#
# Keep what you wrote: save the notebook and run the last cell. It adds a module to your framework.

# %%
import tinytorch

tinytorch.export_mine("06_autograd")
