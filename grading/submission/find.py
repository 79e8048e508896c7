"""Find the notebook in what a student handed in."""

from pathlib import Path


class Unreadable(ValueError):
    """A submitted file is no notebook; the message is for the student."""


def find_notebook(folder: Path, notebook: str) -> tuple[Path, list[str]]:
    """Return the submitted notebook and notes on its name; raise `Unreadable` if there is none.

    A notebook under another name counts when it is the only one.
    """
    wanted = folder / f"{notebook}.ipynb"
    present = sorted(path for path in folder.glob("*.ipynb") if path.is_file())
    if wanted in present or wanted.is_symlink() or wanted.exists():
        others = len(present) - (wanted in present)
        return wanted, [f"Only {wanted.name} was graded, not the other notebooks."] * bool(others)
    if len(present) == 1:
        return present[0], [f"The notebook should be called {wanted.name}; it was graded anyway."]
    found = "several others" if present else "none"
    raise Unreadable(f"There is no notebook called {wanted.name}; there were {found}.")
