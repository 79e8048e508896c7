"""What is computed from a network's weights is what the network itself says."""

import numpy as np
import pytest

from datasets import digits
from grading.checks.networks import SHAPES, XOR_CASES, seen
from tinytorch_ref.activations import ReLU, Tanh
from tinytorch_ref.layers import MLP, Flatten, Linear, Sequential
from tinytorch_ref.spatial import Conv2d, MaxPool2d
from tinytorch_ref.tensor import Tensor

NETWORKS = {
    "XOR": lambda: Sequential(Linear(2, 4), Tanh(), Linear(4, 1)),
    "MLP": lambda: MLP([784, 64, 10]),
    "CNN": lambda: Sequential(Conv2d(1, 16, 3), ReLU(), MaxPool2d(2), Flatten(), Linear(2704, 10)),
}


@pytest.fixture(params=NETWORKS)
def network(request):
    """Return a milestone, and a network of its kind with weights of its own."""
    rng, model = np.random.default_rng(3), NETWORKS[request.param]()
    for parameter in model.parameters():
        parameter.data[...] = rng.normal(size=parameter.shape)
    return request.param, model


def test_weights_see_what_the_network_sees(network):
    name, model = network
    weights = [parameter.numpy() for parameter in model.parameters()]
    scores = model(Tensor(XOR_CASES if name == "XOR" else digits.load("test").images)).numpy()
    says = scores[:, 0] > 0 if name == "XOR" else scores.argmax(axis=1)
    assert (seen(name, weights) == says).mean() > 0.999
    assert len(set(says.tolist())) > 1


def test_weights_that_do_not_fit_see_nothing(network):
    name, _ = network
    weights = [np.ones(shape) for shape in SHAPES[name]]
    assert seen(name, weights) is not None
    assert seen(name, weights[:3]) is None
    assert seen(name, [*weights, None]) is None
    assert seen(name, [weights[0].T[..., :1], *weights[1:]]) is None
    assert seen(name, [weights[0] * np.inf, *weights[1:]]) is None
