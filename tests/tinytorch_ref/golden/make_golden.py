"""Write golden/*.npz: what PyTorch answers, for TinyTorch to be compared with.

    pip install torch==2.13.0 numpy
    python tests/tinytorch_ref/golden/make_golden.py

A case is a few lines of Python that mean the same in PyTorch and in TinyTorch; its answer is the
value of its last line, one tensor or a tuple of them. Each case runs once in float32 and once in
float64, and all its answers are of that dtype. A new assignment is one more function below, with
`@module("its name")`, which returns

- inputs: arrays by name. Those of floats become tensors; the others (indices, masks, labels) are
  tensors of integers and bools for PyTorch, and NumPy arrays for TinyTorch.
- cases: name, code, and how far the answers must agree (see `Case`).
- names: what else the code may use, such as `torch.nn.Linear`; the test gives TinyTorch's.

Gradients need nothing else: `(a * b).sum().backward()` and, as the last line, `a.grad, b.grad`,
with the names in `gradients`.
"""

import ast
import json
import textwrap
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

VERSION = "2.13.0"
HERE = Path(__file__).parent
MODULES: dict[str, Callable] = {}


@dataclass
class Case:
    """One calculation.

    `agree` says how: "exact" for what has a single right answer in floating point; "each" for a
    relative error of each number; "whole" for an error relative to the largest number, where sums
    may cancel.
    """

    name: str
    code: str
    agree: str = "exact"
    gradients: list[str] = field(default_factory=list)  # inputs with requires_grad=True


def module(name: str) -> Callable:
    """Register a function that returns inputs, cases and names."""

    def register(function: Callable) -> Callable:
        MODULES[name] = function
        return function

    return register


@module("tensor")
def tensor() -> tuple[dict[str, np.ndarray], list[Case], dict[str, Any]]:
    """02: arithmetic, products, reductions, shapes and parts."""
    rng = np.random.default_rng(2)

    def signed(*shape: int) -> np.ndarray:
        return rng.normal(size=shape)

    def positive(*shape: int) -> np.ndarray:
        return rng.uniform(0.25, 3, size=shape)

    inputs = {
        "a": signed(3, 4),
        "b": signed(3, 4),
        "row": signed(4),
        "column": signed(3, 1),
        "p": positive(3, 4),
        "q": positive(4),
        "x": signed(2, 3, 4),
        "y": signed(2, 3, 4, 5),
        "high": signed(2, 1, 3, 1, 2, 1),
        "other": signed(4, 1, 3, 1, 2),
        "point": np.array(1.75),
        "empty": np.zeros((0, 3)),
        "hollow": np.zeros((3, 0)),
        "edges": np.array([0.0, np.inf, -np.inf, np.nan, -2.0, 1.0, 1000.0]),
        "ties": np.array([[2.0, 5.0, 5.0], [7.0, 7.0, 7.0], [-1.0, -1.0, -3.0]]),
        "m": signed(4, 5),
        "n": signed(5, 2),
        "v": signed(5),
        "batch": signed(2, 4, 5),
        "stack": signed(3, 1, 2, 4),
        "index": np.array([2, 0, 2, 1]),
        "grid": np.array([[0, 2], [1, 1]]),
        "mask": rng.random((3, 4)) < 0.5,
        "rows": np.array([True, False, True]),
    }
    exact = {
        "add": "a + b",
        "subtract": "a - b",
        "multiply": "a * b",
        "divide": "a / b",
        "negate": "-a",
        "add a row": "a + row",
        "add to a row": "row + a",
        "subtract a column": "a - column",
        "multiply a row by a column": "row * column",
        "divide a column by a row": "column / row",
        "add in six dimensions": "high + other",
        "divide in six dimensions": "other / high",
        "subtract a point": "x - point",
        "subtract from a point": "point - x",
        "points": "point * point - point / 3",
        "number on the right": "a + 2, a - 0.1, a * 2.1, a / 3",
        "number on the left": "2 + a, 0.1 - a, 2.1 * a, 1 / a",
        "a tensor with itself": "a + a, a - a, a * a, a / a",
        "empty and a point": "empty + point, 1 / empty, -hollow",
        "empty and a row": "empty * a[0, :3]",
        "divide by zero": "edges / 0, 1 / edges",
        "infinities and nan": "edges + edges, edges - edges, edges * 0, -edges",
        "amax": "a.amax(), x.amax(), point.amax()",
        "amax over an axis": "x.amax(axis=0), x.amax(axis=1), x.amax(axis=2)",
        "amax, axis from the end": "x.amax(axis=-1), y.amax(axis=-3)",
        "amax over several axes": "x.amax(axis=(0, 2)), y.amax(axis=(1, -1))",
        "amax with keepdims": "x.amax(axis=1, keepdims=True), y.amax(axis=(0, 2), keepdims=True)",
        "amax of all with keepdims": "x.amax(keepdims=True)",
        "amax with ties": "ties.amax(axis=0), ties.amax(axis=1), ties.amax()",
        "amax of infinities and nan": "edges[:3].amax(), edges.amax()",
        "amax over no columns": "empty.amax(axis=1)",
        "sum of nothing": "empty.sum(), empty.sum(axis=0), empty.sum(axis=1), hollow.sum(axis=1)",
        "sum of whole numbers": "ties.sum(), ties.sum(axis=0), ties.sum(axis=1, keepdims=True)",
        "sum of a point": "point.sum(), point.mean()",
        "mean of nothing": "empty.mean(), empty.mean(axis=0)",
        "mean of each of no rows": "empty.mean(axis=1)",
        "empty matrix products": "hollow @ empty, empty @ hollow, empty @ a",
        "reshape": "x.reshape(6, 4), x.reshape(4, 3, 2), x.reshape(24)",
        "reshape to a tuple": "x.reshape((3, 8)), y.reshape([2, 60])",
        "reshape works out -1": "x.reshape(-1), x.reshape(2, -1), y.reshape(-1, 3, 10)",
        "reshape adds axes": "row.reshape(1, 4, 1), point.reshape(1, 1), point.reshape(-1)",
        "reshape to a point": "point.reshape(()), a[:1, 1].reshape(())",
        "reshape of nothing": "empty.reshape(3, 0), empty.reshape(0, 5)",
        "reshape in six dimensions": "high.reshape(3, 4), high.reshape(12, 1)",
        "reshape after a transpose": "a.T.reshape(2, 6), y.transpose(1, 3).reshape(-1, 3)",
        "transpose of a matrix": "a.T, a.transpose(0, 1), a.transpose(1, 0)",
        "transpose of 3 axes": "x.transpose(0, 1), x.transpose(1, 2), x.transpose(2, 0)",
        "transpose of 4 axes": "y.transpose(0, 3), y.transpose(1, 2), y.transpose(3, 1)",
        "transpose, axes from the end": "x.transpose(-1, -2), y.transpose(0, -2)",
        "transpose with itself": "row.transpose(0, 0), x.transpose(1, 1)",
        "transpose of nothing": "empty.T, hollow.transpose(0, 1)",
        "transpose of 6 axes": "high.transpose(0, 4), other.transpose(-1, 0)",
        "an index": "x[1], x[-1], row[2]",
        "several indices": "x[1, 2], x[1, 2, 3], x[-1, -1, -1]",
        "slices": "x[:, 1:], x[0, :2, 1:3], a[::2], a[:, 1::2], row[-2:]",
        "slices of nothing": "a[2:2], a[:, 4:], empty[:, 1:]",
        "slices beyond the end": "a[1:100], row[-100:2]",
        "ellipsis": "y[..., 0], y[0, ...], y[1, ..., 2], x[...], point[...]",
        "new axes": "row[None], row[:, None], x[:, None, 1], a[..., None]",
        "a list of indices": "a[[2, 0]], row[[3, 3, 0, -1]], x[:, [2, 0]]",
        "pairs of indices": "a[[0, 2, 1], [3, 3, 0]], x[[1, 0], :2, [2, 3]]",
        "an array of indices": "a[index], x[0, index], x[1][:, index]",
        "a grid of indices": "a[grid], row[grid], a[grid, grid], a[index[:2], grid]",
        "a mask": "a[mask], x[:, mask]",
        "a mask of rows": "a[rows], a[rows, 1], a[rows, 1:3]",
        "a mask of nothing": "a[mask & ~mask], row[mask[0] & ~mask[0]]",
    }
    each = {
        "divide a number": "3 / a, 0.1 / x, 2.5 / point",
        "squares and cubes": "a ** 2, a ** 3, x ** 1, x ** 0",
        "negative powers": "a ** -1, a ** -2, p ** -0.5",
        "fractional powers": "p ** 0.5, p ** 1.7, p ** 0.1",
        "powers of a number": "2 ** a, 0.5 ** x, 10 ** point",
        "powers by tensors": "p ** q, p ** row, q ** column, point ** a, p ** p",
        "powers in six dimensions": "(high * high) ** other",
        "powers of edges": "edges[:2] ** 2, edges[:2] ** 0, edges[4:] ** 2, edges[4:5] ** 0.5",
        "exp": "a.exp(), y.exp(), point.exp(), empty.exp(), (a * 20).exp()",
        "exp of edges": "edges.exp()",
        "log": "p.log(), q.log(), point.log(), hollow.log(), (p * 1e20).log()",
        "log of edges": "edges.log()",
        "sqrt": "p.sqrt(), q.sqrt(), point.sqrt(), empty.sqrt()",
        "sqrt of zero, infinity, a negative": "edges[:2].sqrt(), edges[4:].sqrt()",
        "softplus by hand": "((-x).exp() + 1).log()",
    }
    whole = {
        "sum": "a.sum(), y.sum(), p.sum()",
        "sum over an axis": "x.sum(axis=0), x.sum(axis=1), x.sum(axis=2), x.sum(1)",
        "sum, axis from the end": "x.sum(axis=-1), y.sum(axis=-3)",
        "sum over several axes": "x.sum(axis=(0, 2)), y.sum(axis=(1, -1)), y.sum((0, 1, 2, 3))",
        "sum with keepdims": "x.sum(axis=1, keepdims=True), y.sum(axis=(0, -1), keepdims=True)",
        "sum of all with keepdims": "x.sum(keepdims=True, axis=None)",
        "sum in six dimensions": "high.sum(axis=(0, 2, 4)), other.sum(axis=-3)",
        "mean": "a.mean(), y.mean(), p.mean()",
        "mean over an axis": "x.mean(axis=0), x.mean(axis=1), x.mean(axis=2), x.mean(1)",
        "mean, axis from the end": "x.mean(axis=-1), y.mean(axis=-3)",
        "mean over several axes": "x.mean(axis=(0, 2)), y.mean(axis=(1, -1)), y.mean((0, 3))",
        "mean with keepdims": "x.mean(axis=1, keepdims=True), y.mean(axis=(0, -1), keepdims=True)",
        "mean of all with keepdims": "x.mean(keepdims=True, axis=None)",
        "matrix @ matrix": "a @ m, m @ n, a @ m @ n, a @ a.T, a.T @ b",
        "vector @ vector": "v @ v, row @ row",
        "matrix @ vector": "m @ v, a @ row",
        "vector @ matrix": "row @ m, v @ n",
        "batch @ matrix": "batch @ n, x @ m",
        "matrix @ batch": "a @ batch",
        "batch @ vector": "batch @ v, stack @ row",
        "vector @ batch": "row @ batch",
        "batch @ batch": "x @ batch, y.transpose(2, 3) @ y",
        "batches that are broadcast": "stack @ batch, stack @ m, y[:, :1] @ y.transpose(2, 3)",
        "a standardised matrix": """
            centred = a - a.mean(axis=0)
            centred / ((centred ** 2).mean(axis=0) + 1e-5).sqrt()
            """,
        "softmax by hand": """
            e = (y - y.amax(axis=-1, keepdims=True)).exp()
            e / e.sum(axis=-1, keepdims=True)
            """,
    }
    cases = [
        Case(name, code, agree)
        for agree, codes in {"exact": exact, "each": each, "whole": whole}.items()
        for name, code in codes.items()
    ]
    return inputs, cases, {}


def as_torch(array: np.ndarray, dtype: str, requires_grad: bool) -> torch.Tensor:
    """Make a tensor of an input: floats in `dtype`, integers and bools as they are."""
    if array.dtype.kind != "f":
        return torch.from_numpy(array.copy())
    return torch.from_numpy(array.astype(dtype)).requires_grad_(requires_grad)


def value_of(code: str, names: dict[str, Any]) -> tuple:
    """Run the code; return the value of its last line as a tuple."""
    *before, last = ast.parse(code).body
    exec(compile(ast.Module(before, []), "case", "exec"), names)
    value = eval(compile(ast.Expression(last.value), "case", "eval"), names)
    return value if isinstance(value, tuple) else (value,)


def write(name: str) -> None:
    """Run the cases of one module and write its file: all answers in one row of numbers a dtype."""
    inputs, cases, names = MODULES[name]()
    about: list[dict[str, Any]] = []
    answers: dict[str, list[np.ndarray]] = {"float32": [], "float64": []}
    for case in cases:
        case.code = textwrap.dedent(case.code).strip()
        for dtype, row in answers.items():
            given = {
                key: as_torch(array, dtype, key in case.gradients) for key, array in inputs.items()
            }
            values = [t.detach().numpy() for t in value_of(case.code, {**names, **given})]
            if any(value.dtype != dtype for value in values):
                raise TypeError(f"{name}, {case.name}: not all answers are {dtype}")
            row += [value.ravel() for value in values]
        about.append({**asdict(case), "shapes": [value.shape for value in values]})
    path = HERE / f"{name}.npz"
    np.savez_compressed(
        path,
        about=np.array(json.dumps({"torch": VERSION, "cases": about})),
        **{dtype: np.concatenate(row) for dtype, row in answers.items()},
        **{f"input/{key}": array for key, array in inputs.items()},
    )
    print(f"{path.name}: {len(cases)} cases, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    if torch.__version__.partition("+")[0] != VERSION:
        raise SystemExit(f"this is PyTorch {torch.__version__}, not {VERSION}")
    torch.set_num_threads(1)
    for name in MODULES:
        write(name)
