"""Random cases of single operations, and of graphs made of them."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

import tinytorch_ref as tt

from .outcomes import Case, through

Rng = np.random.Generator
UNARY: dict[str, tuple[Any, Any]] = {
    "-x": (lambda x: -x, lambda x: -x),
    "exp": (lambda x: x.exp(), lambda x: x.exp()),
    "log": (lambda x: x.log(), lambda x: x.log()),
    "sqrt": (lambda x: x.sqrt(), lambda x: x.sqrt()),
    "ReLU": (tt.ReLU(), torch.relu),
    "Sigmoid": (tt.Sigmoid(), torch.sigmoid),
    "Tanh": (tt.Tanh(), torch.tanh),
}
BINARY: dict[str, Any] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "**": lambda a, b: a**b,
}
ROOTS = "roots of -0 and of -infinity"
ODD = [0.0, -0.0, 1.0, -1.0, 1e-30, -1e-12, 1e4, -90.0, 1e30, np.inf, -np.inf, np.nan]


def shape(rng: Rng, least: int = 0, most: int = 4) -> tuple[int, ...]:
    """Draw a shape; now and then an axis is empty."""
    sizes = rng.integers(1, 5, size=rng.integers(least, most + 1))
    if sizes.size and rng.random() < 0.04:
        sizes[rng.integers(sizes.size)] = 0
    return tuple(sizes.tolist())


def numbers(rng: Rng, of: tuple[int, ...], odd: bool = False, dtype: Any = None) -> np.ndarray:
    """Draw an array: ordinary numbers of any size, or with zeros, infinities and NaN among them."""
    drawn = np.asarray(rng.normal(size=of) * 10.0 ** rng.integers(-2, 2))
    if odd:
        places = rng.random(of) < 0.4
        drawn = np.where(places, rng.choice(ODD, size=of), drawn)
    return np.asarray(drawn, dtype=dtype or rng.choice(["float32", "float64"]))


def two_shapes(rng: Rng) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Draw two shapes that broadcast, mostly."""
    whole = shape(rng)
    shapes = []
    for _ in range(2):
        kept = whole[rng.integers(len(whole) + 1) if rng.random() < 0.4 else 0 :]
        shapes.append(tuple(1 if rng.random() < 0.25 else size for size in kept))
    if rng.random() < 0.1:
        shapes[1] = shape(rng)
    return shapes[0], shapes[1]


def axes(rng: Rng, ndim: int) -> int | tuple[int, ...] | None:
    """Draw the axes of a reduction; now and then one that does not exist."""
    if rng.random() < 0.2:
        return None
    if rng.random() < 0.3 and ndim > 1:
        chosen = rng.choice(ndim, size=rng.integers(1, ndim + 1), replace=False)
        return tuple(int(a) - ndim * int(rng.integers(2)) for a in chosen)
    return (
        int(rng.integers(-ndim, ndim + 1))
        if rng.random() < 0.1 or not ndim
        else int(rng.integers(-ndim, ndim))
    )


def at_a_border(array: np.ndarray) -> bool:
    """Tell whether there is a number whose root has no gradient to agree on: -0 or -infinity."""
    return bool((np.signbit(array) & ((array == 0) | np.isinf(array))).any())


def one_operand(rng: Rng) -> Case:
    """Apply an operation of one tensor, odd numbers included."""
    name = str(rng.choice(list(UNARY)))
    array = numbers(rng, shape(rng), odd=bool(rng.random() < 0.5))
    kind = ROOTS if name == "sqrt" and at_a_border(array) else "one operand"
    return through(kind, name, *UNARY[name], [array])


def two_operands(rng: Rng) -> Case:
    """Apply an operation of two tensors, with broadcasting and mixed dtypes."""
    name = str(rng.choice(list(BINARY)))
    odd = bool(rng.random() < 0.3)
    arrays = [numbers(rng, one, odd) for one in two_shapes(rng)]
    mixed = arrays[0].dtype != arrays[1].dtype and () in (arrays[0].shape, arrays[1].shape)
    kind = "a single number of another dtype" if mixed else "two operands"
    return through(kind, f"a {name} b", BINARY[name], BINARY[name], arrays)


def number_and_tensor(rng: Rng) -> Case:
    """Put a Python number to the left or to the right of a tensor."""
    name, array = str(rng.choice(list(BINARY))), numbers(rng, shape(rng), bool(rng.random() < 0.3))
    number = rng.choice([0, 1, 2, 3, -1, 0.5, -2.0, 1e-3])
    number = int(number) if number % 1 == 0 and rng.random() < 0.5 else float(number)
    op, left = BINARY[name], bool(rng.random() < 0.5)
    function = (lambda x: op(number, x)) if left else (lambda x: op(x, number))
    words = f"{number} {name} x" if left else f"x {name} {number}"
    kind = ROOTS if words == "x ** 0.5" and at_a_border(array) else "a number and a tensor"
    return through(kind, words, function, function, [array])


def reduction(rng: Rng) -> Case:
    """Sum, mean or amax over axes, with and without keepdims."""
    name = str(rng.choice(["sum", "mean", "amax"]))
    array = numbers(rng, shape(rng), odd=bool(rng.random() < 0.15))
    if rng.random() < 0.3:
        array = np.round(array)  # so that several are the largest
    axis, keepdims = axes(rng, array.ndim), bool(rng.integers(2))

    def theirs(x: Any) -> Any:
        dims = tuple(range(x.ndim)) if axis is None else axis
        return getattr(x, name)(dim=dims, keepdim=keepdims)

    def ours(x: Any) -> Any:
        return getattr(x, name)(axis=axis, keepdims=keepdims)

    words = f"{name}(axis={axis}, keepdims={keepdims})"
    kind = "reductions over no numbers" if array.size == 0 else "reductions"
    return through(kind, words, ours, theirs, [array])


def along_an_axis(rng: Rng) -> Case:
    """Softmax and its logarithm, along any axis."""
    name = str(rng.choice(["Softmax", "LogSoftmax"]))
    array = numbers(rng, shape(rng, least=1), odd=bool(rng.random() < 0.15))
    dim = int(rng.integers(-array.ndim, array.ndim))
    kind = "softmax over no numbers" if array.shape[dim] == 0 else "softmax"
    pair = getattr(tt, name)(dim), getattr(torch.nn, name)(dim)
    return through(kind, f"{name}({dim})", *pair, [array])


def another_shape(rng: Rng) -> Case:
    """Reshape and transpose, now and then into what does not fit."""
    array = numbers(rng, shape(rng))
    if rng.random() < 0.5 and array.ndim:
        dims = [int(d) for d in rng.integers(-array.ndim, array.ndim, size=2)]
        dims[0] += int(rng.random() < 0.1)
        return through(
            "transpose",
            f"transpose{tuple(dims)}",
            lambda x: x.transpose(*dims),
            lambda x: x.transpose(*dims),
            [array],
        )
    wanted = list(rng.permutation(array.shape)) if array.ndim else [1]
    if len(wanted) > 1 and rng.random() < 0.5:
        wanted[:2] = [wanted[0] * wanted[1]]
    if rng.random() < 0.4:
        wanted[rng.integers(len(wanted))] = -1
    if rng.random() < 0.1:
        wanted[rng.integers(len(wanted))] += 1
    sizes = [int(size) for size in wanted]
    function = lambda x: x.reshape(*sizes)  # noqa: E731
    return through("reshape", f"reshape{tuple(sizes)}", function, function, [array])


def part(rng: Rng) -> Case:
    """Pick a part: numbers, slices, lists, masks, and tuples of these."""
    array = numbers(rng, shape(rng, least=1))
    keys: list[Any] = []
    for size in array.shape[: rng.integers(1, array.ndim + 1)]:
        which = rng.integers(5)
        if which == 0 and size:
            keys.append(int(rng.integers(-size, size + (rng.random() < 0.05))))
        elif which == 1:
            keys.append(slice(*sorted(rng.integers(-size - 1, size + 2, size=2).tolist())))
        elif which == 2:
            keys.append(slice(None, None, int(rng.integers(1, 3))))
        elif which == 3 and size and not any(isinstance(key, list) for key in keys):
            keys.append(rng.integers(-size, size, size=rng.integers(1, 4)).tolist())
        else:
            keys.append(slice(None))
    if rng.random() < 0.15:
        keys.insert(int(rng.integers(len(keys) + 1)), None)
    elif rng.random() < 0.15:
        keys.append(...)
    key = tuple(keys) if len(keys) > 1 or rng.random() < 0.5 else keys[0]
    if rng.random() < 0.15:
        mask = array > 0
        return through(
            "a part", "x[x > 0]", lambda x: x[mask], lambda x: x[torch.tensor(mask)], [array]
        )
    kinds = {type(key) for key in keys}
    kind = "numbers and lists in one index" if {int, list} <= kinds else "a part"
    return through(kind, f"x[{key}]", lambda x: x[key], lambda x: x[key], [array])


def product(rng: Rng) -> Case:
    """Multiply vectors, matrices and stacks of them, of one dtype; now and then they do not fit."""
    n, k, m = rng.integers(1, 5, size=3).tolist()
    batch, dtype = shape(rng, most=2), rng.choice(["float32", "float64"])
    left: tuple[int, ...] = (k,) if rng.random() < 0.2 else (*batch, n, k)
    other = tuple(1 if rng.random() < 0.3 else size for size in batch[rng.integers(2) :])
    right: tuple[int, ...] = (k,) if rng.random() < 0.2 else (*other, k, m)
    if rng.random() < 0.1:
        right = shape(rng)
    arrays = [numbers(rng, one, dtype=dtype) for one in (left, right)]
    function = lambda a, b: a @ b  # noqa: E731
    return through("matrix products", "a @ b", function, function, arrays)


def graph(rng: Rng) -> Case:
    """Make a graph of a dozen operations, in which results are used again and again."""
    size = int(rng.integers(2, 5))
    arrays = [numbers(rng, of, dtype="float64") for of in [(size, size), (size,), (size, 1)]]
    choices = rng.integers(0, 1 << 30, size=(int(rng.integers(3, 14)), 3)).tolist()

    def grow(*leaves: Any) -> Any:
        made = list(leaves)
        ours = isinstance(leaves[0], tt.Tensor)
        squash = tt.Tanh() if ours else torch.tanh
        rows = tt.Softmax(-1) if ours else torch.nn.Softmax(-1)
        for which, first, second in choices:
            a, b = made[first % len(made)], made[second % len(made)]
            made.append(
                [
                    lambda a, b: squash(a) + b,
                    lambda a, b: squash(a * b),
                    lambda a, b: a - b / (b * b + 1.0),
                    lambda a, b: rows(a) * b,
                    lambda a, b: squash(a) @ (squash(b) + leaves[0]),
                    lambda a, b: (squash(a) + leaves[0]).transpose(0, 1) + b,
                    lambda a, b: (a + leaves[0])[[0, 0]].sum(0) + b,
                    lambda a, b: (squash(a) ** 2 + 1.0).sqrt().log() + b,
                ][which % 8](a, b)
            )
        return sum((squash(one).sum() for one in made), made[-1].sum())

    return through("random graphs", f"graph {choices}", grow, grow, arrays)


def operations(rng: Rng) -> Iterator[Case]:
    """Yield one case of every kind, again and again."""
    makers = [one_operand, two_operands, number_and_tensor, reduction, along_an_axis]
    makers += [another_shape, part, product, two_operands, graph]
    while True:
        yield from (make(rng) for make in makers)
