"""Made from source/05_losses/05_losses.py by `make export`: edit there, not here."""

from typing import Any

import numpy as np

from .activations import LogSoftmax
from .layers import Module
from .tensor import Function, Tensor


def reduce(losses: Tensor, reduction: str) -> Tensor:
    """Return the "mean" of the losses, their "sum", or with "none" the losses themselves."""
    if reduction == "none":
        return losses
    if reduction in ("mean", "sum"):
        return losses.mean() if reduction == "mean" else losses.sum()
    raise ValueError(f'reduction is "mean", "sum" or "none", got {reduction!r}')


def require_equal_shapes(prediction: Tensor, target: Any) -> None:
    """Refuse a target of another shape: (N, 1) with (N,) would broadcast to (N, N)."""
    if np.shape(target) != prediction.shape:
        raise ValueError(
            f"predictions have shape {prediction.shape}, targets {np.shape(target)}: "
            "they must be equal, so reshape one of them"
        )


class Loss(Module):
    """A measure of how wrong predictions are: `loss(predictions, targets)`."""

    def __init__(self, reduction: str = "mean") -> None:
        """Choose how the losses are put together: "mean", "sum" or "none"."""
        self.reduction = reduction


class MSELoss(Loss):
    """Measure the squared difference between prediction and target."""

    def forward(self, prediction: Tensor, target: Any) -> Tensor:
        """Return the squares of the differences, put together."""
        require_equal_shapes(prediction, target)
        difference = prediction - target
        return reduce(difference * difference, self.reduction)


class BinaryCrossEntropy(Function):
    """Compute -log(p) where the target is 1 and -log(1 - p) where it is 0; p = sigmoid(logit)."""

    def forward(self, logits: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """Return the loss of every logit, in a form whose exponential cannot overflow."""
        return np.maximum(logits, 0) - logits * targets + np.log1p(np.exp(-np.abs(logits)))


class BCEWithLogitsLoss(Loss):
    """Measure how surprising yes-or-no targets (1 or 0) are, given a logit for yes."""

    def forward(self, logits: Tensor, target: Any) -> Tensor:
        """Return the cross-entropies, put together."""
        require_equal_shapes(logits, target)
        return reduce(BinaryCrossEntropy.apply(logits, target), self.reduction)


class CrossEntropy(Function):
    """Compute -log(probability of the right class) from scores (N, C), or (C,) for one sample."""

    right: tuple[np.ndarray, ...] = ()  # indices of the right scores: scores[right] is (N,)

    def forward(self, scores: np.ndarray) -> np.ndarray:
        """Return the loss of every sample, (N,), or of the one."""
        self.log_probabilities = LogSoftmax().forward(scores)
        return -self.log_probabilities[self.right]


def indices_of(target: Any, shape: tuple[int, ...]) -> tuple[np.ndarray, ...]:
    """Return the indices that pick each sample's right score out of scores of a shape (N, C)."""
    if not shape:
        raise ValueError("one number is no scores: they have shape (N, C), or (C,)")
    *samples, classes = shape
    right = np.asarray(target)
    if list(right.shape) != samples:
        raise ValueError(
            f"scores of shape {shape} need class numbers of shape {tuple(samples)}, one a sample, "
            f"got shape {right.shape}"
        )
    if right.dtype.kind == "f" and (right % 1 == 0).all():
        right = right.astype(np.int64)  # a Tensor of class numbers
    if right.dtype.kind not in "iu":
        raise TypeError(f"targets are class numbers such as 0 or 7, got {target}")
    if right.size and not 0 <= right.min() <= right.max() < classes:
        raise IndexError(f"class numbers go from 0 to {classes - 1}, got {target}")
    return (np.arange(len(right)), right) if samples else (right,)


def cross_entropy(scores: Tensor, target: Any, reduction: str = "mean") -> Tensor:
    """Measure how surprising the right class is, given scores (N, C), or (C,) and one target."""
    losses = CrossEntropy.apply(scores, right=indices_of(target, scores.shape))
    return reduce(losses, reduction)


class CrossEntropyLoss(Loss):
    """Measure how surprising the right classes are, given scores for every class."""

    def forward(self, scores: Tensor, target: Any) -> Tensor:
        """Return the cross-entropies, put together."""
        return cross_entropy(scores, target, self.reduction)
