"""From release to feedback with clicks, on real accounts: two students, two TAs."""

import re
import shutil
import subprocess

from browser import Grader, Person, Student
from notebooks import automatic_grades, solutions, solve
from server import Installation

PUBLIC_HOST = re.compile(r"""(?:src|href)\s*=\s*["'](?:https?:)?//(?!127\.0\.0\.1)""")


def test_whole_loop(hub: Installation, people: dict[str, Person], released: str) -> None:
    student1, student2, ta1, ta2 = (people[name] for name in ("student1", "student2", "ta1", "ta2"))
    assert isinstance(student1, Student)
    assert isinstance(student2, Student)
    assert isinstance(ta1, Grader)
    assert isinstance(ta2, Grader)
    answers = solutions(hub.course, released)
    notebooks = {}
    for student, left_out in ((student1, 0), (student2, 4)):
        student.open_list()
        student.fetch(released)
        notebook = hub.home(student.name) / "tinytorch" / released / f"{released}.ipynb"
        notebooks[student.name] = notebook
        assert "failed" in student.validate(released)
        solve(notebook, answers, left_out)
        student.write_answer(
            f"tinytorch/{released}/{released}.ipynb",
            f"I am {student.name}, and $\\sum_i x_i^2$ is a formula.",
        )
        student.picture(f"notebook-{left_out}")
        student.open_list()
    assert "Success! Your notebook passes all the tests." in student1.validate(released)
    student1.picture("validated")
    assert "failed" in student2.validate(released)
    student2.submit(released)
    student1.submit(released)
    student1.submit(released)
    student1.picture("submitted")

    assert "Success" in ta1.press(released, "collect")
    answer = ta1.begin_for(released, student1.name, "autograde")
    assert ta2.status_of("/services/tinytorch/formgrader/api/assignments") == 200
    assert not answer.is_visible(), "other pages have to wait until a submission is graded"
    assert "graded, sealed" in ta2.press_for(released, student2.name, "autograde")
    assert "graded, sealed" in answer.inner_text()
    status, _ = ta1.status_and_score(released, student1.name)
    assert status == "needs manual grading"
    ta1.picture("formgrader-submissions")
    order = [student.name for student in (student1, student2)]
    places = ta1.places(released)
    assert set(order) <= set(places)
    ta1.grade_by_hand(released, places[student1.name], "think", "3", "Right: $x^2$, **well said**.")
    ta1.picture("formgrader-written-answer")
    ta2.grade_by_hand(released, places[student2.name], "think", "1", "Which axis?")
    status, _ = ta1.status_and_score(released, student1.name)
    assert status == "graded"
    assert "Success" in ta1.press(released, "generate-feedback")
    assert "Success" in ta2.press(released, "release-feedback")

    for student, points, comment in (
        (student1, "3.0 / 4.0", "well said"),
        (student2, "1.0 / 4.0", "axis"),
    ):
        student.open_list()
        student.fetch_feedback(released)
        [page] = (notebooks[student.name].parent / "feedback").glob("*/*.html")
        text = page.read_text()
        assert points in text
        assert comment in text
        assert "<math" in text
        assert not PUBLIC_HOST.search(text)
    student1.picture("feedback-in-the-list")
    show_feedback(student1, hub, released)
    for person in people.values():
        assert person.asked_elsewhere == []
    assert_same_as_make(hub)


def show_feedback(student: Student, hub: Installation, assignment: str) -> None:
    """Open the feedback as JupyterLab shows it, with formulas that need no script."""
    folder = hub.home(student.name) / "tinytorch" / assignment / "feedback"
    [page] = folder.glob("*/*.html")
    relative = page.relative_to(hub.home(student.name))
    student.page.goto(f"{student.address}/user/{student.name}/files/{relative}")
    assert student.page.locator("math").count() > 0
    student.picture("feedback")


def assert_same_as_make(hub: Installation) -> None:
    """Grade the same submissions with the command behind `make autograde`: the same scores."""
    by_hub = automatic_grades(hub.course / "gradebook.db")
    again = hub.srv / "again"
    shutil.copytree(hub.course, again, ignore=shutil.ignore_patterns("autograded", "feedback"))
    shutil.rmtree(again / "autograded", ignore_errors=True)
    subprocess.run(["chown", "-R", f"{hub.settings.grader}:", again], check=True)
    hub.run_step("autograde", again)
    by_make = automatic_grades(again / "gradebook.db")  # of everybody who has submitted by now
    assert {place: by_make.get(place) for place in by_hub} == by_hub
    assert any(score > 0 for score in by_hub.values())
    assert any(score == 0 for score in by_hub.values())
