"""nbgrader's steps of a release, with the settings that it was made with.

A kept notebook says in its metadata what the course's configuration said of them: submissions are
rebuilt, and hidden tests hidden, by the same delimiters and stubs as in the release.
"""

import copy
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import (
    ClearHiddenTests,
    ClearMarkScheme,
    ClearSolutions,
    LockCells,
    NbGraderPreprocessor,
)
from traitlets.config import Config

from grading.course.cells import NOTE

SETTINGS = "settings"
STEPS = (ClearSolutions, ClearHiddenTests, ClearMarkScheme, LockCells)
MARKS = {
    ClearSolutions: ("begin_solution_delimeter", "end_solution_delimeter"),
    ClearHiddenTests: ("begin_test_delimeter", "end_test_delimeter"),
    ClearMarkScheme: ("begin_mark_scheme_delimeter", "end_mark_scheme_delimeter"),
}


def with_settings(notebook: NotebookNode, config: Config) -> NotebookNode:
    """Return the notebook, saying in a copy what a configuration says of the steps, if anything."""
    settings = {step.__name__: said for step in STEPS if (said := _others(step(config=config)))}
    if not settings:
        return notebook
    noted = copy.deepcopy(notebook)
    noted.metadata.setdefault(NOTE, {})[SETTINGS] = settings
    return noted


def settings_of(notebook: NotebookNode) -> dict[str, Any]:
    """Return what a notebook's release was made with, by step; nothing stands for the defaults."""
    return dict(notebook.metadata.get(NOTE, {}).get(SETTINGS, {}))


def take_step(
    step: type[NbGraderPreprocessor], notebook: NotebookNode, of: NotebookNode | None = None
) -> NotebookNode:
    """Take one of nbgrader's steps on a notebook, by its own settings or those `of` another."""
    settings = settings_of(notebook if of is None else of)
    taken, _ = step(config=Config(settings)).preprocess(notebook, {})
    return taken


def marks_of(notebook: NotebookNode) -> list[tuple[str, str]]:
    """Return the texts between which solutions, hidden tests and mark schemes stand."""
    settings = settings_of(notebook)
    pairs = []
    for kind, names in MARKS.items():
        step = kind(config=Config(settings))
        begin, end = (str(getattr(step, name)) for name in names)
        pairs.append((begin, end))
    return pairs


def _others(step: NbGraderPreprocessor) -> dict[str, Any]:
    """Return the settings of a step that are not what they are where nothing is said."""
    plain = type(step)()
    names = type(step).class_own_traits(config=True)
    values = {name: getattr(step, name) for name in names}
    return {name: value for name, value in values.items() if value != getattr(plain, name)}
