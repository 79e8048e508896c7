"""What a release tells of its checks: the file that `tinytorch.check()` reads in a notebook."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests

from grading.course.cells import grade_id_of, is_graded, is_test
from grading.course.package import CHECKS_FILE
from grading.course.release_steps import take_step
from grading.course.sections import sections_of, title_of
from grading.sandbox.settings import PROJECT

ABOUT = (
    "The names of the checks that this notebook is graded by, for tinytorch.check(). 'visible' is "
    "the test that stands in the notebook, 'checks' are the names of the hidden ones, a line each, "
    "and 'public' what our own solution gave in the visible test, where the course tells that. "
    "No hidden test, none of its inputs and no result of it is in here."
)
WORDS = {
    "compare.py": "grading/checks/compare.py",
    "encode.py": "grading/inside/check.py",
    "evidence.py": "grading/sandbox/evidence.py",
}
"""The grader's own words, as modules of the package, and where they are from."""
FROM = {
    "from grading.sandbox.evidence import": "from .evidence import",
    "from grading.inside.check import": "from .encode import",
}

Results = Mapping[str, Mapping[str, Any]]


def told_checks(
    notebook: NotebookNode, names: Mapping[str, Iterable[str]], tells: str, public: Results
) -> str:
    """Return the file's text, of a notebook with hidden tests and the names of its checks by cell.

    `public` holds by cell and number of the statement what our solution gave in those visible tests
    that may run again at any time.
    """
    sections, visible = sections_of(notebook), visible_tests(notebook)
    told = {
        "about": ABOUT,
        "title": title_of(notebook),
        "tells": tells,
        "tests": [
            {
                "cell": cell,
                "section": sections[cell],
                "visible": source,
                "public": public.get(cell),
                "checks": "\n".join(names.get(cell, ())),
            }
            for cell, source in visible.items()
        ],
        "by_hand": [
            {"cell": name, "section": sections[name]}
            for cell in notebook.cells
            if is_graded(cell) and not is_test(cell) and (name := grade_id_of(cell))
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def visible_tests(notebook: NotebookNode) -> dict[str, str]:
    """Return what students see of each test cell, by grade id."""
    cleared = take_step(ClearHiddenTests, notebook)
    return {str(grade_id_of(cell)): cell.source for cell in cleared.cells if is_test(cell)}


def write_told(package: Path, text: str, words: bool) -> None:
    """Put the file into a released package, and with `words` the modules that compare results."""
    (package / CHECKS_FILE).write_text(text, encoding="utf-8")
    for name, source in WORDS.items() if words else ():
        written = (PROJECT / source).read_text(encoding="utf-8")
        for theirs, ours in FROM.items():
            written = written.replace(theirs, ours)
        (package / "_checking" / name).write_text(written, encoding="utf-8")
