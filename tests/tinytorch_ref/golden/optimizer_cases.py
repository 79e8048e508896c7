"""Assignment 07: where parameters are after some steps."""

from itertools import product

import numpy as np
import torch
from registry import Case, Module, module

OPTIMIZERS = {
    "SGD": "SGD(leaves, lr=0.05)",
    "SGD as it is": "SGD(leaves)",
    "SGD with momentum": "SGD(leaves, lr=0.05, momentum=0.9)",
    "SGD with weight decay": "SGD(leaves, lr=0.05, weight_decay=0.3)",
    "SGD with both": "SGD(leaves, lr=0.05, momentum=0.7, weight_decay=0.3)",
    "Adam": "Adam(leaves, lr=0.1)",
    "Adam as it is": "Adam(leaves)",
    "Adam with other betas": "Adam(leaves, lr=0.1, betas=(0.6, 0.8))",
    "Adam with a large eps": "Adam(leaves, lr=0.1, eps=0.5)",
    "Adam with weight decay": "Adam(leaves, lr=0.1, weight_decay=0.3)",
}
ALL = "((a * row + point) * (a * row + point)).mean()"
SOME = "(a * a * row).mean()"
LOOPS = {
    "one step": f"{ALL}.backward(); optimizer.step()",
    "twelve steps": f"""
for _ in range(12):
    optimizer.zero_grad(); {ALL}.backward(); optimizer.step()
""",
    "without zero_grad": f"""
for _ in range(4):
    {ALL}.backward(); optimizer.step()
""",
    "a parameter sits steps out": f"""
for i in range(6):
    optimizer.zero_grad(); ({ALL} if i % 3 else {SOME}).backward(); optimizer.step()
""",
}


@module("optimizers")
def optimizers() -> Module:
    """07: every optimizer in every loop."""
    rng = np.random.default_rng(7)
    inputs = {"a": rng.normal(size=(3, 4)), "row": rng.normal(size=4), "point": np.array(0.75)}
    cases = [
        Case(
            f"{name}: {loop}",
            f"leaves = [a, row, point]\noptimizer = {optimizer}\n{code.strip()}\na, row, point",
            "gradient",
            list(inputs),
        )
        for (name, optimizer), (loop, code) in product(OPTIMIZERS.items(), LOOPS.items())
    ]
    return inputs, cases, {"SGD": torch.optim.SGD, "Adam": torch.optim.Adam}
