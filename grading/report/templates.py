"""The templates of our own pages: what is put into one is text, and stays text."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template


def template(file: Path) -> Template:
    """Return a template that escapes what it is given, and raises for a name that it is not."""
    return _beside(file.parent).get_template(file.name)


@cache
def _beside(folder: Path) -> Environment:
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
