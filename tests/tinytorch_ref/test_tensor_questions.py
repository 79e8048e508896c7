"""What a tensor answers when it is asked: comparisons, truth, numbers in texts, help."""

import inspect
import operator

import numpy as np
import pytest

from tinytorch_ref.tensor import Tensor

ROW = np.array([1.0, np.nan, 3.0])
COMPARISONS = [operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge]
IN_WORDS = ["exp", "log", "sqrt", "sum", "mean", "amax", "reshape", "transpose", "item", "tolist"]


@pytest.mark.parametrize("compare", COMPARISONS)
@pytest.mark.parametrize("other", [2.0, np.array([3.0, 1.0, 3.0]), [1.0, 2.0, 2.0]])
def test_a_comparison_is_an_array_as_numpy_makes_it(compare, other):
    for theirs in (other, Tensor(np.asarray(other))):
        got = compare(Tensor(ROW), theirs)
        assert isinstance(got, np.ndarray) and got.dtype == bool
        np.testing.assert_array_equal(got, compare(ROW, np.asarray(other)))


@pytest.mark.parametrize("compare", COMPARISONS)
def test_an_array_on_the_left_is_compared_as_well(compare):
    np.testing.assert_array_equal(compare(ROW[::-1], Tensor(ROW)), compare(ROW[::-1], ROW))


def test_shapes_that_do_not_fit_are_not_simply_unequal():
    with pytest.raises(ValueError, match="broadcast"):
        _ = Tensor([1.0, 2.0]) == Tensor([1.0, 2.0, 3.0])


def test_a_number_is_found_among_the_numbers():
    assert 3 in Tensor([1.0, 3.0])
    assert 2 not in Tensor([1.0, 3.0])


def test_a_tensor_is_a_key_as_itself():
    one, other = Tensor([1.0, 2.0]), Tensor([1.0, 2.0])
    table = {one: "one", other: "other"}
    assert (table[one], table[other]) == ("one", "other")


@pytest.mark.parametrize(
    ("number", "truth"), [(0.0, False), ([0.0], False), (2.0, True), ([[-1.0]], True)]
)
def test_one_number_is_true_unless_it_is_0(number, truth):
    assert bool(Tensor(number)) is truth


@pytest.mark.parametrize("numbers", [[0.0, 0.0], [[1.0], [2.0]], []])
def test_several_numbers_or_none_are_neither_true_nor_false(numbers):
    with pytest.raises(ValueError, match="neither true nor false"):
        bool(Tensor(numbers))


def test_one_number_is_a_float_and_stands_in_a_text():
    loss = Tensor([[2.34567]])
    assert float(loss) == pytest.approx(2.34567)
    assert f"{loss:.2f}" == "2.35"
    assert f"{Tensor(3, dtype=np.int64):03}" == "003"


def test_several_numbers_are_no_float():
    with pytest.raises(ValueError, match="size 1"):
        float(Tensor([1.0, 2.0]))
    with pytest.raises(ValueError, match="size 1"):
        f"{Tensor([1.0, 2.0]):.2f}"


def test_a_text_without_a_format_shows_the_tensor():
    assert f"{Tensor([1.0, 2.0])}" == repr(Tensor([1.0, 2.0])) == "tensor([1., 2.])"


@pytest.mark.parametrize("name", IN_WORDS)
def test_help_tells_what_a_method_does(name):
    method = getattr(Tensor, name)
    assert inspect.isfunction(method) and method.__name__ == name
    assert inspect.getdoc(method).endswith(".")


@pytest.mark.parametrize("name", ["shape", "ndim", "size", "dtype"])
def test_help_tells_what_a_property_is(name):
    assert inspect.getdoc(getattr(Tensor, name)).endswith(".")
