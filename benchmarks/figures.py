"""Measure what the course promises, on its reference: `make figures`.

Accuracy: the training of notebooks 07 and 08, as it stands there, from many seeds, judged on the
2,000 bundled test digits. Speed: one epoch of notebook 10, one by one and in batches, CPU time on
one thread, in turn.
"""

import os

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import jupytext
import numpy as np

import tinytorch_ref
from datasets import digits
from tinytorch_ref import autograd, dataloader, layers, losses, optimizers, setup, spatial, training
from tinytorch_ref.tensor import Tensor

SOURCE = Path(tinytorch_ref.__file__).parents[1] / "source"
TAUGHT = {"MLP of 07": 0.85, "MLP of 08": None, "CNN of 08": 0.92}
BATCHES = (32, 64, 128)
PHOTOS = 512
ROUNDS = 5


def notebook_function(assignment: str, cell_name: str, name: str, **given: Any) -> Any:
    """Return a function as a cell of a notebook defines it, with the names that it needs."""
    space = {
        **vars(setup), **vars(layers), **vars(losses), **vars(optimizers), **vars(autograd),
        "np": np, "Tensor": Tensor, **given,
    }  # fmt: skip
    for cell in jupytext.read(SOURCE / assignment / f"{assignment}.py").cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == cell_name:
            exec(cell.source, space)
            return space[name]
    raise KeyError(f"{assignment} has no cell {cell_name}")


def accuracy_of(what: str, seed: int) -> float:
    """Train one of the course's networks from a seed; return its accuracy on unseen digits."""
    images, labels = digits.load("train")
    setup.manual_seed(seed)
    if what == "MLP of 07":
        model: Any = layers.MLP([784, 64, 10])
        learn = notebook_function("07_optimizers", "learn", "learn")
        optimizer = optimizers.SGD(model.parameters(), lr=0.01)
        learn(model, optimizer, images[:9000], labels[:9000])
    else:
        model = layers.MLP([784, 64, 10])
        if what == "CNN of 08":
            head = layers.Linear(16 * 13 * 13, 10)
            conv, pool = spatial.Conv2d(1, 16, 3), spatial.MaxPool2d(2)
            model = layers.Sequential([conv, pool, layers.Flatten(), head])
        learn = notebook_function("08_spatial", "learn", "learn", images=images, labels=labels)
        learn(model)
    test_images, test_labels = digits.load("test")
    with autograd.no_grad():
        guesses = model(Tensor(test_images)).numpy().argmax(axis=1)
    return float((guesses == test_labels).mean())


def print_accuracies(seeds: int, workers: int) -> None:
    """Print the spread of accuracies over seeds."""
    print(f"accuracy on 2,000 unseen digits, seeds 0 to {seeds - 1}")
    print(f"{'network':12} {'wanted':>7} {'worst':>7} {'median':>7} {'best':>7}")
    with ProcessPoolExecutor(workers) as pool:
        for what, wanted in TAUGHT.items():
            reached = sorted(pool.map(accuracy_of, [what] * seeds, range(seeds)))
            spread = (reached[0], float(np.median(reached)), reached[-1])
            figures = " ".join(f"{share:7.2%}" for share in spread)
            least = f"{wanted:.0%}" if wanted else "-"
            print(f"{what:12} {least:>7} {figures}", flush=True)


def seconds_of_epoch(model: Any, start: list[np.ndarray], data: Any) -> float:
    """Return the CPU seconds of one epoch from given weights, with Adam."""
    for parameter, values in zip(model.parameters(), start, strict=True):
        parameter.data[...] = values
    optimizer = optimizers.Adam(model.parameters())
    began = time.process_time()
    training.train_epoch(model, optimizer, data, show=False)
    return time.process_time() - began


def print_speedups() -> None:
    """Print how many times faster batches are than one sample at a time."""
    rng = np.random.default_rng(0)
    images = rng.normal(size=(PHOTOS, 3, 32, 32)).astype(np.float32)
    classes = rng.integers(0, 10, PHOTOS)
    dataset = dataloader.TensorDataset(images, classes)
    model = spatial.CNN()
    start = [parameter.data.copy() for parameter in model.parameters()]
    sets: dict[int, Any] = {1: [(Tensor(x), int(y)) for x, y in zip(images, classes, strict=True)]}
    sets |= {size: dataloader.DataLoader(dataset, batch_size=size) for size in BATCHES}
    spent: dict[int, list[float]] = {size: [] for size in sets}
    for _ in range(ROUNDS):
        for size, data in sets.items():
            spent[size].append(seconds_of_epoch(model, start, data))
    slow = float(np.median(spent[1]))
    print(f"\nCNN() of 08 with Adam: {1000 * slow / PHOTOS:.2f} ms a sample, one by one")
    for size in BATCHES:
        print(f"batches of {size:3}: {slow / np.median(spent[size]):5.1f} times faster")


def main() -> int:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    print_speedups()
    print()
    print_accuracies(arguments.seeds, arguments.workers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
