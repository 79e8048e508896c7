"""Draw a graph: as SVG that can be stepped through, and as a figure that stands still."""

import json
from html import escape
from itertools import pairwise
from typing import Any
from urllib.parse import quote

from .graph import Graph, number
from .layout import HEIGHT, WIDTH, Layout, Point, lay_out
from .script import SCRIPT
from .show import publish, still

BLUE, ORANGE, GREY = "#0072b2", "#d55e00", "#888888"  # told apart without red and green
LINES = (-18, 2, 21)  # of text in a box, from its middle


def step_through(graph: Graph) -> None:
    """Show a graph: with buttons where scripts run, else after its last step."""
    picture, words = lay_out(graph.nodes), graph.described()
    publish(figure(graph, picture), words, lambda _: page(graph, svg(graph, picture), words))


def page(graph: Graph, picture: str, description: str) -> str:
    """Return the HTML: a still picture, which the script makes one to step through."""
    steps = [
        {"grads": [_grad(grad) for grad in step.grads], "at": step.at, "said": step.said}
        for step in graph.steps
    ]
    told = escape(json.dumps(steps, ensure_ascii=False))
    image = still(f"data:image/svg+xml,{quote(picture)}", description)
    return (
        f'<figure class="tinytorch-graph" style="margin: 0" data-steps="{told}">{image}</figure>'
        f"<script>{SCRIPT}</script>"
    )


def svg(graph: Graph, layout: Layout) -> str:
    """Return the graph after its last step as SVG, in which boxes and edges know their nodes."""
    width, height = (f"{size:.0f}" for size in layout.size)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="sans-serif" font-size="13">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
    ]
    for start, end, points in layout.edges:
        x, y = points[-1]
        parts.append(
            f'<g class="edge" data-from="{start}" data-to="{end}" stroke="{GREY}" fill="{GREY}">'
            f'<path d="{_curve(points)}" fill="none" stroke-width="1.5"/>'
            f'<path d="M{x - 4:.0f} {y - 8:.0f}h8l-4 8z" stroke="none"/></g>'
        )
    last = graph.steps[-1].grads
    for one, (node, (x, y)) in enumerate(zip(graph.nodes, layout.boxes, strict=True)):
        parts.append(
            f'<g class="node" data-node="{one}" text-anchor="middle">'
            f'<rect x="{x - WIDTH / 2:.0f}" y="{y - HEIGHT / 2:.0f}" width="{WIDTH}" '
            f'height="{HEIGHT}" rx="{6 if node.inputs else 18}" fill="white" '
            f'stroke="{BLUE}" stroke-width="1.5"/>'
        )
        texts = (node.title, f"data {number(node.data)}", _grad(last[one]))
        kinds = ('font-weight="bold"', "", f'class="grad" fill="{ORANGE}"')
        for text, kind, line in zip(texts, kinds, LINES, strict=True):
            parts.append(f'<text x="{x:.0f}" y="{y + line + 4:.0f}" {kind}>{escape(text)}</text>')
        parts.append("</g>")
    return "".join([*parts, "</svg>"])


def figure(graph: Graph, layout: Layout) -> Any:
    """Return the graph after its last step as a figure of matplotlib's."""
    import matplotlib.pyplot as plt
    from matplotlib.patches import FancyBboxPatch, PathPatch
    from matplotlib.path import Path

    width, height = layout.size
    made = plt.figure(figsize=(width / 72, height / 72), facecolor="white")
    panel = made.add_axes((0, 0, 1, 1))
    panel.set(xlim=(0, width), ylim=(height, 0))
    panel.axis("off")
    for _, _, points in layout.edges:
        corners, kinds = [points[0]], [Path.MOVETO]
        for bend in _bends(points):
            corners += bend
            kinds += [Path.CURVE4] * 3
        panel.add_patch(PathPatch(Path(corners, kinds), facecolor="none", edgecolor=GREY))
        panel.plot(points[-1][0], points[-1][1] - 4, "v", color=GREY, markersize=6)
    for node, grad, (x, y) in zip(graph.nodes, graph.steps[-1].grads, layout.boxes, strict=True):
        corner = 6 if node.inputs else 18
        box = FancyBboxPatch(
            (x - WIDTH / 2 + corner, y - HEIGHT / 2 + corner),
            WIDTH - 2 * corner,
            HEIGHT - 2 * corner,
            boxstyle=f"round,pad={corner}",
            facecolor="white",
            edgecolor=BLUE,
        )
        panel.add_patch(box)
        texts = (node.title, f"data {number(node.data)}", _grad(grad))
        for text, colour, line in zip(texts, ("black", "black", ORANGE), LINES, strict=True):
            weight = "bold" if line == LINES[0] else "normal"
            shown = panel.text(x, y + line, text, fontsize=11, color=colour, weight=weight)
            shown.set(horizontalalignment="center", verticalalignment="center", parse_math=False)
    return made


def _grad(grad: float | None) -> str:
    return "grad ?" if grad is None else f"grad {number(grad)}"


def _bends(points: list[Point]) -> list[list[Point]]:
    """Return for each stretch of an edge the two points that bend it, and its end."""
    bends = []
    for (x1, y1), (x2, y2) in pairwise(points):
        middle = (y1 + y2) / 2
        bends.append([(x1, middle), (x2, middle), (x2, y2)])
    return bends


def _curve(points: list[Point]) -> str:
    x, y = points[0]
    curves = (" ".join(f"{a:.0f} {b:.0f}" for a, b in bend) for bend in _bends(points))
    return f"M{x:.0f} {y:.0f}" + "".join(f"C{curve}" for curve in curves)
