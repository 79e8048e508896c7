"""Formgrader's page of questions about grades: what waits, what it is about, and the answers."""

import json
import re

import pytest
from formgrader_server import Formgrader
from graded_class import CHECKS

from grading.grades.asked import Questions, ask, queue
from grading.grades.gradebook import RunGradebook
from grading.nbgrader_steps.formgrader.asked import install
from grading.nbgrader_steps.formgrader.links import LINKS

NASTY = '<script>alert(1)</script> & "why"'


@pytest.fixture
def server(graded_class, monkeypatch):
    return Formgrader(graded_class.mini.course.root, monkeypatch)


@pytest.fixture
def put(graded_class):
    def put(text="Why?", student="student-03", check=CHECKS[0]):
        about = ("01_mini", "test-double", check)
        checks = {("test-double", check)}
        with RunGradebook(graded_class.url) as gradebook:
            return ask(gradebook, Questions(), student, about, checks, text)

    return put


def save(server, one, text="Because.", read=""):
    body = json.dumps({"answer": text, "read": read})
    answer = server.put(f"api/questions/{one.id}", body)
    return answer.code, json.loads(answer.body)


def page(server):
    answer = server.get("questions")
    assert answer.code == 200
    return answer.body.decode()


def test_the_queue_shows_whose_of_which_check_and_what_came_of_it(server, put, graded_class):
    put()
    text = page(server)
    assert "Questions about grades (1 waiting)" in text
    assert f"check: <strong>{CHECKS[0]}</strong> (values differ); 3 of 4 checks hold" in text
    assert "student-03" in text and "<pre>Why?</pre>" in text
    (link,) = re.findall(r'href="[^"]*/formgrader/(submissions/[^"]+)/"', text)
    assert server.get(f"{link}/").code in (200, 301, 302)


def test_without_questions_it_says_so(server):
    assert "No question waits for an answer." in page(server)


def test_what_a_student_wrote_is_text_and_our_script_alone_runs(server, put):
    put(NASTY)
    answer = server.get("questions")
    text = answer.body.decode()
    assert "<script>alert" not in text and "&lt;script&gt;alert(1)" in text
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src 'sha256-" in policy
    assert len(re.findall(r"<script", text)) == 1


def test_an_answer_is_saved_with_who_gave_it_and_stands_below(server, put, graded_class):
    code, said = save(server, put())
    assert (code, said["saved"]["answer"], bool(said["saved"]["who"])) == (200, "Because.", True)
    with RunGradebook(graded_class.url) as gradebook:
        assert [len(part) for part in queue(gradebook)] == [0, 1]
    text = page(server)
    assert "(0 waiting)" in text and "Because.</textarea>" in text


def test_who_answers_second_is_shown_what_stands_there(server, put):
    one = put()
    save(server, one, "First.")
    code, said = save(server, one, "Second.")
    assert (code, said["now"]["answer"]) == (409, "First.") and "nothing was saved" in said["why"]
    assert save(server, one, "Second.", read="First.")[0] == 200


def test_what_cannot_be_saved_is_refused_in_a_sentence(server, put):
    one = put()
    assert save(server, one, " ")[0] == 400
    assert server.put(f"api/questions/{one.id}", "[]").code == 400
    assert save(server, one._replace(id="0" * 32))[0] == 404


def test_every_page_leads_to_it_once(server):
    install()
    assert LINKS["Questions about Grades"]({}) == "/formgrader/questions"
    text = server.get("gradebook").body.decode()
    assert text.count("/formgrader/questions") == 1
