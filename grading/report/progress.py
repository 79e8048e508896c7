"""Show how far long work has come."""

from collections.abc import Callable

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as RichProgress

Progress = Callable[[str], None]


class Bar:
    """A progress bar that names what was finished last, and tells how long the rest will take.

    Without a terminal there are plain lines instead.
    """

    def __init__(self, title: str, total: int, console: Console) -> None:
        self._title, self._total, self._console, self._done = title, total, console, 0
        columns = (
            TextColumn("{task.description:<34}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
        )
        times = (TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn())
        self._progress = RichProgress(*columns, *times, console=console)

    def __enter__(self) -> "Bar":
        self._shown = bool(self._total) and self._console.is_terminal
        if self._shown:
            self._progress.start()
            self._task = self._progress.add_task(self._title, total=self._total)
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            self._progress.stop()

    def __call__(self, last: str, remark: str = "") -> None:
        """Note that one more is done, and which; a remark on it stays where it is read."""
        self._done += 1
        if remark:
            self._console.print(remark, highlight=False, markup=False, soft_wrap=True)
        if self._shown:
            self._progress.update(self._task, advance=1, description=f"{self._title} {last}")
        elif self._done % 5 == 0 or self._done == self._total:
            self._console.print(f"{self._title} {self._done}/{self._total}", highlight=False)
