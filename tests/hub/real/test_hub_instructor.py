"""An instructor makes an assignment, and changes one after the release, in JupyterLab."""

import nbformat
from browser import Grader, Person
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from notebooks import automatic_grades
from server import Installation

HARDER = """### BEGIN HIDDEN TESTS
from grading import check

check("the instructor thought of something new", lambda: Tensor([float(v) for v in range(77)]))
"""

NEW = "11_doubling"
ANSWER = """def double(number):
    ### BEGIN SOLUTION
    return 2 * number
    ### END SOLUTION"""
TEST = """assert double(2) == 4
### BEGIN HIDDEN TESTS
from grading import check

check("doubles", lambda: double(21))
### END HIDDEN TESTS"""


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

    test.source = test.source.replace("something new", "something else")
    ta1.save(path, notebook)
    before = automatic_grades(hub.course / "gradebook.db")
    shown = ta1.preview_regrade(released)
    assert "1 submission would change" in shown and "something else" in shown
    ta1.picture("formgrader-regrade")
    ta1.assert_good_for_everybody(ta1.page, "formgrader-regrade")
    assert automatic_grades(hub.course / "gradebook.db") == before
    why = "a test of something else"
    assert "1 submission changed" in ta1.apply_regrade(why)
    assert "something else" in graded.read_text()
    assert "1 submission as before" in ta1.take_regrade_back(why)
    assert "something new" in graded.read_text()
    assert automatic_grades(hub.course / "gradebook.db") == before


def test_an_assignment_is_made(hub: Installation, people: dict[str, Person]) -> None:
    ta1 = people["ta1"]
    assert isinstance(ta1, Grader)
    lab = ta1.add_assignment(NEW)
    assert lab.url.split("?")[0].endswith(f"/services/tinytorch/lab/tree/source/{NEW}")
    ta1.save(f"source/{NEW}/draft.ipynb", _notebook())
    assert "Rename, move or remove draft.ipynb, draft.py." in _one_line(ta1.press(NEW, "assign"))
    for draft in (hub.course / "source" / NEW).glob("draft.*"):
        draft.unlink()

    ta1.save(f"source/{NEW}/{NEW}.ipynb", _notebook())
    text = (hub.course / "source" / NEW / f"{NEW}.py").read_text()
    assert "return 2 * number" in text
    assert "Success" in ta1.press(NEW, "assign")
    released = {path.name for path in (hub.course / "release" / NEW).iterdir()}
    assert released == {f"{NEW}.ipynb", "tinytorch"}
    assert "2 * number" not in (hub.course / "release" / NEW / f"{NEW}.ipynb").read_text()


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _notebook() -> dict[str, object]:
    answer, test = (
        {
            "grade": points > 0,
            "grade_id": name,
            "locked": points > 0,
            "schema_version": 3,
            "solution": points == 0,
            "task": False,
            **({"points": points} if points else {}),
        }
        for name, points in (("double", 0), ("test-double", 2))
    )
    cells = [
        new_markdown_cell("# Doubling"),
        new_code_cell(ANSWER, metadata={"nbgrader": answer}),
        new_code_cell(TEST, metadata={"nbgrader": test}),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return dict(new_notebook(cells=cells, metadata={"kernelspec": kernel}))
