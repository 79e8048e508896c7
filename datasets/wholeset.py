"""A data set as published: its files, their checksums, where they come from and where they go."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from datasets import files
from datasets.files import DatasetError
from datasets.sources import Source

DATA = Path(__file__).parents[1] / "data"
"""Where `make data` puts whole data sets, a folder each; git ignores it."""

VARIABLE = "TINYTORCH_DATA"
"""Environment variable that names another folder where the files may be found."""


@dataclass(frozen=True)
class WholeSet:
    """A published data set that is fetched on request and checked file by file."""

    name: str
    """What people call it, on the command line too."""

    home: Path
    """The folder it is fetched into."""

    checksums: Mapping[str, str]
    """SHA-256 of each file, decompressed, by its name."""

    sources: tuple[Source, ...]
    """Where the files come from, best first."""

    def named_folders(self) -> list[Path]:
        """Return the folders that TINYTORCH_DATA names: itself, and the set's own inside it."""
        value = os.environ.get(VARIABLE)
        return [Path(value), Path(value) / self.name] if value else []

    def holds(self, name: str) -> bool:
        """Return whether the file `name` is at home and undamaged."""
        path = self.home / name
        return path.is_file() and self.checks(name, path.read_bytes())

    def checks(self, name: str, content: bytes) -> bool:
        """Return whether `content` is that of the published file `name`."""
        return files.sha256(content) == self.checksums[name]

    def read(self, name: str, folders: Iterable[Path] | None = None) -> bytes:
        """Return the content of the file `name`, from the first of `folders` that has it.

        Without `folders`, looks at home, then where TINYTORCH_DATA says. Raises DatasetError when
        none has it, or when it is damaged.
        """
        looked = [self.home, *self.named_folders()] if folders is None else list(folders)
        for folder in looked:
            path = files.locate(folder, name)
            if path is None:
                continue
            content = files.read(path)
            if not self.checks(name, content):
                raise DatasetError(
                    f"{path} is damaged: its SHA-256 is not that of the published file. "
                    "Run `make data` to fetch it again"
                )
            return content
        raise DatasetError(
            f"{name} is not in {' or '.join(map(str, looked))}. Run `make data` to fetch the "
            f"whole of {self.name}, or set {VARIABLE} to a folder that holds its files"
        )
