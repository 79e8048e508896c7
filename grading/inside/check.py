"""Report what student code computes; judge nothing.

This is the only file of the grading system that enters the sandbox, where it is mounted as the
module `grading`. A hidden test calls `check(name, thunk)`; the value travels out of the kernel as
data (`grading/sandbox/evidence.py` describes the format) and is compared outside with what the
instructor's solution reported. Nothing in here knows an expected value, a label or a threshold
that counts.
"""

import base64
import hashlib
import json
import os
import socket
import time
from collections.abc import Callable, Iterable
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np

EVIDENCE_MIME = "application/vnd.course-evidence+json"
MAX_ARRAY_BYTES = 4_000_000
MAX_DEPTH = 6
MAX_ITEMS = 2_000
TRAINED = "trained"  # the side of a stretch in which a network is trained
Work = Callable[..., Any]


def encode(value: Any, depth: int = 0) -> dict[str, Any]:
    """Turn a value into plain JSON data; `grading/sandbox/evidence.py` has the format."""
    if depth > MAX_DEPTH:
        return {"t": "unknown", "type": "too deep"}
    if value is None or isinstance(value, bool):
        return {"t": "bool", "v": value} if value is not None else {"t": "none"}
    if isinstance(value, str):
        return {"t": "str", "v": value[:MAX_ITEMS]}
    if type(value) is int:
        return {"t": "int", "v": str(value)} if abs(value) < 1 << 256 else {"t": "unknown"}
    if type(value) is float:
        return {"t": "float", "v": value.hex()}
    if isinstance(value, np.ndarray | np.generic):
        return _encode_array(np.asarray(value))
    if isinstance(value, list | tuple):
        items = [encode(item, depth + 1) for item in value[:MAX_ITEMS]]
        return {"t": "list", "v": items}
    if isinstance(value, dict):
        pairs = [[str(k)[:200], encode(v, depth + 1)] for k, v in list(value.items())[:MAX_ITEMS]]
        return {"t": "dict", "v": pairs}
    data = getattr(value, "data", None)
    if isinstance(data, np.ndarray | np.generic):
        return {"t": "tensor", "v": _encode_array(np.asarray(data))}
    return {"t": "unknown", "type": type(value).__name__[:80]}


def _encode_array(array: np.ndarray) -> dict[str, Any]:
    if array.dtype.kind not in "biuf" or array.nbytes > MAX_ARRAY_BYTES:
        reason = "too large" if array.dtype.kind in "biuf" else array.dtype.name[:80]
        return {"t": "unknown", "type": f"array ({reason})"}
    little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    text = base64.b64encode(little.tobytes()).decode("ascii")
    return {"t": "array", "dtype": array.dtype.name, "shape": list(array.shape), "v": text}


def encode_error(error: BaseException) -> dict[str, Any]:
    """Name the type of an error and its bases; the message stays inside."""
    return {"t": "error", "types": [kind.__name__[:80] for kind in type(error).__mro__[:-1]][:12]}


def renaming(seed: int) -> np.ndarray:
    """Return the ten classes in an order that only the seed knows: the new name of each."""
    return np.random.default_rng(seed).permutation(10)


def _outcome(thunk: Any, *args: Any) -> dict[str, Any]:
    try:
        return encode(thunk(*args) if callable(thunk) else thunk)
    except Exception as error:
        return encode_error(error)


def _of_each(cases: dict[str, Any]) -> dict[str, Any]:
    return {"t": "dict", "v": [[name, _outcome(case)] for name, case in cases.items()]}


class _Clock:
    """Ask outside for seeds and to be timed; without a channel (JupyterLab), keep time here."""

    def __init__(self) -> None:
        descriptor = os.environ.get("CHECK_CLOCK_FD")
        self._channel = socket.socket(fileno=int(descriptor)) if descriptor else None
        self._file = self._channel.makefile("rwb") if self._channel else None

    def _ask(self, message: dict[str, Any]) -> dict[str, Any]:
        assert self._file is not None
        self._file.write(json.dumps(message).encode() + b"\n")
        self._file.flush()
        return json.loads(self._file.readline(10_000))

    def start(self, name: str, side: str, round_: int) -> int:
        """Begin a timed stretch and return the seed it must work with."""
        if self._file is None:
            return int.from_bytes(os.urandom(4), "little")
        return int(self._ask({"do": "start", "name": name, "side": side, "round": round_})["seed"])

    def recorded(self) -> int:
        """Return how many rounds the fast side is asked for in all: 0, unless they are recorded."""
        return 0 if self._file is None else int(self._ask({"do": "count"})["rounds"])

    def stop(self, value: dict[str, Any]) -> None:
        """End the timed stretch and hand over what was computed in it."""
        if self._file is not None:
            self._ask({"do": "stop", "value": value})


class _Recorder:
    """Stand where the recorder of assignment 06 stands, and remember what passes."""

    def __init__(self, seen: list[Any]) -> None:
        self._seen = seen

    def record(self, operation: Any, operands: Iterable[Any], out: Any) -> None:
        self._seen.append((operation, tuple(operands), out))


class Check:
    """Callable as `check(name, thunk)`; the other kinds of check are its methods."""

    @cached_property
    def _clock(self) -> _Clock:
        return _Clock()

    def __call__(
        self,
        name: str,
        value: Any,
        *,
        cases: dict[str, tuple[Any, ...]] | None = None,
        rtol: float = 1e-4,
        atol: float = 1e-6,
        dtype: bool = True,
    ) -> None:
        """Report a value, or what a function without arguments returns or raises.

        It must equal the reference's within `rtol` and `atol`; `dtype=False` accepts any precision.
        With `cases`, `value` is called with each, and a hint names the case. A dictionary of
        functions without arguments is such a check as well.
        """
        if cases is not None:
            value = {case: partial(value, *arguments) for case, arguments in cases.items()}
        params: dict[str, Any] = {"rtol": rtol, "atol": atol, "dtype": dtype}
        named = isinstance(value, dict)
        said = _of_each(value) if named else _outcome(value)
        self._report("value", name, said, params | ({"cases": True} if named else {}))

    def outcomes(
        self,
        name: str,
        function: Callable[..., Any],
        cases: Iterable[tuple[Any, ...]] | dict[str, tuple[Any, ...]],
        errors: tuple[type[BaseException], ...] = (ValueError,),
        rtol: float = 1e-4,
        atol: float = 1e-6,
    ) -> None:
        """Report `function(*case)` for cases of which some must raise one of `errors`.

        A lone "it raised" could be claimed without being true, so cases that must raise stand
        beside cases whose values must be right, and the check holds only as a whole. A hint names
        the case where `cases` is a dictionary.
        """
        named = cases if isinstance(cases, dict) else {}
        values = [_outcome(function, *case) for case in (named.values() or cases)]
        accepted = [kind.__name__ for kind in errors]
        params = {"rtol": rtol, "atol": atol, "dtype": False, "errors": accepted}
        if named:
            params["cases"] = list(named)
        self._report("outcomes", name, {"t": "list", "v": values}, params)

    def distribution(self, name: str, samples: Any, tolerance: float = 0.05) -> None:
        """Report random numbers, to be compared as a distribution.

        `tolerance` bounds the largest gap between the two empirical distribution functions (the
        two-sample Kolmogorov-Smirnov statistic).
        """
        self._report("distribution", name, _outcome(samples), {"tolerance": tolerance})

    def accuracy(
        self,
        name: str,
        predictions: Any,
        *,
        at_least: float,
        of: str = "digits",
        better_than: Any = None,
    ) -> None:
        """Report predicted classes for `images(of)`; labels and threshold are applied outside.

        With `better_than`, the predictions of a rival, more of the first must be right than of the
        rival's, which in turn must be about as good as the reference's rival.
        """
        value = _outcome(predictions)
        params: dict[str, Any] = {"at_least": at_least, "of": of}
        if better_than is not None:
            value = {"t": "list", "v": [value, _outcome(better_than)]}
            params["rival"] = True
        self._report("accuracy", name, value, params)

    def speedup(
        self, name: str, *, slow: Work, fast: Work, at_least: float, rounds: int = 5
    ) -> None:
        """Run `slow(seed)` and `fast(seed)` in turn while CPU time is taken outside.

        Every stretch gets a seed of its own when it begins, another one in each run, and hands over
        its result when it ends: the work can be done neither before nor after, nor be remembered.
        Draw all that a stretch works on from its seed. Both sides must do the same amount of work.
        """
        seconds: dict[str, list[float]] = {"slow": [], "fast": []}
        failure: dict[str, Any] | None = None
        both = (("slow", slow), ("fast", fast))
        for round_ in range(max(rounds, self._clock.recorded())):
            for side, work in both if round_ < rounds else both[1:]:
                seed = self._clock.start(name, side, round_)
                began = time.process_time()
                value = _outcome(work, seed)
                seconds[side].append(time.process_time() - began)
                self._clock.stop(value)
                if value["t"] == "error":
                    failure = value
            if failure:
                break
        ratio = float(np.median(seconds["slow"]) / max(np.median(seconds["fast"]), 1e-9))
        params = {"at_least": at_least, "rounds": rounds}
        self._report("speedup", name, failure or encode(ratio), params)

    def trained(self, name: str, train: Work, *, at_least: Iterable[float], within: float) -> None:
        """Run `train(seed, names)` while CPU time is taken outside: a check for each accuracy.

        It trains with `names[labels]`, whose order only the seed knows, and returns predictions
        for `images()`, under those names, and the number of parameters.
        """
        found = _outcome(train, seed := self._clock.start(name, TRAINED, 0), renaming(seed))
        self._clock.stop(found)
        said = found if found["t"] == "error" else encode(True)
        for least in at_least:
            params = {"at_least": least, "within": within, "of": "digits", "stretch": name}
            self._report("trained", f"{name}: {100 * least:g} % or more", said, params)

    def rng(self, label: str) -> np.random.Generator:
        """Return a random generator fixed by the label and the course's secret salt."""
        salt = os.environ.get("CHECK_SALT", "no salt")
        digest = hashlib.sha256(f"{salt}/{label}".encode()).digest()
        return np.random.default_rng(int.from_bytes(digest[:8], "little"))

    def images(self, name: str = "digits") -> np.ndarray:
        """Return the unlabelled test images, float32 in [0, 1], shape (N, 1, 28, 28) for digits."""
        folder = os.environ.get("CHECK_DATA")
        if folder is None:
            raise RuntimeError("CHECK_DATA names no folder: start JupyterLab with `make lab`")
        return np.load(Path(folder) / f"{name}-test-images.npy").astype(np.float32) / 255

    def recorded(
        self,
        dispatch: Any,
        compute: Callable[..., Any],
        inputs: Iterable[Any],
        others: Iterable[Any],
        operations: tuple[type, ...] = (),
    ) -> Any:
        """Return what the operations that `compute(*inputs)` sends through the dispatch give again.

        They run once more on `others`, arrays in the place of the tensors `inputs`. What was
        computed past `dispatch`, the class `Function`, or by an operation that is none of
        `operations`, is as it was and does not follow; so it is with a copy of an input.
        """
        inputs, before = list(inputs), dispatch.recorder
        seen: list[Any] = []
        dispatch.recorder = _Recorder(seen)
        try:
            result = compute(*inputs)
        finally:
            dispatch.recorder = before
        now = {id(tensor): other for tensor, other in zip(inputs, others, strict=True)}
        for operation, operands, out in seen:
            if not operations or isinstance(operation, operations):
                arrays = [now.get(id(one), one.data) for one in operands]
                now[id(out)] = np.asarray(operation.forward(*arrays))
        return now.get(id(result), result.data)

    def _report(self, kind: str, name: str, value: dict[str, Any], params: dict[str, Any]) -> None:
        evidence = {"kind": kind, "name": str(name), "value": value, "params": params}
        from IPython.display import display

        display({EVIDENCE_MIME: evidence, "text/plain": f"check: {name}"}, raw=True)


check = Check()
