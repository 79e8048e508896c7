"""Hand in a submission so that it is in the exchange whole or not at all."""

import secrets
import shutil
from pathlib import Path

from nbgrader.exchange.default import ExchangeSubmit

READABLE, ENTERABLE = 0o644, 0o755


class WholeSubmit(ExchangeSubmit):
    """Copy under a name that nobody collects, then rename: an interrupted copy is never seen."""

    def copy_files(self) -> None:
        """Put the submission into the exchange, then remember it in the student's own cache."""
        self.init_release()
        self.check_filename_diff()
        secret = secrets.token_hex(64)
        name = self.assignment_filename
        self._place(Path(self.inbound_path), name, secret)
        remembered = name.rsplit("+", 1)[0] if self.add_random_string else name
        Path(self.cache_path).mkdir(parents=True, exist_ok=True)
        self._place(Path(self.cache_path), remembered, secret)
        course, assignment = self.coursedir.course_id, self.coursedir.assignment_id
        self.log.info("Submitted as: %s %s %s", course, assignment, self.timestamp)

    def _place(self, folder: Path, name: str, secret: str) -> None:
        arriving = folder / f".arriving-{secrets.token_urlsafe(12)}"
        try:
            self.do_copy(self.src_path, str(arriving))
            (arriving / "timestamp.txt").write_text(self.timestamp)
            (arriving / "submission_secret.txt").write_text(secret)
            self.set_perms(str(arriving), fileperms=READABLE, dirperms=ENTERABLE)
            arriving.rename(folder / name)
        except BaseException:
            shutil.rmtree(arriving, ignore_errors=True)
            raise
