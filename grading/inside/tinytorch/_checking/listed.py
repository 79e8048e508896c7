"""Say what will be graded, by section, from the file `checks.json` that a release carries."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .public import outcomes
from .watching import Watch

FILE = Path(__file__).parents[1] / "checks.json"
NOT_TOLD = "What will be graded is not listed here."


def read_checks() -> dict[str, Any] | None:
    """Return what the release tells of its checks, or None where it tells nothing."""
    try:
        found = json.loads(FILE.read_text(encoding="utf-8"))
        return found if isinstance(found["tests"], list) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def lines(watch: Watch | None, namespace: dict[str, Any]) -> Iterator[str]:
    """Yield it line by line; where the course lets it, visible tests run in a copy of the names."""
    told = read_checks()
    if told is None:
        yield NOT_TOLD
        return
    tests = told["tests"]
    number = sum(len(test["checks"].splitlines()) for test in tests)
    checks = "check" if number == 1 else "checks"
    yield f"{told['title']}: {number} {checks} will be graded after you hand in."
    names = dict(namespace)
    for test in tests:
        yield ""
        yield from _of_test(test, watch, names)
    if told["by_hand"]:
        yield ""
        yield "A person reads:"
        yield from (f"  - {answer['section']}" for answer in told["by_hand"])


def _of_test(test: dict[str, Any], watch: Watch | None, names: dict[str, Any]) -> Iterator[str]:
    yield test["section"]
    has_run = watch is None or watch.has_run(test["cell"])
    if not test["visible"].strip():
        yield "  visible test: none"
    elif test["public"] is not None and has_run:
        told = list(outcomes(test["visible"], test["public"], names))
        fails = any(hint for _, hint in told)
        yield f"  visible test, run now: {'fails' if fails else 'holds'}"
        for name, hint in told:
            yield f"    fails  {name}: {hint}" if hint else f"    holds  {name}"
    else:
        said = watch.said_of(test["cell"]) if watch else "nobody looked when it ran"
        yield f"  visible test: {said}"
    yield "  will be graded:"
    yield from (f"    - {name}" for name in test["checks"].splitlines())
