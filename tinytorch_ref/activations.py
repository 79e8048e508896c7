"""Made from source/03_activations/03_activations.py by `make export`: edit there, not here."""

from typing import Any

import numpy as np

from .tensor import Function, Tensor


class Activation(Function):
    """A Function to be made once and called often: `relu = ReLU()`, then `relu(x)`."""

    def __call__(self, x: Any) -> Tensor:
        """Apply the activation to a tensor, with the options it was made with."""
        return self.apply(x, **vars(self))

    def __repr__(self) -> str:
        options = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{type(self).__name__}({options})"


class ReLU(Activation):
    """Keep positive numbers and replace negative ones by 0."""

    def forward(self, a: np.ndarray) -> np.ndarray:
        """Return max(a, 0), number by number."""
        return np.maximum(a, 0)


class Sigmoid(Activation):
    """Squash numbers into (0, 1): 1 / (1 + e**-a)."""

    def forward(self, a: np.ndarray) -> np.ndarray:
        """Return the sigmoid, in a form whose exponential cannot overflow."""
        power = np.exp(-np.abs(a))
        return np.where(a >= 0, 1, power) / (1 + power)


class Tanh(Activation):
    """Squash numbers into (-1, 1)."""

    def forward(self, a: np.ndarray) -> np.ndarray:
        """Return the hyperbolic tangent of every number."""
        return np.tanh(a)


class AlongAxis(Activation):
    """An activation that looks at all the numbers along one axis together."""

    dim: int = -1

    def __init__(self, dim: int = -1) -> None:
        """Choose the axis: the last one by default."""
        super().__init__(dim=dim)


class Softmax(AlongAxis):
    """Turn scores along an axis into probabilities: positive numbers that add up to 1."""

    def forward(self, a: np.ndarray) -> np.ndarray:
        """Return e**a / sum(e**a); the largest score is subtracted first, which changes nothing."""
        powers = np.exp(a - a.max(axis=self.dim, keepdims=True, initial=-np.inf))
        return powers / powers.sum(axis=self.dim, keepdims=True)


class LogSoftmax(AlongAxis):
    """Turn scores along an axis into the logarithms of their probabilities."""

    def forward(self, a: np.ndarray) -> np.ndarray:
        """Return log(softmax(a)) without the logarithm ever meeting a 0."""
        shifted = a - a.max(axis=self.dim, keepdims=True, initial=-np.inf)
        return shifted - np.log(np.exp(shifted).sum(axis=self.dim, keepdims=True))
