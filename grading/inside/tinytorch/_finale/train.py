"""Train the three networks on a framework, from fixed seeds, and keep what is worth a look."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .needs import BETTER_WITH, Framework
from .progress import Watch

SEED, BATCH, EPOCHS = 10, 32, 3
XOR_STEPS, XOR_EVERY = 1500, 50
INPUTS = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
WANTED = [0, 1, 1, 0]
SIDE, FROM, TO = 41, -0.3, 1.3  # the grid of the decision surface
FOR_TRAINING, FOR_TESTING = 6000, 1000
MOST_SECONDS = {"XOR": 20.0, "MLP": 40.0, "CNN": 90.0}
AT_ONCE = 20  # images that are looked at together
POINTS = 10  # of the loss curve, for each epoch

Say = Callable[[str], None]


@dataclass
class Xor:
    """What the network says of the four cases and of the plane around them."""

    answers: list[int]
    surface: np.ndarray  # (SIDE, SIDE) probabilities of 1; rows are the second input, upwards
    losses: list[tuple[float, float]]  # (step, loss)


@dataclass
class Digits:
    """How a network learned, and what it sees in the images it was not trained on."""

    losses: list[tuple[float, float]] = field(default_factory=list)  # (epochs, training loss)
    accuracies: list[tuple[float, float]] = field(default_factory=list)  # (epochs, share right)
    guesses: np.ndarray = field(default_factory=lambda: np.zeros(0, int))
    cut_short: bool = False

    @property
    def accuracy(self) -> float:
        """Return the share of images that it sees right in the end."""
        return self.accuracies[-1][1]


def xor(own: Framework, say: Say, watch: Watch | None = None) -> Xor:
    """Train two layers on the four cases of XOR."""
    own.name("setup", "manual_seed")(SEED)
    tensor, linear = own.name("tensor", "Tensor"), own.name("layers", "Linear")
    model = own.name("layers", "Sequential")(
        [linear(2, 4), own.name("activations", "Tanh")(), linear(4, 1)]
    )
    optimizer = own.name("optimizers", "SGD")(model.parameters(), lr=0.5)
    loss_function = own.name("losses", "BCEWithLogitsLoss")()
    inputs, wanted = tensor(INPUTS), tensor([[float(one)] for one in WANTED])
    watch = watch or Watch("XOR", XOR_STEPS, MOST_SECONDS["XOR"], say)
    losses = []
    for step in watch.batches(range(XOR_STEPS), f"{XOR_STEPS:,} steps"):
        wrong = loss_function(model(inputs), wanted)
        optimizer.step(wrong)
        if step % XOR_EVERY == 0 or step == XOR_STEPS - 1:
            watch.losses.append(float(wrong.item()))
            losses.append((float(step), watch.losses[-1]))
    with own.name("autograd", "no_grad")():
        answers = [int(score > 0) for score in _array(model(inputs)).ravel()]
        scores = _array(model(tensor(grid()))).astype(float).reshape(SIDE, SIDE)
    right = np.mean(np.array(answers) == WANTED)
    watch.end_of_epoch(f"step {watch.done:,} of {XOR_STEPS:,}", losses[-1][1], float(right))
    return Xor(answers, 1 / (1 + np.exp(-np.clip(scores, -50, 50))), losses)


def grid() -> list[list[float]]:
    """Return the points of the plane at which the surface is looked at, row by row, upwards."""
    line = np.linspace(FROM, TO, SIDE)
    return [[float(x), float(y)] for y in line for x in line]


def mlp(own: Framework) -> Any:
    """Return the MLP of the course, untrained."""
    return own.name("layers", "MLP")([784, 64, 10])


def cnn(own: Framework) -> Any:
    """Return the first CNN of the course, untrained."""
    linear, flatten = own.name("layers", "Linear"), own.name("layers", "Flatten")
    convolution, pool = own.name("spatial", "Conv2d"), own.name("spatial", "MaxPool2d")
    relu = own.name("activations", "ReLU")
    layers = [convolution(1, 16, 3), relu(), pool(2), flatten(), linear(16 * 13 * 13, 10)]
    return own.name("layers", "Sequential")(layers)


def digits(
    own: Framework,
    name: str,
    make: Callable[[Framework], Any],
    data: tuple[np.ndarray, np.ndarray],
    say: Say,
    watch: Watch | None = None,
) -> Digits:
    """Train a network on the first of the images, and try it on the last."""
    first = min(FOR_TRAINING, len(data[0]) - FOR_TESTING)
    images, labels = data[0][:first], data[1][:first]
    unseen, truth = data[0][-FOR_TESTING:], data[1][-FOR_TESTING:]
    own.name("setup", "manual_seed")(SEED)
    model = make(own)
    optimizer = own.name("optimizers", "Adam")(model.parameters(), lr=0.002)
    steps = -(-len(images) // BATCH)
    watch = watch or Watch(name, EPOCHS * steps, MOST_SECONDS[name], say)
    affordable = count_affordable(own, model, unseen, watch)
    unseen, truth = unseen[:affordable], truth[:affordable]
    result = Digits(guesses=guesses(own, model, unseen))
    result.accuracies.append((0.0, float(np.mean(result.guesses == truth))))
    for epoch in range(EPOCHS):
        if watch.is_over:
            break
        called = f"epoch {epoch + 1} of {EPOCHS}"
        before, done = len(watch.losses), watch.done
        loader = Watched(batches(own, images, labels), watch, called)
        train(own, model, optimizer, loader, watch)
        losses = watch.losses[before:]
        result.losses += curve(losses, epoch, steps)
        result.guesses = guesses(own, model, unseen)
        result.accuracies.append(
            (epoch + (watch.done - done) / steps, float(np.mean(result.guesses == truth)))
        )
        watch.end_of_epoch(called, float(np.mean(losses)), result.accuracy)
    result.cut_short = watch.done < watch.steps
    return result


class Watched:
    """A loader whose batches are counted as they are served."""

    def __init__(self, loader: Any, watch: Watch, epoch: str) -> None:
        """Keep a loader and who watches it."""
        self.loader, self.watch, self.epoch = loader, watch, epoch

    def __len__(self) -> int:
        return len(self.loader)

    def __iter__(self) -> Any:
        return self.watch.batches(self.loader, self.epoch)


def train(own: Framework, model: Any, optimizer: Any, loader: Watched, watch: Watch) -> None:
    """Take one step for each batch, by one's own `train_epoch` where there is one."""
    cross_entropy = own.name("losses", "cross_entropy")

    def noted(scores: Any, target: Any) -> Any:
        loss = cross_entropy(scores, target)
        watch.losses.append(float(loss.item()))
        return loss

    before = len(watch.losses)
    if own.has({"training": BETTER_WITH["training"]}):
        train_epoch = own.name("training", "train_epoch")
        mean = train_epoch(model, optimizer, loader, loss_function=noted, show=False)
        if len(watch.losses) == before:
            watch.losses.append(float(mean))
        return
    for shown, wanted in loader:
        optimizer.step(noted(model(shown), wanted))


def batches(own: Framework, images: np.ndarray, labels: np.ndarray) -> Any:
    """Serve the images in batches, by one's own `DataLoader` where there is one."""
    if own.has({"dataloader": BETTER_WITH["dataloader"]}):
        dataset = own.name("dataloader", "TensorDataset")(images, labels)
        return own.name("dataloader", "DataLoader")(dataset, batch_size=BATCH, shuffle=True)
    tensor = own.name("tensor", "Tensor")
    order = np.random.default_rng(SEED).permutation(len(images))
    parts = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
    return [(tensor(images[part]), labels[part]) for part in parts]


def guesses(own: Framework, model: Any, images: np.ndarray) -> np.ndarray:
    """Return the digit that a network sees in each image, as a plain array of numbers."""
    tensor = own.name("tensor", "Tensor")
    model.eval()
    with own.name("autograd", "no_grad")():
        scores = [
            _array(model(tensor(images[start : start + AT_ONCE])))
            for start in range(0, len(images), AT_ONCE)
        ]
    model.train(True)
    return np.concatenate(scores).reshape(len(images), 10).argmax(axis=1)


def count_affordable(own: Framework, model: Any, unseen: np.ndarray, watch: Watch) -> int:
    """Return how many unseen images can be looked at after each epoch in a third of the time."""
    began = watch.clock()
    guesses(own, model, unseen[:AT_ONCE])
    each = (EPOCHS + 1) * max(watch.clock() - began, 1e-9)
    return min(len(unseen), AT_ONCE * max(int(watch.most / 3 / each), 1))


def curve(losses: list[float], epoch: int, steps: int) -> list[tuple[float, float]]:
    """Return the mean losses of about ten stretches of an epoch, each at its end."""
    size = max(steps // POINTS, 1)
    stretches = [losses[start : start + size] for start in range(0, len(losses), size)]
    return [
        (epoch + min((place + 1) * size, len(losses)) / steps, float(np.mean(stretch)))
        for place, stretch in enumerate(stretches)
        if len(stretch) == size or len(losses) < size
    ]


def _array(tensor: Any) -> np.ndarray:
    return np.asarray(tensor.numpy())
