"""Say where each node of a graph is drawn: inputs above, what is computed of them below."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

from .graph import Node

WIDTH, HEIGHT = 112, 62  # of a box
ACROSS, DOWN, MARGIN = 14, 36, 6  # between boxes, and around all
WAY = 14  # how wide a line is that passes beside boxes

Point = tuple[float, float]


@dataclass
class Layout:
    """The middle of each box, the points that each edge passes, and the size of it all."""

    boxes: list[Point]
    edges: list[tuple[int, int, list[Point]]]
    size: Point


def lay_out(nodes: list[Node]) -> Layout:
    """Place the nodes in rows; a line that passes rows gets a place of its own in each of them."""
    rows = _rows(nodes)
    ways = [
        (start, end, k, [(start, end, k, row) for row in range(rows[start] + 1, rows[end])])
        for end, node in enumerate(nodes)
        for k, start in enumerate(node.inputs)
    ]
    above: dict[object, list[object]] = defaultdict(list)
    held: dict[int, list[object]] = defaultdict(list)
    for one, row in enumerate(rows):
        held[row].append(one)
    for start, end, _, points in ways:
        path: list[object] = [start, *points, end]
        for point in points:
            held[point[3]].append(point)
        for upper, lower in pairwise(path):
            above[lower].append(upper)
    x = _across(held, above)
    left = min(x[one] - _width(one) / 2 for one in x) - MARGIN
    right = max(x[one] + _width(one) / 2 for one in x) + MARGIN

    def at(one: object, row: int) -> Point:
        return x[one] - left, MARGIN + HEIGHT / 2 + row * (HEIGHT + DOWN)

    edges = []
    for start, end, k, points in ways:
        beside = sorted(
            (x[other[-1] if other else up], j) for up, to, j, other in ways if to == end
        )
        port = (beside.index((x[points[-1] if points else start], k)) - (len(beside) - 1) / 2) / 3
        (x1, y1), (x2, y2) = at(start, rows[start]), at(end, rows[end])
        passed = [(x1, y1 + HEIGHT / 2), *(at(p, p[3]) for p in points)]
        edges.append((start, end, [*passed, (x2 + port * WIDTH, y2 - HEIGHT / 2)]))
    boxes = [at(one, row) for one, row in enumerate(rows)]
    height = 2 * MARGIN + (max(rows) + 1) * (HEIGHT + DOWN) - DOWN
    return Layout(boxes, edges, (right - left, height))


def _rows(nodes: list[Node]) -> list[int]:
    """Return the row of each: results below their inputs, leaves just above their first use."""
    rows = [0] * len(nodes)
    for one, node in enumerate(nodes):
        rows[one] = max((rows[i] + 1 for i in node.inputs), default=0)
    for one, node in enumerate(nodes):
        users = [rows[end] for end, other in enumerate(nodes) if one in other.inputs]
        if not node.inputs and users:
            rows[one] = min(users) - 1
    return rows


def _across(
    held: dict[int, list[object]], above: dict[object, list[object]]
) -> dict[object, float]:
    """Return where each stands across: below the mean of what leads to it, if there is room."""
    x: dict[object, float] = {}
    for row in sorted(held):
        rightmost = max(x.values(), default=0.0)
        wanted = {
            one: sum(x[up] for up in above[one]) / len(above[one])
            if above[one]
            else rightmost + (i + 1) * (WIDTH + ACROSS)
            for i, one in enumerate(held[row])
        }
        free = float("-inf")
        for one in sorted(held[row], key=lambda one: wanted[one]):
            x[one] = max(wanted[one], free + _width(one) / 2)
            free = x[one] + _width(one) / 2 + ACROSS
        shift = sum(wanted[one] - x[one] for one in held[row] if above[one])
        fixed = [one for one in held[row] if above[one]]
        for one in held[row]:
            x[one] += shift / len(fixed) if fixed else 0.0
    return x


def _width(one: object) -> float:
    return WIDTH if isinstance(one, int) else WAY
