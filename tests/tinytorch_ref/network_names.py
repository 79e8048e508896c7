"""What the golden cases of 03 to 06 use, from TinyTorch."""

import numpy as np

from tinytorch_ref import activations, layers, losses
from tinytorch_ref.autograd import no_grad
from tinytorch_ref.tensor import Tensor


def linear(x, weight, bias=None):
    """Apply a Linear layer with given parameters."""
    layer = layers.Linear(*weight.shape[::-1], bias=bias is not None)
    layer.weight, layer.bias = weight, bias
    return layer(x)


def mlp(x, *parameters):
    """Apply an MLP with given parameters, weight and bias in turn, to rows of numbers."""
    weights, biases = parameters[::2], parameters[1::2]
    model = layers.MLP([weights[0].shape[1], *(bias.size for bias in biases)])
    linears = [layer for layer in model.layers if isinstance(layer, layers.Linear)]
    for layer, weight, bias in zip(linears, weights, biases, strict=True):
        layer.weight, layer.bias = weight, bias
    return model(x)


def start(out):
    """Return a gradient to start from that tells all numbers of a result apart."""
    return Tensor(np.cos(np.arange(out.size)).reshape(out.shape), dtype=out.dtype)


def of(module, *names):
    """Return parts of a module by name."""
    return {name: getattr(module, name) for name in names}


ACTIVATIONS = of(activations, "ReLU", "Sigmoid", "Tanh", "Softmax", "LogSoftmax")
LAYERS = {
    "linear": linear,
    "mlp": mlp,
    **of(layers, "Flatten", "Dropout", "Sequential", "ReLU"),
}
LOSSES = of(losses, "MSELoss", "BCEWithLogitsLoss", "CrossEntropyLoss", "cross_entropy")
GRADIENTS = {**ACTIVATIONS, **LAYERS, **LOSSES, "start": start, "no_grad": no_grad}
