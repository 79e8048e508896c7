"""The graph: what is recorded, handed over, freed and refused."""

import gc
import weakref

import numpy as np
import pytest

from tinytorch_ref.autograd import derivative, no_grad, recorder, rules, undo_broadcast
from tinytorch_ref.tensor import Function, Multiply, Tensor


def leaf(numbers):
    return Tensor(numbers, requires_grad=True)


@pytest.mark.slow
def test_a_chain_of_50_000_operations():
    x = y = Tensor(np.float64(1), requires_grad=True)
    for _ in range(50_000):
        y = y * 1.0001
    y.backward()
    assert x.grad.item() == pytest.approx(1.0001**50_000, rel=1e-9)


@pytest.mark.slow
def test_a_chain_without_backward_can_be_thrown_away():
    y = leaf(1.0)
    for _ in range(100_000):
        y = y + 1
    del y
    gc.collect()


def test_a_diamond_of_depth_1_000_asks_every_rule_once(monkeypatch):
    asked, rule = [], rules[Multiply]
    monkeypatch.setitem(rules, Multiply, lambda *given: asked.append(1) or rule(*given))
    x = y = leaf(1.0)
    for _ in range(1000):
        y = y * 0.5 + y * 0.5
    y.backward()
    assert (x.grad.item(), len(asked)) == (1, 2000)


def test_what_has_no_graph_is_refused():
    with pytest.raises(RuntimeError, match="requires_grad=True"):
        (Tensor(1.0) * 2).backward()
    with no_grad():
        y = leaf(1.0) * 2
    with pytest.raises(RuntimeError, match="no_grad"):
        y.backward()


@pytest.mark.parametrize("start", [None, [1.0], 1.0, [[1.0, 1.0]], [1.0, 1.0, 1.0]])
def test_a_start_that_does_not_fit_is_refused_and_may_be_corrected(start):
    x = leaf([1.0, 2.0])
    y = x * x
    with pytest.raises(RuntimeError, match=r"shape \(2,\).*mean\(\) or sum\(\)"):
        y.backward(start)
    y.backward([1.0, 1.0])
    assert x.grad.tolist() == [2, 4]


def test_a_graph_serves_once():
    x = leaf(2.0)
    y = x * x
    y.backward()
    with pytest.raises(RuntimeError, match="freed"):
        y.backward()
    z = x * x
    a, b = z * 3, z * 5
    a.backward()
    with pytest.raises(RuntimeError, match="freed"):
        b.backward()


def test_backward_lets_go_of_what_was_computed():
    x = leaf(np.ones(10))
    y = x * 2
    z, middle = (y * y).sum(), weakref.ref(y)
    del y
    z.backward()
    assert middle() is None


def test_gradients_are_tensors_of_the_leafs_dtype():
    for dtype in (np.float32, np.float64):
        x = Tensor([1.0, 2.0], dtype, requires_grad=True)
        (x / 3).exp().mean().backward()
        assert isinstance(x.grad, Tensor)
        assert (x.grad.dtype, x.grad.requires_grad) == (dtype, False)


def test_a_gradient_shares_memory_with_nothing():
    a, b, start = leaf([1.0, 2.0]), leaf([3.0, 4.0]), np.ones(2, np.float32)
    (a + b).backward(start)
    a.grad.data += 5
    start[:] = 7
    assert (a.grad.tolist(), b.grad.tolist()) == ([6, 6], [1, 1])


def test_only_who_asks_gets_a_gradient():
    x, constant = leaf([1.0, 2.0]), Tensor([3.0, 4.0])
    y = x * constant
    y.backward([1.0, 1.0])
    assert constant.grad is None and y.grad is None
    assert not (constant * 2).requires_grad and (constant * 2).creator is None


def test_nothing_is_recorded_under_no_grad():
    x = leaf(2.0)
    with no_grad():
        with no_grad():
            pass
        assert not (x * 2).requires_grad
    assert (x * 2).requires_grad


def test_recording_goes_on_after_an_error():
    with pytest.raises(KeyError), no_grad():
        raise KeyError
    assert recorder.recording


def test_no_grad_for_a_function():
    @no_grad()
    def power(x, n):
        return x if n == 0 else x * power(x, n - 1)

    assert not power(leaf(2.0), 3).requires_grad
    assert recorder.recording


def test_backward_works_under_no_grad():
    x = leaf(3.0)
    y = x * x
    with no_grad():
        y.backward()
    assert x.grad.item() == 6


class Cube(Function):
    def forward(self, a):
        self.square = a * a
        return self.square * a


def test_an_operation_without_a_rule_is_named():
    with pytest.raises(NotImplementedError, match="Cube"):
        Cube.apply(leaf(2.0)).backward()


@pytest.mark.parametrize(
    ("rule", "complaint"),
    [
        (lambda op, grad, a: (grad, grad), "1 inputs"),
        (lambda op, grad, a: np.ones(3), "shape"),
        (lambda op, grad, a: None, "no gradient"),
    ],
)
def test_a_wrong_rule_is_refused(monkeypatch, rule, complaint):
    monkeypatch.setitem(rules, Cube, rule)
    with pytest.raises(ValueError, match=complaint):
        Cube.apply(leaf([1.0, 2.0])).backward([1.0, 1.0])


def test_somebody_elses_rule_uses_what_forward_kept(monkeypatch):
    monkeypatch.setitem(rules, Cube, None)
    derivative(Cube)(lambda op, grad, a: 3 * op.square * grad)
    x = leaf([1.0, 2.0])
    Cube.apply(x).backward([1.0, 10.0])
    assert x.grad.tolist() == [3, 120]


def test_a_gradient_that_cannot_be_undone_names_both_shapes():
    with pytest.raises(ValueError, match=r"\(2, 3\).*\(2,\)"):
        undo_broadcast(np.ones((2, 3)), (2,))
