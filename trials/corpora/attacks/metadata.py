"""Tricks with cells, their names, their ids and their metadata."""

import copy

from nbformat.v4 import new_code_cell

from trials.submission import Submission, attack

OURS = "cells and metadata are ours; same score"
BACK = ("put back",)


@attack(OURS, stock=True)
def awards_itself_points(it: Submission) -> None:
    """Raises the points of test cells to 1000, and lowers the difficulty of nothing."""
    for cell in it.notebook.cells:
        ours = cell.metadata.get("nbgrader", {})
        if "points" in ours:
            ours["points"] = 1000


@attack(OURS, stock=True)
def rewrites_the_tests(it: Submission) -> None:
    """Replaces every test cell's source by one that passes."""
    for cell in it.notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade") and cell.cell_type == "code":
            cell.source = "print('all passed')\n4"


@attack(OURS, stock=True)
def turns_tests_into_answers(it: Submission) -> None:
    """Marks test cells as solution cells and unlocks them, so that its own text would stay."""
    for cell in it.notebook.cells:
        ours = cell.metadata.get("nbgrader", {})
        if ours.get("grade") and cell.cell_type == "code":
            ours.update(solution=True, locked=False, grade=False)
            cell.source = "4"


@attack(OURS, stock=True, says=BACK)
def deletes_the_tests_it_fails(it: Submission) -> None:
    """Deletes every test cell but the one that it passes."""
    it.notebook.cells = [
        cell
        for cell in it.notebook.cells
        if not cell.metadata.get("nbgrader", {}).get("grade_id", "").startswith("test-")
        or cell.metadata["nbgrader"]["grade_id"] == "test-mean"
    ]


@attack(OURS, stock=True)
def swaps_hard_and_easy_tests(it: Submission) -> None:
    """Gives hard test cells the name and id of the easy one, and the easy one theirs."""
    easy, hard = it.cell("test-mean"), it.cell("test-classify")
    easy.metadata["nbgrader"]["grade_id"] = "test-classify"
    hard.metadata["nbgrader"]["grade_id"] = "test-mean"
    easy["id"], hard["id"] = hard["id"], easy["id"]


@attack(OURS, stock=True, says=("times",))
def repeats_the_test_it_passes(it: Submission) -> None:
    """Repeats the test cell that it passes, ten times and under the names of the others."""
    easy = it.cell("test-mean")
    for name in ("test-mean",) * 5 + ("test-classify", "test-dot", "test-noise"):
        again = copy.deepcopy(easy)
        again["id"] = f"again-{len(it.notebook.cells)}"
        again.metadata["nbgrader"]["grade_id"] = name
        it.notebook.cells.append(again)


@attack(OURS, stock=True)
def takes_the_id_of_a_test(it: Submission) -> None:
    """Adds cells of its own that carry the ids of test cells, without any metadata."""
    for name in ("test-scale", "test-dot", "test-classify"):
        cell = new_code_cell("print('all passed')")
        cell["id"] = it.cell(name)["id"]
        it.notebook.cells.append(cell)


@attack(OURS, stock=True)
def writes_the_graders_notes(it: Submission) -> None:
    """Submits the metadata that the grader writes: checks passed, a run complete, nothing to do."""
    passed = [{"name": "one row", "passed": True, "hint": ""}] * 9
    for cell in it.notebook.cells:
        cell.metadata["course"] = {"checks": passed, "status": "ran", "outputs": [], "points": 9}
    it.notebook.metadata["course"] = {
        "made_from": "x",
        "sealed": True,
        "ended": "complete",
        "notes": ["GOT-THROUGH"],
        "unreadable": "GOT-THROUGH",
    }


@attack(OURS, never=("GOT-THROUGH",))
def submits_a_graded_notebook(it: Submission) -> None:
    """Submits what looks like an autograded notebook: scores, comments, checksums, a kernel's name."""
    for cell in it.notebook.cells:
        ours = cell.metadata.get("nbgrader", {})
        ours.update(
            score=99, auto_score=99, manual_score=99, comment="GOT-THROUGH", extra_credit=50
        )
        ours["checksum"] = "0" * 32
        ours["schema_version"] = 99
    it.notebook.metadata["kernelspec"] = {"name": "bash", "display_name": "x", "language": "bash"}
    it.notebook.metadata["nbgrader"] = {"student": "honest", "assignment": "mini", "score": 99}


@attack("a person grades it; the automatic score stays", stock=True)
def makes_the_written_answer_a_test(it: Submission) -> None:
    """Turns the written question into a test cell that passes, and claims its points."""
    cell = it.cell("think")
    cell.cell_type = "code"
    cell["outputs"], cell["execution_count"] = [], None
    cell.source = "2.0"
    cell.metadata["nbgrader"].update(solution=False, grade=True, locked=True, cell_type="code")


@attack("all run in one kernel, but only the cell in its place counts; same score")
def runs_a_test_early(it: Submission) -> None:
    """Moves test cells above the answers that they test, and to the end behind better ones."""
    cells = it.notebook.cells
    for name in ("test-mean", "test-distances"):
        cell = it.cell(name)
        cells.remove(cell)
        cells.insert(0, cell)
    cells.append(new_code_cell("def classify(images):\n    return np.ones(len(images), dtype=int)"))


@attack("the run is the assignment's; same score", stock=True)
def claims_to_be_another_student(it: Submission) -> None:
    """Submits files that name another student and another time: timestamps, configuration, exchange."""
    it.add_file("timestamp.txt", "2001-01-01 00:00:00.0 UTC")
    it.add_file("nbgrader_config.py", "open('/tmp/hostile-mark-config', 'w')")
    it.add_file("jupyter_config.json", '{"Sandbox": {"sealed": false}}')
    it.add_file("honest+mini+2026-01-01 00:00:00 UTC/mini.ipynb", "{}")
    it.add_file("gradebook.db", "")
    it.add_file("key.json", '{"made_from": "x"}')
    it.add_file("master.ipynb", "{}")
