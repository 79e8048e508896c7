"""Read golden/*.npz and run their cases in TinyTorch (see golden/make_golden.py)."""

import ast
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tinytorch_ref.tensor import Tensor

GOLDEN = Path(__file__).parent / "golden"
TOLERANCE = {"float32": 1e-6, "float64": 1e-12}
OF_GRADIENTS = {"float32": 1e-5, "float64": 1e-10}


@dataclass
class GoldenCase:
    """One calculation in one dtype, and what PyTorch answered."""

    name: str
    code: str
    agree: str
    dtype: str
    gradients: list[str]
    inputs: dict[str, np.ndarray]
    answers: list[np.ndarray]

    def run(self, names=None):
        """Return what TinyTorch answers; `names` is what the code uses besides its inputs."""
        names = {**(names or {}), **{key: self._given(key) for key in self.inputs}}
        *before, last = ast.parse(self.code).body
        with np.errstate(all="ignore"):
            exec(compile(ast.Module(before, []), self.name, "exec"), names)
            value = eval(compile(ast.Expression(last.value), self.name, "eval"), names)
        return value if isinstance(value, tuple) else (value,)

    def check(self, names=None):
        """Assert that TinyTorch answers as PyTorch did: numbers, shapes and dtypes."""
        got = self.run(names)
        assert [t.shape for t in got] == [want.shape for want in self.answers]
        assert [t.dtype for t in got] == [self.dtype] * len(got)
        for i, (tensor, want) in enumerate(zip(got, self.answers, strict=True)):
            tolerance = OF_GRADIENTS if self.agree == "gradient" else TOLERANCE
            rtol, atol = tolerance[self.dtype], 0.0
            if self.agree == "exact":
                rtol = 0.0
            elif self.agree in ("whole", "gradient"):
                atol = rtol * np.abs(want[np.isfinite(want)]).max(initial=0)
            message = f"answer {i} of {self.code}"
            np.testing.assert_allclose(tensor.numpy(), want, rtol, atol, err_msg=message)

    def _given(self, key):
        array = self.inputs[key]
        if array.dtype.kind != "f":
            return array.copy()
        return Tensor(array.astype(self.dtype), requires_grad=key in self.gradients)


@cache
def golden(module):
    """Return the cases of one module, each in float32 and in float64, as pytest parameters."""
    with np.load(GOLDEN / f"{module}.npz") as file:
        arrays = dict(file)
    inputs = {
        key.removeprefix("input/"): a for key, a in arrays.items() if key.startswith("input/")
    }
    params = []
    for dtype in TOLERANCE:
        start, numbers = 0, arrays[dtype]
        for about in json.loads(str(arrays["about"]))["cases"]:
            answers = []
            for shape in about["shapes"]:
                end = start + int(np.prod(shape))
                answers.append(numbers[start:end].reshape(shape))
                start = end
            case = GoldenCase(
                name=about["name"],
                code=about["code"],
                agree=about["agree"],
                dtype=dtype,
                gradients=about["gradients"],
                inputs=inputs,
                answers=answers,
            )
            params.append(pytest.param(case, id=f"{case.name}, {dtype}"))
        assert start == len(numbers), f"{module}.npz holds more numbers than its cases"
    return params
