"""Random cases of modules, losses, optimizers over several steps, and of clipping."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

import tinytorch_ref as tt

from .operations import Rng, numbers, shape
from .outcomes import Arrays, Case, as_array, through

REDUCTIONS = ["mean", "sum", "none"]


def linear(rng: Rng) -> Case:
    """Apply a linear layer to any number of axes; now and then the sizes do not fit."""
    inputs, outputs = rng.integers(1, 6, size=2).tolist()
    dtype, bias = rng.choice(["float32", "float64"]), bool(rng.integers(2))
    last = inputs + int(rng.random() < 0.05)
    arrays = [numbers(rng, (*shape(rng, most=3), last), dtype=dtype)]
    arrays += [numbers(rng, of, dtype=dtype) for of in [(outputs, inputs), (outputs,)][: 1 + bias]]

    def ours(x: Any, weight: Any, *bias: Any) -> Any:
        layer = tt.Linear(inputs, outputs, bias=bool(bias))
        layer.weight, layer.bias = weight, bias[0] if bias else None
        return layer(x)

    return through("Linear", f"Linear({inputs}, {outputs})", ours, functional.linear, arrays)


def pair(rng: Rng, low: int, high: int) -> Any:
    """Draw a size for both directions, as a number or as a pair."""
    one, other = rng.integers(low, high, size=2).tolist()
    return one if rng.random() < 0.5 else (one, other)


def convolution(rng: Rng) -> Case:
    """Convolve images, or one image; now and then the filters do not fit."""
    channels, filters = rng.integers(1, 4, size=2).tolist()
    kernel, stride, padding = pair(rng, 1, 4), pair(rng, 1, 4), pair(rng, 0, 3)
    dtype, bias = rng.choice(["float32", "float64"]), bool(rng.integers(2))
    batch = (int(rng.integers(1, 4)),) if rng.random() < 0.8 else ()
    height, width = rng.integers(2, 9, size=2).tolist()
    kh, kw = kernel if isinstance(kernel, tuple) else (kernel, kernel)
    shapes = [(*batch, channels, height, width), (filters, channels, kh, kw), (filters,)]
    arrays = [numbers(rng, of, dtype=dtype) for of in shapes[: 2 + bias]]

    def ours(x: Any, weight: Any, *bias: Any) -> Any:
        layer = tt.Conv2d(channels, filters, kernel, stride, padding, bias=bool(bias))
        layer.weight, layer.bias = weight, bias[0] if bias else None
        return layer(x)

    def theirs(x: Any, weight: Any, *bias: Any) -> Any:
        return functional.conv2d(x, weight, *bias or [None], stride, padding)

    return through("Conv2d", f"Conv2d({kernel}, {stride}, {padding})", ours, theirs, arrays)


def pooling(rng: Rng) -> Case:
    """Keep the largest numbers of windows, of images in which some are equal."""
    kernel, padding = pair(rng, 1, 4), int(rng.integers(0, 2)) if rng.random() < 0.5 else 0
    stride = pair(rng, 1, 4) if rng.random() < 0.6 else None
    batch = (int(rng.integers(1, 3)),) if rng.random() < 0.8 else ()
    array = numbers(rng, (*batch, *rng.integers(1, 8, size=3).tolist()))
    if rng.random() < 0.4:
        array = np.round(array)
    if rng.random() < 0.2:
        array[..., 0, 0] = rng.choice([np.nan, np.inf, -np.inf])
    kind = "windows of -infinity" if padding and -np.inf in array else "MaxPool2d"
    pools = tt.MaxPool2d, nn.MaxPool2d

    def applied(pool: Any) -> Any:
        return lambda x: pool(kernel, stride, padding)(x)

    words = f"MaxPool2d({kernel}, {stride}, {padding})"
    return through(kind, words, *map(applied, pools), [array])


def joined(rng: Rng) -> Case:
    """Join axes from one on, and leave others alone."""
    array = numbers(rng, shape(rng, least=1))
    start = int(rng.integers(-array.ndim, array.ndim))
    flats = tt.Flatten(start), nn.Flatten(start)
    return through("Flatten", f"Flatten({start})", *flats, [array])


def dropout(rng: Rng) -> Case:
    """Let everything through in evaluation, and where the probability is 0 or 1."""
    p, training = float(rng.choice([0.0, 1.0, 0.3])), bool(rng.integers(2))
    training = training and p != 0.3
    pairs = (one(p).train(training) for one in (tt.Dropout, nn.Dropout))
    return through("Dropout", f"Dropout({p})", *pairs, [numbers(rng, shape(rng))])


def squares(rng: Rng) -> Case:
    """Compare predictions with targets of the same shape."""
    how, dtype = str(rng.choice(REDUCTIONS)), rng.choice(["float32", "float64"])
    arrays = [numbers(rng, of, bool(rng.random() < 0.1), dtype) for of in [shape(rng)] * 2]
    losses = tt.MSELoss(how), nn.MSELoss(reduction=how)
    return through("MSELoss", f"MSELoss({how})", *losses, arrays)


def yes_or_no(rng: Rng) -> Case:
    """Compare logits, huge ones too, with targets from 0 to 1."""
    how, dtype, of = str(rng.choice(REDUCTIONS)), rng.choice(["float32", "float64"]), shape(rng)
    logits = numbers(rng, of, dtype=dtype) * np.asarray(10.0 ** rng.integers(0, 3), dtype)
    targets = np.asarray(rng.random(of) if rng.random() < 0.3 else rng.random(of) < 0.5, dtype)
    losses = tt.BCEWithLogitsLoss(how), nn.BCEWithLogitsLoss(reduction=how)
    words = f"BCEWithLogitsLoss({how})"
    return through("BCEWithLogitsLoss", words, *losses, [np.asarray(logits), targets])


def classes(rng: Rng) -> Case:
    """Compare scores with right classes; now and then one that there is not."""
    samples, count = int(rng.integers(0, 6)), int(rng.integers(1, 6))
    one = bool(rng.random() < 0.2)
    scores = numbers(rng, (count,) if one else (samples, count))
    scores *= np.asarray(10.0 ** rng.integers(0, 3), scores.dtype)
    right = np.asarray(rng.integers(0, count + (rng.random() < 0.05), size=() if one else samples))
    if rng.random() < 0.05:
        right = right.reshape(1, -1)
    how = str(rng.choice(REDUCTIONS))
    return through(
        "cross entropy",
        f"cross_entropy({right.tolist()}, {how})",
        lambda x: tt.cross_entropy(x, right, how),
        lambda x: functional.cross_entropy(x, torch.tensor(right), reduction=how),
        [scores],
    )


def steps(rng: Rng) -> Case:
    """Take steps with gradients that are given, some of them missing, 0 or NaN."""
    shapes, dtype = [shape(rng) for _ in range(rng.integers(1, 4))], rng.choice(["f4", "f8"])
    values = [numbers(rng, of, dtype=dtype) for of in shapes]
    name = str(rng.choice(["SGD", "Adam"]))
    options: dict[str, Any] = {"lr": float(rng.choice([0.0, 1e-3, 0.1, 1.0]))}
    options["weight_decay"] = float(rng.choice([0.0, 0.0, 0.01, 0.5]))
    if name == "SGD":
        options["momentum"] = float(rng.choice([0.0, 0.5, 0.9, 1.0]))
    else:
        options["betas"] = tuple(rng.choice([0.0, 0.5, 0.9, 0.999], size=2).tolist())
        options["eps"] = float(rng.choice([1e-8, 1e-3]))
    if rng.random() < 0.1:  # what makes no sense is refused by both
        wrong = str(rng.choice([key for key in options if key != "betas"]))
        options[wrong] = -1.0
    pushes = [
        [
            None if rng.random() < 0.1 else numbers(rng, of, rng.random() < 0.05, dtype)
            for of in shapes
        ]
        for _ in range(rng.integers(1, 12))
    ]

    def run(optimizer: Any, leaves: list[Any], tensor: Any) -> Arrays:
        for push in pushes:
            for leaf, grad in zip(leaves, push, strict=True):
                leaf.grad = None if grad is None else tensor(grad)
            optimizer.step()
        return [as_array(one) for leaf in leaves for one in (leaf, leaf.grad)]

    def ours() -> Arrays:
        leaves = [tt.Parameter(value, dtype=value.dtype) for value in values]
        return run(getattr(tt, name)(leaves, **options), leaves, tt.Tensor)

    def theirs() -> Arrays:
        leaves = [torch.tensor(value, requires_grad=True) for value in values]
        return run(getattr(torch.optim, name)(leaves, **options), leaves, torch.tensor)

    return Case("optimizers", f"{name}({options}), {len(pushes)} steps", ours, theirs)


def training(rng: Rng) -> Case:
    """Train a small network for several steps, clipping its gradients now and then.

    In float64: Adam makes whole steps of gradients that are nothing but rounding.
    """
    features, hidden, count = rng.integers(2, 6, size=3).tolist()
    x, y = numbers(rng, (4, 1, 2, features), dtype="f8"), rng.integers(0, count, size=4)
    name, clip = str(rng.choice(["SGD", "Adam"])), bool(rng.integers(2))
    seed = int(rng.integers(1 << 30))

    def run(model: Any, optimizers: Any, images: Any, loss: Any, shorten: Any) -> Arrays:
        optimizer, seen = getattr(optimizers, name)(list(model.parameters()), lr=0.01), []
        for _ in range(5):
            optimizer.zero_grad()
            loss_now = loss(model(images))
            loss_now.backward()
            if clip:
                seen.append(np.asarray(float(shorten(model.parameters(), 0.5)), "f8"))
            optimizer.step()
            seen.append(as_array(loss_now))
        return [*seen, *(as_array(parameter) for parameter in model.parameters())]

    def small(parts: Any) -> Any:
        convolve = parts.Conv2d(1, 2, (1, 2), padding=(0, 1))
        layers = [convolve, parts.ReLU(), parts.MaxPool2d((1, 2)), parts.Flatten(1)]
        size = 2 * 2 * ((features + 1) // 2)
        layers += [parts.Linear(size, hidden), parts.Tanh(), parts.Linear(hidden, count)]
        return parts.Sequential(*layers)

    def our_network() -> Any:
        tt.manual_seed(seed)
        model = small(tt)
        for parameter in model.parameters():
            parameter.data = parameter.data.astype(np.float64)
        return model

    def ours() -> Arrays:
        loss = lambda scores: tt.cross_entropy(scores, y)  # noqa: E731
        return run(our_network(), tt, tt.Tensor(x), loss, tt.clip_grad_norm_)

    def theirs() -> Arrays:
        model = small(nn).double()
        with torch.no_grad():
            for mine, other in zip(our_network().parameters(), model.parameters(), strict=True):
                other.copy_(torch.tensor(mine.numpy()))
        loss = lambda scores: functional.cross_entropy(scores, torch.tensor(y))  # noqa: E731
        return run(model, torch.optim, torch.tensor(x), loss, nn.utils.clip_grad_norm_)

    return Case("training", f"{name}, {features}, {hidden}, {count}, {clip=}", ours, theirs)


def networks(rng: Rng) -> Iterator[Case]:
    """Yield one case of every kind, again and again."""
    makers = [linear, convolution, pooling, joined, dropout]
    makers += [squares, yes_or_no, classes, steps, training]
    while True:
        yield from (make(rng) for make in makers)
