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
# # 03 · Activations
#
# ## Where we are
#
# Your tensors of 02 multiply and add: they are linear, and the world is not. Today you build what
# stands between two matrix products and makes a network *nonlinear*: five **activation functions**,
# `ReLU`, `Sigmoid`, `Tanh`, `Softmax` and `LogSoftmax`. The first makes "exactly one of two switches"
# possible, the last two turn scores into probabilities.
#
# You use `tinytorch.tensor`, the work of assignment 02. Plan about 90 minutes.
#
# Here are the digits again, scored by one matrix product as at the end of 02. The class with the
# largest score is the guess. But how sure is the model of it? From the scores alone you cannot tell.
#
# `tinytorch.check()` in a cell of its own lists what this notebook will be graded by, and what its
# visible tests say so far.

# %%
import tinytorch

tinytorch.use_mine(False)  # True: build on the modules that you exported from earlier notebooks

# %%
import matplotlib.pyplot as plt
from tinytorch.setup import load_digits, manual_seed, mean_images
from tinytorch.tensor import Tensor

images, labels = load_digits()
means = Tensor(mean_images(images[:5000], labels[:5000])).reshape(10, 784)
x, x_labels = Tensor(images[5000:]).reshape(5000, 784), labels[5000:]
scores = x @ means.T - (means * means).sum(axis=1) / 2
print("scores of the first new image:", scores.numpy()[0].round(1))
print(f"accuracy {(scores.numpy().argmax(axis=1) == x_labels).mean():.1%} on the test set")

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["export"]
from typing import Any

import numpy as np
from tinytorch.tensor import Function, Tensor

# %% [markdown]
# ## One base for all
#
# An activation function is an operation like those of 02: a `Function` with a `forward`, arrays in,
# array out, through the same dispatch. One thing is new. It is made once and called often:
# `relu = ReLU()`, and then `relu(x)`. The base class is given.
#
# For all five: the array you are given belongs to somebody else, so return a new one; float32 stays
# float32 and float64 keeps its digits; and neither a tiny result nor a huge one is rounded or
# clipped. In 05 you will see why even a probability of 0.0000000001 matters.


# %% nbgrader={"grade": false, "grade_id": "activation", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["export"]
class Activation(Function):
    """A Function to be made once and called often: `relu = ReLU()`, then `relu(x)`."""

    def __call__(self, x: Any) -> Tensor:
        """Apply the activation to a tensor, with the options it was made with."""
        return self.apply(x, **vars(self))

    def __repr__(self) -> str:
        options = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{type(self).__name__}({options})"


# %% [markdown]
# ## 1. ReLU
#
# The *rectified linear unit* has a long name and one idea: keep what is positive, replace what is
# negative by 0. It is nearly nothing, and it is enough: most large networks use ReLU or a close
# relative.
#
# **Exercise.** Write `ReLU.forward`.

# %% [markdown]
# <details><summary>Hint 1: where to begin</summary>
#
# For every number: is it larger than 0? Then it stays, otherwise 0 takes its place. In other words, take
# the larger of the number and 0.
#
# </details>
#
# <details><summary>Hint 2: all numbers at once</summary>
#
# No loop and no `if` is needed. `np.max` finds the largest number of one array, which is something else.
# Which function compares two arrays, number by number?
#
# </details>
#
# <details><summary>Hint 3: nearly there</summary>
#
# `np.maximum(this, that)` returns the larger of the two for each number, and broadcasts: `that` may be
# the number 0. It makes a new array, so that `a` stays as it was.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "relu", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
class ReLU(Activation):
    """Keep positive numbers and replace negative ones by 0."""

    def forward(self, a: np.ndarray) -> np.ndarray:
        """Return max(a, 0), number by number."""
        ### BEGIN SOLUTION
        return np.maximum(a, 0)
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-relu", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_rng = check.rng("relu")
_matrix, _line = _rng.normal(size=(3, 4)) * 5, _rng.normal(size=7)
_cube, _tiny, _huge = _matrix.reshape(2, 3, 2), _rng.normal(size=12) * 1e-3, _matrix * 1e4
_of_any_size = _rng.normal(size=31) * 10.0 ** np.arange(-30, 32, 2)


def _written_into():
    """Return positive numbers after another one was written into what came of them."""
    ReLU()(x := Tensor(np.abs(_matrix) + 1)).data[...] = 0
    return x


# rests on: keep what is positive, replace what is negative by 0.
check("relu of a matrix", lambda: ReLU()(Tensor(_matrix)), dtype=False)
check("relu of three axes and of one", ReLU(), cases={"three axes": (_cube,), "one axis": (_line,)})
check("relu of single numbers", lambda: [ReLU()(Tensor(float(n))) for n in _line], dtype=False)
# rests on: neither a tiny result nor a huge one is rounded or clipped.
check("relu of small numbers", lambda: ReLU()(Tensor(_tiny)), rtol=1e-9, atol=0)
check("relu of large numbers", lambda: ReLU()(Tensor(_huge)), dtype=False)
check("relu of numbers of any size", lambda: ReLU()(Tensor(_of_any_size)), rtol=1e-9, atol=0)
check("relu of numbers beyond float32", lambda: ReLU()(Tensor(_huge * 1e200)), rtol=1e-9, atol=0)
# rests on: float32 stays float32
check("relu of float32 is float32", lambda: ReLU()(Tensor(_matrix.astype(np.float32))))
# rests on: the array you are given belongs to somebody else, so return a new one
check("relu leaves its operand", lambda: [ReLU()(x := Tensor(_matrix)), x])
check("relu of positive numbers is another array", _written_into)
# rests on: expected [0.0, 0.0, 0.0, 3.0], got
_shown = Tensor([-2.0, -0.5, 0.0, 3.0])
check("the numbers of the visible test, exactly", lambda: ReLU()(_shown), rtol=0, atol=0)
### END HIDDEN TESTS
t = Tensor([-2.0, -0.5, 0.0, 3.0])
assert ReLU()(t).tolist() == [0, 0, 0, 3], f"expected [0.0, 0.0, 0.0, 3.0], got {ReLU()(t)}"
assert t.tolist() == [-2, -0.5, 0, 3], f"the operand should stay as it was, now it is {t}"
print("ReLU works:", t.tolist(), "becomes", ReLU()(t).tolist())

# %% [markdown]
# ## 2. Sigmoid
#
# The sigmoid squashes any number into a probability, strictly between 0 and 1:
#
# $$\sigma(a) = \frac{1}{1 + e^{-a}}$$
#
# Written down like this, it breaks on a computer. For $a = -100$ it needs $e^{100}$, a number of 44
# digits, and float32 ends at 39. NumPy warns of an **overflow** and goes on with infinity. The
# other form of it, $e^a / (1 + e^a)$, is fine there and breaks at $+100$: infinity by infinity is
# `nan`, not a number. What can never overflow is $e^{-|a|}$, which is at most 1.
#
# **Exercise.** Write `Sigmoid.forward` with $e^{-|a|}$. For $a \ge 0$ that is the $e^{-a}$ of the
# first form, for $a < 0$ the $e^a$ of the other. `np.where(condition, this, that)` chooses number
# by number. For $a = -100$ the answer is $4 \cdot 10^{-44}$, in float64, and not 0.

# %% [markdown]
# <details><summary>Hint 1: where to begin</summary>
#
# Compute $e^{-|a|}$ once, for all numbers, and give it a name. `np.exp` and `np.abs` work number by
# number.
#
# </details>
#
# <details><summary>Hint 2: two forms of one fraction</summary>
#
# Call it `power`. For $a \ge 0$ the sigmoid is $1 / (1 + \mathtt{power})$, for $a < 0$ it is
# $\mathtt{power} / (1 + \mathtt{power})$. What is below the line is the same in both.
#
# </details>
#
# <details><summary>Hint 3: nearly there</summary>
#
# So only what is above the line has to be chosen, by `np.where` and the sign of `a`:
#
# ```python
# power = np.exp(-np.abs(a))
# return np.where(..., ..., ...) / (1 + power)
# ```
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "sigmoid", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
class Sigmoid(Activation):
    """Squash numbers into (0, 1): 1 / (1 + e**-a)."""

    def forward(self, a: np.ndarray) -> np.ndarray:
        """Return the sigmoid, in a form whose exponential cannot overflow."""
        ### BEGIN SOLUTION
        power = np.exp(-np.abs(a))
        return np.where(a >= 0, 1, power) / (1 + power)
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-sigmoid", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_rng = check.rng("sigmoid")
_matrix, _few = _rng.normal(size=(3, 4)) * 3, [float(_n) for _n in _rng.normal(size=3)]
_far = np.append(_rng.uniform(20, 80, size=5), _matrix[0] / 20)
_far32 = (10 * _far).astype(np.float32)
_below = -np.linspace(5, 80, 16) - _rng.uniform(size=16)  # tiny, but no 0 yet in float32


def _strict(a):
    """Return the sigmoid; a number too large for its dtype is an error, not a warning."""
    with np.errstate(over="raise", invalid="raise"):
        return Sigmoid()(Tensor(a))


# rests on: The sigmoid squashes any number into a probability, strictly between 0 and 1
check("sigmoid of a matrix", lambda: Sigmoid()(Tensor(_matrix)), dtype=False)
check("sigmoid of single numbers", lambda: [Sigmoid()(Tensor(n)) for n in _few], dtype=False)
# rests on: Return the sigmoid, in a form whose exponential cannot overflow.
check(
    "sigmoid of very negative numbers",
    _strict,
    cases={"float64": (-20 * _far,), "float32": (-_far32,)},
)
check(
    "sigmoid of very large numbers", _strict, cases={"float64": (20 * _far,), "float32": (_far32,)}
)
# rests on: neither a tiny result nor a huge one is rounded or clipped.
check(
    "tiny probabilities keep their digits",
    {
        "down to -80": lambda: _strict(_below),
        "down to -80, in float32": lambda: _strict(_below.astype(np.float32)),
        "down to -640": lambda: _strict(_below * 8),
    },
    rtol=1e-4,
    atol=0,
)
# rests on: For $a = -100$ the answer is $4 \cdot 10^{-44}$, in float64, and not 0.
check("from -100 to -735", lambda: _strict(np.linspace(-735, -100, 13)), rtol=0.02, atol=0)
check(
    "probabilities close to 1 keep their digits",
    lambda: _strict(-_below[:7]),
    rtol=1e-14,
    atol=0,
)
# rests on: float32 stays float32 and float64 keeps its digits
check("sigmoid of float32 is float32", lambda: Sigmoid()(Tensor(_matrix.astype(np.float32))))
check("sigmoid keeps the digits of float64", lambda: Sigmoid()(Tensor(_matrix)), rtol=1e-10, atol=0)
# rests on: the array you are given belongs to somebody else, so return a new one
check(
    "sigmoid leaves its operand",
    lambda shape: [Sigmoid()(x := Tensor(_matrix.reshape(shape))), x],
    cases={f"{shape}": (shape,) for shape in ((3, 4), (12,), (2, 3, 2))},
)
# rests on: of -1000 and 1000: expected [0.0, 1.0], got
check("of -1000 and 1000, exactly", lambda: _strict([-1000.0, 1000.0]), rtol=0, atol=0)
### END HIDDEN TESTS
got = Sigmoid()(Tensor([0.0, 2.0, -2.0])).numpy()
assert np.allclose(got, [0.5, 0.8808, 0.1192], atol=1e-4), f"expected 0.5 0.8808 0.1192, got {got}"
with np.errstate(over="raise", invalid="raise"):  # makes an error of NumPy's warning
    got = Sigmoid()(Tensor([-1000.0, 1000.0])).tolist()
assert got == [0.0, 1.0], f"of -1000 and 1000: expected [0.0, 1.0], got {got}"
print("Sigmoid works")

# %% [markdown]
# ## 3. Tanh
#
# The hyperbolic tangent squashes into (-1, 1) and sends 0 to 0:
#
# $$\tanh a = \frac{e^a - e^{-a}}{e^a + e^{-a}} = 2\,\sigma(2a) - 1$$
#
# You know by now what the fraction does at $a = 1000$. The right side is fine there and loses its
# digits near 0, where it is the difference of two nearly equal numbers. NumPy's `np.tanh` knows both.
#
# **Exercise.** Write `Tanh.forward`.

# %% [markdown]
# <details><summary>Hint 1: where to begin</summary>
#
# You need not write the formula out: read the last sentence above the exercise again.
#
# </details>
#
# <details><summary>Hint 2: why not by hand</summary>
#
# The fraction overflows far from 0, and the form with the sigmoid loses its digits near 0. NumPy's
# function was written to be right in both places.
#
# </details>
#
# <details><summary>Hint 3: nearly there</summary>
#
# One line. NumPy's function takes an array of any shape and returns a new one of the same dtype, so call
# it with `a`, and return what it gives.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "tanh", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
class Tanh(Activation):
    """Squash numbers into (-1, 1)."""

    def forward(self, a: np.ndarray) -> np.ndarray:
        """Return the hyperbolic tangent of every number."""
        ### BEGIN SOLUTION
        return np.tanh(a)
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-tanh", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_rng = check.rng("tanh")
_matrix, _far = _rng.normal(size=(3, 4)), _rng.normal(size=6) * 1e3
_matrix32, _bend = _matrix.astype(np.float32), np.linspace(2, 17, 16) + _rng.uniform(size=16)
_of_any_size = _rng.normal(size=33) * 10.0 ** np.linspace(-30, 2, 33)

# rests on: The hyperbolic tangent squashes into (-1, 1) and sends 0 to 0
check("tanh of a matrix", lambda: Tanh()(Tensor(_matrix)), dtype=False)
check("tanh of single numbers", lambda: [Tanh()(Tensor(n)) for n in _matrix[0]], dtype=False)
check(
    "tanh far from 0",
    Tanh(),
    cases={"and near": (Tensor(np.append(_far, _matrix[1])),), "the other side": (Tensor(-_far),)},
)
# rests on: loses its digits near 0, where it is the difference of two nearly equal numbers.
# rests on: neither a tiny result nor a huge one is rounded or clipped.
check(
    "tanh keeps its digits",
    {
        "from 0 outwards": lambda: Tanh()(Tensor(_of_any_size)),
        "where it comes close to 1": lambda: Tanh()(Tensor(_bend)),
        "where it is 1, or -1": lambda: Tanh()(Tensor([-1000.0, -100.0, 100.0, 1000.0])),
    },
    rtol=1e-12,
    atol=0,
)
# rests on: float32 stays float32
check(
    "tanh of float32 is float32",
    Tanh(),
    cases={"a matrix": (Tensor(_matrix32),), "a row": (Tensor(_matrix32[0]),)},
)
# rests on: the array you are given belongs to somebody else, so return a new one
check("tanh leaves its operand", lambda: [Tanh()(x := Tensor(_matrix)), x])
### END HIDDEN TESTS
got = Tanh()(Tensor([0.0, 1.0, -1.0])).numpy()
assert np.allclose(got, [0, 0.7616, -0.7616], atol=1e-4), f"expected 0 0.7616 -0.7616, got {got}"
got = Tanh()(Tensor([-1000.0, 1000.0])).tolist()
assert got == [-1.0, 1.0], f"of -1000 and 1000: expected [-1.0, 1.0], got {got}"
print("Tanh works")

# %% [markdown]
# ## 4. Derivatives
#
# How much does the output of an activation change when its input changes a little? That is its
# slope, the **derivative**. To measure it, step a little to the right and a little to the left, and
# divide the rise by the run. This is the *central difference*:
#
# $$f'(x) \approx \frac{f(x + h) - f(x - h)}{2h}$$
#
# Soon derivatives will be what learning is about, so look at them early. Take float64 for this:
# float32 keeps 7 digits, and a difference of two nearly equal numbers loses most of them.
#
# **Exercise.** Write `derivative`. It works number by number, at all the places in `x` at once, for any
# function `f` of a tensor, and it leaves `x` as it was.

# %% [markdown]
# <details><summary>Hint 1: where to begin</summary>
#
# `f` is a function that you can call: `f(x)` is a tensor. Which two tensors do you have to call it with,
# according to the formula?
#
# </details>
#
# <details><summary>Hint 2: all places at once</summary>
#
# `x + h` is a tensor in which every number is a little larger. It is a new one, so `x` stays as it was.
# `f` is computed number by number, so there is no loop.
#
# </details>
#
# <details><summary>Hint 3: nearly there</summary>
#
# The rise is the difference of two calls, and the run is the distance between the two places. Mind the
# brackets, since `/ 2 * h` divides by 2 and then multiplies:
#
# ```python
# rise = f(x + h) - ...
# return rise / (...)
# ```
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "slope", "locked": false, "schema_version": 3, "solution": true, "task": false}
def derivative(f: Any, x: Tensor, h: float = 1e-4) -> Tensor:
    """Return the derivative of f at every number of x, measured between x - h and x + h."""
    ### BEGIN SOLUTION
    return (f(x + h) - f(x - h)) / (2 * h)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-slope", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_rng = check.rng("slope")
_x, _k = Tensor(_rng.uniform(0.5, 3, size=(2, 5))), float(_rng.uniform(2, 5))
_both_sides = Tensor(_rng.normal(size=8) * 4)


def _squeeze(x):
    return 1 / (1 + (-x).exp())


def _after():
    derivative(_squeeze, x := Tensor(_both_sides.data))
    return x


# rests on: Return the derivative of f at every number of x, measured between x - h and x + h.
check("derivative of a line", lambda: derivative(lambda x: _k * x + 1, _x), rtol=1e-6)
check(
    "derivative of a curve",
    derivative,
    cases={"x ** 3": (lambda x: x**3, _x), "1 / (1 + e**-x)": (_squeeze, _x)},
    rtol=1e-6,
)
check("derivative where it goes down", lambda: derivative(lambda x: (_k - x) ** 2, _x), rtol=1e-6)
check(
    "derivative with a wide step",
    derivative,
    cases={f"h = {h}": (lambda x: x**3, _x, h) for h in (0.1, 0.5)},
)
check(
    "derivative on both sides of 0",
    lambda: derivative(lambda x: _k * x * x, _both_sides),
    rtol=1e-6,
)
# rests on: It works number by number, at all the places in `x` at once, for any
#   function `f` of a tensor, and it leaves `x` as it was.
check("derivative at one place", lambda: derivative(lambda x: _k / x, _x[1, 2]), rtol=1e-6)
check("derivative of x itself", lambda: derivative(lambda x: x, _x) * _k, rtol=1e-6)
check(
    "derivative of small and large functions",
    {
        "thousandths": lambda: derivative(lambda x: x * x * 1e-6, _x),
        "millions": lambda: derivative(lambda x: x * x * 1e6, _x),
    },
    rtol=1e-6,
    atol=0,
)
check("derivative leaves its places", _after, rtol=0, atol=0)
### END HIDDEN TESTS
got = derivative(lambda x: x * x, Tensor(np.array([1.0, 2.0, 5.0]))).numpy()
assert np.allclose(got, [2, 4, 10], rtol=1e-7), f"x * x at 1, 2, 5: expected 2, 4, 10, got {got}"
print("derivative works")

# %%
places = Tensor(np.linspace(-5, 5, 401))
figure, panels = plt.subplots(1, 3, figsize=(9, 2.6), layout="constrained")
for panel, f in zip(panels, (ReLU(), Sigmoid(), Tanh()), strict=True):
    steepness = derivative(f, places).numpy()
    panel.plot(places, f(places), label="activation")
    panel.plot(places, steepness, "--", label="its derivative")
    panel.axhline(0, color="lightgray", linewidth=1, zorder=0)
    panel.axvline(0, color="lightgray", linewidth=1, zorder=0)
    panel.set(title=type(f).__name__, ylim=(-1.2, 2.2))
    print(f"{type(f).__name__:8} derivative from {steepness.min():.4f} to {steepness.max():.2f}")
panels[0].legend(loc="upper left", fontsize=8)
tinytorch.show(
    figure,
    "Three curves with their derivatives, dashed. ReLU is 0 on the left and rises on the right; its "
    "derivative is 0, then 1. Sigmoid rises from 0 to 1, and its derivative is a low bump of height "
    "1/4 at 0. Tanh rises from -1 to 1, and its derivative is a bump of height 1 at 0.",
)

# %% [markdown]
# Sigmoid and tanh are flat far from 0: they **saturate**. Where a curve is flat, a small change of the
# input changes nothing, so there is nothing to learn from. Even where it is steepest, the sigmoid
# rises by only a quarter of the step. ReLU has derivative 1 wherever it lets a number through.
#
# A network learns from the derivatives of its result with respect to its weights, which together are
# called the *gradient*. In a deep network many small derivatives are multiplied, and hardly anything
# is left for the first layers to learn from. This is the **vanishing gradient**.
#
# ## 5. Softmax
#
# Scores for ten digits should become ten probabilities: positive, and together 1. Make every score
# positive with $e^a$, then divide by the sum:
#
# $$\mathrm{softmax}(a)_i = \frac{e^{a_i}}{\sum_j e^{a_j}}$$
#
# Unlike the others, softmax looks at many numbers together: those along the axis `dim`. One row of
# scores is one image, so the default is the last axis.
#
# The overflow is back: $e^{100}$ is too large for float32. But adding the same number to all
# scores multiplies numerator and denominator by the same factor and changes nothing. So subtract
# the largest score first. The largest *along the axis*: every row has its own.
#
# **Exercise.** Write `Softmax.forward`. `self.dim` is the axis; remember `keepdims=True`. A score
# far below the others gets a tiny probability, and a score of minus infinity gets 0.

# %% [markdown]
# <details><summary>Hint 1: where to begin</summary>
#
# There are three steps along the axis `self.dim`: subtract the largest score, take $e$ to the power of
# what is left, divide by the sum of these.
#
# </details>
#
# <details><summary>Hint 2: why keepdims</summary>
#
# `a.max(axis=self.dim)` of a matrix (3, 5) has the shape (3,), which does not broadcast against it. With
# `keepdims=True` it is (3, 1): one number beside each row. The sum needs it, too.
#
# </details>
#
# <details><summary>Hint 3: nearly there</summary>
#
# `a` is a NumPy array, so take `np.exp` and the methods of arrays, and change nothing in place:
#
# ```python
# powers = np.exp(a - a.max(axis=self.dim, keepdims=True))
# return powers / ...  # their sum along the same axis
# ```
#
# If `a` is empty along the axis, `max` raises an error; `initial=-np.inf` among its arguments avoids
# that.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "softmax", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
class AlongAxis(Activation):
    """An activation that looks at all the numbers along one axis together."""

    dim: int = -1

    def __init__(self, dim: int = -1) -> None:
        """Choose the axis: the last one by default."""
        super().__init__(dim=dim)


class Softmax(AlongAxis):
    """Turn scores along an axis into probabilities: positive numbers that add up to 1."""

    def forward(self, a: np.ndarray) -> np.ndarray:
        """Return e**a / sum(e**a); the largest score is subtracted first, which changes nothing."""
        ### BEGIN SOLUTION
        powers = np.exp(a - a.max(axis=self.dim, keepdims=True, initial=-np.inf))
        return powers / powers.sum(axis=self.dim, keepdims=True)
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-softmax", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from functools import partial

from grading import check

_rng = check.rng("softmax")
_matrix, _cube = _rng.normal(size=(3, 5)) * 2, _rng.normal(size=(2, 3, 4))
_square, _levels = _rng.normal(size=(4, 4)), np.array([[0.0], [2000.0], [-3000.0]])
_apart = _matrix + np.array([0, -20, -60, -200, -600])  # along every row, lower and lower
_masked = np.where(np.arange(5) == _rng.integers(5, size=(3, 1)), -np.inf, _matrix)

# rests on: positive, and together 1. Make every score
check("softmax of one row", lambda: [Softmax()(Tensor(row)) for row in _matrix], dtype=False)
check("softmax along the rows of a matrix", lambda: Softmax()(Tensor(_matrix)), dtype=False)
# rests on: those along the axis `dim`.
check(
    "softmax along the columns",
    Softmax(0),
    cases={"(3, 5)": (Tensor(_matrix),), "(4, 4)": (Tensor(_square),)},
)
check(
    "softmax along any of three axes",
    {f"axis {i}": partial(Softmax(i), _cube) for i in (0, 1, 2, -2)},
)
# rests on: So subtract the largest score first. The largest *along the axis*: every row has its own.
check(
    "softmax of large scores",
    Softmax(),
    cases={"about 2000": (_matrix + 2000,), "from -8000 to 8000": (_matrix * 2000,)},
    dtype=False,
)
check("softmax of very negative scores", lambda: Softmax()(Tensor(_matrix - 2000)), dtype=False)
check(
    "softmax of rows on different levels", lambda: Softmax()(Tensor(_matrix + _levels)), dtype=False
)
check("softmax of columns on different levels", lambda: Softmax(0)(Tensor((_matrix + _levels).T)))
# rests on: A score far below the others gets a tiny probability, and a score of minus infinity gets 0.
check(
    "tiny probabilities keep their digits",
    {
        "along the rows": lambda: Softmax()(Tensor(_apart)),
        "along the columns": lambda: Softmax(0)(Tensor(_apart.T)),
    },
    rtol=1e-9,
    atol=0,
)
check("a score of minus infinity", lambda: Softmax()(Tensor(_masked)), rtol=1e-9, atol=0)
# rests on: float32 stays float32 and float64 keeps its digits
check("softmax of float32 is float32", lambda: Softmax()(Tensor(_matrix.astype(np.float32))))
check("softmax keeps the digits of float64", lambda: Softmax()(Tensor(_matrix)), rtol=1e-12, atol=0)
# rests on: the array you are given belongs to somebody else, so return a new one
check("softmax leaves its operand", lambda: [Softmax()(x := Tensor(_matrix)), x])
# rests on: of 1000 and 1000: expected [[0.5, 0.5]], got
check("of 1000 and 1000", lambda: Softmax()([[1000.0, 1000.0]]), rtol=1e-3, atol=0)
### END HIDDEN TESTS
got = Softmax()(Tensor([[1.0, 2.0, 3.0], [5.0, 5.0, 5.0]])).numpy()
wanted = [[0.0900, 0.2447, 0.6652], [1 / 3, 1 / 3, 1 / 3]]
assert np.allclose(got, wanted, atol=1e-4), f"expected {wanted}, got {got.tolist()}"
got = Softmax(dim=0)(Tensor([[1.0, 2.0, 3.0], [5.0, 5.0, 5.0]])).numpy().sum(axis=0)
assert np.allclose(got, 1), f"dim=0: every column should add up to 1, they add up to {got}"
got = Softmax()(Tensor([[1000.0, 1000.0]])).tolist()
assert np.allclose(got, 0.5, atol=1e-3), f"of 1000 and 1000: expected [[0.5, 0.5]], got {got}"
print("Softmax works")

# %% [markdown]
# Here is what softmax does to five scores: the order stays, and differences become ratios. Larger
# scores make it more certain, smaller ones less.

# %%
five = Tensor([2.0, 1.0, 0.0, -1.5, 0.5])
shown = {"scores": five, "softmax(scores)": Softmax()(five)}
shown |= {"softmax(4 * scores)": Softmax()(4 * five), "softmax(scores / 4)": Softmax()(five / 4)}
figure, panels = plt.subplots(1, 4, figsize=(9, 2), layout="constrained")
for panel, (title, values) in zip(panels, shown.items(), strict=True):
    panel.bar(range(5), values.numpy(), color="lightgray" if values is five else "tab:blue")
    panel.axhline(0, color="black", linewidth=0.8)
    panel.set(xticks=[], title=title, ylim=(-1.9, 2.4) if values is five else (0, 1.05))
    panel.title.set_fontsize(9)
tinytorch.show(
    figure,
    "Four bar charts of five numbers. The scores are between -1.5 and 2. Softmax makes them positive, "
    "in the same order. For scores four times as large nearly all probability is on the largest; for "
    "scores a quarter as large the five probabilities are nearly equal.",
)

# %% [markdown]
# ## 6. LogSoftmax
#
# Assignment 05 needs logarithms of probabilities. `softmax` and then `log`? A
# probability of $e^{-200}$ is 0 in float32, and its logarithm is minus infinity, although the right
# answer, $-200$, is a harmless number. So let the logarithm pass through the fraction on paper:
#
# $$\log \frac{e^{a_i}}{\sum_j e^{a_j}} = a_i - \log \sum_j e^{a_j}$$
#
# **Exercise.** Write `LogSoftmax.forward`, and again subtract the largest score first. Only a score
# of minus infinity has minus infinity for its answer.

# %% [markdown]
# <details><summary>Hint 1: where to begin</summary>
#
# Take the formula on the right as it stands: a score, minus the logarithm of a sum of powers. Do not
# call `Softmax`, whose tiny probabilities have become 0 by then.
#
# </details>
#
# <details><summary>Hint 2: subtract first</summary>
#
# As in softmax, `shifted = a - (the largest along the axis)` changes nothing in the result. Use `shifted`
# in both places where the formula has $a$. Its largest number is 0, so the sum is at least 1, and its
# logarithm is harmless.
#
# </details>
#
# <details><summary>Hint 3: nearly there</summary>
#
# Two lines, the second of which is the formula:
#
# ```python
# shifted = a - a.max(axis=self.dim, keepdims=True)
# return shifted - np.log(...)
# ```
#
# In the brackets stands the sum of `np.exp(shifted)` along `self.dim`, with `keepdims=True`.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "log-softmax", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
class LogSoftmax(AlongAxis):
    """Turn scores along an axis into the logarithms of their probabilities."""

    def forward(self, a: np.ndarray) -> np.ndarray:
        """Return log(softmax(a)) without the logarithm ever meeting a 0."""
        ### BEGIN SOLUTION
        shifted = a - a.max(axis=self.dim, keepdims=True, initial=-np.inf)
        return shifted - np.log(np.exp(shifted).sum(axis=self.dim, keepdims=True))
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-log-softmax", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from functools import partial

from grading import check

_rng = check.rng("log-softmax")
_matrix, _cube = _rng.normal(size=(3, 5)) * 2, _rng.normal(size=(2, 3, 4))
_levels, _apart = np.array([[0.0], [2000.0], [-3000.0]]), _rng.normal(size=(3, 5)) * 900
_masked = np.where(np.arange(5) == _rng.integers(5, size=(3, 1)), -np.inf, _matrix)

# rests on: Turn scores along an axis into the logarithms of their probabilities.
check("log-softmax of one row", lambda: [LogSoftmax()(Tensor(row)) for row in _matrix], dtype=False)
check("log-softmax along the rows", lambda: LogSoftmax()(Tensor(_matrix)), dtype=False)
check("log-softmax of a batch of one", lambda: LogSoftmax()(Tensor(_matrix[:1])), dtype=False)
check(
    "log-softmax along any of three axes",
    {f"axis {i}": partial(LogSoftmax(i), _cube) for i in (0, 1, 2, -2)},
)
# rests on: again subtract the largest score first.
check(
    "log-softmax of large and of very negative scores",
    LogSoftmax(),
    cases={"about 3000": (_matrix + 3000,), "about -3000": (_matrix - 3000,)},
)
check("log-softmax of rows on different levels", lambda: LogSoftmax()(Tensor(_matrix + _levels)))
# rests on: its logarithm is minus infinity, although the right answer, $-200$, is a harmless number.
# rests on: Only a score of minus infinity has minus infinity for its answer.
check("log-softmax of scores far apart", lambda: LogSoftmax()(Tensor(_apart)), dtype=False)
check(
    "log-softmax of scores very far apart", lambda: LogSoftmax()(Tensor(_apart * 1e4)), dtype=False
)
check("a score of minus infinity", lambda: LogSoftmax()(Tensor(_masked)))
# rests on: float32 stays float32 and float64 keeps its digits
check("log-softmax of float32 is float32", lambda: LogSoftmax()(Tensor(_matrix.astype(np.float32))))
check("log-softmax keeps the digits", lambda: LogSoftmax()(Tensor(_matrix)), rtol=1e-13, atol=1e-15)
# rests on: the array you are given belongs to somebody else, so return a new one
check("log-softmax leaves its operand", lambda: [LogSoftmax()(x := Tensor(_matrix)), x])
# rests on: of 0 and -200: expected [0.0, -200.0], got
check("of 0 and -200, exactly", lambda: LogSoftmax()([0.0, -200.0]), rtol=0, atol=0)
### END HIDDEN TESTS
t = Tensor([[1.0, 2.0, 3.0], [0.0, 0.0, 5.0]])
got, wanted = LogSoftmax()(t).numpy(), Softmax()(t).log().numpy()
assert np.allclose(got, wanted, atol=1e-5), f"expected {wanted.tolist()}, got {got.tolist()}"
got = LogSoftmax()(Tensor([0.0, -200.0])).tolist()
assert got == [0.0, -200.0], f"of 0 and -200: expected [0.0, -200.0], got {got}"
print("LogSoftmax works")

# %% [markdown]
# ## See it work
#
# ### How sure is it?
#
# The scores of the first cell become probabilities, and you can ask the model how much it trusts its
# own guesses. This is its **confidence**. If a model is right as often as it says, it is *calibrated*.

# %%
probabilities = Softmax()(scores)
sure = probabilities.amax(axis=1).numpy()
right = probabilities.numpy().argmax(axis=1) == x_labels
print(f"mean confidence {sure.mean():.1%}, accuracy {right.mean():.1%}")

examples = [*np.flatnonzero(right)[:4], *np.argsort(sure)[:2], *np.flatnonzero(~right)[:2]]
figure, panels = plt.subplots(2, 8, figsize=(9, 2.6), height_ratios=[1, 1.4], layout="constrained")
for (top, bottom), i in zip(panels.T, examples, strict=True):
    top.imshow(x[i].reshape(28, 28), cmap="gray_r")
    top.axis("off")
    colors = ["tab:blue" if digit == x_labels[i] else "tab:orange" for digit in range(10)]
    bottom.bar(range(10), probabilities[i].numpy(), color=colors)
    bottom.set(ylim=(0, 1.05), xticks=range(10), yticks=[])
    bottom.tick_params(labelsize=6, length=0)
figure.supxlabel("probability of each class; the right one is blue, the others orange", fontsize=9)
tinytorch.show(
    figure,
    "Eight digits, and under each a bar chart of ten probabilities. Under the first four one blue "
    "bar, the right class, towers over all others. The next two have many low bars of both colours. "
    "Under the last two, which are misread, an orange bar is the highest.",
)

# %% [markdown]
# ### What does nonlinear look like?
#
# On the left, a grid after three random products, and with a tanh after each of them. On the right,
# the two switches that no line could separate: a product and a ReLU move them so that a line can.

# %%
rng = manual_seed(8)
straight = bent = Tensor(np.stack(np.meshgrid(*2 * [np.linspace(-1, 1, 97)]), axis=-1))
for _ in range(3):
    matrix = Tensor(np.eye(2) + 0.5 * rng.normal(size=(2, 2)))
    straight, bent = straight @ matrix, Tanh()(1.5 * (bent @ matrix))

switches, one_is_on = Tensor([[0, 0], [0, 1], [1, 0], [1, 1]]), [0, 1, 1, 0]
hidden = ReLU()(switches @ Tensor([[1, 1], [1, 1]]) + Tensor([0, -1]))
print("exactly one is on:", (hidden @ Tensor([1, -2])).tolist())

figure, panels = plt.subplots(1, 4, figsize=(9, 2.4), layout="constrained")
for panel, net, title in zip(panels, (straight, bent), ("products", "with tanh"), strict=False):
    for lines in (net[::8], net.transpose(0, 1)[::8]):
        panel.plot(lines[..., 0].T, lines[..., 1].T, color="tab:blue", linewidth=0.8)
    panel.set(xticks=[], yticks=[], title=title)
for panel, points, title in (
    (panels[2], switches, "two switches"),
    (panels[3], hidden, "after ReLU"),
):
    panel.scatter(*points.T.numpy(), c=one_is_on, cmap="coolwarm", s=90, zorder=2)
    panel.set(xlim=(-0.5, 2.5), ylim=(-0.7, 1.7), xticks=[0, 1, 2], yticks=[0, 1], title=title)
panels[3].axline((0.5, 0), slope=0.5, color="gray", linewidth=1)
tinytorch.show(
    figure,
    "Products turn and stretch a grid, and its lines stay straight; with tanh its lines are curved. "
    "The four positions of two switches are the corners of a square, with equal colours at opposite "
    "corners. After the ReLU two of them fall together, and a line separates the colours.",
)

# %% [markdown]
# ## What it costs
#
# In 02 you counted FLOPs. For activations that is not the whole story: ReLU compares each number once,
# and for that it has to be fetched from memory, and its result written back. The measure for this is
# FLOPs for each byte that moves. Copying moves the same bytes and computes nothing at all.

# %%
from time import perf_counter


def nanoseconds(work, amount, times=7):
    """Return the time for each of an amount of results: the fastest of several runs."""
    took = []
    for _ in range(times):
        began = perf_counter()
        work()
        took.append(perf_counter() - began)
    return min(took) / amount * 1e9


batch = Tensor(np.linspace(-4, 4, 1024 * 512).reshape(1024, 512), dtype=np.float32)
weights = Tensor(np.eye(512), dtype=np.float32)
amount = batch.size
took = {"copy": nanoseconds(lambda: batch.numpy().copy(), amount)}
for f in (ReLU(), Tanh(), Sigmoid(), Softmax(), LogSoftmax()):
    took[type(f).__name__] = nanoseconds(lambda f=f: f(batch), amount)
took["@ weights"] = nanoseconds(lambda: batch @ weights, amount, 3)

moved = 2 * amount * batch.dtype.itemsize  # read once, written once
product = 2 * 512 * amount / (moved + weights.size * weights.dtype.itemsize)
print(f"FLOPs for each byte moved: copy 0, ReLU {amount / moved:.3f}, @ weights {product:.0f}")
print(f"ReLU took {took['ReLU'] / took['copy']:.1f} times as long as a copy; the matrix product,")
print(
    f"with 1,024 FLOPs for each result, {took['@ weights'] / took['ReLU']:.0f} times as long as ReLU"
)

figure, panel = plt.subplots(figsize=(9, 2.4), layout="constrained")
colors = ["lightgray", *["tab:blue"] * 5, "tab:orange"]
bars = panel.bar(list(took), list(took.values()), color=colors)
panel.bar_label(bars, fmt="{:.2g}")
panel.set(yscale="log", ylabel="nanoseconds a result", title="logarithmic")
panel.margins(y=0.2)
tinytorch.show(
    figure,
    "A bar chart of the nanoseconds that each result takes: "
    f"{', '.join(f'{value:.2g} for {name}' for name, value in took.items())}.",
)

# %% [markdown]
# Much of the time that ReLU takes goes into moving bytes: it is **memory-bound**, and the matrix
# product, which uses what it has fetched hundreds of times, is *compute-bound*. Sigmoid and softmax
# compute more, but they also write several arrays on their way. So large frameworks *fuse* an
# activation with the product before it: each result goes through both before it is written.
#
# ## In the real world
#
# In PyTorch these are `torch.nn.ReLU`, `Sigmoid`, `Tanh`, `Softmax(dim=...)` and
# `LogSoftmax(dim=...)`, made once and called often, and as functions `torch.relu`,
# `torch.softmax(x, dim)` and so on. All of them shift before they exponentiate, as yours do.
# Language models use a smooth relative of ReLU, `GELU`, between their products, and softmax in
# each attention layer and over the whole vocabulary at the end; the "temperature" you may have
# seen there divides the scores before the softmax.
#
# For decades networks used sigmoids, as nerve cells seemed to. In 1991 Sepp Hochreiter showed in his
# diploma thesis, in German, why deep ones would not learn: the vanishing gradient. To read on:
#
# - X. Glorot, A. Bordes, Y. Bengio: *Deep sparse rectifier neural networks*. AISTATS 2011. ReLU trains
#   deep networks without pre-training.
# - D. Hendrycks, K. Gimpel: *Gaussian error linear units (GELUs)*. 2016, arXiv:1606.08415.
#
# ## Think
#
# When activations follow one another, their derivatives multiply. A network has ten layers, each
# with a sigmoid. How much of a small change before the first sigmoid arrives after the tenth, at
# best, as far as the sigmoids are concerned? What would ten ReLUs do to it? And what is the danger
# of a ReLU whose input is negative for every sample?

# %% [markdown] nbgrader={"grade": true, "grade_id": "think", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# (1 point) The derivative of a sigmoid is at most 1/4, so at best 0.25 ** 10, about one millionth,
# arrives: the first layers hardly affect the result, and learn very slowly. This is the vanishing
# gradient.
#
# (1 point) A ReLU has derivative 1 wherever it lets a number through, so ten of them pass the change
# on as it is, if all ten inputs are positive; otherwise nothing arrives.
#
# (1 point) A ReLU whose input is always negative outputs 0 and has derivative 0 for every sample. No
# small change of the weights before it changes the result, so it never learns to do better: it is
# dead.
# ### END SOLUTION

# %% [markdown]
# ## Next: who holds the weights?
#
# Eight numbers and one ReLU told when exactly one switch is on. But a human chose the numbers,
# `1 1 1 1`, `0 -1` and `1 -2`. A network that reads digits has about fifty thousand of them. So an
# activation needs weights around it, and something has to make these weights, keep them and know
# them all by name. That is assignment 04.
#
# Keep what you wrote: save the notebook and run the last cell. It adds a module to your framework.

# %%
import tinytorch

tinytorch.export_mine("03_activations")
