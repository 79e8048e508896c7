"""The milestone of assignment 06: a bend learns XOR from every start, a line never does."""

import numpy as np
import pytest

from tinytorch_ref.autograd import no_grad
from tinytorch_ref.layers import MLP
from tinytorch_ref.losses import BCEWithLogitsLoss
from tinytorch_ref.setup import manual_seed
from tinytorch_ref.tensor import Tensor

pytestmark = pytest.mark.slow

SEEDS = range(20)
CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])


@pytest.fixture(autouse=True)
def own_generator(monkeypatch):
    """Leave the framework's generator as it was."""
    monkeypatch.setattr("tinytorch_ref.setup._generator", None)


def around_the_corners(rng, n):
    """Return n points around each corner, and for each whether exactly one switch is on."""
    points = CORNERS + rng.uniform(-0.2, 0.2, size=(n, 1, 2))
    return Tensor(points.reshape(-1, 2), np.float32), Tensor([[0], [1], [1], [0]] * n)


def share_right(sizes, seed):
    """Train a model as the notebook does, and return the share of new points it gets right."""
    rng = manual_seed(seed)
    model, (x, target) = MLP(sizes), around_the_corners(rng, 12)
    for _ in range(400):
        for parameter in model.parameters():
            parameter.grad = None
        BCEWithLogitsLoss()(model(x), target).backward()
        for parameter in model.parameters():
            parameter.data -= 0.5 * parameter.grad.data
    x, target = around_the_corners(rng, 100)
    with no_grad():
        return ((model(x).numpy() > 0) == target.numpy()).mean()


def test_the_network_is_right_from_every_start():
    assert [share_right([2, 16, 1], seed) for seed in SEEDS] == [1.0] * len(SEEDS)


def test_the_linear_model_is_never_right_for_more_than_three_corners():
    assert max(share_right([2, 1], seed) for seed in SEEDS) <= 0.75
