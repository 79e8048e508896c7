"""An instructor changes a hidden test after the release, in JupyterLab, and regrades."""

import nbformat
from browser import Grader, Person
from notebooks import automatic_grades
from server import Installation

HARDER = """### BEGIN HIDDEN TESTS
from grading import check

check("the instructor thought of something new", lambda: Tensor([float(v) for v in range(77)]))
"""


def test_a_hidden_test_changes_after_the_release(
    hub: Installation, people: dict[str, Person], released: str
) -> None:
    ta1, student1 = people["ta1"], people["student1"]
    assert isinstance(ta1, Grader)
    unsolved = hub.course / "release" / released / f"{released}.ipynb"
    hub.put_submission(student1.name, released, unsolved.read_text())
    assert "graded, sealed" in ta1.press_for(released, student1.name, "autograde")
    cells = {cell for student, cell in automatic_grades(hub.course / "gradebook.db")}

    path = f"source/{released}/{released}.ipynb"
    notebook = nbformat.read(hub.course / path, as_version=4)
    test = next(c for c in notebook.cells if "BEGIN HIDDEN TESTS" in c.source)
    rest = test.source.partition("### BEGIN HIDDEN TESTS\nfrom grading import check\n")[2]
    test.source = HARDER + rest
    ta1.save(path, notebook)
    text = (hub.course / "source" / released / f"{released}.py").read_text()
    assert "the instructor thought of something new" in text
    ta1.page.goto(f"{ta1.address}/services/tinytorch/lab/tree/{path}")
    ta1.page.wait_for_selector(".jp-Notebook", timeout=120_000)
    ta1.picture("instructor-in-jupyterlab")

    assert "Success" in ta1.press(released, "assign")
    assert "something new" not in unsolved.read_text()
    assert "graded, sealed" in ta1.press_for(released, student1.name, "autograde")
    graded = hub.course / "autograded" / student1.name / released / f"{released}.ipynb"
    assert "the instructor thought of something new" in graded.read_text()
    assert {cell for student, cell in automatic_grades(hub.course / "gradebook.db")} == cells
