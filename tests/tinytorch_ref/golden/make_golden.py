"""Write golden/*.npz: what PyTorch answers, for TinyTorch to be compared with.

    pip install torch==2.13.0 numpy
    python tests/tinytorch_ref/golden/make_golden.py [module ...]

A case is a few lines of Python that mean the same in PyTorch and in TinyTorch; its answer is the
value of its last line, one tensor or a tuple of them. Each case runs once in float32 and once in
float64, and all its answers are of that dtype. They stand in `*_cases.py`: a function for each
module, with `@module("its name")`, which returns

- inputs: arrays by name. Those of floats become tensors; the others (indices, masks, labels) are
  tensors of integers and bools for PyTorch, and NumPy arrays for TinyTorch.
- cases: name, code, and how far the answers must agree (see `Case`).
- names: what else the code may use, such as `torch.nn.Linear`; the test gives TinyTorch's.

Gradients need nothing else: `(a * b).sum().backward()` and, as the last line, `a.grad, b.grad`,
with the names in `gradients`.
"""

import ast
import json
import sys
import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import Any

import gradient_cases  # noqa: F401
import network_cases  # noqa: F401
import numpy as np
import optimizer_cases  # noqa: F401
import spatial_cases  # noqa: F401
import tensor_cases  # noqa: F401
import torch
from registry import MODULES

VERSION = "2.13.0"
HERE = Path(__file__).parent


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
    for name in sys.argv[1:] or MODULES:
        write(name)
