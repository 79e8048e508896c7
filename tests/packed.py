"""Look into what is packed for the sandbox."""

import io
import tarfile


def contents(archive: bytes) -> dict[str, bytes]:
    """Return the files of a tar archive, by name."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        return {entry.name: files.extractfile(entry).read() for entry in files}
