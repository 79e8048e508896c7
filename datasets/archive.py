"""A data set that is published as one archive, checked as a whole before anything leaves it."""

import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from datasets.files import DatasetError
from datasets.sources import PATIENCE


@dataclass(frozen=True)
class Archive:
    """A published `.tar.gz`, the files in it that are wanted, and where they go."""

    name: str
    """What people call it, on the command line too."""

    home: Path
    """The folder its files are fetched into."""

    url: str
    """Where it is published."""

    md5: str
    """The checksum that is published beside it."""

    folder: str
    """Where in the archive the files are."""

    sizes: Mapping[str, int]
    """How many bytes each wanted file has, by its name."""

    def missing(self) -> list[str]:
        """Return the names of the files that are not at home in their full size."""
        paths = {name: self.home / name for name in self.sizes}
        return [
            name
            for name, path in paths.items()
            if not path.is_file() or path.stat().st_size != self.sizes[name]
        ]

    def download(self, scratch: Path) -> Path:
        """Download the archive into `scratch`; raise DatasetError unless it is as published."""
        import pooch  # here, so that loading data needs NumPy alone

        from datasets.progress import Bar

        pooch.get_logger().setLevel("WARNING")
        with Bar(self.name) as bar:
            download = pooch.HTTPDownloader(progressbar=bar, timeout=PATIENCE, chunk_size=1 << 16)
            try:
                path = pooch.retrieve(
                    self.url, known_hash=f"md5:{self.md5}", path=scratch, downloader=download
                )
            except OSError as error:  # every exception of requests is one
                answer = getattr(error, "response", None)
                reason = type(error).__name__ if answer is None else f"HTTP {answer.status_code}"
                raise DatasetError(f"{self.url} could not be downloaded: {reason}") from error
            except ValueError as error:
                raise DatasetError(
                    f"{self.url} is not the published archive: its MD5 is not {self.md5}"
                ) from error
        return Path(path)

    def unpack(self, path: Path, name: str) -> bytes:
        """Return the content of one file of the archive; raise DatasetError unless it is whole."""
        try:
            with tarfile.open(path) as archive:
                member = archive.extractfile(f"{self.folder}/{name}")
                content = member.read() if member else b""
        except KeyError as error:
            raise DatasetError(f"there is no {name} in the archive") from error
        except (OSError, EOFError, tarfile.TarError, zlib.error) as error:
            raise DatasetError(f"the archive does not unpack: {error}") from error
        if len(content) != self.sizes[name]:
            raise DatasetError(
                f"{name} has {len(content):,} bytes in the archive instead of {self.sizes[name]:,}"
            )
        return content
