"""Assignments 03 to 05: activations, layers and losses."""

import numpy as np
import torch
from registry import Module, cases_of, module
from torch.nn import functional


def linear(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None = None) -> torch.Tensor:
    """Apply a Linear layer with given parameters."""
    return functional.linear(x, weight, bias)


def mlp(x: torch.Tensor, *parameters: torch.Tensor) -> torch.Tensor:
    """Apply an MLP with given parameters, weight and bias in turn, to rows of numbers."""
    *hidden, weight, bias = parameters
    for w, b in zip(hidden[::2], hidden[1::2], strict=True):
        x = functional.relu(functional.linear(x, w, b))
    return functional.linear(x, weight, bias)


ACTIVATIONS = {
    name: getattr(torch.nn, name) for name in ("ReLU", "Sigmoid", "Tanh", "Softmax", "LogSoftmax")
}
LAYERS = {
    "linear": linear,
    "mlp": mlp,
    **{name: getattr(torch.nn, name) for name in ("Flatten", "Dropout", "Sequential", "ReLU")},
}
LOSSES = {
    "cross_entropy": functional.cross_entropy,
    **{
        name: getattr(torch.nn, name)
        for name in ("MSELoss", "BCEWithLogitsLoss", "CrossEntropyLoss")
    },
}


@module("activations")
def activations() -> Module:
    """03: numbers of every size, every axis, no numbers at all."""
    rng = np.random.default_rng(3)
    inputs = {
        "a": rng.normal(size=(3, 4)) * 3,
        "y": rng.normal(size=(2, 3, 4, 5)) * 5,
        "high": rng.normal(size=(2, 1, 3, 1, 2, 1)),
        "point": np.array(0.75),
        "row": rng.normal(size=4),
        "empty": np.zeros((0, 3)),
        "far": np.array([[-800.0, 0.0, 800.0], [30.0, 31.0, -30.0], [1e4, 1e4, 1e4]]),
        "signed_zeros": np.array([0.0, -0.0, 1.0, -1.0]),
        "endless": np.array([[np.inf, -np.inf, 1.0], [2.0, np.nan, -2.0]]),
    }
    exact = {
        "relu": "ReLU()(a), ReLU()(y), ReLU()(high), ReLU()(row)",
        "relu of a point, of nothing": "ReLU()(point), ReLU()(empty)",
        "relu of edges": "ReLU()(signed_zeros), ReLU()(far), ReLU()(endless)",
    }
    each = {
        "sigmoid": "Sigmoid()(a), Sigmoid()(y), Sigmoid()(high), Sigmoid()(point)",
        "sigmoid of nothing": "Sigmoid()(empty)",
        "sigmoid of edges": "Sigmoid()(signed_zeros), Sigmoid()(far), Sigmoid()(endless)",
        "tanh": "Tanh()(a), Tanh()(y), Tanh()(high), Tanh()(point), Tanh()(empty)",
        "tanh of edges": "Tanh()(signed_zeros), Tanh()(far), Tanh()(endless)",
    }
    whole = {
        "softmax": "Softmax(dim=-1)(a), Softmax(dim=0)(a), Softmax(1)(a), Softmax(0)(row)",
        "softmax, every axis": "tuple(Softmax(dim)(y) for dim in (0, 1, 2, 3, -2))",
        "softmax in six dimensions": "Softmax(2)(high), Softmax(-1)(high)",
        "softmax of nothing": "Softmax(-1)(empty)",
        "softmax of far numbers": "Softmax(-1)(far), Softmax(0)(far)",
        "log-softmax": "LogSoftmax(dim=-1)(a), LogSoftmax(dim=0)(a), LogSoftmax(0)(row)",
        "log-softmax, every axis": "tuple(LogSoftmax(dim)(y) for dim in (0, 1, 2, 3, -2))",
        "log-softmax in six dimensions": "LogSoftmax(2)(high), LogSoftmax(-1)(high)",
        "log-softmax of nothing": "LogSoftmax(-1)(empty)",
        "log-softmax of far numbers": "LogSoftmax(-1)(far), LogSoftmax(0)(far)",
        "one after the other": "Tanh()(ReLU()(y) - Sigmoid()(y)), Softmax(-1)(Tanh()(a))",
    }
    return inputs, cases_of(exact=exact, each=each, whole=whole), ACTIVATIONS


@module("layers")
def layers() -> Module:
    """04: layers with given parameters."""
    rng = np.random.default_rng(4)
    inputs = {
        "x": rng.normal(size=(6, 5)),
        "one": rng.normal(size=5),
        "batch": rng.normal(size=(2, 3, 5)),
        "empty": np.zeros((0, 5)),
        "images": rng.normal(size=(2, 3, 4, 2)),
        "w1": rng.normal(size=(4, 5)),
        "b1": rng.normal(size=4),
        "w2": rng.normal(size=(3, 4)),
        "b2": rng.normal(size=3),
        "w3": rng.normal(size=(1, 24)),
        "b3": rng.normal(size=1),
    }
    exact = {
        "flatten": "Flatten(1)(images), Flatten(-3)(images), Flatten(-2)(images), Flatten(1)(x)",
        "dropout leaves all": "Dropout(0.5).eval()(x), Dropout(0.0)(x), Dropout(0.0)(one)",
        "dropout leaves nothing": "Dropout(1.0)(x)",
    }
    whole = {
        "linear": "linear(x, w1, b1), linear(x, w1)",
        "linear of one sample": "linear(one, w1, b1), linear(one, w1)",
        "linear of a batch of rows": "linear(batch, w1, b1)",
        "linear of no samples": "linear(empty, w1, b1)",
        "linear to one number": "linear(Flatten(1)(images), w3, b3)",
        "mlp": "mlp(x, w1, b1, w2, b2), mlp(one, w1, b1, w2, b2), mlp(empty, w1, b1, w2, b2)",
        "mlp of one layer": "mlp(x, w1, b1)",
        "layers in a row": """
            model = Sequential(Flatten(1), ReLU(), Dropout(0.3)).eval()
            linear(model(images), w3, b3)
            """,
    }
    return inputs, cases_of(exact=exact, whole=whole), LAYERS


@module("losses")
def losses() -> Module:
    """05: every reduction, one sample and many, scores of every size."""
    rng = np.random.default_rng(5)
    inputs = {
        "a": rng.normal(size=(5, 4)) * 3,
        "b": rng.normal(size=(5, 4)),
        "point": np.array(0.75),
        "other": np.array(-2.0),
        "high": rng.normal(size=(2, 1, 3, 2)),
        "yes": rng.integers(0, 2, (5, 4)).astype(float),
        "soft": rng.uniform(size=(5, 4)),
        "half": rng.uniform(size=(2, 1, 3, 2)),
        "far": np.array([[1000.0, 0.0, -1000.0], [-80.0, 30.0, 0.0]]),
        "sure": np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]),
        "empty": np.zeros((0, 4)),
        "labels": rng.integers(0, 4, 5),
        "two": np.array([2, 0]),
        "three": np.array(3),
        "none": np.zeros(0, np.int64),
    }
    whole = {
        f"{loss}, {way}": code.replace("LOSS", f'{loss}(reduction="{way}")')
        for way in ("mean", "sum", "none")
        for loss, code in {
            "MSELoss": "LOSS(a, b), LOSS(point, other), LOSS(high, half), LOSS(far, sure)",
            "BCEWithLogitsLoss": "LOSS(a, yes), LOSS(a, soft), LOSS(high, half), LOSS(far, sure)",
            "CrossEntropyLoss": "LOSS(a, labels), LOSS(a[0], three), LOSS(far, two)",
        }.items()
    }
    whole |= {
        "cross_entropy": "cross_entropy(a, labels), cross_entropy(a[0], three)",
        "cross_entropy, sum and none": (
            'cross_entropy(a, labels, reduction="sum"), cross_entropy(a, labels, reduction="none")'
        ),
        "no samples": """
            squares, surprises = MSELoss(reduction="sum"), BCEWithLogitsLoss(reduction="sum")
            scores = cross_entropy(empty, none, reduction="none")
            squares(empty, empty), surprises(empty, empty), scores, scores.sum()
            """,
        "the mean of no samples": "MSELoss()(empty, empty), BCEWithLogitsLoss()(empty, empty)",
    }
    return inputs, cases_of(whole=whole), LOSSES
