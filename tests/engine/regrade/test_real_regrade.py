"""A regrade from the text notebook to the gradebook and back, with real kernels."""

import io

import pytest
from graded_class import SILENT
from rich.console import Console

from grading.engine.regrade.regrade import Regrade
from grading.grades.class_grades import class_grades
from grading.grades.gradebook import RunGradebook
from grading.grades.history import before_last_run
from grading.pipeline.steps import Steps
from grading.report.progress import Bar
from trials.gradebook import db_url_of

pytestmark = pytest.mark.slow

CHECK = 'check("doubles a matrix", lambda: double(_numbers))'
NEARLY = "def double(x):\n    return x * 2.0 * (1 + 1e-3 * (np.ndim(x) == 2))"


def steps(mini, *names):
    told = Console(file=io.StringIO(), width=120)
    taken = Steps(mini.course.root, told, 1)
    taken.run(*names)
    assert taken.failures == []
    return told.file.getvalue()


def scores(mini):
    found = class_grades(db_url_of(mini.course)).submissions
    return {one.student: one.score for one in found}


def test_a_wider_tolerance_is_shown_applied_marked_and_undone(mini):
    mini.submit("student-01", mini.notebook())
    mini.submit("student-02", mini.notebook(double=NEARLY))
    steps(mini, "autograde")
    before = scores(mini)
    text = mini.course.text(mini.assignment)
    text.write_text(text.read_text().replace(CHECK, CHECK[:-1] + ", rtol=0.1)"))
    steps(mini, "source", "release")
    assert "↻" in steps(mini, "report")
    regrade = Regrade(mini.course, mini.config)
    outcome = regrade.preview(1, lambda number: Bar("", number, SILENT))
    assert outcome.remarks == []
    assert [one.student for one in outcome.changes if one.lines] == ["student-02"]
    [line, *_] = next(one for one in outcome.changes if one.lines).lines
    assert (line.what, line.old, line.new) == ("doubles a matrix", 0.0, 1.0)
    assert line.why.startswith("tolerance: rtol ") and line.why.endswith(" → 0.1")
    assert scores(mini) == before
    regrade.apply(None, "a wider tolerance")
    assert scores(mini)["student-02"] == before["student-02"] + 1.0
    assert "↻" not in steps(mini, "report")
    with RunGradebook(db_url_of(mini.course)) as gradebook:
        states = before_last_run(gradebook)
    assert regrade.bring_back(states, "undone") == []
    assert scores(mini) == before
