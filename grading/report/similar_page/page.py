"""The page and the table of similar work: a place to look, never a verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from grading.course.files import write_whole
from grading.report.lms_table import harmless
from grading.report.similar_page.pairs import Pair, Similar
from grading.report.templates import template

HERE = Path(__file__).parent
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
LEAST_WORDS = 24
"""Words of code of their own without which nothing can be told of somebody."""
OPEN_PAIRS = 3
COLOURS = 6
COLUMNS = ("place", "student", "other", "cell", "words", "alike", "share")


@dataclass(frozen=True)
class Compared:
    """What was compared: of whom, by the names that are shown, and who could not be read."""

    assignment: str
    people: Sequence[str]
    similar: Similar
    failures: Sequence[str] = ()
    least_class: int = 8
    hidden: bool = False

    @property
    def little(self) -> list[str]:
        """Who has too little code of their own for anything to be told."""
        own = zip(self.people, self.similar.own, strict=True)
        return [name for name, cells in own if sum(cells.values()) < LEAST_WORDS]

    @property
    def remarks(self) -> list[str]:
        """What cannot be told, and why."""
        said = []
        number, little = len(self.people), self.little
        if number < 2:
            said.append(f"There is nobody to compare with: {number} graded submission(s).")
        elif number < self.least_class:
            said.append(
                f"With {number} students, fewer than {self.least_class}, nobody can say what many "
                "have: only what was handed out and our own solution are left out."
            )
        if little:
            said.append(
                f"Nothing can be told of {len(little)} of {number}, who have fewer than "
                f"{LEAST_WORDS} words of code beyond the release, our own solution and what many "
                f"have: {', '.join(little)}."
            )
        return [*said, *self.failures]


def table_of(compared: Compared) -> pd.DataFrame:
    """Return one row for each answer of each of a pair, most alike pair first."""
    rows = []
    for place, pair in enumerate(compared.similar.pairs, 1):
        names = [compared.people[at] for at in pair.who]
        for side, cells in enumerate(pair.sides):
            rows += [
                (place, names[side], names[1 - side], one.name, one.own, one.matching, one.share)
                for one in cells
            ]
    return pd.DataFrame(rows, columns=[*COLUMNS]).round({"share": 3})


def page_of(compared: Compared) -> str:
    """Return the page; it needs nothing else, and no script runs in it."""
    return template(HERE / "similar.html.j2").render(
        compared=compared,
        pairs=[
            (pair, *(compared.people[at] for at in pair.who)) for pair in compared.similar.pairs
        ],
        rows_of=rows_of,
        open_pairs=OPEN_PAIRS,
        colours=COLOURS,
        style=(HERE / "similar.css").read_text(),
        policy=POLICY,
    )


def rows_of(pair: Pair) -> list[tuple[str, str, str]]:
    """Return for each answer with anything alike its name and the share of each side's that is."""
    left, right = ({cell.name: cell for cell in side} for side in pair.sides)
    names = dict.fromkeys(cell.name for side in pair.sides for cell in side if cell.matching)
    return [
        (name, *(_told(side[name].share) if name in side else "—" for side in (left, right)))  # type: ignore[misc]
        for name in names
    ]


def write_similar(reports: Path, compared: Compared) -> Path:
    """Write page and table, without names into another folder; return the page's file."""
    folder = reports / ("similar-hidden" if compared.hidden else "similar")
    folder.mkdir(parents=True, exist_ok=True)
    table = table_of(compared)
    texts = [name for name in COLUMNS if name in ("student", "other", "cell")]
    table[texts] = table[texts].map(harmless)
    table.to_csv(folder / f"{compared.assignment}.csv", index=False)
    file = folder / f"{compared.assignment}.html"
    write_whole(file, page_of(compared))
    return file


def _told(share: float) -> str:
    return f"{share:.0%}"
