"""Rules against slopes that are measured, in float64; shapes and numbers are drawn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from network_names import ACTIVATIONS, LOSSES, linear
from tensor_operations import ARITHMETIC, ONE_OPERAND

from tinytorch_ref.autograd import undo_broadcast
from tinytorch_ref.tensor import Tensor

some = settings(max_examples=15, deadline=None)
SHAPES = hnp.array_shapes(min_dims=1, max_dims=3, max_side=3)
PAIRS = hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3)
STEP = 1e-6


def numbers(shape):
    """Draw different numbers, some way from 0 and from each other, so that no nudge meets a bend.

    All are positive, as logarithms and roots need them.
    """
    count = int(np.prod(shape))
    return st.permutations(range(count)).map(
        lambda order: (0.4 + 0.13 * np.array(order, float)).reshape(shape)
    )


def check_slopes(function, *arrays):
    """Compare the gradient of every input with slopes that are measured."""
    leaves = [Tensor(array, requires_grad=True) for array in arrays]
    out = function(*leaves)
    start = np.cos(np.arange(out.size)).reshape(out.shape)
    out.backward(start)

    def total():
        return (function(*leaves).data * start).sum()

    for leaf in leaves:
        slopes = np.zeros(leaf.shape)
        for place in np.ndindex(leaf.shape):
            value = leaf.data[place]
            leaf.data[place] = value + STEP
            higher = total()
            leaf.data[place] = value - STEP
            slopes[place] = (higher - total()) / (2 * STEP)
            leaf.data[place] = value
        np.testing.assert_allclose(leaf.grad.numpy(), slopes, 1e-5, 1e-6)


@pytest.mark.parametrize("name", sorted(set(ONE_OPERAND) - {"in place"}))
@given(data=st.data())
@some
def test_one_operand(name, data):
    check_slopes(ONE_OPERAND[name][0], data.draw(SHAPES.flatmap(numbers)))


@pytest.mark.parametrize("name", ARITHMETIC)
@given(data=st.data())
@some
def test_two_operands_that_are_broadcast(name, data):
    a, b = (data.draw(numbers(shape)) for shape in data.draw(PAIRS).input_shapes)
    check_slopes(ARITHMETIC[name][0], a, b)


@given(data=st.data())
@some
def test_matrix_products(data):
    n, k, m = data.draw(st.tuples(*[st.integers(1, 3)] * 3))
    left = data.draw(st.sampled_from([(k,), (n, k), (2, n, k), (3, 1, n, k)]))
    right = data.draw(st.sampled_from([(k,), (k, m), (2, k, m), (1, 2, k, m)]))
    check_slopes(lambda a, b: a @ b, data.draw(numbers(left)), data.draw(numbers(right)))


@pytest.mark.parametrize("name", ACTIVATIONS)
@given(data=st.data())
@some
def test_activations(name, data):
    array = data.draw(SHAPES.flatmap(numbers)) - 1.0
    check_slopes(lambda x: ACTIVATIONS[name]()(x), array)


@given(data=st.data())
@some
def test_linear(data):
    rows, inputs, outputs = data.draw(st.tuples(*[st.integers(1, 3)] * 3))
    shapes = [(rows, inputs), (outputs, inputs), (outputs,)]
    check_slopes(linear, *(data.draw(numbers(shape)) for shape in shapes))


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@given(data=st.data())
@some
def test_losses(reduction, data):
    samples, classes = data.draw(st.integers(1, 3)), data.draw(st.integers(2, 4))
    scores, target = (data.draw(numbers((samples, classes))) for _ in range(2))
    right = data.draw(hnp.arrays(np.int64, samples, elements=st.integers(0, classes - 1)))
    check_slopes(LOSSES["MSELoss"](reduction), scores, target)
    check_slopes(LOSSES["BCEWithLogitsLoss"](reduction), scores - 1, target)
    check_slopes(lambda x: LOSSES["cross_entropy"](x, right, reduction), scores)


@given(data=st.data())
@some
def test_undoing_a_broadcast_gives_every_number_its_share(data):
    shapes = data.draw(PAIRS)
    grad = data.draw(numbers(shapes.result_shape))
    for shape in shapes.input_shapes:
        undone = undo_broadcast(grad, shape)
        assert undone.shape == shape
        ones = np.zeros(shape)
        for place in np.ndindex(shape):
            ones[place] = 1
            share = (np.broadcast_to(ones, grad.shape) * grad).sum()
            np.testing.assert_allclose(undone[place], share)
            ones[place] = 0
