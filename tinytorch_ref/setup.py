"""Made from source/01_setup/01_setup.py by `make export`: edit there, not here."""

import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import numpy as np


def version_numbers(text: str) -> tuple[int, int]:
    """Return the first two numbers of a version: (2, 10) for "2.10.1"."""
    major, minor = text.split(".")[:2]
    return int(major), int(minor)


_generator = np.random.default_rng()


def generator() -> np.random.Generator:
    """Return the generator that every random number of the framework comes from."""
    return _generator


def manual_seed(seed: int) -> np.random.Generator:
    """Start the framework's random numbers from `seed`, and return the generator."""
    global _generator
    _generator = np.random.default_rng(seed)
    return _generator


def load_digits(path: str | Path = "data/digits.npz") -> tuple[np.ndarray, np.ndarray]:
    """Return images, float32 (N, 1, 28, 28) from 0 (paper) to 1 (ink), and labels, int64 (N,)."""
    if not Path(path).is_file():
        raise FileNotFoundError(
            f"there is no {path} in {Path.cwd()}: it comes with the assignment, "
            "so keep the notebook in the folder it was handed out in"
        )
    with np.load(path) as digits:
        images = digits["images"].astype(np.float32) / 255
        return images, digits["labels"].astype(np.int64)


def mean_images(images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the mean image of each digit 0 to 9: (10, ...) from images (N, ...)."""
    return np.stack([images[labels == digit].mean(axis=0) for digit in range(10)])


def nearest_mean(images: np.ndarray, means: np.ndarray) -> np.ndarray:
    """Return, for every image of (N, ...), the index of the nearest mean of (K, ...), as (N,)."""
    distances = []
    for mean in means:
        squares = (images - mean) ** 2
        distances.append(squares.reshape(len(images), -1).sum(axis=1))
    return np.argmin(distances, axis=0)


CAN_WAIT = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR


@contextmanager
def listed(frame: Any, frames: list[Any]) -> Iterator[None]:
    """Keep the frame of a generator (or coroutine) in a list: while it waits, it has no f_back."""
    frames.append(frame)
    try:
        yield
    finally:
        frames.remove(frame)


class Block:
    """What `@contextmanager` makes; but in or over a generator it holds only while that runs."""

    def __init__(self, make: Callable[[], Any], generators: Callable[[], list[Any]]) -> None:
        """Keep what makes a plain block, and what returns the list of generators inside of one."""
        self.make, self.generators = make, generators

    def __enter__(self) -> None:
        frame = sys._getframe(1)  # of whoever said `with`
        can_wait = frame.f_code.co_flags & CAN_WAIT
        self.block = listed(frame, self.generators()) if can_wait else self.make()
        self.block.__enter__()

    def __exit__(self, *error: Any) -> Any:
        return self.block.__exit__(*error)

    def __call__(self, function: Any) -> Any:
        """Put the block around every call of a function, or every step of a generator."""
        if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError("over an async function this does nothing: put a `with` inside")
        if not inspect.isgeneratorfunction(function):
            return self.make()(function)

        @wraps(function)
        def in_steps(*args: Any, **options: Any) -> Any:
            with Block(self.make, self.generators):
                return (yield from function(*args, **options))

        return in_steps


def beside_generators(generators: Callable[[], list[Any]]) -> Callable[[Any], Any]:
    """Make a decorator that turns what `@contextmanager` made into a function that makes Blocks."""
    return lambda make: wraps(make)(lambda: Block(make, generators))
