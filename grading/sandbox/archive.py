"""Pack files for the sandbox: one tar archive in memory, so that nothing is left on any disk."""

import io
import tarfile
from collections.abc import Iterable
from pathlib import Path, PurePath

NOTHING = b"\0" * 1024


def pack(folder: Path) -> bytes:
    """Return all ordinary files below a folder as a tar archive; links are left out."""
    paths = sorted(folder.rglob("*")) if folder.is_dir() else []
    ordinary = [path for path in paths if path.is_file() and not path.is_symlink()]
    return pack_files((path.relative_to(folder), path.read_bytes()) for path in ordinary)


def pack_files(files: Iterable[tuple[PurePath, bytes]]) -> bytes:
    """Return names and contents as a tar archive that anybody may read."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in files:
            entry = tarfile.TarInfo(name.as_posix())
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()
