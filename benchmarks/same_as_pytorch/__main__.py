"""Compare the reference with PyTorch, in random cases: `make compare-pytorch`.

    python -m benchmarks.same_as_pytorch [--cases 15000] [--seed 0]

Each case is the same work on both sides: the results, the gradients of all leaves, and whether it
is an error. It prints how many were compared and every difference, and ends with 1 if there is one
that docs/pytorch.md does not give a reason for.
"""

import argparse
import re
import sys
from collections import Counter
from itertools import chain, islice
from pathlib import Path

import numpy as np
import torch

from .networks import networks
from .operations import operations
from .outcomes import difference
from .questions import questions

REASONS = Path(__file__).parents[2] / "docs" / "pytorch.md"
SHOWN = 3  # of each kind of difference
KINDS = (operations, networks)


def accepted() -> set[tuple[str, str]]:
    """Return the differences that the docs give a reason for: which kind of case, and what."""
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| [^|]+ \|$", REASONS.read_text(), re.MULTILINE)
    return {(kind.strip(), what.strip()) for kind, what in rows}


def main() -> int:
    """Compare, and print what there is to say."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cases", type=int, default=15_000)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    drawn = (draw(np.random.default_rng([chosen.seed, i])) for i, draw in enumerate(KINDS))
    mixed = (case for both in zip(*drawn, strict=True) for case in both)
    compared: Counter[str] = Counter()
    found: dict[tuple[str, str], list[str]] = {}
    for case in chain(questions(), islice(mixed, chosen.cases)):
        compared[case.kind] += 1
        what = difference(case)
        if what:
            kind = f"`{case.words}`" if case.kind == "questions" else case.kind
            found.setdefault((kind, what), []).append(case.words)
    print(f"{compared.total():,} comparisons with PyTorch {torch.__version__}")
    for kind, count in compared.most_common():
        print(f"  {count:6,} {kind}")
    return told(found)


def told(found: dict[tuple[str, str], list[str]]) -> int:
    """Print the differences, those without a reason last; return 1 if there are such."""
    reasons = accepted()
    for key in sorted(found, key=lambda key: (key not in reasons, key)):
        state = "a reason is in docs/pytorch.md" if key in reasons else "NO REASON"
        print(f"{key[0]}: {key[1]}, {len(found[key]):,} times: {state}")
        for words in found[key][: 0 if key in reasons else SHOWN]:
            print(f"    {words}")
    return int(any(key not in reasons for key in found))


if __name__ == "__main__":
    sys.exit(main())
