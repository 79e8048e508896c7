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
# # 05 · Losses
#
# ## Where we are
#
# Your MLP of 04 guesses digits with fifty thousand random parameters, and it is mostly wrong. *How*
# wrong? Now you build the three measures that nearly all of deep learning uses: `MSELoss` for
# quantities, `BCEWithLogitsLoss` for yes or no, and `cross_entropy` for one of many classes. Each
# takes **predictions** and **targets**, the right answers, and returns one number, the loss. The
# smaller it is, the better. You use `tinytorch.layers`, the work of assignment 04. Plan about 100
# minutes.
#
# `tinytorch.check()` in a cell of its own lists what this notebook will be graded by, and what its
# visible tests say so far.

# %%
import tinytorch

tinytorch.use_mine(False)  # True: build on the modules that you exported from earlier notebooks

# %%
import matplotlib.pyplot as plt
from tinytorch.activations import ReLU, Softmax
from tinytorch.layers import MLP, Flatten, Linear, Sequential
from tinytorch.setup import load_digits, manual_seed, mean_images
from tinytorch.tensor import Tensor

images, labels = load_digits()
x, x_labels = Tensor(images[5000:]), labels[5000:]
manual_seed(3)
for name, model in (("one MLP", MLP([784, 64, 10])), ("another", MLP([784, 64, 10]))):
    probabilities = Softmax()(model(x[0])).numpy()
    print(f"{name} guesses {probabilities.argmax()}; the label is {x_labels[0]}, ", end="")
    print(f"and its probability {probabilities[x_labels[0]]:.3f}")

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["export"]
from typing import Any

import numpy as np
from tinytorch.activations import LogSoftmax
from tinytorch.layers import Module
from tinytorch.tensor import Function, Tensor

# %% [markdown]
# Both guess wrong, but one gives the right class a larger probability. A loss will see that.
#
# ## 1. How far off: the squared error
#
# When the target is a quantity, such as a temperature or a price, wrong means *far off*, and
# predicting it is called **regression**. Square the difference: it is never negative, and far off
# costs much more than a little off. Then put the losses of all samples together: their mean, or
# their sum, or (`"none"`) leave them as they are. The mean is the **mean squared error**, MSE.
#
# One trap you know from the end of 02: predictions of shape `(32, 1)` minus targets of shape
# `(32,)` are `(32, 32)`, without an error.
#
# ### Exercise: `MSELoss`
#
# Write three pieces, `reduce(losses, reduction)`, `require_equal_shapes(prediction, target)` and
# `MSELoss.forward(prediction, target)`, with tensor operations, so that 06 can follow them back to
# the prediction. Predictions 1, 2, 6 for targets 1, 4, 2 cost 0, 4 and 16, and their mean is 6.67.
# Unequal shapes are a `ValueError` that names both as Python prints them (`np.shape(target)` works
# for tensors, arrays and lists). Any other `reduction` than these three words, letter by letter, is
# a `ValueError` too.
#
# For all losses: float32 stays float32 and float64 keeps its digits, predictions and targets stay
# as they were, and no loss, tiny or huge, is clipped.

# %% [markdown]
# <details><summary>Hint 1: three small pieces</summary>
#
# Take one piece at a time: a choice between three words, a comparison of two shapes, and a square.
#
# </details>
#
# <details><summary>Hint 2: what is there already</summary>
#
# `losses.mean()` and `losses.sum()` are tensor operations. Compare `np.shape(target)` with
# `prediction.shape`, and write both into the message with an f-string.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# `MSELoss.forward` has three lines: the shapes, the difference, and
#
# ```python
# return reduce(difference * ..., self.reduction)
# ```
#
# `reduce` ends with `raise ValueError(...)`: whatever comes that far is none of the three words.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "mse", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
def reduce(losses: Tensor, reduction: str) -> Tensor:
    """Return the "mean" of the losses, their "sum", or with "none" the losses themselves."""
    ### BEGIN SOLUTION
    if reduction == "none":
        return losses
    if reduction in ("mean", "sum"):
        return losses.mean() if reduction == "mean" else losses.sum()
    raise ValueError(f'reduction is "mean", "sum" or "none", got {reduction!r}')
    ### END SOLUTION


def require_equal_shapes(prediction: Tensor, target: Any) -> None:
    """Refuse a target of another shape: (N, 1) with (N,) would broadcast to (N, N)."""
    ### BEGIN SOLUTION
    if np.shape(target) != prediction.shape:
        raise ValueError(
            f"predictions have shape {prediction.shape}, targets {np.shape(target)}: "
            "they must be equal, so reshape one of them"
        )
    ### END SOLUTION


class Loss(Module):
    """A measure of how wrong predictions are: `loss(predictions, targets)`."""

    def __init__(self, reduction: str = "mean") -> None:
        """Choose how the losses are put together: "mean", "sum" or "none"."""
        self.reduction = reduction


class MSELoss(Loss):
    """Measure the squared difference between prediction and target."""

    def forward(self, prediction: Tensor, target: Any) -> Tensor:
        """Return the squares of the differences, put together."""
        ### BEGIN SOLUTION
        require_equal_shapes(prediction, target)
        difference = prediction - target
        return reduce(difference * difference, self.reduction)
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-mse", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_rng = check.rng("mse")
_array, _targets, _others, _other_targets = _rng.normal(size=(4, 4, 3))
_predictions, _predictions32, _size, _other_size = (
    Tensor(_array),
    Tensor(_array, dtype=np.float32),
    *_rng.integers(11, 99, size=2).tolist(),
)
_each_square, _reductions = MSELoss(reduction="none"), ("mean", "sum", "none")
_sizes = 10.0 ** np.array([-20, -9, 9, 20]).reshape(4, 1)  # from row to row


def _shapes_named(p, q, as_list=False):
    """Return the two shapes as far as the error names them, or what came without an error."""
    target = np.full(q, _targets[0, 0])
    try:
        return MSELoss()(Tensor(np.full(p, _array[0, 0])), target.tolist() if as_list else target)
    except ValueError as error:
        named = [str(shape) if str(shape) in str(error) else "not named" for shape in (p, q)]
        return " and ".join(named)


def _recorded(compute, *inputs):
    """Return what was recorded, run again with other predictions, and other targets if given."""
    return check.recorded(Function, compute, inputs, [_others, _other_targets][: len(inputs)])


# rests on: Return the squares of the differences, put together.
check(
    "the mean of the squares",
    MSELoss(),
    cases={
        "(4, 3)": (_predictions, Tensor(_targets)),
        "(3,)": (_predictions[0], Tensor(_targets[0])),
    },
)
check("the sum of the squares", lambda: MSELoss(reduction="sum")(_predictions, Tensor(_targets)))
check(
    "every square",
    _each_square,
    cases={
        "(4, 3)": (_predictions, Tensor(_targets)),
        "(4,)": (_predictions[:, 0], Tensor(_targets[:, 0])),
    },
)
check(
    "far off and just right",
    _each_square,
    cases={
        "far off": (_predictions * 100, Tensor(_targets)),
        "off by 1": (_predictions + 1, Tensor(_array)),
        "just right": (_predictions, Tensor(_array)),
    },
)
check(
    "one prediction of no axes",
    MSELoss(),
    cases={
        "a float": (_predictions[0, 0], float(_targets[0, 0])),
        "an int": (_predictions[0, 1], 1),
    },
)
# rests on: (`np.shape(target)` works for tensors, arrays and lists)
check(
    "targets from arrays and lists",
    MSELoss(),
    cases={"an array": (_predictions, _targets), "lists": (_predictions, _targets.tolist())},
)
# rests on: no loss, tiny or huge, is clipped.
check(
    "tiny and huge squares",
    lambda: _each_square(Tensor(_array * _sizes), Tensor(_targets * _sizes)),
    rtol=1e-9,
    atol=0,
)
# rests on: float32 stays float32 and float64 keeps its digits
check(
    "the squared error of float32 is float32", lambda: MSELoss()(_predictions32, _targets.tolist())
)
check(
    "the squared error keeps the digits",
    lambda: MSELoss()(_predictions, _targets),
    rtol=1e-10,
    atol=0,
)
# rests on: predictions and targets stay as they were
check(
    "predictions and targets stay",
    lambda: [MSELoss()(p := Tensor(_array), t := _targets.copy()), p, t],
)
# rests on: with tensor operations, so that 06 can follow them back to the prediction.
check(
    "every step is recorded, and runs again with other numbers",
    {
        **{
            f"reduce to the {way}": lambda way=way: _recorded(
                lambda x: reduce(x, way), _predictions
            )
            for way in _reductions
        },
        "the mean": lambda: _recorded(MSELoss(), _predictions, Tensor(_targets)),
        "the sum": lambda: _recorded(MSELoss("sum"), _predictions, Tensor(_targets)),
        "every square": lambda: _recorded(_each_square, _predictions, Tensor(_targets)),
        "targets from an array": lambda: _recorded(lambda p: MSELoss()(p, _targets), _predictions),
    },
)
# rests on: their mean, or their sum, or (`"none"`) leave them as they are.
check(
    "reduce in three ways",
    lambda way: reduce(_predictions, way),
    cases={way: (way,) for way in _reductions},
)
# rests on: returns one number, the loss.
check(
    "one loss in a row is put together as well",
    lambda way: reduce(_predictions[0, :1], way),
    cases={way: (way,) for way in _reductions},
)
# rests on: Any other `reduction` than these three words, letter by letter, is a `ValueError` too.
_words = [*_reductions, "median", None, "Mean", "SUM", "", "means", "none "]
_words = {f"reduction {word!r}": (word,) for word in _words}
check.outcomes("refuses other reductions", lambda way: reduce(_predictions, way), _words)
check.outcomes(
    "refuses them for a single loss", lambda way: reduce(_predictions[0, 0], way), _words
)
check.outcomes(
    "the loss refuses other reductions", lambda way: MSELoss(way)(_predictions, _targets), _words
)
# rests on: Unequal shapes are a `ValueError` that names both as Python prints them
_cases = [
    ((4, 1), (4,)),
    ((4,), (4,)),
    ((4,), (4, 1)),
    ((3, 2), (2,)),
    ((3, 2), (3, 2)),
    ((), (1,)),
]
_cases += [
    ((4, 1), (4, 3)),
    ((4, 3), (4, 1)),
    ((1, 3), (4, 3)),
    ((2, 3), (3, 2)),
    ((6,), (2, 3)),
    ((), ()),
    ((4, 1), (1, 4)),
    ((1, 1), (1,)),
    ((4,), ()),
]
check.outcomes(
    "refuses unequal shapes, and only those",
    lambda p, q: _each_square(Tensor(np.full(p, _size)), np.ones(q)),
    {f"{p} and {q}": (p, q) for p, q in _cases},
)
check(
    "the error names both shapes",
    {
        "a column and a row": lambda: _shapes_named((_size, 1), (_size,)),
        "two rows": lambda: _shapes_named((2,), (_other_size,)),
        "a table and a list of lists": lambda: _shapes_named((_size, 3), (_size, 2), as_list=True),
    },
)
### END HIDDEN TESTS
loss = MSELoss()(Tensor([1.0, 2.0, 6.0]), Tensor([1.0, 4.0, 2.0]))
assert loss.shape == (), f"a loss is one number, of shape (), got shape {loss.shape}"
assert abs(loss.item() - 20 / 3) < 1e-5, f"(0 + 4 + 16) / 3: expected 6.6667, got {loss}"
each = MSELoss(reduction="none")(Tensor([1.0, 2.0]), [3.0, 2.0]).tolist()
assert each == [4.0, 0.0], f'"none": expected [4.0, 0.0], got {each}'
try:
    MSELoss()(Tensor([[1.0], [2.0]]), Tensor([1.0, 2.0]))
except ValueError as error:
    print("MSELoss works, and refuses:", error)
else:
    raise AssertionError("shapes (2, 1) and (2,) should be a ValueError")

# %% [markdown]
# The loss as a landscape: forty noisy points, and the squared error of every line $y = wx + b$. It
# is a bowl, and the best line is at its **minimum**. On the right are two weights of a small
# network with ReLU that learns "exactly one is on": it has two minima, with a low hill between
# them.

# %%
rng = manual_seed(5)
times = Tensor(rng.uniform(-1, 1, size=(40, 1)))
truth = 0.8 * times + 0.3 + Tensor(0.15 * rng.normal(size=(40, 1)))
switches, one_is_on = Tensor([[0, 0], [0, 1], [1, 0], [1, 1]]), Tensor([0, 1, 1, 0])
axis, names = np.linspace(-2.2, 2.2, 45), list("wbuv")


def line_loss(w: float, b: float) -> float:
    return MSELoss()(w * times + b, truth).item()


def network_loss(u: float, v: float) -> float:
    hidden = ReLU()(switches @ Tensor([[u, -v], [-u, v]]))
    return MSELoss()(hidden.sum(axis=1), one_is_on).item()


figure, panels = plt.subplots(1, 3, figsize=(9, 2.7), layout="constrained")
panels[0].scatter(times.numpy(), truth.numpy(), s=8, color="gray")
for (w, b), color in (((0.8, 0.3), "tab:blue"), ((-0.5, 1), "tab:orange"), ((2, -1), "black")):
    panels[0].axline((0, b), slope=w, color=color, label=f"loss {line_loss(w, b):.2f}")
    panels[1].plot(w, b, "o", color=color)
panels[0].legend(fontsize=7)
panels[0].set(ylim=(-1.5, 1.8), title="three lines")
for panel, loss, title in ((panels[1], line_loss, "lines"), (panels[2], network_loss, "a network")):
    heights = np.array([[loss(p, q) for p in axis] for q in axis])
    panel.contour(axis, axis, np.sqrt(heights), levels=16, cmap="viridis")
    panel.set(xlabel=names.pop(0), ylabel=names.pop(0), title=f"the loss of {title}")
tinytorch.show(
    figure,
    "On the left are points and three lines; the line through the points has by far the smallest "
    "loss. In the middle are the contours of the loss over w and b: a bowl, with a dot for each of "
    "the lines, one of them at the minimum. On the right, the loss of the network has two minima.",
)

# %% [markdown]
# ## 2. Yes or no: binary cross-entropy
#
# For a yes-or-no question a network gives a **logit** $a$, a score before the sigmoid, and yes has
# the probability $p = \sigma(a)$. If the right answer was given the probability $p$, its loss is
# the **negative log-likelihood** $-\log p$, also called the *surprisal*. That is 0 for $p = 1$,
# 0.69 for $p = 1/2$, and it grows without bound as $p$ goes to 0. With a target $t$, 1 for yes and
# 0 for no, the **binary cross-entropy** is
#
# $$-t \log p - (1 - t) \log(1 - p) \;=\; \max(a, 0) - a\,t + \log(1 + e^{-|a|})$$
#
# The left side breaks as soon as $p$ is rounded to 0 or 1. The right side, the same on paper,
# never does. `np.log1p(z)` is $\log(1 + z)$, exact for tiny $z$: a loss of $10^{-20}$ is not 0.
#
# ### Exercise: `BCEWithLogitsLoss`
#
# Write the right side as `BinaryCrossEntropy.forward(logits, targets)`, and send logits and targets
# through `BinaryCrossEntropy.apply` in the loss. A logit of 2 costs 0.127 for yes and 2.127 for no.
# Targets between 0 and 1 are fine. Unequal shapes and other reductions are a `ValueError` as
# before.

# %% [markdown]
# <details><summary>Hint 1: term by term</summary>
#
# The right side has three terms. Each is an operation on whole arrays: no loop, no `if`.
#
# </details>
#
# <details><summary>Hint 2: names in NumPy</summary>
#
# $\max(a, 0)$ is `np.maximum(logits, 0)`, number by number, and not `np.max`. $|a|$ is
# `np.abs(logits)`. The last term is `np.log1p` of an exponential.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# ```python
# return np.maximum(logits, 0) - logits * targets + np.log1p(...)
# ```
#
# The loss is two lines as in `MSELoss`: the shapes, then `reduce` of what
# `BinaryCrossEntropy.apply(...)` gives.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "bce", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
class BinaryCrossEntropy(Function):
    """Compute -log(p) where the target is 1 and -log(1 - p) where it is 0; p = sigmoid(logit)."""

    def forward(self, logits: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """Return the loss of every logit, in a form whose exponential cannot overflow."""
        ### BEGIN SOLUTION
        return np.maximum(logits, 0) - logits * targets + np.log1p(np.exp(-np.abs(logits)))
        ### END SOLUTION


class BCEWithLogitsLoss(Loss):
    """Measure how surprising yes-or-no targets (1 or 0) are, given a logit for yes."""

    def forward(self, logits: Tensor, target: Any) -> Tensor:
        """Return the cross-entropies, put together."""
        ### BEGIN SOLUTION
        require_equal_shapes(logits, target)
        return reduce(BinaryCrossEntropy.apply(logits, target), self.reduction)
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-bce", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_rng = check.rng("bce")
_array, _truths = _rng.normal(size=(3, 4)) * 2, _rng.integers(0, 2, size=(3, 4))
_soft_truths, _other_logits = _rng.uniform(size=(3, 4)), _rng.normal(size=(3, 4))
_far_logits, _logits, _logits32 = (
    Tensor(_array * 400),
    Tensor(_array),
    Tensor(_array, dtype=np.float32),
)
_each, _all_yes, _sure = (
    BCEWithLogitsLoss("none"),
    np.ones((3, 4)),
    Tensor(10.0 ** _rng.uniform(0, 2.8, size=(3, 4))),
)


def _strict(logits, targets):
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        return _each(logits, targets)


def _recorded(loss, targets):
    return check.recorded(Function, lambda x: loss(x, targets), [_logits], [_other_logits])


# rests on: Return the cross-entropies, put together.
check(
    "the mean loss",
    BCEWithLogitsLoss(),
    cases={"targets": (_logits, _truths), "the other way round": (_logits, 1 - _truths)},
)
check("the sum of the losses", lambda: BCEWithLogitsLoss("sum")(_logits, Tensor(_truths)))
check("every loss", lambda: _each(_logits, Tensor(_truths)))
check(
    "losses of one column and of one number",
    _each,
    cases={"(3, 1)": (_logits[:, :1], _truths[:, :1]), "()": (_logits[0, 0], 1)},
)
# rests on: Return the loss of every logit, in a form whose exponential cannot overflow.
check(
    "logits far from 0",
    _strict,
    cases={"targets": (_far_logits, _truths), "the other way round": (_far_logits, 1 - _truths)},
)
check(
    "logits very far from 0",
    _strict,
    cases={
        "targets": (_far_logits * 1e4, _truths),
        "the other way round": (_far_logits * 1e4, 1 - _truths),
    },
)
# rests on: exact for tiny $z$: a loss of $10^{-20}$ is not 0.
check(
    "small losses keep their digits",
    {
        "logits about 8": lambda: _each(_logits + 8, _all_yes),
        "logits from 1 to 600": lambda: _each(_sure, _all_yes),
        "logits down to -600, and no": lambda: _each(-_sure, 0 * _all_yes),
    },
    rtol=1e-6,
    atol=0,
)
# rests on: Targets between 0 and 1 are fine.
check(
    "targets between 0 and 1",
    _each,
    cases={"an array": (_logits, _soft_truths), "lists": (_logits, _soft_truths.tolist())},
)
check(
    "targets very close to 0 and 1",
    lambda: _each(_far_logits, np.abs(_truths - 1e-4 * _soft_truths)),
    rtol=1e-9,
    atol=0,
)
# rests on: float32 stays float32 and float64 keeps its digits
check("the loss of float32 is float32", lambda: BCEWithLogitsLoss()(_logits32, _truths.tolist()))
check("the loss keeps the digits", lambda: _each(_logits, _truths), rtol=1e-10, atol=0)
# rests on: predictions and targets stay as they were
check(
    "logits and targets stay as they were",
    lambda: [BinaryCrossEntropy.apply(p := Tensor(_array), q := Tensor(_truths)), p, q],
)
# rests on: send logits and targets through `BinaryCrossEntropy.apply` in the loss.
check(
    "every step is recorded, and runs again with other numbers",
    {
        "the mean": lambda: _recorded(BCEWithLogitsLoss(), _truths),
        "the sum": lambda: _recorded(BCEWithLogitsLoss("sum"), Tensor(_truths)),
        "every loss": lambda: _recorded(_each, _soft_truths),
    },
)
# rests on: Unequal shapes and other reductions are a `ValueError` as before.
_cases = [
    ((4, 1), (4,)),
    ((4,), (4,)),
    ((2, 4), (4,)),
    ((3, 2), (3, 2)),
    ((4, 3), (4, 1)),
    ((2, 3), (3, 2)),
    ((4, 1), (1, 4)),
]
check.outcomes(
    "refuses unequal shapes, and only those",
    lambda p, q: _each(Tensor(np.full(p, _array[0, 0])), np.ones(q)),
    {f"{p} and {q}": (p, q) for p, q in _cases},
)
# rests on: logits -500 and 500, yes: expected [500.0, 0.0], got
check(
    "logits -500 and 500, exactly", lambda: _each(Tensor([-500.0, 500.0]), [1, 1]), rtol=0, atol=0
)
### END HIDDEN TESTS
each = BCEWithLogitsLoss(reduction="none")(Tensor([0.0, 2.0, 2.0]), [1, 1, 0]).numpy()
assert np.allclose(each, [0.6931, 0.1269, 2.1269], atol=1e-4), (
    f"expected 0.6931 0.1269 2.1269, got {each}"
)
each = BCEWithLogitsLoss(reduction="none")(Tensor([-500.0, 500.0]), [1, 1]).tolist()
assert each == [500.0, 0.0], f"logits -500 and 500, yes: expected [500.0, 0.0], got {each}"
print("BCEWithLogitsLoss works")

# %% [markdown]
# ## 3. One of many: cross-entropy
#
# With ten classes the network gives ten scores, softmax makes probabilities of them, and the loss
# is $-\log p$ of the right one: one entry of your `LogSoftmax`, with the sign changed. This is the
# **cross-entropy** of the predicted probabilities and the label.
#
# From scores of shape `(N, C)` you need N numbers: from row 0 the entry at `target[0]`, from row 1
# the one at `target[1]`, and so on. `scores[:, target]` is something else: all rows, N columns of
# each. Two lists of indices go along together: `scores[[0, 1, 2], [7, 0, 4]]` picks three numbers.
#
# ### Exercise: `cross_entropy`
#
# `indices_of` is given but for its end: return the index that picks, a tuple of two
# arrays, or for a single sample (`samples` is empty) a tuple of one. In `forward`, keep the
# logarithms of all probabilities as `self.log_probabilities`: 06 will want them, of this very
# operation and unchanged. Return the loss of each sample. Then `cross_entropy`: send the scores
# through `CrossEntropy.apply(scores, right=...)`, the tensor itself, and reduce. Ten equal
# scores cost $\log 10 = 2.303$, whichever class is right.

# %% [markdown]
# <details><summary>Hint 1: pick by hand</summary>
#
# Take three samples and pick their entries by hand. The rows are 0, 1, 2, the columns stand in
# `target`. These are your two arrays of indices.
#
# </details>
#
# <details><summary>Hint 2: rows and logarithms</summary>
#
# `np.arange(len(right))` counts the rows. `LogSoftmax().forward(scores)` works on arrays and gives
# the logarithms of all probabilities: keep them, pick with `self.right`, change the sign.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# `indices_of` ends with
#
# ```python
# return (np.arange(len(right)), ...) if samples else ...
# ```
#
# In `cross_entropy`, `right=indices_of(target, scores.shape)` goes into `CrossEntropy.apply` beside
# the scores, and `reduce` puts the losses together.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "cross-entropy", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
class CrossEntropy(Function):
    """Compute -log(probability of the right class) from scores (N, C), or (C,) for one sample."""

    right: tuple[np.ndarray, ...] = ()  # indices of the right scores: scores[right] is (N,)

    def forward(self, scores: np.ndarray) -> np.ndarray:
        """Return the loss of every sample, (N,), or of the one."""
        ### BEGIN SOLUTION
        self.log_probabilities = LogSoftmax().forward(scores)
        return -self.log_probabilities[self.right]
        ### END SOLUTION


def indices_of(target: Any, shape: tuple[int, ...]) -> tuple[np.ndarray, ...]:
    """Return the indices that pick each sample's right score out of scores of a shape (N, C)."""
    if not shape:
        raise ValueError("one number is no scores: they have shape (N, C), or (C,)")
    *samples, classes = shape
    right = np.asarray(target)
    if list(right.shape) != samples:
        raise ValueError(
            f"scores of shape {shape} need class numbers of shape {tuple(samples)}, one a sample, "
            f"got shape {right.shape}"
        )
    if right.dtype.kind == "f" and (right % 1 == 0).all():
        right = right.astype(np.int64)  # a Tensor of class numbers
    if right.dtype.kind not in "iu":
        raise TypeError(f"targets are class numbers such as 0 or 7, got {target}")
    if right.size and not 0 <= right.min() <= right.max() < classes:
        raise IndexError(f"class numbers go from 0 to {classes - 1}, got {target}")
    ### BEGIN SOLUTION
    return (np.arange(len(right)), right) if samples else (right,)
    ### END SOLUTION


def cross_entropy(scores: Tensor, target: Any, reduction: str = "mean") -> Tensor:
    """Measure how surprising the right class is, given scores (N, C), or (C,) and one target."""
    ### BEGIN SOLUTION
    losses = CrossEntropy.apply(scores, right=indices_of(target, scores.shape))
    return reduce(losses, reduction)
    ### END SOLUTION


class CrossEntropyLoss(Loss):
    """Measure how surprising the right classes are, given scores for every class."""

    def forward(self, scores: Tensor, target: Any) -> Tensor:
        """Return the cross-entropies, put together."""
        return cross_entropy(scores, target, self.reduction)


# %% nbgrader={"grade": true, "grade_id": "test-cross-entropy", "locked": true, "points": 8, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_rng = check.rng("cross-entropy")
_array, _classes = _rng.normal(size=(6, 4)) * 2, _rng.integers(0, 4, size=6)
_square, _others = _rng.normal(size=(3, 3)), _rng.normal(size=(6, 4))
_scores, _scores32, _square_classes = (
    Tensor(_array),
    Tensor(_array, dtype=np.float32),
    _rng.permutation(3),
)
_kinds_of_targets = {
    "a list": (_classes.tolist(),),
    "a Tensor": (Tensor(_classes),),
    "floats": (_classes * 1.0,),
    "uint8": (_classes.astype(np.uint8),),
    "int32": (_classes.astype(np.int32),),
}
_sure_of_the_right = _array + 20 * (np.arange(4) == _classes[:, None])  # of the right class


def _of(target, shape=(6, 4)):
    return cross_entropy(Tensor(np.resize(_array, shape)), target)


def _kept(scores, target):
    """Return what an operation has kept after another one has run."""
    one = CrossEntropy(right=indices_of(target, scores.shape))
    one.forward(scores)
    CrossEntropy(right=indices_of(_square_classes, _square.shape)).forward(_square)
    return one.log_probabilities


def _recorded(reduction, scores, target, others):
    return check.recorded(
        Function, lambda x: cross_entropy(x, target, reduction), [Tensor(scores)], [others]
    )


# rests on: the loss is $-\log p$ of the right one
check(
    "the mean of a batch",
    cross_entropy,
    cases={"classes": (_scores, _classes), "other classes": (_scores, 3 - _classes)},
)
check("as many samples as classes", lambda: cross_entropy(Tensor(_square), _square_classes))
check("the sum of a batch", lambda: cross_entropy(_scores, _classes, reduction="sum"))
check(
    "every sample",
    cross_entropy,
    cases={"six": (_scores, _classes, "none"), "one": (_scores[:1], _classes[:1], "none")},
)
check(
    "the loss as a module",
    lambda way: CrossEntropyLoss(way)(_scores, _classes),
    cases={way: (way,) for way in ("mean", "sum", "none")},
)
# rests on: or for a single sample (`samples` is empty) a tuple of one.
check(
    "one sample and its class",
    lambda: [cross_entropy(_scores[i], int(_classes[i])) for i in range(3)],
)
check(
    "one sample and its class, as it is",
    lambda: [cross_entropy(_scores[i], int(_classes[i]), "none") for i in range(3)],
)
# rests on: no loss, tiny or huge, is clipped.
check("scores far apart", lambda: cross_entropy(_scores * 1000, _classes, "none"))
check("scores very far apart", lambda: cross_entropy(_scores * 1e7, _classes, "none"))
check(
    "large scores",
    lambda far: cross_entropy(_scores + far, _classes, "none"),
    cases={"about 5000": (5000,), "about -5000": (-5000,)},
)
check(
    "small losses keep their digits",
    lambda: cross_entropy(_scores, _classes, "none"),
    rtol=1e-11,
    atol=0,
)
check(
    "losses close to 0",
    lambda: cross_entropy(Tensor(_sure_of_the_right), _classes, "none"),
    rtol=1e-3,
    atol=0,
)
# rests on: `indices_of` is given but for its end
check("targets of all kinds", lambda kind: cross_entropy(_scores, kind), cases=_kinds_of_targets)
# rests on: float32 stays float32 and float64 keeps its digits
check("cross-entropy of float32 is float32", lambda: cross_entropy(_scores32, _classes))
# rests on: predictions and targets stay as they were
check(
    "scores and targets stay as they were",
    lambda: [cross_entropy(p := Tensor(_array), t := _classes.copy()), p, t],
)
# rests on: keep the logarithms of all probabilities as `self.log_probabilities`: 06 will want them,
#   of this very operation and unchanged.
check(
    "the log-probabilities are kept",
    _kept,
    cases={
        "a batch": (_array, _classes),
        "one sample": (_array[0], int(_classes[0])),
        "scores far apart": (_array * 1000, _classes),
    },
)
# rests on: send the scores through `CrossEntropy.apply(scores, right=...)`, the tensor itself
check(
    "every step is recorded, and runs again with other numbers",
    {
        "the mean": lambda: _recorded("mean", _array, _classes, _others),
        "the sum": lambda: _recorded("sum", _array, _classes, _others),
        "every sample": lambda: _recorded("none", _array, _classes, _others),
        "one sample": lambda: _recorded("mean", _array[0], int(_classes[0]), _others[0]),
    },
)
# rests on: need class numbers of shape
# rests on: class numbers go from 0 to
# rests on: targets are class numbers such as 0 or 7
check.outcomes(
    "refuses targets of other shapes",
    _of,
    {
        "a class a sample": (_classes,),
        "one too few": (_classes[:5],),
        "a column": (_classes[:, None],),
        "scores of other shape": (_classes, (4, 4)),
        "one for all": (2,),
    },
)
check.outcomes(
    "refuses classes that are not there",
    _of,
    {
        "classes that are there": (_classes,),
        "too large": (_classes + 4,),
        "negative": (_classes - 9,),
        "all 0": ([0] * 6,),
    },
    (IndexError,),
)
check.outcomes(
    "refuses targets that are no classes",
    _of,
    {
        "classes": (_classes,),
        "halves": (_classes + 0.5,),
        "truths": (_classes > 1,),
    },
    (TypeError,),
)
# rests on: Any other `reduction` than these three words, letter by letter, is a `ValueError` too.
check.outcomes(
    "cross-entropy refuses other reductions",
    lambda way: cross_entropy(_scores, _classes, way),
    {f"reduction {word!r}": (word,) for word in ("mean", "Mean", "avg", None)},
)
### END HIDDEN TESTS
scores = Tensor([[1.0, 2.0, 3.0], [5.0, 0.0, 0.0]])
each = cross_entropy(scores, [0, 0], reduction="none").numpy()
assert each.shape == (2,), f"two samples: expected two losses, got shape {each.shape}"
assert np.allclose(each, [2.4076, 0.0134], atol=1e-4), f"expected 2.4076 and 0.0134, got {each}"
one = cross_entropy(Tensor([0.0] * 10), 7).item()
assert abs(one - np.log(10)) < 1e-5, f"ten equal scores: expected log(10) = 2.3026, got {one:.4f}"
for target, kind in (([0, 3], IndexError), ([0.5, 1], TypeError), ([0, 1, 2], ValueError)):
    try:
        cross_entropy(scores, target)
        raise AssertionError(f"targets {target} should be a {kind.__name__}")
    except kind as error:
        print(f"{kind.__name__}: {error}")

# %% [markdown]
# ## See it work
#
# On the left is the cross-entropy as a function of the probability of the right class. On the right
# are the images with the largest loss for the model of mean digits: some make even a human
# hesitate.

# %%
means = mean_images(images[:5000], labels[:5000]).reshape(10, 784)
known = Sequential(Flatten(), Linear(784, 10))
known.layers[1].weight.data, known.layers[1].bias.data = means, -(means**2).sum(axis=1) / 2
manual_seed(0)
for name, model in (("mean digits", known), ("random MLP", MLP([784, 64, 10]))):
    loss, right = cross_entropy(model(x), x_labels), model(x).numpy().argmax(axis=1) == x_labels
    print(f"{name}: loss {loss.item():.3f}, accuracy {right.mean():.1%}")
print(f"ten equal probabilities: loss {np.log(10):.3f}")

widths, probabilities = [3.5] + [1] * 7, np.linspace(0.005, 1, 200)
figure, panels = plt.subplots(1, 8, figsize=(9, 2), width_ratios=widths, layout="constrained")
panels[0].plot(probabilities, -np.log(probabilities))
panels[0].set(xlabel="probability of the right class", title="cross-entropy", ylim=(0, 5.4))
each = cross_entropy(known(x), x_labels, reduction="none").numpy()
for panel, i in zip(panels[1:], np.argsort(-each), strict=False):
    panel.imshow(x[i].numpy()[0], cmap="gray_r")
    panel.set_title(f"{x_labels[i]}\nloss {each[i]:.1f}", fontsize=9)
    panel.axis("off")
worst = ", ".join(str(label) for label in x_labels[np.argsort(-each)[:7]])
tinytorch.show(
    figure,
    "On the left a curve: the loss is above 5 where the probability is near 0, falls steeply and "
    f"reaches 0 at probability 1. On the right seven untidy digits, with the labels {worst}.",
)

# %% [markdown]
# ## What it costs
#
# For each image the MLP does two FLOPs with each of its 50,816 weights. The loss does a handful with
# each of ten scores: a maximum, a difference, an exponential, a sum, a logarithm. What does that
# come to in time? And when would a loss cost much?

# %%
import time


def shortest(work, runs=30) -> float:
    """Return the shortest of several durations of a work, in milliseconds."""
    durations = []
    for _ in range(runs):
        begun = time.perf_counter()
        work()
        durations.append(time.perf_counter() - begun)
    return 1e3 * min(durations)


model, some, some_labels = MLP([784, 64, 10]), x[:100], x_labels[:100]
scores = model(some)
one, ones = scores[:, 0], np.ones(100)
works = {
    "the MLP": lambda: model(some),
    "cross-entropy": lambda: cross_entropy(scores, some_labels),
    "binary cross-entropy": lambda: BCEWithLogitsLoss()(one, ones),
    "squared error": lambda: MSELoss()(one, ones),
}
milliseconds = {name: shortest(work) for name, work in works.items()}
for name, value in milliseconds.items():
    print(f"{name}: {value:.3f} ms for 100 images")
classes = np.array([10, 100, 1000, 10_000, 100_000])
figure, (left, right) = plt.subplots(1, 2, figsize=(8, 2.3), layout="constrained")
left.barh(list(works), list(milliseconds.values()), color="tab:blue")
left.invert_yaxis()
left.set(xlabel="ms for 100 images", title="time")
right.plot(classes, 4 * 100 * classes / 1e6, "o-", label="scores of 100 samples")
right.axhline(4 * 50_890 / 1e6, linestyle="--", color="tab:orange", label="parameters of the MLP")
right.set(xscale="log", yscale="log", xlabel="classes", ylabel="MB", title="memory")
right.legend(fontsize=8)
tinytorch.show(
    figure,
    "On the left, bars for the time of the MLP and of the three losses: cross-entropy takes "
    f"{milliseconds['cross-entropy'] / milliseconds['the MLP']:.2f} times as long as the MLP. On the "
    "right, the memory of the scores grows with the number of classes, from much less than the "
    "parameters of the MLP for ten classes to 40 megabytes for a hundred thousand.",
)

# %% [markdown]
# With ten classes the loss does about a thousandth of the arithmetic, and most of its time is
# Python's. But the scores grow with the classes: a language model that has 100,000 of them, at
# every position of a text, may hold more bytes in its scores than in any other result.

# %% [markdown]
# ## In the real world
#
# PyTorch has `torch.nn.MSELoss`, `BCEWithLogitsLoss` and `CrossEntropyLoss`, and the last as
# `torch.nn.functional.cross_entropy`: same names, same `reduction`. The last two want scores, not
# probabilities: applying softmax first is a frequent mistake, and no error message tells you. For
# unequal shapes `MSELoss` only warns, and broadcasts. A language model is trained with exactly your
# `cross_entropy`: it has a class for each of 100,000 words or parts of words, at every position of
# the text.
#
# Squared errors are older than any network: Legendre published the method of least squares in 1805,
# to compute the orbits of comets. To read on:
#
# - C. Shannon: *A mathematical theory of communication*. Bell System Technical Journal 27, 1948.
#   Where $-\log p$ became the measure of information.
# - J. Bridle: *Probabilistic interpretation of feedforward classification network outputs*.
#   Neurocomputing (Springer), 1990. Softmax gets its name, and its loss.
#
# ## Think
#
# Why not simply use the error rate, the fraction of wrong guesses, as the loss? And suppose
# somebody computes `cross_entropy(Softmax()(scores), target)`: which values can the loss of one
# sample take then, with ten classes? What would you notice during training?

# %% [markdown] nbgrader={"grade": true, "grade_id": "think", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# (1 point) The error rate moves in steps: a small change of a weight mostly changes no guess, so
# its gradient is 0 nearly everywhere and does not say which way to go. And it does not tell a
# narrow miss from a confident mistake. Either reason is enough.
#
# (1 point) The second softmax sees values between 0 and 1. At best the right class has 1 and the
# others 0: the loss is -log(e / (e + 9)), about 1.46. At worst another one has 1: -log(1 / (e +
# 9)), about 2.46.
#
# (1 point) So the loss starts near 2.3 and can never fall below 1.46. Training is slow, since large
# differences of scores hardly matter any more. Yet no error appears, and the guesses improve.
# ### END SOLUTION

# %% [markdown]
# ## Next: which way is down?
#
# You have a loss, and a landscape. The derivatives of the loss with respect to all the parameters
# together are its **gradient**, which points uphill, the steepest way. To train a model, measure
# the gradient, change every parameter a little against it, and repeat: that is **gradient
# descent**. The gradient is multiplied by the **learning rate**, which decides how far a step goes.
# You have been able to measure derivatives since 03, and for a line with two parameters that is
# enough to learn:

# %%
learning_rate, h = 0.4, 1e-4
w, b, path = 2.0, -1.0, [(2.0, -1.0)]
for _ in range(25):
    w_grad = (line_loss(w + h, b) - line_loss(w - h, b)) / (2 * h)
    b_grad = (line_loss(w, b + h) - line_loss(w, b - h)) / (2 * h)
    w, b = w - learning_rate * w_grad, b - learning_rate * b_grad
    path.append((w, b))
print(f"w = {w:.2f}, b = {b:.2f}, loss {line_loss(w, b):.4f} after {4 * 25} losses")

figure, (left, right) = plt.subplots(1, 2, figsize=(7, 2.7), layout="constrained")
heights = np.array([[line_loss(p, q) for p in axis] for q in axis])
left.contour(axis, axis, np.sqrt(heights), levels=16, cmap="viridis")
left.plot(*zip(*path, strict=True), "o-", color="tab:orange", markersize=3)
left.set(xlabel="w", ylabel="b", title="gradient descent")
right.scatter(times.numpy(), truth.numpy(), s=8, color="gray")
for p, q in path[::3]:
    right.axline((0, q), slope=p, color="tab:orange", alpha=0.4, linewidth=1)
right.axline((0, b), slope=w, color="tab:blue")
right.set(ylim=(-1.5, 1.8), title="the line on its way")
tinytorch.show(
    figure,
    "On the left a path in the bowl of the loss: long steps at first, shorter and shorter ones "
    "towards the minimum. On the right the same path as lines, which turn into the points.",
)

# %%
import time

mlp, start = MLP([784, 64, 10]), time.perf_counter()
for _ in range(20):
    cross_entropy(mlp(x[:100]), x_labels[:100])
seconds = (time.perf_counter() - start) / 20
count = sum(parameter.size for parameter in mlp.parameters())
print(f"two losses for each of {count:,} parameters: {2 * count * seconds:.0f} seconds a step")

# %% [markdown]
# Two parameters took four losses a step. The MLP would take a hundred thousand for one single step,
# and it needs thousands of steps. There is a better way, which finds the gradient for all
# parameters at once and for the price of a few losses. It is the heart of every framework:
# assignment 06.
#
# Keep what you wrote: save the notebook and run the last cell. It adds a module to your framework.

# %%
import tinytorch

tinytorch.export_mine("05_losses")
