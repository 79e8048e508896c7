"""From release to feedback with clicks, on real accounts: two students, two TAs."""

import hashlib
import re
import shutil
import subprocess
from urllib.parse import quote

from browser import Grader, Page, Person, Student
from notebooks import automatic_grades, solutions, solve
from server import Installation

PUBLIC_HOST = re.compile(r"""(?:src|href)\s*=\s*["'](?:https?:)?//(?!127\.0\.0\.1)""")


def test_whole_loop(hub: Installation, people: dict[str, Person], released: str) -> None:
    student1, student2, ta1, ta2 = (people[name] for name in ("student1", "student2", "ta1", "ta2"))
    assert isinstance(student1, Student)
    assert isinstance(student2, Student)
    assert isinstance(ta1, Grader)
    assert isinstance(ta2, Grader)
    assert_all_can_log_in(student1)
    answers = solutions(hub.course, released)
    notebooks = {}
    for student, left_out in ((student1, 0), (student2, 4)):
        student.open_course()
        assert "Not fetched yet." in student.card(released).inner_text()
        student.fetch(released)
        notebook = hub.home(student.name) / "tinytorch" / released / f"{released}.ipynb"
        notebooks[student.name] = notebook
        assert "0 of 6 visible tests hold" in student.validate(released)
        solve(notebook, answers, left_out)
    solve(notebooks[student2.name], {"think": "It sums over the columns."})
    said = student1.validate(released)
    assert "Success" not in said
    assert re.search(r"6 of 6 visible tests hold\. \d\d+ more checks run after you hand in\.", said)
    student1.picture("validated")
    assert re.search(r"[1-5] of 6 visible tests hold", said := student2.validate(released))
    assert "not written yet" in said and "Traceback" not in said
    assert_check_tells_what_the_grade_will(student1, student2, released)
    assert_submit_hands_in_the_screen(hub, student1, released)
    said = student2.ask_to_submit(released)  # untouched answers are named, and not refused
    assert "6. See it work" in said and "digit_scores" in said and "Think" not in said
    student2.hand_in()
    student1.submit(released)
    student1.card(released).get_by_text("History and receipts (2)").wait_for()
    student1.picture("submitted")
    student1.assert_good_for_everybody(student1.page, "course-page")
    assert "waiting" in student1.card(released).inner_text()

    assert "Success" in ta1.press(released, "collect")
    answer = ta1.begin_for(released, student1.name, "autograde")
    assert ta2.status_of("/services/tinytorch/formgrader/api/assignments") == 200
    assert not answer.is_visible(), "other pages have to wait until a submission is graded"
    assert "Done." in ta2.do_for_class(released, "Autograde")
    ta2.assert_good_for_everybody(ta2.page, "formgrader-whole-class")
    assert "graded, sealed" in answer.inner_text()
    status, _ = ta1.status_and_score(released, student1.name)
    assert status == "needs manual grading"
    ta1.picture("formgrader-submissions")
    order = [student.name for student in (student1, student2)]
    places = ta1.places(released)
    assert set(order) <= set(places)
    ta1.grade_by_hand(released, places[student1.name], "think", "3", "Right: $x^2$, **well said**.")
    ta1.picture("formgrader-written-answer")
    status, _ = ta1.status_and_score(released, student1.name)
    assert status == "graded"
    assert ta1.errors == []
    assert re.search(r"(\d+) of \1\. Done\.", ta1.do_for_class(released, "Generate feedback"))
    question, ended = ta2.release_for_class(released)
    assert student2.name in question and student1.name not in question
    assert "Done." in ended and "could not be done" not in ended

    for student, points, waits in ((student1, "3 of 4", False), (student2, "(of 4)", True)):
        student.open_course()
        assert "There is new feedback." in student.card(released).inner_text()
        student.read_feedback(released)
        text = student.page.locator("#summary").inner_text()
        assert points in text
        assert ("not graded yet" in text) == waits
        assert "Test cell" not in student.page.locator("body").inner_text()
        assert ("do not hold" in text) == waits
        [page] = (notebooks[student.name].parent / "feedback").glob("*/*.html")
        assert not PUBLIC_HOST.search(page.read_text())
    assert "well said" in student1.page.locator("#comments").inner_text()
    assert student1.page.locator("math").count() > 0
    student1.picture("feedback")
    assert_links_stay_on_the_page(student1.page)
    [page] = (notebooks[student1.name].parent / "feedback").glob("*/*.html")
    outside = student1.page.context.new_page()  # on the hub nothing runs in it, axe neither
    outside.goto(page.as_uri())
    student1.assert_good_for_everybody(outside, "feedback")
    assert_links_stay_on_the_page(outside)
    outside.close()
    assert_links_stay_in_jupyterlab(student1, hub, released)
    student2.open_course()
    assert "4 points are not graded yet" in student2.card(released).inner_text()
    assert_a_question_comes_back_answered(student2, student1, ta1, released)
    for person in people.values():
        assert person.asked_elsewhere == []
    assert_same_as_make(hub)


def assert_all_can_log_in(student: Student) -> None:
    """Look at the page on which everybody begins, as somebody who has not logged in."""
    browser = student.page.context.browser
    assert browser is not None
    stranger = browser.new_context()
    page = stranger.new_page()
    page.goto(f"{student.address}/hub/login")
    student.assert_good_for_everybody(page, "login")
    stranger.close()


def assert_check_tells_what_the_grade_will(right: Student, wrong: Student, released: str) -> None:
    """Ask which hidden checks hold, before anything is handed in: names, and no hints."""
    said = right.check(released)
    found = re.search(r"(\d+) of (\d+) checks hold", said)
    assert found and found[1] == found[2] and "✗" not in said
    assert "You may ask 9 more times today." in said
    right.picture("checked")
    said = wrong.check(released)
    found = re.search(r"(\d+) of (\d+) checks hold", said)
    assert found and 0 < int(found[1]) < int(found[2])
    listed = said.count("✗ fails")
    assert listed == int(found[2]) - int(found[1]), "what holds is folded, what fails is not"
    assert "The tensor: all" in said and len(said.splitlines()) < int(found[2])
    assert "not written yet" not in said, "a hint was told"


def assert_a_question_comes_back_answered(
    who: Student, other: Student, ta: Grader, released: str
) -> None:
    """Ask about a check that does not hold; the queue has it, and only its student the answer."""
    question = "Why does <b>this</b> not hold?"
    check = who.ask_about_grade(released, question)
    assert "waiting" in who.card(released).inner_text()
    said = ta.answer_question(question, "Look at axis=1 & try again.")
    assert all(part in said for part in (who.name, check, question))
    ta.picture("formgrader-questions")
    ta.assert_good_for_everybody(ta.page, "formgrader-questions")
    for student, expected in ((who, True), (other, False)):
        student.open_course()
        assert ("Look at axis=1 & try again." in student.card(released).inner_text()) is expected
    who.picture("question-answered")
    who.assert_good_for_everybody(who.page, "course-page-with-question")


def assert_submit_hands_in_the_screen(hub: Installation, student: Student, released: str) -> None:
    """Type, save nothing, submit from the page: what arrives is what stands on the screen."""
    typed = f"I am {student.name}, and $\\sum_i x_i^2$ is a formula."
    lab = student.open_notebook(released)
    student.type_answer(lab, typed)
    notebook = hub.home(student.name) / "tinytorch" / released / f"{released}.ipynb"
    assert student.name not in notebook.read_text(), "it was saved without being asked"
    receipt = student.submit(released)
    [arrived] = hub.inbound.glob(f"{student.name}+*/{released}.ipynb")
    content = arrived.read_bytes()
    assert content == notebook.read_bytes()
    assert student.name.encode() in content
    assert hashlib.sha256(content).hexdigest() in receipt
    assert f"{len(content):,} bytes" in receipt
    lab.close()


def assert_links_stay_on_the_page(page: Page) -> None:
    """Follow a link of the table: its target is seen, on the same page."""
    address = page.url
    page.locator("#made-of a").last.click()
    assert page.url.startswith(address)
    assert page.locator("#cell-think").is_visible()


def assert_links_stay_in_jupyterlab(student: Student, hub: Installation, assignment: str) -> None:
    """Open the feedback in JupyterLab and follow a link, which once led to a refusal."""
    home = hub.home(student.name)
    [file] = (home / "tinytorch" / assignment / "feedback").glob("*/*.html")
    path = quote(str(file.relative_to(home)))
    student.page.goto(f"{student.address}/user/{student.name}/lab/tree/{path}")
    shown = student.page.frame_locator("iframe")
    shown.locator("#made-of a").last.click()
    student.page.wait_for_timeout(1000)
    assert shown.locator("#cell-think").is_visible()
    assert all("/files/" not in frame.url for frame in student.page.frames)
    student.picture("feedback-in-jupyterlab")


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
