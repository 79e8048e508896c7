"""Made from source/04_layers/04_layers.py by `make export`: edit there, not here."""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from reprlib import recursive_repr
from typing import Any, Self

import numpy as np

from .activations import ReLU
from .setup import generator
from .tensor import Function, Tensor


class Parameter(Tensor):
    """A tensor that training may change."""

    def __init__(self, data: Any, dtype: Any = None, requires_grad: bool = True) -> None:
        super().__init__(data, dtype, requires_grad)


class Module:
    """A part of a model: it may hold parameters and other modules, and is called with tensors."""

    training: bool = True

    def forward(self, *inputs: Any) -> Tensor:
        """Compute the output: tensors in, tensor out."""
        raise NotImplementedError(f"{type(self).__name__} has no forward yet")

    def __call__(self, *inputs: Any) -> Tensor:
        """Run `forward`: `layer(x)` is `layer.forward(x)`."""
        return self.forward(*inputs)

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """Yield every parameter in the module once, with its name, such as `layers.0.weight`."""
        return ((name, part) for name, part in walk(self) if isinstance(part, Parameter))

    def parameters(self) -> Iterator[Parameter]:
        """Yield every parameter in the module once."""
        return (parameter for _, parameter in self.named_parameters())

    def train(self, mode: bool = True) -> Self:
        """Set `training`, here and in every module inside, and return the module."""
        for _, part in walk(self):
            if isinstance(part, Module):
                part.training = mode
        return self

    def eval(self) -> Self:
        """Leave training mode: dropout lets everything through."""
        return self.train(False)

    def num_parameters(self) -> int:
        """Return how many numbers can be learned."""
        return sum(parameter.size for parameter in self.parameters())

    def state_dict(self) -> dict[str, np.ndarray]:
        """Return a copy of all parameters' numbers by name; `np.savez(file, **state)` keeps it."""
        return {name: parameter.data.copy() for name, parameter in self.named_parameters()}

    def load_state_dict(self, state: Any) -> None:
        """Take over what `state_dict` returned; raise a ValueError for other names or shapes."""
        parameters = dict(self.named_parameters())
        if parameters.keys() != state.keys():
            raise ValueError(f"not in both: {', '.join(sorted(parameters.keys() ^ state.keys()))}")
        for name, parameter in parameters.items():
            if parameter.shape != np.shape(state[name]):
                raise ValueError(f"{name} is {parameter.shape}, not {np.shape(state[name])}")
        for name, parameter in parameters.items():
            parameter.data = np.array(state[name], dtype=parameter.dtype)

    @recursive_repr()
    def __repr__(self) -> str:
        """Name the class and all that it holds: of tensors the shape."""
        held = {k: v.shape if isinstance(v, Tensor) else v for k, v in vars(self).items()}
        return f"{type(self).__name__}({', '.join(f'{k}={v}' for k, v in held.items())})"


def walk(thing: Any, name: str = "", seen: set[int] | None = None) -> Iterator[tuple[str, Any]]:
    """Yield a thing and all that it holds, each once and with its name; open modules and lists."""
    seen = set() if seen is None else seen
    if id(thing) in seen:
        return
    seen.add(id(thing))
    yield name, thing
    held: Any = ()
    if isinstance(thing, Module):
        held = vars(thing).items()
    elif isinstance(thing, dict):
        held = thing.items()
    elif isinstance(thing, (list, tuple)):
        held = enumerate(thing)
    for key, part in held:
        yield from walk(part, f"{name}.{key}" if name else str(key), seen)


def starting_values(shape: tuple[int, ...], fan_in: int) -> Parameter:
    """Draw a parameter evenly from -1/sqrt(fan_in) to 1/sqrt(fan_in), as PyTorch does."""
    bound = 1 / math.sqrt(fan_in)
    return Parameter(generator().uniform(-bound, bound, shape), dtype=np.float32)


class Affine(Function):
    """Compute x @ weight.T + bias: every output is a weighted sum of the inputs, plus a number."""

    fits = "the last axes of x and of weight must be equal"

    def forward(self, x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
        """Return (..., out) from x (..., in), weight (out, in) and bias (out,)."""
        return x @ weight.T + bias


class Linear(Module):
    """Turn (..., in_features) into (..., out_features) by weights that can be learned."""

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        """Draw a weight (out_features, in_features) and, unless `bias` is False, a bias."""
        self.weight = starting_values((out_features, in_features), fan_in=in_features)
        self.bias = starting_values((out_features,), fan_in=in_features) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """Return x @ weight.T + bias."""
        return Affine.apply(x, self.weight, 0.0 if self.bias is None else self.bias)


class Sequential(Module):
    """Call one layer after the other: `Sequential(a, b)` or `Sequential([a, b])`."""

    def __init__(self, *layers: Any) -> None:
        """Keep the layers in order; any function of tensors can be one."""
        one_list = len(layers) == 1 and isinstance(layers[0], (list, tuple))
        self.layers: list[Any] = list(layers[0] if one_list else layers)

    def forward(self, x: Tensor) -> Tensor:
        """Hand every layer the output of the one before."""
        for layer in self.layers:
            x = layer(x)
        return x

    def __len__(self) -> int:
        return len(self.layers)

    def __getitem__(self, index: int) -> Any:
        return self.layers[index]


class Flatten(Module):
    """Join the last three axes, an image: (N, C, H, W) to (N, C*H*W), (C, H, W) to (C*H*W,)."""

    def __init__(self, start_dim: int = -3) -> None:
        """Choose the first axis to be joined."""
        self.start_dim = start_dim

    def forward(self, x: Tensor) -> Tensor:
        """Return the same numbers with the axes joined; what has no such axes is flat already."""
        if not -x.ndim <= self.start_dim < x.ndim:
            return x
        kept, joined = x.shape[: self.start_dim], x.shape[self.start_dim :]
        return x.reshape(*kept, math.prod(joined))


flatten = Flatten()  # one to be put between any two layers


class Dropout(Module):
    """In training, set each number to 0 with probability p and scale up the rest."""

    def __init__(self, p: float = 0.5) -> None:
        """Choose the probability, from 0 to 1."""
        if not 0 <= p <= 1:
            raise ValueError(f"a probability is between 0 and 1, got {p}")
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        """Return x * mask / (1 - p) in training, so that the mean stays, and x itself otherwise."""
        if not self.training or self.p == 0:
            return x
        mask = generator().random(x.shape) >= self.p
        return x * Tensor(mask / (1 - self.p) if self.p < 1 else mask, dtype=x.dtype)


class MLP(Sequential):
    """Linear layers with ReLU between them; `MLP([784, 64, 10])` scores images of 28 x 28."""

    def __init__(self, sizes: Sequence[int]) -> None:
        """Make one Linear for each pair of neighbours in `sizes`; the input is flattened first."""
        layers: list[Any] = [Flatten()]
        for inputs, outputs in pairwise(sizes):
            layers += [Linear(inputs, outputs), ReLU()]
        super().__init__(layers[:-1])
