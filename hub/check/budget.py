"""How often each student has asked within a day: a small database that outlives the service."""

import contextlib
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

DAY = 24 * 60 * 60.0


class Budget:
    """So many checks within 24 hours for each student, over all assignments."""

    def __init__(self, file: Path, a_day: int, clock: Callable[[], float] = time.time) -> None:
        self.a_day = a_day
        self._clock = clock
        self._db = sqlite3.connect(file)
        with self._db:
            self._db.execute("CREATE TABLE IF NOT EXISTS asked (student TEXT, time REAL)")

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    def left(self, student: str) -> int:
        """Return how often a student may still ask."""
        return max(0, self.a_day - len(self._within_a_day(student)))

    def again(self, student: str) -> float | None:
        """Return when a student without any left may ask again, in seconds since 1970."""
        times = self._within_a_day(student)
        return times[len(times) - self.a_day] + DAY if 0 < self.a_day <= len(times) else None

    def take(self, student: str) -> float:
        """Count one more check of a student; return what gives it back."""
        now = self._clock()
        with self._db:
            self._db.execute("DELETE FROM asked WHERE time < ?", [now - DAY])
            self._db.execute("INSERT INTO asked VALUES (?, ?)", [student, now])
        return now

    def give_back(self, student: str, taken: float) -> None:
        """Forget a check that came to nothing, through no fault of the student's."""
        with contextlib.suppress(sqlite3.Error), self._db:
            self._db.execute("DELETE FROM asked WHERE student = ? AND time = ?", [student, taken])

    def _within_a_day(self, student: str) -> list[float]:
        rows = self._db.execute(
            "SELECT time FROM asked WHERE student = ? AND time >= ? ORDER BY time",
            [student, self._clock() - DAY],
        )
        return [time for (time,) in rows]
