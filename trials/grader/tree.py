"""A copy of the working tree, as it is now, in which lines can be broken without harm."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path

from trials.grader.corpus import BrokenLine, apply

ENVIRONMENTS = (".venv", ".venv-student", ".venv-similar")
BEING_COMPILED = "*.pyc.*"
NEVER_COPIED = ("/.git", BEING_COMPILED, *(f"/{name}" for name in ENVIRONMENTS))
COMPILED = "__pycache__"  # copied, though git ignores it: else the tests of each line compile all


class Tree:
    """A copy of a project's folder, with links to the original's environments."""

    def __init__(self, project: Path) -> None:
        """Copy `project`, but of what its `.gitignore` names only what Python has compiled."""
        self._folder = Path(tempfile.mkdtemp(prefix="broken-"))
        self.root = self._folder / "project"
        self.scratch = self._folder / "tmp"
        self.output = self._folder / "output"
        ignored = [*NEVER_COPIED, *(one for one in _ignored_patterns(project) if one != COMPILED)]

        def left_out(folder: str, names: list[str]) -> set[str]:
            inside = Path(folder).relative_to(project)
            return {name for name in names if _matches(inside / name, ignored)}

        shutil.copytree(project, self.root, symlinks=True, ignore=left_out)
        for name in ENVIRONMENTS:
            if (project / name).exists():
                (self.root / name).symlink_to((project / name).resolve())
        self.scratch.mkdir()

    def environment(self) -> dict[str, str]:
        """Return the environment in which Python imports this copy, and never from a cache.

        A cached module is taken for fresh when size and second of the change are the same, as
        they may be for a line that was just broken: so none is written.
        """
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("PYTEST_") and name != "PYTHONPYCACHEPREFIX"
        }
        programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        return kept | {
            "PATH": programs,  # as the Makefile has it
            "PYTHONPATH": str(self.root),
            "PYTHONDONTWRITEBYTECODE": "1",
            "TMPDIR": str(self.scratch),
        }

    @contextmanager
    def broken(self, line: BrokenLine) -> Iterator[None]:
        """Make the mistake, and put everything back afterwards."""
        file = self.root / line.file
        before = file.read_bytes() if file.is_file() else b""
        apply(self.root, line)
        _forget_compiled(file)
        try:
            yield
        finally:
            file.write_bytes(before)
            _forget_compiled(file)

    def tidy(self) -> None:
        """Remove the temporary files that tests have left."""
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(exist_ok=True)

    def remove(self) -> None:
        """Remove the copy; the environments it links to stay."""
        shutil.rmtree(self._folder, ignore_errors=True)


def _forget_compiled(file: Path) -> None:
    """Remove what a test's own process may have cached, one with an environment of its own."""
    for cached in file.parent.glob(f"__pycache__/{file.stem}.*.pyc"):
        cached.unlink()


def _ignored_patterns(project: Path) -> list[str]:
    file = project / ".gitignore"
    lines = file.read_text().splitlines() if file.exists() else []
    patterns = [line.rstrip("/") for line in lines if line.strip() and not line.startswith("#")]
    return [f"/{one.lstrip('/')}" if "/" in one else one for one in patterns]


def _matches(path: Path, patterns: list[str]) -> bool:
    """Return whether git would ignore a path: by its place after a slash, by its name without."""
    return any(
        fnmatchcase(f"/{path.as_posix()}" if "/" in pattern else path.name, pattern)
        for pattern in patterns
    )
