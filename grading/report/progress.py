"""Show how far long work has come."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress


class Bar:
    """A progress bar that names what was finished last; plain lines without a terminal."""

    def __init__(self, title: str, total: int, console: Console) -> None:
        self._title, self._total, self._console, self._done = title, total, console, 0
        columns = (
            TextColumn("{task.description:<34}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
        )
        self._progress = RichProgress(*columns, TimeElapsedColumn(), console=console)

    def __enter__(self) -> "Bar":
        self._shown = bool(self._total) and self._console.is_terminal
        if self._shown:
            self._progress.start()
            self._task = self._progress.add_task(self._title, total=self._total)
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            self._progress.stop()

    def __call__(self, last: str) -> None:
        """Note that one more is done, and which."""
        self._done += 1
        if self._shown:
            self._progress.update(self._task, advance=1, description=f"{self._title} {last}")
        elif self._done % 5 == 0 or self._done == self._total:
            self._console.print(f"{self._title} {self._done}/{self._total}", highlight=False)
