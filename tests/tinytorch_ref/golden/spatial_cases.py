"""Assignment 08: convolution and pooling, forward and back."""

import numpy as np
from gradient_cases import gradient_case, start
from registry import Module, cases_of, module
from torch.nn import functional

CONVOLUTIONS = {
    "one grey image": "conv2d(grey, thin)",
    "no bias": "conv2d(x, w)",
    "a bias": "conv2d(x, w, b)",
    "stride 2": "conv2d(x, w, b, stride=2)",
    "a stride for each way": "conv2d(x, w, b, stride=(1, 3))",
    "stride 4, larger than the filters": "conv2d(x, w, b, stride=4)",
    "padding 1": "conv2d(x, w, b, padding=1)",
    "padding for each way": "conv2d(x, w, b, padding=(0, 2))",
    "padding larger than the filters": "conv2d(x, w, b, padding=4)",
    "stride and padding": "conv2d(x, w, b, stride=(3, 2), padding=(2, 1))",
    "filters that are not square": "conv2d(x, high, b)",
    "wide filters": "conv2d(x, wide, b, stride=(2, 1), padding=(0, 1))",
    "filters of one pixel": "conv2d(x, dots, b)",
    "filters of one pixel, in steps": "conv2d(x, dots, b, stride=(3, 2))",
    "filters as large as the image": "conv2d(x, large, b)",
    "one image without N": "conv2d(x[1], w, b, stride=(1, 2), padding=(1, 0))",
    "two layers": "conv2d(conv2d(x, w, b, padding=1), again, stride=2)",
}
POOLS = {
    "windows of 2": "max_pool2d(x, 2)",
    "windows that are not square": "max_pool2d(x, (3, 2))",
    "windows as large as the image": "max_pool2d(x, (7, 8))",
    "stride 1": "max_pool2d(x, 3, 1)",
    "a stride for each way": "max_pool2d(x, 2, (3, 1))",
    "a stride larger than the window": "max_pool2d(x, 2, 3)",
    "windows of one pixel": "max_pool2d(x, 1, (2, 3))",
    "padding 1": "max_pool2d(-x * x, 3, 2, 1)",
    "padding for each way": "max_pool2d(-x * x, (2, 3), (1, 2), (1, 0))",
    "one image": "max_pool2d(x[0], 2)",
    "one map": "max_pool2d(grey[0], 2)",
    "equal numbers": "max_pool2d(ties, 2)",
    "equal numbers that overlap": "max_pool2d(ties, 3, 1, 1)",
    "after a convolution": "max_pool2d(conv2d(x, w, b), 2)",
}


@module("spatial")
def spatial() -> Module:
    """08: values, and the gradients of images, filters and biases."""
    rng = np.random.default_rng(8)
    shapes = {
        "x": (2, 3, 7, 8),
        "grey": (1, 1, 5, 5),
        "w": (4, 3, 3, 3),
        "b": (4,),
        "thin": (1, 1, 3, 3),
        "high": (4, 3, 5, 2),
        "wide": (4, 3, 1, 4),
        "dots": (4, 3, 1, 1),
        "large": (4, 3, 7, 8),
        "again": (2, 4, 3, 2),
    }
    inputs = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    inputs["ties"] = rng.integers(0, 3, size=(2, 2, 6, 7)).astype(np.float64)
    cases = cases_of(whole={f"maps: {name}": code for name, code in CONVOLUTIONS.items()})
    cases += cases_of(whole={f"largest: {name}": code for name, code in POOLS.items()})
    cases += [
        gradient_case(f"gradients: {name}", code, inputs)
        for name, code in {**CONVOLUTIONS, **{f"pool, {k}": v for k, v in POOLS.items()}}.items()
    ]
    names = {"conv2d": functional.conv2d, "max_pool2d": functional.max_pool2d, "start": start}
    return inputs, cases, names
