"""Made from source/09_training/09_training.py by `make export`: edit there, not here."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from .autograd import no_grad
from .layers import Module
from .losses import cross_entropy
from .optimizers import Optimizer
from .tensor import Tensor

LossFunction = Callable[[Tensor, Any], Tensor]


def duration(seconds: float) -> str:
    """Write a number of seconds as people say it: "8 s", "3.4 min", "2.5 h"."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


class Progress:
    """A line that says how far a loop has come, and how long the rest will take."""

    every = 0.5  # seconds between two lines

    def __init__(self, total: int, clock: Callable[[], float] = time.perf_counter) -> None:
        """Start the clock for a loop of `total` steps."""
        self.total, self.done, self.clock = total, 0, clock
        self.began = self.written = clock()

    def seconds_left(self) -> float:
        """Estimate the rest by the mean pace so far; before the first step it is infinite."""
        if self.done == 0:
            return float("inf")
        pace = (self.clock() - self.began) / self.done
        return pace * (self.total - self.done)

    def advance(self, loss: float) -> None:
        """Count one more step, and now and then write the line."""
        self.done += 1
        finished, now = self.done == self.total, self.clock()
        if finished or now - self.written >= self.every:
            self.written = now
            rest = f"took {duration(now - self.began)}"
            if not finished:
                rest = f"{duration(self.seconds_left())} to go"
            line = f"step {self.done:,} of {self.total:,}, mean loss {loss:.3f}, {rest}"
            print(f"\r{line:70}", end="\n" if finished else "")


def train_epoch(
    model: Module,
    optimizer: Optimizer,
    dataset: Any,
    loss_function: LossFunction = cross_entropy,
    show: bool = True,
) -> float:
    """Take one step for each (x, y), a sample or several; return the mean loss over samples."""
    progress = Progress(len(dataset)) if show else None
    model.train()
    total = count = 0.0
    for x, y in dataset:
        optimizer.zero_grad()
        loss = loss_function(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * np.size(y)
        count += np.size(y)
        if progress:
            progress.advance(total / count)
    return total / count


def accuracy(scores: Tensor, target: Any) -> float:
    """Return the share of samples whose highest score, of (N, C) or (C,), is the right class's."""
    return float(np.mean(scores.data.argmax(axis=-1) == np.asarray(target)))


def evaluate(
    model: Module, dataset: Any, loss_function: LossFunction = cross_entropy
) -> tuple[float, float]:
    """Return mean loss and accuracy over a dataset, and leave the model as it was."""
    was_training = model.training
    model.eval()
    loss = right = count = 0.0
    with no_grad():
        for x, y in dataset:
            scores, samples = model(x), np.size(y)
            loss += loss_function(scores, y).item() * samples
            right += accuracy(scores, y) * samples
            count += samples
    model.train(was_training)
    return loss / count, right / count


class Trainer:
    """A model, an optimizer and a loss that belong together, and the history of their training."""

    def __init__(
        self,
        model: Module,
        optimizer: Optimizer,
        loss_function: LossFunction = cross_entropy,
        show: bool = True,
    ) -> None:
        """Keep what training needs; `show=False` trains in silence."""
        self.model, self.optimizer, self.loss_function = model, optimizer, loss_function
        self.show = show
        self.history: list[dict[str, float]] = []

    def fit(self, dataset: Any, epochs: int = 1, test: Any = None) -> list[dict[str, float]]:
        """Train for some epochs; after each, note its loss and how the model does on `test`."""
        for _ in range(epochs):
            loss = train_epoch(
                self.model, self.optimizer, dataset, self.loss_function, show=self.show
            )
            entry = {"loss": loss}
            if test is not None:
                results = evaluate(self.model, test, self.loss_function)
                entry["test loss"], entry["accuracy"] = results
            self.history.append(entry)
        return self.history


CIFAR10_CLASSES = [
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
]


def load_cifar10(
    split: str = "train", most: int = 50_000
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return images (N, 3, 32, 32) from 0 to 1, labels (N,), and the names of the ten classes.

    Reads the folder CIFAR10_DIR, or data/cifar-10-batches-bin, or else what was handed out.
    """
    folder = Path(os.environ.get("CIFAR10_DIR") or "data/cifar-10-batches-bin")
    pattern = {"train": "data_batch_*.bin", "test": "test_batch.bin"}[split]
    contents = [np.fromfile(file, np.uint8) for file in sorted(folder.glob(pattern))]
    if any(content.size % 3073 for content in contents):
        raise ValueError(f"a file in {folder} is cut short: fetch CIFAR-10 again")
    if contents:
        rows = np.concatenate(contents).reshape(-1, 3073)[:most]
        images, labels, names = rows[:, 1:].reshape(-1, 3, 32, 32), rows[:, 0], CIFAR10_CLASSES
    else:
        photos = Path("data/cifar10.npz")
        if not photos.exists():
            print("There are no photographs here: these are drawn shapes instead.")
        with np.load(photos if photos.exists() else "data/cifar10-stand-in.npz") as given:
            images, labels = given[f"{split}_images"][:most], given[f"{split}_labels"][:most]
            names = given["names"].tolist()
    return images.astype(np.float32) / 255, labels.astype(np.int64), names
