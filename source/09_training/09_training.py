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
# # 09 · Training
#
# ## Where we are
#
# You have a CNN and the optimizers to train it, and for every model you wrote the loop again. Today
# you write it once and well: `train_epoch`, `evaluate`, and a `Trainer` that keeps the history.
# Then you try it on colour images, one at a time, and look at the clock.
#
# You use `tinytorch.spatial`, the work of assignment 08. Plan about two hours.
#
# `tinytorch.check()` in a cell of its own lists what this notebook will be graded by, and what its
# visible tests say so far.

# %%
import tinytorch

tinytorch.use_mine(False)  # True: build on the modules that you exported from earlier notebooks

# %%
import matplotlib.pyplot as plt
import numpy as np
from tinytorch.layers import MLP
from tinytorch.losses import cross_entropy
from tinytorch.optimizers import SGD, Adam
from tinytorch.setup import load_digits, manual_seed
from tinytorch.spatial import CNN

manual_seed(0)
cnn, losses = CNN(in_channels=1, size=28, filters=8, hidden=32), []
optimizer = Adam(cnn.parameters(), lr=0.002)
images, labels = load_digits()
for x, y in zip(images[:1000], labels, strict=False):
    loss = cross_entropy(cnn(x), y)
    optimizer.step(loss)
    losses.append(loss.item())
print(f"mean loss of the first 200 steps: {np.mean(losses[:200]):.2f}")
print(f"mean loss of the last 200 steps: {np.mean(losses[-200:]):.2f}")

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["export"]
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from tinytorch.autograd import no_grad
from tinytorch.layers import Module
from tinytorch.losses import cross_entropy
from tinytorch.optimizers import Optimizer
from tinytorch.tensor import Tensor

LossFunction = Callable[[Tensor, Any], Tensor]

# %% [markdown]
# It learns. But how good is it at images that it has not seen? Was that all the data? And with more
# of it, how long would it take?
#
# ## 1. How long will it take?
#
# A loop that runs for minutes owes you a line that says how far it has come. The honest estimate of
# the rest: the mean time of a step *so far*, times the number of steps *to come*. A single step is
# a bad witness: now and then one is slow, because Python is just cleaning up its memory.
#
# ### Exercise: `seconds_left`
#
# Write `Progress.seconds_left()`. `self.clock()` is the time now, `self.began` the time at the
# start, and `self.done` of `self.total` steps are done. Before the first step nobody knows:
# `math.inf`, or `float("inf")`.

# %% [markdown]
# <details><summary>Hint 1: where to begin</summary>
#
# Say it in words first: seconds so far, divided by steps so far, times the steps that are left.
#
# </details>
#
# <details><summary>Hint 2: the parts</summary>
#
# `self.clock() - self.began` is the time so far, and `self.total - self.done` the steps left. Which
# number must not be 0 when you divide by it?
#
# </details>
#
# <details><summary>Hint 3: nearly there</summary>
#
# Return `float("inf")` if `self.done` is 0. Otherwise
#
# ```
# pace = (self.clock() - self.began) / self.done
# ```
#
# and the rest is `pace` for each step that is left.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "progress", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
def duration(seconds: float) -> str:
    """Write a number of seconds as people say it: "8 s", "3.4 min", "2.5 h"."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


class Progress:
    """A line that says how far a loop has come, and how long the rest will take."""

    every = 0.5  # seconds between two lines

    def __init__(self, total: int, clock: Callable[[], float] = time.perf_counter) -> None:
        """Start the clock for a loop of `total` steps."""
        self.total, self.done, self.clock = total, 0, clock
        self.began = self.written = clock()

    def seconds_left(self) -> float:
        """Estimate the rest by the mean pace so far; before the first step it is infinite."""
        ### BEGIN SOLUTION
        if self.done == 0:
            return float("inf")
        pace = (self.clock() - self.began) / self.done
        return pace * (self.total - self.done)
        ### END SOLUTION

    def advance(self, loss: float) -> None:
        """Count one more step, and now and then write the line."""
        self.done += 1
        finished, now = self.done == self.total, self.clock()
        if finished or now - self.written >= self.every:
            self.written = now
            rest = f"took {duration(now - self.began)}"
            if not finished:
                rest = f"{duration(self.seconds_left())} to go"
            line = f"step {self.done:,} of {self.total:,}, mean loss {loss:.3f}, {rest}"
            print(f"\r{line:70}", end="\n" if finished else "")


# %% nbgrader={"grade": true, "grade_id": "test-progress", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
import contextlib
import io

from grading import check

_rng = check.rng("progress")
_times = np.cumsum(_rng.uniform(1, 9, size=12))


def _estimates(total, times, steps, every=np.inf):
    """Advance step by step while a clock shows these times; return what is left after each."""
    moment = [0]
    progress = Progress(total, clock=lambda: float(times[moment[0]]))
    progress.every, seen = every, []
    for _ in range(steps):
        moment[0] += 1
        with contextlib.redirect_stdout(io.StringIO()):
            progress.advance(0.0)
        seen.append(progress.seconds_left())
    return seen


def _later(pauses):
    """Do three steps in each pause; return what is left at the end."""
    now = [_times[0]]
    progress = Progress(20, clock=lambda: now[0])
    for pause in pauses:
        now[0] += pause
        progress.done += 3
    return progress.seconds_left()


# rests on: the mean time of a step *so far*, times the number of steps *to come*
check("the rest of a steady loop", lambda: _estimates(50, np.arange(9) * _times[0], 8))
check("the rest when steps take unequal time", lambda: _estimates(40, _times, 11))
check("nothing is left at the end", lambda: [_times[0] + x for x in _estimates(6, _times, 6)])
check("several steps at once", lambda: _later(_times[:5]))
# rests on: `self.clock()` is the time now, `self.began` the time at the start
check("a clock that did not start at 0", lambda: _estimates(30, _times + 1000 * _times[1], 5))
check("the rest when lines have been written", lambda: _estimates(30, _times, 9, every=2.0))
# rests on: Before the first step nobody knows: `math.inf`
check("before the first step", lambda: [Progress(7).seconds_left(), _estimates(7, _times, 1)])
### END HIDDEN TESTS
now = [100.0]
progress = Progress(10, clock=lambda: now[0])
assert progress.seconds_left() == float("inf"), "before the first step the rest is infinite"
for seconds in (3.0, 1.0):
    now[0] += seconds
    progress.done += 1
left = progress.seconds_left()
assert left == 16.0, f"2 of 10 steps took 4 seconds: expected 16.0 to go, got {left}"
print("seconds_left works")

# %% [markdown]
# ## 2. One epoch
#
# An **epoch** is one pass through the data set: a step for each sample, which is an image `x` and
# its class `y`. Five lines, in this order, in every PyTorch program there is:
#
# > forget the old gradients, compute the loss, go backward, step; note the loss
#
# Note the *number*, `loss.item()`. A Tensor would drag its whole computational graph along, for the
# whole epoch.
#
# One thing to prepare: a step may take several samples, with `x` of shape `(N, ...)` and N classes
# in `y`. Its loss is their mean, so it counts N times: `np.size(y)` is N, and 1 for a single class.
# And `dataset` is whatever `for x, y in dataset` goes through, once an epoch: a list, or something
# that makes its samples as it goes, and others next time.
#
# ### Exercise: `train_epoch`
#
# Write `train_epoch(model, optimizer, dataset, loss_function, show)`. First put the model, with all
# the modules inside it, into training mode, whatever mode it was in. Return the mean loss over all
# **samples**, a Python float: NaN, if one of them was. Gradients go to the optimizer as they are.
# If `show` is true, call `progress.advance(mean loss so far)` once after every step, however many
# samples it took.

# %% [markdown]
# <details><summary>Hint 1: where to begin</summary>
#
# Three lines before the loop: training mode, and two numbers that begin at 0, the sum of the losses
# and the count of the samples. Then `for x, y in dataset:`, and the five lines of the box in it.
#
# </details>
#
# <details><summary>Hint 2: the mean</summary>
#
# The loss of a step is a mean over its samples. To add it up over samples, multiply it by how many
# there were, `np.size(y)`, and add `np.size(y)` to the count. At the end divide one by the other.
#
# </details>
#
# <details><summary>Hint 3: nearly there</summary>
#
# The body of the loop begins with
#
# ```
# optimizer.zero_grad()
# loss = loss_function(model(x), y)
# ```
#
# After `backward` and `step`, add `loss.item() * np.size(y)` to the total. If there is a `progress`,
# it wants `total / count` after each step.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "train-epoch", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
def train_epoch(
    model: Module,
    optimizer: Optimizer,
    dataset: Any,
    loss_function: LossFunction = cross_entropy,
    show: bool = True,
) -> float:
    """Take one step for each (x, y), a sample or several; return the mean loss over samples."""
    progress = Progress(len(dataset)) if show else None
    ### BEGIN SOLUTION
    model.train()
    total = count = 0.0
    for x, y in dataset:
        optimizer.zero_grad()
        loss = loss_function(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * np.size(y)
        count += np.size(y)
        if progress:
            progress.advance(total / count)
    return total / count
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-train-epoch", "locked": true, "points": 8, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
import contextlib
import io
import re
import weakref

from grading import check
from tinytorch.layers import Parameter

_rng = check.rng("train-epoch")
_w, _a, _t = _rng.normal(size=(3, 4)), _rng.normal(size=(9, 4)), _rng.integers(0, 3, size=9)
_pairs = [(Tensor(_x), int(_y)) for _x, _y in zip(_a, _t, strict=True)]
_steps = [(Tensor(_a[i:j]), _t[i:j]) for i, j in ((0, 4), (4, 6), (6, 9))]
_mixed, _listed = [_pairs[0], _steps[2]], [(_x, _y.tolist()) for _x, _y in _steps]


class _Moody(Module):
    """Doubles in training mode and halves otherwise, as dropout does something like that."""

    def forward(self, x):
        return x * (2.0 if self.training else 0.5)


class _Model(Module):
    """Scores of three classes, in which the model and a module inside it look at their mode."""

    def __init__(self):
        self.weight, self.inside = Parameter(_w), [_Moody()]

    def forward(self, x):
        return self.inside[0](x @ self.weight.T) * (3.0 if self.training else 1.0)


class _Chatty(SGD):
    """SGD that writes down which of its methods were called, and the gradients of each step."""

    def __init__(self, parameters, lr):
        super().__init__(parameters, lr)
        self.calls, self.grads = [], []

    def zero_grad(self):
        self.calls.append("zero_grad")
        super().zero_grad()

    def update(self, values, grad, state):
        self.grads.append(grad * 1.0)
        super().update(values, grad, state)


class _Served:
    """Serves its samples to a loop, at each loop another one first; it has no index."""

    def __init__(self, samples):
        self.samples, self.loops = samples, 0

    def __len__(self):
        return len(self.samples)

    def __iter__(self):
        self.loops += 1
        yield from self.samples[self.loops :] + self.samples[: self.loops]


def _epoch(dataset, before=lambda model: None, loss_function=cross_entropy, make=SGD):
    """Train a fresh model for an epoch; return the loss and the weights."""
    model = _Model()
    before(model)
    optimizer = make(model.parameters(), lr=0.3)
    loss = train_epoch(model, optimizer, dataset, loss_function, show=False)
    return {"loss": loss, "weights": model.weight}


def _weights(*args, **options):
    return _epoch(*args, **options)["weights"]


def _old_gradients(model):
    cross_entropy(model(Tensor(_a)) * 3.0, _t).backward()


def _graphs_kept():
    """Return the loss of an epoch, times the number of graphs too many that were alive in it."""
    seen, alive = [], []

    def spy(scores, y):
        alive.append(sum(reference() is not None for reference in seen))
        loss = cross_entropy(scores, y)
        seen.append(weakref.ref(loss))
        return loss

    mean = _epoch(_pairs, loss_function=spy)["loss"]
    return mean * (1 + max(0, max(alive) - 2))


def _printed(dataset, show):
    """Return the loss of an epoch, and the numbers in the last line that it printed."""
    model, out = _Model(), io.StringIO()
    with contextlib.redirect_stdout(out):
        loss = train_epoch(model, SGD(model.parameters(), lr=0.3), dataset, show=show)
    found = re.findall(r"step (\d+) of (\d+), mean loss ([\d.]+)", out.getvalue())
    last = [float(number) for number in found[-1]] if found else []
    return {"loss": loss, "something printed": out.getvalue() != "", "last line": last}


def _shown(dataset):
    """Return the losses that the bar was told, in order."""
    told, advance = [], Progress.advance
    Progress.advance = lambda self, loss: told.append(float(loss))
    try:
        model = _Model()
        train_epoch(model, SGD(model.parameters(), lr=0.3), dataset)
    finally:
        Progress.advance = advance
    return told


def _single(run):
    """Return what comes of a model and a step that are both of single precision."""
    model = _Model()
    model.weight = Parameter(_w.astype(np.float32))
    return run(model, [(Tensor(_a.astype(np.float32)), _t)])


def _inside_only(mode):
    """Return a function that puts the modules inside into this mode, and the model into another."""

    def put(model):
        model.train(mode)
        model.training = not mode

    return put


def _scaled(factor, power=1):
    return lambda scores, y: (cross_entropy(scores, y) * factor) ** power


def _once_nan():
    """Return a loss that is NaN for one sample of those it is asked for."""
    asked = []

    def loss(scores, y):
        asked.append(y)
        return cross_entropy(scores, y) * (float("nan") if len(asked) == 3 else 1.0)

    return loss


def _steps_of(factor):
    """Return the gradients that the optimizer was handed, for losses times a factor."""
    model = _Model()
    optimizer = _Chatty(model.parameters(), lr=1e-9)
    train_epoch(model, optimizer, _pairs[:4], _scaled(factor), show=False)
    return optimizer.grads


# rests on: forget the old gradients, compute the loss, go backward, step; note the loss
check("a step for one sample", lambda: _epoch(_pairs[:1]))
check("a step for every sample", lambda: _weights(_pairs))
check("a step for every sample, with Adam", lambda: _weights(_pairs, make=Adam))
check("gradients from before the epoch do not count", lambda: _epoch(_pairs[:2], _old_gradients))
check("another loss function", lambda: _epoch(_pairs, loss_function=_scaled(0.4)))
# rests on: Gradients go to the optimizer as they are.
check(
    "gradients large and small",
    {f"losses times {factor:g}": lambda f=factor: _steps_of(f) for factor in (1e6, 1.0, 1e-6)},
    atol=0,
)
# rests on: First put the model, with all the modules inside it, into training mode
check(
    "training mode, whatever was before",
    {
        "all in eval mode": lambda: _epoch(_pairs, lambda model: model.eval()),
        "a module inside in eval mode": lambda: _epoch(_pairs, _inside_only(False)),
    },
)
# rests on: a step may take several samples, with `x` of shape `(N, ...)` and N classes in `y`
check("steps of several samples", lambda: _weights(_steps))
# rests on: `dataset` is whatever `for x, y in dataset` goes through, once an epoch
check("samples that are made on the way", lambda: _epoch(_Served(_pairs)))
# rests on: Return the mean loss over all samples, a Python float: NaN, if one of them was.
check(
    "the mean is a Python float",
    lambda: _single(
        lambda model, steps: isinstance(
            train_epoch(model, SGD(model.parameters(), lr=0.3), steps, show=False), float
        )
    ),
)
check(
    "the mean loss of epochs",
    {f"{n} samples": lambda n=n: _epoch(_pairs[:n])["loss"] for n in range(1, 9)},
    rtol=1e-7,
)
check(
    "a loss of NaN is seen",
    lambda: _epoch(_pairs[:5], loss_function=_once_nan())["loss"] + _w[0, 0],
)
# rests on: Its loss is their mean, so it counts N times: `np.size(y)` is N, and 1 for a single class
_sizes = {"4, 2, 3": _steps, "2, 3": _steps[1:], "1, 3": _mixed, "4, 2, 3 in lists": _listed}
check(
    "a loss counts for each of its samples",
    {n: lambda s=s: _epoch(s)["loss"] for n, s in _sizes.items()},
    rtol=1e-7,
)
# rests on: A Tensor would drag its whole computational graph along, for the whole epoch.
check("no graph outlives its step for long", _graphs_kept)
# rests on: call `progress.advance(mean loss so far)` once after every step
check("without show nothing is printed", lambda: _printed(_pairs[: 2 + _t[0]], False))
check(
    "the bar counts every step and shows the mean loss",
    {
        "single samples": lambda: _printed(_pairs[: 2 + _t[0]], True),
        "steps of several": lambda: _printed(_steps, True),
    },
    atol=2e-3,
)
check(
    "the bar is told the mean so far after every step",
    {"single samples": lambda: _shown(_pairs), "steps of several": lambda: _shown(_steps)},
)
### END HIDDEN TESTS
digits = [(Tensor(x), int(y)) for x, y in zip(images[:3000], labels, strict=False)]
train, test = digits[:2000], digits[2000:]
manual_seed(0)
mlp = MLP([784, 32, 10])
optimizer = SGD(mlp.parameters(), lr=0.01)
losses = [train_epoch(mlp, optimizer, train) for epoch in range(2)]
assert isinstance(losses[0], float), f"expected a float, got {type(losses[0]).__name__}"
assert 0.8 < losses[0] < 1.1, f"first epoch: expected a mean loss near 0.96, got {losses[0]}"
assert losses[1] < 0.6, f"second epoch: expected a smaller loss, near 0.5, got {losses[1]}"
print("train_epoch works")

# %% [markdown]
# ## 3. How good is it?
#
# The loss of an epoch is a poor witness. The model changed while it was measured, and it has seen
# these samples before. What counts is how well the finished model **generalises**: how good it is on
# samples of the test set, which it has never seen.
#
# To evaluate is to look without touching:
# - in `eval()` mode, so that dropout keeps its hands off, and afterwards back in the mode of before;
# - under `no_grad()`, so that no graph is built: nobody is going to ask for gradients;
# - without a step, and without a change to gradients that are already there.
#
# ### Exercise: `accuracy` and `evaluate`
#
# `accuracy(scores, target)` is the fraction of samples whose highest score (of equal ones the first, as
# `argmax` has it) is that of the right class, for scores `(N, C)` with N classes, in an array, a list
# or a Tensor, or `(C,)` with one. `evaluate` returns the mean loss and the accuracy over all samples,
# two floats, exact and not rounded; again a step may hold several, and a loss of NaN makes the mean
# NaN. The mode and `no_grad` go for all the modules inside, and it may be called within somebody
# else's `no_grad`.

# %% [markdown]
# <details><summary>Hint 1: where to begin</summary>
#
# `accuracy` is one line: compare `scores.data.argmax(axis=-1)` with the classes, and take the mean.
# `np.asarray(target)` makes an array of whatever the classes come in.
#
# </details>
#
# <details><summary>Hint 2: looking without touching</summary>
#
# Remember `model.training` before you call `model.eval()`, and give it back at the end with
# `model.train(...)`. The loop stands under `with no_grad():`, without an optimizer in sight.
#
# </details>
#
# <details><summary>Hint 3: nearly there</summary>
#
# For each `x, y`, compute the scores once:
#
# ```
# scores, samples = model(x), np.size(y)
# ```
#
# Add `loss_function(scores, y).item() * samples` to one sum and `accuracy(scores, y) * samples` to
# another. Both are divided by the number of all samples.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "evaluate", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
def accuracy(scores: Tensor, target: Any) -> float:
    """Return the share of samples whose highest score, of (N, C) or (C,), is the right class's."""
    ### BEGIN SOLUTION
    return float(np.mean(scores.data.argmax(axis=-1) == np.asarray(target)))
    ### END SOLUTION


def evaluate(
    model: Module, dataset: Any, loss_function: LossFunction = cross_entropy
) -> tuple[float, float]:
    """Return mean loss and accuracy over a dataset, and leave the model as it was."""
    ### BEGIN SOLUTION
    was_training = model.training
    model.eval()
    loss = right = count = 0.0
    with no_grad():
        for x, y in dataset:
            scores, samples = model(x), np.size(y)
            loss += loss_function(scores, y).item() * samples
            right += accuracy(scores, y) * samples
            count += samples
    model.train(was_training)
    return loss / count, right / count
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-evaluate", "locked": true, "points": 8, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_s = check.rng("evaluate").normal(size=(5, 40, 7))


def _evaluated(dataset, before=lambda model: None, loss_function=cross_entropy):
    """Evaluate a fresh model; return the results, and the model."""
    model = _Model()
    before(model)
    return dict(
        zip(("loss", "accuracy"), evaluate(model, dataset, loss_function), strict=True)
    ), model


def _in_mode(mode):
    return _evaluated(_pairs, lambda model: model.train(mode))


def _gradients(then):
    """Evaluate a model that has gradients; return them, added up with new ones if asked."""

    def old(model):
        cross_entropy(model(Tensor(_a)), _t).backward()

    result, model = _evaluated(_pairs, old)
    if then:
        model.train()
        cross_entropy(model(Tensor(_a)), _t).backward()
    return [model.weight.grad, model.weight, result]


def _graphs():
    """Return the loss, times 1 more than the number of scores and losses that had a graph."""
    seen, factor = [], Parameter(np.ones(()))

    def spy(scores, y):
        loss = cross_entropy(scores, y) * factor
        seen.extend(one.creator is not None for one in (scores, loss))
        return loss

    loss = _evaluated(_pairs, loss_function=spy)[0]["loss"]
    return loss * (1 + sum(seen))


def _learns(before):
    """Evaluate a model whose weight learns or not; return whether it does afterwards."""

    def put(model):
        model.weight.requires_grad = before

    return _evaluated(_pairs, put)[1].weight.requires_grad


def _within_no_grad():
    """Evaluate under no_grad; return the results and whether something is recorded afterwards."""
    with no_grad():
        results, model = _evaluated(_pairs)
        after = model(Tensor(_a)).creator is not None
    return [results, after + results["loss"]]


_right = [np.where(s[:, 0] < 0.3, s.argmax(axis=1), 0) for s in _s]
_cut = [(s[:7], y[:7]) for s, y in zip(_s, _right, strict=True)]
_one = list(zip(_s[0], _right[0].tolist(), strict=True))
_rounded = [(s.round(), y) for s, y in zip(_s, _right, strict=True)]  # many equal scores
_long = [_pairs[i % 9] for i in range(700)]


def _shares(cases):
    return [accuracy(Tensor(scores), classes) for scores, classes in cases]


# rests on: the fraction of samples whose highest score
check("the accuracy of many", lambda: _shares((s, s.argmin(axis=1) % 3) for s in _s), rtol=1e-9)
check("the accuracy of most", lambda: _shares(zip(_s, _right, strict=True)), rtol=1e-9)
check("as many samples as classes", lambda: _shares(_cut))
check("the accuracy of 7 of 30", lambda: _shares([(_s[0, :30], _right[0][:30])]), rtol=1e-9)
# rests on: of equal ones the first, as `argmax` has it
check("equal scores: the first counts", lambda: _shares(_rounded))
# rests on: or `(C,)` with one
check("the accuracy of one", lambda: _shares(_one))
# rests on: with N classes, in an array, a list or a Tensor
check(
    "classes in lists and tensors",
    {k.__name__: lambda k=k: _shares([(_s[0], k(_right[0]))]) for k in (list, Tensor)},
)
# rests on: `evaluate` returns the mean loss and the accuracy over all samples, two floats, exact
check("loss and accuracy over a dataset", lambda: _evaluated(_pairs)[0], rtol=1e-7)
check(
    "the first and the last sample",
    {f"{n} samples": lambda n=n: _evaluated(_pairs[:n])[0] for n in range(1, 9)},
)
check("a long dataset", lambda: _evaluated(_long)[0], rtol=1e-7)
check(
    "loss and accuracy are Python floats",
    lambda: _single(lambda model, steps: [isinstance(x, float) for x in evaluate(model, steps)]),
)
check(
    "the loss function that was asked for",
    lambda: _evaluated(_pairs, loss_function=_scaled(0.4))[0],
)
# rests on: again a step may hold several
check(
    "a dataset in steps of several samples",
    {n: lambda s=s: _evaluated(s)[0] for n, s in _sizes.items()},
    rtol=1e-7,
)
# rests on: `dataset` is whatever `for x, y in dataset` goes through
check("a dataset that makes its samples on the way", lambda: _evaluated(_Served(_pairs))[0])
# rests on: and a loss of NaN makes the mean NaN
check(
    "a loss of NaN is seen when evaluating",
    lambda: _evaluated(_pairs, loss_function=_once_nan())[0],
)
# rests on: in `eval()` mode, so that dropout keeps its hands off, and afterwards back in the mode of before
# rests on: The mode and `no_grad` go for all the modules inside
_modes = {"training before": True, "evaluating before": False}
check(
    "eval mode, whatever was before",
    {n: lambda m=m: _in_mode(m)[0] for n, m in _modes.items()}
    | {"a module inside training": lambda: _evaluated(_pairs, _inside_only(True))[0]},
)
check("the mode of before", {n: lambda m=m: _in_mode(m)[1](Tensor(_a)) for n, m in _modes.items()})
# rests on: without a step, and without a change to gradients that are already there
check("weights and gradients stay as they were", lambda: _gradients(False))
# rests on: To evaluate is to look without touching
check(
    "parameters learn or not, as before",
    {"it learns": lambda: _learns(True), "it does not": lambda: _learns(False)},
)
# rests on: under `no_grad()`, so that no graph is built
check("no graph is built", _graphs)
check("gradients work again afterwards", lambda: _gradients(True))
# rests on: it may be called within somebody else's `no_grad`
check("inside somebody else's no_grad", _within_no_grad)
### END HIDDEN TESTS
share = accuracy(Tensor([[1.0, 3.0], [2.0, 0.0], [5.0, 4.0], [0.0, 1.0]]), [1, 1, 0, 1])
assert share == 0.75, f"three of four are right: expected 0.75, got {share}"
loss, right = evaluate(mlp, test)
assert isinstance(right, float), f"expected floats, got {type(right).__name__}"
assert 0.8 < right < 0.95, f"expected an accuracy near 0.90, got {right}"
print(f"evaluate works: {right:.1%} of digits the MLP has not seen, loss {loss:.3f}")

# %% [markdown]
# ## 4. A Trainer
#
# Model, optimizer and loss belong together for the whole training, and you want to know afterwards
# how it went. That is an object with a memory.
#
# ### Exercise: `fit`
#
# Write `Trainer.fit(dataset, epochs, test)`. It trains for all the epochs it was asked for. After
# each it appends a dictionary to `self.history`: `"loss"`, what `train_epoch` returned, and, if
# there is a `test` set, `"test loss"` and `"accuracy"` on it, as `evaluate` returned them. A second
# `fit` goes on where the first ended. Return the history. (`loss_function` and `show` are handed
# on.)

# %% [markdown]
# <details><summary>Hint 1: where to begin</summary>
#
# `fit` is a loop over `range(epochs)`. You have written all that happens in it: `train_epoch` and, if
# there is a test set, `evaluate`.
#
# </details>
#
# <details><summary>Hint 2: one entry</summary>
#
# Make the dictionary first, `{"loss": ...}`, from what `train_epoch` returns. Add the other two keys
# only if `test is not None`. Append it to `self.history` within the loop.
#
# </details>
#
# <details><summary>Hint 3: nearly there</summary>
#
# What is handed on: `self.model, self.optimizer, dataset, self.loss_function, show=self.show` to
# `train_epoch`. With a test set,
#
# ```
# entry["test loss"], entry["accuracy"] = evaluate(self.model, test, self.loss_function)
# ```
#
# And the history is returned after the loop, not in it.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "trainer", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
class Trainer:
    """A model, an optimizer and a loss that belong together, and the history of their training."""

    def __init__(
        self,
        model: Module,
        optimizer: Optimizer,
        loss_function: LossFunction = cross_entropy,
        show: bool = True,
    ) -> None:
        """Keep what training needs; `show=False` trains in silence."""
        self.model, self.optimizer, self.loss_function = model, optimizer, loss_function
        self.show = show
        self.history: list[dict[str, float]] = []

    def fit(self, dataset: Any, epochs: int = 1, test: Any = None) -> list[dict[str, float]]:
        """Train for some epochs; after each, note its loss and how the model does on `test`."""
        ### BEGIN SOLUTION
        for _ in range(epochs):
            loss = train_epoch(
                self.model, self.optimizer, dataset, self.loss_function, show=self.show
            )
            entry = {"loss": loss}
            if test is not None:
                results = evaluate(self.model, test, self.loss_function)
                entry["test loss"], entry["accuracy"] = results
            self.history.append(entry)
        return self.history
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-trainer", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
import contextlib
import io

from grading import check
from tinytorch.layers import Linear
from tinytorch import setup as _setup

_rng = check.rng("trainer")
_b, _v, _seed = _rng.normal(size=(40, 6)), _rng.integers(0, 3, size=40), int(_rng.integers(9999))
_more = [(Tensor(_x), int(_y)) for _x, _y in zip(_b, _v, strict=True)]


def _trainer(loss_function=cross_entropy, show=False, lr=0.02):
    manual_seed(_seed)
    model = Linear(6, 3)
    return Trainer(model, Adam(model.parameters(), lr=lr), loss_function, show=show)


def _fitted(*calls, column=None, samples=25, **options):
    """Make a trainer and let it fit as often as there are calls; return history and weights."""
    trainer = _trainer(**options)
    for call in calls:
        history = trainer.fit(_more[:samples], **call)
    return {
        "history": [entry[column] for entry in history] if column else history,
        "weights": trainer.model.weight,
    }


def _bars(show):
    """Return how many epochs a trainer reports on."""
    out, trainer = io.StringIO(), _trainer(show=show)
    with contextlib.redirect_stdout(out):
        trainer.fit(_more[: 5 + _seed % 7], epochs=2 + _seed % 3)
    return {
        "something printed": out.getvalue() != "",
        "lines that say what an epoch took": out.getvalue().count("took"),
        "history": trainer.history,
    }


def _epochs_of(tested=True, **options):
    """Train for five epochs; return how many were noted. It knows the test set from the start."""
    trainer = _trainer(**options)
    test = [(x, int(trainer.model(x).data.argmax())) for x, _ in _more[4:9]]
    return len(trainer.fit(_more[:4], 5, test if tested else None))


def _drawn():
    """Fit twice; return a random number that is drawn after each."""
    trainer = _trainer()
    return [(trainer.fit(_more[:2]), _setup.generator().random())[1] for _ in range(2)]


def _made_anew():
    """Return the losses of three epochs of samples that come in another order each time."""
    return [entry["loss"] for entry in _trainer(lr=0.05).fit(_Served(_more[:7]), 3)]


_two, _three = {"epochs": 2}, {"epochs": 3, "test": _more[25:]}
# rests on: It trains for all the epochs it was asked for.
check("one epoch, if nothing else is said", lambda: _fitted({}, column="loss"))
check("the losses of several epochs", lambda: _fitted(_two, column="loss"), rtol=1e-5)
check("no epochs change nothing", lambda: [_fitted({"epochs": 0}), _fitted({"epochs": 0}, {})])
_overfit = {"epochs": 12, "test": _more[30:]}
check(
    "it trains on when the test loss rises", lambda: _fitted(_overfit, samples=6, lr=0.3), rtol=1e-3
)
check(
    "it trains for all epochs",
    {
        "the loss is NaN": lambda: _epochs_of(False, loss_function=_scaled(float("nan"))),
        "the loss is tiny": lambda: _epochs_of(loss_function=_scaled(1e-9)),
        "the loss stays": lambda: _epochs_of(lr=0.0),
        "all are right": lambda: _epochs_of(lr=1e-9),
    },
)
# rests on: `dataset` is whatever `for x, y in dataset` goes through, once an epoch
check("each epoch loops over the dataset anew", _made_anew)
# rests on: if there is a `test` set, `"test loss"` and `"accuracy"` on it, as `evaluate` returned them
check("loss and accuracy on the test set after each epoch", lambda: _fitted(_three), rtol=1e-5)
check("without a test set there is only the loss", lambda: _fitted(_two))
# rests on: A second `fit` goes on where the first ended.
check("a second fit goes on", lambda: _fitted(_two, _three))
check("random numbers go on from fit to fit", _drawn)
# rests on: appends a dictionary to `self.history`
check("the trainer keeps the history", lambda: [(t := _trainer()).fit(_more), t.history][1])
# rests on: (`loss_function` and `show` are handed on.)
check("the loss function is used for both", lambda: _fitted(_three, loss_function=_scaled(0.4)))
check("show is handed on", {"show": lambda: _bars(True), "no show": lambda: _bars(False)})
### END HIDDEN TESTS
trainer = Trainer(mlp, optimizer, show=False)
history = trainer.fit(train, epochs=1, test=test)
assert len(history) == 1, f"one epoch, one entry: got {len(history)}"
keys = sorted(history[0])
assert keys == ["accuracy", "loss", "test loss"], f"the entry has the keys {keys}"
assert trainer.fit(train[:50])[1].keys() == {"loss"}, "without a test set there is only the loss"
assert len(trainer.history) == 2, f"a second fit goes on: expected 2, got {len(trainer.history)}"
print("Trainer works:", {key: round(value, 3) for key, value in history[0].items()})

# %% [markdown]
# ## See it work
#
# Here is the history of eight epochs, as **learning curves**. The training set has only 500 digits,
# and the network is wider than before. Look at the test loss from about the third epoch on.

# %%
manual_seed(1)
mlp = MLP([784, 128, 10])
history = Trainer(mlp, SGD(mlp.parameters(), lr=0.03), show=False).fit(train[:500], 8, test[:500])
figure, (left, right) = plt.subplots(1, 2, figsize=(8, 2.6), layout="constrained")
for key in ("loss", "test loss"):
    left.plot(range(1, 9), [entry[key] for entry in history], "o-", label=key)
left.legend()
right.plot(range(1, 9), [entry["accuracy"] for entry in history], "o-", color="tab:orange")
left.set(xlabel="epoch", title="training loss and test loss")
right.set(xlabel="epoch", title="accuracy on the test set")
tinytorch.show(
    figure,
    "Learning curves over eight epochs. The training loss falls from "
    f"{history[0]['loss']:.2f} to {history[-1]['loss']:.2f}, the test loss only from "
    f"{history[0]['test loss']:.2f} to {history[-1]['test loss']:.2f}, and it stops falling early. "
    f"The accuracy on the test set rises from {history[0]['accuracy']:.0%} to "
    f"{history[-1]['accuracy']:.0%}.",
)
print("loss", round(history[-1]["loss"], 3), "on the test set", round(history[-1]["test loss"], 3))

# %% [markdown]
# It knows the training set better and better, and that helps less and less on the test set. The
# distance between the two curves shows overfitting. Regularisation helps, such as the dropout of 04
# and the weight decay of 07; the best cure is more data, and here it comes.
#
# One rule goes with learning curves. Learning rate, number of epochs, width of the network: whatever
# hyperparameter you choose by looking at results, choose it by a **validation set**, a part of the
# training set that you keep aside and do not train on. The test set is for the very end.
#
# ## 5. Images in colour
#
# Digits are grey and centred. Now for colour images of 32 × 32 pixels in ten classes, the format of
# a well-known data set, **CIFAR-10**. The loader is given. It takes what lies beside this notebook:
# 5,000 photographs of CIFAR-10 if your instructor has handed them out, and drawn shapes, of the same
# size and in as many classes, if not; then it says so. Whoever has all 50,000 (the *binary version*,
# from its [home](https://www.cs.toronto.edu/~kriz/cifar.html)) puts them into
# `data/cifar-10-batches-bin`, or names their folder in the environment variable `CIFAR10_DIR`.


# %% nbgrader={"grade": false, "grade_id": "cifar10", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["export"]
CIFAR10_CLASSES = [
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
]


def load_cifar10(
    split: str = "train", most: int = 50_000
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return images (N, 3, 32, 32) from 0 to 1, labels (N,), and the names of the ten classes.

    Reads the folder CIFAR10_DIR, or data/cifar-10-batches-bin, or else what was handed out.
    """
    folder = Path(os.environ.get("CIFAR10_DIR") or "data/cifar-10-batches-bin")
    pattern = {"train": "data_batch_*.bin", "test": "test_batch.bin"}[split]
    contents = [np.fromfile(file, np.uint8) for file in sorted(folder.glob(pattern))]
    if any(content.size % 3073 for content in contents):
        raise ValueError(f"a file in {folder} is cut short: fetch CIFAR-10 again")
    if contents:
        rows = np.concatenate(contents).reshape(-1, 3073)[:most]
        images, labels, names = rows[:, 1:].reshape(-1, 3, 32, 32), rows[:, 0], CIFAR10_CLASSES
    else:
        photos = Path("data/cifar10.npz")
        if not photos.exists():
            print("There are no photographs here: these are drawn shapes instead.")
        with np.load(photos if photos.exists() else "data/cifar10-stand-in.npz") as given:
            images, labels = given[f"{split}_images"][:most], given[f"{split}_labels"][:most]
            names = given["names"].tolist()
    return images.astype(np.float32) / 255, labels.astype(np.int64), names


# %%
cifar_images, cifar_labels, names = load_cifar10("train", most=5000)
figure, panels = plt.subplots(2, 10, figsize=(9, 2.2), layout="constrained")
for panel, image, label in zip(panels.flat, cifar_images, cifar_labels, strict=False):
    panel.imshow(image.transpose(1, 2, 0))  # matplotlib wants the colours last
    panel.set_title(names[label], fontsize=8)
    panel.axis("off")
tinytorch.show(
    figure,
    "Two rows of ten small colour images of 32 by 32 pixels, each with the name of its class: "
    f"{', '.join(names[label] for label in cifar_labels[:20])}.",
)

# %% [markdown]
# `CNN()` of 08 is made for such images. It is small: the receptive field of its one convolution is
# 3 × 3 pixels, and nearly all parameters are in the `Linear` after it, where there is no weight
# sharing. Train it with the epoch that you have just written, one image at a time, three times over
# all that are here, and **watch**. `tinytorch.watch` hands the images on, and draws the loss, how
# many images a second there are, and how long the rest will take. It stops after 90 seconds: choose
# another number if you are more, or less, patient than that.

# %%
scaled = (cifar_images - 0.47) / 0.25  # about mean 0 and spread 1
cifar10 = [(Tensor(x), int(y)) for x, y in zip(scaled, cifar_labels, strict=True)]
manual_seed(0)
cifar_cnn = CNN()
optimizer = Adam(cifar_cnn.parameters())
watched = tinytorch.watch(cifar10, cross_entropy, passes=3, seconds=90)
train_epoch(cifar_cnn, optimizer, watched, watched.loss, show=False)

# %%
test_images, test_labels, _ = load_cifar10("test", most=500)
test_images = (test_images - 0.47) / 0.25
unseen = [(Tensor(x), int(y)) for x, y in zip(test_images, test_labels, strict=True)]
print(f"{watched.images:,} images in {duration(watched.spent)}, {watched.pace:.0f} a second")
print(f"accuracy on {len(unseen)} images of the test set: {evaluate(cifar_cnn, unseen)[1]:.1%}")
print(
    f"guessing would give 10 %, and the network has {sum(p.size for p in cifar_cnn.parameters()):,} parameters"
)
print(f"an epoch of all 50,000 photographs would take {duration(50_000 / watched.pace)}")
print(f"and twenty epochs {duration(20 * 50_000 / watched.pace)}")

# %% [markdown]
# ## What it costs
#
# Where does the time of a step go? Measure its parts: forward, backward, and the update. Beside it
# stands the memory that a step works on: what `forward` keeps for one image, and what there is for
# each parameter (the parameter, its gradient, and the two numbers that Adam keeps).

# %%
parts = {"forward": 0.0, "backward": 0.0, "update": 0.0}
for x, y in cifar10[300:400]:
    moments = [time.perf_counter()]
    optimizer.zero_grad()
    loss = cross_entropy(cifar_cnn(x), y)
    moments.append(time.perf_counter())
    loss.backward()
    moments.append(time.perf_counter())
    optimizer.step()
    moments.append(time.perf_counter())
    for part, seconds in zip(parts, np.diff(moments), strict=True):
        parts[part] += 10 * seconds  # milliseconds a step
kept, out = 0, cifar10[0][0]
for layer in cifar_cnn.layers:
    out = layer(out)
    kept += out.data.nbytes
numbers = sum(parameter.data.nbytes for parameter in cifar_cnn.parameters())
bytes_of = {"activations": kept, "parameters": numbers, "gradients": numbers, "Adam": 2 * numbers}
figure, (left, right) = plt.subplots(1, 2, figsize=(8, 1.9), layout="constrained")
left.barh(list(parts), list(parts.values()), color=["tab:blue", "tab:orange", "0.3"])
left.set(xlabel="milliseconds", title="the time of one step")
right.barh(list(bytes_of), [size / 1e6 for size in bytes_of.values()], color="tab:blue")
right.set(xlabel="MB", title="the memory of one step")
left.invert_yaxis()
right.invert_yaxis()
tinytorch.show(
    figure,
    "Two bar charts of one step for one image. The time in milliseconds: "
    + ", ".join(f"{part} {spent:.1f}" for part, spent in parts.items())
    + ". The memory in megabytes: "
    + ", ".join(f"{name} {size / 1e6:.2f}" for name, size in bytes_of.items())
    + f". Most of the time goes into the {max(parts, key=lambda part: parts[part])}.",
)
print(f"Adam's numbers take {2 * numbers / kept:,.0f} times the memory of the activations")

# %% [markdown]
# One image, and nearly all of the memory belongs to the parameters, not to the image. It is much the
# same with the time: each step goes over all parameters, gradients and numbers of Adam once, whether
# it is for one image or for a hundred.
#
# ## In the real world
#
# In PyTorch the five lines are the same, word for word, and everybody writes them by hand. People who
# are tired of it take a `Trainer`: Lightning and Hugging Face Transformers have one, with a `fit` or
# `train` and a history; `tqdm` draws the bar. `evaluate` is `model.eval()` with
# `torch.inference_mode()`. A real training also saves the parameters now and then, in *checkpoints*,
# since a run of weeks does not end well every time.
#
# CIFAR-10 was cut out of 80 million small images from the web, and students were paid to label it.
# In 2018 researchers collected a new test set in the same way: all models did worse on it, though
# their order stayed nearly the same. To read on:
#
# - A. Krizhevsky: *Learning multiple layers of features from tiny images*. Technical report,
#   University of Toronto, 2009. The data set, by the author of AlexNet.
# - B. Recht, R. Roelofs, L. Schmidt, V. Shankar: *Do ImageNet classifiers generalize to ImageNet?*
#   ICML 2019. What years of looking at one test set did, and did not do.
#
# ## Think
#
# A friend trains for 50 epochs with `fit(train, 50, test)`, looks for the epoch with the highest
# `"accuracy"`, keeps that model, and reports this number. What is wrong with it, and how would you
# do it? And which of the three rules of `evaluate` can be broken without changing the numbers it
# returns? Why is it still worth keeping?

# %% [markdown] nbgrader={"grade": true, "grade_id": "think", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# (1 point) The test set was used to choose. Of fifty noisy numbers the highest is too high by luck
# alone, so on new images the model will do worse than reported.
#
# (1 point) Split the training set: choose the epoch by a part that is not trained on, the validation
# set, and look at the test set once, at the end.
#
# (1 point) `no_grad` changes none of the returned numbers: a graph that nobody asks only costs memory
# and time. That is reason enough: evaluation gets slower, and with large batches it can run out of
# memory. (Without `eval` dropout makes the numbers random and worse; with a step the model learns the
# test set.)
# ### END SOLUTION

# %% [markdown]
# ## Next: this is unbearably slow
#
# You have seen the estimate, for one epoch and for twenty, and nobody gets the learning rate right at
# the first try. Look at the last chart again: most of the time goes into the update, which changes
# each of 825,290 parameters for the sake of a single image. For a hundred images at once it would cost
# the same, and everything you have built takes a first axis N. What is missing is something that
# serves the data a hundred at a time: assignment 10.
#
# Keep what you wrote: save the notebook and run the last cell. It adds a module to your framework.

# %%
import tinytorch

tinytorch.export_mine("09_training")
