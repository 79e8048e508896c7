"""Know of everything that is made what it was made from, and whether that still holds."""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from grading.course.files import write_whole

STAMPS = ".stamps"


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
            digest.update(b"\n")
        else:
            content = part.encode(errors="surrogatepass") if isinstance(part, str) else part
            digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()


@dataclass(frozen=True)
class Stamp:
    """The fingerprint of what one product, a file or folder below `root`, was made from.

    It lies in `.stamps/`, apart from the product, and is put there when the product is whole.
    """

    root: Path
    product: Path

    @property
    def file(self) -> Path:
        """Return where the fingerprint is kept."""
        return self.root / STAMPS / self.product.relative_to(self.root) / "made_from"

    def holds(self, made_from: str) -> bool:
        """Return whether the product is there and was made from what has this fingerprint."""
        return self.product.exists() and self.read() == made_from

    def read(self) -> str | None:
        """Return the fingerprint, or None where the product was never finished."""
        return self.file.read_text() if self.file.is_file() else None

    def put(self, made_from: str) -> None:
        """Note what a finished product was made from."""
        write_whole(self.file, made_from)

    def remove(self) -> None:
        """Forget what the product, and everything in it, was made from."""
        shutil.rmtree(self.file.parent, ignore_errors=True)
