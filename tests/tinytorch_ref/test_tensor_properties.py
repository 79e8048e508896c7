"""What holds for all tensors: shapes, dtypes and numbers are drawn by hypothesis."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tensor_operations import ARITHMETIC, NEW_NUMBERS, ONE_OPERAND

from tinytorch_ref.tensor import Tensor

often = settings(max_examples=30, deadline=None)

SHAPES = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
SOLID = hnp.array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=4)  # at least one number
PAIRS = hnp.mutually_broadcastable_shapes(num_shapes=2, min_side=0, max_dims=4, max_side=4)
FLOATS = st.sampled_from([np.float32, np.float64])


def floats(shape, low=-8.0, dtype=FLOATS):
    """Draw arrays of ordinary numbers."""
    numbers = st.floats(low, 8, width=32, allow_subnormal=False)
    return hnp.arrays(dtype, shape, elements=numbers)


def positive(shape):
    """Draw arrays of numbers that have a logarithm, a root and an inverse."""
    return floats(shape, low=0.25)


def whole(shape):
    """Draw arrays of small whole numbers, whose sums and products floats hold exactly."""
    return hnp.arrays(FLOATS, shape, elements=st.integers(-9, 9).map(float))


def pairs(array):
    """Draw two arrays whose shapes fit by broadcasting."""
    return PAIRS.flatmap(lambda both: st.tuples(*map(array, both.input_shapes)))


@st.composite
def chains(draw, count):
    """Draw matrices of whole numbers that can be multiplied one after another."""
    sizes = draw(st.lists(st.integers(0, 4), min_size=count + 1, max_size=count + 1))
    return [draw(whole(shape)) for shape in pairwise(sizes)]


@st.composite
def arrays_and_axes(draw):
    """Draw an array of whole numbers, and one of its axes, several, or None for all."""
    array = draw(whole(draw(SOLID)))
    some = draw(st.lists(st.integers(0, array.ndim - 1), min_size=1, unique=True))
    axes = tuple(axis - array.ndim * draw(st.booleans()) for axis in some)
    return array, draw(st.sampled_from([None, axes[0], axes]))


def same(tensor, array, message=""):
    """Assert that a tensor holds this array: numbers, shape and dtype."""
    array = np.asarray(array)
    assert isinstance(tensor, Tensor), message
    assert (tensor.shape, tensor.dtype) == (array.shape, array.dtype), message
    np.testing.assert_array_equal(tensor.numpy(), array, err_msg=message)


# Arithmetic


@given(both=pairs(positive))
@often
def test_arithmetic_broadcasts_as_numpy_does(both):
    a, b = both
    for symbol, (calculate, _) in ARITHMETIC.items():
        same(calculate(Tensor(a), Tensor(b)), calculate(a, b), symbol)


@given(both=pairs(positive))
@often
def test_an_array_may_stand_on_either_side(both):
    a, b = both
    for symbol, (calculate, _) in ARITHMETIC.items():
        same(calculate(a, Tensor(b)), calculate(a, b), f"array {symbol} tensor")
        same(calculate(Tensor(a), b), calculate(a, b), f"tensor {symbol} array")


@given(a=SHAPES.flatmap(positive), number=st.floats(0.25, 8) | st.integers(1, 8))
@often
def test_a_number_may_stand_on_either_side(a, number):
    point = np.asarray(number, dtype=a.dtype)
    for symbol, (calculate, _) in ARITHMETIC.items():
        same(calculate(Tensor(a), number), calculate(a, point), f"tensor {symbol} number")
        same(calculate(number, Tensor(a)), calculate(point, a), f"number {symbol} tensor")


@given(both=pairs(floats))
@often
def test_sums_and_products_commute(both):
    a, b = map(Tensor, both)
    same(a + b, (b + a).numpy())
    same(a * b, (b * a).numpy())
    same(a - b, (-(b - a)).numpy())


@given(shapes=hnp.mutually_broadcastable_shapes(num_shapes=3, max_dims=3, max_side=3), d=st.data())
@often
def test_whole_numbers_associate_and_distribute(shapes, d):
    a, b, c = (Tensor(d.draw(whole(shape))) for shape in shapes.input_shapes)
    same((a + b) + c, (a + (b + c)).numpy())
    same((a * b) * c, (a * (b * c)).numpy())
    same(a * (b + c), (a * b + a * c).numpy())


@given(a=SHAPES.flatmap(floats))
@often
def test_what_undoes_itself(a):
    t = Tensor(a)
    minus = -t
    same(-minus, a)
    same(t + minus, np.zeros_like(a))
    np.testing.assert_allclose(t**2, a * a, rtol=1e-6)
    np.testing.assert_allclose(t.exp().log(), a, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose((t**2).sqrt(), np.abs(a), rtol=1e-5, atol=1e-5)


# Matrix products


@given(matrices=chains(3))
@often
def test_matrix_products_associate(matrices):
    a, b, c = map(Tensor, matrices)
    same((a @ b) @ c, (a @ (b @ c)).numpy())
    same((a @ b).T, (b.T @ a.T).numpy())


@given(matrices=chains(2))
@often
def test_a_matrix_product_is_sums_of_products(matrices):
    a, b = map(Tensor, matrices)
    rows, columns = a.reshape(*a.shape, 1), b.reshape(1, *b.shape)
    same(a @ b, (rows * columns).sum(axis=1).numpy())
    same(matrices[0] @ b, (a @ b).numpy())


@given(count=st.integers(1, 3), matrices=chains(2), d=st.data())
@often
def test_a_batch_is_multiplied_matrix_by_matrix(count, matrices, d):
    a, b = matrices
    batch, b = Tensor(d.draw(whole((count, *a.shape)))), Tensor(b)
    for i in range(count):
        same((batch @ b)[i], (batch[i] @ b).numpy())


# Reductions


@given(case=arrays_and_axes(), keepdims=st.booleans())
@often
def test_reductions_are_numpys(case, keepdims):
    a, axis = case
    t = Tensor(a)
    same(t.sum(axis, keepdims), a.sum(axis, keepdims=keepdims))
    same(t.amax(axis, keepdims), a.max(axis, keepdims=keepdims))
    mean, expected = t.mean(axis, keepdims), np.asarray(a.mean(axis, keepdims=keepdims))
    assert (mean.shape, mean.dtype) == (expected.shape, expected.dtype)
    np.testing.assert_allclose(mean, expected, rtol=1e-6)


@given(case=arrays_and_axes())
@often
def test_several_axes_are_one_after_another(case):
    a, axis = case
    t = total = largest = Tensor(a)
    for one in range(a.ndim) if axis is None else np.atleast_1d(axis).tolist():
        total, largest = total.sum(one, keepdims=True), largest.amax(one, keepdims=True)
    same(t.sum(axis, keepdims=True), total.numpy())
    same(t.amax(axis, keepdims=True), largest.numpy())
    same(t.sum(axis).sum(), t.sum().numpy())
    same(t.amax(axis).amax(), t.amax().numpy())


@given(case=arrays_and_axes())
@often
def test_keepdims_is_only_a_shape(case):
    a, axis = case
    t = Tensor(a)
    for reduce in (t.sum, t.mean, t.amax):
        kept, reduced = reduce(axis, keepdims=True), reduce(axis)
        assert kept.ndim == t.ndim
        same(kept.reshape(reduced.shape), reduced.numpy())
        assert (t - kept).shape == t.shape


# Shape and parts


@given(a=SOLID.flatmap(floats), d=st.data())
@often
def test_transpose_swaps_two_axes_and_swaps_them_back(a, d):
    i, j = (d.draw(st.integers(-a.ndim, a.ndim - 1)) for _ in range(2))
    t = Tensor(a)
    same(t.transpose(i, j), np.swapaxes(a, i, j))
    same(t.transpose(j, i), np.swapaxes(a, i, j))
    same(t.transpose(i, j).transpose(i, j), a)


@given(a=hnp.array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=5).flatmap(floats))
@often
def test_T_is_the_transpose_of_a_matrix(a):
    same(Tensor(a).T, a.T)
    same(Tensor(a).T.T, a)


@given(a=SHAPES.flatmap(floats), d=st.data())
@often
def test_reshape_keeps_the_order(a, d):
    shape = tuple(d.draw(st.permutations(a.shape)))
    t = Tensor(a)
    same(t.reshape(-1), a.ravel())
    same(t.reshape(*shape, 1).reshape(-1), a.ravel())
    same(t.reshape(shape), a.reshape(shape))
    same(t.reshape(list(shape)).reshape(t.shape), a)


@given(a=SOLID.flatmap(floats), d=st.data())
@often
def test_one_size_is_worked_out(a, d):
    left_out = d.draw(st.integers(0, a.ndim - 1))
    sizes = [-1 if axis == left_out else size for axis, size in enumerate(a.shape)]
    same(Tensor(a).reshape(*sizes), a)


@given(a=SOLID.flatmap(floats), d=st.data())
@often
def test_parts_are_numpys(a, d):
    key = d.draw(hnp.basic_indices(a.shape, allow_newaxis=True))
    rows = d.draw(st.lists(st.integers(-len(a), len(a) - 1), max_size=5))
    for chosen in (key, np.array(rows, dtype=int), a > 0):
        same(Tensor(a)[chosen], a[chosen])


@given(a=SOLID.flatmap(floats))
@often
def test_a_loop_goes_along_the_first_axis(a):
    t = Tensor(a)
    assert len(t) == len(a)
    for row, expected in zip(t, a, strict=True):
        same(row, expected)


# Who owns the numbers


@given(a=SOLID.flatmap(lambda s: hnp.arrays(st.sampled_from(["f4", "f8", "i8", "u1", "?"]), s)))
@often
def test_a_tensor_owns_its_numbers(a):
    tensor = Tensor(a)
    for source, array in ((a, a), (a.T, a), (tensor, tensor.numpy())):
        copy = Tensor(source)
        expected = copy.numpy().copy()
        array[...] = array == 0
        same(copy, expected)
        expected = array.copy()
        copy.numpy()[...] = 7
        np.testing.assert_array_equal(array, expected)


@given(a=SOLID.flatmap(positive))
@often
def test_an_operation_leaves_its_operand_alone(a):
    t = Tensor(a)
    for name, (calculate, _) in ONE_OPERAND.items():
        with np.errstate(all="ignore"):
            out = calculate(t)
        same(t, a, name)
        if name in NEW_NUMBERS:
            out.numpy()[...] = 99
            same(t, a, f"the result of {name}")


@given(both=pairs(positive))
@often
def test_arithmetic_leaves_its_operands_alone(both):
    a, b = map(Tensor, both)
    for symbol, (calculate, _) in ARITHMETIC.items():
        calculate(a, b).numpy()[...] = 99
        same(a, both[0], symbol)
        same(b, both[1], symbol)


@given(matrices=chains(2))
@often
def test_a_matrix_product_leaves_its_operands_alone(matrices):
    a, b = map(Tensor, matrices)
    (a @ b).numpy()[...] = 99
    same(a, matrices[0])
    same(b, matrices[1])


# Dtypes


@pytest.mark.parametrize(
    ("data", "dtype"),
    [
        (3, "float32"),
        (0.1, "float32"),
        (True, "float32"),
        ([], "float32"),
        ([1, 2], "float32"),
        (([0.1], [0.2]), "float32"),
        (np.arange(3), "float32"),
        (np.array([1, 255], np.uint8), "float32"),
        (np.array([0.1], np.float16), "float32"),
        (np.array([True, False]), "float32"),
        (np.int64(3), "float32"),
        (np.float32(0.1), "float32"),
        (np.array([0.1], np.float32), "float32"),
        (np.array([0.1]), "float64"),
        (np.float64(0.1), "float64"),
        (Tensor([0.1]), "float32"),
        (Tensor(np.array([0.1])), "float64"),
    ],
    ids=str,
)
def test_float32_unless_it_is_float64_already(data, dtype):
    same(Tensor(data), np.array(data).astype(dtype))


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "bool"])
@pytest.mark.parametrize("data", [[1, 0, 3], np.array([0.5, 2.0]), np.float32(2)], ids=str)
def test_a_dtype_that_is_given_decides(data, dtype):
    same(Tensor(data, dtype=dtype), np.array(data).astype(dtype))


@pytest.mark.parametrize("name", ONE_OPERAND)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_an_operation_keeps_the_dtype(name, dtype):
    for shape in ((1,), (2, 3)):
        assert ONE_OPERAND[name][0](Tensor(np.full(shape, 0.5), dtype)).dtype == dtype


@pytest.mark.parametrize("symbol", ARITHMETIC)
@pytest.mark.parametrize("number", [3, 0.1, True, np.float64(0.1), np.float32(0.1), np.int64(3)])
def test_a_number_takes_the_dtype_beside_it(symbol, number):
    calculate, _ = ARITHMETIC[symbol]
    for dtype in (np.float32, np.float64):
        a, point = np.array([1.5, 2.5], dtype), np.asarray(number, dtype)
        same(calculate(Tensor(a), number), calculate(a, point))
        same(calculate(number, Tensor(a)), calculate(point, a))


# Errors


@given(left=SHAPES, right=SHAPES)
@often
def test_shapes_that_do_not_fit_are_named(left, right):
    a, b = Tensor(np.ones(left)), Tensor(np.ones(right))
    for calculate, _ in ARITHMETIC.values():
        try:
            shape = np.broadcast_shapes(left, right)
        except ValueError:
            with pytest.raises(ValueError) as caught:
                calculate(a, b)
            assert f"{left} and {right}" in str(caught.value)
        else:
            assert calculate(a, b).shape == shape


@given(left=SHAPES, right=SHAPES)
@often
def test_products_that_do_not_fit_are_named(left, right):
    a, b = Tensor(np.ones(left)), Tensor(np.ones(right))
    try:
        shape = np.matmul(np.ones(left), np.ones(right)).shape
    except ValueError:
        with pytest.raises(ValueError) as caught:
            a @ b
        assert f"{left} @ {right}" in str(caught.value)
    else:
        assert (a @ b).shape == shape


@given(a=SHAPES.map(np.ones), shape=SHAPES)
@often
def test_reshape_refuses_another_number_of_numbers(a, shape):
    assume(a.size != np.prod(shape))
    with pytest.raises(ValueError) as caught:
        Tensor(a).reshape(shape)
    assert str(shape).replace(" ", "") in str(caught.value).replace(" ", "")


@given(shape=SHAPES.filter(lambda shape: len(shape) != 2))
@often
def test_T_refuses_what_is_no_matrix(shape):
    with pytest.raises(ValueError) as caught:
        _ = Tensor(np.ones(shape)).T
    assert str(shape) in str(caught.value)


@given(a=SOLID.map(np.ones), beyond=st.integers(0, 3))
@often
def test_axes_and_indices_that_are_not_there(a, beyond):
    t = Tensor(a)
    for axis in (a.ndim + beyond, -a.ndim - 1 - beyond):
        for use in (t.sum, t.mean, t.amax, lambda i: t.transpose(i, 0)):
            with pytest.raises(IndexError):
                use(axis)
    for index in (len(a) + beyond, -len(a) - 1 - beyond):
        with pytest.raises(IndexError):
            t[index]


@pytest.mark.parametrize("thing", [None, "1", {}, object()], ids=["None", "str", "dict", "object"])
@pytest.mark.parametrize("symbol", ARITHMETIC)
def test_arithmetic_with_something_else_is_a_type_error(symbol, thing):
    calculate, _ = ARITHMETIC[symbol]
    with pytest.raises(TypeError):
        calculate(Tensor([1.0]), thing)
    with pytest.raises(TypeError):
        calculate(thing, Tensor([1.0]))


# Python's view


@given(a=SHAPES.flatmap(floats))
@often
def test_what_a_tensor_knows_of_itself(a):
    t = Tensor(a)
    assert (t.shape, t.ndim, t.size, t.dtype) == (a.shape, a.ndim, a.size, a.dtype)
    assert t.tolist() == a.tolist()
    assert t.numpy() is t.data
    same(t, np.asarray(t))
    if a.size == 1:
        assert t.item() == a.item() and isinstance(t.item(), float)
    else:
        with pytest.raises(ValueError):
            t.item()


def test_how_a_tensor_prints():
    assert repr(Tensor([1.0, 2.5])) == "tensor([1. , 2.5])"
    assert repr(Tensor([[1], [2]])) == "tensor([[1.],\n        [2.]])"
    assert repr(Tensor(np.float64(2))) == "tensor(2., dtype=float64)"
    assert repr(Tensor([1.0], requires_grad=True)) == "tensor([1.], requires_grad=True)"
