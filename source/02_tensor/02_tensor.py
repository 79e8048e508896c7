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
# # 02 · Tensor
#
# ## Where we are
#
# In 01 you classified digits with plain NumPy arrays. Now you build what all of TinyTorch is made
# of: the **tensor**, an array of numbers that knows arithmetic, matrix products, reductions,
# shapes and indexing. At the end, one matrix product classifies 5,000 digits. You use
# `tinytorch.setup`, the work of assignment 01. Plan about two and a half hours.
#
# `tinytorch.check()` in a cell of its own lists what this notebook will be graded by, and what its
# visible tests say so far.

# %%
import tinytorch

tinytorch.use_mine(False)  # True: build on the modules that you exported from earlier notebooks

# %%
import matplotlib.pyplot as plt
from tinytorch.setup import load_digits, mean_images, nearest_mean

images, labels = load_digits()
means = mean_images(images[:5000], labels[:5000])
guesses = nearest_mean(images[5000:], means)
print(f"accuracy of the nearest mean: {(guesses == labels[5000:]).mean():.1%} of 5,000 test images")

# %% [markdown]
# ## One dispatch for every operation
#
# An operation is a small object. Its `forward` takes arrays and returns an array. `apply`
# dispatches every operation: it takes the arrays out of the tensors, runs `forward`, and wraps the
# result. In assignment 06 a recorder will sit in this dispatch and write down what passed: learning
# begins there. Read `apply`; the rest of the cell helps it.

# %% nbgrader={"grade": false, "grade_id": "function", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["export"]
from collections.abc import Iterator
from typing import Any

import numpy as np

Axis = int | tuple[int, ...] | None


class Function:
    """One operation on arrays; every operation of the framework passes through `apply`."""

    recorder: Any = None  # assignment 06 plugs in what writes down every operation
    fits: str = ""  # which shapes would fit, for the error message

    def __init__(self, **options: Any) -> None:
        vars(self).update(options)  # so that Sum(axis=0).axis is 0

    def forward(self, *arrays: Any) -> np.ndarray:
        """Compute the result: arrays in, array out."""
        raise NotImplementedError(f"{type(self).__name__} has no forward yet")

    def explain(self, error: ValueError, arrays: list[np.ndarray]) -> ValueError:
        """Say which shapes met and which would have fit, if `fits` knows."""
        shapes = " and ".join(str(array.shape) for array in arrays)
        message = f"{type(self).__name__} of shapes {shapes}: {self.fits}"
        return ValueError(message) if self.fits else error

    @classmethod
    def apply(cls, *inputs: Any, **options: Any) -> "Tensor":
        """Take the arrays out of the inputs, run `forward`, and make the result a Tensor."""
        tensors = [x if isinstance(x, Tensor) else as_tensor(x, inputs) for x in inputs]
        op, arrays = cls(**options), [x.data for x in tensors]
        try:
            out = from_numpy(op.forward(*arrays))
        except ValueError as error:
            raise op.explain(error, arrays) from None
        if Function.recorder is not None:
            Function.recorder.record(op, tensors, out)
        return out


def as_tensor(value: Any, beside: tuple[Any, ...] = ()) -> "Tensor":
    """Make a Tensor of an operand; a number takes the dtype of the Tensor it stands beside."""
    if isinstance(value, (int, float, np.number)):
        for other in beside:
            if isinstance(other, Tensor) and other.dtype.kind == "f":
                return Tensor(value, dtype=other.dtype)
    elif not isinstance(value, (np.ndarray, list, tuple)):
        raise TypeError(f"expected a Tensor, an array or a number, got {type(value).__name__}")
    return Tensor(value)


def from_numpy(array: Any) -> "Tensor":
    """Wrap an array in a Tensor without copying it."""
    tensor = Tensor.__new__(Tensor)
    tensor.data = np.asarray(array)
    return tensor


# %% [markdown]
# ## 1. The tensor
#
# Most of the class is given: its methods only dispatch an operation, and `help(Tensor.exp)` tells
# what one does. `t > 0` and `t == u` are NumPy arrays of truths, so `if t == u:` is an error unless
# there is one number only; that one has `float(t)` and `f"{t:.2f}"`. **Exercise.** Write
# `__init__`. It sets `self.data` (a NumPy array) and `self.requires_grad`.
#
# - A tensor **owns its numbers**: when the caller's array changes later, nothing changes here.
# - Numbers become **float32**: half the memory of Python's floats, and precise enough to learn
#   with. Two exceptions: an array or a NumPy number that is float64 already stays float64
#   (assignment 06 needs the digits to check its work), and a `dtype` that is given decides.
#
# **Exercise.** For `2 - t`, Python asks the number first, which knows nothing of tensors, and calls
# `t.__rsub__(2)` next. Write it and its three neighbours, one line each: the operation of
# `__sub__`, with the operands in the right order. Sections 2 and 3 test them.

# %% [markdown]
# <details><summary>Hint 1: where to begin</summary>
#
# `__init__` first decides on a dtype, and then makes the array with it. Is a `dtype` given? Then there
# is nothing to decide: `None` means that there is none.
#
# </details>
#
# <details><summary>Hint 2: which dtype, and whose numbers</summary>
#
# Numbers of NumPy's know their dtype, a list or a float of Python's has none:
# `getattr(data, "dtype", None)` is the dtype or `None`, without an error. It can be compared with
# `np.float64`. For the numbers themselves: `np.asarray` may hand back the caller's own array, `np.array`
# makes a copy.
#
# For the neighbours of `__rsub__`, look at `__sub__`, where `self` stands on the left. In `2 - t` it
# stands on the right.
#
# </details>
#
# <details><summary>Hint 3: nearly there</summary>
#
# Three steps, of which the second is yours:
#
# ```python
# if dtype is None:
#     dtype = ...  # np.float64 if data is float64 already, else np.float32
# self.data = np.array(data, dtype=dtype)
# ```
#
# Then store `requires_grad`. For `other - self`, `apply` takes the operands in the order in which they
# are written, from left to right. The four methods differ only in the operation.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "tensor", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
class Tensor:
    """An array of numbers whose every operation passes through `Function.apply`."""

    data: np.ndarray
    requires_grad: bool = False
    grad: "Tensor | None" = None  # this and `creator` are for assignment 06
    creator: Any = None
    __array_ufunc__ = None  # array + tensor is answered by Tensor.__radd__, not by NumPy

    def __init__(self, data: Any, dtype: Any = None, requires_grad: bool = False) -> None:
        """Copy `data`: to `dtype` if it is given, else float64 stays and the rest is float32."""
        ### BEGIN SOLUTION
        if dtype is None:
            dtype = np.float64 if getattr(data, "dtype", None) == np.float64 else np.float32
        self.data = np.array(data, dtype=dtype)
        self.requires_grad = requires_grad
        ### END SOLUTION
        if requires_grad and self.dtype.kind != "f":
            raise RuntimeError(f"only floats can require gradients, not {self.dtype}")

    shape = property(lambda self: self.data.shape, doc="How many numbers along each axis.")
    ndim = property(lambda self: self.data.ndim, doc="How many axes there are.")
    size = property(lambda self: self.data.size, doc="How many numbers there are.")
    dtype = property(lambda self: self.data.dtype, doc="Which kind of numbers they are.")

    def item(self) -> Any:
        """Return the only number, as a Python number."""
        return self.data.item()

    def tolist(self) -> Any:
        """Return the numbers as nested lists."""
        return self.data.tolist()

    def numpy(self) -> np.ndarray:
        """Return the array itself, not a copy."""
        return self.data

    def detach(self) -> "Tensor":
        """Return a tensor of the same array, through which no gradient flows."""
        return from_numpy(self.data)

    __add__: Any = lambda self, other: Add.apply(self, other)
    __sub__: Any = lambda self, other: Subtract.apply(self, other)
    __mul__: Any = lambda self, other: Multiply.apply(self, other)
    __truediv__: Any = lambda self, other: Divide.apply(self, other)
    __pow__: Any = lambda self, other: Power.apply(self, other)
    __matmul__: Any = lambda self, other: MatMul.apply(self, other)
    __radd__, __rmul__ = __add__, __mul__  # for 2 + t and 2 * t, where the order does not matter

    def __rsub__(self, other: Any) -> "Tensor":
        ### BEGIN SOLUTION
        return Subtract.apply(other, self)
        ### END SOLUTION

    def __rtruediv__(self, other: Any) -> "Tensor":
        ### BEGIN SOLUTION
        return Divide.apply(other, self)
        ### END SOLUTION

    def __rpow__(self, other: Any) -> "Tensor":
        ### BEGIN SOLUTION
        return Power.apply(other, self)
        ### END SOLUTION

    def __rmatmul__(self, other: Any) -> "Tensor":
        ### BEGIN SOLUTION
        return MatMul.apply(other, self)
        ### END SOLUTION

    __neg__: Any = lambda self: Negate.apply(self)
    __getitem__: Any = lambda self, key: GetItem.apply(self, key=key)

    def exp(self) -> "Tensor":
        """Return e to the power of every number."""
        return Exp.apply(self)

    def log(self) -> "Tensor":
        """Return the natural logarithm of every number."""
        return Log.apply(self)

    def sqrt(self) -> "Tensor":
        """Return the square root of every number."""
        return Power.apply(self, 0.5)

    def sum(self, axis: Axis = None, keepdims: bool = False) -> "Tensor":
        """Return the sum over `axis`; `keepdims` leaves the axis in place, with size 1."""
        return Sum.apply(self, axis=axis, keepdims=keepdims)

    def amax(self, axis: Axis = None, keepdims: bool = False) -> "Tensor":
        """Return the largest number over `axis`."""
        return Amax.apply(self, axis=axis, keepdims=keepdims)

    def mean(self, axis: Axis = None, keepdims: bool = False) -> "Tensor":
        """Return the mean over `axis`."""
        return mean(self, axis, keepdims)

    def transpose(self, dim0: int, dim1: int) -> "Tensor":
        """Return the tensor with two axes swapped."""
        return Transpose.apply(self, dim0=dim0, dim1=dim1)

    def reshape(self, *shape: Any) -> "Tensor":
        """Return the same numbers in another shape; one size may be -1, which is worked out."""
        return Reshape.apply(self, shape=shape[0] if len(shape) == 1 else shape)

    @property
    def T(self) -> "Tensor":
        """The transpose of a matrix."""
        if self.ndim != 2:
            raise ValueError(f".T needs 2 axes, not shape {self.shape}: use transpose(dim0, dim1)")
        return self.transpose(0, 1)

    def backward(self, grad: Any = None) -> None:
        """Compute the gradients of this tensor; possible from assignment 06 on."""
        if Function.recorder is None:
            raise RuntimeError("nothing recorded how this was computed: see assignment 06")
        Function.recorder.backward(self, grad)

    __eq__: Any = lambda self, other: self.data == np.asarray(other)
    __ne__: Any = lambda self, other: self.data != np.asarray(other)
    __lt__: Any = lambda self, other: self.data < np.asarray(other)
    __le__: Any = lambda self, other: self.data <= np.asarray(other)
    __gt__: Any = lambda self, other: self.data > np.asarray(other)
    __ge__: Any = lambda self, other: self.data >= np.asarray(other)
    __hash__ = object.__hash__  # a tensor is found again as itself, not by its numbers

    def __bool__(self) -> bool:
        if self.size != 1:
            raise ValueError(f"{self.size} numbers are neither true nor false: ask for one of them")
        return bool(self.item())

    __float__: Any = lambda self: float(self.item())
    __format__: Any = lambda self, spec: format(self.item(), spec) if spec else repr(self)

    def __len__(self) -> int:
        return len(self.data)

    def __iter__(self) -> Iterator["Tensor"]:
        return map(self.__getitem__, range(len(self)))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.data, dtype=dtype)

    def __repr__(self) -> str:
        numbers = np.array2string(self.data, separator=", ", precision=4, prefix="tensor(")
        dtype = "" if self.dtype == np.float32 else f", dtype={self.dtype}"
        return f"tensor({numbers}{dtype}{', requires_grad=True' if self.requires_grad else ''})"


# %% nbgrader={"grade": true, "grade_id": "test-tensor", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_rng = check.rng("tensor")
_matrix, _whole = _rng.normal(size=(2, 3)), _rng.integers(-9, 9, size=4)
_number, _half = float(_rng.normal()), _rng.normal(size=5).astype(np.float16)
_flags = [bool(_x) for _x in _rng.permutation([True, True, True, False, False])]
_digits = {"rtol": 1e-12, "atol": 1e-14}  # as many as float64 has


def _after_a_change(array):
    tensor, array[0] = Tensor(array), 100.0
    return tensor.data


def _after_a_change_of_a_tensor(dtype):
    first = Tensor(_matrix, dtype)
    second = Tensor(first)
    first.data[0] = 100.0
    return second.data


def _operands(function, *arrays):
    """Return the operands after a function has been called with them."""
    function(*(tensors := [Tensor(array) for array in arrays]))
    return tensors


# rests on: It sets `self.data` (a NumPy array) and `self.requires_grad`.
check("holds the numbers it is given", lambda: Tensor(_matrix.tolist()).data, dtype=False)
check("holds a single number", lambda: Tensor(_number).data, dtype=False)
check(
    "keeps requires_grad",
    lambda: [one.requires_grad for one in [Tensor(_number, None, flag) for flag in _flags]],
)
# rests on: A tensor **owns its numbers**: when the caller's array changes later
check(
    "owns its numbers",
    {
        "an array of float32": lambda: _after_a_change(_matrix.astype("f4")),
        "an array of float64": lambda: _after_a_change(_matrix.copy()),
        "a tensor of float32": lambda: _after_a_change_of_a_tensor(np.float32),
        "a tensor of float64": lambda: _after_a_change_of_a_tensor(np.float64),
    },
    dtype=False,
)
# rests on: Numbers become **float32**
check(
    "ints and bools become float32",
    Tensor,
    cases={"ints": (_whole,), "bools": (_whole > 0,), "one int": (int(_whole[0]),)},
)
check(
    "lists and floats become float32",
    Tensor,
    cases={"a list": (_matrix.tolist(),), "a float": (_number,), "a tuple": ((1, _number),)},
)
check(
    "other kinds of numbers become float32",
    {
        "float16": lambda: Tensor(_half),
        "a single float16": lambda: Tensor(_half[0]),
        "int8": lambda: Tensor(_whole.astype(np.int8)),
    },
)
# rests on: an array or a NumPy number that is float64 already stays float64
check(
    "float64 stays float64",
    Tensor,
    cases={"an array": (_matrix,), "a NumPy number": (_matrix[0, 1],)},
    **_digits,
)
# rests on: a `dtype` that is given decides.
check(
    "dtype decides",
    {
        "float64 for a list": lambda: Tensor(_matrix.tolist(), np.float64),
        "float32 for float64": lambda: Tensor(_matrix, np.float32),
        "int64 for whole numbers": lambda: Tensor(_whole.tolist(), np.int64),
    },
    **_digits,
)
### END HIDDEN TESTS
numbers = np.array([1.5, 2.5], dtype=np.float32)
t = Tensor(numbers)
numbers[0] = 99.0
assert t.tolist() == [1.5, 2.5], f"after the change: expected [1.5, 2.5], got {t.tolist()}"
for given, wanted in ([1, 2, 3], "float32"), (np.zeros(2), "float64"):
    assert Tensor(given).dtype == wanted, f"{given!r}: expected {wanted}, got {Tensor(given).dtype}"
print("here it is:", Tensor([[1, 2, 3], [4, 5, 6]]))

# %% [markdown]
# ## 2. Number by number
#
# `a + b` adds number to number. The shapes need not be equal, they are **broadcast**: compared
# from the right, sizes must be equal, or one of them 1 (or missing), and that one is stretched.
# So a column `(3, 1)` plus a row `(4,)` is a table `(3, 4)`. NumPy does this for you.
#
# **Exercise.** An operation is a class with a `forward`: arrays in, a new array out, the operands
# untouched. `Add` is given. Write `forward` of `Subtract`, `Multiply`, `Divide` and `Power`, each of
# `a` and `b`, and of `Negate`, `Exp` and `Log`, each of one `a`. A line is enough for every one.
#
# Divide by 0 and the result is infinite; the logarithm of a negative number is `nan`, not a number.
# NumPy may warn, but hand `nan` and infinity on as they are, here and in everything that follows:
# a number that hides them hides the mistake. And clip nothing: float32 goes up to $3 \cdot 10^{38}$.

# %% [markdown]
# <details><summary>Hint 1: look at the one that is given</summary>
#
# `Add` takes two arrays and returns `a + b`, a new array. NumPy broadcasts the shapes, and raises the
# error where they do not fit. For the others only the sign between `a` and `b` is different.
#
# </details>
#
# <details><summary>Hint 2: the operations of one array</summary>
#
# `Negate`, `Exp` and `Log` get one array, so `forward` has one argument `a`. NumPy has `np.exp` and
# `np.log`, and a minus in front of an array turns all of its signs. Nothing else is needed: no loop, no
# clipping, no special case for 0.
#
# </details>
#
# <details><summary>Hint 3: nearly there</summary>
#
# In Python the power of two arrays is `a**b`, and the quotient is `a / b`. Never write `a -= b`: that
# changes the operand itself, which belongs to somebody else. `Add` is the pattern for all:
#
# ```python
# class Negate(Elementwise):
#     def forward(self, a: np.ndarray) -> np.ndarray:
#         return ...
# ```
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "elementwise", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
class Elementwise(Function):
    """An operation number by number: two shapes are broadcast to one."""

    fits = "compared from the right, sizes must be equal or one of them 1"

    def explain(self, error: ValueError, arrays: list[np.ndarray]) -> ValueError:
        """Blame the shapes only if NumPy could not broadcast them."""
        return super().explain(error, arrays) if "broadcast" in str(error) else error


class Add(Elementwise):
    """Add number to number."""

    def forward(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return a + b, a new array."""
        return a + b


class Subtract(Elementwise):
    """Subtract number from number."""

    def forward(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return a - b, a new array."""
        ### BEGIN SOLUTION
        return a - b
        ### END SOLUTION


class Multiply(Elementwise):
    """Multiply number by number."""

    def forward(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return a * b, a new array."""
        ### BEGIN SOLUTION
        return a * b
        ### END SOLUTION


class Divide(Elementwise):
    """Divide number by number."""

    def forward(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return a / b, a new array."""
        ### BEGIN SOLUTION
        return a / b
        ### END SOLUTION


class Power(Elementwise):
    """Raise number to the power of number."""

    def forward(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return a**b, a new array."""
        ### BEGIN SOLUTION
        return a**b
        ### END SOLUTION


class Negate(Elementwise):
    """Turn every sign."""

    def forward(self, a: np.ndarray) -> np.ndarray:
        """Return -a, a new array."""
        ### BEGIN SOLUTION
        return -a
        ### END SOLUTION


class Exp(Elementwise):
    """Raise e to the power of every number."""

    def forward(self, a: np.ndarray) -> np.ndarray:
        """Return e**a, a new array."""
        ### BEGIN SOLUTION
        return np.exp(a)
        ### END SOLUTION


class Log(Elementwise):
    """Take the natural logarithm of every number."""

    def forward(self, a: np.ndarray) -> np.ndarray:
        """Return ln(a), a new array."""
        ### BEGIN SOLUTION
        return np.log(a)
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-arithmetic", "locked": true, "points": 12, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
import operator as _o

from grading import check

_rng = check.rng("arithmetic")
_array, _other = _rng.uniform(0.5, 2, size=(2, 3, 4))
_row, _number_above_2 = _rng.uniform(0.5, 2, size=4), _rng.uniform(2, 3)
_tensor, _tensor32 = Tensor(_array), Tensor(_array.astype("f4"))
_pairs = {"-": _o.sub, "*": _o.mul, "/": _o.truediv, "**": _o.pow}
_singles = {"minus": _o.neg, "exp": Tensor.exp, "log": Tensor.log}
_shapes = [
    (_array, _row),
    (_row, _array),
    (_array, 3),
    (_array, _array[:, :3]),
    (_array[:2], _array),
]
_of_any_size = np.append(_rng.normal(size=31) * 10.0 ** np.arange(-30, 32, 2), 0.0)
_bases, _powers = (
    _rng.permutation([-3.0, -0.5, 0.0, 0.25, 7.0, 1e5]),
    np.array([-2, 0, 0.5, 1, 2, 3]),
)
_extremes = {
    "-": (np.append(_of_any_size, [np.inf, -np.inf]), [np.inf, -np.inf, np.nan, 1e-12]),
    "*": (_of_any_size, [-1e9, np.inf, np.nan, 1e-12]),
    "/": (np.append(_of_any_size, [np.inf, -np.inf]), [-1e-9, 1e12, np.inf, np.nan, 0.0]),
    "**": (_bases, _powers),
    "minus": np.append(_of_any_size, [np.inf, -np.inf, np.nan]),
    "exp": np.array([-700.0, -80, -20, -5, -1e-9, 0, 5, 20, 60, 85, 700, np.inf, -np.inf, np.nan])
    + 0.1 * _number_above_2,
    "log": np.append(np.abs(_of_any_size), [-_number_above_2, -1e-20, 1.001, np.inf, np.nan]),
}
_exact = {"rtol": 1e-9, "atol": 0}


def _all(a, b):
    """Return what all operations give: of a and b, and of the first of them that is a tensor."""
    x = a if isinstance(a, Tensor) else b
    return [*(f(a, b) for f in _pairs.values()), *(f(x) for f in _singles.values())]


def _quietly(function, *arrays):
    """Call a function with tensors, without NumPy's warnings of infinity and nan."""
    with np.errstate(all="ignore"):
        return function(*(Tensor(array) for array in arrays))


def _table(sign):
    column, row = _extremes[sign]
    return _quietly(_pairs[sign], np.reshape(column, (-1, 1)), np.array(row))


def _operand_after_writing(function):
    """Return an operand after another number has been written into what came out."""
    tensor = Tensor(_array)
    function(tensor).data[...] = 100.0
    return tensor.data


# rests on: Write `forward` of `Subtract`, `Multiply`, `Divide` and `Power`, each of
#   `a` and `b`, and of `Negate`, `Exp` and `Log`, each of one `a`
# rests on: hand `nan` and infinity on as they are, here and in everything that follows
# rests on: The shapes need not be equal, they are **broadcast**
# rests on: For `2 - t`, Python asks the number first, which knows nothing of tensors, and calls
#   `t.__rsub__(2)` next. Write it and its three neighbours
for _sign, _f in _pairs.items():
    _of_arrays = lambda a, b, f=_f: f(Tensor(a), Tensor(b))  # noqa: E731
    check(f"a {_sign} b", lambda f=_f: f(_tensor, Tensor(_other)), dtype=False)
    check(f"a {_sign} b: large, tiny, negative, 0", lambda sign=_sign: _table(sign), **_exact)
    check.outcomes(f"a {_sign} b broadcasts, and refuses what does not fit", _of_arrays, _shapes)
    check(
        f"a number {_sign} a tensor", lambda f=_f: f(_number_above_2, Tensor(_array)), dtype=False
    )
    check(
        f"an array {_sign} a tensor",
        _f,
        cases={"an array": (_row, _tensor), "a list": ([_number_above_2], _tensor)},
        dtype=False,
    )
for _name, _f in _singles.items():
    check(
        f"{_name} of numbers",
        _f,
        cases={"about 1": (_tensor,), "about 20": (Tensor(_array * 20),)},
        dtype=False,
    )
    check(
        f"{_name} of numbers: large, tiny, negative, 0",
        lambda f=_f, name=_name: _quietly(f, _extremes[name]),
        **_exact,
    )
check("exp of large float32 numbers", lambda: Tensor(_row.astype("f4") * 40).exp(), atol=0)
check(
    "roots of numbers: large, tiny, negative, 0",
    lambda: _quietly(Tensor.sqrt, np.append(_of_any_size, [np.inf, -np.inf, np.nan])),
    **_exact,
)
check(
    "a negative number, and 0, ** a tensor",
    {
        "a negative number": lambda: (-_number_above_2) ** Tensor([2.0, 3.0, -1.0, 0.0]),
        "0": lambda: 0 ** Tensor([2.0, 1.0, 0.0]),
    },
    dtype=False,
)
# rests on: every operation of the framework passes through `apply`
_reflected = {"number - t": _o.sub, "number / t": _o.truediv, "number ** t": _o.pow}
check(
    "what stands on the left is recorded, and runs again with other numbers",
    {
        name: lambda f=f: check.recorded(
            Function, lambda x: f(_number_above_2, x), [_tensor], [_other]
        )
        for name, f in _reflected.items()
    },
    dtype=False,
)
# rests on: an array or a NumPy number that is float64 already stays float64
check(
    "float64 keeps its digits",
    _all,
    cases={"t and t": (_tensor, _tensor), "t and 0.7": (_tensor, 0.7), "0.7 and t": (0.7, _tensor)},
    **_digits,
)
# rests on: Numbers become **float32**
# rests on: a number takes the dtype of the Tensor it stands beside.
check(
    "float32 stays float32",
    _all,
    cases={
        "t and t": (_tensor32, _tensor32),
        "t and 0.7": (_tensor32, 0.7),
        "0.7 and t": (0.7, _tensor32),
    },
)
# rests on: arrays in, a new array out, the operands untouched.
check(
    "the operands stay as they were",
    _operands,
    cases={
        **{f"a {n} b": (f, _array, _other) for n, f in _pairs.items()},
        **{n: (f, _array) for n, f in _singles.items()},
    },
    dtype=False,
)
check(
    "the result is another array than the operand",
    _operand_after_writing,
    cases={
        "t - 0": (lambda t: t - 0,),
        "t * 1": (lambda t: t * 1,),
        "t / 1": (lambda t: t / 1,),
        "t ** 1": (lambda t: t**1,),
        "1 * t": (lambda t: 1 * t,),
    },
    dtype=False,
)
# rests on: [8, 9] and [2, 3]: expected {wanted}, got {got}
# rests on: minus, or [2, 3] on the right: expected {wanted}, got {got}
_p, _q = Tensor([8.0, 9.0]), Tensor([2.0, 3.0])
check(
    "the numbers of the visible test, exactly",
    {
        "two tensors": lambda: [f(_p, _q) for f in _pairs.values()],
        "minus": lambda: -_q,
        "numbers on the left": lambda: [10 - _q, 6 / _q, 3**_q],
    },
    rtol=0,
    atol=0,
)
### END HIDDEN TESTS
a, b = Tensor([8.0, 9.0]), Tensor([2.0, 3.0])
for got, wanted in (a - b, [6, 6]), (a * b, [16, 27]), (a / b, [4, 3]), (a**b, [64, 729]):
    assert got.tolist() == wanted, f"[8, 9] and [2, 3]: expected {wanted}, got {got}"
for got, wanted in (-b, [-2, -3]), (10 - b, [8, 7]), (6 / b, [3, 2]), (3**b, [9, 27]):
    assert got.tolist() == wanted, f"minus, or [2, 3] on the right: expected {wanted}, got {got}"
back = b.log().exp()
assert np.allclose(back, b) and abs(Tensor(1.0).exp().item() - 2.718) < 1e-3, f"got {back}"
print("arithmetic works")

# %% [markdown]
# ## 3. The matrix product
#
# The operation that does nearly all the work in deep learning: `(n, k) @ (k, m)` is `(n, m)`.
# More axes in front are a batch, and NumPy's `@` goes through it matrix by matrix. When shapes do
# not fit, NumPy speaks of a `mismatch in its core dimension 0, with gufunc signature
# (n?,k),(k,m?)->(n?,m?)`. Do better. **Exercise.** Write `MatMul.forward`. When the shapes do not
# fit, batches included, raise a `ValueError` whose message contains both shapes as Python prints
# them, such as `(3, 2)`.

# %% [markdown]
# <details><summary>Hint 1: where to begin</summary>
#
# NumPy's `a @ b` does all of the arithmetic, for vectors and batches, too. What is left to you is the
# message of the error.
#
# </details>
#
# <details><summary>Hint 2: an error of your own</summary>
#
# When shapes do not fit, NumPy raises a `ValueError`. Catch just that, with `try` and `except
# ValueError`, and raise a new one. `a.shape` is a tuple, and in an f-string it reads as Python prints
# it: `f"{a.shape}"` is `(3, 2)`.
#
# </details>
#
# <details><summary>Hint 3: nearly there</summary>
#
# Do not compare shapes yourself: NumPy knows best when they fit. The frame is this:
#
# ```python
# try:
#     ...  # return the product
# except ValueError:
#     raise ValueError(f"cannot multiply {a.shape} and ...") from None
# ```
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "matmul", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
class MatMul(Function):
    """Compute a @ b: (..., n, k) @ (..., k, m) gives (..., n, m)."""

    def forward(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Multiply; raise a ValueError that names both shapes if they do not fit."""
        ### BEGIN SOLUTION
        try:
            return a @ b
        except ValueError:
            wanted = "(n, k) @ (k, m) needs the same k on both sides"
            if a.ndim and b.ndim and a.shape[-1] == b.shape[-2:][0]:
                wanted = "the batch sizes, in front of the last two, must be equal or 1"
            message = f"cannot multiply shapes {a.shape} @ {b.shape}: {wanted}"
            raise ValueError(message) from None
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-matmul", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_rng = check.rng("matmul")
_matrix, _fitting, _vector, _vector_of_3 = (_rng.normal(size=_s) for _s in ((3, 4), (4, 2), 4, 3))
_batch, _tall, _batches = (_rng.normal(size=_s) for _s in ((5, 3, 4), (5, 4, 2), (2, 1, 4, 3)))
_size, _other_size = (int(_x) for _x in _rng.choice(np.arange(11, 99), size=2, replace=False))
_sizes = 10.0 ** np.array([-30, -9, 9, 30])  # from row to row


def _product(p, q):
    return Tensor(p) @ Tensor(q)


def _of_shapes(p, q):
    return Tensor(np.full(p, _matrix[0, 0])) @ Tensor(np.full(q, _fitting[0, 0]))


def _shapes_named(p, q):
    """Return the two shapes as far as the error names them, or what came without an error."""
    try:
        return _of_shapes(p, q)
    except ValueError as error:
        named = [str(shape) if str(shape) in str(error) else "not named" for shape in (p, q)]
        return " and ".join(named)


_fit = [((3, 4), (4, 2)), ((2, 5), (5,)), ((3,), (3, 2)), ((2, 3, 4), (4, 1))]
_misfit = [((3, 4), (3, 4)), ((5, 2), (5,)), ((3,), (2, 3)), ((2, 3, 4), (3, 4, 2))]
_misfit += [((3, 1), (4, 2)), ((3, 4), (1, 2)), ((1,), (4, 2)), ((2, 3, 1), (4, 2))]
# rests on: `(n, k) @ (k, m)` is `(n, m)`.
check(
    "matrix @ matrix",
    _product,
    cases={"(3, 4) @ (4, 2)": (_matrix, _fitting), "(2, 4) @ (4, 3)": (_fitting.T, _matrix.T)},
    rtol=1e-12,
    atol=1e-14,
)
check(
    "numbers of any size",
    lambda: Tensor(_sizes[:, None] * _matrix[0]) @ Tensor(_fitting),
    rtol=1e-9,
    atol=0,
)
check(
    "vectors on either side",
    _product,
    cases={
        "matrix @ vector": (_matrix, _vector),
        "vector @ matrix": (_vector_of_3, _matrix),
        "vector @ vector": (_vector, _vector),
    },
    dtype=False,
)
# rests on: More axes in front are a batch, and NumPy's `@` goes through it matrix by matrix.
check(
    "batches",
    _product,
    cases={
        "batch @ matrix": (_batch, _fitting),
        "batch @ batch": (_batch, _tall),
        "(5, 3, 4) @ (2, 1, 4, 3)": (_batch, _batches),
    },
    dtype=False,
)
# rests on: Write it and its three neighbours, one line each: the operation of `__sub__`,
#   with the operands in the right order. Sections 2 and 3 test them.
check(
    "array @ tensor",
    _o.matmul,
    cases={"an array": (_matrix, Tensor(_fitting)), "a list": (_matrix.tolist(), Tensor(_vector))},
    dtype=False,
)
check(
    "array @ tensor is recorded, and runs again with other numbers",
    lambda: check.recorded(Function, lambda x: _matrix @ x, [Tensor(_fitting)], [_tall[0]]),
    dtype=False,
)
# rests on: Numbers become **float32**
check("@ keeps float32", lambda: _product(_matrix.astype("f4"), _fitting.astype("f4")))
# rests on: When the shapes do not fit, batches included, raise a `ValueError`
check.outcomes(
    "@ refuses shapes that do not fit, and only those",
    _of_shapes,
    {f"{p} @ {q}": (p, q) for p, q in _fit + _misfit},
)
# rests on: whose message contains both shapes as Python prints them, such as `(3, 2)`.
check(
    "the error names both shapes",
    {
        "a matrix @ a matrix": lambda: _shapes_named((2, _size), (_other_size, 3)),
        "the same shape twice": lambda: _shapes_named((_size, _other_size), (_size, _other_size)),
        "a matrix @ a vector": lambda: _shapes_named((_size, _other_size), (_size,)),
        "batches of two sizes": lambda: _shapes_named((_size, 2, 3), (_other_size, 3, 2)),
    },
)
# rests on: expected {wanted}, got {(a @ b).tolist()}
_p = Tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
_q = Tensor([[1.0, 10.0], [2.0, 20.0]])
check("the numbers of the visible test, exactly", lambda: _p @ _q, rtol=0, atol=0)
### END HIDDEN TESTS
a, b = Tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), Tensor([[1.0, 10.0], [2.0, 20.0]])
wanted = [[5.0, 50.0], [11.0, 110.0], [17.0, 170.0]]
assert (a @ b).tolist() == wanted, f"expected {wanted}, got {(a @ b).tolist()}"
try:
    a @ a
except ValueError as error:
    print("the message reads:", error)
    assert "(3, 2)" in str(error), "the message should contain (3, 2)"
else:
    raise AssertionError("(3, 2) @ (3, 2) should raise a ValueError")

# %% [markdown]
# ## 4. Reductions
#
# `x.sum()` adds everything up. `x.sum(axis=0)` adds along the first axis, which disappears;
# `axis` may count from the end, or be a tuple of axes. With `keepdims=True` the axis stays, with
# size 1, and so the result broadcasts against `x`: softmax will want that.
#
# **Exercise.** Write the `forward` of `Sum`, and of `Amax`, the largest number. Options arrive as
# attributes: `Sum.apply(x, axis=0)` runs `forward` with `self.axis == 0`. Then write `mean` with
# the tensor operations that there are, none past the dispatch and none of its own, so that 06 has
# nothing to add for it: a sum, divided by how many numbers went into it. All sums together took in
# `x.size` numbers.

# %% [markdown]
# <details><summary>Hint 1: where to begin</summary>
#
# NumPy's arrays have `.sum` and `.max`, and both take `axis` and `keepdims`, with the same meaning as
# here. The options of an operation are attributes of it, such as `self.axis`.
#
# </details>
#
# <details><summary>Hint 2: how many numbers went into each sum</summary>
#
# `mean` begins with `x.sum(...)`, a tensor, with both options handed on. All sums together took in
# `x.size` numbers, and there are as many sums as the result has numbers, which is its `size`. So how many
# went into one of them?
#
# </details>
#
# <details><summary>Hint 3: nearly there</summary>
#
# `forward` of `Sum` is one line, `return a.sum(axis=..., keepdims=...)`, and `Amax` is its like. In
# `mean`, `total` is a tensor, so that you may divide it by a number with `/`:
#
# ```python
# total = x.sum(axis=axis, keepdims=keepdims)
# return total / ...
# ```
#
# If `total` is empty, its `size` is 0: `max(total.size, 1)` keeps you from dividing by it.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "reductions", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
class Sum(Function):
    """Add up numbers over all axes (None), one axis, or a tuple of axes."""

    axis: Axis = None
    keepdims: bool = False

    def forward(self, a: np.ndarray) -> np.ndarray:
        """Return the sums over `self.axis`."""
        ### BEGIN SOLUTION
        return a.sum(axis=self.axis, keepdims=self.keepdims)
        ### END SOLUTION


class Amax(Function):
    """Find the largest number over all axes (None), one axis, or a tuple of axes."""

    axis: Axis = None
    keepdims: bool = False

    def forward(self, a: np.ndarray) -> np.ndarray:
        """Return the largest numbers over `self.axis`."""
        ### BEGIN SOLUTION
        return a.max(axis=self.axis, keepdims=self.keepdims)
        ### END SOLUTION


def mean(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Return the mean over `axis`: the sum, divided by how many numbers went into each sum."""
    ### BEGIN SOLUTION
    total = x.sum(axis=axis, keepdims=keepdims)
    return total / (x.size / max(total.size, 1))  # there may be no sums at all
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-reductions", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from functools import partial

from grading import check

_rng = check.rng("reductions")
_array = _rng.normal(size=(3, 4, 2))
_tensor, _tensor32, _below = (
    Tensor(_array),
    Tensor(_array.astype("f4")),
    Tensor(-5 - np.abs(_array)),
)
_sizes = Tensor(_array * 10.0 ** np.array([-30, -9, 9, 30]).reshape(4, 1))  # one size along axis 1
_negative = Tensor(-np.abs(_sizes.data))
_holes = _array[0].copy()
_holes[[0, 1, 2], [1, 0, 1]] = np.nan, np.inf, -np.inf
_reductions = {"sum": Tensor.sum, "amax": Tensor.amax, "mean": mean}
_operations = (Add, Subtract, Multiply, Divide, Power, Negate, MatMul, Sum)  # what mean may use


def _of_holes(function):
    with np.errstate(invalid="ignore"):
        return function(Tensor(_holes), 1)


# rests on: `x.sum()` adds everything up. `x.sum(axis=0)` adds along the first axis
# rests on: Write the `forward` of `Sum`, and of `Amax`, the largest number.
# rests on: Return the mean over `axis`: the sum, divided by how many numbers went into each sum.
# rests on: `axis` may count from the end, or be a tuple of axes. With `keepdims=True` the axis stays
# rests on: hand `nan` and infinity on as they are, here and in everything that follows
for _n, _f in _reductions.items():
    check(
        f"{_n} of everything",
        _f,
        cases={
            "three axes": (_tensor,),
            "negative numbers": (_below,),
            "no axes": (Tensor(_array[1, 1, 1]),),
        },
        dtype=False,
    )
    check(
        f"{_n} along an axis",
        _f,
        cases={
            "axis 0": (_tensor, 0),
            "axis 1": (_below, 1),
            "axis 2": (_tensor, 2),
            "axis 1 of (1, 4, 2)": (Tensor(_array[:1]), 1),
            "axis 0 of (3, 1, 2)": (Tensor(_array[:, :1]), 0),
        },
        dtype=False,
    )
    check(
        f"{_n}, axis from the end",
        _f,
        cases={"axis -1": (_tensor, -1), "axis -2": (_below, -2)},
        dtype=False,
    )
    check(
        f"{_n} over several axes",
        _f,
        cases={
            "axes (0, 2)": (_tensor, (0, 2)),
            "axes (1, -1)": (_tensor, (1, -1)),
            "axes (2, -2)": (_tensor, (2, -2)),
            "axes (-1, 0)": (_tensor, (-1, 0)),
        },
        dtype=False,
    )
    check(
        f"{_n} with keepdims",
        _f,
        cases={f"axis {i}": (_tensor, i, True) for i in (1, -1, None)},
        dtype=False,
    )
    check(
        f"{_n} of large and of tiny numbers",
        _f,
        cases={"of either sign": (_sizes, -1), "negative": (_negative, -1), "all": (_negative,)},
        rtol=1e-9,
        atol=0,
    )
    check(f"{_n} where there is nan or infinity", lambda f=_f: _of_holes(f), dtype=False)
check(
    "amax where all numbers are as low as can be",
    {
        "minus infinity": lambda: Tensor(np.full((2, 3), -np.inf)).amax(1),
        "beyond float32": lambda: Tensor(_below.data * 1e300).amax(0),
    },
    dtype=False,
)
# rests on: Numbers become **float32**
check(
    "reductions of float32 are float32",
    {n: partial(f, _tensor32, 1) for n, f in _reductions.items()},
)
# rests on: an array or a NumPy number that is float64 already stays float64
check(
    "reductions of float64 keep the digits",
    {n: partial(f, _tensor, 1) for n, f in _reductions.items()},
    **_digits,
)
# rests on: arrays in, a new array out, the operands untouched.
check(
    "reductions leave their operand",
    _operands,
    cases={n: (f, _array) for n, f in _reductions.items()},
    dtype=False,
)
# rests on: with the tensor operations that there are, none past the dispatch and none of its own
check(
    "mean is made of tensor operations",
    {
        f"mean over axis {axis}": lambda axis=axis: check.recorded(
            Function, lambda x: mean(x, axis), [_tensor], [_array[::-1] ** 2], _operations
        )
        for axis in (None, 1, (0, 2))
    },
    dtype=False,
)
### END HIDDEN TESTS
x = Tensor([[1.0, 5.0, 3.0], [4.0, 2.0, 0.0]])
assert x.sum(axis=0).tolist() == [5.0, 7.0, 3.0], f"expected [5.0, 7.0, 3.0], got {x.sum(axis=0)}"
assert x.amax(axis=1).tolist() == [5.0, 4.0], f"expected [5.0, 4.0], got {x.amax(axis=1)}"
kept = x.sum(axis=1, keepdims=True)
assert kept.tolist() == [[9.0], [6.0]], f"keepdims: expected [[9.0], [6.0]], got {kept}"
assert x.mean(axis=1).tolist() == [3.0, 2.0], f"expected [3.0, 2.0], got {x.mean(axis=1)}"
print("reductions work; the mean of all is", x.mean().item())

# %% [markdown]
# ## 5. Shapes and parts
#
# `reshape` lays the same numbers, in the same order, into another shape; one size may be `-1`,
# which NumPy works out. `transpose(dim0, dim1)` swaps two axes and leaves the others alone.
# Whatever stands in brackets, `x[0]`, `x[1:3]`, `x[[2, 0]]`, arrives as `self.key`, and NumPy
# understands all of it. **Exercise.** Three `forward`s, one line each.

# %% [markdown]
# <details><summary>Hint 1: where to begin</summary>
#
# Each of the three is something that NumPy's arrays can do by themselves. What is asked for arrives as
# an attribute: `self.shape`, `self.dim0` and `self.dim1`, `self.key`.
#
# </details>
#
# <details><summary>Hint 2: which of NumPy's methods</summary>
#
# An array has `.reshape(shape)`, which takes a tuple and understands `-1`. Beware of NumPy's
# `.transpose`: it wants the new order of *all* axes. The method that swaps two of them is
# `.swapaxes(first, second)`. What stands in brackets is a key: `a[key]`.
#
# </details>
#
# <details><summary>Hint 3: nearly there</summary>
#
# Each of them returns one expression that begins with `a`. The first calls `a.reshape` with the shape,
# the second `a.swapaxes` with the two axes, and the third has the key in brackets behind `a`.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "shapes", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["export"]
class Reshape(Function):
    """Lay the same numbers, in the same order, into another shape."""

    shape: Any = (-1,)

    def forward(self, a: np.ndarray) -> np.ndarray:
        """Return `a` in `self.shape`."""
        ### BEGIN SOLUTION
        return a.reshape(self.shape)
        ### END SOLUTION

    def explain(self, error: ValueError, arrays: list[np.ndarray]) -> ValueError:
        """Name the shape that there is and the one that was asked for."""
        return ValueError(f"cannot reshape {arrays[0].shape} to {self.shape}")


class Transpose(Function):
    """Swap two axes; the others stay where they are."""

    dim0: int = 0
    dim1: int = 1

    def forward(self, a: np.ndarray) -> np.ndarray:
        """Return `a` with axes `self.dim0` and `self.dim1` swapped."""
        ### BEGIN SOLUTION
        return a.swapaxes(self.dim0, self.dim1)
        ### END SOLUTION


class GetItem(Function):
    """Pick a part: an index, a slice, an array of indices, or a tuple of these."""

    key: Any = None

    def forward(self, a: np.ndarray) -> np.ndarray:
        """Return the part of `a` that `self.key` names."""
        ### BEGIN SOLUTION
        return a[self.key]
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-shapes", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_rng = check.rng("shapes")
_array, _rows, _columns = _rng.normal(size=(4, 3, 2)), [3, 0, 3], [1, 1, 2]
_tensor, _four_axes, _matrix = (
    Tensor(_array),
    Tensor(_rng.normal(size=(2, 3, 4, 5))),
    Tensor(_array[:, :, 0]),
)
_shapes = [(6, 4), (2, 3, 4), (24,), (2, -1), (-1, 2, 2)]
_each = {
    "reshape": lambda x: x.reshape(8, 3),
    "transpose": lambda x: x.transpose(0, 2),
    "x[1]": lambda x: x[1],
}

# rests on: `reshape` lays the same numbers, in the same order, into another shape
check(
    "reshape keeps the order",
    _tensor.reshape,
    cases={f"to {one}": one for one in _shapes},
    dtype=False,
)
check(
    "reshape takes a tuple",
    _tensor.reshape,
    cases={f"to {one}": (one,) for one in _shapes},
    dtype=False,
)
check("reshape after a transpose", lambda: _matrix.T.reshape(6, 2), dtype=False)
check.outcomes(
    "reshape refuses other sizes",
    _tensor.reshape,
    {f"(4, 3, 2) to {shape}": (shape,) for shape in [(24,), (5, 5), (8, 3), (7, -1)]},
)
# rests on: `transpose(dim0, dim1)` swaps two axes and leaves the others alone.
check(
    "the transpose of a matrix",
    {".T": lambda: _matrix.T, "axes 1 and 0": lambda: _matrix.transpose(1, 0)},
    dtype=False,
)
check(
    "transpose of three axes",
    _tensor.transpose,
    cases={"0 and 1": (0, 1), "1 and 2": (1, 2)},
    dtype=False,
)
check(
    "transpose of four axes",
    _four_axes.transpose,
    cases={"1 and 3": (1, 3), "2 and 0": (2, 0)},
    dtype=False,
)
check(
    "axes from the end",
    _four_axes.transpose,
    cases={"-1 and -2": (-1, -2), "0 and -2": (0, -2)},
    dtype=False,
)
check(
    "an axis swapped with itself",
    {"1 and 1": lambda: _matrix.transpose(1, 1), "0 and -3": lambda: _tensor.transpose(0, -3)},
    dtype=False,
)
# rests on: Whatever stands in brackets, `x[0]`, `x[1:3]`, `x[[2, 0]]`, arrives as `self.key`,
#   and NumPy understands all of it.
check(
    "an index, and a loop",
    {
        "x[1]": lambda: _tensor[1],
        "x[-1]": lambda: _tensor[-1],
        "x[2, 1, 0]": lambda: _tensor[2, 1, 0],
        "a loop": lambda: [*_tensor],
    },
    dtype=False,
)
check(
    "slices",
    {
        "x[1:3]": lambda: _tensor[1:3],
        "x[:, ::2]": lambda: _tensor[:, ::2],
        "x[..., 0]": lambda: _tensor[..., 0],
        "x[::-1]": lambda: _tensor[::-1],
        "x[:, None]": lambda: _tensor[:, None],
    },
    dtype=False,
)
check(
    "lists and masks",
    {
        "a list": lambda: _tensor[_rows],
        "an array": lambda: _tensor[np.array(_rows)],
        "two lists": lambda: _tensor[_rows, _columns],
        "a mask": lambda: _tensor[_array > 0],
    },
    dtype=False,
)
_cases = {f"number {i} of 4": (i,) for i in (0, 4, 3, -5)}
check.outcomes("refuses an index out of range", lambda i: _tensor[i], _cases, errors=(IndexError,))
# rests on: arrays in, a new array out, the operands untouched.
check(
    "shapes and parts leave their operand",
    _operands,
    cases={n: (f, _array) for n, f in _each.items()},
    dtype=False,
)
### END HIDDEN TESTS
x = Tensor([[1, 2, 3], [4, 5, 6]])
assert x.reshape(3, 2).tolist() == [[1, 2], [3, 4], [5, 6]], f"reshape(3, 2): got {x.reshape(3, 2)}"
swapped = Tensor(np.zeros((2, 3, 4))).transpose(0, 2).shape
assert swapped == (4, 3, 2), f"(2, 3, 4), axes 0 and 2 swapped: expected (4, 3, 2), got {swapped}"
assert x[[0, 1], [2, 0]].tolist() == [3, 4], f"expected [3, 4], got {x[[0, 1], [2, 0]]}"
print("shapes and parts work; the transpose of x is", x.T.tolist())

# %% [markdown]
# ## 6. See it work: ten digits in one product
#
# In 01 the guess was the mean image $m$ nearest to the image $x$. Multiply it out:
#
# $$\|x - m\|^2 = \|x\|^2 - 2\,(x \cdot m) + \|m\|^2$$
#
# The first term is the same for all ten digits. So the nearest mean is the one with the largest
# **score** $x \cdot m - \tfrac12 \|m\|^2$, and the scores of all images for all digits are one
# matrix product minus one row: **weights** that multiply, and a **bias** that is added. You will
# meet both again in 04. To replace a loop in Python by one operation on whole arrays is called
# **vectorisation**, and it is often a hundred times faster. **Exercise.** Write `digit_scores` with
# tensor operations, each step of it, and no loop.

# %% [markdown]
# <details><summary>Hint 1: where to begin</summary>
#
# A matrix product needs matrices. Lay each image flat, to one row of a matrix, and each mean as well:
# `(N, 1, H, W)` becomes `(N, H * W)`.
#
# </details>
#
# <details><summary>Hint 2: both terms of the score</summary>
#
# `images.reshape(len(images), -1)` does it; call the results `x` and `m`. The products of all images
# with all means are one matrix product: `(N, k)` by `(k, K)`, so one side has to be transposed. The term
# $\tfrac12 \|m\|^2$ is one number for each mean: multiply `m` with itself, and add up along a row.
#
# </details>
#
# <details><summary>Hint 3: nearly there</summary>
#
# With `x` and `m` laid flat, the result has one row for each image and one column for each mean. A row
# of `K` numbers broadcasts against it:
#
# ```python
# return x @ m.T - ...  # half the sum of squares of each row of m
# ```
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "scores", "locked": false, "schema_version": 3, "solution": true, "task": false}
def digit_scores(images: Tensor, means: Tensor) -> Tensor:
    """Return the scores (N, K) of images (N, 1, H, W) for mean images (K, 1, H, W)."""
    ### BEGIN SOLUTION
    x = images.reshape(len(images), -1)
    m = means.reshape(len(means), -1)
    return x @ m.T - (m * m).sum(axis=1) / 2
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-scores", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check
from tinytorch.setup import load_digits as _load, mean_images as _mean_images

_rng = check.rng("scores")
_images, _means, _other_images, _other_means = (
    Tensor(_rng.uniform(size=(_n, 1, 5, 4))) for _n in (6, 3, 6, 3)
)


def _predictions():
    means = Tensor(_mean_images(*_load()))
    return digit_scores(Tensor(check.images("digits")), means).data.argmax(axis=1)


# rests on: the nearest mean is the one with the largest **score**
# rests on: Return the scores (N, K) of images (N, 1, H, W) for mean images (K, 1, H, W).
check("scores of several images", lambda: digit_scores(_images, _means), dtype=False)
check("scores of one mean", lambda: digit_scores(_images, _images[:1]), dtype=False)
check("scores of one image", lambda: digit_scores(_images[:1], _means), dtype=False)
check(
    "scores far from 0", lambda: digit_scores(_images * 1e3, _means * -1e3), rtol=1e-6, dtype=False
)
check.accuracy("guesses of digits that the notebook has not seen", _predictions, at_least=0.74)
# rests on: Write `digit_scores` with tensor operations, each step of it, and no loop.
check(
    "scores are made of tensor operations, which run again with other numbers",
    lambda: check.recorded(
        Function,
        digit_scores,
        [_images, _means],
        [_other_images.data, _other_means.data],
        (Add, Subtract, Multiply, Divide, Power, Negate, MatMul, Sum, Reshape, Transpose, GetItem),
    ),
    dtype=False,
)
### END HIDDEN TESTS
scores = digit_scores(Tensor(images[5000:]), Tensor(means))
assert scores.shape == (5000, 10), f"expected the shape (5000, 10), got {scores.shape}"
same = (scores.numpy().argmax(axis=1) == guesses).sum()
assert same > 4990, f"expected the guesses of 01, but only {same} of 5,000 are the same"
print(f"the same guess as in 01 for {same:,} of 5,000 images")

# %%
behind = (scores.amax(axis=1, keepdims=True) - scores).numpy()[:8]  # behind the best digit
figure, (top, bottom) = plt.subplots(
    2, 1, figsize=(8, 4), height_ratios=[1, 2], sharex=True, gridspec_kw={"hspace": 0.02}
)
row = np.hstack(images[5000:5008, 0])
top.imshow(row, cmap="gray_r", extent=(-0.5, 7.5, 0, 1), aspect="auto")
top.axis("off")
bottom.imshow(-behind.T, cmap="Blues", vmin=-60, aspect="auto")
bottom.plot(behind.argmin(axis=1), "o", color="tab:orange")
bottom.set(xticks=[], yticks=range(10), ylabel="digit")
figure.supxlabel("the darker, the larger the score; the dot is the guess", fontsize=9)
tinytorch.show(
    figure,
    "Eight digits, and below each a column of ten fields, darker for larger scores, with a dot on the "
    f"darkest. The dots are on {', '.join(str(guess) for guess in behind.argmin(axis=1))}; the labels "
    f"are {', '.join(str(label) for label in labels[5000:5008])}.",
)

# %% [markdown]
# ## What it costs
#
# A tensor costs its bytes, and an operation its **FLOPs**, the floating-point operations: a product or
# a sum of two numbers is one. For two matrices of 64 by 64, `a + b` takes $64^2$ of them, and `a @ b`
# takes $2 \cdot 64^3$: a product and a sum for each number of a row, for each place of the result.

# %%
from time import perf_counter


def seconds(work, times=5):
    """Return how long a piece of work takes: the fastest of several runs."""
    took = []
    for _ in range(times):
        began = perf_counter()
        work()
        took.append(perf_counter() - began)
    return min(took)


def triple_loop(a, b):
    """Multiply matrices, given as lists of rows, number by number."""
    return [[sum(row[k] * b[k][j] for k in range(len(b))) for j in range(len(b[0]))] for row in a]


side = 64
left = Tensor(np.linspace(-1, 1, side * side).reshape(side, side), dtype=np.float32)
right, rows = left.T, left.tolist()
flops = {"a + b": side**2, "a @ b": 2 * side**3, "three loops": 2 * side**3}
took = {
    "a + b": seconds(lambda: left + right, 50),
    "a @ b": seconds(lambda: left @ right, 50),
    "three loops": seconds(lambda: triple_loop(rows, rows), 3),
}
megabytes = {
    dtype: Tensor(images[:500], dtype=dtype).numpy().nbytes / 500 * len(images) / 1e6
    for dtype in ("uint8", "float32", "float64")
}
figure, panels = plt.subplots(1, 2, figsize=(9, 2.6), layout="constrained")
bars = panels[0].bar(list(megabytes), list(megabytes.values()), color="tab:blue")
panels[0].bar_label(bars, fmt="{:.1f}")
panels[0].set(ylabel="megabytes", title="10,000 images", yticks=[])
nanoseconds = {name: took[name] / flops[name] * 1e9 for name in took}
bars = panels[1].bar(list(nanoseconds), list(nanoseconds.values()), color="tab:orange")
panels[1].bar_label(bars, fmt="{:.2g}")
panels[1].set(yscale="log", ylabel="nanoseconds", title="for each FLOP, logarithmic")
for panel in panels:
    panel.margins(y=0.2)
tinytorch.show(
    figure,
    "Two bar charts. The megabytes of 10,000 images: "
    f"{', '.join(f'{value:.1f} as {name}' for name, value in megabytes.items())}. The nanoseconds for "
    f"each FLOP: {', '.join(f'{value:.2g} for {name}' for name, value in nanoseconds.items())}.",
)
for name in took:
    print(f"{name:12}{flops[name]:9,} FLOPs {took[name] * 1e6:12,.1f} microseconds")

# %% [markdown]
# The matrix product has 128 times the FLOPs of the sum, and takes far less than 128 times as long: each
# number that it fetches is used 64 times, while a sum uses it once. The same FLOPs in three loops of
# Python take far longer still. And float64 costs twice the bytes of float32, everywhere.
#
# ## In the real world
#
# This is PyTorch's `torch.Tensor`: the same names, the same broadcasting, float32 by default.
# Where NumPy and we say `axis` and `keepdims`, PyTorch says `dim` and `keepdim`. The dispatch is
# there too: every operation passes a *dispatcher*, which decides whether the CPU or a GPU runs it and
# whether autograd writes it down, and with `torch.autograd.Function` you add your own.
#
# Arrays that are added whole, without loops, go back to Kenneth Iverson's language APL of the 1960s;
# he received the Turing Award for the idea that a good notation helps to think. To read on:
#
# - C. Harris, K. J. Millman, S. van der Walt and others: *Array programming with NumPy*. Nature 585,
#   2020.
# - A. Paszke, S. Gross, F. Massa and others: *PyTorch: an imperative style, high-performance deep
#   learning library*. NeurIPS 2019.
#
# ## Think
#
# A network returns `predictions` of shape `(32, 1)`; the `targets` have shape `(32,)`. Somebody
# computes `((predictions - targets) ** 2).mean()`, and no error appears. What is the shape of
# `predictions - targets`, and why? What does the mean measure then? How would you repair it, and
# how would you make sure that it does not go unnoticed again?

# %% [markdown] nbgrader={"grade": true, "grade_id": "think", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# (1 point) The shape is (32, 32). From the right, 1 meets 32 and is stretched; then 32 meets a
# missing axis, which is stretched too.
#
# (1 point) So every prediction meets every target. The mean is over 1,024 pairs, of which only 32
# belong together. It is smallest when all predictions equal the mean of the targets: the network
# learns to ignore its input.
#
# (1 point) Repair: give both the same shape, with `predictions.reshape(-1)` or
# `targets.reshape(32, 1)`.
#
# (1 point) To notice it next time: a loss that raises a ValueError, with both shapes, when they
# differ. A test or an assert that compares the shapes is as good.
# ### END SOLUTION

# %% [markdown]
# ## Next: the world is not linear
#
# Your scores are a **linear** model: weigh the pixels, add them up. Would a second product make it
# cleverer? No: `x @ A @ B` is `x @ (A @ B)`, and a thousand products are one product, which keeps
# straight lines straight. It cannot even say whether exactly one of two switches is on. For that,
# something nonlinear must happen *between* the products. That is assignment 03.
#
# Keep what you wrote: save the notebook and run the last cell. It adds a module to your framework.

# %%
import tinytorch

tinytorch.export_mine("02_tensor")
