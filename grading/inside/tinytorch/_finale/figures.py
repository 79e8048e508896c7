"""Draw charts and pictures as text that a page can hold: SVG, and PNG in data addresses."""

import base64
import math
import struct
import zlib
from collections.abc import Sequence
from html import escape

import numpy as np

from .train import FROM, INPUTS, TO, WANTED

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 360, 230, 46, 12, 14, 40
ZERO, MIDDLE, ONE = (np.array(c) for c in ((214, 126, 44), (250, 244, 232), (43, 108, 176)))

Points = Sequence[tuple[float, float]]


def png(pixels: np.ndarray) -> str:
    """Return an image, uint8 (H, W) or (H, W, 3), as the address of a PNG."""
    kind = 2 if pixels.ndim == 3 else 0
    height, width = pixels.shape[:2]
    rows = b"".join(b"\0" + row.tobytes() for row in np.ascontiguousarray(pixels, np.uint8))
    header = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    data = b"\x89PNG\r\n\x1a\n"
    for name, part in parts:
        data += struct.pack(">I", len(part)) + name + part
        data += struct.pack(">I", zlib.crc32(name + part))
    return "data:image/png;base64," + base64.b64encode(data).decode()


def digit(image: np.ndarray, alternative: str) -> str:
    """Return one handwritten digit, from 0 (paper) to 1 (ink), as an image."""
    shades = np.round(255 * (1 - np.clip(image.reshape(28, 28), 0, 1))).astype(np.uint8)
    return f'<img src="{png(shades)}" width="56" height="56" alt="{escape(alternative)}">'


def chart(
    points: Points, most_x: float, most_y: float, percent: bool, names: tuple[str, str], alt: str
) -> str:
    """Return a curve with its axes; both begin at 0, and `names` says what they measure."""
    across, up = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def place(x: float, y: float) -> tuple[float, float]:
        return LEFT + across * x / most_x, TOP + up * (1 - min(max(y / most_y, 0), 1))

    drawn = [_svg(WIDTH, HEIGHT, alt)]
    for share in (0, 0.25, 0.5, 0.75, 1):
        _, y = place(0, share * most_y)
        label = f"{100 * share * most_y:.0f} %" if percent else f"{share * most_y:.3g}"
        drawn.append(
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        )
        drawn.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{label}</text>')
    for tick in _ticks(most_x):
        x, _ = place(tick, 0)
        anchor = "end" if tick == most_x > 999 else "middle"
        drawn.append(
            f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 17}" text-anchor="{anchor}">'
            f"{tick:,.0f}</text>"
        )
    middle = LEFT + across / 2
    drawn.append(f'<text x="{middle:.0f}" y="{HEIGHT - 6}" text-anchor="middle">{names[0]}</text>')
    drawn.append(
        f'<text class="name" x="{WIDTH - RIGHT - 4}" y="{TOP + up - 10 if percent else TOP + 13}" '
        f'text-anchor="end">'
        f"{names[1]}</text>"
    )
    placed = [place(x, y) for x, y in points if math.isfinite(y)]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
    drawn.append(f'<polyline class="curve" points="{line}"/>')
    dotted = placed if percent else placed[-1:]
    drawn += [f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in dotted]
    return "\n".join([*drawn, "</svg>"])


def ceiling(values: Sequence[float]) -> float:
    """Return a round number that the finite values stay below: 0.5, 1, 2.5, 4 or the like."""
    largest = max([value for value in values if math.isfinite(value)], default=1.0)
    scale = 10.0 ** math.floor(math.log10(max(largest, 1e-3)))
    return next(scale * step for step in (1, 2, 3, 4, 6, 8, 10) if scale * step >= largest)


def surface(probabilities: np.ndarray, alt: str) -> str:
    """Return what a network says of each point of the plane, with the four cases on it."""
    size, left, top = 250, 40, 12

    def place(x: float, y: float) -> tuple[float, float]:
        step = size / (TO - FROM)
        return left + (x - FROM) * step, top + size - (y - FROM) * step

    p = np.nan_to_num(probabilities[::-1, :, None], nan=0.5)
    pale = 1 - np.abs(2 * p - 1)
    colours = pale * MIDDLE + (1 - pale) * np.where(p < 0.5, ZERO, ONE)
    drawn = [
        _svg(left + size + 12, top + size + 42, alt),
        f'<image href="{png(np.round(colours).astype(np.uint8))}" x="{left}" y="{top}" '
        f'width="{size}" height="{size}" preserveAspectRatio="none"/>',
    ]
    for (x, y), wanted in zip(INPUTS, WANTED, strict=True):
        across, down = place(x, y)
        drawn.append(f'<circle class="case" cx="{across:.1f}" cy="{down:.1f}" r="13"/>')
        drawn.append(
            f'<text class="case" x="{across:.1f}" y="{down + 5:.1f}" text-anchor="middle">'
            f"{wanted}</text>"
        )
    for value in (0, 1):
        across, down = place(value, value)
        drawn.append(
            f'<text x="{across:.1f}" y="{top + size + 17}" text-anchor="middle">{value}</text>'
        )
        drawn.append(f'<text x="{left - 8}" y="{down + 4:.1f}" text-anchor="end">{value}</text>')
    drawn.append(
        f'<text x="{left + size / 2}" y="{top + size + 36}" text-anchor="middle">first input</text>'
        f'<text x="14" y="{top + size / 2}" text-anchor="middle" '
        f'transform="rotate(-90 14 {top + size / 2})">second input</text>'
    )
    return "\n".join([*drawn, "</svg>"])


def confusion(truth: np.ndarray, guessed: np.ndarray, caption: str) -> str:
    """Return a table of how often each digit, a row, was taken for each digit, a column."""
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (truth, guessed), 1)
    head = "".join(f'<th scope="col">{digit}</th>' for digit in range(10))
    rows = [f'<tr><td class="corner"></td>{head}</tr>']
    for digit, row in enumerate(counts):
        cells = "".join(_cell(count, row.sum(), digit == other) for other, count in enumerate(row))
        rows.append(f'<tr><th scope="row">{digit}</th>{cells}</tr>')
    table = "\n".join(rows)
    return f'<table class="confusion"><caption>{escape(caption)}</caption>\n{table}</table>'


def _cell(count: int, of: int, right: bool) -> str:
    share = count / max(of, 1)
    strength = share if right else min(8 * share, 1)
    colour = "right" if right else "wrong"
    return f'<td class="{colour}" style="--p:{100 * strength:.0f}%">{count or "·"}</td>'


def _ticks(most: float) -> list[float]:
    step = 1 if most <= 10 else most / 3
    return [step * place for place in range(round(most / step) + 1)]


def _svg(width: int, height: int, alt: str) -> str:
    told = escape(alt)
    return (
        f'<svg role="img" viewBox="0 0 {width} {height}" aria-label="{told}"><title>{told}</title>'
    )
