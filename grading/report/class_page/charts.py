"""Draw the charts of the class page as SVG that stands in the page, with texts as texts."""

import io
import re
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from grading.report.class_page.items import Item

INK, GREY, LIGHT, BLUE, ORANGE = "#1f2a37", "#5b6675", "#e3e7ec", "#2563a8", "#c2570c"
MOST_DOTS = 120
STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "class page",
    "font.family": "sans-serif",
    "text.parse_math": False,
    "font.size": 11,
    "text.color": INK,
    "axes.edgecolor": LIGHT,
    "axes.labelcolor": GREY,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def distribution_chart(assignments: pd.DataFrame, submissions: pd.DataFrame, students: int) -> str:
    """Return how scores are spread by assignment, above how many handed it in; nothing of none."""
    names = [*assignments["assignment"]]
    if not names:
        return ""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(max(9.0, 0.8 * len(names) + 1.0), 4.8), layout="constrained")
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        places = np.arange(len(names))
        rng = np.random.default_rng(0)
        for place, name in zip(places, names, strict=True):
            own = submissions.loc[submissions["assignment"] == name, "percent"]
            percents = np.sort(own.astype(float).dropna().to_numpy())
            if len(percents) == 0:
                continue
            low, middle, high = np.quantile(percents, (0.25, 0.5, 0.75))
            above.bar(place, high - low, 0.56, low, color="#cfe0f3", zorder=1)
            above.plot([place - 0.28, place + 0.28], [middle] * 2, color=BLUE, lw=2.5, zorder=3)
            chosen = percents[
                np.linspace(0, len(percents) - 1, min(MOST_DOTS, len(percents))).astype(int)
            ]
            aside = rng.uniform(-0.2, 0.2, len(chosen))
            above.plot(place + aside, chosen, "o", ms=4, color=INK, alpha=0.35, mew=0, zorder=2)
        above.set_ylim(-4, 104)
        above.set_ylabel("score, % of points")
        above.grid(axis="y", color=LIGHT, lw=0.8)
        above.tick_params(axis="x", length=0)
        handed_in = assignments["handed_in"].to_numpy(float)
        below.bar(places, np.full(len(names), students), 0.56, color=LIGHT)
        below.bar(places, handed_in, 0.56, color=BLUE)
        for place, number in zip(places, handed_in, strict=True):
            below.text(
                place, students * 1.06, f"{number:.0f}", ha="center", va="bottom", fontsize=10
            )
        below.set_ylim(0, max(1, students) * 1.35)
        below.set_ylabel("handed in")
        below.set_yticks([])
        below.set_xticks(places, [_short(name) for name in names])
        for axes in (above, below):
            axes.set_axisbelow(True)
        return _svg(
            figure,
            "Distribution of scores by assignment, and how many handed it in. "
            "The table below holds the same numbers.",
        )


def checks_chart(found: Sequence[Item]) -> str:
    """Return difficulty against discrimination of each check; nothing where none has both."""
    told = [item for item in found if item.discrimination is not None]
    if not told:
        return ""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(9.0, 3.9), layout="constrained")
        axes = figure.subplots()
        axes.axhline(0, color=GREY, lw=1)
        for odd, marker, colour, size, label in (
            (False, "o", BLUE, 26, "checks"),
            (True, "D", ORANGE, 46, "to be looked at"),
        ):
            its = [item for item in told if bool(item.why) == odd]
            axes.scatter(
                [100 * (item.difficulty or 0.0) for item in its],
                [item.discrimination or 0.0 for item in its],
                size,
                color=colour,
                marker=marker,
                label=label,
                alpha=0.75,
                linewidths=0,
            )
        axes.set_xlim(-2, 102)
        axes.set_xlabel("pass it, %   (left: hard)")
        axes.set_ylabel("discrimination")
        axes.grid(color=LIGHT, lw=0.8)
        axes.set_axisbelow(True)
        axes.legend(frameon=False, loc="lower right")
        return _svg(
            figure,
            "Each check by the share that passes it and by its discrimination. "
            "The table of checks holds the same numbers.",
        )


def _short(name: str) -> str:
    """Return the number of an assignment, or as much of its name as there is room for."""
    number, _, rest = name.partition("_")
    return f"{number}\n{rest[:11]}" if number.isdigit() else name[:12]


def _svg(figure: Figure, told: str) -> str:
    file = io.BytesIO()
    FigureCanvasSVG(figure).print_svg(file, metadata=dict.fromkeys(("Date", "Creator"), None))
    text = file.getvalue().decode()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    return text.replace("<svg", f'<svg role="img" aria-label="{told}"', 1)
