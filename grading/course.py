"""Where the parts of a course are."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DEFAULT_SALT = "tinytorch"


@dataclass(frozen=True)
class Course:
    """The folders of a course, all below its root; the names are nbgrader's."""

    root: Path

    def source(self, assignment: str) -> Path:
        """Return the folder of an assignment's source."""
        return self.root / "source" / assignment

    def text(self, assignment: str) -> Path:
        """Return the text notebook of an assignment."""
        return self.source(assignment) / f"{assignment}.py"

    def release(self, assignment: str) -> Path:
        """Return the folder that students get."""
        return self.root / "release" / assignment

    def submitted(self, student: str, assignment: str) -> Path:
        """Return the folder of a submission."""
        return self.root / "submitted" / student / assignment

    def autograded(self, student: str, assignment: str) -> Path:
        """Return the folder of a graded submission."""
        return self.root / "autograded" / student / assignment

    def feedback(self, student: str, assignment: str) -> Path:
        """Return the folder of a submission's feedback."""
        return self.root / "feedback" / student / assignment

    def key(self, assignment: str) -> Path:
        """Return the folder of an assignment's master notebook and answer key."""
        return self.root / "answer_key" / assignment

    @property
    def hidden_data(self) -> Path:
        """Return the folder of the unlabelled images that the sandbox may read."""
        return self.root / "answer_key" / "data"

    @property
    def db_url(self) -> str:
        """Return the address of the gradebook."""
        return f"sqlite:///{self.root / 'gradebook.db'}"

    @property
    def salt(self) -> str:
        """Return the secret that hidden inputs are drawn from: `salt.txt`, or a public default."""
        file = self.root / "salt.txt"
        return file.read_text().strip() if file.exists() else DEFAULT_SALT

    def assignments(self) -> list[str]:
        """Return the assignments that have a text notebook, in order."""
        return sorted(path.stem for path in self.root.glob("source/*/*.py") if _is_main(path))

    def submissions(self, assignment: str | None = None) -> Iterator[tuple[str, str]]:
        """Yield (student, assignment) of every submitted folder, in order."""
        known = set(self.assignments())
        for folder in sorted(self.root.glob("submitted/*/*")):
            if folder.is_dir() and folder.name in known and assignment in (None, folder.name):
                yield folder.parent.name, folder.name


def _is_main(path: Path) -> bool:
    return path.stem == path.parent.name


def fingerprint(*parts: str | bytes | Path) -> str:
    """Return one hash of texts, bytes and files; a folder counts with all that is in it."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, Path):
            files = sorted(f for f in part.rglob("*") if f.is_file()) if part.is_dir() else [part]
            for file in files:
                if file.is_symlink() or "__pycache__" in file.parts:
                    continue
                digest.update(str(file.relative_to(part)).encode(errors="replace") + b"\0")
                digest.update(hashlib.sha256(file.read_bytes()).digest())
        else:
            digest.update(part.encode() if isinstance(part, str) else part)
        digest.update(b"\n")
    return digest.hexdigest()
