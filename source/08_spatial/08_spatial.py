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
# do: `Conv2d` slides small filters over an image, `MaxPool2d` keeps the strongest of what they
# found. From the two you make a `CNN`, a *convolutional neural network*, and train it with your Adam.
# Then you compare: with the same number of images, with fewer parameters, and on digits that moved.
#
# You use `tinytorch.optimizers`, the work of assignment 07: the second cell trains the MLP with it, and
# tells how well it reads digits that are moved to the right. Plan about two and a half hours.
#
# `tinytorch.check()` in a cell of its own lists what this notebook will be graded by, and what its
# visible tests say so far.

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
    predicted = mlp(np.roll(images[9000:], pixels, axis=3)).numpy().argmax(axis=1)
    print(f"digits moved by {pixels} pixels: accuracy {(predicted == labels[9000:]).mean():.1%}")

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
# ## 1. A window slides over a row
#
# Begin with one dimension: one row of pixels, and a window of three weights that slides along it. At
# each place it multiplies what it meets by its weights and adds up. With the weights −1, 0, 1 the
# sum is "right minus left": large where the row turns dark, negative where it turns bright again. A
# window with weights is a **filter** (or *kernel*), and what it does is called **convolution**.
#
# Looping over all places is slow in Python. Turn it round: loop over the three weights. The first
# meets every pixel but the last two, the second all but the first and the last, the third all but
# the first two: each is **one slice**, for all places at once. Doing many steps in one array
# operation like this is *vectorisation*.

# %%
row, weights = images[9004][0, 14], [-1.0, 0.0, 1.0]
places = len(row) - 2
met = [row[i : i + places] for i in range(3)]  # what each of the three weights meets
sums = sum(weight * part for weight, part in zip(weights, met, strict=True))

figure, (above, below) = plt.subplots(2, 1, figsize=(6, 3.2), sharex=True, layout="constrained")
above.bar(range(28), row, color="0.7")
place = int(sums.argmax())
above.bar(range(place, place + 3), row[place : place + 3], color="tab:orange")
for pixel, weight in enumerate(weights, place):
    above.text(pixel, 1.1, f"{weight:g}", ha="center", color="tab:orange")
above.set(ylim=(0, 1.35), ylabel="pixel", title="the window, where its sum is largest")
below.bar(np.arange(places) + 1, sums, color="tab:blue")
below.bar(place + 1, sums[place], color="tab:orange")
below.set(xlim=(7, 25), ylabel="sum", xlabel="place", title="right minus left")
tinytorch.show(
    figure,
    "Two bar charts. Above, the pixels of a row, with a window of three on the left edge of a "
    "stroke. Below, the sum at each place: positive at left edges, negative at right ones, else 0.",
)

# %% [markdown]
# ## 2. A window slides over an image
#
# In two dimensions a window of 3 × 3 starts in the upper left corner, and slides right and down. How
# far it moves each time is its **stride**; it stops before it would stick out. Along $n$ pixels a
# window of $k$ with stride $s$ has $\lfloor (n - k) / s \rfloor + 1$ places. A border around the
# image, **padding**, gives it more room.
#
# A few small functions are given: the exercises below use them.

# %% nbgrader={"grade": false, "grade_id": "helpers", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["export"]
Array = np.ndarray
Pair = tuple[int, int]


def pair(size: Any) -> Pair:
    """Return (height, width); one number stands for both."""
    height, width = size if isinstance(size, (tuple, list)) else (size, size)
    return index(height), index(width)  # a TypeError for "same", or for 1.5


def require_little_padding(padding: Pair, kernel: Pair) -> None:
    """Raise a ValueError where the border is wider than half of the window."""
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


# %% [markdown]
# ### Exercise: `pad`
#
# Put `padding` rows and columns of the number `border` on either side: `np.pad` takes a pair for each
# axis, and `constant_values`. `pad(np.ones((1, 2)), (0, 1), border=7)` is `[[7, 1, 1, 7]]`.

# %% [markdown]
# <details><summary>Hint 1: where to begin</summary>
#
# `np.pad(images, widths, constant_values=border)` does the work. You make `widths`: a pair (before,
# after) for each axis, so as many pairs as `images` has axes.
#
# </details>
#
# <details><summary>Hint 2: which axes grow</summary>
#
# Only the last two: the rows by `padding[0]` on either side, the columns by `padding[1]`. Each axis
# before them gets the pair `(0, 0)`, and there are `images.ndim - 2` of those.
#
# </details>
#
# <details><summary>Hint 3: nearly there</summary>
#
# Begin with
#
# ```
# widths = [(0, 0)] * (images.ndim - 2)
# ```
#
# and append `(size, size)` for each of the two sizes in `padding`.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "pad", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
def pad(images: Array, padding: Pair, border: float = 0.0) -> Array:
    """Put a border around images (..., H, W): `padding` rows and columns on either side."""
    ### BEGIN SOLUTION
    if padding == (0, 0):
        return images
    widths = [(0, 0)] * (images.ndim - 2) + [(size, size) for size in padding]
    return np.pad(images, widths, constant_values=border)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-pad", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_x = check.rng("windows").normal(size=(2, 3, 6, 7))


def _padded():
    """Return what pad makes of an image, and the image afterwards."""
    x = _x.copy()
    return [pad(x, (2, 1), 3.0) * 1.0, x]


# rests on: `padding` rows and columns on either side
check("a border of zeros", lambda: [pad(_x, (1, 1)), pad(_x[0], (2, 2)), pad(_x, (0, 0))])
check(
    "a border of another number",
    lambda: [pad(_x, (1, 1), -np.inf), pad(_x, (2, 2), border=7), pad(_x, (1, 2), border=-2.5)],
)
check("a border for each direction", lambda: [pad(_x, p) for p in ((2, 0), (0, 1), (1, 3))])
check("padding leaves the image as it was", _padded)
### END HIDDEN TESTS
got = pad(np.ones((1, 2)), (0, 1), border=7).tolist()
assert got == [[7, 1, 1, 7]], f"one column on either side: expected [[7, 1, 1, 7]], got {got}"
print("pad works")

# %% [markdown]
# ### Exercise: `windows`
#
# Now the trick of section 1, for the kh · kw weights of a window. The one in the corner meets the
# pixels from the corner on, in steps of the stride: for all places at once that is one slice. Its
# neighbour meets the same, one pixel further right.
#
# Return the list of kh · kw slices, row by row through the window, each of shape (..., h, w). Slices
# are *views*: what is added to one lands in the image. A window that does not fit is a `ValueError`
# that says the sizes. A window of 2 × 3 on 3 × 5 pixels with stride (1, 2) has 2 × 2 places: its six
# numbers give six slices, each of shape (2, 2).

# %% [markdown]
# <details><summary>Hint 1: where to begin</summary>
#
# Count the places first. The formula above gives `h`, from the height, `kh` and `sh`, and `w`, from
# the width, `kw` and `sw`. The last two numbers of `images.shape` are the height and the width.
#
# </details>
#
# <details><summary>Hint 2: what one weight meets</summary>
#
# The weight in row `i` of the window meets the rows `i`, `i + sh`, `i + 2 * sh`, and so on: `h` of
# them. A slice `start:stop:step` takes them all at once. The columns work in the same way, and `...`
# in front stands for all other axes.
#
# </details>
#
# <details><summary>Hint 3: nearly there</summary>
#
# After the `ValueError` for windows that do not fit, make a list with two loops, `i` in `range(kh)`
# outside and `j` in `range(kw)` inside. The rows of each slice are `i : i + h * sh : sh`. Write the
# columns likewise.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "windows", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
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


# %% nbgrader={"grade": true, "grade_id": "test-windows", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check


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


# rests on: a window of 3 × 3 starts in the upper left corner, and slides right and down
check("square windows", lambda: [_met((2, 2), (1, 1)), _met((3, 3), (1, 1))])
check("a stride", lambda: [_met((2, 2), (2, 2)), _met((3, 3), (2, 2)), _met((1, 1), (3, 3))])
check("windows as large as the image", lambda: [_met((6, 7), (1, 1)), _met((6, 2), (4, 5))])
# rests on: row by row through the window, each of shape (..., h, w)
check(
    "how many slices",
    lambda: {f"{k}": [len(windows(_x, k, (2, 1))), _x[0, 0, 0]] for k in ((2, 3), (1, 1))},
)
check("windows that are not square", lambda: [_met((2, 3), (1, 1)), _met((3, 1), (1, 1))])
check("a stride for each direction", lambda: [_met((2, 2), (1, 3)), _met((2, 3), (3, 1))])
_turned = _x.swapaxes(2, 3)  # rows and columns exchanged, in the same memory
check(
    "images in another order of memory",
    lambda: [_met((2, 3), s, _turned) for s in ((1, 1), (2, 1))],
)
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
### END HIDDEN TESTS
grid = np.arange(15).reshape(3, 5)
got = [view.tolist() for view in windows(grid, (2, 3), (1, 2))]
wanted = [[[0, 2], [5, 7]], [[1, 3], [6, 8]], [[2, 4], [7, 9]]]
wanted += [[[5, 7], [10, 12]], [[6, 8], [11, 13]], [[7, 9], [12, 14]]]
assert got == wanted, f"2 x 3 with stride (1, 2) on 3 x 5: expected {wanted}, got {got}"
try:
    told = f"{len(windows(grid, (4, 2), (1, 1)))} slices"
except ValueError as error:
    told = str(error)
assert "4" in told and "5" in told, f"4 x 2 on 3 x 5: expected an error with the sizes, got {told}"
print("windows works, and refuses:", told)

# %% [markdown]
# ## 3. Convolution
#
# At each place a filter multiplies what it meets and adds up: a weighted sum, as in `Linear`, but of
# neighbours only, and with the *same* weights everywhere (**weight sharing**). The sums of one filter
# are an image again, a **feature map**: it says where in the image its feature is. With three
# channels a filter has a slice for each; with 16 filters there are 16 maps. The pixels that a number of a
# map depends on are its **receptive field**: 3 × 3 after one layer of 3 × 3, 5 × 5 after two. It grows
# from layer to layer, until the last ones see the whole image.
#
# All filters at all places are **one** matrix product. Lay each filter out as a row, and what the
# window meets at each place as a column. Here it is for 4 × 4 pixels and a filter of 2 × 2; in orange
# you can follow one place.

# %%
little, filter_weights = np.arange(16).reshape(4, 4) % 7, np.array([[1, 0], [0, -1]])
columns = np.stack([view.ravel() for view in windows(little, (2, 2), (1, 1))])
product = filter_weights.reshape(1, 4) @ columns
figure = plt.figure(figsize=(6, 4), layout="constrained")
panels = figure.subplot_mosaic([["image", "filter, as a row", "feature map"], ["columns"] * 3])
shown = {
    "image": (little, (1, 1, 2, 2)),
    "filter, as a row": (filter_weights.reshape(1, 4), (0, 0, 4, 1)),
    "columns": (columns, (4, 0, 1, 4)),
    "feature map": (product.reshape(3, 3), (1, 1, 1, 1)),
}
for title, (numbers, (x, y, w, h)) in shown.items():
    panel = panels[title]
    panel.imshow(numbers, cmap="Greys", vmin=-12, vmax=30)
    for (i, j), number in np.ndenumerate(numbers):
        panel.text(j, i, number, ha="center", va="center")
    corner = (x - 0.5, y - 0.5)
    panel.add_patch(plt.Rectangle(corner, w, h, fill=False, edgecolor="tab:orange", linewidth=3))
    panel.set(title=title, xticks=[], yticks=[])
tinytorch.show(
    figure,
    "Four grids of numbers. In an image of 4 by 4 a window of 2 by 2 is framed. Its four numbers are "
    "one framed column of a matrix of 4 rows and 9 columns, one for each place. The filter, laid "
    "out as a row, times that column is one framed number of the feature map of 3 by 3.",
)

# %% [markdown]
# With one channel each **row** of the columns is one slice of `windows`: the hard part is done. This is
# known as *im2col*. With channels and many images the shapes are:
#
# | | shape |
# |---|---|
# | `channels_first(pad(images, ...))` | (C, N, H, W) |
# | all `windows` of it, `np.concatenate`d | (kh · kw · C, N, h, w) |
# | `columns` | (kh · kw · C, N · h · w) |
# | `filter_rows(weight) @ columns` (`filter_rows` lays them out, and is given) | (O, N · h · w) |
#
# ### Exercise: the forward pass
#
# Write `forward`. Keep `self.columns` for the way back. Add the bias, one number for each filter
# (or a single 0.0 when there is none), and bring the maps into the shape (N, O, h, w), or (O, h, w)
# if there was one image and no N. No loop over pixels: thousands of images are waiting. Images and
# filters stay as they are. NumPy keeps dtypes: float32 images and filters make float32 maps.

# %% [markdown]
# <details><summary>Hint 1: where to begin</summary>
#
# The table above is your list of steps, from top to bottom. Begin with
# `windows(channels_first(pad(images, self.padding)), ...)`; the size of the window is the last two
# numbers of `weight.shape`.
#
# </details>
#
# <details><summary>Hint 2: shapes on the way</summary>
#
# Keep what `np.concatenate` gave you under a name such as `met`: its last three axes, N, h and w, are
# the ones you need again at the end. `met.reshape(len(met), -1)` makes the columns. The bias has to
# be a column, one number for each row of the product: `bias.reshape(-1, 1)`.
#
# </details>
#
# <details><summary>Hint 3: nearly there</summary>
#
# The product plus the bias has O rows. Bring it back with
#
# ```
# maps = maps.reshape(len(weight), *met.shape[1:])  # (O, N, h, w)
# ```
#
# then exchange the first two axes with `swapaxes(0, 1)`. If `images` had three axes, return only
# `maps[0]`.
#
# </details>


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


def _maps(images, weight, stride, padding, dtype=np.float64, scale=1.0):
    """Convolve; return the maps and the leaves."""
    leaves = _leaves(images, weight, dtype, scale)
    return Convolve.apply(*leaves, stride=pair(stride), padding=pair(padding)), leaves


def _beside_nan():
    """Convolve images of which one pixel is NaN: windows that do not meet it take no notice."""
    leaves = _leaves((2, 3, 6, 7), (4, 3, 3, 2))
    leaves[0].data[1, 2, 4, 3] = np.nan
    return Convolve.apply(*leaves)


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
# rests on: At each place a filter multiplies what it meets and adds up
for _name, _case in _cases.items():
    check(_name, lambda case=_case: _maps(*case)[0], **_exact)
check(
    "numbers large and small",
    {str(s): lambda s=s: _maps(*_one, scale=s)[0] for s in (1e4, 1e-4)},
    atol=0,
)
check("a pixel that is NaN", _beside_nan)
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
got = Convolve.apply(np.array([[[1.0, 3, 4, 9, 5]]]), edge, 0.0, stride=(1, 2)).tolist()
assert got == [[[2, 5]]], f"with stride (1, 2): expected [[[2, 5]]], got {got}"
print("convolution works")

# %% [markdown]
# ## 4. The rule of convolution
#
# `forward` is a product, `filter_rows(weight) @ columns`, and you know the rule of products from 06:
# each factor has a gradient of its own. One factor holds the filters, the other what they met in the
# images. So the rule of convolution has two halves, and each becomes a function that you write. What
# puts them together is given: it calls each half only where a gradient is needed. Images that come
# from a file need none, which saves half of the work, and neither do filters that nobody trains. So
# each half has to work without the other.
#
# As in 06 a rule changes nothing it is given, and here, too, there is no loop over pixels.


# %% nbgrader={"grade": false, "grade_id": "rule-of-convolution", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["export"]
@derivative(Convolve)
def convolve_rule(
    op: Any, grad: Array, images: Array, weight: Array, bias: Array
) -> tuple[Array | None, ...]:
    """Give the gradients of the images, the weight and the bias, or None where none is needed."""
    for_images, for_weight, for_bias = None, None, None
    if op.inputs[0].requires_grad:
        for_images = gradient_of_images(op, grad, images, weight)
    if op.inputs[1].requires_grad or op.inputs[2].requires_grad:
        for_weight, for_bias = gradients_of_filters(op, grad, weight)
    return for_images, for_weight, for_bias


# %% [markdown]
# ### Exercise: the gradients of the filters
#
# Write `gradients_of_filters(op, grad, weight)`. It returns two arrays: the gradient of `weight`, in
# the shape of `weight`, and that of the bias, of shape (O,).
#
# `grad` has the shape of the maps, (N, O, h, w) or, without N, (O, h, w). Bring it into the layout of
# the product, (O, N · h · w), with `channels_first`: one row for each filter. Call that `rows`. The
# gradient of `filter_rows(weight)` is `rows @ op.columns.T`, with the columns that your `forward`
# kept. Bring it back to the shape of `weight`: `filter_rows` put the axes in the order O, kh, kw, C.
# The bias was added at every place of every image, so its gradient is the sum over these.
#
# For example, a filter of 2 × 2 slides over one image with the rows 0 1 2, 3 4 5 and 6 7 8, and
# `grad` is 1 at all four places. The upper left weight met 0, 1, 3 and 4, so its gradient is 8. Those
# of all four weights are `[[8, 12], [20, 24]]`, and that of the bias is `[4]`.

# %% [markdown]
# <details><summary>Hint 1: where to begin</summary>
#
# `channels_first(grad)` has the shape (O, N, h, w): reshape it to O rows, and you have `rows`. The
# gradient of the bias is the sum of each row.
#
# </details>
#
# <details><summary>Hint 2: the axes of the weight</summary>
#
# `rows @ op.columns.T` has the shape (O, kh · kw · C). Split its second axis by a `reshape` to
# (O, kh, kw, C). A `reshape` straight to (O, C, kh, kw) has the right shape, but with more than one
# channel the numbers stand in the wrong places.
#
# </details>
#
# <details><summary>Hint 3: nearly there</summary>
#
# Begin with
#
# ```
# o, c, kh, kw = weight.shape
# rows = channels_first(grad).reshape(o, -1)
# ```
#
# When the product is split, `transpose` brings C to the second place. Which numbers does it need? Old
# axis 3 becomes new axis 1, the others keep their order. Return the weight's gradient first.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "gradients-of-filters", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
def gradients_of_filters(op: Any, grad: Array, weight: Array) -> tuple[Array, Array]:
    """Give the gradients of the weight, in its shape, and of the bias, of shape (O,)."""
    ### BEGIN SOLUTION
    o, c, kh, kw = weight.shape
    rows = channels_first(grad).reshape(o, -1)
    for_weight = (rows @ op.columns.T).reshape(o, kh, kw, c).transpose(0, 3, 1, 2)
    return for_weight, rows.sum(axis=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-gradients-of-filters", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_images_only, _filters_only = slice(0, 1), slice(1, 3)


def _needing(needed, images, weight, stride, padding, dtype=np.float64):
    """Convolve; return the maps and the leaves, of which only some require a gradient."""
    leaves = _leaves(images, weight, dtype)
    for leaf in leaves:
        leaf.requires_grad = False
    for leaf in leaves[needed]:
        leaf.requires_grad = True
    out = Convolve.apply(*leaves, stride=pair(stride), padding=pair(padding))
    return out, leaves[needed]


def _gradients(needed, *case, **options):
    """Go back from the maps with a random start; return the gradients of those that need one."""
    (images, weight, *_), (out, leaves) = case, _needing(needed, *case, **options)
    out.backward(check.rng(f"back {images} {weight}").normal(size=out.shape))
    return [leaf.grad for leaf in leaves]


def _of_filters(*case, **options):
    return _gradients(_filters_only, *case, **options)


def _without_bias():
    """Go back from maps without a bias; return the gradient of the weight."""
    images, weight, _ = _leaves((2, 3, 6, 5), (4, 3, 3, 2))
    out = Convolve.apply(images.data, weight, 0.0, stride=(2, 1))
    out.backward(check.rng("back without a bias").normal(size=out.shape))
    return weight.grad


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


def _filters_twice(*padding):
    """Convolve the same images with two lots of filters, side by side."""
    images, *filters = (leaf.data for leaf in _leaves((2, 3, 6, 5), (4, 3, 2, 3)))
    return _side_by_side(lambda *two: Convolve.apply(images, *two, padding=padding), *filters)


def _between_nan(needed):
    """Go back from one image's maps and two neighbours, with a NaN in the start."""
    out, leaves = _needing(needed, *_cases["one image without N"])
    start = check.rng("beside NaN").normal(size=out.shape)
    start[0, 0, 0] = np.nan
    left, right = (Tensor(out.data * 1.0, requires_grad=True) for _ in range(2))
    (left * 1.0 + out + right * 1.0).backward(start)
    return [left.grad, *[leaf.grad for leaf in leaves], right.grad]


# rests on: Give the gradients of the weight, in its shape, and of the bias, of shape (O,).
# rests on: each half has to work without the other
for _name, _case in _cases.items():
    check(f"gradients of the filters: {_name}", lambda case=_case: _of_filters(*case), **_exact)
check("filters of float32", lambda: _of_filters(*_one, dtype=np.float32), atol=1e-4)
# rests on: a single 0.0 when there is none
check("gradients without a bias", _without_bias)
# rests on: As in 06 a rule changes nothing it is given
check(
    "the filters' half changes nothing it is given",
    {"with a border": lambda: _filters_twice(1, 0), "no border": lambda: _filters_twice(0, 0)},
)
check("the filters' half leaves a NaN as it was", lambda: _between_nan(_filters_only))
# rests on: here, too, there is no loop over pixels
check("the filters' half has no loop over pixels", lambda: _growth(_of_filters), atol=1e-5)
### END HIDDEN TESTS
image = np.arange(18.0).reshape(2, 3, 3)  # two channels; it comes from a file: no gradient
weight, bias = (Tensor(np.ones(s), requires_grad=True) for s in ((1, 1, 2, 2), (1,)))
out = Convolve.apply(image[:1], weight, bias)
returned = gradients_of_filters(out.creator, np.ones(out.shape), weight.numpy())
got, wanted = [np.shape(one) for one in returned], [(1, 1, 2, 2), (1,)]
assert got == wanted, f"the shapes of what is returned: expected {wanted}, got {got}"
out.sum().backward()
got, wanted = weight.grad.tolist(), [[[[8, 12], [20, 24]]]]
assert got == wanted, f"the gradient of the weight: expected {wanted}, got {got}"
assert bias.grad.tolist() == [4], f"the gradient of the bias: expected [4], got {bias.grad}"
weight, bias = (Tensor(np.ones(s), requires_grad=True) for s in ((2, 2, 2, 2), (2,)))
out = Convolve.apply(np.stack([image, image]), weight, bias)
out.backward(np.ones(out.shape) * [[[1]], [[10]]])  # ten times as much for the second filter
wanted = [[[16, 24], [40, 48]], [[88, 96], [112, 120]]]
for number, times in enumerate((1, 10)):
    got = (weight.grad.numpy()[number] / times).tolist()
    told = f"filter {number + 1}, two images of two channels, divided by {times}"
    assert got == wanted, f"{told}: expected {wanted}, got {got}"
assert bias.grad.tolist() == [8, 80], f"bias, two images: expected [8, 80], got {bias.grad}"
print("the gradients of the filters work")

# %% [markdown]
# ### Exercise: the gradient of the images
#
# Write `gradient_of_images(op, grad, images, weight)`. It returns one array, the gradient of
# `images`, in the shape of `images`.
#
# With `rows` as in the last exercise, the gradient of the columns is `filter_rows(weight).T @ rows`.
# It has a line for each line of the columns: the first C belong to the first slice, the next C to the
# second. So make zeros of the padded shape, and of those, channels first as in `forward`, take
# `windows`. **Add** to each slice the gradient of its own C lines, in the shape of the slice. All of
# these are views, so what you add lands in the zeros. Windows overlap: a pixel that was met four times
# gets four contributions. At the end `unpad`.
#
# For example, a filter with the rows 1 2 and 3 4 slides over one image of 3 × 3 pixels, and `grad`
# is 1 at all four places. The upper left pixel was met by the 1 alone, the middle one by each of the
# weights, so it gets 1 + 2 + 3 + 4. The whole is `[[1, 3, 2], [4, 10, 6], [3, 7, 4]]`.

# %% [markdown]
# <details><summary>Hint 1: where to begin</summary>
#
# Make `padded`, zeros like `pad(images, op.padding)`, and take `windows` of `channels_first(padded)`,
# with `weight.shape[2:]` and `op.stride`. All of these are views, so what you add to one of them
# lands in `padded`.
#
# </details>
#
# <details><summary>Hint 2: which rows belong to which slice</summary>
#
# The gradient of the columns has kh · kw · C rows, and the first C of them belong to the first slice.
# So reshape it to kh · kw parts, each as large as one of the views: to
# `(len(views), *views[0].shape)`.
#
# </details>
#
# <details><summary>Hint 3: nearly there</summary>
#
# With `views` and `parts` from the hints above:
#
# ```
# for view, met in zip(views, parts, strict=True):
#     view += met
# ```
#
# Then `padded` is full: return what `unpad(padded, op.padding)` leaves of it.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "gradient-of-images", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
def gradient_of_images(op: Any, grad: Array, images: Array, weight: Array) -> Array:
    """Give the gradient of the images, in their shape: windows that overlap add up."""
    ### BEGIN SOLUTION
    rows = channels_first(grad).reshape(len(weight), -1)
    columns = filter_rows(weight).T @ rows
    padded = np.zeros_like(pad(images, op.padding))
    views = windows(channels_first(padded), weight.shape[2:], op.stride)
    for view, met in zip(views, columns.reshape(len(views), *views[0].shape), strict=True):
        view += met
    return unpad(padded, op.padding)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-gradient-of-images", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check


def _of_images(*case, **options):
    return _gradients(_images_only, *case, **options)


def _images_twice(*padding):
    """Convolve two lots of images with the same filters, side by side."""
    images, weight, bias = (leaf.data for leaf in _leaves((2, 3, 6, 5), (4, 3, 2, 3)))
    frozen = Tensor(weight)
    found = _side_by_side(lambda x: Convolve.apply(x, frozen, bias, padding=padding), images)
    return found | {"weight": frozen.data}


# rests on: Give the gradient of the images, in their shape: windows that overlap add up.
# rests on: each half has to work without the other
for _name, _case in _cases.items():
    check(f"gradient of the images: {_name}", lambda case=_case: _of_images(*case), **_exact)
check("images of float32", lambda: _of_images(*_one, dtype=np.float32), atol=1e-4)
# rests on: As in 06 a rule changes nothing it is given
check(
    "the images' half changes nothing it is given",
    {"with a border": lambda: _images_twice(1, 0), "no border": lambda: _images_twice(0, 0)},
)
check("the images' half leaves a NaN as it was", lambda: _between_nan(_images_only))
# rests on: here, too, there is no loop over pixels
check("the images' half has no loop over pixels", lambda: _growth(_of_images), atol=1e-5)
### END HIDDEN TESTS
x, frozen = Tensor(np.zeros((2, 1, 3, 3)), requires_grad=True), np.array([[[[1.0, 2], [3, 4]]]])
Convolve.apply(x, frozen, 0.0).sum().backward()
got, wanted = x.grad.tolist(), [[[[1, 3, 2], [4, 10, 6], [3, 7, 4]]]] * 2
assert got == wanted, f"two images of 3 x 3: expected {wanted}, got {got}"
x = Tensor(np.zeros((2, 3, 3)), requires_grad=True)
frozen = np.concatenate([frozen, 10 * frozen], axis=1)  # the second channel counts ten times
Convolve.apply(x, frozen, 0.0, padding=(1, 1)).sum().backward()
got, wanted = x.grad.tolist(), [[[10] * 3] * 3, [[100] * 3] * 3]
assert got == wanted, f"two channels, with padding 1: expected {wanted}, got {got}"
x = Tensor(np.zeros((2, 2, 1, 5)), requires_grad=True)
frozen = np.array([[[[1.0, 2]], [[5, 6]]], [[[30, 40]], [[7, 8]]]])
out = Convolve.apply(x, frozen, 0.0, stride=(1, 2))
start = np.zeros(out.shape)
start[1] = 1  # only the second image counts
out.backward(start)
got, wanted = x.grad[:, :, 0].tolist(), [[[0] * 5] * 2, [[31, 42, 31, 42, 0], [12, 14, 12, 14, 0]]]
assert got == wanted, f"two images, channels and filters: expected {wanted}, got {got}"
print("the gradient of the images works")

# %% [markdown]
# ## 5. Exercise: the layer
#
# Write `Conv2d`. `weight` has the shape (out_channels, in_channels, kh, kw) and `bias`
# (out_channels,), or it is None. Both come from `starting_values(shape, fan_in)`, the weight first,
# where the fan-in is how many numbers one output is made of. Numbers that stand for both directions
# become pairs with `pair`. A border may be as wide as one likes, so you need no
# `require_little_padding` here. For images with the wrong number of channels, or of axes, raise a
# `ValueError` that says how many channels would fit. Hand `x` itself, the weight and the bias to
# `Convolve.apply`, the tensors and not their arrays: otherwise no gradient reaches them.

# %% [markdown]
# <details><summary>Hint 1: where to begin</summary>
#
# Make a tuple of the four numbers of the weight's shape first: `(out_channels, in_channels,
# *pair(kernel_size))`. Weight, bias and fan-in all follow from it.
#
# </details>
#
# <details><summary>Hint 2: the fan-in</summary>
#
# One output is a sum over all channels and all places of the window, so the fan-in is the product of
# the last three numbers: `math.prod(shape[1:])`. The bias uses the same fan-in, with the shape
# `(out_channels,)`. Keep stride and padding as pairs, too.
#
# </details>
#
# <details><summary>Hint 3: nearly there</summary>
#
# In `forward`, `x.shape[-3]` is the number of channels, and `x.ndim` has to be 3 or 4. After the
# check, there is one line left:
#
# ```
# return Convolve.apply(x, self.weight, bias, stride=..., padding=...)
# ```
#
# where `bias` is 0.0 if `self.bias` is None.
#
# </details>


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


def _two_layers(dtype, x=_x):
    """Send images through two layers; return the gradients of the images and of all parameters."""
    x = Tensor(x, dtype, requires_grad=True)
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


_shapes = [(2, 3, 5, 4), (1, 3, 5, 4), (3, 5, 4)]  # these fit
_shapes += [(2, 1, 5, 4), (5, 4), (1, 2, 3, 5, 4), (4, 5, 4), (2, 4, 5, 3), (3, 2, 5, 4)]
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
# rests on: Hand `x` itself, the weight and the bias to `Convolve.apply`
check(
    "one layer after another: gradients pass through",
    {
        "images of float32": lambda: _two_layers(np.float32),
        "images of float64": lambda: _two_layers(np.float64),
        "one image without N": lambda: _two_layers(np.float64, _x[1]),
    },
    atol=1e-3,
)
# rests on: For images with the wrong number of channels, or of axes, raise a `ValueError`
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
    told = f"images {conv(Tensor(np.zeros((2, 1, 11, 9)))).shape}, no error"
except ValueError as error:
    told = str(error)
assert "3" in told and "matmul" not in told, f"one channel for three: expected why not, got {told}"
print("Conv2d works, and refuses:", told)

# %% [markdown]
# ## 6. Pooling
#
# A filter found a stroke; one pixel more to the left or right does not matter much. `MaxPool2d(2)`
# keeps the largest of every 2 × 2 numbers: half as high, half as wide, and the next layer sees twice
# as much of the image. Windows again, so `windows` again. A border must never be the largest, so it
# is not 0 but −∞.
#
# ### Exercise: `MaxPool2d`
#
# Write `forward` of `MaxPool` (`reduce(np.maximum, arrays)` is the largest of several arrays, number
# by number, and a NaN wins) and the layer. Without a stride the windows stand side by side.

# %% [markdown]
# <details><summary>Hint 1: where to begin</summary>
#
# The two methods of the layer keep and pass on: three pairs are stored in `__init__`, and `forward`
# hands them to `MaxPool.apply`. The work is in `MaxPool.forward`.
#
# </details>
#
# <details><summary>Hint 2: the largest</summary>
#
# `windows` gives you a list of arrays of equal shape. The largest number of a window is the largest
# over this list, place by place: `reduce(np.maximum, ...)`. Pad before that, with the border −∞.
#
# </details>
#
# <details><summary>Hint 3: nearly there</summary>
#
# `MaxPool.forward` is two lines: `padded = pad(images, self.padding, border=-np.inf)`, and the
# `reduce` over its `windows`. In the layer, `self.stride` is `self.kernel` if `stride` is None, else
# `pair(stride)`.
#
# </details>


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


# %% nbgrader={"grade": true, "grade_id": "test-pool", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_rng = check.rng("pool")
_a, _scale = _rng.normal(size=(2, 3, 6, 7)), float(_rng.uniform(2, 9))
_ties = _rng.integers(0, 3, size=(2, 2, 6, 8)) * _scale
_nearly = _scale * (1 + 1e-9 * _rng.permutation(2 * 6 * 8).reshape(2, 6, 8))
_negative = -np.abs(_a) - _scale
_deep = -(10.0 ** _rng.uniform(5, 300, size=(2, 3, 6, 7)))
_with_nan = np.where(_rng.permutation(_a.size).reshape(_a.shape) < 30, np.nan, _a)
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
    "images of two axes": lambda **b: _pooled(_a[0, 0], 2, **b),
    "images in another order of memory": lambda **b: _pooled(_a.swapaxes(2, 3), (3, 2), **b),
    "NaN": lambda **b: [_pooled(_with_nan, 2, **b), _pooled(_with_nan, 3, 2, **b)],
    "equal numbers": lambda **b: [_pooled(_ties, 2, **b), _pooled(_ties, 3, 2, **b)],
    "nearly equal numbers": lambda **b: [_pooled(_nearly, 2, **b), _pooled(_nearly, 3, 2, **b)],
}
# rests on: keeps the largest of every 2 × 2 numbers
# rests on: A border must never be the largest, so it is not 0 but −∞.
# rests on: `reduce(np.maximum, arrays)` is the largest of several arrays, number by number, and a
#   NaN wins
for _name, _pooling in _poolings.items():
    check(f"largest numbers: {_name}", lambda f=_pooling: f(back=False), rtol=1e-12)
check("largest numbers: infinite ones", lambda: [_pooled(_nothing, 2), _pooled(_nothing, 2, 1, 1)])
# rests on: float32 images and filters make float32 maps
check("pooling keeps float32", lambda: _pooled(_a.astype(np.float32), 2, padding=1))
# rests on: A window that does not fit is a `ValueError` that says the sizes.
check.outcomes(
    "refuses windows larger than the image",
    lambda *kernel: _pooled(_a, kernel),
    {f"{k} over images of (6, 7)": k for k in ((6, 7), (7, 7), (2, 8), (2, 3))},
)
### END HIDDEN TESTS
x = Tensor([[[1.0, 2, 5, 0], [4, 3, 5, 5]]], requires_grad=True)
got = MaxPool2d(2)(x).tolist()
assert got == [[[4, 5]]], f"expected [[[4.0, 5.0]]], got {got}"
got = MaxPool2d(2, padding=1)(Tensor([[[-3.0]]])).item()
assert got == -3, f"a border never wins: expected -3.0, got {got}"
print("pooling works")

# %% [markdown]
# ### Exercise: the rule of pooling
#
# On the way back, each gradient goes to the **one** number that was the largest, and if several are
# equal, to the first of them, row by row. The others get 0, even if `grad` is infinite or NaN. Where
# windows overlap, a number may win more than once. A NaN wins as well, as in `np.maximum`, and of
# several the first. Take `windows` of the padded images and, side by side, of
# zeros; go through both at once, and note which windows are still searching for their winner.

# %% [markdown]
# <details><summary>Hint 1: where to begin</summary>
#
# Pad the images again as `forward` did, with −∞, and make zeros of the same shape for the result. Take
# `windows` of both, with `op.kernel` and `op.stride`: what is added to a slice of the zeros lands in
# the result.
#
# </details>
#
# <details><summary>Hint 2: who has won</summary>
#
# A number has won where it equals `op.out` and nobody before it in the same window has: keep an array
# of booleans, `searching`, that begins with True everywhere. Comparing with NaN gives False, so ask
# `np.isnan` as well.
#
# </details>
#
# <details><summary>Hint 3: nearly there</summary>
#
# In the loop over both lists of slices, as `met` and `place`:
#
# ```
# found = ((met == op.out) | np.isnan(met)) & searching
# ```
#
# The gradient goes where `found` is true, `place += np.where(found, grad, 0)`, and those windows
# search no more.
# After the loop, `unpad`.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "pool-rule", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
@derivative(MaxPool)
def max_pool_rule(op: Any, grad: Array, images: Array) -> Array:
    """Give each gradient to the number that was the largest of its window."""
    ### BEGIN SOLUTION
    padded = pad(images, op.padding, border=-np.inf)
    result = np.zeros_like(padded)
    views = windows(padded, op.kernel, op.stride), windows(result, op.kernel, op.stride)
    searching = np.ones_like(op.out, dtype=bool)
    for met, place in zip(*views, strict=True):
        found = ((met == op.out) | np.isnan(met)) & searching
        place += np.where(found, grad, 0)
        searching ^= found
    return unpad(result, op.padding)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-pool-rule", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check


def _wild_pool():
    """Go back from pooled images with a gradient that is infinite in one place, NaN in another."""
    x = Tensor(_a, requires_grad=True)
    out = MaxPool2d(2)(x)
    start = check.rng("wild pool").normal(size=out.shape)
    start[0, 0, 0, 0], start[1, 2, 1, 1] = -np.inf, np.nan
    out.backward(start)
    return x.grad


# rests on: each gradient goes to the one number that was the largest, and if several are equal, to
#   the first of them, row by row
for _name, _pooling in _poolings.items():
    check(f"gradients: {_name}", lambda f=_pooling: f(back=True))
# rests on: The others get 0, even if `grad` is infinite or NaN.
check("pooling's gradients that are infinite or NaN", _wild_pool)
# rests on: As in 06 a rule changes nothing it is given
check(
    "pooling leaves its images",
    {
        "with a border": lambda: _side_by_side(MaxPool2d(3, 1, 1), _a),
        "without a border": lambda: _side_by_side(MaxPool2d(3, 2), _a),
    },
)
### END HIDDEN TESTS
x = Tensor([[[1.0, 2, 5, 0], [4, 3, 5, 5]]], requires_grad=True)
MaxPool2d(2)(x).backward([[[10.0, 20.0]]])
got, wanted = x.grad.tolist(), [[[0, 0, 20, 0], [10, 0, 0, 0]]]
assert got == wanted, f"the first of equal numbers: expected {wanted}, got {got}"
x = Tensor([[[1.0, 7, 2]]], requires_grad=True)
MaxPool2d((1, 2), stride=1)(x).backward([[[10.0, 20.0]]])
got = x.grad.tolist()
assert got == [[[0, 30, 0]]], f"7 wins in both windows: expected [[[0, 30, 0]]], got {got}"
print("the rule of pooling works")

# %% [markdown]
# ## 7. Exercise: a network for colour
#
# Later you will train on small images in colour, of 32 × 32 pixels and in ten classes. For that the
# framework gets a model of its own. To be quick even on a laptop, its filters take steps of
# 3, which makes the maps small without pooling; most of its parameters are in the two Linear layers
# after it.
#
# Write `CNN.__init__`: `Conv2d` from `in_channels` to `filters`, 3 × 3 with stride 3; ReLU; `Flatten`;
# `Linear` to `hidden`; ReLU; `Linear` to `classes`. Images are `size` × `size`.

# %% [markdown]
# <details><summary>Hint 1: where to begin</summary>
#
# A `CNN` is a `Sequential`: hand the six layers to `super().__init__`, in the order of the text.
#
# </details>
#
# <details><summary>Hint 2: the one number to work out</summary>
#
# `Linear` has to know how many numbers `Flatten` gives it: `filters` maps, each with as many places as
# a window of 3 with stride 3 has on an image of `size`, in both directions.
#
# </details>
#
# <details><summary>Hint 3: nearly there</summary>
#
# ```
# places = (size - 3) // 3 + 1
# ```
#
# in each direction, so the first `Linear` goes from `filters * places ** 2` to `hidden`, the second
# from `hidden` to `classes`. For `CNN()`, that is 1,600 to 512, and 512 to 10.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "cnn", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
class CNN(Sequential):
    """A small convolution with a wide head; `CNN()` scores images (N, 3, 32, 32) in ten classes."""

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
# rests on: Hand `x` itself, the weight and the bias to `Convolve.apply`
check("a CNN that learns", lambda: _scores(9, steps=4), rtol=1e-3)
### END HIDDEN TESTS
count = sum(parameter.size for parameter in CNN().parameters())
assert count == 825_290, f"CNN(): expected 825290 parameters, got {count}"
got = CNN()(Tensor(np.zeros((2, 3, 32, 32)))).shape
assert got == (2, 10), f"two images: expected scores of shape (2, 10), got {got}"
print("CNN() works")

# %% [markdown]
# ## 8. Milestone: does it see better?
#
# The MLP of 07 against a CNN with half as many parameters. Both learn one image at a time, with Adam:
# 15,000 steps through 9,000 digits, so that the first 6,000 come twice. The learning rate falls step
# by step, so that the last digits do not knock over what the others built. This CNN needs no ReLU: to
# keep the largest of four is a nonlinearity, too. Afterwards both meet digits that they have never
# seen, the *validation set*, where nothing but its weights may help a network. The CNN should read
# 92 % of them or more, and better than the MLP. Each of the next two cells takes some ten seconds.


# %% nbgrader={"grade": false, "grade_id": "learn", "locked": true, "schema_version": 3, "solution": false, "task": false}
def learn(model, samples=15_000, lr=0.002, most=0):
    """Train on digits one by one, each moved by at most so many pixels; return the losses."""
    optimizer, losses, rng = Adam(model.parameters()), [], np.random.default_rng(8)
    for i in range(samples):
        optimizer.lr = lr * (1 - i / samples)
        image = np.roll(images[i % 9000], rng.integers(-most, most + 1), axis=2)
        loss = cross_entropy(model(Tensor(image)), labels[i % 9000])
        optimizer.step(loss)
        losses.append(loss.item())
    return losses


def predictions(model, images):
    """Return the class with the largest score for each image."""
    with no_grad():
        parts = [model(Tensor(part)).numpy().argmax(axis=1) for part in np.split(images, 10)]
    return np.concatenate(parts)


def accuracy(model, pixels=0):
    """Return the accuracy on 1,000 digits never trained on, moved to the right by some pixels."""
    moved = np.roll(images[9000:], pixels, axis=3)
    return (predictions(model, moved) == labels[9000:]).mean()


manual_seed(8)
mlp = MLP([784, 64, 10])
mlp_losses = learn(mlp)

# %% nbgrader={"grade": false, "grade_id": "cnn-run", "locked": true, "schema_version": 3, "solution": false, "task": false}
manual_seed(8)
conv, pool, flatten = Conv2d(1, 16, 3), MaxPool2d(2), Flatten()
cnn = Sequential([conv, pool, flatten, Linear(16 * 13 * 13, 10)])
cnn_losses = learn(cnn)

# %% nbgrader={"grade": true, "grade_id": "test-digits", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
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


# rests on: Both learn one image at a time, with Adam: 15,000 steps through 9,000 digits
check("the first losses of the CNN", lambda: cnn_losses[:40], rtol=0.05, atol=0.02, dtype=False)
check("the first losses of another", lambda: _again(40)[0], rtol=0.05, atol=0.02, dtype=False)
# rests on: The CNN should read 92 % of them or more, and better than the MLP.
# rests on: where nothing but its weights may help a network
check.accuracy("the CNN on digits that nobody has seen", _unseen(_seen_by_weights), at_least=0.92)
check.accuracy("another CNN, on 3,000 digits renamed", _unseen(_renamed_back), at_least=0.8)
check.accuracy(
    "it is better than the MLP",
    _unseen(_seen_by_weights),
    at_least=0.92,
    better_than=_unseen(lambda unseen: predictions(mlp, unseen)),
)
### END HIDDEN TESTS
reached = {"MLP": accuracy(mlp), "CNN": accuracy(cnn)}
for name, model in (("MLP", mlp), ("CNN", cnn)):
    count = sum(parameter.size for parameter in model.parameters())
    print(f"{name}, {count:,} parameters: accuracy {reached[name]:.1%} on 1,000 new images")
assert reached["CNN"] >= 0.92, f"expected the CNN to read 92 % or more, got {reached['CNN']:.1%}"
assert reached["CNN"] > reached["MLP"], "expected the CNN to read more digits than the MLP"

# %% [markdown]
# ## See it work
#
# So yes, it sees a little better, with half the parameters. Here are the sixteen filters that the CNN
# found: blue weights are negative, red ones positive. Beside them, what six of the filters see in a
# digit, before and after pooling. Some have a negative and a positive side: they have become
# detectors of edges in one direction. Nobody told them to.

# %%
figure = plt.figure(figsize=(9, 2.8), layout="constrained")
left, right = figure.subfigures(1, 2, width_ratios=[1, 2])
for panel, weights in zip(left.subplots(4, 4).flat, conv.weight.numpy(), strict=True):
    panel.imshow(weights[0], cmap="coolwarm", vmin=-1, vmax=1)
    panel.axis("off")
maps = conv(Tensor(images[9004]))
for row, found in zip(right.subplots(2, 6), (maps, pool(maps)), strict=True):
    for panel, feature_map in zip(row, found.numpy(), strict=False):
        most = np.abs(feature_map).max()
        panel.imshow(feature_map, cmap="coolwarm", vmin=-most, vmax=most)
        panel.axis("off")
tinytorch.show(
    figure,
    "Left, sixteen filters of 3 by 3 weights, some with negative weights on one side and positive "
    "ones on the other. Right, six feature maps of a digit, in which strokes or their edges stand "
    "out. Below them the same maps after pooling, half as large.",
)

# %% [markdown]
# ### Fewer samples, fewer parameters
#
# Does the CNN only win because it is trained so long? And what is left of it with few parameters? Four
# models learn from 200, 600 and 1,800 digits, each seen once. Two are built like those above. The two
# small ones have about 6,500 parameters each.


# %%
def small_cnn(filters, **options):
    """Return a CNN of some filters, with pooling after the convolution."""
    layers = [Conv2d(1, filters, 3), MaxPool2d(2), Flatten(), Linear(filters * 13 * 13, 10)]
    return Sequential(layers)


makers = {
    "CNN, 16 filters": (lambda: small_cnn(16), "o-", "tab:blue"),
    "CNN, 4 filters": (lambda: small_cnn(4), "o--", "tab:blue"),
    "MLP, 64 hidden": (lambda: MLP([784, 64, 10]), "s-", "tab:orange"),
    "MLP, 8 hidden": (lambda: MLP([784, 8, 10]), "s--", "tab:orange"),
}
budgets, trained = [200, 600, 1800], {}
figure, panel = plt.subplots(figsize=(6, 3), layout="constrained")
for name, (make, style, color) in makers.items():
    reached = []
    for samples in budgets:
        manual_seed(8)
        trained[name] = make()
        learn(trained[name], samples)
        reached.append(accuracy(trained[name]))
    count = sum(parameter.size for parameter in trained[name].parameters())
    print(f"{name}, {count:,} parameters:", ", ".join(f"{share:.1%}" for share in reached))
    panel.plot(budgets, reached, style, color=color, label=f"{name} ({count:,})")
panel.set(xscale="log", xlabel="samples", ylabel="accuracy", ylim=(0, 1))
panel.set_xticks(budgets, budgets)
panel.minorticks_off()
panel.legend(fontsize=8, loc="lower right")
tinytorch.show(
    figure,
    "Accuracy against samples. The large CNN is above all others everywhere. The CNN with 4 filters "
    "has an eighth of the parameters of the large MLP, and reads clearly better with 200 digits, about "
    "as well with 1,800; the MLP with as few parameters is far below.",
)

# %% [markdown]
# With few parameters an MLP has to throw nearly everything away in its first layer; the CNN shares
# its weights over all places, and keeps the image. What it knows in advance, that neighbours belong
# together and that a stroke is a stroke everywhere, it need not learn from samples.
#
# ### Moved digits
#
# At the end of 07, and in the first cell here, three pixels were enough to confuse the MLP. Does
# convolution fix that? Does pooling? Look before you read on: a CNN without pooling (its filters
# take steps of 2 instead, so that the Linear layer is as large), the CNN with pooling, and that CNN
# again, trained on digits that are each moved at random, by at most 4 pixels.

# %%
manual_seed(8)
strided = Sequential([Conv2d(1, 16, 3, stride=2), ReLU(), Flatten(), Linear(16 * 13 * 13, 10)])
learn(strided, 1800)
manual_seed(8)
shaken = small_cnn(16)
learn(shaken, 1800, most=4)
rows = {
    "MLP": (trained["MLP, 64 hidden"], "s-", "tab:orange"),
    "CNN without pooling": (strided, "x:", "tab:purple"),
    "CNN": (trained["CNN, 16 filters"], "o-", "tab:blue"),
    "CNN, trained on moved digits": (shaken, "^-", "black"),
}
figure, panel = plt.subplots(figsize=(6, 3), layout="constrained")
for name, (model, style, color) in rows.items():
    reached = [accuracy(model, pixels) for pixels in range(6)]
    print(f"{name}:", ", ".join(f"{share:.1%}" for share in reached))
    panel.plot(reached, style, color=color, label=name)
panel.set(xlabel="moved to the right by pixels", ylabel="accuracy", ylim=(0, 1))
panel.legend(fontsize=8)
tinytorch.show(
    figure,
    "Accuracy on digits moved by 0 to 5 pixels. The MLP falls fastest, to less than a third at 4. "
    "Both CNNs stay some ten points above it and fall as well, one like the other. The CNN that was "
    "trained on moved digits falls slowly up to 4 pixels.",
)

# %% [markdown]
# Honestly: convolution gains up to eleven points on the MLP, and still falls. Pooling adds a point
# or so while a digit moves by one pixel at most, and nothing beyond. Why? When the digit moves, its
# feature maps move with it: that much convolution does guarantee (*equivariance*). Pooling makes
# the maps forget one pixel, since a maximum may wander within its 2 × 2. But behind them stands a
# `Linear`, and that has weights of its own for every place, as the MLP has: to it, a moved map is
# another map. What helps is **data augmentation**: training on images that are changed in ways that
# do not change the label. It has a price, since the same parameters have more to learn: digits that
# stay where they are it reads a little worse, and past the 4 pixels that it knows it falls, too.
# The other way is depth. Where many layers of convolution and pooling follow each other, the maps
# get so small that hardly any places are left to tell apart.
#
# ## What it costs
#
# Parameters, multiplications, memory and time of each layer, for one batch of 100 digits:

# %%
import time

batch, costs = Tensor(images[:100]), {}
for layer in cnn.layers:
    durations = []
    for _ in range(20):
        begun = time.perf_counter()
        with no_grad():
            out = layer(batch)
        durations.append(time.perf_counter() - begun)
    own = sum(parameter.size for parameter in layer.parameters())
    weights = layer.weight.size if own else 0
    places = out.shape[2] * out.shape[3] if out.ndim == 4 else 1  # where the weights are used
    held = 0 if layer is flatten else out.data.nbytes  # Flatten looks at the same numbers
    held += 9 * places * 100 * 4 if layer is conv else 0  # its columns
    name, work = type(layer).__name__, weights * places * 100
    costs[name] = (own, work / 1e6, held / 1e6, 1e3 * min(durations))
    batch = out
titles = ("parameters", "million multiplications", "MB held", "ms")
figure, panels = plt.subplots(2, 2, figsize=(6.5, 3.6), sharey=True, layout="constrained")
for panel, title, values in zip(
    panels.flat, titles, zip(*costs.values(), strict=True), strict=True
):
    bars = panel.barh(list(costs), values, color="tab:blue")
    rounded = [f"{value:,.0f}" if value >= 100 else f"{value:.2g}" for value in values]
    panel.bar_label(bars, rounded, fontsize=8, padding=2)
    panel.set(title=title, xlim=(0, 1.5 * max(values)), xticks=[])
panels[0, 0].invert_yaxis()
tinytorch.show(
    figure,
    "Four bar charts over the layers. Nearly all parameters are in Linear. Most of the "
    "multiplications and of the memory are in Conv2d, which has 160 parameters. The last chart shows "
    f"the time; here {max(costs, key=lambda name: costs[name][3])} takes the most.",
)

# %% [markdown]
# The layer with 160 parameters does four fifths of the multiplications, since it uses each
# parameter at 676 places; and every pixel goes into the columns up to nine times. So it is in large
# networks too: the parameters sit at the end, while work and memory go at the beginning.
#
# ## In the real world
#
# `torch.nn.Conv2d`, `MaxPool2d`, and `torch.nn.functional.conv2d`: same names, same shapes, same
# starting values. What is called convolution there and here is, to a mathematician, correlation: a
# true convolution flips the filter first, which makes no difference to filters that are learned.
#
# In 1959 Hubel and Wiesel found cells in the brain of a cat that answered to an edge of one direction
# at one place. Fukushima built layers of such cells in 1980, his Neocognitron, and LeCun trained them
# by backpropagation in 1989, to read handwritten postcodes. In 2012 AlexNet did the same, larger and
# on graphics cards, and deep learning was on the front pages. To read on:
#
# - Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: *Gradient-based learning applied to document
#   recognition*. Proceedings of the IEEE 86, 1998. LeNet, and the digits that you use.
# - R. Zhang: *Making convolutional networks shift-invariant again*. ICML 2019. Why pooling does not
#   do what everybody says of it, and how to mend it.
#
# ## Think
#
# Your `Conv2d(1, 16, 3)` turns 28 × 28 numbers into 16 × 26 × 26. How many parameters does it have,
# and how many would a `Linear` from 784 to 10,816 numbers have? What does the `Conv2d`
# take for granted about images that the `Linear` does not? Name data for which that would be a bad
# idea.

# %% [markdown] nbgrader={"grade": true, "grade_id": "think", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# (1 point) `Conv2d(1, 16, 3)` has 16 * 9 weights and 16 biases: 160 parameters. A `Linear` from 784
# to 10,816 would have 784 * 10,816 weights and 10,816 biases, about 8.5 million.
#
# (2 points) It takes for granted that what matters is found among neighbours (1), and that a stroke
# means the same wherever it is, so that one filter serves everywhere (1).
#
# (1 point) That is wrong where neighbours have nothing to do with each other, as in a table with
# columns such as age, income and shoe size, or in digits with shuffled pixels; and where the place
# decides, as in photographs of faces that are all cut out in the same way. One example is enough.
# ### END SOLUTION

# %% [markdown]
# ## Next: a proper training loop
#
# You have met a training loop in every notebook since 06, each a little different. One lowers the
# learning rate, one keeps the losses, none says how long it will still take, and to look at new
# images in between you would write yet another one. Sample by sample it works, but it is ad hoc.
#
# Training deserves code of its own: pass over the data, measure, report, keep the history. That is
# assignment 09, and there `CNN()` meets its images in colour.
#
# Keep what you wrote: save the notebook and run the last cell. It adds a module to your framework.

# %%
import tinytorch

tinytorch.export_mine("08_spatial")
