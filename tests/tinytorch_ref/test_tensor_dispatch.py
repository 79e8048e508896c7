"""Every operation passes Function.apply: what a recorder that stands there gets to see."""

from typing import ClassVar

import numpy as np
import pytest
from tensor_operations import ONE_OPERAND, TWO_OPERANDS

from tinytorch_ref import tensor as tt
from tinytorch_ref.tensor import Function, Tensor


@pytest.fixture
def passed(monkeypatch):
    """The list of (op, inputs, out) that have been dispatched."""
    seen = []

    class Listener:
        def record(self, op, inputs, out):
            seen.append((op, inputs, out))

    monkeypatch.setattr(Function, "recorder", Listener())
    return seen


@pytest.mark.parametrize("name", ONE_OPERAND)
@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 1, 4)])
def test_every_result_comes_from_its_operand_through_the_dispatch(passed, name, shape):
    calculate, functions = ONE_OPERAND[name]
    t = Tensor(np.full(shape, 0.5))
    out = calculate(t)
    assert [type(op) for op, _, _ in passed] == functions
    assert passed[-1][2] is out
    known = [t]
    for _, inputs, result in passed:
        assert all(isinstance(x, Tensor) for x in inputs)
        assert any(x is y for x in inputs for y in known)
        known.append(result)


@pytest.mark.parametrize("name", TWO_OPERANDS)
def test_the_door_sees_both_operands(passed, name):
    calculate, functions = TWO_OPERANDS[name]
    a, b = Tensor(np.ones((2, 2))), Tensor(np.ones((2, 2)))
    out = calculate(a, b)
    [(op, inputs, result)] = passed
    assert [type(op)] == functions
    assert result is out
    assert len(inputs) == 2 and inputs[0] is a and inputs[1] is b


@pytest.mark.parametrize("name", TWO_OPERANDS)
def test_the_door_sees_tensors_only(passed, name):
    calculate, functions = TWO_OPERANDS[name]
    a = Tensor(np.ones((2, 2)))
    out = calculate([3.0, 4.0], a)
    [(op, inputs, result)] = passed
    if name in "+*":  # either order is right
        inputs = sorted(inputs, key=lambda x: x is a)
    assert [type(op)] == functions
    assert result is out
    assert inputs[0].tolist() == [3.0, 4.0] and inputs[1] is a


def test_these_are_all_operations(passed):
    for calculate, _ in ONE_OPERAND.values():
        calculate(Tensor([[0.5, 0.25]]))
    for calculate, _ in TWO_OPERANDS.values():
        calculate(Tensor([1.0]), Tensor([2.0]))
    of_the_module = {
        thing
        for thing in vars(tt).values()
        if isinstance(thing, type) and issubclass(thing, Function) and "forward" in vars(thing)
    }
    assert {type(op) for op, _, _ in passed} == of_the_module - {Function}


def test_options_reach_the_operation(passed):
    t = Tensor(np.ones((2, 3, 4)))
    t.sum(axis=(0, -1), keepdims=True)
    t.amax(1)
    t.reshape(6, 4)
    t.transpose(1, 2)
    t[0, ..., 1]
    total, largest, reshape, transpose, part = (op for op, _, _ in passed)
    assert (total.axis, total.keepdims) == ((0, -1), True)
    assert (largest.axis, largest.keepdims) == (1, False)
    assert tuple(reshape.shape) == (6, 4)
    assert (transpose.dim0, transpose.dim1) == (1, 2)
    assert part.key == (0, ..., 1)


class Scale(Function):
    """An operation that somebody adds: times `by`."""

    by: ClassVar = 2

    def forward(self, a):
        self.seen = a
        return a * self.by


def test_somebody_elses_operation(passed):
    t = Tensor([1.0, 2.0])
    doubled, tripled = Scale.apply(t), Scale.apply(t, by=3)
    assert (doubled.tolist(), tripled.tolist()) == ([2.0, 4.0], [3.0, 6.0])
    (first, _, _), (second, inputs, out) = passed
    assert (first.by, second.by, Scale.by) == (2, 3, 2)
    assert second.seen is t.data
    assert inputs[0] is t and out is tripled


def test_an_operation_without_forward_says_so():
    class Unfinished(Function):
        pass

    with pytest.raises(NotImplementedError, match="Unfinished"):
        Unfinished.apply(Tensor([1.0]))


def test_a_failed_operation_is_not_recorded(passed):
    with pytest.raises(ValueError):
        Tensor([1.0, 2.0]) + Tensor([1.0, 2.0, 3.0])
    assert passed == []


def test_backward_needs_a_recorder(monkeypatch):
    monkeypatch.setattr(Function, "recorder", None)
    with pytest.raises(RuntimeError, match="06"):
        Tensor([1.0], requires_grad=True).backward()


def test_backward_is_handed_to_the_recorder(monkeypatch):
    asked = []

    class Recorder:
        def backward(self, tensor, grad):
            asked.append((tensor, grad))

    monkeypatch.setattr(Function, "recorder", Recorder())
    t, grad = Tensor([1.0]), Tensor([2.0])
    t.backward()
    t.backward(grad)
    assert asked == [(t, None), (t, grad)]


def test_a_tensor_starts_without_gradient():
    t = Tensor([1.0], requires_grad=True)
    assert (t.requires_grad, t.grad, t.creator) == (True, None, None)
    assert Tensor([1.0]).requires_grad is False
