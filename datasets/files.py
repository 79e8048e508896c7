"""Files of data sets: find them, read them, check them, write them whole or not at all."""

import gzip
import hashlib
import os
import tempfile
import zlib
from pathlib import Path


class DatasetError(Exception):
    """A data set that is missing, damaged or out of reach; the message says what to do."""


def sha256(content: bytes) -> str:
    """Return the SHA-256 of `content` in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def locate(folder: Path, name: str) -> Path | None:
    """Return where `folder` holds the file `name`, plain or as `name.gz`; None if it does not."""
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    return None


def read(path: Path) -> bytes:
    """Return the content of `path`, decompressed when its name ends in `.gz`.

    Raises DatasetError when the file cannot be read or does not decompress.
    """
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if path.suffix == ".gz" else content
    except (OSError, EOFError, zlib.error) as error:  # gzip.BadGzipFile is an OSError
        raise DatasetError(f"cannot read {path}: {error}") from error


def write(path: Path, content: bytes) -> None:
    """Write `content` to `path` so that nobody ever finds half of it there.

    Makes the folder if need be. Raises OSError, with nothing left behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    partial = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        partial.chmod(0o644)  # mkstemp lets only its owner read
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
