"""Measure what the course's CNN reaches on CIFAR-10 itself: `make bench-cifar10`.

The training of notebook 10, as it stands there: `CNN()` with Adam, batches of 128, five epochs,
from several seeds; on all photographs, and on the part handed out. Judged on all test images.
CIFAR-10 must have been fetched (`make cifar10`), or CIFAR10_DIR must name its folder.
"""

import os

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")

import argparse
import sys

import numpy as np

from datasets import cifar10
from grading.course.data import PHOTOS
from tinytorch_ref import cross_entropy
from tinytorch_ref.dataloader import DataLoader, TensorDataset
from tinytorch_ref.optimizers import Adam
from tinytorch_ref.setup import manual_seed
from tinytorch_ref.spatial import CNN
from tinytorch_ref.training import evaluate, train_epoch

EPOCHS = 5
MEAN, SPREAD = np.float32(0.47), np.float32(0.25)


def accuracy_of(images: np.ndarray, labels: np.ndarray, test: DataLoader, seed: int) -> float:
    """Train from a seed; return the accuracy on the test images."""
    manual_seed(seed)
    model = CNN()
    optimizer = Adam(model.parameters())
    train = DataLoader(TensorDataset(images, labels), batch_size=128, shuffle=True)
    for _ in range(EPOCHS):
        train_epoch(model, optimizer, train, cross_entropy, show=False)
    return evaluate(model, test)[1]


def main() -> int:
    """Print the accuracies over the seeds; return 1 where there is no CIFAR-10."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    seeds = range(parser.parse_args().seeds)
    if cifar10.find() is None:
        print("There is no CIFAR-10: say `make cifar10` first.", file=sys.stderr)
        return 1
    sets = {}
    for split in ("train", "test"):
        images, labels, _ = cifar10.load(split)
        images -= MEAN
        images /= SPREAD
        sets[split] = images, labels
    test = DataLoader(TensorDataset(*sets["test"]), batch_size=250)
    print(f"CNN() after {EPOCHS} epochs, accuracy on {len(sets['test'][1]):,} test images")
    for count in (len(sets["train"][1]), PHOTOS["train"]):
        images, labels = (part[:count] for part in sets["train"])
        reached = sorted(accuracy_of(images, labels, test, seed) for seed in seeds)
        spread = f"{reached[0]:.1%} to {reached[-1]:.1%}, median {np.median(reached):.1%}"
        print(f"{count:6,} photographs, {len(reached)} seeds: {spread}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
