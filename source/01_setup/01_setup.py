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
# # 01 · Setup
#
# ## Where we are
#
# You are at the very beginning. In ten assignments you will build **TinyTorch**, a deep-learning
# framework of your own, on nothing but NumPy; in the end it reads handwriting and classifies small
# colour images. Today you check your tools, make randomness repeatable, and look at the handwriting.
# You will also write your first classifier, without any learning. Plan about 45 minutes.
#
# **How grading works.** Where it says `YOUR CODE HERE`, write yours in place of the line below it.
# The tests that you see tell you at once whether you are on the right track; after you submit, more
# of them run on inputs that you have not seen. Each of these is a *check*, and a test cell gives
# points for the share of its checks that hold: half of them is half the points.
#
# `tinytorch.check()` in a cell of its own lists what this notebook will be graded by, and what its
# visible tests say so far.

# %%
import platform

import matplotlib.pyplot as plt
import tinytorch

print("Hello! This is Python", platform.python_version(), "on", platform.system())

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["export"]
from pathlib import Path

import numpy as np

# %% [markdown]
# ## 1. Check your tools
#
# TinyTorch needs Python 3.11 and NumPy 2.0, or newer. Is `"3.9"` newer than `"3.11"`? As text it
# is, letter by letter, because `9` comes after `1`. As a version it is older: versions are
# compared number by number. Python compares tuples just like that.
#
# **Exercise.** Turn the text of a version into a tuple of its first two numbers, whole numbers:
# `"2.10.1"` gives `(2, 10)`. What follows behind a second dot does not matter.

# %% [markdown]
# <details><summary>Hint 1: where to begin</summary>
#
# A text can be taken apart at a character: `"2.10.1".split(".")` is a list of three texts. Which
# of them do you need?
#
# </details>
#
# <details><summary>Hint 2: texts are not numbers</summary>
#
# The parts are still texts, and `"10"` is not `10`. `int("10")` makes a whole number of one. With
# `[:2]` behind the list you keep its first two parts, and whatever stands behind them is left alone.
#
# </details>
#
# <details><summary>Hint 3: nearly there</summary>
#
# Name the two parts, then return a tuple of two numbers:
#
# ```python
# major, minor = text.split(".")[:2]
# return ..., ...
# ```
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "version", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
def version_numbers(text: str) -> tuple[int, int]:
    """Return the first two numbers of a version: (2, 10) for "2.10.1"."""
    ### BEGIN SOLUTION
    major, minor = text.split(".")[:2]
    return int(major), int(minor)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-version", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_rng = check.rng("version")
_triples = [[int(_x) for _x in _rng.integers(10, 99, size=3)] for _ in range(6)]


def _of(form):
    return [version_numbers(form.format(*numbers)) for numbers in _triples]


# rests on: Turn the text of a version into a tuple of its first two numbers
check("versions of three numbers", lambda: _of("{}.{}.{}"))
check("versions of two numbers", lambda: _of("{}.{}"))
check("versions that end in 0", lambda: _of("{}.{}0"))
check("versions that begin with 0", lambda: _of("0.{}.{}"))
check(
    "versions of small numbers", version_numbers, cases={"3.9.18": ("3.9.18",), "3.0.1": ("3.0.1",)}
)
# rests on: What follows behind a second dot does not matter.
check(
    "versions with more behind",
    _of,
    cases={"rc1.dev2": ("{}.{}.{}rc1.dev2",), ".post": ("{}.{}.post{}",)},
)
# rests on: into a tuple of its first two numbers, whole numbers: `"2.10.1"` gives `(2, 10)`
check("a tuple of whole numbers, as Python prints it", lambda: str(_of("{}.{}.{}")))
# rests on: versions are compared number by number. Python compares tuples just like that.
_versions = [f"{a % 3}.{b}.{c}" for a, b, c in _triples]
_versions += [f"{a % 3}.{b % 10}" for a, b, c in _triples]
check("versions in order", lambda: sorted(_versions, key=version_numbers))
### END HIDDEN TESTS
numbers = version_numbers("2.10.1")
assert numbers == (2, 10), f"2.10.1: expected (2, 10), got {numbers}"
assert version_numbers("3.9.18") < version_numbers("3.11.2"), "3.9.18 should be older than 3.11.2"
print("version_numbers works")

# %%
for name, found, needed in (
    ("Python", platform.python_version(), "3.11"),
    ("NumPy", np.__version__, "2.0"),
):
    fine = version_numbers(found) >= version_numbers(needed)
    print(f"{name} {found}:", "fine" if fine else f"please install {needed} or newer")

# %% [markdown]
# ## 2. Randomness that you can repeat
#
# A network starts from random numbers and sees its images in random order. That is good, until you
# look for a mistake in it: then you want the same numbers again. A random generator produces a
# sequence that only *looks* random. The **seed** says which sequence.
#
# All of TinyTorch draws from one generator. It lives in a variable of this module, and
# `generator()` returns it. Until somebody sets a seed, it is different in every run.
#
# **Exercise.** Write `manual_seed`, named as in PyTorch. It makes a new generator with
# `np.random.default_rng(seed)`, stores it in `_generator`, where `generator()` finds it, and
# returns it. A seed is a whole number, 0 or larger. (`global` is there because a function that
# assigns to a variable of the module has to say so.) Python's `random` and NumPy's `np.random` have
# generators of their own: they are somebody else's, so leave them alone.

# %% [markdown]
# <details><summary>Hint 1: what should change</summary>
#
# `generator()` returns whatever `_generator` holds. So `manual_seed` has to put something new there.
# The line with `global` is given: an assignment below it reaches the variable of the module.
#
# </details>
#
# <details><summary>Hint 2: what to put there</summary>
#
# `np.random.default_rng(seed)` makes a new generator, which draws the same sequence for the same
# seed. Assign it to `_generator`. Nothing of `random` or `np.random` needs to be seeded.
#
# </details>
#
# <details><summary>Hint 3: nearly there</summary>
#
# Two lines. The first one is this, with the seed in its place:
#
# ```python
# _generator = np.random.default_rng(...)
# ```
#
# The second returns the generator that you have just stored.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "seed", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
_generator = np.random.default_rng()


def generator() -> np.random.Generator:
    """Return the generator that every random number of the framework comes from."""
    return _generator


def manual_seed(seed: int) -> np.random.Generator:
    """Start the framework's random numbers from `seed`, and return the generator."""
    global _generator
    ### BEGIN SOLUTION
    _generator = np.random.default_rng(seed)
    return _generator
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-seed", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
import random as _random

from grading import check

_rng = check.rng("seed")
_seed, _other = (int(_x) for _x in _rng.choice(100_000, size=2, replace=False))
_large = _seed + 2**40


def _drawn(seed):
    manual_seed(seed)
    return generator().normal(scale=_other + 1, size=5)


def _draw_on():
    manual_seed(_seed)
    first = generator().integers(1000, size=4)
    return [first, generator().integers(1000, size=4)]


def _numpys_own():
    np.random.seed(_other)  # noqa: NPY002
    manual_seed(_seed)
    return np.random.random(3)  # noqa: NPY002


def _pythons_own():
    _random.seed(_other)
    manual_seed(_seed)
    return [_random.random() for _ in range(3)]


# rests on: It makes a new generator with `np.random.default_rng(seed)`
check("a seed says which numbers come", _drawn, cases={"one seed": (_seed,), "another": (_other,)})
check(
    "the same seed starts the same sequence again",
    _drawn,
    cases={"once": (_seed,), "again": (_seed,)},
)
check("the sequence goes on from call to call", _draw_on)
# rests on: A seed is a whole number, 0 or larger.
check("seed 0 is a seed like any other", _drawn, cases={"once": (0,), "again": (0,)})
check(
    "every digit of a large seed counts",
    _drawn,
    cases={"a large seed": (_large,), "another": (_large + 2**20,)},
)
# rests on: stores it in `_generator`, where `generator()` finds it, and returns it.
check("the generator that comes back is set too", lambda: manual_seed(_other).normal(size=4))
check(
    "the returned generator is the one the framework draws from",
    {
        "numbers of the one returned": lambda: manual_seed(_seed).integers(1000, size=3),
        "the framework's next numbers": lambda: generator().integers(1000, size=3),
    },
)
# rests on: they are somebody else's, so leave them alone.
check("NumPy's own random state is left alone", lambda: [_numpys_own(), _drawn(_seed)])
check("Python's own random state is left alone", lambda: [_pythons_own(), _drawn(_seed)])
### END HIDDEN TESTS
manual_seed(7)
first = generator().integers(100, size=5).tolist()
manual_seed(7)
again = generator().integers(100, size=5).tolist()
assert first == again, f"the same seed gave {first}, then {again}"
assert manual_seed(7) is generator(), "manual_seed should return the generator that it has set"
assert manual_seed(8).integers(100, size=5).tolist() != first, f"another seed gave {first} as well"
print("seed 7 gives", first, "every time")

# %% [markdown]
# ## 3. First look at the digits
#
# Beside this notebook lies `data/digits.npz`: 10,000 **images** of handwritten digits, scanned in
# grey, 28 by 28 pixels each. Each has a **label**, which says what it shows: one of ten **classes**,
# 0 to 9. They are from MNIST, the data set on which generations of networks took their first steps.
# Yours will too. The loader is given.


# %% nbgrader={"grade": false, "grade_id": "digits", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["export"]
def load_digits(path: str | Path = "data/digits.npz") -> tuple[np.ndarray, np.ndarray]:
    """Return images, float32 (N, 1, 28, 28) from 0 (paper) to 1 (ink), and labels, int64 (N,)."""
    if not Path(path).is_file():
        raise FileNotFoundError(
            f"there is no {path} in {Path.cwd()}: it comes with the assignment, "
            "so keep the notebook in the folder it was handed out in"
        )
    with np.load(path) as digits:
        images = digits["images"].astype(np.float32) / 255
        return images, digits["labels"].astype(np.int64)


# %%
images, labels = load_digits()
print("images", images.shape, images.dtype, "from", images.min(), "to", images.max())
print("labels", labels.shape, labels.dtype, "beginning with", labels[:12])

figure, panels = plt.subplots(2, 12, figsize=(9, 1.8), layout="constrained")
for i, panel in enumerate(panels.flat):
    panel.imshow(images[i, 0], cmap="gray_r")
    panel.set_title(labels[i], fontsize=9)
    panel.axis("off")
tinytorch.show(
    figure,
    "Two rows of twelve handwritten digits, dark ink on white paper, each with its label above it: "
    f"{', '.join(str(label) for label in labels[:24])}.",
)

# %% [markdown]
# The shape `(10000, 1, 28, 28)` reads: images, channels, rows, columns. Grey images have one
# channel, colour images three. PyTorch uses this order, and so do we.
#
# ## 4. The average digit
#
# What does a 3 look like? Every writer has an answer. Average all of them.
#
# **Exercise.** Write `mean_images`: for every digit 0, 1, …, 9, the mean of the images with that
# label. `images[labels == 3]` are the threes. Keep the axes of an image: from (N, 1, 28, 28) to
# (10, 1, 28, 28). Images and labels belong to the caller: they stay as they were.

# %% [markdown]
# <details><summary>Hint 1: one digit first</summary>
#
# Begin with the threes. `labels == 3` is an array of truths, and `images[labels == 3]` are the images
# for which it is true. What is their mean image?
#
# </details>
#
# <details><summary>Hint 2: which axis</summary>
#
# The images are numbered along axis 0, and that is the axis that should disappear: `.mean(axis=0)`.
# All other axes stay, whatever they are. Do this for each `digit in range(10)`.
#
# </details>
#
# <details><summary>Hint 3: nearly there</summary>
#
# Collect the ten means in a list, in order. `np.stack` makes one array of equal arrays in a list:
#
# ```python
# means = []
# for digit in range(10):
#     means.append(...)
# return np.stack(means)
# ```
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "mean-images", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
def mean_images(images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the mean image of each digit 0 to 9: (10, ...) from images (N, ...)."""
    ### BEGIN SOLUTION
    return np.stack([images[labels == digit].mean(axis=0) for digit in range(10)])
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-mean-images", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_rng = check.rng("mean-images")
_labels = _rng.permutation(np.repeat(np.arange(10), _rng.integers(1, 6, size=10)))
_images = _rng.uniform(size=(len(_labels), 1, 4, 3)).astype(np.float32)
_colours = _rng.uniform(size=(len(_labels), 3, 2, 2))
_bytes = _rng.integers(256, size=(len(_labels), 1, 4, 3)).astype(np.uint8)
_twice = np.repeat(np.arange(len(_labels)), 1 + np.arange(len(_labels)) % 3)


def _without_nines():
    means = mean_images(_images[_labels < 9], _labels[_labels < 9])
    return [means.shape, means[:9]]


def _after():
    images, labels = _images.copy(), _labels.copy()
    mean_images(images, labels)
    return [images, labels]


# rests on: for every digit 0, 1, …, 9, the mean of the images with that label
check("the mean of each digit", lambda: mean_images(_images, _labels), dtype=False)
check(
    "the order of the digits",
    lambda: mean_images(_images[::-1], _labels[::-1])[:, 0, 0, 0],
    dtype=False,
)
check(
    "the mean of the real digits", lambda: mean_images(*load_digits())[:, :, ::3, ::3], dtype=False
)
check("the mean of whole numbers", lambda: mean_images(_bytes, _labels), dtype=False)
check(
    "images that are there more than once",
    lambda: mean_images(_images[_twice], _labels[_twice]),
    dtype=False,
)
check("nine of the digits, and a place for the tenth", _without_nines, dtype=False)
# rests on: Keep the axes of an image
# rests on: Return the mean image of each digit 0 to 9: (10, ...) from images (N, ...).
check("images with three channels", lambda: mean_images(_colours, _labels), dtype=False)
check("rows of numbers", lambda: mean_images(_colours[:, 0, 0], _labels), dtype=False)
# rests on: Images and labels belong to the caller: they stay as they were.
check(
    "the images stay as they were",
    lambda: [*_after(), mean_images(_images, _labels)[3]],
    dtype=False,
)
### END HIDDEN TESTS
two_each = np.arange(20.0).reshape(20, 1, 1, 1)
means = mean_images(two_each, np.arange(20) % 10)
assert means.shape == (10, 1, 1, 1), f"expected the shape (10, 1, 1, 1), got {means.shape}"
assert means.ravel().tolist() == list(range(5, 15)), f"expected 5 to 14, got {means.ravel()}"
print("mean_images works")

# %%
means = mean_images(images[:5000], labels[:5000])
figure, panels = plt.subplots(1, 10, figsize=(9, 1.1), layout="constrained")
for digit, panel in enumerate(panels):
    panel.imshow(means[digit, 0], cmap="gray_r")
    panel.axis("off")
tinytorch.show(
    figure,
    "The mean images of the ten digits, 0 to 9, in a row. All are blurred and can still be read: "
    "the 0 is a clear ring, while the 4 and the 9 look much alike.",
)

# %% [markdown]
# ## 5. Your first classifier
#
# A new image arrives. Which of the ten means is it nearest to? The distance of two images: subtract
# pixel from pixel, square, and add up. The smallest distance is the guess. What guesses the class of
# an image is a **classifier**.
#
# **Exercise.** Write `nearest_mean`. A loop over the ten means is fine; `np.argmin` finds the
# smallest. Images and means belong to the caller again.

# %% [markdown]
# <details><summary>Hint 1: one mean first</summary>
#
# Take a single mean. `images - mean` subtracts it from every image at once, without a loop of yours.
# What is left of the recipe is to square and to add up.
#
# </details>
#
# <details><summary>Hint 2: one number for each image</summary>
#
# The squares have the shape of `images`. To add up what belongs to one image, lay each image flat:
# `.reshape(len(images), -1)` has one row for each image, and `.sum(axis=1)` adds up each row.
#
# </details>
#
# <details><summary>Hint 3: nearly there</summary>
#
# Collect the distances to all means in a list, one array of (N,) for each mean:
#
# ```python
# distances = []
# for mean in means:
#     squares = (images - mean) ** 2
#     distances.append(...)
# ```
#
# The list is then like a table of (K, N). Along which axis should `np.argmin` look for the smallest?
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "nearest-mean", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
def nearest_mean(images: np.ndarray, means: np.ndarray) -> np.ndarray:
    """Return, for every image of (N, ...), the index of the nearest mean of (K, ...), as (N,)."""
    ### BEGIN SOLUTION
    distances = []
    for mean in means:
        squares = (images - mean) ** 2
        distances.append(squares.reshape(len(images), -1).sum(axis=1))
    return np.argmin(distances, axis=0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-nearest-mean", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_rng = check.rng("nearest-mean")
_images, _means = _rng.uniform(size=(40, 1, 5, 4)), _rng.uniform(size=(10, 1, 5, 4))
_three_means = _means[:3] * np.array([0.6, 1.0, 1.5]).reshape(3, 1, 1, 1)
_close_means = 0.5 + 1e-3 * _means  # they differ in the fourth digit
_colours, _coloured_means = _rng.uniform(size=(40, 3, 3, 2)), _rng.uniform(size=(6, 3, 3, 2))
_distances = _rng.permuted(np.tile([1.0, 1.0002, 1.0004, 1.0006], (8, 1)), axis=1)
_distances = _distances.reshape(8, 4, 1, 1, 1)


def _nearly_as_near():
    around = _images[:8, None] + _distances * _means[:8, None]
    return [nearest_mean(_images[i : i + 1], around[i]) for i in range(8)]


def _after():
    images, means = _images.copy(), _means.copy()
    return [nearest_mean(images, means), images, means]


# rests on: subtract pixel from pixel, square, and add up. The smallest distance is the guess.
check("the nearest of ten means", lambda: nearest_mean(_images, _means), dtype=False)
check("dark means are not nearer", lambda: nearest_mean(_images * 0.3, _three_means), dtype=False)
check("far images", lambda: nearest_mean(_images * 9 - 4, _means), dtype=False)
check(
    "means that hardly differ",
    lambda: nearest_mean(0.5 + 1e-3 * _images, _close_means),
    dtype=False,
)
check("pixels up to 255", lambda: nearest_mean(255 * _images, 255 * _means), dtype=False)
check("four means at nearly the same distance", _nearly_as_near, dtype=False)
# rests on: for every image of (N, ...), the index of the nearest mean of (K, ...), as (N,)
check("the nearest of three means", lambda: nearest_mean(_images, _three_means), dtype=False)
check("as many images as means", lambda: nearest_mean(_images[:10], _means), dtype=False)
check("images in colour", lambda: nearest_mean(_colours, _coloured_means), dtype=False)
check(
    "a single image, and a single mean",
    {
        "one image": lambda: nearest_mean(_images[:1], _means),
        "one mean": lambda: nearest_mean(_images, _means[5:6]),
    },
)
check("the guesses are indices: they pick means", lambda: _means[nearest_mean(_images, _means)])
# rests on: Images and means belong to the caller again.
check("images and means stay as they were", _after, dtype=False)
# rests on: Which of the ten means is it nearest to?
check.accuracy(
    "digits that the notebook has not seen",
    lambda: nearest_mean(check.images("digits"), mean_images(*load_digits())),
    at_least=0.74,
)
### END HIDDEN TESTS
black, white = np.ones((1, 1, 2, 2)), np.zeros((1, 1, 2, 2))
guesses = nearest_mean(np.concatenate([0.9 * black, 0.2 * black]), np.concatenate([white, black]))
assert guesses.tolist() == [1, 0], f"dark is 1 and light is 0: expected [1, 0], got {guesses}"
print("nearest_mean works")

# %% [markdown]
# ## See it work
#
# The means come from the first 5,000 images, the **training set**. The fair question is how good the
# guesses are on images that had no part in it: the other 5,000 are the **test set**. The fraction of
# right guesses is the **accuracy**. Guessing blindly would be right once in ten times.

# %%
new_images, new_labels = images[5000:], labels[5000:]
guesses = nearest_mean(new_images, means)
print(f"accuracy {(guesses == new_labels).mean():.1%} on 5,000 test images")

manual_seed(1)
wrong = generator().choice(np.flatnonzero(guesses != new_labels), size=12, replace=False)
figure, panels = plt.subplots(1, 12, figsize=(9, 1.2), layout="constrained")
for i, panel in zip(wrong, panels, strict=True):
    panel.imshow(new_images[i, 0], cmap="gray_r")
    panel.set_title(f"{new_labels[i]}, not {guesses[i]}", fontsize=8)
    panel.axis("off")
mistakes = ", ".join(f"a {new_labels[i]} read as {guesses[i]}" for i in wrong)
tinytorch.show(
    figure,
    "A row of twelve handwritten digits from the test set that the nearest mean got wrong; above "
    f"each are its label and the guess: {mistakes}.",
)

# %% [markdown]
# Four in five, without any learning: this is your **baseline**, the simple method that a clever one
# has to beat. Your network of assignment 07 will beat it, and your CNN of assignment 08 will leave
# it far behind.
#
# ## What it costs
#
# From here on, each notebook measures what its work costs in memory and in time. First of all: what
# does one number cost? The pixels of the ten mean images, once as numbers of Python's in a list, and
# once in an array of NumPy's.

# %%
import sys
from time import perf_counter


def nanoseconds(work, amount, times=7):
    """Return the time for each of an amount of numbers: the fastest of several runs."""
    seconds = []
    for _ in range(times):
        began = perf_counter()
        work()
        seconds.append(perf_counter() - began)
    return min(seconds) / amount * 1e9


pixels = means.ravel().astype(np.float64)
listed = pixels.tolist()
size = {
    "list": sys.getsizeof(listed) / len(listed) + sys.getsizeof(listed[0]),
    "float64": pixels.itemsize,
    "float32": pixels.astype(np.float32).itemsize,
    "uint8": pixels.astype(np.uint8).itemsize,
}
speed = {
    "loop over\na list": nanoseconds(lambda: sum([p * p for p in listed]), len(listed)),
    "NumPy": nanoseconds(lambda: (pixels * pixels).sum(), len(listed)),
}
figure, panels = plt.subplots(1, 2, figsize=(9, 2.4), layout="constrained")
for panel, values, unit in zip(panels, (size, speed), ("bytes", "nanoseconds"), strict=True):
    bars = panel.bar(list(values), list(values.values()), color="tab:blue")
    panel.bar_label(bars, fmt="{:.3g}")
    panel.set(ylabel=f"{unit} a number", yticks=[])
    panel.margins(y=0.2)
tinytorch.show(
    figure,
    "Two bar charts. On the left the bytes of one number: "
    f"{', '.join(f'{value:.0f} in {name}' for name, value in size.items())}. On the right the time "
    f"to square a number and add it up: {' and '.join(f'{v:.2g} nanoseconds' for v in speed.values())}, "
    "by a loop over a list and by NumPy.",
)
loop, whole = speed.values()
print(f"a list needs {size['list'] / size['float32']:.0f} times the memory of float32;")
print(f"on this computer its loop took {loop / whole:.0f} times as long as NumPy")

# %% [markdown]
# In a list, each number is an object of its own, with its type and a count of who uses it, and the
# list holds only its address. An array holds bare numbers side by side. That saves memory, and one
# call of NumPy's works through all of them without asking each for its type.
#
# ## In the real world
#
# PyTorch has `torch.manual_seed(seed)`, which seeds its default generator and returns it, as
# yours does. Torchvision has `datasets.MNIST`: the same digits, 60,000 to learn from and 10,000 to
# be tested on. And every paper worth reading compares with a simple baseline such as your nearest
# mean.
#
# MNIST was put together in the 1990s from the handwriting of employees of the US Census Bureau and of
# high-school students: training on one and testing on the other had been too hard. To read on:
#
# - R. Fisher: *The use of multiple measurements in taxonomic problems*. Annals of Eugenics 7, 1936.
#   Classifying flowers by their means, long before there were computers to do it.
# - Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: *Gradient-based learning applied to document
#   recognition*. Proceedings of the IEEE 86, 1998. It presents MNIST and compares many classifiers.
#
# ## Think
#
# You write in a report: "My network is right for 91.3 % of the test images." A friend runs your
# notebook and finds 90.8 %. What would you change in the notebook so that both of you find the same
# number? And is that number then all that the report should say about how good the network is?

# %% [markdown] nbgrader={"grade": true, "grade_id": "think", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# (1 point) Call `manual_seed` with a fixed seed before the first random number is drawn, let
# everything draw from `generator()`, and run all cells from the top, in order, with the same versions
# and data.
#
# (2 points) No. One seed shows one run, perhaps a lucky one: the difference of half a percentage
# point is what chance does here (1). So train with several seeds and report the mean and the spread;
# never choose the seed that gives the best result (1).
# ### END SOLUTION

# %% [markdown]
# ## Next: something to hold numbers
#
# Your classifier works on NumPy arrays, and NumPy does everything you ask of it. But it forgets at
# once how a number was computed. A framework that can *learn* has to know that: which sums and
# products led to this guess, and how would it change if an input did?
#
# We need something of our own to hold numbers: an array that can remember where its numbers come
# from. That is the *tensor* of assignment 02.
#
# Keep what you wrote: save the notebook, then run the last cell. It starts your own framework, the
# folder `../my_tinytorch`, with your module `setup`. Each assignment adds one.

# %%
import tinytorch

tinytorch.export_mine("01_setup")
