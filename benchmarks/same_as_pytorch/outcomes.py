"""Run one piece of work in the reference and in PyTorch, and tell how the two outcomes differ."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from tinytorch_ref import Tensor

Arrays = list[np.ndarray | None]
LISTS = {"questions", "optimizers", "training"}  # arrays that are not a result and its gradients
TOLERANCES = {"float32": (2e-4, 2e-6), "float64": (1e-8, 1e-12)}  # of each, of the largest


@dataclass(frozen=True)
class Case:
    """The same work twice: each function returns arrays, or raises an error."""

    kind: str  # what is compared, such as "two operands"
    words: str  # this very case, so that it can be tried again by hand
    ours: Callable[[], Arrays]
    theirs: Callable[[], Arrays]


def as_array(tensor: Any) -> np.ndarray | None:
    """Return the numbers of a tensor of either side, or None where there is none."""
    return None if tensor is None else np.array(tensor.detach().numpy())


def through(kind: str, words: str, ours: Any, theirs: Any, arrays: list[np.ndarray]) -> Case:
    """Return the case of two functions of tensors: the result, and the gradients of all leaves."""

    def run(leaves: list[Any], function: Any, tensor: Any) -> Arrays:
        out = function(*leaves)
        start = np.cos(np.arange(out.detach().numpy().size)).reshape(tuple(out.shape))
        if out.requires_grad:
            out.backward(tensor(start.astype(out.detach().numpy().dtype)))
        return [as_array(out), *(as_array(leaf.grad) for leaf in leaves)]

    def ours_of() -> Arrays:
        return run([Tensor(a, a.dtype, requires_grad=True) for a in arrays], ours, Tensor)

    def theirs_of() -> Arrays:
        leaves = [torch.tensor(a, requires_grad=True) for a in arrays]
        return run(leaves, theirs, torch.tensor)

    inputs = ", ".join(f"{a.dtype}{a.shape}" for a in arrays)
    return Case(kind, f"{words} of {inputs}", ours_of, theirs_of)


def outcome(work: Callable[[], Arrays]) -> Arrays | Exception:
    """Return the arrays that some work makes, or its error; warnings are no outcome."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return work()
        except Exception as error:
            return error


def difference(case: Case) -> str | None:
    """Return in few words how the outcomes of a case differ, or None."""
    ours, theirs = outcome(case.ours), outcome(case.theirs)
    if isinstance(ours, Exception) or isinstance(theirs, Exception):
        if isinstance(ours, Exception) and isinstance(theirs, Exception):
            return None
        ours, theirs = (one if isinstance(one, Exception) else "works" for one in (ours, theirs))
        return "only ours is an error" if theirs == "works" else "only PyTorch's is an error"
    names = {array.dtype.name for array in theirs if array is not None}
    rtol, share = TOLERANCES["float32" if "float32" in names else "float64"]
    for place, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
        what = "an answer" if case.kind in LISTS else "the gradient" if place else "the result"
        if (mine is None) != (other is None):
            return f"{what} is missing on one side"
        if mine is None or other is None:
            continue
        if mine.shape != other.shape:
            return f"{what} has another shape"
        if mine.dtype != other.dtype:
            return f"{what} has another dtype"
        if not close(mine, other, rtol, share):
            return f"{what} is another"
    return None


def close(ours: np.ndarray, theirs: np.ndarray, rtol: float, share: float) -> bool:
    """Tell whether two arrays agree; NaN and infinity have to stand at the same places."""
    sizes = np.abs(theirs[np.isfinite(theirs)])
    atol = share * max(1.0, float(sizes.max())) if sizes.size else share
    return np.allclose(ours, theirs, rtol, atol, equal_nan=True)
