"""Which submissions the sample class has written: nobody else's are ever changed or removed."""

import hashlib
import json
from pathlib import Path

from grading.course.files import write_whole

FILE = ".sample_class.json"


class Written:
    """The notebooks that were written into a course, each with its digest."""

    def __init__(self, root: Path) -> None:
        self._root, self._file = root, root / FILE
        self._digests: dict[str, str] = {}
        if self._file.exists():
            self._digests = json.loads(self._file.read_text())

    def holds(self, file: Path) -> bool:
        """Return whether a notebook is there as it was written."""
        return file.is_file() and self._digests.get(self._name(file)) == _digest(file)

    def note(self, file: Path) -> None:
        """Note a notebook that was written."""
        self._digests[self._name(file)] = _digest(file)

    def forget(self, file: Path) -> None:
        """Forget a notebook that was removed."""
        self._digests.pop(self._name(file), None)

    def save(self) -> None:
        """Keep what was noted beside the course."""
        if self._digests:
            write_whole(self._file, json.dumps(self._digests, indent=1, sort_keys=True))
        else:
            self._file.unlink(missing_ok=True)

    def _name(self, file: Path) -> str:
        return file.relative_to(self._root).as_posix()


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
