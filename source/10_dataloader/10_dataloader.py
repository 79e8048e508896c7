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
# # 10 · Data loader
#
# ## Where we are
#
# `train_epoch` of 09 is right. What is slow is to feed it one image at a time: it changes 825,290
# parameters for the sake of each. Today you serve images a hundred at a time, as a **mini-batch**:
# a small part of the data set, for which one step is taken. The model stays, the optimizer stays,
# the loop stays, and the same training runs more than twenty times faster. It is the last piece of
# TinyTorch.
#
# You use `tinytorch.training`, the work of assignment 09. Plan about two hours.
#
# `tinytorch.check()` in a cell of its own lists what this notebook will be graded by, and what its
# visible tests say so far.

# %%
import tinytorch

tinytorch.use_mine(False)  # True: build on the modules that you exported from earlier notebooks

# %%
import time

import matplotlib.pyplot as plt
from tinytorch.losses import cross_entropy
from tinytorch.optimizers import Adam
from tinytorch.setup import manual_seed
from tinytorch.spatial import CNN
from tinytorch.training import Trainer, duration, load_cifar10, train_epoch

images, labels, names = load_cifar10("train")
images -= 0.47  # about the mean of such images,
images /= 0.25  # and about their spread
cifar10 = list(zip(images, labels.tolist(), strict=True))
manual_seed(0)
model = CNN()
start = time.perf_counter()
train_epoch(model, Adam(model.parameters()), cifar10[:200])
slow_pace = 200 / (time.perf_counter() - start)
print(f"one by one: {slow_pace:.0f} images a second, 50,000 take {duration(50_000 / slow_pace)}")

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["export"]
from collections.abc import Iterator
from operator import index
from typing import Any

import numpy as np
from tinytorch.setup import generator as course_generator
from tinytorch.tensor import Tensor, from_numpy

# %% [markdown]
# ## 1. What a data set is
#
# Something with a length, and with a sample at every index: `dataset[i]` is a tuple such as
# (image, class). A list of pairs is one already. A **batch** of samples is a tuple as well, whose
# parts have gained a first axis: N images `(3, 32, 32)` become `(N, 3, 32, 32)`, and N classes
# become an array `(N,)`. Every mini-batch is such a batch, and most people just say batch.
#
# ### Exercise: `collate`
#
# Write `collate(samples)`, which stacks samples into a batch: images on images, classes on classes,
# for any number of parts. A part is a Tensor, an array or a number. Stacked floats, single numbers
# such as 0.5 too, become a Tensor of the dtype they had (Python's 0.5 is a float64); everything
# else, such as class numbers, stays an array, of its own dtype as well. `np.asarray` takes the data
# out of a Tensor, and `wrap` decides what a stacked part becomes. `zip(*samples)` turns N samples
# of two parts into two parts of N.


# %% nbgrader={"grade": false, "grade_id": "helpers", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["export"]
def wrap(array: np.ndarray) -> Tensor | np.ndarray:
    """Make a Tensor of floats, without a copy; class numbers stay an array."""
    return from_numpy(array) if array.dtype.kind == "f" else array


def require_tuples(samples: list[Any]) -> None:
    """Raise a TypeError unless every sample is a tuple (or a list) of parts."""
    for sample in samples:
        if not isinstance(sample, (tuple, list)):
            kind = type(sample).__name__
            raise TypeError(f"a sample is a tuple such as (image, label) or (x,), got {kind}")


# %% [markdown]
# <details><summary>Hint 1: where to begin</summary>
#
# `zip(*samples)` gives you one tuple for each part: first all images, then all classes. You make one
# batch part of each of them.
#
# </details>
#
# <details><summary>Hint 2: one part</summary>
#
# `np.asarray` takes the data out of a Tensor and makes arrays of numbers. `np.stack` puts a list of
# equal shapes on a new first axis. `wrap` decides what it becomes.
#
# </details>
#
# <details><summary>Hint 3: nearly there</summary>
#
# For one `part`:
#
# ```
# wrap(np.stack([np.asarray(one) for one in part]))
# ```
#
# Do that for each part of `zip(*samples)`, and return a tuple.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "collate", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]


def collate(samples: list[tuple[Any, ...]]) -> tuple[Any, ...]:
    """Stack samples into a batch: each part of it has a new first axis, of length N."""
    require_tuples(samples)
    ### BEGIN SOLUTION
    parts = zip(*samples, strict=True)
    return tuple(wrap(np.stack([np.asarray(one) for one in part])) for part in parts)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-collate", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_rng = check.rng("collate")
_a, _t = _rng.normal(size=(5, 2, 3)), _rng.integers(0, 9, size=5)


def _samples(kind=Tensor, dtype=np.float64, size=5):
    """Return (image, label) samples whose images are of this kind."""
    return [(kind(x.astype(dtype)), int(y)) for x, y in zip(_a[:size], _t, strict=False)]


def _kinds(batch):
    return [type(batch).__name__, *[type(part).__name__ for part in batch]]


# rests on: images on images, classes on classes, for any number of parts
check("tensors and class numbers", lambda: collate(_samples()))
check("arrays become a tensor", lambda: collate(_samples(np.asarray)))
check("three parts", lambda: collate([(x, y, x[0] * 2) for x, y in _samples(np.asarray)]))
check("one part", lambda: collate([(x,) for x, _ in _samples()]))
# rests on: each part of it has a new first axis, of length N
check("one sample is a batch of one", lambda: collate(_samples(size=1)))
# rests on: single numbers such as 0.5 too, become a Tensor of the dtype they had
check("float32 stays float32", lambda: collate(_samples(np.asarray, np.float32))[0])
check(
    "numbers with a point become a Tensor",
    lambda: collate([(y, float(x[0, 0])) for x, y in zip(_a, _t, strict=True)]),
)
# rests on: everything else, such as class numbers, stays an array
_whole_numbers = {
    "arrays of whole numbers": lambda: collate([(np.arange(3) * y, x) for x, y in _samples()]),
    "yes and no": lambda: collate([(x, y > 4) for x, y in _samples()]),
    "images of bytes": lambda: collate(_samples(np.asarray, np.uint8)),
    "short class numbers": lambda: collate([(x, np.int16(y)) for x, y in _samples()]),
}
check("whole numbers, yes and no stay arrays", _whole_numbers)
# rests on: A **batch** of samples is a tuple as well
check("a batch is a tuple", lambda: _kinds(collate(_samples())))
### END HIDDEN TESTS
x, y = collate([(Tensor([1.0, 2.0]), 7), (Tensor([3.0, 4.0]), 0), (Tensor([5.0, 6.0]), 1)])
assert isinstance(x, Tensor), f"stacked floats should be a Tensor, got {type(x).__name__}"
assert x.shape == (3, 2), f"three samples of shape (2,): expected shape (3, 2), got {x.shape}"
assert isinstance(y, np.ndarray), f"stacked classes should be an array, got {type(y).__name__}"
assert y.tolist() == [7, 0, 1], f"expected [7, 0, 1], got {y.tolist()}"
print("collate works")

# %% [markdown]
# ## 2. All in two arrays
#
# If all images are in one array, there is nothing to stack: `images[[5, 2, 7]]` is a batch already.
# So a `Dataset` has a method `batch(indices)` that may know a short cut. Without one, it collates.
#
# ### Exercise: `TensorDataset`
#
# Write `TensorDataset(*parts)`. It keeps its parts, be they Tensors, arrays or lists, as arrays of
# the same dtype that each one had (`np.asarray` takes the data out of a Tensor). If they are not
# equally long, it raises a `ValueError` that names all the lengths. `dataset[i]` is a tuple, with a
# Tensor for floats. For `batch`, one look into each array will do; what comes out is the same as
# from `collate`, and a copy: who changes a batch does not change the dataset.

# %% [markdown]
# <details><summary>Hint 1: where to begin</summary>
#
# `__init__` keeps a list of arrays, one for each part. The other three methods only look into it.
#
# </details>
#
# <details><summary>Hint 2: lengths</summary>
#
# Collect `len(array)` of each array in a list. A `set` of this list has more than one entry if they
# differ: then raise the `ValueError`, with the list in its message.
#
# </details>
#
# <details><summary>Hint 3: nearly there</summary>
#
# A sample is a tuple with one entry of each array:
#
# ```
# tuple(wrap(array[index]) for array in ...)
# ```
#
# NumPy takes an array of indices in the same place as a single index, so `batch(indices)` is
# `self[indices]`.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "dataset", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
class Dataset:
    """Samples with numbers: `dataset[i]` is a tuple such as (image, label)."""

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__} has no length yet")

    def __getitem__(self, index: Any) -> tuple[Any, ...]:
        raise NotImplementedError(f"{type(self).__name__} has no samples yet")

    def batch(self, indices: np.ndarray) -> tuple[Any, ...]:
        """Return several samples as one: each part gets a new first axis."""
        return collate([self[index] for index in indices])


class TensorDataset(Dataset):
    """A dataset of tensors and arrays of equal length: sample i is the i-th entry of each."""

    def __init__(self, *parts: Any) -> None:
        """Keep the parts as arrays; they must be equally long."""
        ### BEGIN SOLUTION
        self.arrays = [np.asarray(part) for part in parts]
        lengths = [len(array) for array in self.arrays]
        if len(set(lengths)) != 1:
            raise ValueError(f"the parts must be equally long, got lengths {lengths}")
        ### END SOLUTION

    def __len__(self) -> int:
        ### BEGIN SOLUTION
        return len(self.arrays[0])
        ### END SOLUTION

    def __getitem__(self, index: Any) -> tuple[Any, ...]:
        ### BEGIN SOLUTION
        return tuple(wrap(array[index]) for array in self.arrays)
        ### END SOLUTION

    def batch(self, indices: np.ndarray) -> tuple[Any, ...]:
        """Return several samples, picked from each part in one go."""
        ### BEGIN SOLUTION
        return self[indices]
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-dataset", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_rng = check.rng("dataset")
_a, _t = _rng.normal(size=(9, 2, 3)), _rng.integers(0, 9, size=9)
_n, _f = int(_rng.integers(20, 90)), _a.astype(np.float32)


_bytes = (10 * _a).astype(np.uint8)


class _Squares(Dataset):
    """A dataset that knows no short cut."""

    def __len__(self):
        return _n

    def __getitem__(self, index):
        return Tensor(_a[0, 0] * float(index)), int(index) ** 2


def _lengths(*lengths):
    return len(TensorDataset(*(np.zeros((length, _n)) for length in lengths)))


def _named(function, *numbers):
    """Call what should refuse; return each number if the error names it."""
    try:
        function()
    except ValueError as error:
        return {
            f"length {i}": n if str(n) in str(error) else None for i, n in enumerate(numbers, 1)
        }


def _after_a_change(indices):
    """Change all numbers of a batch; return the same batch once more."""
    dataset = TensorDataset(_a.copy(), _t.copy())
    x, y = dataset.batch(np.array(indices))
    x.data[...] = 0
    y[...] = 0
    return dataset.batch(np.array(indices))


_unequal = {
    "equal": (_n, _n),
    "one longer": (_n, _n + 1),
    "three equal": (_n, _n, _n),
    "the third shorter": (_n, _n, 1),
    "only one part": (_n + 2,),
    "the first shorter": (1, _n),
}
# rests on: Something with a length, and with a sample at every index
check("how many samples there are", lambda: [_lengths(_n, _n), len(TensorDataset(_t))])
check("a sample", lambda: [TensorDataset(_a, _t)[int(i)] for i in _t])
check("a sample counted from the end", lambda: TensorDataset(_a, _t)[-1 - int(_t[0])])
# rests on: It keeps its parts, be they Tensors, arrays or lists, as arrays of the same dtype
check("float32 stays float32", lambda: TensorDataset(_f, _t)[3])
check("parts of all kinds", lambda: TensorDataset(Tensor(_a), _t.tolist(), _f)[2])
check(
    "bytes stay bytes",
    {
        "a sample": lambda: TensorDataset(_bytes, _t)[4],
        "a batch": lambda: TensorDataset(_bytes, _t).batch(_t),
    },
)
# rests on: `dataset[i]` is a tuple, with a Tensor for floats
check(
    "samples of single numbers",
    {
        "a float": lambda: TensorDataset(_a[:, 0, 0], _t)[int(_t[1])],
        "a float32": lambda: TensorDataset(_t, _f[:, 1, 1])[int(_t[2])],
    },
)
check(
    "a sample and a batch are tuples",
    lambda: _kinds(TensorDataset(_a, _t)[2]) + _kinds(TensorDataset(_a).batch(_t)),
)
# rests on: each part gets a new first axis
check("a batch", lambda: TensorDataset(_a, _t).batch(_t))
check("a batch of one", lambda: TensorDataset(_a, _t).batch(np.array([int(_t[0])])))
check("a batch of three parts", lambda: TensorDataset(_a, _t, _a[:, 0]).batch(_t[:4]))
check("a batch of a dataset without a short cut", lambda: _Squares().batch(_t))
# rests on: who changes a batch does not change the dataset
check(
    "a batch that is changed",
    {"neighbours": lambda: _after_a_change([3, 4, 5]), "others": lambda: _after_a_change(_t[:4])},
)
# rests on: If they are not equally long, it raises a `ValueError` that names all the lengths.
check.outcomes("refuses parts of unequal length, and only those", _lengths, _unequal)
check("the error names the lengths", lambda: _named(lambda: _lengths(123, 45, 678), 123, 45, 678))
### END HIDDEN TESTS
dataset = TensorDataset(np.arange(12.0).reshape(4, 3), [7, 0, 1, 9])
assert len(dataset) == 4, f"expected 4 samples, got {len(dataset)}"
x, y = dataset[1]
assert x.tolist() == [3.0, 4.0, 5.0] and y == 0, f"sample 1: expected [3, 4, 5] and 0, got {x}, {y}"
x, y = dataset.batch(np.array([3, 1]))
assert x.shape == (2, 3), f"a batch of two: expected shape (2, 3), got {x.shape}"
assert y.tolist() == [9, 0], f"samples 3 and 1: expected classes [9, 0], got {y}"
print("TensorDataset works")

# %% [markdown]
# ## 3. The loader
#
# `for x, y in loader` serves the whole data set once, in batches. With `shuffle=True` it comes in a
# new order every time, each sample exactly once, image and class together. Otherwise the same
# samples would share a batch in every epoch, and the order itself would leave its mark.
#
# 2,000 samples in batches of 128 are 15 full batches and one of 80. Nothing is lost, unless
# `drop_last` says so.
#
# ### Exercise: `DataLoader`
#
# Write `__len__` (the number of batches), `order`, and `__iter__`. Ask every `Dataset`,
# a `TensorDataset` or one of somebody's own, for its `batch`; for anything else that has a length and
# samples, such as a list or a tuple, use `collate`.
#
# Make `__iter__` a *generator function*, with `yield`: then every `for` gets an iterator of its
# own, and the loader serves as often as one likes, even two loops at once, each in its own order. A
# batch is made when it is asked for, not before. The random order comes from `self.generator`, or
# if there is none from `course_generator()`, which is `generator()` of 01: `permutation` gives you
# one. Nobody else's random numbers are touched, and without `shuffle` none are drawn at all. The
# dataset is only read; a list may have grown since the last epoch. So ask for its length in each
# epoch anew.

# %% [markdown]
# <details><summary>Hint 1: where to begin</summary>
#
# `divmod(len(self.dataset), self.batch_size)` gives the number of full batches and how many samples
# are left over. One batch more, if there are any and they are not to be dropped.
#
# </details>
#
# <details><summary>Hint 2: the order</summary>
#
# Without `shuffle`, `order` is `np.arange` of the length. With it, it is a `permutation` of the
# length, drawn from `self.generator or course_generator()`.
#
# </details>
#
# <details><summary>Hint 3: nearly there</summary>
#
# In `__iter__` ask for `self.order()` once, before the loop. Batch number `i` is
#
# ```
# indices = order[i * self.batch_size : (i + 1) * self.batch_size]
# ```
#
# for `i` in `range(len(self))`. A `Dataset` gets `self.dataset.batch(indices)`, anything else
# `collate` of a list of its samples. `yield` what comes back.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "loader", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
class DataLoader:
    """Serve a dataset in batches: `for x, y in loader`, as often as one likes."""

    def __init__(
        self,
        dataset: Any,
        batch_size: int = 1,
        shuffle: bool = False,
        drop_last: bool = False,
        generator: np.random.Generator | None = None,
    ) -> None:
        """Choose the batch size, whether to shuffle, and whether a short last batch is left out."""
        if index(batch_size) < 1:
            raise ValueError(f"a batch has at least one sample, got batch_size={batch_size}")
        self.dataset, self.batch_size = dataset, batch_size
        self.shuffle, self.drop_last, self.generator = shuffle, drop_last, generator

    def __len__(self) -> int:
        """Return the number of batches."""
        ### BEGIN SOLUTION
        full, rest = divmod(len(self.dataset), self.batch_size)
        return full + (rest > 0 and not self.drop_last)
        ### END SOLUTION

    def order(self) -> np.ndarray:
        """Return the indices of all samples, in the order in which an epoch serves them."""
        ### BEGIN SOLUTION
        if not self.shuffle:
            return np.arange(len(self.dataset))
        return (self.generator or course_generator()).permutation(len(self.dataset))
        ### END SOLUTION

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        ### BEGIN SOLUTION
        order = self.order()
        for i in range(len(self)):
            indices = order[i * self.batch_size : (i + 1) * self.batch_size]
            if isinstance(self.dataset, Dataset):
                yield self.dataset.batch(indices)
            else:
                yield collate([self.dataset[index] for index in indices])
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-loader", "locked": true, "points": 9, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from itertools import islice

from grading import check

_rng = check.rng("loader")
_n, _seed = int(_rng.integers(50, 60)) * 7 + 3, int(_rng.integers(9999))
_a, _t = _rng.normal(size=(_n, 3)), _rng.permutation(_n)
_data, _few = TensorDataset(_a, _t), TensorDataset(np.arange(10.0), np.arange(10))
_list = [(Tensor(_x), int(_y)) for _x, _y in zip(_a, _t, strict=True)]
_sizes = [1, 7, 64, _n - 1, _n, _n + 1]


class _Own(Dataset):
    """Somebody's own dataset: it writes down what it is asked for, and its batches are special."""

    def __init__(self):
        self.asked = []

    def __len__(self):
        return 20

    def __getitem__(self, index):
        self.asked.append(int(index))
        return _a[int(index)], int(index)

    def batch(self, indices):
        self.asked += [int(index) for index in indices]
        return Tensor(_a[np.asarray(indices)] * 2), np.asarray(indices) + 1000


class _Plain:
    """Samples with a length and an index, and nothing else."""

    def __init__(self):
        self.asked = []

    def __len__(self):
        return 20

    def __getitem__(self, index):
        self.asked.append(int(index))
        return _a[int(index)], int(index)


def _samples(loader, epochs=1):
    """Return what a loader serves, sample by sample: rows of the picture's numbers and the class."""
    rows = []
    for _ in range(epochs):
        for x, y in loader:
            rows += [[*np.ravel(picture), kind] for picture, kind in zip(x.data, y, strict=True)]
    return np.array(rows, dtype=float)


def _classes(loader):
    return [int(kind) for _, y in loader for kind in y]


def _sorted(loader):
    return np.array(sorted(_samples(loader).tolist(), key=lambda row: row[-1]))


def _after_an_epoch(draw, shuffle=True, **options):
    """Serve an epoch, then draw random numbers."""
    np.random.seed(_seed)  # noqa: NPY002
    manual_seed(_seed)
    list(DataLoader(_data, 64, shuffle=shuffle, **options))
    return draw()


def _places(epochs=2500, **options):
    """Return at which place one sample came in many epochs, or -1."""
    loader = DataLoader(_few, 4, shuffle=True, **options)
    epochs = [_classes(loader) for _ in range(epochs)]
    return np.array([[*served, _seed % 10].index(_seed % 10) for served in epochs])


def _same_order(make):
    """Serve from two loaders that were made alike; return what must be the class numbers _t."""
    pairs = zip(_classes(make()), _classes(make()), _t, strict=False)
    return np.array([first - second + t for first, second, t in pairs])


def _seeded():
    manual_seed(_seed)
    return DataLoader(_data, 32, shuffle=True)


def _seeded_later(served):
    """Seed when a loader was made, or served, before; return whether that is where it draws."""
    loader = DataLoader(_data, 32, shuffle=True)
    if served:
        list(loader)
    numbers = []
    for draw in (False, True):
        manual_seed(_seed)
        if draw:
            list(loader)
        numbers.append(course_generator().random())
    return numbers[0] != numbers[1]


def _order(shuffle):
    """Return the order of a loader, sorted, and its difference from what one made alike serves."""
    one, other = (
        DataLoader(_few, 3, shuffle=shuffle, generator=np.random.default_rng(_seed))
        for _ in range(2)
    )
    order = np.asarray(one.order())
    return [np.sort(order), np.arange(10) + order - _classes(other)]


def _kinds_of(dataset):
    return _kinds(next(iter(DataLoader(dataset, 3))))


def _within(loader):
    """Return pairs from a loop within a loop over the same loader, and what it serves after."""
    pairs = [(x[0], z[-1]) for x, _ in islice(loader, 3) for z, _ in loader]
    return [pairs, list(islice(loader, 2)), _samples(loader)]


def _two_shuffled(dataset, **options):
    """Run a loop within a loop, both shuffled; return sorted what each of them served."""
    loader = DataLoader(dataset, 3, shuffle=True, **options)
    outer, inner = [], []
    for _, y in loader:
        outer += [int(kind) for kind in y]
        inner.append(sorted(_classes(loader)))
    return {"the outer loop": sorted(outer), "the inner loops": inner}


def _asked_so_far(dataset):
    """Return which samples were asked for when the first and the second batch had come."""
    batches = iter(DataLoader(dataset, 3))
    return [[next(batches)[1], list(dataset.asked)] for _ in range(2)]


def _grown():
    """Serve a list, let it grow, serve it again."""
    growing = _list[:5]
    loader = DataLoader(growing, 2)
    first = _classes(loader)
    growing += _list[5:10]
    return [first, _classes(loader), len(loader)]


def _loose(**options):
    return DataLoader(_data, 64, shuffle=True, **options)


def _read_only():
    """Serve shuffled epochs; return the dataset and the list afterwards."""
    samples = list(_list)
    list(_loose()), list(DataLoader(samples, 7, shuffle=True))
    return {"arrays": _data.batch(np.arange(_n)), "list": [y for _, y in samples]}


_own = {"generator": np.random.default_rng(_seed)}
# rests on: Return the number of batches.
check(
    "how many batches there are",
    {f"{_n} samples by {k}": lambda k=k: len(DataLoader(_data, k)) for k in _sizes},
)
# rests on: whether a short last batch is left out
check(
    "how many full batches there are",
    {f"{_n} samples by {k}": lambda k=k: len(DataLoader(_data, k, drop_last=True)) for k in _sizes},
)
check(
    "drop_last leaves the short batch out", lambda: _samples(DataLoader(_data, 64, drop_last=True))
)
check(
    "drop_last keeps a full batch",
    {
        f"10 by {k}": lambda k=k: _classes(DataLoader(_few, k, drop_last=True))
        for k in (2, 5, 10, 4, 11)
    },
)
check.distribution("drop_last with shuffle leaves others out", lambda: _places(drop_last=True))
# rests on: 2,000 samples in batches of 128 are 15 full batches and one of 80.
check("batches in order, the last one short", lambda: list(DataLoader(_data, 64)))
check("batches of one", lambda: list(islice(DataLoader(_data), 3)))
check("everything in one batch", lambda: [list(DataLoader(_data, n)) for n in (_n, 2 * _n)])
# rests on: A **batch** of samples is a tuple as well
check(
    "each batch is a tuple",
    {"a Dataset": lambda: _kinds_of(_few), "a list": lambda: _kinds_of(_list)},
)
# rests on: for any number of parts
check(
    "batches of other than two parts",
    {
        "one part": lambda: list(DataLoader(TensorDataset(_a[:20]), 8)),
        "three parts": lambda: list(DataLoader(TensorDataset(_a, _t, _a[:, 0]), 100)),
        "a list of one part": lambda: list(DataLoader([(x,) for x, _ in _list[:9]], 4)),
    },
)
# rests on: Return the indices of all samples, in the order in which an epoch serves them.
check(
    "the order",
    {"in order": lambda: _order(False), "shuffled": lambda: _order(True)},
)
# rests on: for anything else that has a length and samples, such as a list or a tuple, use `collate`
check("a list of samples", lambda: list(DataLoader(_list, 64)))
check("a tuple of samples", lambda: list(DataLoader(tuple(_list[:9]), 4)))
check("whatever has a length and samples", lambda: list(DataLoader(_Plain(), 6)))
# rests on: Ask every `Dataset`, a `TensorDataset` or one of somebody's own, for its `batch`
check("a dataset of one's own is asked for its batch", lambda: list(DataLoader(_Own(), 6)))
# rests on: A batch is made when it is asked for, not before.
check(
    "batches are made when they are asked for",
    {"a Dataset": lambda: _asked_so_far(_Own()), "samples": lambda: _asked_so_far(_Plain())},
)
# rests on: it comes in a new order every time, each sample exactly once, image and class together
check("shuffled, every sample comes once", lambda: _sorted(_loose()))
check("shuffled with a generator, every sample comes once", lambda: _sorted(_loose(**_own)))
check("shuffled lists stay paired", lambda: _sorted(DataLoader(_list, 64, shuffle=True)))
check.distribution("a new order every time", _places)
check.distribution("a new order every time with a generator", lambda: _places(**_own))
# rests on: The random order comes from `self.generator`, or if there is none from `course_generator()`
check("the same seed, the same order", lambda: _same_order(_seeded))
check(
    "a seed that is set after the loader was made",
    {"before it serves": lambda: _seeded_later(False), "later": lambda: _seeded_later(True)},
)
check(
    "the same generator, the same order",
    lambda: _same_order(lambda: _loose(generator=np.random.default_rng(_seed))),
)
# rests on: the loader serves as often as one likes, even two loops at once, each in its own order
check("epochs and loops within loops", lambda: _within(DataLoader(_data, 50)))
check("as often as one likes", lambda: _samples(DataLoader(_data, 64), epochs=3))
check(
    "two shuffled loops at once",
    {
        "a Dataset": lambda: _two_shuffled(_few),
        "a list": lambda: _two_shuffled(_list[:8]),
        "with a generator": lambda: _two_shuffled(_few, generator=np.random.default_rng(_seed)),
    },
)
# rests on: Nobody else's random numbers are touched
check("NumPy's own random numbers stay", lambda: _after_an_epoch(lambda: np.random.random(3)))  # noqa: NPY002
check(
    "the course's random numbers stay when there is a generator",
    lambda: _after_an_epoch(
        lambda: course_generator().random(3), generator=np.random.default_rng(1)
    ),
)
# rests on: without `shuffle` none are drawn at all
check(
    "without shuffle no random number is drawn",
    lambda: _after_an_epoch(lambda: course_generator().random(3), shuffle=False),
)
# rests on: The dataset is only read; a list may have grown since the last epoch.
check("the dataset stays in order", _read_only)
check("a list that has grown", _grown)
### END HIDDEN TESTS
loader = DataLoader(TensorDataset(np.arange(10.0), np.arange(10)), batch_size=4)
assert len(loader) == 3, f"10 samples in batches of 4: expected 3 batches, got {len(loader)}"
sizes = [len(y) for x, y in loader]
assert sizes == [4, 4, 2], f"expected batches of 4, 4 and 2, got {sizes}"
assert [len(y) for x, y in loader] == sizes, "a second loop should get the same batches"
loader = DataLoader(loader.dataset, batch_size=4, shuffle=True)
first, second = ([int(i) for x, y in loader for i in y] for epoch in range(2))
assert sorted(first) == list(range(10)), f"every sample once: got {sorted(first)}"
assert first != second or len(loader) != 3, "two epochs should come in different orders"
print("DataLoader works: one epoch", first, "and another", second)

# %% [markdown]
# ## 4. The loop, once more
#
# `train_epoch` of 09 takes batches as they are: `for x, y in loader` works, and so does `len`. So
# write the loop from memory, without the bar: training mode first, for all the modules inside, then
# for each batch the usual lines: clear the gradients, compute the loss, go backwards, take a step. You
# will write it in every framework.
#
# The model takes N images at once, `cross_entropy` the mean over them, and there is **one**
# backward and **one** step for all. A loop over the N samples inside would give the same numbers and
# none of the speed: NumPy must get the batch as a whole. That is vectorisation, over samples this
# time. It is still stochastic gradient descent: the mean over a mini-batch is an estimate of the
# gradient over all samples, and a less noisy one.
#
# ### Exercise: `train_epoch_fast`
#
# Write `train_epoch_fast(model, optimizer, dataloader)`. As in 09, gradients go to the optimizer as
# they are, without clipping, and you return the mean loss over all samples, which is NaN if any
# loss was: the last batch is shorter, so it must not count as much as the others. Count the samples
# as they come: with `drop_last`, a loader serves fewer than its dataset holds.

# %% [markdown]
# <details><summary>Hint 1: where to begin</summary>
#
# It is `train_epoch` of 09, without the bar: training mode, two sums, a loop over
# `batch_x, batch_y`, and five lines in it.
#
# </details>
#
# <details><summary>Hint 2: the mean</summary>
#
# `cross_entropy` gives the mean over a batch, and the last batch is shorter. Multiply each loss by
# `len(batch_y)` before you add it up.
#
# </details>
#
# <details><summary>Hint 3: nearly there</summary>
#
# ```
# loss = cross_entropy(model(batch_x), batch_y)
# ```
#
# comes after `zero_grad`, and before `backward` and `step`. Then
# `total += loss.item() * len(batch_y)`, and the count grows by as much. Return `total / count`.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "fast", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_epoch_fast(model, optimizer, dataloader):
    """Take one step for each batch; return the mean loss over samples."""
    ### BEGIN SOLUTION
    model.train()
    total = count = 0.0
    for batch_x, batch_y in dataloader:
        optimizer.zero_grad()
        loss = cross_entropy(model(batch_x), batch_y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(batch_y)
        count += len(batch_y)
    return total / count
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-fast", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check
from tinytorch import optimizers as _optimizers
from tinytorch.layers import Module, Parameter

_rng = check.rng("fast")
_w, _b, _v = _rng.normal(size=(3, 4)), _rng.normal(size=(23, 4)), _rng.integers(0, 3, size=23)


class _Loader:
    """Serves samples in order as a DataLoader does, whatever became of yours."""

    def __init__(self, samples, batch_size, scale=1.0, drop_last=False):
        self.dataset = [(Tensor(_b[i] * scale), int(_v[i])) for i in range(samples)]
        self.batch_size, self.scale, self.drop_last = batch_size, scale, drop_last
        self.served = samples - (samples % batch_size if drop_last else 0)

    def __len__(self):
        return -(-self.served // self.batch_size)

    def __iter__(self):
        for i in range(0, self.served, self.batch_size):
            end = min(i + self.batch_size, self.served)
            yield Tensor(_b[i:end] * self.scale), _v[i:end]


class _Moody(Module):
    """Doubles in training mode and halves otherwise."""

    def forward(self, x):
        return x * (2.0 if self.training else 0.5)


class _Model(Module):
    """Scores of three classes, in which the model and a module inside it look at their mode."""

    def __init__(self):
        self.weight, self.inside = Parameter(_w), [_Moody()]

    def forward(self, x):
        return self.inside[0](x @ self.weight.T) * (3.0 if self.training else 1.0)


class _Chatty(_optimizers.SGD):
    """SGD that writes down the gradient of each step."""

    def update(self, values, grad, state):
        self.grads = [*getattr(self, "grads", []), grad * 1.0]
        super().update(values, grad, state)


def _fast(size, before=lambda model: None, make=_optimizers.SGD, samples=23, **options):
    """Train a fresh model for an epoch; return the mean loss, the weights and the optimizer."""
    model = _Model()
    before(model)
    optimizer = make(model.parameters(), lr=0.3)
    loss = train_epoch_fast(model, optimizer, _Loader(samples, size, **options))
    return loss, model.weight, optimizer


def _loss(*args, **options):
    return _fast(*args, **options)[0]


def _weights(*args, **options):
    return _fast(*args, **options)[1]


def _old_gradients(model):
    cross_entropy(model(Tensor(_b)) * 3.0, _v).backward()


def _of_each(f, values, **options):
    return {f"batches of {value}": lambda v=value: f(v, **options) for value in values}


# rests on: there is one backward and one step for all
check("a step for every batch", _of_each(_weights, (1, 4, 23)))
check("a step for every batch, with Adam", lambda: _weights(6, make=Adam))
check("gradients from before do not count", lambda: _weights(23, _old_gradients))
# rests on: gradients go to the optimizer as they are
check(
    "gradients large and small",
    {
        f"scores times {k:g}": lambda k=k: _fast(9, make=_Chatty, scale=k)[2].grads
        for k in (1e4, 1.0, 1e-4)
    },
    atol=0,
)
# rests on: return the mean loss over all samples, which is NaN if any loss was: the last batch is
#   shorter
check("a short last batch counts for less", _of_each(_loss, (20, 22, 9)), rtol=1e-7)
check("the mean loss of batches of one size", _of_each(_loss, (7, 3), samples=21), rtol=1e-7)
check(
    "a loss of NaN is seen",
    lambda: _loss(5, scale=np.where(np.arange(4) == 2, np.nan, 1.0)) + _w[0, 0],
)
# rests on: with `drop_last`, a loader serves fewer than its dataset holds
check("a loader that drops its last batch", _of_each(_loss, (5, 9), drop_last=True), rtol=1e-7)
# rests on: training mode first, for all the modules inside
check(
    "training mode, whatever was before",
    {
        "all in eval mode": lambda: _fast(5, lambda model: model.eval())[:2],
        "a module inside in eval mode": lambda: _fast(5, lambda model: model.inside[0].eval())[:2],
    },
)
### END HIDDEN TESTS
dataset = TensorDataset(images[:320], labels[:320])
results = []
for epoch in (train_epoch, train_epoch_fast):
    manual_seed(0)
    cnn = CNN(filters=2, hidden=8)
    loader = DataLoader(dataset, batch_size=128)
    options = {"show": False} if epoch is train_epoch else {}
    results.append(epoch(cnn, Adam(cnn.parameters()), loader, **options))
close = abs(results[0] - results[1]) < 1e-3
assert close, f"train_epoch of 09 gives {results[0]:.4f}, yours {results[1]:.4f}"
print(f"train_epoch_fast works: mean loss {results[1]:.4f}, as with train_epoch")

# %% [markdown]
# And now the clock. The same CNN and the same Adam, one by one and by 128. After you submit, this is
# measured once more, and at least **twenty times** faster is wanted.

# %% nbgrader={"grade": true, "grade_id": "test-speed", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_rng = check.rng("speed")
_images = _rng.normal(size=(512, 3, 32, 32)).astype(np.float32)
_classes = _rng.integers(0, 10, size=512)
manual_seed(int(_rng.integers(9999)))
_cnn = CNN()
_start = [_p.data.copy() for _p in _cnn.parameters()]


def _drawn(seed):
    """Return images and classes of one stretch's own, and with what weights its network begins."""
    rng = np.random.default_rng(seed)
    order, by = rng.permutation(512)[:256], rng.uniform(0.8, 1.2, size=7).astype(np.float32)
    for parameter, values, factor in zip(_cnn.parameters(), _start, by[1:], strict=True):
        np.multiply(values, factor, out=parameter.data)
    begun = [parameter.data.copy() for parameter in _cnn.parameters() if parameter.size < 10_000]
    return _images[order] * by[0], rng.permutation(10)[_classes[order]], begun


def _learned(loss, begun):
    """Return the loss, and of each small parameter how far its numbers moved."""
    now = [parameter.data for parameter in _cnn.parameters() if parameter.size < 10_000]
    return [loss, *(1000 * abs(a - b).mean() for a, b in zip(now, begun, strict=True))]


def _one_by_one(seed):
    images, classes, begun = _drawn(seed)
    pairs = [(Tensor(image), int(kind)) for image, kind in zip(images, classes, strict=True)]
    return _learned(train_epoch(_cnn, Adam(_cnn.parameters()), pairs, show=False), begun)


def _batched(seed):
    images, classes, begun = _drawn(seed)
    loader = DataLoader(TensorDataset(images, classes), batch_size=128)
    return _learned(train_epoch_fast(_cnn, Adam(_cnn.parameters()), loader), begun)


# rests on: at least twenty times faster is wanted
check.speedup("batches against one by one", slow=_one_by_one, fast=_batched, at_least=20, rounds=3)
### END HIDDEN TESTS
manual_seed(0)
model = CNN()
optimizer = Adam(model.parameters())
loader = DataLoader(TensorDataset(images[:2048], labels[:2048]), batch_size=128, shuffle=True)
start = time.perf_counter()
loss = train_epoch_fast(model, optimizer, loader)
pace = len(loader.dataset) / (time.perf_counter() - start)
assert 0 < loss < 4, f"a mean loss between 0 and 4 was expected, got {loss}"
print(f"one by one {slow_pace:.0f} images a second, in batches of 128 {pace:.0f}", end=": ")
print(f"{pace / slow_pace:.0f} times as many")

# %% [markdown]
# ## See it work
#
# Once more the training of 09, one by one, on the same images: watch it for twenty seconds. Then the
# next cell does the same by 128, and draws its curve beside that one.

# %%
manual_seed(0)
model = CNN()
one_by_one = tinytorch.watch(cifar10, cross_entropy, passes=3, seconds=20)
loss = train_epoch(model, Adam(model.parameters()), one_by_one, one_by_one.loss, show=False)

# %%
manual_seed(0)
model = CNN()
optimizer = Adam(model.parameters())
loader = DataLoader(TensorDataset(images, labels), batch_size=128, shuffle=True)
batched = tinytorch.watch(loader, cross_entropy, passes=3, seconds=90, beside=one_by_one)
loss = train_epoch(model, optimizer, batched, batched.loss, show=False)

# %%
for name, watched in (("one by one", one_by_one), ("in batches", batched)):
    print(
        f"{name}: {watched.images:,} images in {watched.spent:.1f} s, {watched.pace:,.0f} a second"
    )
print(f"all {batched.total:,} one by one: {duration(batched.total / one_by_one.pace)}")

# %% [markdown]
# In blue the batches, in orange one by one. Image for image, the batches learn clearly less, since
# they take one step where the other takes 128; second for second, they are far ahead.
#
# How large should a batch be? Here are the images per second, from one by one upwards.

# %%
sizes, paces = [1, 2, 4, 8, 16, 32, 64, 128, 256], []
for size in sizes:
    some = TensorDataset(images[: 50 * size], labels[: 50 * size])
    if size > 16:
        some = TensorDataset(images[:1024], labels[:1024])
    start = time.perf_counter()
    train_epoch_fast(model, optimizer, DataLoader(some, size))
    paces.append(len(some) / (time.perf_counter() - start))
figure, panel = plt.subplots(figsize=(6, 2.8), layout="constrained")
panel.plot(sizes, paces, "o-", label="in batches")
panel.axhline(slow_pace, color="tab:orange", linestyle="--", label="assignment 09")
panel.set(xscale="log", yscale="log", xlabel="batch size", ylabel="images per second")
panel.set_xticks(sizes, sizes, minor=False)
panel.minorticks_off()
panel.legend()
tinytorch.show(
    figure,
    "A curve of images per second over the batch size. It rises steeply from "
    f"{paces[0]:.0f} at batch size 1, then less and less, to {paces[-1]:.0f} at {sizes[-1]}. A "
    f"dashed line shows assignment 09, at {slow_pace:.0f}.",
)
print(f"50,000 images: {duration(50_000 / slow_pace)} one by one, ", end="")
print(f"{duration(50_000 / paces[-2])} in batches of 128")

# %% [markdown]
# At first a batch of twice the size is nearly twice as fast: what a step costs hardly depends on
# how many images take part. Further on, the arithmetic of the images themselves dominates.
#
# Now for what one by one would take far too long for: five epochs of all the images there are, with
# the `Trainer` that you wrote for single samples. Nothing is chosen by the results here, so it may
# show the accuracy on the test set; to try several settings, keep a validation set aside.

# %%
test_images, test_labels, _ = load_cifar10("test")
test_images = (test_images - 0.47) / 0.25
train = DataLoader(TensorDataset(images, labels), batch_size=128, shuffle=True)
test = DataLoader(TensorDataset(test_images, test_labels), batch_size=250)
manual_seed(0)
model = CNN()
trainer = Trainer(model, Adam(model.parameters()))
start = time.perf_counter()
history = trainer.fit(train, epochs=5, test=test)
print(f"{5 * len(images):,} images in {duration(time.perf_counter() - start)}; ", end="")
print(f"one by one it would have taken {duration(5 * len(images) / slow_pace)}")
for epoch, entry in enumerate(history, 1):
    print(f"epoch {epoch}: loss {entry['loss']:.3f}, test accuracy {entry['accuracy']:.1%}")

# %%
guesses = model(Tensor(test_images[:20])).data.argmax(axis=1)
figure, panels = plt.subplots(2, 10, figsize=(9, 2.4), layout="constrained")
for panel, image, guess, label in zip(panels.flat, test_images, guesses, test_labels, strict=False):
    panel.imshow(np.clip(image * 0.25 + 0.47, 0, 1).transpose(1, 2, 0))
    wrong = {} if guess == label else {"color": "tab:orange", "fontweight": "bold"}
    panel.set_title(names[guess], fontsize=8, **wrong)
    panel.axis("off")
seen = [
    f"{names[label]} as {names[guess]}" for guess, label in zip(guesses, test_labels, strict=False)
]
tinytorch.show(
    figure,
    "Twenty small colour images from the test set with the guess of the CNN above each, in bold "
    f"orange where it is wrong. In order, class and guess: {', '.join(seen)}.",
)

# %% [markdown]
# ## What it costs
#
# Since 01 you have measured one part after another. Here is a whole step as one picture: for one
# image and for 128, where the time of a step goes, from the loader to the optimizer, and how much
# memory each part holds.


# %%
def step_costs(size, steps=15):
    """Return the milliseconds and the megabytes of each part of a step with batches of a size."""
    net = CNN()
    adam, spent = Adam(net.parameters()), np.zeros((steps, 4))
    batches = iter(DataLoader(TensorDataset(images, labels), size))
    for one in range(steps):
        moments = [time.perf_counter()]
        x, y = next(batches)
        moments.append(time.perf_counter())
        adam.zero_grad()
        loss = cross_entropy(net(x), y)
        moments.append(time.perf_counter())
        loss.backward()
        moments.append(time.perf_counter())
        adam.step()
        moments.append(time.perf_counter())
        spent[one] = 1000 * np.diff(moments)
    kept, out = 0, x
    for layer in net.layers:
        out = layer(out)
        kept += out.data.nbytes
    numbers = sum(parameter.data.nbytes for parameter in net.parameters())
    held = {"batch": x.data.nbytes, "activations": kept, "parameters": numbers}
    held |= {"gradients": numbers, "Adam": 2 * numbers}
    parts = ("loader", "forward", "backward", "update")
    times = dict(zip(parts, np.median(spent, axis=0), strict=True))
    return times, {name: amount / 1e6 for name, amount in held.items()}


figure, panels = plt.subplots(1, 2, figsize=(8, 2.6), layout="constrained")
told = []
for panel, title, which in zip(panels, ("ms a step", "MB a step"), (0, 1), strict=True):
    for place, (size, color) in enumerate(((1, "tab:orange"), (128, "tab:blue"))):
        costs = step_costs(size)[which]
        at = np.arange(len(costs)) + 0.4 * place
        panel.barh(at, list(costs.values()), 0.38, color=color, label=f"batches of {size}")
        numbers = ", ".join(f"{part} {amount:.2g}" for part, amount in costs.items())
        told.append(f"{title}, batches of {size}: {numbers}")
    panel.set_yticks(at - 0.2, list(costs))
    panel.set(xlabel=title)
    panel.invert_yaxis()
panels[0].legend(fontsize=8)
tinytorch.show(
    figure,
    "Two bar charts of a whole step, with batches of 1 and of 128 side by side. " + "; ".join(told),
)
print("\n".join(told))

# %% [markdown]
# The update costs the same for one image as for 128, in time and in memory: it goes by parameters.
# Forward and backward, the batch and what is kept of it grow with the number of images. So a step for
# one image is nearly all update, and the larger the batch, the more of its time is spent on images.
# In memory the parameters dominate here, four numbers for each of them with Adam; in a deep network,
# with large images, it is what `forward` keeps.
#
# ## In the real world
#
# `torch.utils.data` has `Dataset`, `TensorDataset` and `DataLoader` with your names and options, and
# `collate_fn` is your `collate`. Theirs also reads ahead in other processes (`num_workers`), since
# images come from disk as JPEG and must be decoded, cropped and flipped while the GPU computes. On
# a GPU batches are not a convenience: it has thousands of arithmetic units to keep busy.
#
# How large may a batch be? In 2017 a group at Facebook trained on ImageNet in one hour instead of
# days, on 256 GPUs with batches of 8,192: the learning rate grew with the batch, after a gentle
# start. To read on:
#
# - L. Bottou, F. Curtis, J. Nocedal: *Optimization methods for large-scale machine learning*. SIAM
#   Review 60, 2018. Why a few samples a step are enough, with all the proofs.
# - P. Goyal, P. Dollár, R. Girshick and others: *Accurate, large minibatch SGD: training ImageNet in
#   1 hour*. 2017, arXiv:1706.02677.
#
# ## Think
#
# Suppose that batches of 4,096 cost no more per image than those of 128. Why would hardly anybody
# begin with them? Count the steps of an epoch of 50,000. And what would you see in the learning
# curves if the images were sorted by class, and `shuffle` forgotten?

# %% [markdown] nbgrader={"grade": true, "grade_id": "think", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# (1 point) An epoch of 50,000 images has 391 steps with batches of 128 and 13 with batches of 4,096.
#
# (1 point) The gradient of the larger batch is less noisy, but not thirty times better: for the same
# number of images the parameters move much less, unless the learning rate is raised too, and that
# has a limit. It also needs thirty times the memory for what backward keeps. One reason is enough.
#
# (1 point) Sorted by class, nearly every batch holds a single class. The model learns "always this
# one", then forgets it for the next. The training loss is low within a class and jumps at each change;
# its mean looks too good, while the accuracy on the test set stays near a tenth: mostly the model
# answers the last class.
# ### END SOLUTION

# %% [markdown]
# ## Your own framework
#
# Until now you worked with modules that were handed out. Save this notebook, and put together the ten
# that **you** wrote. The first cell exports today's. The second trains XOR, the MLP and the CNN of the
# course on nothing but your own modules, and writes a page about them beside this notebook:
# `my_framework.html`. If something is missing, it says what. It takes a minute or two; the button
# Interrupt ends it. In a terminal, `python -m tinytorch` does the same.

# %%
import tinytorch

tinytorch.export_mine("10_dataloader")

# %%
tinytorch.finale()

# %% [markdown]
# ## TinyTorch on one page
#
# | | module | what it gave you |
# |---|---|---|
# | 01 | `setup` | random numbers that can be repeated, the digits |
# | 02 | `tensor` | `Tensor`, and the one dispatch for every operation |
# | 03 | `activations` | `ReLU` and others: functions that are not linear |
# | 04 | `layers` | `Module`, `Linear`, `Sequential`, `MLP`: parameters with names |
# | 05 | `losses` | `cross_entropy` and others: how wrong, in one number |
# | 06 | `autograd` | backpropagation: all gradients for the price of a few losses |
# | 07 | `optimizers` | `SGD`, `Adam`: gradient descent |
# | 08 | `spatial` | `Conv2d`, `MaxPool2d`, `CNN`: convolution, for images |
# | 09 | `training` | `train_epoch`, `evaluate`, `Trainer`: the loop, once and well |
# | 10 | `dataloader` | `DataLoader`: mini-batches, and more than twenty times the speed |

# %%
from pathlib import Path

total = 0
for file in sorted(set(Path("tinytorch").glob("[a-z]*.py")) - {Path("tinytorch/milestones.py")}):
    lines = sum(bool(line.strip()) for line in file.read_text().splitlines())
    total += lines
    print(f"{file.stem:12} {lines:4} lines")
print(f"{'together':12} {total:4} lines, without today's")

# %% [markdown]
# ## Next: the world
#
# That is a deep-learning framework, and there is nothing in it that you do not understand. PyTorch
# has the same parts under the same names, so its documentation reads like a list of old friends.
# What it has beyond yours: kernels for GPUs behind the same dispatch that your `Function.apply` is;
# compilers that fuse many small operations into one; training spread over many machines, by adding
# up gradients. And more layers, though fewer than one might think: a transformer is `Linear`,
# `Softmax`, a sum here and there, and `cross_entropy` at the end. You could write one tonight.
