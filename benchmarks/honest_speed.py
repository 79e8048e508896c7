"""Judge an honest speed-up many times while every core is busy with something else.

Run it as `.venv/bin/python benchmarks/honest_speed.py [times]`. The work is a training step of a
small network, one sample at a time and in batches of 128; it is held to 20 times faster. The key
is taken on the quiet machine, every judgement on the busy one.
"""

import multiprocessing
import os
import statistics
import sys

from grading.checks.base import Timing
from grading.checks.speedup import speed_ratio
from grading.sandbox.archive import NOTHING
from grading.sandbox.clock import Stretch
from grading.sandbox.kernel import Files, SealedKernel
from grading.sandbox.settings import Sandbox

WANTED = 20
WORK = """
import numpy as np
from grading import check

rng = np.random.default_rng(0)
images = rng.normal(size=(6400, 64)).astype(np.float32)
labels = np.eye(10, dtype=np.float32)[rng.integers(0, 10, len(images))]
first = rng.normal(size=(64, 16)).astype(np.float32) / 8
last = rng.normal(size=(16, 10)).astype(np.float32) / 4

def train(seed, batch):
    order = np.random.default_rng(seed).permutation(len(images))
    x, y, v, w = images[order], labels[order], first.copy(), last.copy()
    for start in range(0, len(x), batch):
        a, t = x[start:start + batch], y[start:start + batch]
        h = np.maximum(a @ v, 0)
        s = h @ w
        p = np.exp(s - s.max(axis=1, keepdims=True))
        g = (p / p.sum(axis=1, keepdims=True) - t) / len(a)
        gw, gh = h.T @ g, (g @ w.T) * (h > 0)
        w, v = w - 0.1 * gw, v - 0.1 * (a.T @ gh)
    return float(np.abs(w).mean())

check.speedup("batches", slow=lambda s: train(s, 1), fast=lambda s: train(s, 128), at_least=20)
"""


def judge_once() -> list[Stretch]:
    """Run the timed work in a fresh sealed kernel."""
    nothing = Files(NOTHING, NOTHING, NOTHING)
    with SealedKernel(Sandbox(), nothing, "salt") as kernel:
        list(kernel.execute(WORK))
        return kernel.clock.stretches


def burn() -> None:
    """Keep one core busy for as long as it is left alone."""
    while True:
        sum(range(10_000))


def main() -> int:
    """Print how many judgements reached the wanted ratio, and the spread of the ratios."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    key = judge_once()
    print(f"quiet: {speed_ratio(Timing(key, key)):.1f} times")
    load = [multiprocessing.Process(target=burn, daemon=True) for _ in range(os.cpu_count() or 2)]
    for process in load:
        process.start()
    ratios = [speed_ratio(Timing(key, judge_once())) for _ in range(times)]
    for process in load:
        process.terminate()
    passed = sum(ratio >= WANTED for ratio in ratios)
    print(f"busy: {passed} of {times} reach {WANTED}")
    low, middle, high = min(ratios), statistics.median(ratios), max(ratios)
    print(f"ratios: lowest {low:.1f}, median {middle:.1f}, highest {high:.1f}")
    return 0 if passed == times else 1


if __name__ == "__main__":
    sys.exit(main())
