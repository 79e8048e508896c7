"""Draw a stand-in for CIFAR-10: ten classes of simple shapes, in the same sizes and formats.

A class is a shape. Place, size, colours and a patchy background are drawn at random, so neither a
colour nor a single pixel gives a class away, and a network has something to learn.
"""

import numpy as np

CLASSES = (
    *("disc", "ring", "square", "frame", "diamond"),
    *("triangle", "plus", "cross", "bars", "stripes"),
)
SIZES = {"train": 6_000, "test": 1_000}
SIDE = 32
SHADES = 16
"""Colours are rounded to so many shades, and the file compresses the better for it."""


def stand_in(split: str) -> tuple[np.ndarray, np.ndarray]:
    """Return images (N, 3, 32, 32) and labels (N,), uint8; the same ones in every run."""
    rng = np.random.default_rng(list(SIZES).index(split))
    return draw(SIZES[split], rng)


def draw(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw `count` images and their labels, every class about as often as the others."""
    labels = rng.permutation(np.arange(count) % len(CLASSES)).astype(np.uint8)
    inside = shapes(labels, rng)[:, np.newaxis]
    ground, ink = colours(count, rng)
    images = np.where(inside, ink, ground) + patches(count, rng)
    images = np.clip(images, 0, 1) * (SHADES - 1)
    return np.rint(images).astype(np.uint8) * (255 // (SHADES - 1)), labels


def shapes(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return which pixels the shape of each image covers: bool (N, 32, 32)."""
    size = rng.uniform(0.6, 0.8, (len(labels), 1, 1))
    room = 0.9 - size
    middle_y, middle_x = rng.uniform(-1, 1, (2, len(labels), 1, 1)) * room
    axis = np.linspace(-1, 1, SIDE)
    y, x = (axis[:, np.newaxis] - middle_y) / size, (axis - middle_x) / size
    y, x = np.broadcast_arrays(y, x)
    far, near = np.maximum(abs(y), abs(x)), np.minimum(abs(y), abs(x))
    radius, block = np.hypot(y, x), far < 0.9
    kinds = [
        radius < 1,
        (radius < 1) & (radius > 0.6),
        block,
        block & (far > 0.5),
        abs(y) + abs(x) < 1.2,
        (abs(x) < (y + 1) / 2) & (y < 0.9),
        block & (near < 0.25),
        block & (far - near < 0.35),
        block & (np.floor((y + 1) * 2.5) % 2 == 0),
        block & (np.floor((x + 1) * 2.5) % 2 == 0),
    ]
    return np.choose(labels[:, np.newaxis, np.newaxis], kinds)


def colours(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return colours (N, 3, 1, 1) of background and shape that can be told apart."""
    ground = rng.uniform(0.15, 0.85, (count, 3, 1, 1))
    steps = rng.uniform(0.15, 0.5, (count, 3, 1, 1)) * rng.choice([-1, 1], (count, 3, 1, 1))
    return ground, np.where(abs(ground + steps - 0.5) < 0.5, ground + steps, ground - steps)


def patches(count: int, rng: np.random.Generator) -> np.ndarray:
    """Return random patches of light and shade, 4 x 4 pixels each: (N, 3, 32, 32)."""
    coarse = rng.normal(0, 0.06, (count, 3, SIDE // 4, SIDE // 4))
    return coarse.repeat(4, axis=2).repeat(4, axis=3)
