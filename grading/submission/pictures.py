"""Show the pictures that were submitted where a run has drawn none."""

from nbformat import NotebookNode

FIGURE = "<Figure size "


def with_submitted_pictures(
    outputs: list[NotebookNode], submitted: list[NotebookNode]
) -> list[NotebookNode]:
    """Return a run's outputs with each figure that was not drawn as the student has seen it.

    The first figure of a cell takes the first picture that was submitted with it, and so on.
    """
    pictures = [output for output in submitted if is_figure(output) and "image/png" in output.data]
    shown = []
    for output in outputs:
        if is_figure(output) and "image/png" not in output.data and pictures:
            output = pictures.pop(0)
        shown.append(output)
    return shown


def is_figure(output: NotebookNode) -> bool:
    """Return whether an output shows a figure of matplotlib's."""
    data = output.get("data", {})
    text = data.get("text/plain", "") if isinstance(data, dict) else ""
    return "".join(text).startswith(FIGURE)
