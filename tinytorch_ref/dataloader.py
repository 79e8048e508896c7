"""Made from source/10_dataloader/10_dataloader.py by `make export`: edit there, not here."""

from collections.abc import Iterator
from operator import index
from typing import Any

import numpy as np

from .setup import generator as course_generator
from .tensor import Tensor, from_numpy


def wrap(array: np.ndarray) -> Tensor | np.ndarray:
    """Make a Tensor of floats, without a copy; class numbers stay an array."""
    return from_numpy(array) if array.dtype.kind == "f" else array


def require_tuples(samples: list[Any]) -> None:
    """Raise a TypeError unless every sample is a tuple (or a list) of parts."""
    for sample in samples:
        if not isinstance(sample, (tuple, list)):
            kind = type(sample).__name__
            raise TypeError(f"a sample is a tuple such as (image, label) or (x,), got {kind}")


def collate(samples: list[tuple[Any, ...]]) -> tuple[Any, ...]:
    """Stack samples into a batch: each part of it has a new first axis, of length N."""
    require_tuples(samples)
    parts = zip(*samples, strict=True)
    return tuple(wrap(np.stack([np.asarray(one) for one in part])) for part in parts)


class Dataset:
    """Samples with numbers: `dataset[i]` is a tuple such as (image, label)."""

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__} has no length yet")

    def __getitem__(self, index: Any) -> tuple[Any, ...]:
        raise NotImplementedError(f"{type(self).__name__} has no samples yet")

    def batch(self, indices: np.ndarray) -> tuple[Any, ...]:
        """Return several samples as one: each part gets a new first axis."""
        return collate([self[index] for index in indices])


class TensorDataset(Dataset):
    """A dataset of tensors and arrays of equal length: sample i is the i-th entry of each."""

    def __init__(self, *parts: Any) -> None:
        """Keep the parts as arrays; they must be equally long."""
        self.arrays = [np.asarray(part) for part in parts]
        lengths = [len(array) for array in self.arrays]
        if len(set(lengths)) != 1:
            raise ValueError(f"the parts must be equally long, got lengths {lengths}")

    def __len__(self) -> int:
        return len(self.arrays[0])

    def __getitem__(self, index: Any) -> tuple[Any, ...]:
        return tuple(wrap(array[index]) for array in self.arrays)

    def batch(self, indices: np.ndarray) -> tuple[Any, ...]:
        """Return several samples, picked from each part in one go."""
        return self[indices]


class DataLoader:
    """Serve a dataset in batches: `for x, y in loader`, as often as one likes."""

    def __init__(
        self,
        dataset: Any,
        batch_size: int = 1,
        shuffle: bool = False,
        drop_last: bool = False,
        generator: np.random.Generator | None = None,
    ) -> None:
        """Choose the batch size, whether to shuffle, and whether a short last batch is left out."""
        if index(batch_size) < 1:
            raise ValueError(f"a batch has at least one sample, got batch_size={batch_size}")
        self.dataset, self.batch_size = dataset, batch_size
        self.shuffle, self.drop_last, self.generator = shuffle, drop_last, generator

    def __len__(self) -> int:
        """Return the number of batches."""
        full, rest = divmod(len(self.dataset), self.batch_size)
        return full + (rest > 0 and not self.drop_last)

    def order(self) -> np.ndarray:
        """Return the indices of all samples, in the order in which an epoch serves them."""
        if not self.shuffle:
            return np.arange(len(self.dataset))
        return (self.generator or course_generator()).permutation(len(self.dataset))

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        order = self.order()
        for i in range(len(self)):
            indices = order[i * self.batch_size : (i + 1) * self.batch_size]
            if isinstance(self.dataset, Dataset):
                yield self.dataset.batch(indices)
            else:
                yield collate([self.dataset[index] for index in indices])
