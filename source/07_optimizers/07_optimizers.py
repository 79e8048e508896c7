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
# # 07 · Optimizers
#
# ## Where we are
#
# Backpropagation goes back through the graph in topological order, and gives every parameter its
# gradient. Gradient descent then changes each parameter a little against its gradient, and the code
# that does so is an **optimizer**. Today you write two, `SGD` and `Adam`. Then your MLP of 04
# learns to read, one digit at a time.
#
# You use `tinytorch.autograd`, the work of assignment 06. Plan about two hours.
#
# `tinytorch.check()` in a cell of its own lists what this notebook will be graded by, and what its
# visible tests say so far.

# %%
import tinytorch

tinytorch.use_mine(False)  # True: build on the modules that you exported from earlier notebooks

# %%
import matplotlib.pyplot as plt
from tinytorch.activations import ReLU
from tinytorch.autograd import no_grad
from tinytorch.layers import MLP, Dropout, Flatten, Linear, Sequential
from tinytorch.losses import MSELoss, cross_entropy
from tinytorch.setup import load_digits, manual_seed

images, labels = load_digits()
manual_seed(0)
mlp = MLP([784, 64, 10])
loss = cross_entropy(mlp(images[0]), labels[0])
loss.backward()
print("gradients:", [parameter.grad.shape for parameter in mlp.parameters()])
for parameter in mlp.parameters():
    parameter.data -= 0.01 * parameter.grad.data
after = cross_entropy(mlp(images[0]), labels[0])
print(f"one step against them: the loss was {loss.item():.3f} and is {after.item():.3f}")

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["export"]
from collections.abc import Iterable
from typing import Any

import numpy as np
from tinytorch.autograd import mark_changed
from tinytorch.tensor import Tensor

# %% [markdown]
# ## 1. What all optimizers share
#
# Training is one loop: **forget** the old gradients, go **back** from the loss, take a **step**.
# The loop stays, whatever the step looks like. So a base class does it, and leaves one
# method to its subclasses: `update(values, grad, state)` changes the values of one parameter in
# place. `state` is a dictionary of that parameter's own, empty at first, to remember things in.
#
# ### Exercise: `Optimizer`
#
# Write the three methods.
#
# - `__init__` keeps `parameters` as a **list**, in their order (`model.parameters()` can be gone
#   through only once), `lr`, and `states`: one dictionary for **each** parameter. No parameters at
#   all, or a negative `lr`, is a `ValueError`. (The given `require_leaves` refuses what cannot learn.)
# - `zero_grad` sets every `grad` to `None`, and leaves the arrays alone.
# - `step` calls `update` with the arrays: `parameter.data`, `parameter.grad.data` and the state. A
#   parameter without a gradient is left alone. After an update call `mark_changed(parameter)` of 06:
#   going back through a graph from before the step is then a `RuntimeError`, not a wrong number.
#   `step(loss)` does all three at once: `zero_grad`, `backward`, and the step. What it stepped by is
#   in `grad` until the next one.


# %% nbgrader={"grade": false, "grade_id": "helpers", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["export"]
def require_leaves(parameters: list[Any]) -> None:
    """Raise a TypeError or ValueError unless each is a tensor that no operation made, and once."""
    for parameter in parameters:
        if not isinstance(parameter, Tensor):
            raise TypeError(f"an optimizer changes Tensors, got {type(parameter).__name__}")
        if parameter.creator is not None:
            raise ValueError("an operation made this tensor: pass [weight], or model.parameters()")
    if len({id(parameter) for parameter in parameters}) < len(parameters):
        raise ValueError("a parameter is there twice and would take two steps at once")


def require_at_least_0(**numbers: float) -> None:
    """Raise a ValueError that names the first of the settings that is negative, or NaN."""
    for name, number in numbers.items():
        if not number >= 0:
            raise ValueError(f"{name} has to be 0 or more, got {number}")


# %% [markdown]
# <details><summary>Hint 1: no step in it</summary>
#
# None of the three methods knows how a step is computed. They keep lists, forget gradients, and
# call `update`.
#
# </details>
#
# <details><summary>Hint 2: lists of their own</summary>
#
# `list(parameters)` keeps them all. `[{} for _ in self.parameters]` makes a dictionary for each;
# `[{}] * n` would be one and the same dictionary n times.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# ```python
# for parameter, state in zip(self.parameters, self.states, strict=True):
#     if parameter.grad is not None:
#         ...
# ```
#
# Two calls belong there: `self.update(...)` with the two arrays and the state, and then
# `mark_changed(parameter)`. With a loss, `zero_grad` and `loss.backward()` come before the loop.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "optimizer", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
class Optimizer:
    """Change parameters by their gradients: `zero_grad()`, `loss.backward()`, `step()`."""

    def __init__(self, parameters: Iterable[Tensor], lr: float) -> None:
        """Keep the parameters and, for each of them, what must be remembered between steps."""
        ### BEGIN SOLUTION
        self.parameters = list(parameters)
        if not self.parameters:
            raise ValueError("there are no parameters to optimize: pass model.parameters()")
        if not lr >= 0:
            raise ValueError(f"a negative learning rate goes uphill: expected 0 or more, got {lr}")
        self.lr = lr
        self.states: list[dict[str, Any]] = [{} for _ in self.parameters]
        ### END SOLUTION
        require_leaves(self.parameters)

    def zero_grad(self) -> None:
        """Forget all gradients, so that the next backward starts afresh."""
        ### BEGIN SOLUTION
        for parameter in self.parameters:
            parameter.grad = None
        ### END SOLUTION

    def step(self, loss: Tensor | None = None) -> None:
        """Update every parameter that has a gradient; with a loss, compute the gradients first."""
        ### BEGIN SOLUTION
        if loss is not None:
            self.zero_grad()
            loss.backward()
        for parameter, state in zip(self.parameters, self.states, strict=True):
            if parameter.grad is not None:
                self.update(parameter.data, parameter.grad.data, state)
                mark_changed(parameter)
        ### END SOLUTION

    def update(self, values: np.ndarray, grad: np.ndarray, state: dict[str, Any]) -> None:
        """Change the values of one parameter in place, and leave its gradient as it is."""
        raise NotImplementedError(f"{type(self).__name__} has no update yet")


# %% nbgrader={"grade": true, "grade_id": "test-optimizer", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_rng = check.rng("optimizer")
_arrays, _lr = _rng.normal(size=(3, 2, 4)), float(_rng.uniform(0.1, 0.4))


class _Counting(Optimizer):
    """In its n-th step, subtract n * lr * gradient."""

    def update(self, values, grad, state):
        state["steps"] = state.get("steps", 0) + 1
        values -= self.lr * state["steps"] * grad


def _three():
    return [Tensor(array, requires_grad=True) for array in _arrays]


def _after(*losses, way="by hand", shares=(1, 1, 1)):
    """Take a step for each loss of x, y, z; return the three.

    The ways: "by hand" (zero_grad, backward, step), "adding up" (no zero_grad), "one line"
    (step(loss)), and "late line" (backward before, then step(loss)).
    """
    leaves = _three()
    optimizer = _Counting(iter(leaves), lr=_lr)
    for loss, share in zip(losses, shares, strict=False):
        optimizer.lr = _lr * share
        if way == "by hand":
            optimizer.zero_grad()
        if way != "one line":
            (loss(*leaves) * share).backward()
        optimizer.step(loss(*leaves) if "line" in way else None)
    return leaves


def _made(count, lr):
    """Make an optimizer for some parameters, take a step, return them."""
    leaves = _three()[:count]
    _Counting((leaf for leaf in leaves), lr=lr).step(sum(leaf.sum() for leaf in leaves))
    return leaves


def _forgotten():
    """Return the gradients after zero_grad, some of them having been 0 or missing."""
    leaves = x, y, _ = _three()
    (x * 0.0 + y * 2.0).sum().backward()
    arrays = [x.grad.data, y.grad.data]
    before = [arrays[0] + 0, arrays[1] + _arrays[0]]
    _Counting(leaves, lr=_lr).zero_grad()
    return {"before": before, "after": [leaf.grad for leaf in leaves], "their arrays": arrays}


def _still_there():
    """Return the gradients after each of two steps with a loss."""
    leaves, found = _three(), []
    optimizer = _Counting(leaves, lr=_lr)
    for loss in _some[:2]:
        optimizer.step(loss(*leaves))
        found.append([None if leaf.grad is None else leaf.grad.data + 0 for leaf in leaves])
    return found


def _replaced():
    """Take a step, put another array into a parameter, take another step."""
    x, y, _ = leaves = _three()
    optimizer = _Counting(leaves, lr=_lr)
    for _ in range(2):
        optimizer.step((x * y).sum())
        x.data = x.data * 3 + _lr
    return leaves


def _no_gradients():
    """Take a step before there is any gradient, and one with them."""
    leaves = _three()
    optimizer = _Counting(leaves, lr=_lr)
    optimizer.step()
    before = [leaf.data + 0 for leaf in leaves]
    optimizer.step(sum(leaf.sum() for leaf in leaves))
    return [before, leaves]


def _from_before(steps, share=1):
    """Compute a product, take steps, and go back from the product."""
    x, y, _ = leaves = _three()
    optimizer, product = _Counting(leaves, lr=_lr * share), (x * y).sum()
    for _ in range(steps):
        optimizer.step((x * y).sum())
    optimizer.zero_grad()
    product.backward()
    return [x.grad, y.grad]


def _left_alone(alone):
    """Take a step in which z takes part or not, and go back from an older product of z."""
    x, _, z = leaves = _three()
    optimizer, older = _Counting(leaves, lr=_lr), (z * z).sum()
    optimizer.step(x.sum() if alone else (x * z).sum())
    older.backward()
    return z.grad


def _kept():
    """Return what an optimizer of three parameters of different size keeps."""
    leaves = [Tensor(array, requires_grad=True) for array in (_arrays[0], _lr, _arrays[1, 0])]
    optimizer = _Counting((leaf for leaf in leaves), lr=_lr)
    return {
        "parameters": optimizer.parameters,
        "kind": type(optimizer.parameters).__name__,
        "lr": optimizer.lr,
    }


_all = [lambda x, y, z: (x * y * z).sum()] * 3
_some = [lambda x, y, z: (x * z).sum(), lambda x, y, z: (x * y).sum(), lambda x, y, z: y.sum()]
# rests on: keeps `parameters` as a list, in their order
# rests on: `states`: one dictionary for each parameter
check("it keeps the parameters as a list, in order", _kept)
check("every parameter has a memory of its own", lambda: _after(*_some, *_some))
# rests on: `step` calls `update` with the arrays: `parameter.data`, `parameter.grad.data` and the state
check("a step changes each parameter by its own gradient", lambda: _after(_all[0]))
check("the next steps change them too", lambda: _after(*_all))
check("a parameter that got another array", _replaced)
check("a step uses the learning rate of the moment", lambda: _after(*_all, shares=(1, 0.1, 2)))
# rests on: forget the old gradients, go back from the loss, take a step
check("without zero_grad the gradients add up", lambda: _after(*_all, way="adding up"))
# rests on: `zero_grad` sets every `grad` to `None`, and leaves the arrays alone.
check("zero_grad leaves no gradient", _forgotten)
# rests on: `step(loss)` does all three at once: `zero_grad`, `backward`, and the step.
check("step with a loss", lambda: _after(*_all, way="one line"))
check("step with a loss forgets older gradients", lambda: _after(*_all, way="late line"))
_none_left = [lambda x, y, z: (x - Tensor(_arrays[0])).sum()] * 2  # at first the loss is 0
# rests on: What it stepped by is in `grad` until the next one.
check("gradients after a step with a loss", _still_there)
# rests on: `step(loss)` does all three at once: `zero_grad`, `backward`, and the step.
check("step with a loss of 0", lambda: _after(*_none_left, way="one line"))
# rests on: A parameter without a gradient is left alone.
check("a parameter that takes no part stays as it is", lambda: _after(*_some, way="one line"))
check("a step without any gradient", _no_gradients)
check.outcomes(
    "older graphs of who is left alone still hold",
    _left_alone,
    {"z is left alone": (True,), "z takes a step": (False,)},
    (RuntimeError,),
)
# rests on: going back through a graph from before the step is then a `RuntimeError`
check.outcomes(
    "a graph from before the step is refused",
    _from_before,
    {
        "no step in between": (0,),
        "a step in between": (1,),
        "two steps in between": (2,),
        "a tiny step in between": (1, 1e-12),
    },
    (RuntimeError,),
)
# rests on: No parameters at all, or a negative `lr`, is a `ValueError`.
check.outcomes(
    "refuses no parameters",
    _made,
    {"one parameter": (1, _lr), "no parameter": (0, _lr), "three parameters": (3, _lr)},
)
check.outcomes(
    "refuses negative learning rates",
    _made,
    {"a positive lr": (1, _lr), "a negative lr": (1, -_lr), "an lr of 0": (1, 0)},
)
### END HIDDEN TESTS


class Once(Optimizer):
    def update(self, values, grad, state):
        values -= 0 if state else grad  # nothing after the first step
        state["done"] = True


x, y = (Tensor(n, requires_grad=True) for n in (2.0, 3.0))
once = Once(iter([x, y]), lr=1)
for _ in range(2):
    once.step(x * y)
    got = [x.item(), y.item()]
    assert got == [-1, 1], f"2 - 3 and 3 - 2, then nothing: expected [-1, 1], got {got}"
once.zero_grad()
assert x.grad is None, f"after zero_grad: expected no gradient, got {x.grad}"
print("Optimizer works")

# %% [markdown]
# ## 2. SGD, and a ball that rolls
#
# **Stochastic gradient descent** (SGD) subtracts `lr * grad`, where `lr` is the learning rate. It
# is called stochastic because one sample, drawn at random, stands for all of them: its gradient is
# a noisy estimate of the gradient over the whole training set.
#
# In a narrow valley these steps jump from one wall to the other and hardly move along. **Momentum**
# lets a ball roll: it keeps a **velocity**, and every gradient pushes it. Pushes that go back and
# forth cancel; pushes that always point the same way add up.
#
# $$v \leftarrow \mu v + g \qquad\quad w \leftarrow w - \eta\, v$$
#
# Here $g$ is the gradient, $\mu$ the `momentum`, $\eta$ is `lr`, and $v$ starts at 0. **Weight
# decay** $\lambda$ pulls every weight towards 0, so that the network does not rely on a few huge
# ones: it is a form of regularisation. It comes first: $g + \lambda w$ takes the place of $g$. You
# choose $\eta$, $\mu$ and $\lambda$ before training, and training never changes them. Such a
# setting is a **hyperparameter**.
#
# ### Exercise: `SGD`
#
# Write `update(values, grad, state)`. With `lr=0.5`, a gradient of 2 takes a weight from 1 to 0.
# Change `values` in place (`values -= ...`), never `grad`, which may belong to somebody else: that
# goes for what you keep in `state` as well. Compute exactly this, for gradients of 0, of 1,000,000
# and of NaN: whoever clips or mends them hides what went wrong. `values` of float32 stay float32.

# %% [markdown]
# <details><summary>Hint 1: three parts, in order</summary>
#
# Weight decay changes the gradient, the velocity takes it in, and the step uses the velocity. The
# first two are left out where their setting is 0.
#
# </details>
#
# <details><summary>Hint 2: nothing of others</summary>
#
# `grad = grad + ...` makes a new array; `grad += ...` would change one that is not yours.
# `state.get("velocity", 0.0)` is 0 in the first step.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# ```python
# if self.weight_decay:
#     grad = grad + self.weight_decay * values
# if self.momentum:
#     grad = state["velocity"] = ...
# ```
#
# Then one line changes `values` in place.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "sgd", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
class SGD(Optimizer):
    """Step against the gradient; with momentum, against a running sum of gradients."""

    def __init__(
        self,
        parameters: Iterable[Tensor],
        lr: float = 1e-3,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
    ) -> None:
        """Choose the step size, how much of the last step lives on, and the pull towards 0."""
        super().__init__(parameters, lr)
        require_at_least_0(momentum=momentum, weight_decay=weight_decay)
        self.momentum, self.weight_decay = momentum, weight_decay

    def update(self, values: np.ndarray, grad: np.ndarray, state: dict[str, Any]) -> None:
        """Subtract lr * velocity, where velocity = momentum * velocity + gradient."""
        ### BEGIN SOLUTION
        if self.weight_decay:
            grad = grad + self.weight_decay * values
        if self.momentum:
            grad = state["velocity"] = self.momentum * state.get("velocity", 0.0) + grad
        values -= self.lr * grad
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-sgd", "locked": true, "points": 8, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_rng = check.rng("sgd")
_starts = [_rng.normal(size=shape) for shape in ((3, 4), (3, 4), (4,), (), (0, 2))]
_pushes = [[_rng.normal(size=start.shape) for start in _starts] for _ in range(6)]
_lr, _mu, _decay = (float(_x) for _x in _rng.uniform(0.2, 0.8, size=3))
_lrs = [_lr, _lr / 9, 0.0, _lr * 2]


def _pushed(kind, steps, dtype=np.float64, absent=(), lrs=(), apart=False, **options):
    """Return where parameters end if these gradients push them, and the gradients."""
    tensors = [Tensor(start, dtype=dtype, requires_grad=True) for start in _starts]
    grads = [Tensor(start, dtype=dtype) for start in _starts]
    groups = [[tensor] for tensor in tensors] if apart else [tensors]
    optimizers = [kind(group, **options) for group in groups]
    for i, pushes in enumerate(_pushes[:steps]):
        for j, push in enumerate(pushes):
            grads[j].data[...] = push
            tensors[j].grad = None if (i, j) in absent else grads[j]
        for optimizer in optimizers:
            optimizer.lr = lrs[i] if lrs else optimizer.lr
            optimizer.step()
    return [tensors, grads]


def _one_by_one(kind, scales, steps=3, **options):
    """Give parameters gradients of different size; NaN and infinity are sizes, too."""
    return {
        name: lambda scale=scale: _scaled(kind, scale, steps, **options)
        for name, scale in scales.items()
    }


def _scaled(kind, scale, steps, **options):
    """Return a parameter that began at 0, and one that began elsewhere, after scaled gradients."""
    ends = []
    for start in (_starts[0] * 0, _starts[0]):
        tensor = Tensor(start, requires_grad=True)
        optimizer = kind([tensor], **options)
        for pushes in _pushes[:steps]:
            tensor.grad = Tensor(pushes[0] * scale)
            optimizer.step()
        ends.append(tensor)
    return ends


def _rolled(kind, **options):
    """Push a parameter between gradients of 0; return where it is after each."""
    tensor, places = Tensor(_starts[0], requires_grad=True), []
    optimizer = kind([tensor], **options)
    for scale in (0, 1, 0, 0, 1):
        tensor.grad = Tensor(_pushes[0][0] * scale)
        optimizer.step()
        places.append(tensor.data.copy())
    return places


def _turned(kind, **options):
    """Return a parameter whose rows and columns were exchanged, after some steps."""
    tensor = Tensor(_starts[0].T, requires_grad=True)
    tensor.data = _starts[0].copy().T
    optimizer = kind([tensor], **options)
    for pushes in _pushes[:3]:
        tensor.grad = Tensor(pushes[0].T)
        optimizer.step()
    return tensor


def _second_life():
    """Train the same parameter with one optimizer after another."""
    tensor = Tensor(_starts[0], requires_grad=True)
    for part in (_pushes[:3], _pushes[3:]):
        optimizer = SGD([tensor], **_mix)
        for pushes in part:
            tensor.grad = Tensor(pushes[0])
            optimizer.step()
    return tensor


_mix, _absent = {"momentum": _mu, "weight_decay": _decay, "lr": _lr}, [(1, 0), (2, 2)]
_exact = {"rtol": 1e-10, "atol": 1e-13}
_sizes = {"0": 0.0, "tiny": 1e-9, "huge": 1e9, "NaN": np.nan, "infinite": np.inf}
# rests on: subtracts `lr * grad`
check("plain steps", lambda: _pushed(SGD, 3, lr=_lr), **_exact)
check("gradients that are 0, tiny, huge and NaN", _one_by_one(SGD, _sizes, lr=_lr), **_exact)
check("the learning rate when none is given", lambda: _pushed(SGD, 2), rtol=1e-6, atol=0)
# rests on: it keeps a velocity, and every gradient pushes it
check("the first step with momentum", lambda: _pushed(SGD, 1, lr=_lr, momentum=_mu))
check("steps with momentum", lambda: _pushed(SGD, 6, lr=_lr, momentum=_mu), **_exact)
check("momentum when the rate changes", lambda: _pushed(SGD, 4, lrs=_lrs, momentum=_mu))
check("momentum of who sits a step out", lambda: _pushed(SGD, 4, absent=_absent, **_mix)[0])
# rests on: pulls every weight towards 0
# rests on: It comes first: $g + \lambda w$ takes the place of $g$.
check("one step with weight decay", lambda: _pushed(SGD, 1, lr=_lr, weight_decay=_decay))
check("steps with weight decay", lambda: _pushed(SGD, 4, lr=_lr, weight_decay=_decay))
check("momentum and weight decay together", lambda: _pushed(SGD, 4, **_mix), **_exact)
# rests on: for gradients of 0, of 1,000,000 and of NaN
check("with momentum and decay: 0, tiny, huge and NaN", _one_by_one(SGD, _sizes, **_mix), **_exact)
check("the velocity goes on where gradients are 0", lambda: _rolled(SGD, lr=_lr, momentum=_mu))
# rests on: a dictionary of that parameter's own, empty at first, to remember things in
check("optimizers do not share velocities", lambda: _pushed(SGD, 4, apart=True, **_mix))
check("one optimizer after another", _second_life)
# rests on: `values` of float32 stay float32.
check("SGD keeps float32", lambda: _pushed(SGD, 3, np.float32, **_mix), atol=1e-5)
# rests on: Change `values` in place
check("SGD of an array in another order", lambda: _turned(SGD, **_mix))
### END HIDDEN TESTS


def slid(kind, values, grads, **options):
    """Return the values of a parameter after a step with each of the gradients."""
    parameter = Tensor(values, requires_grad=True)
    optimizer = kind([parameter], **options)
    for grad in grads:
        parameter.grad = Tensor(grad)
        optimizer.step()
    return parameter.numpy().astype(float).round(4).tolist()


got = slid(SGD, [1.0, -1.0], [[2.0, 4.0]], lr=0.5)
assert got == [0, -3], f"1 - 0.5 * 2 and -1 - 0.5 * 4: expected [0, -3], got {got}"
got = slid(SGD, [0.0], [[1.0], [1.0], [1.0]], lr=1.0, momentum=0.5)
assert got == [-4.25], f"velocities 1, 1.5, 1.75: expected [-4.25], got {got}"
got = slid(SGD, [10.0, -10.0], [[0.0, 0.0]], lr=0.1, weight_decay=0.5)
assert got == [9.5, -9.5], f"weight decay pulls towards 0: expected [9.5, -9.5], got {got}"
print("SGD works")

# %% [markdown]
# ## 3. Adam: a step size for every parameter
#
# One learning rate for all is hard to choose: some gradients are a thousand times larger than
# others. Adam (*adaptive moment estimation*) divides each gradient by its usual size. It keeps two
# running means, of the gradients and of their squares:
#
# $$m \leftarrow \beta_1 m + (1 - \beta_1)\, g \qquad\quad s \leftarrow \beta_2 s + (1 - \beta_2)\, g^2$$
#
# Both start at 0, so at first they are much too small: after $t$ steps with a constant gradient,
# they have reached only the fraction $1 - \beta^t$ of what they should be. Dividing by that
# fraction is the **bias correction**, and then comes the step:
#
# $$w \leftarrow w - \eta\, \frac{m / (1 - \beta_1^t)}{\sqrt{s / (1 - \beta_2^t)} + \varepsilon}$$
#
# ### Exercise: `Adam`
#
# Write `update(values, grad, state)`. With `lr=1`, gradients of 1 and then −1 take a weight from 0
# to −0.9474. The parameter's `state` holds $t$, $m$ and $s$; in its first step $t$ is 1. Weight
# decay as in `SGD`, and so is the rest: `values` in place, `grad` left alone, no clipping.
# `np.zeros_like(values)` makes zeros of the same dtype.

# %% [markdown]
# <details><summary>Hint 1: in the order of the text</summary>
#
# Weight decay first, as in `SGD`. Then count the step, move both means, and step. Use the names of
# the formulas.
#
# </details>
#
# <details><summary>Hint 2: the first step</summary>
#
# `if not state:` tells the first step: put `t` as 0 and two arrays of zeros there. Then count $t$
# up, so that it is 1 when it is used. The square in $s$ is taken number by number.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# ```python
# m = beta1 * m + (1 - beta1) * grad
# s = beta2 * s + (1 - beta2) * grad * grad
# values -= self.lr * (m / (1 - beta1**t)) / ...
# ```
#
# Below the line stand the root of the corrected $s$ and, outside the root, `self.eps`. Keep `t`,
# `m` and `s` in `state`.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "adam", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
class Adam(Optimizer):
    """Step by the running mean of the gradients over the root of that of their squares."""

    def __init__(
        self,
        parameters: Iterable[Tensor],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        """Choose the step size, how long each mean remembers, and the pull towards 0."""
        super().__init__(parameters, lr)
        require_at_least_0(eps=eps, weight_decay=weight_decay, beta1=betas[0], beta2=betas[1])
        if max(betas) >= 1:
            raise ValueError(f"betas are below 1, got {betas}")
        self.betas, self.eps, self.weight_decay = betas, eps, weight_decay

    def update(self, values: np.ndarray, grad: np.ndarray, state: dict[str, Any]) -> None:
        """Subtract lr * mean / (sqrt(square) + eps), both corrected for having begun at 0."""
        ### BEGIN SOLUTION
        if self.weight_decay:
            grad = grad + self.weight_decay * values
        if not state:
            state.update(step=0, mean=np.zeros_like(values), square=np.zeros_like(values))
        state["step"] += 1
        beta1, beta2 = self.betas
        mean, square = state["mean"], state["square"]
        share1, share2 = 1 - beta1 ** state["step"], 1 - beta2 ** state["step"]
        scratch = np.multiply(grad, 1 - beta1, out=np.empty_like(values))  # from here on in place
        mean *= beta1
        mean += scratch
        np.multiply(grad, grad, out=scratch)
        scratch *= 1 - beta2
        square *= beta2
        square += scratch
        np.divide(square, share2, out=scratch)
        np.sqrt(scratch, out=scratch)
        scratch += self.eps
        np.divide(mean, scratch, out=scratch)
        scratch *= self.lr / share1
        values -= scratch
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-adam", "locked": true, "points": 8, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_betas = tuple(check.rng("adam").uniform((0.5, 0.7), (0.8, 0.9)).tolist())
_own, _absent = {"lr": _lr, "betas": _betas}, [(0, 1), (1, 0), (2, 0), (2, 2)]
_near_eps = {"1e-8": 1e-8, "1e-6": 1e-6}

# rests on: in its first step $t$ is 1
# rests on: Dividing by that fraction is the bias correction, and then comes the step
check("the first step", lambda: _pushed(Adam, 1, lr=_lr))
check("the second step", lambda: _pushed(Adam, 2, lr=_lr))
check("six steps", lambda: _pushed(Adam, 6, lr=_lr), rtol=1e-9, atol=1e-12)
check("all settings left as they are", lambda: _pushed(Adam, 4), rtol=1e-6)
check("other betas", lambda: _pushed(Adam, 5, **_own), rtol=1e-9, atol=1e-12)
check("a large eps", lambda: _pushed(Adam, 3, eps=_mu, **_own))
check("Adam when the rate changes", lambda: _pushed(Adam, 4, lrs=_lrs, betas=_betas))
# rests on: for gradients of 0, of 1,000,000 and of NaN
check("gradients of the size of eps", _one_by_one(Adam, _near_eps, steps=4, lr=_lr), rtol=1e-6)
check("gradients that are 0, tiny, huge and NaN in Adam", _one_by_one(Adam, _sizes, **_own))
check("both means go on where gradients are 0", lambda: _rolled(Adam, **_own))
# rests on: Weight decay as in `SGD`
check("Adam with weight decay", lambda: _pushed(Adam, 4, lr=_lr, weight_decay=_decay))
check("decay passes through both means", lambda: _pushed(Adam, 5, eps=1, weight_decay=9))
check("decay alone, where gradients are 0", lambda: _scaled(Adam, 0.0, 3, weight_decay=_decay))
# rests on: The parameter's `state` holds $t$, $m$ and $s$
check("every parameter counts its own steps", lambda: _pushed(Adam, 5, absent=_absent, **_own)[0])
check("optimizers do not share means", lambda: _pushed(Adam, 4, apart=True, **_own))
# rests on: `values` of float32 stay float32.
check("Adam keeps float32", lambda: _pushed(Adam, 3, np.float32, **_own), atol=1e-5)
# rests on: `values` in place, `grad` left alone, no clipping
check("Adam of an array in another order", lambda: _turned(Adam, **_own))
### END HIDDEN TESTS
got = slid(Adam, [1.0, 1.0], [[3.0, -0.01]], lr=0.1)
assert got == [0.9, 1.1], f"the first step is lr, however steep: expected [0.9, 1.1], got {got}"
got = slid(Adam, [0.0], [[1.0], [-1.0]], lr=1.0)
assert got == [-0.9474], f"gradients 1 and -1: expected [-0.9474], got {got}"
got = slid(Adam, [5.0, -5.0], [[0.0, 0.0]], lr=0.1, weight_decay=0.01)
assert got == [4.9, -4.9], f"only weight decay pulls: expected [4.9, -4.9], got {got}"
print("Adam works")

# %% [markdown]
# One more tool, which is given: **gradient clipping**. A single unusual sample can have a huge
# gradient and throw the network far off. So people shorten long gradients: not inside an optimizer,
# but openly, in a line of the loop between `backward` and `step`.


# %% nbgrader={"grade": false, "grade_id": "clipping", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["export"]
def clip_grad_norm_(parameters: Iterable[Tensor], max_norm: float) -> float:
    """Scale all gradients so that together they are at most `max_norm` long; return the length."""
    arrays = [parameter.grad.data for parameter in parameters if parameter.grad is not None]
    length = float(np.sqrt(sum(float((array * array).sum()) for array in arrays)))
    for array in arrays:
        array *= min(1.0, max_norm / (length + 1e-6))
    return length


# %% [markdown]
# Here is a valley that is forty times as steep across as it is along. Each optimizer takes forty
# steps from the same place. Change the learning rates and see which one gets lost first.

# %%
steepness, start = Tensor([0.05, 2.0]), [-4.0, 1.2]
walkers = {
    "SGD(lr=0.45)": lambda p: SGD(p, lr=0.45),
    "SGD(lr=0.1, momentum=0.9)": lambda p: SGD(p, lr=0.1, momentum=0.9),
    "Adam(lr=0.3)": lambda p: Adam(p, lr=0.3),
}
xs, ys = np.meshgrid(np.linspace(-4.5, 2, 90), np.linspace(-1.5, 1.5, 60))
figure, panels = plt.subplots(1, 3, figsize=(10, 2.6), sharey=True, layout="constrained")
for panel, (name, make) in zip(panels, walkers.items(), strict=True):
    place = Tensor(start, requires_grad=True)
    optimizer, path = make([place]), [start]
    for _ in range(40):
        optimizer.step((steepness * place * place).sum())
        path.append(place.tolist())
    panel.contour(xs, ys, np.sqrt(0.05 * xs**2 + 2 * ys**2), levels=14, cmap="Greys", alpha=0.6)
    panel.plot(*zip(*path, strict=True), ".-", color="tab:blue", linewidth=1)
    panel.plot(0, 0, "*", color="tab:orange", markersize=12)
    left = (steepness * place * place).sum().item()
    panel.set(title=f"{name}\nloss after 40 steps: {left:.4f}", xlim=(-4.5, 2), ylim=(-1.5, 1.5))
tinytorch.show(
    figure,
    "Three contour plots of the same narrow valley, each with the path of an optimizer and a star at "
    "the minimum. SGD jumps from wall to wall at first, then creeps along. With momentum the path "
    "swings from wall to wall like a rolling ball, and past the minimum. Adam starts off diagonally, "
    "passes the minimum and turns back.",
)

# %% [markdown]
# ## 4. A network that learns to read
#
# Now it all comes together: `MLP` (04), `cross_entropy` (05), `backward` (06), and your `SGD`. Each
# image is one iteration: compute the scores, the loss, the gradients, and take a step.
#
# ### Exercise: `learn`
#
# Write `learn(model, optimizer, images, labels)`. For every image in order: score it
# (`model(Tensor(image))`), compute the loss, take one step of the optimizer. Return the list of the
# losses, as Python numbers. What the network knows afterwards has to be in its weights.

# %% [markdown]
# <details><summary>Hint 1: a loop over pairs</summary>
#
# `zip(images, labels, strict=True)` gives an image and its label in each round.
#
# </details>
#
# <details><summary>Hint 2: three things a round</summary>
#
# The loss is a Tensor, `cross_entropy(scores, label)`. `optimizer.step(loss)` does all of the step,
# and `loss.item()` is the Python number.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# ```python
# losses = []
# for image, label in zip(images, labels, strict=True):
#     loss = cross_entropy(model(...), label)
#     ...
# ```
#
# Two lines are left in the loop: the step, and the number for the list. Return the list.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "learn", "locked": false, "schema_version": 3, "solution": true, "task": false}
def learn(model, optimizer, images, labels):
    """Take one step for every image, in order, and return the losses found on the way."""
    ### BEGIN SOLUTION
    losses = []
    for image, label in zip(images, labels, strict=True):
        loss = cross_entropy(model(Tensor(image)), label)
        optimizer.step(loss)
        losses.append(loss.item())
    return losses
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-learn", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_rng = check.rng("learn")
_numbers, _images = _rng.normal(size=200), _rng.normal(size=(9, 1, 3, 4))
_labels, _lr = _rng.integers(0, 3, size=9), float(_rng.uniform(0.05, 0.2))


class _ByHand(list):
    """A list of parameters that steps as an optimizer does, each time a little less."""

    def zero_grad(self):
        for p in self:
            p.grad = None

    def step(self, loss=None):
        if loss is not None:
            self.zero_grad()
            loss.backward()
        self.rate = getattr(self, "rate", _lr) * 0.9
        for p in self:
            p.data = p.data - self.rate * p.grad.data


def _learned(count=9, times=1, dtype=np.float64, scale=1):
    """Let a small network learn; return its losses and its parameters."""
    model, images = MLP([12, 5, 3]), (_images[:count] * scale).astype(dtype)
    optimizer = _ByHand(model.parameters())
    for p in optimizer:
        p.data = _numbers[p.size : 2 * p.size].reshape(p.shape).astype(dtype)
    losses = [learn(model, optimizer, images, _labels[:count]) for _ in range(times)]
    return [losses, *optimizer]


# rests on: compute the loss, take one step of the optimizer
check("one image", lambda: _learned(1), rtol=1e-7, dtype=False)
check("the network after nine images", lambda: _learned()[1:], rtol=1e-7, dtype=False)
check("huge losses", lambda: _learned(3, scale=300), rtol=1e-6, dtype=False)
check("small losses", lambda: _learned(1, times=20), rtol=1e-6, dtype=False)
check("learning goes on in a second call", lambda: _learned(4, 2), rtol=1e-7, dtype=False)
# rests on: Return the list of the losses, as Python numbers.
check("the losses on the way", lambda: _learned()[0], rtol=1e-7, dtype=False)
check(
    "the losses are Python numbers",
    lambda: [loss * isinstance(loss, float) for loss in _learned(dtype=np.float32)[0][0]],
    rtol=1e-4,
    dtype=False,
)
### END HIDDEN TESTS
tiny = MLP([4, 3])
tiny.layers[1].weight.data[...] = tiny.layers[1].bias.data[...] = 0
got = np.round(learn(tiny, SGD(tiny.parameters(), lr=1.0), np.ones((2, 4)), [2, 2]), 3).tolist()
assert got == [1.099, 0.013], f"twice the same image: expected [1.099, 0.013], got {got}"
print("learn works")

# %% [markdown]
# And now digits: 9,000 images to train on, each used once, and 1,000 others as a test set.


# %% nbgrader={"grade": false, "grade_id": "digits-run", "locked": true, "schema_version": 3, "solution": false, "task": false}
def guesses(model, images):
    """Return the class with the largest score for each image."""
    with no_grad():
        return model(Tensor(images)).numpy().argmax(axis=1)


new_images, new_labels = images[9000:], labels[9000:]
manual_seed(7)
mlp = MLP([784, 64, 10])
before = guesses(mlp, new_images)
losses = learn(mlp, SGD(mlp.parameters(), lr=0.01), images[:9000], labels[:9000])
found = guesses(mlp, new_images)

# %% nbgrader={"grade": true, "grade_id": "test-digits", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_to = check.rng("digits").permutation(10)  # what each digit is called, in the second run


def _scored(model, pictures):
    """Return the classes that the weights of a network see in pictures, and nothing else does."""
    _, first, _, last = model.layers
    x = pictures.reshape(len(pictures), -1)
    hidden = np.maximum(x @ first.weight.data.T + first.bias.data, 0)
    return (hidden @ last.weight.data.T + last.bias.data).argmax(axis=1)


def _with_adam(count):
    """Learn digits under other names, afresh and with Adam; return losses and network."""
    manual_seed(int(_to[:4] @ [1, 10, 100, 1000]))
    model = MLP([784, 64, 10])
    return learn(model, Adam(model.parameters()), images[:count], _to[labels[:count]]), model


def _renamed_back(model):
    return np.argsort(_to)[_scored(model, check.images("digits"))]


# rests on: For every image in order: score it (`model(Tensor(image))`), compute the loss
check("the first losses, with SGD", lambda: losses[:200], rtol=0.02, atol=0.02, dtype=False)
check("one loss for every image", lambda: len(losses))
check("the first losses, with Adam", lambda: _with_adam(200)[0], rtol=0.02, atol=0.02, dtype=False)
# rests on: What the network knows afterwards has to be in its weights.
check.accuracy(
    "digits that nobody has seen", lambda: _scored(mlp, check.images("digits")), at_least=0.85
)
check.accuracy(
    "digits learned afresh, with Adam", lambda: _renamed_back(_with_adam(4000)[1]), at_least=0.85
)
### END HIDDEN TESTS
was, share = (before == new_labels).mean(), (found == new_labels).mean()
assert share >= 0.85, f"after 9,000 images: expected 85 % right or more, got {share:.1%}"
print(f"right for {was:.1%} of 1,000 new images before, for {share:.1%} after 9,000 steps")

# %% [markdown]
# ## See it work
#
# The loss of single images jumps about, so the left picture shows means over 200 iterations. On the
# right are digits that the network misread.

# %%
runs = {"SGD(lr=0.01)": losses}
for name, make in (
    ("SGD, momentum 0.9", lambda p: SGD(p, lr=0.002, momentum=0.9)),
    ("Adam(lr=0.001)", lambda p: Adam(p, lr=0.001)),
):
    manual_seed(7)
    other = MLP([784, 64, 10])
    runs[name] = learn(other, make(other.parameters()), images[:3000], labels[:3000])

figure = plt.figure(figsize=(10, 2.6), layout="constrained")
curves, misread = figure.subfigures(1, 2)
panel = curves.subplots()
for (name, run), color in zip(runs.items(), ("tab:blue", "tab:orange", "black"), strict=True):
    means = np.reshape(run, (-1, 200)).mean(axis=1)
    panel.plot(np.arange(100, len(run), 200), means, color=color, label=name)
panel.set(xlabel="iterations", ylabel="loss", ylim=(0, 2.3))
panel.legend(fontsize=8)
wrong = np.flatnonzero(found != new_labels)
for panel, i in zip(misread.subplots(2, 6).flat, wrong, strict=False):
    panel.imshow(new_images[i, 0], cmap="gray_r")
    panel.set_title(f"{new_labels[i]}, not {found[i]}", fontsize=8)
    panel.axis("off")
mistakes = ", ".join(f"a {new_labels[i]} read as {found[i]}" for i in wrong[:12])
tinytorch.show(
    figure,
    "On the left the training loss of three optimizers falls quickly at first and then slowly. "
    f"On the right there are misread digits: {mistakes}.",
)

# %% [markdown]
# ## Experiment: learning by heart
#
# Here are 300 images only, all of them in every iteration. The MLP soon knows them by heart:
# overfitting. Do your weight decay and your `Dropout` of 04 help with images that it has not seen?


# %%
def plain():
    return MLP([784, 128, 10])


def with_dropout():
    return Sequential(Flatten(), Linear(784, 128), ReLU(), Dropout(0.5), Linear(128, 10))


def learn_by_heart(model, weight_decay, iterations=150):
    """Train on 300 images; return the losses on these and on the new ones, every ten iterations."""
    optimizer = Adam(model.parameters(), lr=0.005, weight_decay=weight_decay)
    seen, new = [], []
    for iteration in range(iterations):
        optimizer.step(cross_entropy(model(Tensor(images[:300])), labels[:300]))
        if iteration % 10 == 9:
            model.eval()
            with no_grad():
                seen.append(cross_entropy(model(Tensor(images[:300])), labels[:300]).item())
                new.append(cross_entropy(model(Tensor(new_images)), new_labels).item())
            model.train()
    return seen, new


figure, (left, right) = plt.subplots(1, 2, figsize=(8, 2.4), layout="constrained")
ends = []
for (name, make, decay), line in zip(
    (("neither", plain, 0), ("weight decay 0.01", plain, 0.01), ("dropout 0.5", with_dropout, 0)),
    ("C0-", "C1--", "k-."),
    strict=True,
):
    manual_seed(3)
    model = make()
    seen, new = learn_by_heart(model, decay)
    right_share = (guesses(model.eval(), new_images) == new_labels).mean()
    print(f"{name}: loss {seen[-1]:.3f} on the 300 images, {new[-1]:.2f} on new ones,", end=" ")
    print(f"of which {right_share:.1%} are right")
    left.plot(range(10, 151, 10), seen, line, label=name)
    right.plot(range(10, 151, 10), new, line)
    ends.append(f"{name} {new[-1]:.2f}")
left.set(xlabel="iterations", ylabel="loss", yscale="log", title="the 300 images")
right.set(xlabel="iterations", ylim=(0, None), title="1,000 new images")
left.legend(fontsize=8)
tinytorch.show(
    figure,
    "On the left the loss on the training images falls towards 0 for all three networks, least with "
    "weight decay. On the right the loss on new images rises again where the network learns by heart; "
    f"in the end it is, in this order: {', '.join(ends)}.",
)

# %% [markdown]
# Without help the loss on new images rises while the one on the 300 images goes on falling: the
# network is wrong more and more *confidently*. Weight decay about halves the loss on new images,
# dropout takes off a good tenth. Their accuracy rises as well, but by a point or two only: more
# images would do more. `model.eval()` before measuring and `model.train()` after it belong to the
# loop from now on.
#
# ## Experiment: half a digit
#
# So far a network chose among classes. Here it predicts 392 quantities: the lower half of a digit,
# of which it sees the upper half. Regression wants the squared error, `MSELoss` of 05. The
# baseline predicts the mean lower half for every image.

# %%
upper, lower = images[:, 0, :14].reshape(-1, 392), images[:, 0, 14:].reshape(-1, 392)
manual_seed(2)
artist = MLP([392, 64, 392])
optimizer = Adam(artist.parameters(), lr=0.005)
for _ in range(100):
    optimizer.step(MSELoss()(artist(Tensor(upper[:1000])), Tensor(lower[:1000])))
with no_grad():
    drawn = artist(Tensor(upper[9000:]))
    error = MSELoss()(drawn, Tensor(lower[9000:])).item()
    mean_half = np.broadcast_to(lower[:1000].mean(axis=0), drawn.shape)
    baseline = MSELoss()(Tensor(mean_half), Tensor(lower[9000:])).item()
print(f"mean squared error of a pixel: {error:.4f}, and {baseline:.4f} for the mean half")

figure, panels = plt.subplots(2, 10, figsize=(9, 2.1), layout="constrained")
for i, (above, below) in enumerate(panels.T):
    half = np.clip(drawn.numpy()[i].reshape(14, 28), 0, 1)
    for panel, image in (
        (above, new_images[i, 0]),
        (below, np.vstack([new_images[i, 0, :14], half])),
    ):
        panel.imshow(image, cmap="gray_r", vmin=0, vmax=1)
        panel.axhline(13.5, color="tab:orange", linewidth=0.8)
        panel.axis("off")
tinytorch.show(
    figure,
    "In the upper row ten new digits with a line across the middle. In the lower row the same digits, "
    "whose lower half a network has drawn: mostly of the right shape, and blurred, where several "
    "endings were possible.",
)

# %% [markdown]
# The network beats the baseline, and its halves are blurred: where a 4 and a 9 would both fit, the
# mean of both has the smallest squared error. A loss decides what a network finds good.
#
# ## What it costs
#
# What does an optimizer keep in memory beside the parameters and their gradients, and which part of
# an iteration is its step? Measured on the MLP, one image at a time.

# %%
import time

kinds = {
    "SGD": lambda p: SGD(p, lr=0.01),
    "momentum": lambda p: SGD(p, lr=0.01, momentum=0.9),
    "Adam": lambda p: Adam(p, lr=0.001),
}
figure, (left, right) = plt.subplots(1, 2, figsize=(8.5, 2.3), layout="constrained")
told = []
for name, make in kinds.items():
    model = MLP([784, 64, 10])
    optimizer, computing, stepping = make(model.parameters()), [], []
    for image, label in zip(images[:60], labels[:60], strict=True):
        begun = time.perf_counter()
        optimizer.zero_grad()
        cross_entropy(model(Tensor(image)), label).backward()
        computed = time.perf_counter()
        optimizer.step()
        computing.append(1e3 * (computed - begun))
        stepping.append(1e3 * (time.perf_counter() - computed))
    kept = [one for state in optimizer.states for one in state.values()]
    state = sum(one.nbytes for one in kept if isinstance(one, np.ndarray))
    gradients = sum(p.grad.data.nbytes for p in model.parameters())
    parts, start = [sum(p.data.nbytes for p in model.parameters()), gradients, state], 0
    for size, color in zip(parts, ("tab:blue", "lightgray", "tab:orange"), strict=True):
        left.barh(name, size / 1e3, left=start / 1e3, color=color, edgecolor="black")
        start += size
    there, step = np.median(computing), np.median(stepping)
    right.barh(name, there, color="lightgray", edgecolor="black")
    right.barh(name, step, left=there, color="tab:orange", edgecolor="black")
    print(f"{name}: state {state / parts[0]:.0f} times the parameters;", end=" ")
    print(f"forward and backward {there:.2f} ms, step {step:.2f} ms")
    told.append(f"{name} {start / parts[0]:.0f}")
left.set(xlabel="kB: parameters, gradients, state", title="memory")
right.set(xlabel="ms an image: forward and backward, step", title="time")
tinytorch.show(
    figure,
    "Two charts with a bar for each optimizer. Memory, as a multiple of the parameters: "
    f"{', '.join(told)}. Time: the step is a part of the iteration that one can see.",
)

# %% [markdown]
# Plain SGD keeps nothing, momentum one number for each parameter, and Adam two: with the parameters
# themselves three times the network, and the gradients come on top. And a step changes all 50,890
# parameters, however little was computed for it: here, for one single image.

# %% [markdown]
# ## In the real world
#
# `torch.optim.SGD` and `torch.optim.Adam`: same names, same defaults, same results. There the loop
# is always `optimizer.zero_grad()`, `loss.backward()`, `optimizer.step()`; your `step(loss)` is
# short for that. Most large models are trained with `AdamW`, which applies weight decay directly to
# the weights, past both means. And `torch.optim.lr_scheduler` lowers `lr` as training goes on.
#
# Cauchy described gradient descent in 1847, to compute the orbits of planets. The stochastic
# version goes back to Robbins and Monro (1951), momentum to Polyak (1964). To read on:
#
# - H. Robbins, S. Monro: *A stochastic approximation method*. Annals of Mathematical Statistics 22,
#   1951. Why noisy steps arrive, if they get smaller in the right way.
# - D. Kingma, J. Ba: *Adam: a method for stochastic optimization*. ICLR 2015. One of the most cited
#   papers of the field; its first algorithm is your `update`.
#
# ## Think
#
# Look at Adam's very first step, where $t = 1$. How long is it for a weight whose gradient is
# 0.001, and how long if the gradient is 100? What would it be without the bias correction, with the
# usual $\beta_1 = 0.9$ and $\beta_2 = 0.999$? And a network of a billion weights, in float32, is
# trained with Adam: how many gigabytes do weights, gradients and state take together, and how many
# of them are left when it is trained and only predicts?

# %% [markdown] nbgrader={"grade": true, "grade_id": "think", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# (1 point) After one step the corrected means are the gradient and its square, so the step is lr *
# g / |g|: its length is the learning rate in both cases (while the gradient is much larger than
# eps).
#
# (1 point) Without the correction it is lr * 0.1 g / sqrt(0.001 g²), about 3.2 times the learning
# rate. Each mean is too small, but the second one more so: it remembers longer, and starts more
# slowly. The right factor, or the right reason, is enough.
#
# (1 point) Four numbers of four bytes for every weight: itself, its gradient, m and s. That is 16
# GB, and 4 GB are left for predicting.
# ### END SOLUTION

# %% [markdown]
# ## Next: a network that can see
#
# Your network reads. But what has it understood? Here are two experiments. One moves the test
# images three pixels to the right. The other trains a network on images whose pixels are shuffled,
# in the same way for every image.

# %%
moved = guesses(mlp, np.roll(new_images, 3, axis=3)) == new_labels
print(f"moved by three pixels: right for {moved.mean():.1%}")
order = manual_seed(7).permutation(784)
shuffled = images.reshape(-1, 784)[:, order]
blind = MLP([784, 64, 10])
learn(blind, SGD(blind.parameters(), lr=0.01), shuffled[:9000], labels[:9000])
print(
    f"all pixels shuffled: right for {(guesses(blind, shuffled[9000:]) == new_labels).mean():.1%}"
)

# %% [markdown]
# Three pixels confuse it, and shuffling does not disturb it: to the MLP an image is 784 inputs in
# no order at all. It does not know which pixels are neighbours. Images need a better architecture,
# one that finds the same stroke wherever it is. That is *convolution*, assignment 08.
#
# Keep what you wrote: save the notebook and run the last cell. It adds a module to your framework.

# %%
import tinytorch

tinytorch.export_mine("07_optimizers")
