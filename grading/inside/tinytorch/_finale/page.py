"""Write the page that one keeps: one HTML file that needs no network and no script."""

import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from html import escape

import numpy as np

from . import figures
from .style import STYLE
from .train import EPOCHS, SEED, WANTED, XOR_STEPS, Digits, Xor

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
SHOWN_RIGHT, SHOWN_WRONG = 12, 6
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
SURFACE_COLOURS = "Orange: it says 0. Blue: it says 1. Pale: in doubt."
BELOW_DIGITS = "What it saw; in brackets, what it was."
WAY = (
    ("setup", "fixes the seed, so that every run is the same, and reads the digits."),
    ("dataloader", "shuffles them and serves them in batches."),
    ("tensor", "holds the numbers and sends every operation through one door."),
    ("spatial", "looks for strokes and corners in small windows,"),
    ("layers", "weighs what was found, and"),
    ("activations", "bends the sums, so that layers can do more than straight lines."),
    ("losses", "says in one number how wrong the ten scores are."),
    ("autograd", "walks the same way back and finds the slope of every weight."),
    ("optimizers", "takes a step down, with what it remembers of the steps before."),
    ("training", "does that over and over, and measures how well it goes."),
)


@dataclass(frozen=True)
class ModuleLines:
    """A module of one's own: lines of code that are one's own, and lines that were given."""

    module: str
    title: str
    own: int
    given: int


@dataclass
class Story:
    """Everything the page tells."""

    day: date
    modules: Sequence[ModuleLines]
    xor: Xor | None = None
    networks: dict[str, Digits] = field(default_factory=dict)
    images: np.ndarray = field(default_factory=lambda: np.zeros((0, 28, 28)))
    labels: np.ndarray = field(default_factory=lambda: np.zeros(0, int))
    still: Sequence[str] = ()


def page(story: Story) -> str:
    """Return the page as HTML."""
    own = sum(one.own for one in story.modules)
    count = len(story.modules)
    number = NUMBERS[count] if count < len(NUMBERS) else str(count)
    modules = f"{number} module{'s' if count != 1 else ''}"
    day = f"{story.day.day} {story.day:%B %Y}"
    parts = [
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>My framework</title>\n<style>{STYLE}</style>\n</head>\n<body>",
        "<header><h1>My framework</h1>",
        f'<p class="lead">A deep-learning framework in {modules}, on nothing but NumPy. '
        f"I wrote {own:,} lines of it myself. Here is what it learned.</p>",
        f'<p class="soft">TinyTorch, {day}</p></header>\n<main>',
    ]
    if story.xor:
        parts.append(_xor(story.xor))
    parts += [_network(name, one, story) for name, one in story.networks.items()]
    parts += [_way(story), _lines(story.modules), _still(story.still)]
    parts.append(
        '</main>\n<footer class="soft"><p>Made by <code>python -m tinytorch</code>, with Python '
        f"{platform.python_version()} and NumPy {escape(np.__version__)}. Every random number "
        f"comes from seed {SEED}: run it again, and the curves are the same.</p></footer>"
        "\n</body>\n</html>\n"
    )
    return "\n".join(part for part in parts if part)


def _figure(inner: str, caption: str = "") -> str:
    told = f"<figcaption>{caption}</figcaption>" if caption else ""
    return f"<figure>{inner}{told}</figure>"


def _xor(xor: Xor) -> str:
    right = sum(a == b for a, b in zip(xor.answers, WANTED, strict=True))
    said = "all four right" if right == 4 else f"{NUMBERS[right]} of four right"
    loss = xor.losses[-1][1]
    surface = figures.surface(
        xor.surface,
        "Map of the plane of both inputs: orange where the network says 0, blue where it says 1. "
        f"Of the four cases it has {said}.",
    )
    steps = figures.chart(
        xor.losses, XOR_STEPS, figures.ceiling([y for _, y in xor.losses]), False,
        ("steps", "loss"),
        f"Loss over {XOR_STEPS:,} steps: from {xor.losses[0][1]:.2f} to {loss:.3f}.",
    )  # fmt: skip
    return (
        "<section><h2>XOR</h2><p>One input or the other, but not both: no straight line can part "
        f"these cases. Two layers of mine bend the plane and get {said}.</p>"
        f'<div class="pair">{_figure(surface, SURFACE_COLOURS)}{_figure(steps)}'
        f"</div></section>"
    )


def _network(name: str, one: Digits, story: Story) -> str:
    shown = {
        "MLP": "784 pixels, 64 hidden numbers, ten scores. It does not know which pixels are "
        "neighbours, and reads handwriting all the same.",
        "CNN": "Sixteen small windows slide over the image, and what they find decides.",
    }[name]
    labels = story.labels[: len(one.guesses)]
    cut = " I ended the training early, as its time was up." if one.cut_short else ""
    loss = figures.chart(
        one.losses, EPOCHS, figures.ceiling([y for _, y in one.losses]), False,
        ("epochs", "loss in training"),
        f"Loss of the {name} in training, from {one.losses[0][1]:.2f} to {one.losses[-1][1]:.3f}.",
    )  # fmt: skip
    right = figures.chart(
        one.accuracies, EPOCHS, 1.0, True, ("epochs", "seen right"),
        f"Share of unseen digits that the {name} gets right: {one.accuracies[0][1]:.0%} untrained, "
        f"{one.accuracy:.1%} in the end.",
    )  # fmt: skip
    matrix = figures.confusion(
        labels, one.guesses,
        f"Rows: what was written. Columns: what the {name} saw. {len(labels):,} digits.",
    )  # fmt: skip
    return (
        f"<section><h2>{name}: {one.accuracy:.1%}</h2><p>{shown} Of {len(labels):,} digits that "
        f"it was not trained on it gets {int(np.sum(one.guesses == labels)):,} right.{cut}</p>"
        f'<div class="pair">{_figure(loss)}{_figure(right)}</div>'
        f'<div class="pair">{_figure(_digits(one, story), BELOW_DIGITS)}{_figure(matrix)}'
        f"</div></section>"
    )


def _digits(one: Digits, story: Story) -> str:
    held = one.guesses == story.labels[: len(one.guesses)]
    places = [*np.flatnonzero(held)[:SHOWN_RIGHT], *np.flatnonzero(~held)[:SHOWN_WRONG]]
    items = []
    for place in places:
        guess, truth = int(one.guesses[place]), int(story.labels[place])
        image = figures.digit(story.images[place], f"A handwritten {truth}, seen as {guess}")
        told = f"{guess}" if guess == truth else f'<span class="wrong">{guess}</span> ({truth})'
        items.append(f"<li>{image}{told}</li>")
    return f'<ul class="digits">{"".join(items)}</ul>'


def _way(story: Story) -> str:
    mine = {one.module for one in story.modules}
    steps = [f"<li><code>{module}</code> {text}</li>" for module, text in WAY if module in mine]
    return (
        "<section><h2>How the pieces fit</h2><p>One step of training, in the order in which it "
        f'happens:</p><ol class="way">{"".join(steps)}</ol></section>'
    )


def _lines(modules: Sequence[ModuleLines]) -> str:
    rows = [
        f'<tr><th scope="row"><code>{escape(one.module)}</code></th><td>{escape(one.title)}</td>'
        f'<td class="n">{one.own}</td><td class="n">{one.given}</td></tr>'
        for one in modules
    ]
    own, given = sum(one.own for one in modules), sum(one.given for one in modules)
    return (
        "<section><h2>What I wrote</h2>"
        '<table class="lines"><caption>Lines of code; blank lines, comments and docstrings do '
        "not count. Given lines came with the assignments.</caption>"
        '<thead><tr><th scope="col">module</th><th scope="col">assignment</th>'
        '<th scope="col" class="n">mine</th><th scope="col" class="n">given</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody>"
        f'<tfoot><tr><th scope="row" colspan="2">together</th><td class="n">{own:,}</td>'
        f'<td class="n">{given:,}</td></tr></tfoot></table></section>'
    )


def _still(sentences: Sequence[str]) -> str:
    if not sentences:
        return ""
    items = "".join(f"<li>{_marked(one)}</li>" for one in sentences)
    return f'<section><h2>Still to come</h2><ul class="still">{items}</ul></section>'


def _marked(sentence: str) -> str:
    """Return a sentence as HTML, with what stands in backticks as code."""
    parts = [escape(part) for part in sentence.split("`")]
    return "".join(
        f"<code>{part}</code>" if place % 2 else part for place, part in enumerate(parts)
    )
