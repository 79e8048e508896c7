"""Train the milestones of the course on a framework, sealed; judge what its weights predict."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nbformat.v4 import new_code_cell, new_notebook

from grading.checks.compare import numbers, raised
from grading.checks.labels import test_labels
from grading.checks.networks import seen
from grading.course.layout import Course
from grading.sandbox.archive import NOTHING, pack
from grading.sandbox.evidence import MalformedEvidence, Value, parse
from grading.sandbox.execute import CellRun, Run, run_notebook
from grading.sandbox.kernel import Files
from grading.sandbox.settings import Sandbox
from grading.submission.own_framework import lay_out

XOR = [0, 1, 1, 0]
LEAST = {"XOR": 1.0, "MLP": 0.85, "CNN": 0.92}
BEGIN = "from grading import check\nfrom tinytorch import milestones\nimages = milestones.digits()"
WORK = {
    "XOR": 'check("XOR", lambda: milestones.weights_of(milestones.xor_network()))',
    "MLP": 'check("MLP", lambda: milestones.weights_of(milestones.mlp_network(*images)))',
    "CNN": 'check("CNN", lambda: milestones.weights_of(milestones.cnn_network(*images)))',
}


@dataclass
class Framework:
    """What a framework reaches: the share of right answers by milestone, and why not."""

    student: str
    missing: list[str] = field(default_factory=list)
    reached: dict[str, float] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)

    def carries(self, milestone: str) -> bool:
        """Return whether the framework reaches what the course asks of a milestone."""
        return self.reached.get(milestone, 0.0) >= LEAST[milestone]

    @property
    def remark(self) -> str:
        """Return in a line what keeps the framework from predicting anything."""
        if self.missing:
            return f"no submission of {', '.join(self.missing)}"
        names: dict[str, list[str]] = {}
        for milestone, reason in self.reasons.items():
            names.setdefault(reason, []).append(milestone)
        if [*names.values()] == [[*LEAST]]:
            return next(iter(names))
        return "; ".join(f"{', '.join(those)}: {reason}" for reason, those in names.items())


def try_framework(
    course: Course, student: str, modules: Mapping[str, str], wanted: list[str], settings: Sandbox
) -> Framework:
    """Train all three networks on a framework; one that lacks a module is not run."""
    framework = Framework(student, [name for name in wanted if name not in modules])
    if framework.missing:
        return framework
    notebook = new_notebook(cells=[new_code_cell(source) for source in (BEGIN, *WORK.values())])
    with tempfile.TemporaryDirectory(prefix="framework-") as name:
        folder = Path(name)
        lay_out(dict(modules), folder / "handout")
        files = Files(NOTHING, pack(folder / "handout"), pack(course.hidden_data))
    run = run_notebook(notebook, files, settings, course.salt)
    judge(framework, run)
    return framework


def judge(framework: Framework, run: Run) -> None:
    """Note for each milestone the share of right answers, or why there is none."""
    begin, *cells = run.cells
    for milestone, cell in zip(WORK, cells, strict=True):
        share = _share_of_right_answers(milestone, cell)
        if isinstance(share, float):
            framework.reached[milestone] = share
        elif run.ended != "complete" and cell.status != "ran":
            framework.reasons[milestone] = run.message
        elif begin.error:
            framework.reasons[milestone] = _import_error(begin.error)
        else:
            framework.reasons[milestone] = share


def _import_error(name: str) -> str:
    """Name the error by what Python defines: the student's process may call it anything."""
    return f"importing the modules: {raised(Value('error', types=(name,)))}"


def _share_of_right_answers(milestone: str, cell: CellRun) -> float | str:
    truth = XOR if milestone == "XOR" else test_labels("digits")
    if len(cell.evidence) != 1:
        return "no network was trained"
    try:
        value = parse(cell.evidence[0]).value
    except MalformedEvidence:
        return "what was reported could not be read"
    if value.kind == "error":
        return raised(value)
    predicted = seen(milestone, [numbers(item) for item in value.items])
    if predicted is None:
        return "the weights of a trained network were wanted"
    return float((predicted == truth).mean())
