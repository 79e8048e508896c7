"""Cases that are not drawn: what a tensor and its graph answer, and what they refuse."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

import tinytorch_ref as tt

from .outcomes import Arrays, Case, as_array

Side = dict[str, Any]
OURS: Side = {
    "tensor": lambda data, **options: tt.Tensor(data, **options),
    "no_grad": tt.no_grad,
    "Linear": tt.Linear,
    "Sequential": tt.Sequential,
    "SGD": tt.SGD,
    "Adam": tt.Adam,
    "Conv2d": tt.Conv2d,
    "MaxPool2d": tt.MaxPool2d,
    "Dropout": tt.Dropout,
    "relu": tt.ReLU(),
    "whole": np.int64,
}
THEIRS: Side = {
    "tensor": torch.tensor,
    "no_grad": torch.no_grad,
    "Linear": nn.Linear,
    "Sequential": nn.Sequential,
    "SGD": torch.optim.SGD,
    "Adam": torch.optim.Adam,
    "Conv2d": nn.Conv2d,
    "MaxPool2d": nn.MaxPool2d,
    "Dropout": nn.Dropout,
    "relu": torch.relu,
    "whole": torch.int64,
}
QUESTIONS = """
x.sum().backward(); answer = x.grad
x.backward()
y = x.sum(); y.backward(); y.backward()
(x * 2).sum().backward(); (x * 3).sum().backward(); answer = x.grad
x.detach().sum().backward()
(x * x.detach()).sum().backward(); answer = x.grad
y = x.detach(); answer = float(y.requires_grad)
tensor([1, 2], dtype=whole, requires_grad=True)
answer = float(bool(tensor([0.0])))
answer = float(bool(tensor([[2.0]])))
bool(x)
float(x)
answer = float(x.sum())
answer = float(f"{x.sum():.2f}")
answer = float(x[0] > 0.5)
answer = float(2.0 in tensor([1.0, 2.0]))
answer = float(2.5 in tensor([1.0, 2.0]))
answer = [float(t) for t in x.detach() == tensor([1.0, 5.0, 3.0])]
answer = len(x)
len(x.sum())
list(x.sum())
x.item()
x.T.T; answer = x.sum().item()
with no_grad(): answer = float((x * 2).requires_grad)
with no_grad(): (x * 2).sum().backward()
SGD([x], lr=1.0).step(); answer = x
y = (x * x).sum(); o = SGD([x], lr=1.0); y.backward(); o.step(); answer = [*x, *x.grad]
y, z = (x * x).sum(), (x * x).sum(); y.backward(); SGD([x], lr=1.0).step(); z.backward()
y, z = x.sum(), x.sum(); y.backward(); SGD([x], lr=1.0).step(); z.backward(); answer = x.grad
SGD([], lr=1.0)
SGD([1, 2], lr=1.0)
SGD([x, x], lr=1.0)
SGD(x, lr=1.0)
SGD([x * 2], lr=1.0)
SGD([x], lr=-1.0)
SGD([x], lr=1.0, momentum=-1.0)
Adam([x], betas=(1.5, 0.9))
Adam([x], betas=(0.9, 1.0))
Adam([x], eps=-1.0)
Dropout(1.5)
MaxPool2d(2, 2, 2)(tensor([[[1.0, 2.0], [3.0, 4.0]]]))
Conv2d(1, 1, 3, padding=1.5)(tensor([[[1.0] * 4] * 4]))
Conv2d(1, 1, 3, stride=0)(tensor([[[1.0] * 4] * 4]))
Conv2d(1, 1, 3, padding=-1)(tensor([[[1.0] * 6] * 6]))
Conv2d(2, 1, 3)(tensor([[[1.0] * 4] * 4]))
Linear(3, 2)(tensor(1.0))
answer = len(Sequential(Linear(3, 2), Linear(2, 1)))
answer = sum(1 for p in Sequential(Linear(3, 2), Linear(2, 1)).parameters())
Sequential(Linear(3, 2))[1]
Linear(3, 2).load_state_dict({})
""".strip().split("\n")
LONGER = """
with no_grad():
    with no_grad():
        pass
    answer = float((x * 2).requires_grad)

@no_grad()
def f():
    return float((x * 2).requires_grad)
answer = [f(), float((x * 2).requires_grad)]

@no_grad()
def f():
    yield float((x * 2).requires_grad)
    yield float((x * 2).requires_grad)
g = f()
answer = [next(g), float((x * 2).requires_grad), next(g), float((x * 2).requires_grad)]
""".strip().split("\n\n")


def questions() -> Iterator[Case]:
    """Yield every question once."""
    for code in QUESTIONS + LONGER:
        words = "; ".join(line.strip() for line in code.split("\n")).replace(":;", ":")
        yield Case("questions", words, answered(code, OURS), answered(code, THEIRS))


def answered(code: str, side: Side) -> Callable[[], Arrays]:
    """Return a function that runs a question on one side, and returns its `answer`."""

    def run() -> Arrays:
        names = side | {"x": side["tensor"]([1.0, -2.0, 3.0], requires_grad=True), "answer": 0}
        exec(code, names)
        answer = names["answer"]
        listed = answer if isinstance(answer, list) else [answer]
        return [np.float32(as_array(one) if hasattr(one, "detach") else one) for one in listed]

    return run
