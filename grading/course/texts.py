"""Read text notebooks; one that says what another said has been read already."""

from functools import lru_cache
from pathlib import Path

from nbformat import NotebookNode


def read_notebook(file: Path) -> NotebookNode:
    """Return a text notebook, or an `.ipynb`, to be looked at and not to be changed."""
    return read_text(file.read_text(encoding="utf-8"), file.suffix)


@lru_cache(maxsize=64)
def read_text(content: str, kind: str = ".py") -> NotebookNode:
    """Return the notebook that a text is, to be looked at and not to be changed."""
    import jupytext  # slow to load, and grading needs none of it

    return jupytext.reads(content, kind)
