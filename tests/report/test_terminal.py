import io

import pandas as pd
from rich.console import Console

from grading.report.terminal import print_grades

ROW = {"student": "student-01", "assignment": "01_setup", "score": 3.5, "max_score": 4.0}


def printed(unsealed=frozenset(), **change):
    row = ROW | {"late_seconds": 0, "late_penalty": 0, "needs_manual_grade": False} | change
    console = Console(file=io.StringIO(), width=120)
    print_grades(pd.DataFrame([row]), set(unsealed), console)
    return console.file.getvalue()


def test_a_score_stands_below_its_maximum():
    text = printed()
    assert text.index("of 4") < text.index("3.50") and "late" not in text


def test_what_waits_and_what_is_late_is_marked_and_explained():
    text = printed(late_seconds=60, needs_manual_grade=True)
    assert "waits for a person" in text and "after the due date" in text


def test_a_grade_without_a_sandbox_is_marked():
    assert "WITHOUT a sandbox" in printed(unsealed={("student-01", "01_setup")})
