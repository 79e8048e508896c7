"""Show a figure together with a description of it."""

from base64 import b64encode
from collections.abc import Callable
from html import escape
from typing import Any


def show(figure: Any, description: str) -> None:
    """Show a figure of matplotlib's, with a description that is read out where it is not seen."""
    publish(figure, description, lambda png: still(f"data:image/png;base64,{png}", description))


def still(source: str, description: str) -> str:
    """Return the HTML of a picture that does not move."""
    style = "max-width: 100%; height: auto; background: white"
    return f'<img src="{escape(source)}" alt="{escape(description)}" style="{style}">'


def publish(figure: Any, description: str, page: Callable[[str], str]) -> None:
    """Put a figure out as a PNG and, made of that by `page`, as HTML: whoever shows it chooses."""
    import matplotlib.pyplot as plt
    from IPython.core.formatters import format_display_data
    from IPython.display import display

    data, metadata = format_display_data(figure)
    plt.close(figure)
    if png := data.get("image/png"):
        text = b64encode(png).decode() if isinstance(png, bytes) else str(png).replace("\n", "")
        data["text/html"] = page(text)
        metadata.setdefault("image/png", {})["alt"] = description
    display(data, metadata=metadata, raw=True)
