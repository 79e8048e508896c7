"""Made from source/07_optimizers/07_optimizers.py by `make export`: edit there, not here."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from .autograd import mark_changed
from .tensor import Tensor


def require_leaves(parameters: list[Any]) -> None:
    """Raise a TypeError or ValueError unless each is a tensor that no operation made, and once."""
    for parameter in parameters:
        if not isinstance(parameter, Tensor):
            raise TypeError(f"an optimizer changes Tensors, got {type(parameter).__name__}")
        if parameter.creator is not None:
            raise ValueError("an operation made this tensor: pass [weight], or model.parameters()")
    if len({id(parameter) for parameter in parameters}) < len(parameters):
        raise ValueError("a parameter is there twice and would take two steps at once")


def require_at_least_0(**numbers: float) -> None:
    """Raise a ValueError that names the first of the settings that is negative, or NaN."""
    for name, number in numbers.items():
        if not number >= 0:
            raise ValueError(f"{name} has to be 0 or more, got {number}")


class Optimizer:
    """Change parameters by their gradients: `zero_grad()`, `loss.backward()`, `step()`."""

    def __init__(self, parameters: Iterable[Tensor], lr: float) -> None:
        """Keep the parameters and, for each of them, what must be remembered between steps."""
        self.parameters = list(parameters)
        if not self.parameters:
            raise ValueError("there are no parameters to optimize: pass model.parameters()")
        if not lr >= 0:
            raise ValueError(f"a negative learning rate goes uphill: expected 0 or more, got {lr}")
        self.lr = lr
        self.states: list[dict[str, Any]] = [{} for _ in self.parameters]
        require_leaves(self.parameters)

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
                mark_changed(parameter)

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
        require_at_least_0(momentum=momentum, weight_decay=weight_decay)
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
        require_at_least_0(eps=eps, weight_decay=weight_decay, beta1=betas[0], beta2=betas[1])
        if max(betas) >= 1:
            raise ValueError(f"betas are below 1, got {betas}")
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
        share1, share2 = 1 - beta1 ** state["step"], 1 - beta2 ** state["step"]
        scratch = np.multiply(grad, 1 - beta1, out=np.empty_like(values))  # from here on in place
        mean *= beta1
        mean += scratch
        np.multiply(grad, grad, out=scratch)
        scratch *= 1 - beta2
        square *= beta2
        square += scratch
        np.divide(square, share2, out=scratch)
        np.sqrt(scratch, out=scratch)
        scratch += self.eps
        np.divide(mean, scratch, out=scratch)
        scratch *= self.lr / share1
        values -= scratch


def clip_grad_norm_(parameters: Iterable[Tensor], max_norm: float) -> float:
    """Scale all gradients so that together they are at most `max_norm` long; return the length."""
    arrays = [parameter.grad.data for parameter in parameters if parameter.grad is not None]
    length = float(np.sqrt(sum(float((array * array).sum()) for array in arrays)))
    for array in arrays:
        array *= min(1.0, max_norm / (length + 1e-6))
    return length
