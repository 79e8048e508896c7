"""Compare a training step of the reference with PyTorch's: `make bench`.

Same model with the same weights, same data, same optimizer, one thread, one process, in turn.
What counts is the median of CPU seconds a step: zero_grad, forward, loss, backward, update.
"""

import os

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")

import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

from tinytorch_ref import layers, optimizers, spatial
from tinytorch_ref.losses import cross_entropy
from tinytorch_ref.tensor import Tensor

ROUNDS = 40
STEPS_A_ROUND = {1: 40, 32: 8, 128: 3}
DIGIT, PHOTO = (1, 28, 28), (3, 32, 32)


def models() -> Iterator[tuple[str, Any, nn.Module, tuple[int, ...]]]:
    """Yield each model of the course: name, ours, PyTorch's, shape of an image."""
    yield (
        "MLP 784-64-10",
        layers.MLP([784, 64, 10]),
        nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10)),
        DIGIT,
    )
    yield (
        "CNN on digits",
        layers.Sequential(
            spatial.Conv2d(1, 16, 3),
            spatial.MaxPool2d(2),
            layers.Flatten(),
            layers.Linear(16 * 13 * 13, 10),
        ),
        nn.Sequential(
            nn.Conv2d(1, 16, 3), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(16 * 13 * 13, 10)
        ),
        DIGIT,
    )
    yield (
        "CNN on CIFAR-10",
        spatial.CNN(),
        nn.Sequential(
            *(nn.Conv2d(3, 16, 3, stride=3), nn.ReLU(), nn.Flatten()),
            *(nn.Linear(1600, 512), nn.ReLU(), nn.Linear(512, 10)),
        ),
        PHOTO,
    )


def steps(ours: Any, theirs: nn.Module, optimizer: str, x: np.ndarray, y: np.ndarray) -> list[Any]:
    """Return two functions that take one training step on the same batch, and return the loss.

    Raises `AssertionError` when the two losses differ: then it would not be the same work.
    """
    with torch.no_grad():
        for mine, other in zip(ours.parameters(), theirs.parameters(), strict=True):
            other.copy_(torch.tensor(mine.numpy()))
    our_optimizer = getattr(optimizers, optimizer)(ours.parameters(), lr=1e-3)
    their_optimizer = getattr(torch.optim, optimizer)(theirs.parameters(), lr=1e-3)
    images, their_images, their_labels = Tensor(x), torch.tensor(x), torch.tensor(y)

    def our_step() -> float:
        our_optimizer.zero_grad()
        loss = cross_entropy(ours(images), y)
        loss.backward()
        our_optimizer.step()
        return loss.item()

    def their_step() -> float:
        their_optimizer.zero_grad()
        loss = nn.functional.cross_entropy(theirs(their_images), their_labels)
        loss.backward()
        their_optimizer.step()
        return loss.item()

    for _ in range(3):
        losses = our_step(), their_step()
        assert np.isclose(*losses, rtol=1e-3), f"the losses differ: {losses}"
    return [our_step, their_step]


def median_seconds(functions: list[Callable[[], float]], count: int) -> list[float]:
    """Time functions in turn; return for each the median of CPU seconds a call."""
    seconds: list[list[float]] = [[] for _ in functions]
    for _ in range(ROUNDS):
        for function, spent in zip(functions, seconds, strict=True):
            function()
            for _ in range(count):
                began = time.process_time()
                function()
                spent.append(time.process_time() - began)
    return [float(np.median(spent)) for spent in seconds]


def main() -> int:
    """Print a row for each model, optimizer and batch."""
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    print(f"a training step, CPU time on one thread, PyTorch {torch.__version__}")
    print(
        f"{'model':16} {'optimizer':9} {'batch':>5} {'ours ms':>9} {'PyTorch ms':>10} {'ratio':>6}"
    )
    behind = 0
    for name, ours, theirs, shape in models():
        for optimizer in ("SGD", "Adam"):
            for batch, count in STEPS_A_ROUND.items():
                x = rng.random((batch, *shape)).astype(np.float32)
                pair = steps(ours, theirs, optimizer, x, rng.integers(0, 10, batch))
                mine, other = (1e3 * spent for spent in median_seconds(pair, count))
                behind += other < mine
                figures = f"{mine:9.3f} {other:10.3f} {other / mine:6.2f}"
                print(f"{name:16} {optimizer:9} {batch:5} {figures}", flush=True)
    print(f"ratio above 1: TinyTorch is faster; it is slower in {behind} of 18 rows")
    return 0


if __name__ == "__main__":
    sys.exit(main())
