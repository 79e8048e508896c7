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
# # 04 · Layers
#
# ## Where we are
#
# In 03 eight numbers around one ReLU told when exactly one of two switches is on; a human had
# chosen them. Now you build what holds such numbers: **modules**, which know all their
# **parameters**, the numbers that training may change, by name; and the **layers** `Linear`,
# `Sequential`, `Flatten` and `Dropout`. Put together they are an `MLP`, a network that takes in a
# digit and gives out ten scores. You use `tinytorch.activations`, the work of assignment 03. Plan
# an hour or two.
#
# `tinytorch.check()` in a cell of its own lists what this notebook will be graded by, and what its
# visible tests say so far.

# %%
import tinytorch

tinytorch.use_mine(False)  # True: build on the modules that you exported from earlier notebooks

# %%
import matplotlib.pyplot as plt
from tinytorch.activations import ReLU
from tinytorch.setup import load_digits, manual_seed, mean_images
from tinytorch.tensor import Tensor

switches, relu = Tensor([[0, 0], [0, 1], [1, 0], [1, 1]]), ReLU()
hidden = relu(switches @ Tensor([[1, 1], [1, 1]]) + Tensor([0, -1]))
print("exactly one is on:", (hidden @ Tensor([1, -2])).tolist())

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["export"]
import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from reprlib import recursive_repr
from typing import Any, Self

import numpy as np
from tinytorch.activations import ReLU
from tinytorch.setup import generator
from tinytorch.tensor import Function, Tensor

# %% [markdown]
# ## 1. A module knows its parts
#
# A `Parameter` is a tensor of parameters. A `Module` is a part of a model: it keeps
# parameters and other modules as plain attributes, and is called like a function. Both are given,
# with two things that you can use when you like: `print(module)` shows what it holds, and
# `state_dict()` returns all parameters by name, which `load_state_dict` puts back.


# %% nbgrader={"grade": false, "grade_id": "module", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["export"]
class Parameter(Tensor):
    """A tensor that training may change."""

    def __init__(self, data: Any, dtype: Any = None, requires_grad: bool = True) -> None:
        super().__init__(data, dtype, requires_grad)


class Module:
    """A part of a model: it may hold parameters and other modules, and is called with tensors."""

    training: bool = True

    def forward(self, *inputs: Any) -> Tensor:
        """Compute the output: tensors in, tensor out."""
        raise NotImplementedError(f"{type(self).__name__} has no forward yet")

    def __call__(self, *inputs: Any) -> Tensor:
        """Run `forward`: `layer(x)` is `layer.forward(x)`."""
        return self.forward(*inputs)

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """Yield every parameter in the module once, with its name, such as `layers.0.weight`."""
        return ((name, part) for name, part in walk(self) if isinstance(part, Parameter))

    def parameters(self) -> Iterator[Parameter]:
        """Yield every parameter in the module once."""
        return (parameter for _, parameter in self.named_parameters())

    def train(self, mode: bool = True) -> Self:
        """Set `training`, here and in every module inside, and return the module."""
        for _, part in walk(self):
            if isinstance(part, Module):
                part.training = mode
        return self

    def eval(self) -> Self:
        """Leave training mode: dropout lets everything through."""
        return self.train(False)

    def num_parameters(self) -> int:
        """Return how many numbers can be learned."""
        return sum(parameter.size for parameter in self.parameters())

    def state_dict(self) -> dict[str, np.ndarray]:
        """Return a copy of all parameters' numbers by name; `np.savez(file, **state)` keeps it."""
        return {name: parameter.data.copy() for name, parameter in self.named_parameters()}

    def load_state_dict(self, state: Any) -> None:
        """Take over what `state_dict` returned; raise a ValueError for other names or shapes."""
        parameters = dict(self.named_parameters())
        if parameters.keys() != state.keys():
            raise ValueError(f"not in both: {', '.join(sorted(parameters.keys() ^ state.keys()))}")
        for name, parameter in parameters.items():
            if parameter.shape != np.shape(state[name]):
                raise ValueError(f"{name} is {parameter.shape}, not {np.shape(state[name])}")
        for name, parameter in parameters.items():
            parameter.data = np.array(state[name], dtype=parameter.dtype)

    @recursive_repr()
    def __repr__(self) -> str:
        """Name the class and all that it holds: of tensors the shape."""
        held = {k: v.shape if isinstance(v, Tensor) else v for k, v in vars(self).items()}
        return f"{type(self).__name__}({', '.join(f'{k}={v}' for k, v in held.items())})"


def walk(thing: Any, name: str = "", seen: set[int] | None = None) -> Iterator[tuple[str, Any]]:
    """Yield a thing and all that it holds, each once and with its name; open modules and lists."""
    seen = set() if seen is None else seen
    if id(thing) in seen:
        return
    seen.add(id(thing))
    yield name, thing
    held: Any = ()
    if isinstance(thing, Module):
        held = vars(thing).items()
    elif isinstance(thing, dict):
        held = thing.items()
    elif isinstance(thing, (list, tuple)):
        held = enumerate(thing)
    for key, part in held:
        yield from walk(part, f"{name}.{key}" if name else str(key), seen)


# %% [markdown]
# `parameters()`, `train()` and `state_dict()` all see everything that a module holds, however deep.
# They go through it with the given `walk`, which opens what holds other things, a module, a
# dictionary, a list or a tuple, and yields each part once, with its name. So you never have to list
# your layers: keep them as attributes, and they are found. Below, `blocks.1` is the same module as
# `blocks.0`, so its weight is not listed again.

# %%
inner, outer = Module(), Module()
inner.weight = Parameter([1.0, 2.0])
outer.blocks, outer.scale = [inner, inner], Parameter(3.0)
print("parameters:", *[name for name, _ in outer.named_parameters()])
print("after outer.eval(), is the inner module in training?", outer.eval().blocks[0].training)

# %% [markdown]
# ## 2. Linear
#
# Your digit scores of 02 were one matrix product and one row of numbers that is added. With parameters
# of its own that is a linear layer: `x @ weight.T + bias`. As in PyTorch, `weight` has the shape
# `(out_features, in_features)`. No line of the framework runs more often, so to save time it is one
# operation, `Affine`, with three inputs.
#
# ### Exercise: `starting_values`
#
# Starting values are also called the **initialisation** of a layer. Every output adds up
# `in_features` products: the more there are, the smaller each must be. So PyTorch draws weights and
# bias evenly from $-1/\sqrt{n}$ to $1/\sqrt{n}$, where $n$ is `in_features`, also called *fan-in*.
#
# Write `starting_values(shape, fan_in)`, a float32 Parameter of any shape, drawn with
# `generator().uniform(low, high, shape)`. That draws float64, so name the dtype when you make the
# Parameter of it. For instance, `starting_values((2, 3), fan_in=100)` is a Parameter of shape
# `(2, 3)` with six numbers between -0.1 and 0.1.

# %% [markdown]
# <details><summary>Hint 1: how wide</summary>
#
# How far from 0 may the numbers be? Compute that bound first: 1 divided by the square root of
# `fan_in`.
#
# </details>
#
# <details><summary>Hint 2: draw, then keep</summary>
#
# `math.sqrt` is imported. `generator().uniform(low, high, shape)` returns an array of float64, and
# `Parameter(array, dtype=...)` makes a Parameter of it, of the dtype that you name.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# With `bound = 1 / math.sqrt(fan_in)`, draw from `-bound` to `bound`:
#
# ```python
# return Parameter(generator().uniform(...), dtype=...)
# ```
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "starting-values", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
def starting_values(shape: tuple[int, ...], fan_in: int) -> Parameter:
    """Draw a parameter evenly from -1/sqrt(fan_in) to 1/sqrt(fan_in), as PyTorch does."""
    ### BEGIN SOLUTION
    bound = 1 / math.sqrt(fan_in)
    return Parameter(generator().uniform(-bound, bound, shape), dtype=np.float32)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-starting-values", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check
from tinytorch.setup import manual_seed as _seed

_rng = check.rng("starting values")
_n, _m, _k = (int(_x) for _x in _rng.choice(np.arange(11, 60), size=3, replace=False))
_filters, _shift = (_n, _m, 2, 3), _rng.normal(size=(3, 5))


def _named(module, tell=lambda parameter: parameter.tolist()):
    return sorted([name, tell(parameter)] for name, parameter in module.named_parameters())


def _held(**held):
    """Return a module that holds these."""
    module = Module()
    vars(module).update(held)
    return module


def _drawn(make):
    first, second = ((_seed(7), make().data)[1] for _ in range(2))
    return _shift + first - second


# rests on: draws weights and bias evenly from $-1/\sqrt{n}$ to $1/\sqrt{n}$
check.distribution("numbers of a row", lambda: starting_values((9000,), 50).data)
check.distribution("numbers for a fan-in of 2", lambda: starting_values((90, 100), 2).data)
# rests on: Write `starting_values(shape, fan_in)`, a float32 Parameter of any shape
check.distribution("numbers of four axes", lambda: starting_values((50, 6, 4, 5), 30).data)
check(
    "a float32 Parameter of any shape, which training may change",
    {
        "four axes": lambda: starting_values(_filters, _k).data * np.float32(0),
        "one axis": lambda: starting_values((_m,), _k).data * np.float32(0),
        "a Parameter": lambda: _named(_held(drawn=starting_values(_filters, _k)), np.shape),
        "it requires a gradient": lambda: [starting_values((_n,), _k).requires_grad, _k],
    },
)
# rests on: drawn with `generator().uniform(low, high, shape)`
check("the seed decides the numbers", lambda: _drawn(lambda: starting_values((3, 5), 4)), atol=1e-5)
check(
    "the numbers are those of uniform", lambda: (_seed(_n), starting_values((3, 5), 4).data)[1] + 0
)
### END HIDDEN TESTS
got = starting_values((2, 3), fan_in=100)
assert isinstance(got, Parameter), f"expected a Parameter, got {type(got).__name__}"
assert got.shape == (2, 3), f"expected shape (2, 3), got {got.shape}"
assert got.dtype == np.float32, f"expected float32, got {got.dtype}"
largest = np.abs(starting_values((50, 100), fan_in=100).numpy()).max()
assert 0.09 < largest <= 0.1, f"numbers for a fan-in of 100 should reach 0.1, got {largest:.3f}"
print("starting values:", got.tolist())

# %% [markdown]
# ### Exercise: `Linear`
#
# Write `Affine.forward(x, weight, bias)` in arrays: `x @ weight.T + bias`. Then write
# `Linear(in_features, out_features, bias=True)`, which keeps `self.weight` and `self.bias`, and
# sends its input, its weight and its bias through `Affine.apply`, the tensors themselves, so that
# 06 can follow all three. A layer without bias has `self.bias = None` and adds the number 0.
# (`apply` takes a plain number where a tensor could stand.) A `Linear(3, 2)` turns three inputs into
# two scores: a batch `(5, 3)` becomes `(5, 2)`.

# %% [markdown]
# <details><summary>Hint 1: arrays or tensors?</summary>
#
# `Affine.forward` computes with arrays, `Linear.forward` hands on tensors. Write the shapes down:
# `x` ends in `in`, and the weight is `(out, in)`. Which of its axes has to come first in the
# product?
#
# </details>
#
# <details><summary>Hint 2: two Parameters</summary>
#
# `Linear.__init__` calls `starting_values` twice, with the shapes `(out_features, in_features)` and
# `(out_features,)`, and both times with the same fan-in. `one if condition else other` chooses.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# `weight.T` swaps the two axes. `Linear.forward` is a single call:
#
# ```python
# return Affine.apply(x, self.weight, ...)  # the bias, or 0.0 where it is None
# ```
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "linear", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
class Affine(Function):
    """Compute x @ weight.T + bias: every output is a weighted sum of the inputs, plus a number."""

    fits = "the last axes of x and of weight must be equal"

    def forward(self, x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
        """Return (..., out) from x (..., in), weight (out, in) and bias (out,)."""
        ### BEGIN SOLUTION
        return x @ weight.T + bias
        ### END SOLUTION


class Linear(Module):
    """Turn (..., in_features) into (..., out_features) by weights that can be learned."""

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        """Draw a weight (out_features, in_features) and, unless `bias` is False, a bias."""
        ### BEGIN SOLUTION
        self.weight = starting_values((out_features, in_features), fan_in=in_features)
        self.bias = starting_values((out_features,), fan_in=in_features) if bias else None
        ### END SOLUTION

    def forward(self, x: Tensor) -> Tensor:
        """Return x @ weight.T + bias."""
        ### BEGIN SOLUTION
        return Affine.apply(x, self.weight, 0.0 if self.bias is None else self.bias)
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-linear", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_rng = check.rng("linear")
_x, _w, _b = _rng.normal(size=(2, 4, 5)), _rng.normal(size=(3, 5)), _rng.normal(size=3)
_others = [_rng.normal(size=_one.shape) for _one in (_x[0], _w, _b)]


def _layer(**options):
    layer = Linear(5, 3, **options)
    layer.weight.data = _w.copy()
    if layer.bias is not None:
        layer.bias.data = _b.copy()
    return layer


def _another_bias():
    layer = _layer()
    layer.bias = Parameter(_others[2])
    return layer(Tensor(_x[0]))


def _recorded(_zeros=False, **options):
    """Return what was recorded of a layer, run again with another input, weight and bias."""
    layer, x = _layer(**options), Tensor(_x[0])
    if _zeros:
        layer.bias.data = np.zeros(3)
    inputs = [one for one in (x, layer.weight, layer.bias) if one is not None]
    return check.recorded(Function, lambda *_: layer(x), inputs, _others[: len(inputs)])


# rests on: Write `Affine.forward(x, weight, bias)` in arrays: `x @ weight.T + bias`.
# rests on: Return (..., out) from x (..., in), weight (out, in) and bias (out,).
check("a layer of a row", lambda: _layer()(Tensor(_x[0, 0])))
check(
    "a layer of a batch",
    lambda x: _layer()(x),
    cases={"(4, 5)": (Tensor(_x[0]),), "(2, 4, 5)": (Tensor(_x),)},
)
check(
    "inputs of any size",
    lambda: [_layer(bias=False)(Tensor(_x * k)) for k in (1e-12, 1e12)],
    atol=0,
)
# rests on: A layer without bias has `self.bias = None` and adds the number 0.
check("a layer without bias", lambda: _layer(bias=False)(Tensor(_x)))
check(
    "no bias is None",
    {
        "bias=False": lambda: Linear(_n, _m, bias=False).bias,
        "otherwise": lambda: Linear(_n, _m).bias.size,
    },
)
check("no bias among the parameters", lambda: _named(Linear(_n, _m, bias=False), np.shape))
# rests on: Draw a weight (out_features, in_features) and, unless `bias` is False, a bias.
check(
    "shapes of weight and bias",
    lambda: [_named(Linear(*s), np.shape) for s in [(_n, _m), (_m, _n, True)]],
)
# rests on: draws weights and bias evenly from $-1/\sqrt{n}$ to $1/\sqrt{n}$
check.distribution("weights at the start", lambda: Linear(40, 300).weight.data)
check.distribution("bias at the start", lambda: Linear(4, 12_000).bias.data)
check.distribution("layers differ", lambda: Linear(9, 999).weight.data * Linear(9, 999).weight.data)
# rests on: a float32 Parameter of any shape
check(
    "weight and bias are float32 Parameters, which training may change",
    {
        "they require gradients": lambda: [p.requires_grad for p in Linear(_n, _m).parameters()],
        "they are float32": lambda: _named(Linear(_n, _m), lambda p: p.data * 0),
    },
)
# rests on: drawn with `generator().uniform(low, high, shape)`
check("the seed decides the weights", lambda: _drawn(lambda: Linear(5, 3).weight), atol=1e-5)
check(
    "float32 in, float32 out",
    lambda bias: Linear(5, 3, bias)(Tensor(_x, np.float32)).data * np.float32(0),
    cases={"with a bias": (True,), "without bias": (False,)},
)
# rests on: sends its input, its weight and its bias through `Affine.apply`, the tensors themselves
check(
    "the layer is recorded, and runs again with other input, weight and bias",
    {
        "with a bias": _recorded,
        "without bias": lambda: _recorded(bias=False),
        "with a bias of zeros": lambda: _recorded(_zeros=True),
    },
)
check("another bias in the place of the first", _another_bias)
# rests on: the last axes of x and of weight must be equal
check.outcomes(
    "refuses what does not fit",
    lambda *s: _layer()(Tensor(np.full(s, _k))),
    {f"an input of shape {s}": s for s in [(2, 5), (5,), (2, 4), (4,), (5, 2), (3, 2, 5), (2, 10)]},
)
### END HIDDEN TESTS
layer = Linear(3, 2)
assert layer.weight.shape == (2, 3), f"weight: expected shape (2, 3), got {layer.weight.shape}"
layer.weight.data, layer.bias.data = np.array([[1.0, 0, 0], [1, 1, 1]]), np.array([0.5, 0])
got = layer(Tensor([[1.0, 2.0, 3.0]])).tolist()
assert got == [[1.5, 6.0]], f"expected [[1.5, 6.0]], got {got}"
largest = np.abs(Linear(100, 50).weight.numpy()).max()
assert 0.09 < largest <= 0.1, f"weights of Linear(100, 50) should reach 0.1, got {largest:.3f}"
try:
    layer(Tensor([1.0, 2.0]))
except ValueError as error:
    print("Linear works. An input that does not fit is explained:", error)
else:
    raise AssertionError("two numbers for a Linear(3, 2) should be a ValueError")

# %% [markdown]
# ## 3. Sequential and Flatten
#
# A network is a row of layers: what one gives out, the next takes in.
#
# ### Exercise: `Sequential`
#
# `Sequential` calls one layer after the other: modules, activations, anything that can be called.
# It takes its layers one by one, `Sequential(a, b)`, or as one list. Write `__init__(*layers)` and
# `forward(x)`. `Sequential` keeps its layers in `self.layers`, a list of its own: what happens to
# the caller's list later changes nothing, but the layers in it are the caller's. `Sequential(lambda
# x: x + 1, lambda x: x * 2)(Tensor(5.0))` is 12.

# %% [markdown]
# <details><summary>Hint 1: what the star does</summary>
#
# `*layers` makes a tuple of all that is handed in. If it holds one thing only, and that is a list,
# then the layers are inside that list.
#
# </details>
#
# <details><summary>Hint 2: tell a list from a layer</summary>
#
# `isinstance(layers[0], (list, tuple))` tells you, and `list(...)` makes a new list. In `forward`,
# the output of one layer is the input of the next.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# Keep `list(layers[0])` or `list(layers)`. And `forward` is a loop:
#
# ```python
# for layer in self.layers:
#     x = ...
# ```
#
# Return `x` when it is over.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "sequential", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
class Sequential(Module):
    """Call one layer after the other: `Sequential(a, b)` or `Sequential([a, b])`."""

    def __init__(self, *layers: Any) -> None:
        """Keep the layers in order; any function of tensors can be one."""
        ### BEGIN SOLUTION
        one_list = len(layers) == 1 and isinstance(layers[0], (list, tuple))
        self.layers: list[Any] = list(layers[0] if one_list else layers)
        ### END SOLUTION

    def forward(self, x: Tensor) -> Tensor:
        """Hand every layer the output of the one before."""
        ### BEGIN SOLUTION
        for layer in self.layers:
            x = layer(x)
        return x
        ### END SOLUTION

    def __len__(self) -> int:
        return len(self.layers)

    def __getitem__(self, index: int) -> Any:
        return self.layers[index]


# %% nbgrader={"grade": true, "grade_id": "test-sequential", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_rng = check.rng("sequential")
_add, _numbers, (_n, _m) = _rng.uniform(2, 3), _rng.normal(size=(4, 5)), _rng.integers(2, 30, 2)
_table, _parts = Tensor(_numbers), [lambda x: x + _add, lambda x: x * x, lambda x: x - 5]


def _later():
    """Return what a model computes after the list that it was made of has changed."""
    model = Sequential(layers := [*_parts])
    layers.clear()
    return model(_table)


def _changed():
    """Return what a model computes after one of the layers that it was given has changed."""
    layers = [Linear(5, 1), _parts[0]]
    model = Sequential(layers)
    layers[0].weight.data, layers[0].bias.data = _numbers[:1], _numbers[0, :1]
    return model(_table)


def _one_more():
    model = Sequential(*_parts)
    model.layers.append(_parts[0])
    return model(_table)


# rests on: `Sequential` calls one layer after the other: modules, activations, anything that can be
check(
    "layers one by one",
    {"three": lambda: Sequential(*_parts)(_table), "one": lambda: Sequential(_parts[1])(_table)},
)
check("the layers run in order", lambda: Sequential(*_parts[::-1])(_table))
check("a sequence in a sequence", lambda: Sequential(Sequential(_parts), _parts[0])(_table))
check("its parameters", lambda: _named(Sequential(Linear(3, _n), ReLU(), Linear(_m, 2)), np.shape))
# rests on: It takes its layers one by one, `Sequential(a, b)`, or as one list.
check(
    "layers in a list",
    {"three": lambda: Sequential(_parts)(_table), "one": lambda: Sequential(_parts[:1])(_table)},
)
# rests on: `Sequential` keeps its layers in `self.layers`, a list of its own
check(
    "a list of its own",
    {
        "the caller's list was cleared": _later,
        "one more layer was appended": _one_more,
        "a layer was changed": _changed,
        "how many there are": lambda: [len(Sequential(_parts).layers), _add],
        "a sequence is one layer": lambda: [len(Sequential(Sequential(_parts)).layers), _add],
        "and so it is beside others": lambda: [
            len(Sequential(Sequential(_parts), _parts[0], Sequential()).layers),
            _add,
        ],
    },
)
### END HIDDEN TESTS
by_hand = Sequential(Linear(2, 2), ReLU(), Linear(2, 1, bias=False))
by_hand.layers[0].weight.data, by_hand.layers[0].bias.data = np.ones((2, 2)), np.array([0.0, -1])
by_hand.layers[2].weight.data = np.array([[1.0, -2]])
got = by_hand(switches).tolist()
assert got == [[0], [1], [1], [0]], f"the switches: expected [[0], [1], [1], [0]], got {got}"
steps = [lambda x: x + 1, lambda x: x * 2]
in_turn = Sequential(steps)
steps.append(lambda x: x * 100)  # the caller's list grows; the layers stay as they were
got = in_turn(Tensor(5.0)).item()
assert got == 12, f"5, plus 1, times 2: expected 12, got {got}"
print("our eight numbers:", {name: p.tolist() for name, p in by_hand.named_parameters()})

# %% [markdown]
# ### Exercise: `Flatten`
#
# `Flatten` stands between images and linear layers. It joins the last three axes, channels, rows
# and columns, and leaves alone what stands before them, be it one axis or several: the batch `(N,
# 1, 28, 28)` becomes `(N, 784)`, a single image `(1, 28, 28)` becomes `(784,)`. What has fewer axes
# is flat already.
#
# Write `forward(x)`. `start_dim` is the first axis to be joined with all that follow: -3, the third
# from the end, or another, such as PyTorch's default, `Flatten(1)`. If `x` has no axis `start_dim`,
# return `x` itself. Use the tensor's own `reshape`, not NumPy's, so that 06 can follow it.

# %% [markdown]
# <details><summary>Hint 1: two cases</summary>
#
# Either there is nothing to join, and `x` goes out as it came, or the axes from `start_dim` on
# become one axis.
#
# </details>
#
# <details><summary>Hint 2: cut the shape in two</summary>
#
# `x.shape[: self.start_dim]` is what stays, be `start_dim` negative or not, and
# `x.shape[self.start_dim :]` is what is joined. There is such an axis if
# `-x.ndim <= self.start_dim < x.ndim`.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# `math.prod` multiplies all sizes of a shape. So where there is something to join:
#
# ```python
# return x.reshape(*x.shape[: self.start_dim], ...)
# ```
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "flatten", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
class Flatten(Module):
    """Join the last three axes, an image: (N, C, H, W) to (N, C*H*W), (C, H, W) to (C*H*W,)."""

    def __init__(self, start_dim: int = -3) -> None:
        """Choose the first axis to be joined."""
        self.start_dim = start_dim

    def forward(self, x: Tensor) -> Tensor:
        """Return the same numbers with the axes joined; what has no such axes is flat already."""
        ### BEGIN SOLUTION
        if not -x.ndim <= self.start_dim < x.ndim:
            return x
        kept, joined = x.shape[: self.start_dim], x.shape[self.start_dim :]
        return x.reshape(*kept, math.prod(joined))
        ### END SOLUTION


flatten = Flatten()  # one to be put between any two layers


# %% nbgrader={"grade": true, "grade_id": "test-flatten", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_rng = check.rng("flatten")
_images, _videos = _rng.normal(size=(2, 3, 4, 5)), _rng.normal(size=(2, 3, 1, 2, 2))


def _flattened_again(flatten, images):
    return check.recorded(Function, flatten, [Tensor(images)], [images[::-1] * 2])


# rests on: the batch `(N, 1, 28, 28)` becomes `(N, 784)`, a single image `(1, 28, 28)` becomes
check(
    "flattens a batch",
    Flatten(),
    cases={f"{x.shape}": (Tensor(x),) for x in (_images, _images[:, :1], _images[:1])},
)
check(
    "flattens one image",
    Flatten(),
    cases={f"{x.shape}": (Tensor(x),) for x in (_images[0], _images[1, :1])},
)
# rests on: leaves alone what stands before them, be it one axis or several
check(
    "flattens a batch of films",
    Flatten(),
    cases={f"{x.shape}": (Tensor(x),) for x in (_videos, _videos[:1])},
)
# rests on: What has fewer axes is flat already.
check(
    "what is flat already",
    Flatten(),
    cases={f"{x.shape}": (Tensor(x),) for x in (_images[0, 0], _images[0, 1, 2])},
)
# rests on: `start_dim` is the first axis to be joined with all that follow
check(
    "flattens from axis 1 on",
    Flatten(1),
    cases={f"{x.shape}": (Tensor(x),) for x in (_images, _images[0])},
)
check(
    "flattens from other axes on",
    lambda d: Flatten(d)(Tensor(_images)),
    cases={f"Flatten({d})": (d,) for d in (0, 2, -2)},
)
check(
    "flattens a table, or leaves it",
    lambda d: Flatten(d)(Tensor(_images[0, 0])),
    cases={f"Flatten({d})": (d,) for d in (0, 1, 2, -2)},
)
check(
    "one Flatten for images, films and an image",
    lambda flatten: [flatten(Tensor(x)) for x in (_images, _videos, _images[0])],
    cases={"one after the other": (Flatten(),)},
)
# rests on: Use the tensor's own `reshape`, not NumPy's, so that 06 can follow it.
check(
    "flattening is recorded, and runs again with other numbers",
    {
        "a batch": lambda: _flattened_again(Flatten(), _images),
        "one image": lambda: _flattened_again(Flatten(), _images[0]),
        "what is flat already": lambda: _flattened_again(Flatten(), _images[0, 0]),
        "from axis 1 on": lambda: _flattened_again(Flatten(1), _images),
    },
)
### END HIDDEN TESTS
for shape, wanted in (((2, 1, 3, 4), (2, 12)), ((1, 3, 4), (12,)), ((5, 7), (5, 7))):
    got = Flatten()(Tensor(np.zeros(shape))).shape
    assert got == wanted, f"Flatten of {shape}: expected {wanted}, got {got}"
for shape, wanted in (((5, 7, 2), (5, 14)), ((5, 7), (5, 7)), ((5,), (5,))):
    got = Flatten(1)(Tensor(np.zeros(shape))).shape
    assert got == wanted, f"Flatten(1) of {shape}: expected {wanted}, got {got}"
print("Flatten works")

# %% [markdown]
# ## 4. Dropout
#
# A network with many parameters can learn its images by heart, and then it is good at them and bad
# at new ones: **overfitting**. What is done against that is called **regularisation**, and dropout
# is one way: in training each number is set to 0 with probability $p$, anew in every call, so no
# part can rely on another. In evaluation everything stays. For the mean to be the same in both, what
# survives in training is divided by $1 - p$. `Dropout(0.2)` turns each 1 into either 0 or 1.25:
# five ones may become 1.25, 0, 1.25, 1.25, 1.25.
#
# ### Exercise: `Dropout`
#
# Write `forward(x)`. `generator().random(shape)` draws numbers from 0 up to 1. They are below `p`
# with probability $p$: where they are, `x` is dropped, and elsewhere it survives. So your mask is 0
# where `x` is dropped, and 1 elsewhere. Multiply `x` by a **Tensor** of `x.dtype` made of the mask, so
# that autograd will see the product. When `training` is False, return `x` itself. And mind $p = 1$.
# Then everything is 0, and you would divide by 0.

# %% [markdown]
# <details><summary>Hint 1: what changes nothing</summary>
#
# Begin with the two cases in which `x` itself goes out: not in training, and `p` is 0. Otherwise
# draw one number for each number of `x`.
#
# </details>
#
# <details><summary>Hint 2: a mask</summary>
#
# A number drawn from 0 up to 1 is below `p` with probability `p`, so `>= self.p` marks what
# survives. What survives is divided by `1 - p`, and that is 0 where `p` is 1: then everything is 0.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# ```python
# mask = generator().random(x.shape) >= self.p
# scale = 1 / (1 - self.p) if self.p < 1 else 0.0
# ```
#
# One line is left: `x` times a Tensor of `mask * scale`, with the dtype of `x`.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "dropout", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
class Dropout(Module):
    """In training, set each number to 0 with probability p and scale up the rest."""

    def __init__(self, p: float = 0.5) -> None:
        """Choose the probability, from 0 to 1."""
        if not 0 <= p <= 1:
            raise ValueError(f"a probability is between 0 and 1, got {p}")
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        """Return x * mask / (1 - p) in training, so that the mean stays, and x itself otherwise."""
        ### BEGIN SOLUTION
        if not self.training or self.p == 0:
            return x
        mask = generator().random(x.shape) >= self.p
        return x * Tensor(mask / (1 - self.p) if self.p < 1 else mask, dtype=x.dtype)
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-dropout", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check
from tinytorch import tensor as _module

_rng = check.rng("dropout")
_p, _array = float(_rng.uniform(0.15, 0.4)), _rng.normal(size=(3, 5))
_big, _tensor, _tensor32 = (
    Tensor(np.full((100, 60), 1.5)),
    Tensor(_array),
    Tensor(_array, dtype=np.float32),
)
_twice, _again, _few = Dropout(_p), Dropout(_p), Tensor(np.ones(3))
_ones = Tensor(np.ones(500))
_operations = tuple(
    _one for _one in vars(_module).values() if isinstance(_one, type) and issubclass(_one, Function)
)


def _left(dropout):
    return dropout(_big).data.round(6)  # so that the last digit of 1 / (1 - p) does not matter


def _recorded(dropout):
    """Return what was recorded for other numbers, less what there was: 0 for 2 * x less 2 * y."""
    before = []

    def remembered(x):
        before.append(dropout(x))
        return before[0]

    again = check.recorded(Function, remembered, [_tensor], [2 * _array], _operations)
    return _array + again - 2 * before[0].data


# rests on: in training each number is set to 0 with probability $p$, anew in every call
# rests on: what survives in training is divided by $1 - p$.
check.distribution("what is left in training", lambda: _left(Dropout(_p)))
check("what a one can become", lambda: np.unique(Dropout(_p)(_ones).data), rtol=1e-12, atol=0)
check.distribution("what is left with a large p", lambda: _left(Dropout(1 - _p)))
check.distribution("rows are dropped by chance", lambda: _left(Dropout(0.1)).mean(axis=1), 0.5)
check.distribution("columns are dropped by chance", lambda: _left(Dropout(0.1)).mean(axis=0), 0.5)
check.distribution("every call draws anew", lambda: np.sign(_left(_twice) * _left(_twice)))
check.distribution(
    "how many of three are left",
    lambda: [(Dropout(_p)(_few).data > 0).sum() for _ in range(10_000)],
)
check.distribution("train() after eval()", lambda: _left(_again.eval().train()))
# rests on: When `training` is False, return `x` itself.
check(
    "nothing happens in use",
    lambda p: Dropout(p).eval()(_tensor),
    cases={"a small p": (_p,), "p = 0.5": (0.5,), "p = 1": (1,)},
)
# rests on: And mind $p = 1$.
check("p = 0 and p = 1", lambda p: Dropout(p)(_tensor), cases={"p = 0": (0,), "p = 1": (1,)})
# rests on: Multiply `x` by a **Tensor** of `x.dtype` made of the mask
check("dropout keeps float32", lambda: Dropout(_p)(_tensor32).data * np.float32(0) + _tensor32.data)
# rests on: so that autograd will see the product.
check(
    "the product is recorded, and runs again with other numbers",
    {
        "in training": lambda: _recorded(Dropout(_p)),
        "in use": lambda: _recorded(Dropout(_p).eval()),
        "p = 0": lambda: _recorded(Dropout(0)),
        "p = 1": lambda: _recorded(Dropout(1)),
    },
)
# rests on: `generator().random(shape)` draws numbers from 0 up to 1
check("the seed decides what is dropped", lambda: _drawn(lambda: Dropout(_p)(_tensor)))
# rests on: Return x * mask / (1 - p) in training
check("dropout does not change its input", lambda: [Dropout(_p)(x := Tensor(_array)).data * 0, x])
### END HIDDEN TESTS
x, dropout = Tensor(np.ones(10_000)), Dropout(0.2)
values, mean = np.unique(dropout(x).numpy()), dropout(x).mean().item()
assert np.allclose(values, [0, 1.25]), f"of ones, p = 0.2: expected 0 and 1.25, got {values[:9]}"
assert abs(mean - 1) < 0.03, f"the mean of ones should stay about 1, it is {mean:.3f}"
got = Dropout(1.0)(x)
assert got.tolist() == [0.0] * 10_000, f"of ones, p = 1: expected zeros, got {got.tolist()[:5]}"
assert got.dtype == np.float64, f"of float64 numbers: expected float64, got {got.dtype}"
assert dropout.eval()(x).tolist() == x.tolist(), "in eval mode nothing should be dropped"
print("Dropout works")

# %% [markdown]
# ## 5. The network
#
# `MLP([784, 64, 10])` is a **multi-layer perceptron**: flatten the image, go from 784 inputs to 64
# **hidden units**, apply a ReLU, go to 10 scores. No ReLU after the last layer: scores may be
# negative.
#
# ### Exercise: `MLP`
#
# Write `MLP.__init__(sizes)`: make a list of layers, a `Flatten` first, then a `Linear` for each pair
# of neighbours with a `ReLU` between two of them, and hand it to `super().__init__`, so that they
# stand in `self.layers`. `pairwise([784, 64, 10])` gives the pairs `(784, 64)` and `(64, 10)`.

# %% [markdown]
# <details><summary>Hint 1: by hand first</summary>
#
# Write down all layers of `MLP([784, 64, 10])`, from the first to the last. How many ReLUs are
# there?
#
# </details>
#
# <details><summary>Hint 2: one too many</summary>
#
# Begin with a list that holds a `Flatten()`, and for each pair add a `Linear` and a `ReLU()`. The
# last ReLU is one too many.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# ```python
# layers = [Flatten()]
# for inputs, outputs in pairwise(sizes):
#     layers += [...]
# ```
#
# Hand all but the last to `super().__init__`: a slice up to `-1`.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "mlp", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
class MLP(Sequential):
    """Linear layers with ReLU between them; `MLP([784, 64, 10])` scores images of 28 x 28."""

    def __init__(self, sizes: Sequence[int]) -> None:
        """Make one Linear for each pair of neighbours in `sizes`; the input is flattened first."""
        ### BEGIN SOLUTION
        layers: list[Any] = [Flatten()]
        for inputs, outputs in pairwise(sizes):
            layers += [Linear(inputs, outputs), ReLU()]
        super().__init__(layers[:-1])
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-mlp", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_rng = check.rng("mlp")
_sizes, _images = _rng.integers(5, 40, size=5).tolist(), _rng.normal(size=(6, 2, 3, 4))
_pool, _inputs = (
    _rng.normal(size=900),
    {"one image": (_images[0],), "a row": (_images[1].ravel(),), "rows": (_images.reshape(6, 24),)},
)


def _filled(*sizes):
    model = MLP(sizes)
    for p in model.parameters():
        p.data = _pool[p.size : 2 * p.size].reshape(p.shape)
    return model


def _recorded(*sizes):
    """Return what was recorded of a network, run again with other images and other numbers."""
    model, images = _filled(*sizes), Tensor(_images)
    inputs = [images, *model.parameters()]
    others = [_images[::-1], *(_pool[: p.size].reshape(p.shape) for p in inputs[1:])]
    return check.recorded(Function, lambda *_: model(images), inputs, others)


def _sizes_left():
    MLP(sizes := [*_sizes])
    return sizes


# rests on: Make one Linear for each pair of neighbours in `sizes`; the input is flattened first.
check(
    "the sizes of the layers",
    lambda sizes: sorted(p.shape for p in MLP(sizes).parameters()),
    cases={"five sizes": (_sizes,), "equal sizes": ([6, 6, 6, 6],)},
)
# rests on: flatten the image, go from 784 inputs to 64 hidden units, apply a ReLU, go to 10 scores.
#   No ReLU after the last layer: scores may be negative.
check("one layer", lambda: _filled(24, 5)(Tensor(_images)))
check(
    "two layers",
    lambda n: _filled(24, n, 5)(Tensor(_images)),
    cases={"7 between": (7,), "1 between": (1,)},
)
check("four layers", lambda: _filled(24, 9, 8, 7, 6)(Tensor(_images)))
check("layers as wide as the last", lambda: _filled(24, 6, 6, 6)(Tensor(_images)))
check("one image, a row, and rows", lambda x: _filled(24, 7, 5)(Tensor(x)), cases=_inputs)
check("the network is recorded, and runs again with other numbers", lambda: _recorded(24, 7, 6, 5))
# rests on: and hand it to `super().__init__`, so that they stand in `self.layers`
check(
    "its layers stand in self.layers",
    lambda: [name.partition(".")[0] for name, _ in MLP(_sizes).named_parameters()],
)
check("the sizes stay as they were", _sizes_left)
### END HIDDEN TESTS
manual_seed(0)
mlp = MLP([784, 64, 10])
count = sum(parameter.size for parameter in mlp.parameters())
assert count == 50_890, f"MLP([784, 64, 10]): expected 50890 numbers, got {count}"
got = mlp(Tensor(np.ones((5, 1, 28, 28)))).shape
assert got == (5, 10), f"five images: expected scores of shape (5, 10), got {got}"
kinds = [type(layer).__name__ for layer in MLP([2, 3, 3]).layers]
wanted = ["Flatten", "Linear", "ReLU", "Linear"]
assert kinds == wanted, f"the layers of MLP([2, 3, 3]): expected {wanted}, got {kinds}"
lowest = MLP([2, 3, 400])(Tensor([1.0, -1.0])).numpy().min()
assert lowest < 0, "scores may be negative: is there a ReLU after the last layer?"
print(f"the MLP has {count:,} numbers, in", *[str(p.shape) for p in mlp.parameters()])

# %% [markdown]
# ## See it work
#
# A `Linear` that is given the mean digits as weights scores as in 02; the MLP starts from random
# parameters. In the picture a digit passes through a dropout, and random inputs pass through ten
# layers of 200 units with ReLU. If the weights start too large, the outputs explode; if they start
# too small, nothing arrives. PyTorch's choice shrinks the outputs as well, which does not hurt a
# network of two or three layers.

# %%
images, labels = load_digits()
means = mean_images(images[:5000], labels[:5000]).reshape(10, 784)
known, x = Sequential(Flatten(), Linear(784, 10)), Tensor(images[5000:])
known.layers[1].weight.data, known.layers[1].bias.data = means, -(means**2).sum(axis=1) / 2
for name, model in (("the means are", known), ("the MLP is", mlp)):
    right = (model(x).numpy().argmax(axis=1) == labels[5000:]).mean()
    print(f"{name} right for {right:.1%} of the test images")

widths, dropout = [1, 1, 1, 3], Dropout(0.4)
figure, panels = plt.subplots(1, 4, figsize=(9, 2.3), width_ratios=widths, layout="constrained")
for panel, title in zip(panels, ("in training", "again", "in use"), strict=False):
    dropout.train(title != "in use")
    panel.imshow(dropout(x[0]).numpy()[0], cmap="gray_r", vmin=0, vmax=1.7)
    panel.set(xticks=[], yticks=[], title=title)
bounds = {"1": 1, "√(6/n)": 0.03**0.5, "1/√n": 0.005**0.5, "1/n": 0.005}
for (name, bound), line in zip(bounds.items(), ("k:", "C0-", "C1--", "C4-."), strict=True):
    values, spread = Tensor(generator().normal(size=(50, 200))), [1.0]
    for _ in range(10):
        values = ReLU()(values @ Tensor(generator().uniform(-bound, bound, size=(200, 200))))
        spread.append(values.numpy().std())
    panels[3].plot(spread, line, label=f"weights within ±{name}")
panels[3].set(yscale="log", xlabel="layer", title="spread of the outputs")
panels[3].legend(fontsize=7)
tinytorch.show(
    figure,
    "On the left a digit after dropout, twice: each time other pixels are missing, and the rest are "
    "darker. In evaluation the digit is whole. On the right a chart of the spread of the outputs over ten "
    "layers: for weights within 1 it explodes, within 1/n it vanishes, within the root of 6/n it "
    "stays level, and within 1 over the root of n, PyTorch's choice, it falls slowly.",
)

# %% [markdown]
# ## What it costs
#
# Three things can be counted before anything runs: the parameters, the bytes that they take (four
# for a float32), and the FLOPs, as in 02. A linear layer does two with each weight, for each image: a
# product and a sum. And then there is the time, which has to be measured: the shortest of twenty runs.

# %%
import time

batch, names, counts, times = x[:100], [], [], []
for position, layer in enumerate(mlp.layers):
    durations = []
    for _ in range(20):
        begun = time.perf_counter()
        out = layer(batch)
        durations.append(time.perf_counter() - begun)
    linear = isinstance(layer, Linear)
    numbers = layer.num_parameters() if linear else 0
    flop = 2 * layer.weight.size if linear else 0 if isinstance(layer, Flatten) else out.size // 100
    names.append(f"{type(layer).__name__} {position}")
    counts.append(numbers)
    times.append(1e3 * min(durations))
    print(f"{names[-1]:9}: {numbers:6,} parameters, {4 * numbers / 1000:5.1f} kB,", end=" ")
    print(f"{flop:7,} FLOPs an image, {times[-1]:.3f} ms for 100 images")
    batch = out

figure, (left, right) = plt.subplots(1, 2, figsize=(8, 2.2), sharey=True, layout="constrained")
left.barh(names, counts, color="tab:blue")
left.set(xlabel="parameters", title="memory", ylim=(3.6, -0.6))
right.barh(names, times, color="tab:orange")
right.set(xlabel="ms for 100 images", title="time")
tinytorch.show(
    figure,
    "Two bar charts with a bar for each of the four layers of the MLP. The first linear layer holds "
    f"{counts[1] / sum(counts):.1%} of all parameters and takes {times[1] / sum(times):.0%} of the time.",
)

# %% [markdown]
# The first linear layer dominates everything: it holds nearly all parameters, and so it does nearly
# all of the work. `Flatten` moves nothing at all: it looks at the same numbers in another shape.
# For a network of linear layers that is the rule: count the weights, and you know its bytes and its
# FLOPs.

# %% [markdown]
# ## In the real world
#
# In PyTorch these are `torch.nn.Module`, `Linear`, `Sequential`, `Flatten` and `Dropout`: same
# names, shapes and starting values; only its `Flatten` begins at axis 1 unless it is told otherwise.
# `parameters()`, `train()` and `eval()` work as yours do.
# Lists need a `ModuleList` there, where your `walk` simply opens the list. Deep networks need
# another initialisation, `nn.init.kaiming_uniform_`: the level line of the picture.
#
# In 1958 Frank Rosenblatt presented the perceptron, and newspapers promised a machine that would
# walk, talk and be conscious. It had one layer that learned. In 1969 Minsky and Papert proved what
# one layer cannot do, and money for neural networks became scarce for years: nobody knew well how
# to train a multi-layer perceptron. To read on:
#
# - N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov: *Dropout: a simple way to
#   prevent neural networks from overfitting*. Journal of Machine Learning Research 15, 2014.
# - K. He, X. Zhang, S. Ren, J. Sun: *Delving deep into rectifiers*. ICCV 2015. Where the root of 6/n
#   comes from.
#
# ## Think
#
# Somebody finds randomness untidy and starts every weight of `MLP([784, 64, 10])` at 0.01 and every
# bias at 0. What do the 64 hidden units compute for an image, compared with each other? Training
# later changes each weight according to its effect on the result: what happens to the units then?
# How many hidden units does this network really have?

# %% [markdown] nbgrader={"grade": true, "grade_id": "think", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# (1 point) All 64 units have the same weights, so they compute the same number for every image.
#
# (1 point) Each has the same effect on the result, so each is changed in the same way, and after
# any number of steps they are still equal.
#
# (1 point) The network behaves like one with a single hidden unit. Random starting values break the
# symmetry. That is what they are for, besides being of the right size.
# ### END SOLUTION

# %% [markdown]
# ## Next: how wrong is it?
#
# The network stands, and it guesses. Change one of its parameters a little: is it better now? The
# accuracy hardly tells: most small changes do not move it at all. And a network that gives the
# right class a probability of 0.49 is *less* wrong than one that gives it 0.01, though both guess
# another class. We need one number that says how wrong a network is, and that moves with every
# parameter: a **loss**. That is assignment 05.
#
# Keep what you wrote: save the notebook and run the last cell. It adds a module to your framework.

# %%
import tinytorch

tinytorch.export_mine("04_layers")
