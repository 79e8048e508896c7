"""What would be a wrong number in silence is an error, or is seen."""

from threading import Thread

import numpy as np
import pytest

from tinytorch_ref.activations import ReLU
from tinytorch_ref.autograd import derivative, gradcheck, no_grad, rules
from tinytorch_ref.dataloader import DataLoader
from tinytorch_ref.layers import Flatten, Linear, Parameter
from tinytorch_ref.losses import cross_entropy
from tinytorch_ref.optimizers import SGD, Adam, clip_grad_norm_
from tinytorch_ref.spatial import Conv2d, MaxPool2d
from tinytorch_ref.tensor import Multiply, Tensor


def test_a_graph_from_before_a_step_is_refused():
    weight = Parameter([3.0])
    first, second = (weight * weight).sum(), (weight * weight).sum()
    first.backward()
    SGD([weight], lr=1.0).step()
    with pytest.raises(RuntimeError, match="a step changed what Multiply was applied to"):
        second.backward()


def test_a_graph_from_after_a_step_goes_back():
    weight = Parameter([3.0])
    optimizer = SGD([weight], lr=0.5)
    for _ in range(2):
        optimizer.step((weight * weight).sum())
    assert weight.tolist() == [0.0]


def test_whole_numbers_have_no_gradient():
    whole = Tensor([1, 2])
    whole.data, whole.requires_grad = np.array([1, 2]), True
    with pytest.raises(RuntimeError, match="only floats have gradients, not int64"):
        (whole * 2.0).sum().backward()


def test_no_grad_holds_in_its_own_thread_only():
    x, seen = Tensor([1.0], requires_grad=True), []
    with no_grad():
        thread = Thread(target=lambda: seen.append((x * 2).requires_grad))
        thread.start()
        thread.join()
    assert seen == [True]


def test_gradcheck_names_the_input_whose_gradient_is_off():
    x, y = (Tensor([0.5, 2.0], float, requires_grad=True) for _ in range(2))
    assert gradcheck(lambda a, b: (a * b).exp(), [x, y])
    right = rules[Multiply]
    try:
        derivative(Multiply)(lambda op, grad, a, b: (grad * b, grad * b))
        y.data[1] = 3.0
        with pytest.raises(ValueError, match=r"input 2 at \(1,\), which is 3.0000: expected"):
            gradcheck(lambda a, b: a * b, [x, y])
    finally:
        rules[Multiply] = right


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ([1, 2], TypeError),
        (Parameter([1.0, 2.0]), ValueError),
        ([Parameter([1.0]) * 2], ValueError),
        ([Parameter([1.0])] * 2, ValueError),
    ],
)
def test_an_optimizer_refuses_what_cannot_learn(parameters, error):
    with pytest.raises(error):
        SGD(parameters)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (SGD, {"lr": -1.0}),
        (Adam, {"lr": float("nan")}),
        (SGD, {"momentum": -1.0}),
        (SGD, {"weight_decay": float("nan")}),
        (Adam, {"eps": -1.0}),
        (Adam, {"weight_decay": -1.0}),
        (Adam, {"betas": (1.5, 0.9)}),
        (Adam, {"betas": (0.9, 1.0)}),
    ],
)
def test_an_optimizer_refuses_settings_that_make_no_sense(kind, options):
    with pytest.raises(ValueError):
        kind([Parameter([1.0])], **options)


def test_clipping_shortens_all_gradients_together():
    weights = [Parameter([3.0]), Parameter([4.0]), Parameter([0.0])]
    for weight in weights[:2]:
        (weight * weight).sum().backward()
    assert clip_grad_norm_(weights, 1.0) == pytest.approx(10.0)
    assert [weight.grad.item() for weight in weights[:2]] == pytest.approx([0.6, 0.8])
    assert clip_grad_norm_(weights, 5.0) == pytest.approx(1.0)
    assert weights[0].grad.item() == pytest.approx(0.6)


def test_nan_is_seen_by_relu_and_by_pooling():
    x = Tensor([[np.nan, 1.0], [2.0, -3.0]], float, requires_grad=True)
    ReLU()(x).backward(np.ones((2, 2)))
    assert x.grad.tolist() == [[1.0, 1.0], [1.0, 0.0]]
    x.grad = None
    MaxPool2d(2)(x.reshape(1, 2, 2)).backward([[[5.0]]])
    assert x.grad.tolist() == [[5.0, 0.0], [0.0, 0.0]]


def test_a_window_cannot_lie_in_the_border():
    with pytest.raises(ValueError, match="more than half of the window"):
        MaxPool2d(2, 2, 2)
    assert MaxPool2d(2, 2, 1)(Tensor(np.ones((1, 2, 2)))).tolist() == [[[1.0, 1.0], [1.0, 1.0]]]


@pytest.mark.parametrize("padding", ["same", 1.5])
def test_sizes_are_whole_numbers(padding):
    with pytest.raises(TypeError):
        Conv2d(1, 1, 3, padding=padding)


@pytest.mark.parametrize("sample", [{"x": np.ones(2), "y": 1}, np.ones(2), 3.0])
def test_a_loader_refuses_samples_that_are_no_tuples(sample):
    with pytest.raises(TypeError, match="a sample is a tuple"):
        list(DataLoader([sample] * 4, 2))


def records():
    return (Tensor([1.0], requires_grad=True) * 2).requires_grad


@no_grad()
def two_steps_of_a_decorated_generator():
    sent = yield records()
    yield (sent, records())
    return "the end"


def test_a_generator_under_no_grad_that_waits_leaves_others_alone():
    generator = two_steps_of_a_decorated_generator()
    assert next(generator) is False
    assert records()
    with no_grad():
        assert not records()
        next(generator)
        assert not records()
    assert records()


def test_a_generator_under_no_grad_is_sent_to_and_returns():
    generator = two_steps_of_a_decorated_generator()
    next(generator)
    assert generator.send("sent") == ("sent", False)
    with pytest.raises(StopIteration) as end:
        next(generator)
    assert end.value.value == "the end"


def test_no_grad_refuses_async_functions_over_which_it_would_do_nothing():
    async def guess():
        pass

    with pytest.raises(TypeError, match="put a `with` inside"):
        no_grad()(guess)


def test_numbers_that_were_loaded_after_forward_do_not_change_its_gradients():
    layer, x = Linear(2, 1), Tensor([3.0, 5.0], requires_grad=True)
    wanted = layer.weight.data[0].copy()
    out = layer(x)
    layer.load_state_dict({name: n + 1 for name, n in layer.state_dict().items()})
    out.backward()
    np.testing.assert_array_equal(x.grad, wanted)


def test_no_gradient_flows_through_a_detached_tensor():
    x = Tensor([3.0], requires_grad=True)
    out = x * x.detach()
    out.backward()
    assert x.grad.tolist() == [3.0]
    assert x.detach().data is x.data and not x.detach().requires_grad


@pytest.mark.parametrize("kind", [np.int64, bool])
def test_whole_numbers_cannot_require_gradients(kind):
    with pytest.raises(RuntimeError, match="only floats can require gradients"):
        Tensor([1, 0], dtype=kind, requires_grad=True)
    with pytest.raises(RuntimeError, match="only floats can require gradients"):
        Parameter([1, 0], dtype=kind)


def test_what_has_no_such_axes_is_flat_already():
    for shape, start_dim in (((2, 3), 2), ((2, 3), -3), ((), 1)):
        assert Flatten(start_dim)(Tensor(np.ones(shape))).shape == shape
    assert Flatten(2)(Tensor(np.ones((2, 3, 4, 5)))).shape == (2, 3, 20)


def test_one_number_is_no_scores():
    with pytest.raises(ValueError, match="one number is no scores"):
        cross_entropy(Tensor(1.0), 0)


def test_a_batch_size_is_a_whole_number():
    with pytest.raises(TypeError):
        DataLoader([(1.0, 2)], batch_size=2.5)
