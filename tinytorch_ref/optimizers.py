"""Made from source/07_optimizers/07_optimizers.py by `make export`: edit there, not here."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from .tensor import Tensor


class Optimizer:
    """Change parameters by their gradients: `zero_grad()`, `loss.backward()`, `step()`."""

    def __init__(self, parameters: Iterable[Tensor], lr: float) -> None:
        """Keep the parameters and, for each of them, what must be remembered between steps."""
        self.parameters = list(parameters)
        if not self.parameters:
            raise ValueError("there are no parameters to optimize: pass model.parameters()")
        if lr < 0:
            raise ValueError(f"a negative learning rate goes uphill: expected 0 or more, got {lr}")
        self.lr = lr
        self.states: list[dict[str, Any]] = [{} for _ in self.parameters]

    def zero_grad(self) -> None:
        """Forget all gradients, so that the next backward starts afresh."""
        for parameter in self.parameters:
            parameter.grad = None

    def step(self, loss: Tensor | None = None) -> None:
        """Update every parameter that has a gradient; with a loss, compute the gradients first."""
        if loss is not None:
            self.zero_grad()
            loss.backward()
        for parameter, state in zip(self.parameters, self.states, strict=True):
            if parameter.grad is not None:
                self.update(parameter.data, parameter.grad.data, state)

    def update(self, values: np.ndarray, grad: np.ndarray, state: dict[str, Any]) -> None:
        """Change the values of one parameter in place, and leave its gradient as it is."""
        raise NotImplementedError(f"{type(self).__name__} has no update yet")


class SGD(Optimizer):
    """Step against the gradient; with momentum, against a running sum of gradients."""

    def __init__(
        self,
        parameters: Iterable[Tensor],
        lr: float = 1e-3,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
    ) -> None:
        """Choose the step size, how much of the last step lives on, and the pull towards 0."""
        super().__init__(parameters, lr)
        self.momentum, self.weight_decay = momentum, weight_decay

    def update(self, values: np.ndarray, grad: np.ndarray, state: dict[str, Any]) -> None:
        """Subtract lr * velocity, where velocity = momentum * velocity + gradient."""
        if self.weight_decay:
            grad = grad + self.weight_decay * values
        if self.momentum:
            grad = state["velocity"] = self.momentum * state.get("velocity", 0.0) + grad
        values -= self.lr * grad


class Adam(Optimizer):
    """Step by the running mean of the gradients over the root of that of their squares."""

    def __init__(
        self,
        parameters: Iterable[Tensor],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        """Choose the step size, how long each mean remembers, and the pull towards 0."""
        super().__init__(parameters, lr)
        self.betas, self.eps, self.weight_decay = betas, eps, weight_decay

    def update(self, values: np.ndarray, grad: np.ndarray, state: dict[str, Any]) -> None:
        """Subtract lr * mean / (sqrt(square) + eps), both corrected for having begun at 0."""
        if self.weight_decay:
            grad = grad + self.weight_decay * values
        if not state:
            state.update(step=0, mean=np.zeros_like(values), square=np.zeros_like(values))
        state["step"] += 1
        beta1, beta2 = self.betas
        mean, square = state["mean"], state["square"]
        mean += (1 - beta1) * (grad - mean)
        square += (1 - beta2) * (grad * grad - square)
        share1, share2 = 1 - beta1 ** state["step"], 1 - beta2 ** state["step"]
        values -= self.lr / share1 * mean / (np.sqrt(square / share2) + self.eps)
