"""What a module shows and keeps: its parts in words, and all its numbers by name."""

import numpy as np
import pytest

from tinytorch_ref.activations import ReLU, Softmax
from tinytorch_ref.layers import MLP, Dropout, Flatten, Linear, Module, Sequential
from tinytorch_ref.setup import manual_seed


@pytest.mark.parametrize(
    ("module", "shown"),
    [
        (Linear(3, 2), "Linear(weight=(2, 3), bias=(2,))"),
        (Linear(3, 2, bias=False), "Linear(weight=(2, 3), bias=None)"),
        (Dropout(0.25), "Dropout(p=0.25)"),
        (Softmax(1), "Softmax(dim=1)"),
        (
            Sequential(Flatten(), Linear(4, 1), ReLU()),
            "Sequential(layers=[Flatten(start_dim=-3), Linear(weight=(1, 4), bias=(1,)), ReLU()])",
        ),
    ],
)
def test_a_module_shows_its_parts_and_their_sizes(module, shown):
    assert repr(module) == shown


def test_modules_that_hold_each_other_can_be_shown():
    parent, child = Module(), Module()
    parent.child, child.parent = child, parent
    assert repr(parent) == "Module(child=Module(parent=...))"


def test_a_sequence_has_a_length_and_layers_by_number():
    model = MLP([4, 3, 2])
    assert len(model) == 4
    assert model[0] is model.layers[0] and model[-1].weight.shape == (2, 3)


def test_the_numbers_that_can_be_learned_are_counted_once_each():
    shared = Linear(3, 2)
    assert Sequential(shared, ReLU(), shared, Linear(2, 1)).num_parameters() == 8 + 3


def test_numbers_that_were_kept_are_put_back():
    manual_seed(1)
    first, second = MLP([4, 3, 2]), MLP([4, 3, 2])
    x = np.ones(4)
    state = first.state_dict()
    assert list(state) == [name for name, _ in first.named_parameters()]
    second.load_state_dict(state)
    np.testing.assert_array_equal(second(x), first(x))


def test_what_is_kept_is_a_copy_both_ways():
    layer = Linear(2, 1)
    state = layer.state_dict()
    before = state["weight"].copy()
    layer.weight.data += 1
    np.testing.assert_array_equal(state["weight"], before)
    layer.load_state_dict(state)
    state["weight"] += 1
    np.testing.assert_array_equal(layer.weight, before)


def test_numbers_come_back_from_a_file_in_the_precision_of_the_parameter(tmp_path):
    layer, file = Linear(2, 1), tmp_path / "layer.npz"
    wanted = layer.state_dict()
    np.savez(file, **{name: numbers.astype(np.float64) for name, numbers in wanted.items()})
    layer.weight.data = layer.weight.data * 0
    with np.load(file) as state:
        layer.load_state_dict(state)
    np.testing.assert_array_equal(layer.weight, wanted["weight"])
    assert layer.weight.dtype == np.float32


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda state: state.pop("bias"), "bias"),
        (lambda state: state.update(scale=np.ones(1)), "scale"),
        (lambda state: state.update(bias=np.ones((1, 1))), r"bias is \(1,\), not \(1, 1\)"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_changes(change, told):
    layer = Linear(2, 1)
    before, state = layer.state_dict(), {name: n + 1 for name, n in layer.state_dict().items()}
    change(state)
    with pytest.raises(ValueError, match=told):
        layer.load_state_dict(state)
    for name, numbers in layer.state_dict().items():
        np.testing.assert_array_equal(numbers, before[name])
