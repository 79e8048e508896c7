"""Assignment 06: the gradients of every operation of 02 to 05, and what only a graph can do."""

import ast
import textwrap

import numpy as np
import torch
from network_cases import ACTIVATIONS, LAYERS, LOSSES
from registry import Case, Module, module


def start(out: torch.Tensor) -> torch.Tensor:
    """Return a gradient to start from that tells all numbers of a result apart."""
    return torch.cos(torch.arange(out.numel(), dtype=out.dtype)).reshape(out.shape)


def gradient_case(name: str, code: str, inputs: dict[str, np.ndarray]) -> Case:
    """Ask for the gradients of all inputs of floats that the code names.

    Code of several lines goes backwards by itself; a single line is the result to start from.
    """
    code = textwrap.dedent(code).strip()
    named = [node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)]
    leaves = [key for key in inputs if key in named and inputs[key].dtype.kind == "f"]
    if "backward" not in code:
        code = f"out = {code}\nout.backward(start(out))"
    return Case(name, f"{code}\n{', '.join(f'{x}.grad' for x in leaves)}", "gradient", leaves)


OPERATIONS = {
    **{
        f"{name} of {shapes}": f"{x} {sign} {y}"
        for name, sign in {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}.items()
        for shapes, x, y in (
            ("matrices", "a", "b"),
            ("a matrix and a row", "p", "row"),
            ("a row and a matrix", "row", "p"),
            ("a column and a row", "column", "row"),
            ("a point and a matrix", "point", "p"),
            ("a matrix and a point", "a", "point"),
            ("points", "point", "other"),
            ("no rows", "empty", "q"),
            ("a number and a matrix", "2.5", "p"),
            ("a matrix and a number", "a", "2.5"),
            ("six dimensions", "high", "wide"),
        )
    },
    "negate": "-x",
    "negate a point": "-point",
    "power of tensors": "p ** row",
    "power of points": "(point * point) ** other",
    "power in six dimensions": "(high * high) ** wide",
    "power of nothing": "empty ** q",
    **{f"power {n}": f"a ** {n}" for n in (0, 1, 2, 3, -1)},
    **{f"power {n}": f"p ** {n}" for n in (0.5, 2.5, -0.5)},
    "a number to a power": "2.0 ** a",
    "zero to a power": "zeros ** 2 + zeros ** 1 + zeros ** 0",
    "exp": "x.exp()",
    "exp of a point": "point.exp()",
    "log": "p.log()",
    "log of nothing": "empty.log()",
    "sqrt": "p.sqrt()",
    "sqrt of 0": "(zeros * zeros).sqrt()",
    "matrix @ matrix": "a @ m",
    "matrix @ vector": "a @ row",
    "vector @ matrix": "row @ m",
    "vector @ vector": "row @ u",
    "batch @ matrix": "x @ m",
    "matrix @ batch": "a @ batch",
    "batch @ batch": "x @ batch",
    "batch @ vector": "x @ row",
    "vector @ batch": "row @ batch",
    "batches that are broadcast": "stack @ batch",
    "one row @ matrix": "a[:1] @ m",
    "no rows @ matrix": "nothing @ m",
    "a product over nothing": "hollow @ empty",
    "sum": "x.sum()",
    "sum of a point": "point.sum()",
    "sum of nothing": "empty.sum()",
    **{f"sum of axis {i}": f"x.sum(axis={i})" for i in (0, 1, -1, (0, 2), (-1, 0))},
    **{f"sum, keepdims, axis {i}": f"x.sum(axis={i}, keepdims=True)" for i in (0, -1, (0, 2))},
    "sum of an axis of nothing": "empty.sum(axis=0)",
    "sum in six dimensions": "high.sum(axis=(0, 2, -2))",
    "mean": "x.mean()",
    **{f"mean of axis {i}": f"x.mean(axis={i})" for i in (0, -1, (1, 2))},
    "mean, keepdims": "x.mean(axis=1, keepdims=True)",
    "amax": "x.amax()",
    **{f"amax of axis {i}": f"x.amax(axis={i})" for i in (0, -1, (0, 2))},
    "amax, keepdims": "x.amax(axis=(0, 1), keepdims=True)",
    **{f"amax of ties, axis {i}": f"ties.amax(axis={i})" for i in (0, 1, (0, 1))},
    "reshape": "x.reshape(4, -1)",
    "reshape of nothing": "empty.reshape(3, 0)",
    "reshape of a point": "point.reshape(1, 1)",
    "transpose": "x.transpose(0, 2)",
    "transpose, axes from the end": "high.transpose(-1, 1)",
    "T": "a.T",
    "an index": "x[1]",
    "a number": "x[1, 2, -1]",
    "slices": "x[:, 1:, ::2]",
    "no slice": "a[2:2]",
    "ellipsis and a new axis": "x[..., None, -1]",
    "picked twice": "a[index]",
    "pairs picked twice": "a[index, index]",
    "a grid": "a[grid]",
    "a mask": "a[mask]",
    "relu": "ReLU()(x)",
    "relu of edges": "ReLU()(zeros)",
    "sigmoid": "Sigmoid()(x)",
    "sigmoid of far numbers": "Sigmoid()(far)",
    "tanh": "Tanh()(x)",
    "tanh of far numbers": "Tanh()(far)",
    "activations of a point": "ReLU()(point) + Sigmoid()(point) * Tanh()(point)",
    "activations of nothing": "ReLU()(empty) + Sigmoid()(empty) * Tanh()(empty)",
    **{f"softmax, axis {i}": f"Softmax({i})(x)" for i in (0, 1, -1)},
    **{f"log-softmax, axis {i}": f"LogSoftmax({i})(x)" for i in (0, 1, -1)},
    "softmax of far numbers": "Softmax(-1)(far)",
    "log-softmax of far numbers": "LogSoftmax(-1)(far)",
    "linear": "linear(x, w, bias)",
    "linear without bias": "linear(x, w)",
    "linear of one sample": "linear(row, w, bias)",
    "linear of one row": "linear(a[:1], w, bias)",
    "linear of no samples": "linear(nothing, w, bias)",
    "mlp": "mlp(a, w, bias, v, last)",
    "flatten": "Flatten(1)(x)",
    "dropout": "Dropout(0.5).eval()(a) + Dropout(1.0)(a)",
    **{
        f"{name} of {reduction}": f'{name}(reduction="{reduction}")({inputs})'
        for reduction in ("mean", "sum", "none")
        for name, inputs in (
            ("MSELoss", "a, b"),
            ("BCEWithLogitsLoss", "a, p"),
            ("CrossEntropyLoss", "a, labels"),
        )
    },
    "losses of points": "MSELoss()(point, other) + BCEWithLogitsLoss()(point, other)",
    "losses of far numbers": "cross_entropy(far, few) + BCEWithLogitsLoss()(far, sure)",
    "cross-entropy of one sample": "cross_entropy(row, one)",
    "the sum of no losses": 'cross_entropy(empty, none, reduction="sum")',
}
GRAPHS = {
    "one tensor twice": "a * a + a / b - a",
    "a diamond": """
        y = a * 0.9
        for _ in range(20):
            y = y * 0.5 + y * b
        y.backward(start(y))
        """,
    "a short way and a long way": """
        y = a.exp()
        out = y + ((y * b) @ m).sum(axis=1, keepdims=True) * y
        out.backward(start(out))
        """,
    "several backwards add up": """
        (a * b).backward(start(a))
        a.sum().backward()
        b.exp().backward(start(b))
        """,
    "cleared in between": """
        (a * b).backward(start(a))
        a.grad = None
        (a * p).backward(start(a))
        """,
    "a leaf on its own": "a.backward(start(a)); a.backward(start(a))",
    "a single number of any shape": "(point * 3).reshape(1, 1, 1).backward()",
    "constants in between": """
        with no_grad():
            y = a * b
        out = y * a
        out.backward(start(out))
        b.backward(start(b))
        """,
    "softmax by hand": """
        e = (x - x.amax(axis=-1, keepdims=True)).exp()
        out = e / e.sum(axis=-1, keepdims=True)
        out.backward(start(out))
        """,
    "a standardised matrix": """
        centred = a - a.mean(axis=0)
        out = centred / ((centred ** 2).mean(axis=0) + 1e-5).sqrt()
        out.backward(start(out))
        """,
    "five steps downhill": """
        for _ in range(5):
            w.grad = bias.grad = v.grad = last.grad = None
            cross_entropy(mlp(a, w, bias, v, last), labels3).backward()
            for parameter in (w, bias, v, last):
                parameter.data -= 0.1 * parameter.grad.data
        """,
}


@module("gradients")
def gradients() -> Module:
    """06: gradients of every operation, and graphs."""
    rng = np.random.default_rng(6)

    def signed(*shape: int) -> np.ndarray:
        return rng.normal(size=shape)

    inputs = {
        "a": signed(3, 4),
        "b": signed(3, 4),
        "p": rng.uniform(0.3, 2, (3, 4)),
        "q": rng.uniform(0.3, 2, 3),
        "row": rng.uniform(0.3, 2, 4),
        "u": signed(4),
        "column": signed(3, 1),
        "x": signed(2, 3, 4),
        "point": np.array(1.75),
        "other": np.array(0.6),
        "empty": np.zeros((0, 3)),
        "hollow": np.zeros((3, 0)),
        "nothing": np.zeros((0, 4)),
        "high": signed(2, 1, 3, 1, 2, 1),
        "wide": rng.uniform(0.3, 2, (4, 1, 3, 1, 2)),
        "zeros": np.array([0.0, 1.0, -2.0]),
        "far": np.array([[800.0, 0.0, -800.0], [-30.0, 40.0, 5.0]]),
        "sure": np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]),
        "ties": np.array([[2.0, 5.0, 5.0], [7.0, 7.0, 7.0], [-1.0, -1.0, -3.0]]),
        "m": signed(4, 5),
        "batch": signed(2, 4, 5),
        "stack": signed(3, 1, 2, 4),
        "w": signed(5, 4),
        "bias": signed(5),
        "v": signed(3, 5),
        "last": signed(3),
        "index": np.array([2, 0, 2, 1]),
        "grid": np.array([[0, 2], [1, 1]]),
        "mask": rng.random((3, 4)) < 0.5,
        "labels": np.array([3, 0, 2]),
        "labels3": np.array([2, 0, 1]),
        "few": np.array([2, 0]),
        "one": np.array(2),
        "none": np.zeros(0, np.int64),
    }
    names = {
        **ACTIVATIONS,
        **LAYERS,
        **LOSSES,
        "start": start,
        "no_grad": torch.no_grad,
    }
    cases = [gradient_case(name, code, inputs) for name, code in {**OPERATIONS, **GRAPHS}.items()]
    return inputs, cases, names
