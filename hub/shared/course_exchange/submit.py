"""Hand in a submission so that it is in the exchange whole or not at all."""

import secrets
import shutil
from pathlib import Path
from typing import Any

from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import ExchangeSubmit

from course_exchange.receipts import keep, receipt_of
from course_exchange.walk import walk

READABLE, ENTERABLE = 0o644, 0o755


class WholeSubmit(ExchangeSubmit):
    """Copy under a name that nobody collects, then rename: an interrupted copy is never seen.

    `receipt` says what arrived, once it has.
    """

    receipt: dict[str, Any] | None = None

    def copy_files(self) -> None:
        """Put the submission into the exchange, then remember it and its receipt in the cache."""
        self.init_release()
        self.check_filename_diff()
        secret = secrets.token_hex(64)
        name = self.assignment_filename
        course, assignment = self.coursedir.course_id, self.coursedir.assignment_id
        whose = {"course": course, "assignment": assignment, "at": self.timestamp}
        self._place(Path(self.inbound_path), name, secret)
        self.receipt = receipt_of(Path(self.inbound_path) / name, whose)
        remembered = name.rsplit("+", 1)[0] if self.add_random_string else name
        Path(self.cache_path).mkdir(parents=True, exist_ok=True)
        self._place(Path(self.cache_path), remembered, secret)
        keep(self.receipt, Path(self.cache), remembered)
        self.log.info("Submitted as: %s %s %s", course, assignment, self.timestamp)

    def _place(self, folder: Path, name: str, secret: str) -> None:
        arriving = folder / f".arriving-{secrets.token_urlsafe(12)}"
        try:
            self.do_copy(self.src_path, str(arriving))
            refuse_what_is_not_collected(arriving)
            (arriving / "timestamp.txt").write_text(self.timestamp)
            (arriving / "submission_secret.txt").write_text(secret)
            self.set_perms(str(arriving), fileperms=READABLE, dirperms=ENTERABLE)
            arriving.rename(folder / name)
        except BaseException:
            shutil.rmtree(arriving, ignore_errors=True)
            raise


def refuse_what_is_not_collected(folder: Path) -> None:
    """Raise `ExchangeError` for a submission that nobody would collect, before it is handed in."""
    try:
        for _ in walk(folder):
            pass
    except OSError as error:
        raise ExchangeError(f"This cannot be handed in: {error}.") from error
