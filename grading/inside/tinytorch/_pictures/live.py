"""Watch a training while it runs: its curve, images per second, the time left, and a bar."""

import math
import os
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import numpy as np

from .show import still

BLUE, ORANGE, GREY = "#0072b2", "#d55e00", "#888888"  # told apart without red and green
EVERY = 0.5  # seconds between two pictures
SECONDS_WHEN_GRADED = 2.0  # nobody is watching
WIDTH, HEIGHT = 620, 230
LEFT, RIGHT, TOP, BOTTOM = 46, 604, 16, 150  # where the curve is drawn
POINTS = 200  # of a curve, at most

Curve = list[tuple[float, float]]


class Watched:
    """Data that show how the training goes that takes them: iterate, and let `loss` compute.

    `passes` is how often the data are served, `seconds` after how long no more are: at least one
    step is. `beside` is an earlier training, whose curve is drawn as well.
    """

    def __init__(
        self,
        data: Any,
        loss_function: Callable[[Any, Any], Any],
        passes: int = 1,
        seconds: float = 90.0,
        beside: "Watched | None" = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Take the data; the clock starts when the first step does."""
        self.data, self.loss_function, self.passes = data, loss_function, passes
        self.seconds = min(seconds, SECONDS_WHEN_GRADED) if "CHECK_SALT" in os.environ else seconds
        self.beside, self.clock = beside, clock
        self.images, self.spent, self.mean = 0, 0.0, 0.0
        self.curve: Curve = []
        self.total = passes * len(getattr(data, "dataset", data))

    def __len__(self) -> int:
        """Return the number of steps, if there is time for all of them."""
        return self.passes * len(self.data)

    def __iter__(self) -> Iterator[Any]:
        """Serve the data while there is time, and draw now and then."""
        began = drawn = self.clock()
        for sample in (one for _ in range(self.passes) for one in self.data):
            yield sample
            now = self.clock()
            self.spent = now - began
            self.curve.append((self.spent, self.mean))
            if self.spent >= self.seconds:
                break
            if now - drawn >= EVERY:
                drawn = now
                publish(self)
        publish(self, last=True)

    def loss(self, scores: Any, labels: Any) -> Any:
        """Compute the loss of a step, and note it: the curve is a running mean over 200 images."""
        loss = self.loss_function(scores, labels)
        count = np.size(labels)
        share = min(1.0, max(count / 200, count / (self.images + count)))
        self.mean += share * (loss.item() - self.mean)
        self.images += count
        return loss

    @property
    def pace(self) -> float:
        """Return the images per second so far."""
        return self.images / self.spent if self.spent else 0.0

    def seconds_left(self) -> float:
        """Return how long all of the rest would take at the pace so far."""
        return (self.total - self.images) / self.pace if self.pace else float("inf")


def publish(watched: Watched, last: bool = False) -> None:
    """Show how far a training is: as a picture, or as a line where there are no pictures."""
    words = line(watched, last)
    try:
        from IPython.core.getipython import get_ipython
        from IPython.display import clear_output, display

        notebook = get_ipython() is not None
    except ImportError:
        notebook = False
    if not notebook:
        print(f"\r{words:100}", end="\n" if last else "", flush=True)
        return
    picture = still(f"data:image/svg+xml,{quote(svg(watched, words))}", described(watched, words))
    clear_output(wait=True)
    display({"text/plain": words, "text/html": picture}, raw=True)


def line(watched: Watched, last: bool) -> str:
    """Say in a line how far it is, how fast, and how long the rest takes."""
    said = f"{watched.images:,} of {watched.total:,} images, {watched.pace:,.0f} a second"
    if watched.images >= watched.total:
        return f"{said}, took {watched.spent:.0f} s, mean loss {watched.mean:.2f}"
    rest = f"{said}, {watched.seconds_left():.0f} s left, mean loss {watched.mean:.2f}"
    return f"{rest}; stopped after {watched.spent:.0f} s" if last else rest


def described(watched: Watched, words: str) -> str:
    """Say in words what the picture shows."""
    first, final = (watched.curve or [(0.0, 0.0)])[0][1], watched.mean
    said = f"Loss against seconds: from {first:.2f} to {final:.2f}. A bar: {words}."
    if watched.beside is None:
        return said
    return f"{said} Beside it in orange, the earlier training: {line(watched.beside, True)}."


def svg(watched: Watched, words: str) -> str:
    """Return the picture: the curve, the bar below it, and the line below that."""
    curves = [(watched.curve, BLUE)]
    if watched.beside is not None:
        curves.insert(0, (watched.beside.curve, ORANGE))
    points = [point for curve, _ in curves for point in curve]
    longest = max((x for x, _ in points), default=0.0) or 1.0
    highest = max((y for _, y in points if math.isfinite(y)), default=0.0) or 1.0
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<path d="M{LEFT} {TOP}V{BOTTOM}H{RIGHT}" fill="none" stroke="{GREY}"/>',
        _text(LEFT - 6, TOP + 8, f"{highest:.1f}", "end"),
        _text(LEFT - 6, BOTTOM, "0", "end"),
        _text(LEFT, BOTTOM + 17, "loss against seconds", "start"),
        _text(RIGHT, BOTTOM + 17, f"{longest:.0f} s", "end"),
    ]
    for curve, colour in curves:
        parts.append(_path(curve, longest, highest, colour))
    done = min(1.0, watched.images / watched.total)
    for fill, share in (("#e6e6e6", 1.0), (BLUE, done)):
        width = share * (RIGHT - LEFT)
        parts.append(f'<rect x="{LEFT}" y="180" width="{width:.0f}" height="12" fill="{fill}"/>')
    return "".join([*parts, _text(LEFT, 214, words, "start"), "</svg>"])


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="black">{words}</text>'


def _path(curve: Curve, longest: float, highest: float, colour: str) -> str:
    if not curve:
        return ""
    some = [*curve[:: max(1, len(curve) // POINTS)], curve[-1]]
    places = " ".join(
        f"{LEFT + (RIGHT - LEFT) * x / longest:.1f},{BOTTOM - (BOTTOM - TOP) * y / highest:.1f}"
        for x, y in some
        if math.isfinite(y)
    )
    return f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="2"/>'
