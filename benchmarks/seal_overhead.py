"""Measure what the seal costs: the same notebook in a sandboxed and in a plain kernel, in turn.

Run it as `.venv/bin/python benchmarks/seal_overhead.py [rounds]` after `make`; it prints medians.
"""

import statistics
import sys
import time
from pathlib import Path

from grading.checks.answer_key import run_solution
from grading.course.layout import Course
from grading.course.released import ReleasedNotebook
from grading.sandbox.settings import Sandbox

ASSIGNMENT = "01_setup"


def main() -> None:
    """Run our own solution of one assignment both ways and compare."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    course = Course(Path.cwd())
    master = ReleasedNotebook(course, ASSIGNMENT)
    seconds: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(rounds):
        for sealed in (True, False):
            began = time.perf_counter()
            run_solution(master.solved(), master.handout, course, Sandbox(sealed=sealed))
            seconds[sealed].append(time.perf_counter() - began)
    sealed, plain = (statistics.median(seconds[kind]) for kind in (True, False))
    gap = statistics.median(a - b for a, b in zip(seconds[True], seconds[False], strict=True))
    print(f"{ASSIGNMENT}, {rounds} rounds, median seconds a notebook")
    print(f"sealed {sealed:.2f}   plain {plain:.2f}   the seal costs {gap:+.2f}")


if __name__ == "__main__":
    main()
