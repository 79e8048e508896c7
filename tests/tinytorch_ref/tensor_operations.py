"""Every operation that a tensor has: what it does, and which Functions do it."""

import operator

import numpy as np

from tinytorch_ref import tensor as tt

ARITHMETIC = {
    "+": (operator.add, [tt.Add]),
    "-": (operator.sub, [tt.Subtract]),
    "*": (operator.mul, [tt.Multiply]),
    "/": (operator.truediv, [tt.Divide]),
    "**": (operator.pow, [tt.Power]),
}
TWO_OPERANDS = {**ARITHMETIC, "@": (operator.matmul, [tt.MatMul])}

NEW_NUMBERS = {
    "negative": (lambda t: -t, [tt.Negate]),
    "exp": (lambda t: t.exp(), [tt.Exp]),
    "log": (lambda t: t.log(), [tt.Log]),
    "sqrt": (lambda t: t.sqrt(), [tt.Power]),
    "sum": (lambda t: t.sum(), [tt.Sum]),
    "sum of an axis": (lambda t: t.sum(axis=0, keepdims=True), [tt.Sum]),
    "mean": (lambda t: t.mean(), [tt.Sum, tt.Divide]),
    "mean of an axis": (lambda t: t.mean(axis=-1), [tt.Sum, tt.Divide]),
    "amax": (lambda t: t.amax(), [tt.Amax]),
    "amax of an axis": (lambda t: t.amax(axis=-1), [tt.Amax]),
    "numbers on the left": (lambda t: 2 / (1 - t), [tt.Subtract, tt.Divide]),
    "a number to a power": (lambda t: 2**t, [tt.Power]),
    "an array on the left": (lambda t: np.ones(1, np.float32) + t, [tt.Add]),
    "in place": (lambda t: operator.iadd(t, 1), [tt.Add]),
}
SAME_NUMBERS = {  # which, as in PyTorch, may be shared with the operand
    "reshape": (lambda t: t.reshape(-1), [tt.Reshape]),
    "transpose": (lambda t: t.transpose(0, -1), [tt.Transpose]),
    "a part": (lambda t: t[:1], [tt.GetItem]),
    "an index": (lambda t: t[0], [tt.GetItem]),
}
ONE_OPERAND = {**NEW_NUMBERS, **SAME_NUMBERS}
