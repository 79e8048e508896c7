"""Say what an assignment is graded by, part by part, so that a change can be given its name."""

import json
from typing import Any

from grading.checks.answer_key import STUDENT_LOCK
from grading.course.cells import is_graded, is_test, nbgrader_of
from grading.course.layout import Course
from grading.course.release_steps import settings_of
from grading.course.released import ReleasedNotebook
from grading.course.stamp import fingerprint
from grading.grades.kit import Kit
from grading.sandbox.bubblewrap import CHECK_MODULE, KERNEL_PACKAGE

SHARED = {
    "notebook": "our own code in the notebook has changed",
    "handout": "the files handed out have changed",
    "data": "the unlabelled images have changed",
    "salt": "salt.txt has changed, and with it the hidden inputs",
    "check": "the grader's own part in the sandbox has changed",
    "environment": "the students' environment has changed",
    "limits": "the limits of a run have changed",
    "settings": "nbgrader's settings of solutions and hidden tests have changed",
}
"""The parts that all cells share, and how a change of each is told."""


def rules_text(course: Course, kit: Kit, released: ReleasedNotebook) -> str:
    """Return as JSON what a kit grades by: checks, tolerances, tests, points and all the rest."""
    solved = released.solved()
    tests = [cell for cell in kit.notebook.cells if is_test(cell)]
    code = [cell for cell in solved.cells if cell.cell_type == "code" and not is_test(cell)]
    rules = {
        "checks": _checks(kit.key),
        "tests": {nbgrader_of(cell)["grade_id"]: fingerprint(cell.source) for cell in tests},
        "points": {
            nbgrader_of(cell)["grade_id"]: float(nbgrader_of(cell)["points"])
            for cell in kit.notebook.cells
            if is_graded(cell)
        },
        "notebook": fingerprint(*(cell.source for cell in code)),
        "handout": fingerprint(kit.handout),
        "data": fingerprint(kit.data),
        "salt": fingerprint(course.salt),
        "check": fingerprint(CHECK_MODULE, KERNEL_PACKAGE),
        "environment": fingerprint(STUDENT_LOCK),
        "limits": {name: limit for name, limit in kit.limits.items() if _is_plain(limit)},
        "settings": settings_of(solved),
    }
    return json.dumps(rules, sort_keys=True)


def _checks(key: str) -> dict[str, dict[str, Any]]:
    """Return by cell and check what is asked: kind, parameters, and a hash of the answer."""
    cells = json.loads(key)["cells"] if key else {}
    return {
        cell: {
            name: {
                "kind": one["kind"],
                "params": one["params"],
                "value": fingerprint(json.dumps(one["value"], sort_keys=True)),
            }
            for name, one in checks.items()
        }
        for cell, checks in cells.items()
    }


def _is_plain(limit: Any) -> bool:
    return isinstance(limit, int | float | str)
