"""Compare a training step of the reference with PyTorch's: `make bench-pytorch`.

Same model with the same weights, same data, same optimizer, one thread, in turn. What counts in a
run is the median of CPU seconds a step: zero_grad, forward, loss, backward, update. Every run is a
process of its own; the table has the median of the runs' ratios and their range, for the README.

    python -m benchmarks.against_pytorch [--runs 5] [--only REGEX]
"""

import os

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")

import argparse
import json
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

from tinytorch_ref import activations, layers, optimizers, spatial
from tinytorch_ref.losses import cross_entropy
from tinytorch_ref.tensor import Tensor

ROUNDS = 40
STEPS_A_ROUND = {1: 40, 32: 8, 128: 3}
DIGIT, PHOTO = (1, 28, 28), (3, 32, 32)
Ratios = dict[str, list[float]]  # of each row, for each batch: PyTorch's time by ours


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
    yield (
        "two convolutions and pooling",
        layers.Sequential(
            *(spatial.Conv2d(3, 16, 3, padding=1), activations.ReLU(), spatial.MaxPool2d(2)),
            *(spatial.Conv2d(16, 32, 3, padding=1), activations.ReLU(), spatial.MaxPool2d(2)),
            *(layers.Flatten(), layers.Linear(32 * 8 * 8, 10)),
        ),
        nn.Sequential(
            *(nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Flatten(), nn.Linear(32 * 8 * 8, 10)),
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


def one_run(only: str) -> Ratios:
    """Measure every row once whose name is looked for."""
    torch.set_num_threads(1)
    rng, ratios = np.random.default_rng(0), Ratios()
    for name, ours, theirs, shape in models():
        for optimizer in ("SGD", "Adam"):
            row = f"{name}, {optimizer}"
            for batch, count in STEPS_A_ROUND.items() if re.search(only, row) else ():
                x = rng.random((batch, *shape)).astype(np.float32)
                pair = steps(ours, theirs, optimizer, x, rng.integers(0, 10, batch))
                mine, other = median_seconds(pair, count)
                ratios.setdefault(row, []).append(other / mine)
    return ratios


def table(runs: list[Ratios]) -> str:
    """Return the medians of several runs, and from where to where they go, in Markdown."""
    batches = " | ".join(f"batch {batch}" for batch in STEPS_A_ROUND)
    lines = [f"| times faster than PyTorch | {batches} |", "|---|" + "---|" * len(STEPS_A_ROUND)]
    for row in runs[0]:
        cells = []
        for seen in zip(*(run[row] for run in runs), strict=True):
            cells.append(f"{statistics.median(seen):.2f} ({min(seen):.2f} to {max(seen):.2f})")
        lines.append(f"| {row} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> int:
    """Make some runs, each in a process of its own, and print their table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", default="", help="rows that this is found in")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        print(json.dumps(one_run(chosen.only)))
        return 0
    command = [sys.executable, "-m", "benchmarks.against_pytorch", "--one", "--only", chosen.only]
    runs = []
    for number in range(1, chosen.runs + 1):
        print(f"run {number} of {chosen.runs}", file=sys.stderr)
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        runs.append(json.loads(done.stdout))
    print(f"a training step, CPU time on one thread, PyTorch {torch.__version__}")
    print(f"medians of {chosen.runs} runs, and their range; above 1 TinyTorch is faster\n")
    print(table(runs))
    medians = [
        statistics.median(seen)
        for row in runs[0]
        for seen in zip(*(run[row] for run in runs), strict=True)
    ]
    print(f"\nfaster in {sum(one > 1 for one in medians)} of {len(medians)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
