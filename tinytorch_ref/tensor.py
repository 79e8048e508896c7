"""Made from source/02_tensor/02_tensor.py by `make export`: edit there, not here."""

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


class Tensor:
    """An array of numbers whose every operation passes through `Function.apply`."""

    data: np.ndarray
    requires_grad: bool = False
    grad: "Tensor | None" = None  # this and `creator` are for assignment 06
    creator: Any = None
    __array_ufunc__ = None  # array + tensor is answered by Tensor.__radd__, not by NumPy

    def __init__(self, data: Any, dtype: Any = None, requires_grad: bool = False) -> None:
        """Copy `data`: to `dtype` if it is given, else float64 stays and the rest is float32."""
        if dtype is None:
            dtype = np.float64 if getattr(data, "dtype", None) == np.float64 else np.float32
        self.data = np.array(data, dtype=dtype)
        self.requires_grad = requires_grad
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
        return Subtract.apply(other, self)

    def __rtruediv__(self, other: Any) -> "Tensor":
        return Divide.apply(other, self)

    def __rpow__(self, other: Any) -> "Tensor":
        return Power.apply(other, self)

    def __rmatmul__(self, other: Any) -> "Tensor":
        return MatMul.apply(other, self)

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
        return a - b


class Multiply(Elementwise):
    """Multiply number by number."""

    def forward(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return a * b, a new array."""
        return a * b


class Divide(Elementwise):
    """Divide number by number."""

    def forward(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return a / b, a new array."""
        return a / b


class Power(Elementwise):
    """Raise number to the power of number."""

    def forward(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return a**b, a new array."""
        return a**b


class Negate(Elementwise):
    """Turn every sign."""

    def forward(self, a: np.ndarray) -> np.ndarray:
        """Return -a, a new array."""
        return -a


class Exp(Elementwise):
    """Raise e to the power of every number."""

    def forward(self, a: np.ndarray) -> np.ndarray:
        """Return e**a, a new array."""
        return np.exp(a)


class Log(Elementwise):
    """Take the natural logarithm of every number."""

    def forward(self, a: np.ndarray) -> np.ndarray:
        """Return ln(a), a new array."""
        return np.log(a)


class MatMul(Function):
    """Compute a @ b: (..., n, k) @ (..., k, m) gives (..., n, m)."""

    def forward(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Multiply; raise a ValueError that names both shapes if they do not fit."""
        try:
            return a @ b
        except ValueError:
            wanted = "(n, k) @ (k, m) needs the same k on both sides"
            if a.ndim and b.ndim and a.shape[-1] == b.shape[-2:][0]:
                wanted = "the batch sizes, in front of the last two, must be equal or 1"
            message = f"cannot multiply shapes {a.shape} @ {b.shape}: {wanted}"
            raise ValueError(message) from None


class Sum(Function):
    """Add up numbers over all axes (None), one axis, or a tuple of axes."""

    axis: Axis = None
    keepdims: bool = False

    def forward(self, a: np.ndarray) -> np.ndarray:
        """Return the sums over `self.axis`."""
        return a.sum(axis=self.axis, keepdims=self.keepdims)


class Amax(Function):
    """Find the largest number over all axes (None), one axis, or a tuple of axes."""

    axis: Axis = None
    keepdims: bool = False

    def forward(self, a: np.ndarray) -> np.ndarray:
        """Return the largest numbers over `self.axis`."""
        return a.max(axis=self.axis, keepdims=self.keepdims)


def mean(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Return the mean over `axis`: the sum, divided by how many numbers went into each sum."""
    total = x.sum(axis=axis, keepdims=keepdims)
    return total / (x.size / max(total.size, 1))  # there may be no sums at all


class Reshape(Function):
    """Lay the same numbers, in the same order, into another shape."""

    shape: Any = (-1,)

    def forward(self, a: np.ndarray) -> np.ndarray:
        """Return `a` in `self.shape`."""
        return a.reshape(self.shape)

    def explain(self, error: ValueError, arrays: list[np.ndarray]) -> ValueError:
        """Name the shape that there is and the one that was asked for."""
        return ValueError(f"cannot reshape {arrays[0].shape} to {self.shape}")


class Transpose(Function):
    """Swap two axes; the others stay where they are."""

    dim0: int = 0
    dim1: int = 1

    def forward(self, a: np.ndarray) -> np.ndarray:
        """Return `a` with axes `self.dim0` and `self.dim1` swapped."""
        return a.swapaxes(self.dim0, self.dim1)


class GetItem(Function):
    """Pick a part: an index, a slice, an array of indices, or a tuple of these."""

    key: Any = None

    def forward(self, a: np.ndarray) -> np.ndarray:
        """Return the part of `a` that `self.key` names."""
        return a[self.key]
