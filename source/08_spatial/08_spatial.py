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
# # 08 · Spatial
#
# ## Where we are
#
# Your MLP reads digits, and does not know which pixels are neighbours. Now you build layers that
# do: `Conv2d` slides small filters over an image, `MaxPool2d` keeps what they found. Of the two you
# make a `CNN`, a *convolutional neural network*, train it with your Adam, and compare.
#
# You use `tinytorch.optimizers`, the work of assignment 07. Plan about 90 minutes.

# %%
import tinytorch

tinytorch.use_mine(False)  # True: build on the modules that you exported from earlier notebooks

# %%
import matplotlib.pyplot as plt
import numpy as np
from tinytorch.autograd import no_grad
from tinytorch.layers import MLP
from tinytorch.losses import cross_entropy
from tinytorch.optimizers import Adam
from tinytorch.setup import load_digits, manual_seed

images, labels = load_digits()
manual_seed(0)
mlp = MLP([784, 64, 10])
optimizer = Adam(mlp.parameters())
for image, label in zip(images[:1500], labels[:1500], strict=True):
    optimizer.step(cross_entropy(mlp(image), label))
for pixels in range(4):
    guess = mlp(np.roll(images[9000:], pixels, axis=3)).numpy().argmax(axis=1)
    print(f"digits moved by {pixels} px: right for {(guess == labels[9000:]).mean():.1%}")

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["export"]
import math
from functools import reduce
from operator import index
from typing import Any

import numpy as np
from tinytorch.activations import ReLU
from tinytorch.autograd import derivative
from tinytorch.layers import Flatten, Linear, Module, Sequential, starting_values
from tinytorch.tensor import Function, Tensor

# %% [markdown]
# ## 1. A window slides over an image
#
# A window of 3 × 3 starts in the upper left corner and moves by its **stride** until it would stick
# out. Along $n$ pixels a window of $k$ with stride $s$ has $\lfloor (n - k) / s \rfloor + 1$ places.
# A border around the image, **padding**, gives it more room.
#
# Looping over all places is slow in Python. Turn it round: loop over the nine numbers of the
# *window*, and ask what each of them meets. The one in the corner meets the pixels from the corner
# on, in steps of $s$: for all places at once that is one slice. Its neighbour meets the same, one
# pixel further right.
#
# **Exercise.** Write `pad` (`np.pad` takes a pair for each axis, and `constant_values`), and
# `windows`: the list of kh · kw slices, row by row through the window, each of shape (..., h, w).
# Slices are *views*: what is added to one lands in the image. A window that does not fit is a
# `ValueError` that says the sizes.

# %% nbgrader={"grade": false, "grade_id": "helpers", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["export"]
Array = np.ndarray
Pair = tuple[int, int]


def pair(size: Any) -> Pair:
    """Return (height, width); one number stands for both."""
    height, width = size if isinstance(size, (tuple, list)) else (size, size)
    return index(height), index(width)  # a TypeError for "same", or for 1.5


def require_little_padding(padding: Pair, kernel: Pair) -> None:
    """Raise a ValueError where a window could lie in the border alone."""
    if any(2 * border > window for border, window in zip(padding, kernel, strict=True)):
        raise ValueError(f"padding {padding} is more than half of the window {kernel}")


def unpad(images: Array, padding: Pair) -> Array:
    """Return the view of images (..., H, W) that leaves their border out."""
    (h, w), (down, right) = images.shape[-2:], padding
    return images[..., down : h - down, right : w - right]


def channels_first(images: Array) -> Array:
    """View images (N, C, H, W) as (C, N, H, W); one image (C, H, W) is a batch of one."""
    return images.reshape(-1, *images.shape[-3:]).swapaxes(0, 1)


def filter_rows(weight: Array) -> Array:
    """Lay filters (O, C, kh, kw) out as rows (O, kh*kw*C)."""
    return weight.transpose(0, 2, 3, 1).reshape(len(weight), -1)


# %% nbgrader={"grade": false, "grade_id": "windows", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
def pad(images: Array, padding: Pair, border: float = 0.0) -> Array:
    """Put a border around images (..., H, W): `padding` rows and columns on either side."""
    ### BEGIN SOLUTION
    if padding == (0, 0):
        return images
    widths = [(0, 0)] * (images.ndim - 2) + [(size, size) for size in padding]
    return np.pad(images, widths, constant_values=border)
    ### END SOLUTION


def windows(images: Array, kernel: Pair, stride: Pair) -> list[Array]:
    """Return what each number of a sliding window meets: views (..., h, w) of (..., H, W)."""
    ### BEGIN SOLUTION
    (kh, kw), (sh, sw), (height, width) = kernel, stride, images.shape[-2:]
    if kh > height or kw > width:
        raise ValueError(f"a window of {kernel} does not fit into an image of {(height, width)}")
    h, w = (height - kh) // sh + 1, (width - kw) // sw + 1
    return [
        images[..., i : i + h * sh : sh, j : j + w * sw : sw] for i in range(kh) for j in range(kw)
    ]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-windows", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_x = check.rng("windows").normal(size=(2, 3, 6, 7))


def _met(kernel, stride, x=_x):
    """Return what the numbers of a window meet, as one array."""
    return np.stack([np.array(view) for view in windows(x, kernel, stride)])


def _added(kernel, stride):
    """Add 1 to the first slice, 2 to the second …; return the image."""
    x = _x.copy()
    for number, view in enumerate(windows(x, kernel, stride), 1):
        view += number
    return x


def _named(function, **numbers):
    """Call what should refuse; return each number if the error names it."""
    try:
        function()
    except ValueError as error:
        return {name: n if str(n) in str(error) else None for name, n in numbers.items()}


def _padded():
    """Return what pad makes of an image, and the image afterwards."""
    x = _x.copy()
    return [pad(x, (2, 1), 3.0) * 1.0, x]


# rests on: A window of 3 × 3 starts in the upper left corner and moves by its stride
check("square windows", lambda: [_met((2, 2), (1, 1)), _met((3, 3), (1, 1))])
check("a stride", lambda: [_met((2, 2), (2, 2)), _met((3, 3), (2, 2)), _met((1, 1), (3, 3))])
check("windows as large as the image", lambda: [_met((6, 7), (1, 1)), _met((6, 2), (4, 5))])
# rests on: row by row through the window, each of shape (..., h, w)
check("windows that are not square", lambda: [_met((2, 3), (1, 1)), _met((3, 1), (1, 1))])
check("a stride for each direction", lambda: [_met((2, 2), (1, 3)), _met((2, 3), (3, 1))])
check("other axes", lambda: [_met((2, 3), (2, 1), _x[0]), _met((2, 2), (1, 2), _x[0, 0])])
# rests on: what is added to one lands in the image
check("what is added to a slice is added to the image", lambda: _added((2, 3), (2, 1)))
# rests on: A window that does not fit is a `ValueError` that says the sizes.
check.outcomes(
    "refuses windows that do not fit",
    lambda kernel: _met(kernel, (2, 2)),
    {f"{k} over an image of (6, 7)": (k,) for k in ((6, 7), (7, 7), (6, 8), (1, 1))},
)
check(
    "the error says the sizes of window and image",
    lambda: _named(
        lambda: windows(np.zeros((2, 17, 21)), (19, 23), (1, 1)),
        **{"window's height": 19, "window's width": 23, "image's height": 17, "image's width": 21},
    ),
)
# rests on: `padding` rows and columns on either side
check("a border of zeros", lambda: [pad(_x, (1, 1)), pad(_x[0], (2, 2)), pad(_x, (0, 0))])
check("a border of another number", lambda: [pad(_x, (1, 1), -np.inf), pad(_x, (2, 2), border=7)])
check("a border for each direction", lambda: [pad(_x, p) for p in ((2, 0), (0, 1), (1, 3))])
check("padding leaves the image as it was", _padded)
### END HIDDEN TESTS
grid = np.arange(12).reshape(3, 4)
got = [view.tolist() for view in windows(grid, (2, 2), (1, 2))]
wanted = [[[0, 2], [4, 6]], [[1, 3], [5, 7]], [[4, 6], [8, 10]], [[5, 7], [9, 11]]]
assert got == wanted, f"2 x 2 with stride (1, 2) on 3 x 4: expected {wanted}, got {got}"
got = pad(np.ones((1, 2)), (0, 1), border=7).tolist()
assert got == [[7, 1, 1, 7]], f"one column on either side: expected [[7, 1, 1, 7]], got {got}"
print("windows and pad work")

# %% [markdown]
# ## 2. Convolution
#
# A **filter** is a window of weights. At each place it multiplies what it meets and adds up: a
# weighted sum, as in `Linear`, but of neighbours only, and with the *same* weights everywhere. The
# sums of one filter are a picture again, a **feature map**. With three channels a filter has three
# layers; with 16 filters there are 16 maps.
#
# All filters at all places are one matrix product. `filter_rows` lays each filter out as a row. You
# make the columns: what the window meets at each place, from all channels, in the same order.
#
# | | shape |
# |---|---|
# | `channels_first(pad(images, ...))` | (C, N, H, W) |
# | all `windows` of it, `np.concatenate`d | (kh · kw · C, N, h, w) |
# | `columns` | (kh · kw · C, N · h · w) |
# | `filter_rows(weight) @ columns` | (O, N · h · w) |
#
# **Exercise.** Write `forward`. Keep `self.columns` for the way back. Add the bias, one number for
# each filter (or a single 0.0 when there is none), and bring the maps into the shape (N, O, h, w), or
# (O, h, w) if there was one image and no N. No loop over pixels: thousands of images are waiting.
# Images and filters stay as they are. NumPy keeps dtypes: float32 images and filters make float32 maps.


# %% nbgrader={"grade": false, "grade_id": "convolve", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
class Convolve(Function):
    """Slide filters (O, C, kh, kw) over images (N, C, H, W) or one image (C, H, W)."""

    stride: Pair = (1, 1)
    padding: Pair = (0, 0)

    def forward(self, images: Array, weight: Array, bias: Array) -> Array:
        """Return maps (N, O, h, w): all filters times all that they meet is one matrix product."""
        ### BEGIN SOLUTION
        padded = channels_first(pad(images, self.padding))
        met = np.concatenate(windows(padded, weight.shape[2:], self.stride))
        self.columns = met.reshape(len(met), -1)
        maps = filter_rows(weight) @ self.columns + bias.reshape(-1, 1)
        maps = maps.reshape(len(weight), *met.shape[1:]).swapaxes(0, 1)
        return maps if images.ndim == 4 else maps[0]
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-convolve", "locked": true, "points": 8, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
import sys

from grading import check

_cases = {
    "one filter over a grey image": ((1, 1, 5, 5), (1, 1, 3, 3), 1, 0),
    "several filters": ((1, 1, 5, 5), (4, 1, 3, 3), 1, 0),
    "several channels": ((1, 3, 5, 5), (4, 3, 3, 3), 1, 0),
    "several images": ((3, 2, 5, 5), (4, 2, 3, 3), 1, 0),
    "high filters over wide images": ((2, 3, 5, 8), (4, 3, 3, 2), 1, 0),
    "a stride of 2": ((2, 3, 7, 8), (2, 3, 3, 3), 2, 0),
    "a stride for each way": ((2, 3, 7, 8), (2, 3, 2, 2), (1, 3), 0),
    "padding of 1": ((2, 3, 5, 4), (2, 3, 3, 3), 1, 1),
    "padding for each way": ((2, 3, 5, 4), (2, 3, 2, 4), 1, (0, 2)),
    "stride and padding": ((2, 3, 6, 9), (5, 3, 3, 4), (2, 3), (2, 1)),
    "filters of one pixel": ((2, 3, 4, 5), (2, 3, 1, 1), 1, 0),
    "filters as large as the image": ((2, 3, 4, 5), (2, 3, 4, 5), 1, 0),
    "one image without N": ((3, 6, 5), (4, 3, 3, 2), (2, 1), (1, 0)),
}


def _leaves(images, weight, dtype=np.float64, scale=1.0):
    """Return random images, filters and biases of these shapes."""
    rng = check.rng(f"convolve {images} {weight}")
    arrays = [rng.normal(size=shape) * scale for shape in (images, weight, weight[:1])]
    return [Tensor(array, dtype=dtype, requires_grad=True) for array in arrays]


def _maps(images, weight, stride, padding, dtype=np.float64, frozen=False, scale=1.0):
    """Convolve; return the maps and the leaves. Frozen images require no gradient."""
    leaves = _leaves(images, weight, dtype, scale)
    leaves[0].requires_grad = not frozen
    return Convolve.apply(*leaves, stride=pair(stride), padding=pair(padding)), leaves


def _no_bias(h, w):
    return Convolve.apply(*_leaves((2, 3, 6, 5), (4, 3, h, w))[:2], 0.0)


def _lines_run(work, *args):
    """Return how many lines of Python run meanwhile: with no loop, pixels do not count."""
    count, before = [0], sys.gettrace()

    def trace(frame, event, arg):
        count[0] += event == "line"
        return trace

    sys.settrace(trace)
    try:
        work(*args)
    finally:
        sys.settrace(before)
    return count[0]


def _growth(work):
    """Return by what factor the lines grow when an image has eight times as many pixels."""
    cases = [((2, 3, side, 2 * side), (4, 3, 2, 2), 1, 0) for side in (6, 17)]
    few, many = (_lines_run(work, *case) for case in cases)
    return round(many / few, 1) * work(*cases[1])[0].data


_one = _cases["stride and padding"]
_exact = {"rtol": 1e-9, "atol": 1e-11}
# rests on: At each place it multiplies what it meets and adds up
for _name, _case in _cases.items():
    check(_name, lambda case=_case: _maps(*case)[0], **_exact)
check(
    "numbers large and small",
    {str(s): lambda s=s: _maps(*_one, scale=s)[0] for s in (1e4, 1e-4)},
    atol=0,
)
# rests on: a single 0.0 when there is none
check("no bias", lambda: _no_bias(3, 2))
# rests on: float32 images and filters make float32 maps
check("maps of float32 are float32", lambda: _maps(*_one, np.float32)[0], atol=1e-5)
# rests on: Images and filters stay as they are.
check("images and filters stay as they were", lambda: _maps(*_one))
# rests on: No loop over pixels: thousands of images are waiting.
check("no loop over pixels", lambda: _growth(_maps))
# rests on: A window that does not fit is a `ValueError` that says the sizes.
check.outcomes(
    "refuses filters that do not fit",
    _no_bias,
    {f"{k} over images of (6, 5)": k for k in ((6, 5), (7, 5), (6, 6), (1, 2))},
)
### END HIDDEN TESTS
image, edge = np.array([[[1.0, 1, 5], [1, 1, 5], [1, 1, 5]]]), np.array([[[[-1.0, 1]]]])
got, wanted = Convolve.apply(image, edge, [0.5]).tolist(), [[[0.5, 4.5]] * 3]
assert got == wanted, f"right minus left, plus 0.5: expected {wanted}, got {got}"
got = Convolve.apply(np.ones((2, 3, 5, 6)), np.ones((4, 3, 3, 3)), 0.0, padding=(1, 1)).numpy()
assert got.shape == (2, 4, 5, 6), f"with padding 1: expected (2, 4, 5, 6), got {got.shape}"
assert (got[1, 3, 0, 0], got[1, 3, 2, 2]) == (12, 27), f"expected 12 and 27, got {got[1, 3]}"
print("convolution works")

# %% [markdown]
# ## 3. The way back
#
# `forward` is a product, `rows @ columns`, and you know the rule of products: with a gradient `grad`
# of the same layout, (O, N · h · w), the rows get `grad @ columns.T` and the columns
# `rows.T @ grad`. The bias was added at every place of every image, so it gets the sum over these.
#
# And the images? Column by column they were met by the windows. Make zeros of the padded shape, take
# `windows` of those, and **add** to each slice what the columns got there. Windows overlap: a pixel
# that was met nine times gets nine contributions. At the end `unpad`.
#
# **Exercise.** Write the rule. It returns gradients of the shapes of `images`, `weight` and (O,).
# Images that come from a file need none: then `for_images` stays `None`, which saves half of the work.
# As in 06 a rule changes nothing it is given, and here, too, there is no loop over pixels.


# %% nbgrader={"grade": false, "grade_id": "convolve-rule", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
@derivative(Convolve)
def _(op: Any, grad: Array, images: Array, weight: Array, bias: Array) -> tuple[Array | None, ...]:
    for_images = None
    ### BEGIN SOLUTION
    o, c, kh, kw = weight.shape
    rows = channels_first(grad).reshape(o, -1)
    for_weight = (rows @ op.columns.T).reshape(o, kh, kw, c).transpose(0, 3, 1, 2)
    if op.inputs[0].requires_grad:
        padded = np.zeros_like(pad(images, op.padding))
        views = windows(channels_first(padded), (kh, kw), op.stride)
        columns = filter_rows(weight).T @ rows
        for view, met in zip(views, columns.reshape(kh * kw, *views[0].shape), strict=True):
            view += met
        for_images = unpad(padded, op.padding)
    return for_images, for_weight, rows.sum(axis=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-convolve-rule", "locked": true, "points": 8, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check


def _gradients(*case, **options):
    """Go back from the maps with a random start; return the leaves' gradients."""
    (images, weight, *_), (out, leaves) = case, _maps(*case, **options)
    out.backward(check.rng(f"back {images} {weight}").normal(size=out.shape))
    return [leaf.grad for leaf in leaves]


def _side_by_side(f, *arrays):
    """Apply f twice, between neighbours, and add up: Add hands all of them one gradient."""
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


def _twice():
    arrays = [leaf.data for leaf in _leaves((2, 3, 6, 5), (4, 3, 2, 3))]
    return _side_by_side(lambda *leaves: Convolve.apply(*leaves, padding=(1, 0)), *arrays)


# rests on: It returns gradients of the shapes of `images`, `weight` and (O,).
for _name, _case in _cases.items():
    check(f"gradients: {_name}", lambda case=_case: _gradients(*case), **_exact)
check("gradients of float32", lambda: _gradients(*_one, dtype=np.float32), atol=1e-4)
# rests on: Images that come from a file need none
check("images that need no gradient", lambda: _gradients(*_one, frozen=True))
# rests on: As in 06 a rule changes nothing it is given
check("the rule of convolution changes nothing it is given", _twice)
# rests on: here, too, there is no loop over pixels
check("no loop over pixels on the way back", lambda: _growth(_gradients), atol=1e-5)
### END HIDDEN TESTS
x, w, b = (Tensor(np.ones(s), requires_grad=True) for s in ((2, 1, 3, 3), (1, 1, 2, 2), (1,)))
Convolve.apply(x, w, b).sum().backward()
for grad, wanted in ((b.grad, [8]), (w.grad[0, 0], [[8, 8]] * 2), (x.grad[1, 0, 1], [2, 4, 2])):
    assert grad.tolist() == wanted, f"counting the windows: expected {wanted}, got {grad.tolist()}"
print("the rule of convolution works")

# %% [markdown]
# ## 4. The layer
#
# **Exercise.** Write `Conv2d`. `weight` has the shape (out_channels, in_channels, kh, kw) and `bias`
# (out_channels,), or it is None. Both come from `starting_values(shape, fan_in)`, where the fan-in is
# how many numbers one output is made of. Numbers that stand for both directions become pairs with
# `pair`. Images with the wrong number of channels, or of axes, are a `ValueError` that says how many
# channels would fit. `forward` sends `x` itself, weight and bias through `Convolve.apply`: whatever
# goes past it has no gradient.


# %% nbgrader={"grade": false, "grade_id": "conv2d", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
class Conv2d(Module):
    """Compute feature maps (N, out_channels, h, w) of images (N, in_channels, H, W)."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Pair,
        stride: int | Pair = 1,
        padding: int | Pair = 0,
        bias: bool = True,
    ) -> None:
        """Draw a weight (out_channels, in_channels, kh, kw) and, unless False, a bias."""
        ### BEGIN SOLUTION
        shape = (out_channels, in_channels, *pair(kernel_size))
        fan_in = math.prod(shape[1:])
        self.weight = starting_values(shape, fan_in)
        self.bias = starting_values((out_channels,), fan_in) if bias else None
        self.stride, self.padding = pair(stride), pair(padding)
        ### END SOLUTION

    def forward(self, x: Tensor) -> Tensor:
        """Return one feature map for every filter; one image (C, H, W) works as well."""
        ### BEGIN SOLUTION
        channels = self.weight.shape[1]
        if x.ndim not in (3, 4) or x.shape[-3] != channels:
            wanted = f"(N, {channels}, H, W) or ({channels}, H, W)"
            raise ValueError(f"this Conv2d needs images {wanted}, got shape {x.shape}")
        bias = 0.0 if self.bias is None else self.bias
        return Convolve.apply(x, self.weight, bias, stride=self.stride, padding=self.padding)
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-conv2d", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_rng = check.rng("conv2d")
_x, _numbers = Tensor(_rng.normal(size=(2, 3, 7, 8))), _rng.normal(size=9000)
_k, _o = (int(_n) for _n in _rng.integers(2, 5, size=2))


def _filled(layer):
    """Give every parameter numbers that do not depend on how it was made."""
    for p in layer.parameters():
        p.data = np.resize(_numbers[: 7919 - p.size % 911], p.shape)
    return layer


def _conv(*args, x=_x, **options):
    return _filled(Conv2d(*args, **options))(x)


def _drawn(part, layers):
    """Return one parameter's starting values in many layers."""
    layers = [Conv2d(5, 7, (3, 2)) for _ in range(layers)]
    return np.concatenate([getattr(layer, part).data.ravel() for layer in layers])


def _made(*args):
    """Return the parameters' shapes and dtypes, and how many of them a module finds."""
    layer = Conv2d(*args)
    parts = {"weight": layer.weight, "bias": layer.bias}
    found = {
        name: None if part is None else [part.shape, str(part.dtype)]
        for name, part in parts.items()
    }
    return found | {"how many": len(list(layer.parameters()))}


def _two_layers(dtype):
    """Send images through two layers; return the gradients of the images and of all parameters."""
    x = Tensor(_x, dtype, requires_grad=True)
    first, second = Conv2d(3, 4, 3, padding=1), Conv2d(4, 2, 2, stride=2)
    for layer in (first, second):
        for p in layer.parameters():
            p.data = np.resize(_numbers[: 7919 - p.size % 911], p.shape).astype(np.float32)
    out = second(first(x))
    out.backward(check.rng("two layers").normal(size=out.shape))
    leaves = (x, first.weight, first.bias, second.weight, second.bias)
    return [out, *[leaf.grad for leaf in leaves]]


def _of_shape(*shape):
    return _conv(3, _o, 2, x=Tensor(np.full(shape, _numbers[0])))


_shapes = [(2, 3, 5, 4), (2, 1, 5, 4), (3, 5, 4), (5, 4), (1, 2, 3, 5, 4), (4, 5, 4), (2, 4, 5, 3)]
# rests on: Return one feature map for every filter; one image (C, H, W) works as well.
check("default settings", lambda: [_conv(3, _o, 3), _conv(3, 1, (2, 5)), _conv(3, _o, 2, x=_x[1])])
check("without a bias", lambda: [_conv(3, _o, 2, bias=False), _conv(3, 2, 3, 1, 0, False)])
# rests on: Numbers that stand for both directions become pairs with `pair`.
check("the layer's stride", lambda: [_conv(3, _o, 3, 2), _conv(3, 2, 2, stride=(1, 3))])
check("the layer's padding", lambda: [_conv(3, _o, 3, 1, 2), _conv(3, 2, 3, padding=(0, 1))])
# rests on: `weight` has the shape (out_channels, in_channels, kh, kw) and `bias` (out_channels,)
check("its parameters", lambda: [_made(_o, 5, (_k, 6)), _made(_o, _k, 3, 1, 0, False)])
# rests on: Both come from `starting_values(shape, fan_in)`
check.distribution("how weights start", lambda: _drawn("weight", 60), tolerance=0.03)
check.distribution("how biases start", lambda: _drawn("bias", 600), tolerance=0.06)
# rests on: `forward` sends `x` itself, weight and bias through `Convolve.apply`
check(
    "one layer after another: gradients pass through",
    {
        "images of float32": lambda: _two_layers(np.float32),
        "images of float64": lambda: _two_layers(np.float64),
    },
    atol=1e-3,
)
# rests on: Images with the wrong number of channels, or of axes, are a `ValueError`
check.outcomes(
    "refuses other channels and axes", _of_shape, {f"images {shape}": shape for shape in _shapes}
)
# rests on: a `ValueError` that says how many channels would fit
check(
    "the error says how many channels would fit",
    lambda: _named(lambda: Conv2d(37, _o, 2)(Tensor(np.zeros((2, 5, 4, 4)))), channels=37),
)
### END HIDDEN TESTS
conv = Conv2d(3, 16, 5, stride=2, padding=1)
assert conv.weight.shape == (16, 3, 5, 5), f"expected (16, 3, 5, 5), got {conv.weight.shape}"
got = conv(Tensor(np.zeros((2, 3, 11, 9)))).shape
assert got == (2, 16, 5, 4), f"expected the shape (2, 16, 5, 4), got {got}"
assert np.abs(conv.weight.numpy()).max() <= 75**-0.5, "75 numbers make one: start within 1 / √75"
try:
    print("not refused:", conv(Tensor(np.zeros((2, 1, 11, 9)))))
except ValueError as error:
    print("Conv2d works, and refuses:", error)

# %% [markdown]
# ## 5. Pooling
#
# A filter found a stroke; one pixel more to the left or right does not matter much. `MaxPool2d(2)`
# keeps the largest of every 2 × 2 numbers: half as high, half as wide. Windows again, so
# `windows` again. A border must never be the largest, so it is not 0 but −∞.
#
# On the way back, each gradient goes to the **one** number that was the largest, and if several are
# equal, to the first of them, row by row. Where windows overlap, a number may win more than once.
#
# **Exercise.** Write `forward` (`reduce(np.maximum, arrays)` is the largest of several arrays, number
# by number), the rule, and the layer. Without a stride the windows stand side by side.


# %% nbgrader={"grade": false, "grade_id": "pool", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
class MaxPool(Function):
    """Keep the largest number that each window over images (..., H, W) meets."""

    kernel: Pair = (2, 2)
    stride: Pair = (2, 2)
    padding: Pair = (0, 0)

    def forward(self, images: Array) -> Array:
        """Return the largest numbers, (..., h, w); the border can never be the largest."""
        ### BEGIN SOLUTION
        padded = pad(images, self.padding, border=-np.inf)
        return reduce(np.maximum, windows(padded, self.kernel, self.stride))
        ### END SOLUTION


@derivative(MaxPool)
def _(op: Any, grad: Array, images: Array) -> Array:
    ### BEGIN SOLUTION
    padded = pad(images, op.padding, border=-np.inf)
    result = np.zeros_like(padded)
    views = windows(padded, op.kernel, op.stride), windows(result, op.kernel, op.stride)
    searching = np.ones_like(op.out, dtype=bool)
    for met, place in zip(*views, strict=True):
        found = ((met == op.out) | np.isnan(met)) & searching
        place += found * grad
        searching ^= found
    return unpad(result, op.padding)
    ### END SOLUTION


class MaxPool2d(Module):
    """Make images smaller: keep the largest number of every window of `kernel_size`."""

    def __init__(
        self,
        kernel_size: int | Pair,
        stride: int | Pair | None = None,
        padding: int | Pair = 0,
    ) -> None:
        """Choose the window and its stride: without one, windows stand side by side."""
        require_little_padding(pair(padding), pair(kernel_size))
        ### BEGIN SOLUTION
        self.kernel, self.padding = pair(kernel_size), pair(padding)
        self.stride = self.kernel if stride is None else pair(stride)
        ### END SOLUTION

    def forward(self, x: Tensor) -> Tensor:
        """Return the largest number of every window."""
        ### BEGIN SOLUTION
        return MaxPool.apply(x, kernel=self.kernel, stride=self.stride, padding=self.padding)
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-pool", "locked": true, "points": 8, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_rng = check.rng("pool")
_a, _scale = _rng.normal(size=(2, 3, 6, 7)), float(_rng.uniform(2, 9))
_ties = _rng.integers(0, 3, size=(2, 2, 6, 8)) * _scale
_nearly = _scale * (1 + 1e-9 * _rng.permutation(2 * 6 * 8).reshape(2, 6, 8))
_negative = -np.abs(_a) - _scale
_deep = -(10.0 ** _rng.uniform(5, 300, size=(2, 3, 6, 7)))
_nothing = np.where(_a < 0.5, -np.inf, np.where(_a > 1, np.inf, _a))


def _pooled(a, *args, back=False, **options):
    """Return the pooled images, or with `back` the gradient of the images."""
    x = Tensor(a, requires_grad=True)
    out = MaxPool2d(*args, **options)(x)
    if not back:
        return out
    out.backward(check.rng(f"back {out.shape}").normal(size=out.shape))
    return x.grad


_poolings = {
    # what is pooled: a function of `back`
    "windows of 2": lambda **b: [_pooled(_a, 2, **b), _pooled(_a[0], (2, 2), **b)],
    "windows that are not square": lambda **b: _pooled(_a, (2, 3), **b),
    "a remainder at the edge": lambda **b: [_pooled(_a, 4, **b), _pooled(_a, (5, 2), **b)],
    "a stride": lambda **b: [_pooled(_a, 2, 3, **b), _pooled(_a, 1, stride=(2, 3), **b)],
    "windows that overlap": lambda **b: [_pooled(_a, 3, 1, **b), _pooled(_a, 3, (1, 2), **b)],
    "padding around negative numbers": lambda **b: _pooled(_negative, 2, padding=1, **b),
    "padding around huge negative numbers": lambda **b: _pooled(_deep, 2, padding=1, **b),
    "padding for each direction": lambda **b: _pooled(_negative, (2, 3), 1, (0, 1), **b),
    "equal numbers": lambda **b: [_pooled(_ties, 2, **b), _pooled(_ties, 3, 2, **b)],
    "nearly equal numbers": lambda **b: [_pooled(_nearly, 2, **b), _pooled(_nearly, 3, 2, **b)],
}
# rests on: keeps the largest of every 2 × 2 numbers
# rests on: A border must never be the largest, so it is not 0 but −∞.
for _name, _pooling in _poolings.items():
    check(f"largest numbers: {_name}", lambda f=_pooling: f(back=False), rtol=1e-12)
check("largest numbers: infinite ones", lambda: [_pooled(_nothing, 2), _pooled(_nothing, 2, 1, 1)])
# rests on: each gradient goes to the one number that was the largest, and if several are equal, to
#   the first of them, row by row
for _name, _pooling in _poolings.items():
    check(f"gradients: {_name}", lambda f=_pooling: f(back=True))
# rests on: float32 images and filters make float32 maps
check("pooling keeps float32", lambda: _pooled(_a.astype(np.float32), 2, padding=1))
# rests on: As in 06 a rule changes nothing it is given
check("pooling leaves its images", lambda: _side_by_side(MaxPool2d(3, 1, 1), _a))
# rests on: A window that does not fit is a `ValueError` that says the sizes.
check.outcomes(
    "refuses windows larger than the image",
    lambda *kernel: _pooled(_a, kernel),
    {f"{k} over images of (6, 7)": k for k in ((6, 7), (7, 7), (2, 8), (2, 3))},
)
### END HIDDEN TESTS
x = Tensor([[[1.0, 2, 5, 0], [4, 3, 5, 5]]], requires_grad=True)
pooled = MaxPool2d(2)(x)
assert pooled.tolist() == [[[4, 5]]], f"expected [[[4.0, 5.0]]], got {pooled.tolist()}"
pooled.backward([[[10.0, 20.0]]])
got, wanted = x.grad.tolist(), [[[0, 0, 20, 0], [10, 0, 0, 0]]]
assert got == wanted, f"the first of equal numbers: expected {wanted}, got {got}"
got = MaxPool2d(2, padding=1)(Tensor([[[-3.0]]])).item()
assert got == -3, f"a border never wins: expected -3.0, got {got}"
print("pooling works")

# %% [markdown]
# ## 6. A network for colour
#
# Later you will want to tell cats from lorries, in CIFAR-10's photographs of 32 × 32 in colour. For
# that the framework gets a model of its own. To be quick even on a laptop, its filters take steps of
# 3, which makes the maps small without pooling; most of its numbers are in the two layers behind.
#
# **Exercise.** Write `CNN.__init__`: `Conv2d` from `in_channels` to `filters`, 3 × 3 with stride 3;
# ReLU; `Flatten`; `Linear` to `hidden`; ReLU; `Linear` to `classes`. Images are `size` × `size`.


# %% nbgrader={"grade": false, "grade_id": "cnn", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
class CNN(Sequential):
    """A small convolution with a wide head; `CNN()` scores CIFAR-10's images (N, 3, 32, 32)."""

    def __init__(
        self,
        in_channels: int = 3,
        size: int = 32,
        classes: int = 10,
        filters: int = 16,
        hidden: int = 512,
    ) -> None:
        """Choose what the images are like; the filters take steps of 3, so there is no pooling."""
        ### BEGIN SOLUTION
        features = filters * ((size - 3) // 3 + 1) ** 2
        super().__init__(
            Conv2d(in_channels, filters, kernel_size=3, stride=3),
            ReLU(),
            Flatten(),
            Linear(features, hidden),
            ReLU(),
            Linear(hidden, classes),
        )
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-cnn", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_rng = check.rng("cnn")
_c, _classes, _filters, _hidden = (int(_n) for _n in _rng.integers(2, 7, size=4))
_own = {"in_channels": _c, "classes": _classes, "filters": _filters, "hidden": _hidden}
_x = _rng.normal(size=(3, _c, 11, 11))


def _scores(size, steps=0):
    """Return the scores of three images, after some steps of Adam."""
    model, x = _filled(CNN(size=size, **_own)), Tensor(_x[..., :size, :size])
    optimizer = Adam(model.parameters(), lr=0.01)
    for _ in range(steps):
        optimizer.step(cross_entropy(model(x), [0, 1, 0]))
    return model(x)


# rests on: `Conv2d` from `in_channels` to `filters`, 3 × 3 with stride 3
# rests on: `Linear` to `hidden`; ReLU; `Linear` to `classes`
check("the scores", lambda: [_scores(9), _scores(3)])
check("sizes that 3 does not divide", lambda: [_scores(10), _scores(11)])
check("the standard model", lambda: _filled(CNN())(Tensor(np.resize(_numbers, (2, 3, 32, 32)))))
# rests on: whatever goes past it has no gradient
check("a CNN that learns", lambda: _scores(9, steps=4), rtol=1e-3)
### END HIDDEN TESTS
count = sum(parameter.size for parameter in CNN().parameters())
assert count == 825_290, f"CNN(): expected 825290 numbers, got {count}"
got = CNN()(Tensor(np.zeros((2, 3, 32, 32)))).shape
assert got == (2, 10), f"two photographs: expected scores of shape (2, 10), got {got}"
print("CNN() works")

# %% [markdown]
# ## 7. Does it see better?
#
# The MLP of 07 against a CNN with half as many numbers. Both learn one image at a time, 15,000
# samples drawn from 9,000 digits, with Adam; `lr` falls step by step, so that the last digits do not knock
# over what the others built. This CNN needs no ReLU: to keep the largest of four is a bend, too.
# Afterwards it meets digits that nobody has seen. Its weights alone have to tell them apart.


# %% nbgrader={"grade": false, "grade_id": "learn", "locked": true, "schema_version": 3, "solution": false, "task": false}
def learn(model, samples=15_000, lr=0.002):
    """Train on one digit after the other, with an ever smaller step, and return the losses."""
    optimizer, losses = Adam(model.parameters()), []
    for i in range(samples):
        optimizer.lr = lr * (1 - i / samples)
        loss = cross_entropy(model(Tensor(images[i % 9000])), labels[i % 9000])
        optimizer.step(loss)
        losses.append(loss.item())
    return losses


def guesses(model, images):
    """Return the class with the largest score for each image."""
    with no_grad():
        parts = [model(Tensor(part)).numpy().argmax(axis=1) for part in np.split(images, 10)]
    return np.concatenate(parts)


manual_seed(8)
mlp = MLP([784, 64, 10])
mlp_losses = learn(mlp)

# %% nbgrader={"grade": false, "grade_id": "cnn-run", "locked": true, "schema_version": 3, "solution": false, "task": false}
manual_seed(8)
conv, pool, flatten = Conv2d(1, 16, 3), MaxPool2d(2), Flatten()
cnn = Sequential([conv, pool, flatten, Linear(16 * 13 * 13, 10)])
cnn_losses = learn(cnn)

# %% nbgrader={"grade": true, "grade_id": "test-digits", "locked": true, "points": 8, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check


_rng = check.rng("digits again")
_to, _order = _rng.permutation(10), _rng.permutation(9000)  # other names, another order


def _seen_by_weights(pictures, network=cnn):
    """Return the classes that the weights of a CNN see in pictures, and nothing else does."""
    first, *_, head = network.layers
    filters, places = first.weight.data[:, 0], np.lib.stride_tricks.sliding_window_view
    met = places(pictures[:, 0], (3, 3), axis=(1, 2))
    maps = np.einsum("nhwij,oij->nohw", met, filters, optimize=True)
    maps += first.bias.data[:, None, None]
    largest = maps.reshape(len(maps), 16, 13, 2, 13, 2).max(axis=(3, 5)).reshape(len(maps), -1)
    return (largest @ head.weight.data.T + head.bias.data).argmax(axis=1)


def _again(samples):
    """Learn digits in another order and under other names; return the losses and the CNN."""
    manual_seed(int(_to[:4] @ [1, 10, 100, 1000]))
    network = Sequential([Conv2d(1, 16, 3), MaxPool2d(2), Flatten(), Linear(16 * 13 * 13, 10)])
    optimizer, losses = Adam(network.parameters()), []
    for i, place in enumerate(_order[:samples]):
        optimizer.lr = 0.002 * (1 - i / samples)
        loss = cross_entropy(network(Tensor(images[place])), int(_to[labels[place]]))
        optimizer.step(loss)
        losses.append(loss.item())
    return losses, network


def _renamed_back(pictures):
    return np.argsort(_to)[_seen_by_weights(pictures, _again(3000)[1])]


def _unseen(guess):
    return lambda: guess(check.images("digits"))


# rests on: Both learn one image at a time, 15,000 samples drawn from 9,000 digits, with Adam
check("the first losses of the CNN", lambda: cnn_losses[:40], rtol=0.05, atol=0.02, dtype=False)
check("the first losses of another", lambda: _again(40)[0], rtol=0.05, atol=0.02, dtype=False)
# rests on: expected the CNN to read 92 % or more
# rests on: Its weights alone have to tell them apart.
check.accuracy("the CNN on digits that nobody has seen", _unseen(_seen_by_weights), at_least=0.92)
check.accuracy("another CNN, on 3,000 digits renamed", _unseen(_renamed_back), at_least=0.8)
check.accuracy(
    "it is better than the MLP",
    _unseen(_seen_by_weights),
    at_least=0.92,
    better_than=_unseen(lambda pictures: guesses(mlp, pictures)),
)
### END HIDDEN TESTS
for name, model in (("MLP", mlp), ("CNN", cnn)):
    share = (guesses(model, images[9000:]) == labels[9000:]).mean()
    count = sum(parameter.size for parameter in model.parameters())
    print(f"{name}, {count:,} numbers: right for {share:.1%} of 1,000 new images")
assert share >= 0.92, f"expected the CNN to read 92 % or more, got {share:.1%}"

# %% [markdown]
# ## See it work
#
# The sixteen filters that the CNN found, red for positive and blue for negative weights, and what
# six of them see in a digit, before and after pooling. Below the comparison: how both learned, and
# how they do on digits that were moved to the right.

# %%
figure = plt.figure(figsize=(10, 4), layout="constrained")
top, below = figure.subfigures(2, 1, height_ratios=[1.6, 1])
left, right = top.subfigures(1, 2, width_ratios=[1, 2])
for panel, weights in zip(left.subplots(4, 4).flat, conv.weight.numpy(), strict=True):
    panel.imshow(weights[0], cmap="coolwarm", vmin=-1, vmax=1)
    panel.axis("off")
maps = conv(Tensor(images[9004]))
for row, pictures in zip(right.subplots(2, 6), (maps, pool(maps)), strict=True):
    for panel, picture in zip(row, pictures.numpy(), strict=False):
        panel.imshow(picture, cmap="coolwarm")
        panel.axis("off")
curves, moved = below.subplots(1, 2, width_ratios=[2, 1])
for name, model, losses in (("MLP", mlp, mlp_losses), ("CNN", cnn, cnn_losses)):
    curves.plot(np.arange(250, 15_000, 500), np.reshape(losses, (-1, 500)).mean(axis=1), label=name)
    rights = [
        guesses(model, np.roll(images[9000:], px, axis=3)) == labels[9000:] for px in range(5)
    ]
    moved.plot([right.mean() for right in rights], ".-")
curves.set(xlabel="images seen", ylabel="loss", ylim=(0, 0.9))
curves.legend()
moved.set(xlabel="moved by pixels", ylabel="right", ylim=(0, 1))
plt.show()

# %% [markdown]
# ## In the real world
#
# `torch.nn.Conv2d`, `MaxPool2d`, and `torch.nn.functional.conv2d`: same names, same shapes, same
# starting values. What is called convolution there and here is, to a mathematician, correlation: a
# true convolution flips the filter first, which makes no difference to filters that are learned.
# Laying windows out as columns is known as *im2col*. LeNet read cheques in this way in the 1990s,
# with two convolutions, pooling and three linear layers; AlexNet made the method famous in 2012.
#
# ## Think
#
# Your `Conv2d(1, 16, 3)` turns 28 × 28 numbers into 16 × 26 × 26. How many weights and biases does it
# have, and how many would a `Linear` have that turns as many numbers into as many? What does the
# `Conv2d` take for granted about images that the `Linear` does not? Name data for which that would be
# a bad idea.

# %% [markdown] nbgrader={"grade": true, "grade_id": "think", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# `Conv2d(1, 16, 3)` has 16 * 9 weights and 16 biases: 160 numbers. A `Linear` from 784 to 10,816
# would have 784 * 10,816 weights and 10,816 biases, about 8.5 million.
#
# It takes for granted that what matters is found among neighbours, and that a stroke means the same
# wherever it is: the same filter is used everywhere.
#
# That is wrong where neighbours have nothing to do with each other, as in a table with columns such
# as age, income and shoe size, or in digits with shuffled pixels; and where the place decides, as
# in photographs of faces that are all cut out in the same way.
# ### END SOLUTION

# %% [markdown]
# ## Next: a proper training loop
#
# You have met a training loop in every notebook since 06, each a little different. One lowers `lr`,
# one keeps the losses, none says how long it will still take, and to look at new images in between
# you would write yet another one. Sample by sample it works, but it is ad hoc.
#
# Training deserves code of its own: pass over the data, measure, report, keep the history. That is
# assignment 09, and there `CNN()` meets its photographs.
#
# Keep what you wrote: save the notebook and run the last cell. It adds a module to your framework.

# %%
import tinytorch

tinytorch.export_mine("08_spatial")
