"""Lines about a training as it goes: which epoch, how wrong, how often right, how long still."""

import time
from collections.abc import Callable, Iterator
from typing import Any

Clock = Callable[[], float]


def seconds(number: float) -> str:
    """Write a duration as people say it: `9 s`, `1 min 40 s`."""
    whole = round(number)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"


class Watch:
    """The clock of one network's training: it tells how it goes, and when its time is up."""

    between = 5.0  # seconds between two lines within an epoch

    def __init__(
        self,
        name: str,
        steps: int,
        most_seconds: float,
        say: Callable[[str], None],
        clock: Clock = time.perf_counter,
    ) -> None:
        """Start the clock for a training of so many steps, in at most so many seconds."""
        self.name, self.steps, self.most = name, steps, most_seconds
        self.say, self.clock = say, clock
        self.began = self.said = clock()
        self.done = 0
        self.losses: list[float] = []

    @property
    def taken(self) -> float:
        """Return the seconds since the start."""
        return self.clock() - self.began

    @property
    def is_over(self) -> bool:
        """Return whether all the time is spent."""
        return self.taken > self.most

    def left(self) -> str:
        """Say how long the rest will take at the pace so far."""
        rest = self.taken / max(self.done, 1) * (self.steps - self.done)
        return f"about {seconds(min(rest, max(self.most - self.taken, 0)))} left"

    def batches(self, loader: Any, epoch: str) -> Iterator[Any]:
        """Yield the batches of a loader, at least one, count them, and stop when time is up."""
        for batch in loader:
            yield batch
            self.done += 1
            if self.clock() - self.said >= self.between and self.losses:
                self.said = self.clock()
                late = self.losses[-20:]
                loss = sum(late) / len(late)
                self.say(f"{self.name}, {epoch}: loss {loss:.3f}, {self.left()}")
            if self.is_over:
                return

    def end_of_epoch(self, epoch: str, loss: float, accuracy: float) -> None:
        """Say what an epoch has come to."""
        self.said = self.clock()
        rest = "time is up" if self.is_over else self.left()
        if self.done >= self.steps:
            rest = f"took {seconds(self.taken)}"
        self.say(f"{self.name}, {epoch}: loss {loss:.3f}, {accuracy:.1%} right, {rest}")
