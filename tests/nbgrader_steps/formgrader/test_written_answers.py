"""Formgrader's pages of written answers: several people grade one question and lose nothing."""

import json
import re
import shutil
from urllib.parse import quote

import pytest
from formgrader_server import Formgrader
from jupyter_server.auth import IdentityProvider, User
from nbgrader.api import Comment, Grade, Gradebook, SubmittedNotebook
from sqlalchemy import create_engine, select

from grading.engine.slot import GradingFailed
from grading.grades.own_tables import GIVEN
from grading.nbgrader_steps.formgrader import long_steps
from grading.nbgrader_steps.formgrader.written import answering, install
from grading.sandbox.settings import PROJECT

ODD = "[y]"
STUDENTS = [ODD, *(f"student-{number:02}" for number in range(1, 20))]
PAGE = f"written_answers/{quote(ODD)}/{quote(ODD)}/why"
ABOUT = re.compile(r'<script type="application/json" id="about">(.*?)</script>', re.DOTALL)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Return a course of twenty answers that wait, under names that are patterns elsewhere."""
    root = tmp_path_factory.mktemp("written")
    shutil.copy(PROJECT / "nbgrader_config.py", root)
    with Gradebook(url_of(root), "tinytorch") as gradebook:
        for name in (ODD, "z_last"):
            gradebook.add_assignment(name)
            gradebook.add_notebook(name, name)
            gradebook.add_grade_cell("why", name, name, max_score=3, cell_type="markdown")
            gradebook.add_solution_cell("why", name, name)
            gradebook.add_grade_cell("test", name, name, max_score=2, cell_type="code")
        for student in STUDENTS:
            gradebook.add_student(student)
            for name in (ODD, "z_last"):
                submission = gradebook.add_submission(name, student)
                for cell in submission.notebooks[0].grades:
                    cell.needs_manual_grade = cell.name == "why"
        gradebook.db.commit()
    return root


@pytest.fixture
def root(built, tmp_path):
    return shutil.copytree(built, tmp_path / "course")


@pytest.fixture
def server(root, monkeypatch):
    return Formgrader(root, monkeypatch)


@pytest.fixture
def asked(monkeypatch):
    """Return what a worker is asked to render, with the bytes of its file."""
    asked = []

    def render(request, notebook, config):
        asked.append((request, notebook))
        return "<p>rendered</p>"

    monkeypatch.setattr(answering, "render", render)
    return asked


def url_of(root):
    return f"sqlite:///{root / 'gradebook.db'}"


def about(server, page=PAGE):
    answer = server.get(page)
    assert answer.code == 200
    return json.loads(ABOUT.search(answer.body.decode())[1])


def put(server, one, score="2", comment="", version=None):
    said = {"score": score, "comment": comment, "version": version or one["version"]}
    answer = server.put(f"api/written_answers/{one['id']}", json.dumps(said))
    return answer.code, json.loads(answer.body)


def log_in(server, name, full_name=None):
    class Person(IdentityProvider):
        async def get_user(self, handler):
            return User(name, full_name or name)

    server.application.settings["identity_provider"] = Person()


def grades(root):
    with Gradebook(url_of(root)) as gradebook:
        found = gradebook.db.query(Grade).join(SubmittedNotebook).all()
        return {
            one.student.id: (one.manual_score, one.needs_manual_grade)
            for one in found
            if one.name == "why" and one.assignment.name == ODD
        }


def given(root):
    engine = create_engine(url_of(root))
    with engine.connect() as connection:
        rows = list(connection.execute(select(GIVEN).order_by(GIVEN.c.at)))
    engine.dispose()
    return rows


def test_two_graders_who_take_turns_lose_none_of_twenty_answers(server, root):
    pages, wanted, who = {"first": about(server), "second": about(server)}, {}, {}
    for number in range(20):
        name = ("first", "second")[number % 2]
        log_in(server, name)
        one = next(answer for answer in pages[name]["answers"] if answer["waits"])
        code, said = put(server, one, f"{number % 4}", f"by {name}")
        if code == 409:
            assert said["now"]["who"] in pages
            pages[name] = about(server)
            one = next(answer for answer in pages[name]["answers"] if answer["waits"])
            code, said = put(server, one, f"{number % 4}", f"by {name}")
        assert code == 200
        pages[name]["answers"] = said["answers"] if number % 3 else pages[name]["answers"]
        wanted[one["student"]], who[one["id"]] = (float(number % 4), False), name
    assert grades(root) == wanted and len(wanted) == 20
    assert {row.grade_id: row.who for row in given(root)} == who
    assert len(given(root)) == 20


def test_a_stale_save_is_refused_with_what_stands_there_and_changes_nothing(server, root):
    one, same = about(server)["answers"][0], about(server)["answers"][0]
    log_in(server, "first")
    assert put(server, one, "3", "Good.")[0] == 200
    log_in(server, "second")
    code, said = put(server, same, "0", "Wrong.")
    assert code == 409 and "nothing of yours was saved" in said["why"]
    now = said["now"]
    assert (now["score"], now["comment"], now["who"]) == (3, "Good.", "first")
    assert grades(root)[one["student"]] == (3, False) and len(given(root)) == 1
    assert put(server, one, "0", "Wrong.", now["version"])[0] == 200
    assert [row.score for row in given(root)] == [3, 0]


CHANGES = {
    "points": lambda grade, comment: setattr(grade, "manual_score", 1),
    "extra credit": lambda grade, comment: setattr(grade, "extra_credit", 1),
    "what waits": lambda grade, comment: setattr(grade, "needs_manual_grade", False),
    "automatic points": lambda grade, comment: setattr(grade, "auto_score", 1),
    "the comment": lambda grade, comment: setattr(comment, "manual_comment", "Elsewhere."),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_was_changed_elsewhere_makes_a_save_stale_too(server, root, what):
    one = about(server)["answers"][0]
    with Gradebook(url_of(root)) as gradebook:
        grade = gradebook.db.query(Grade).filter(Grade.id == one["id"]).one()
        comment = gradebook.db.query(Comment).filter(Comment.notebook_id == grade.notebook_id)
        CHANGES[what](grade, comment.one())
        gradebook.db.commit()
    assert put(server, one)[0] == 409 and given(root) == []


def test_who_is_not_named_for_points_that_came_from_elsewhere(server, root):
    one = about(server)["answers"][0]
    put(server, one, "2")
    with Gradebook(url_of(root)) as gradebook:
        gradebook.db.query(Grade).filter(Grade.id == one["id"]).one().manual_score = 1
        gradebook.db.commit()
    now = about(server)["answers"][0]
    assert (now["score"], now["who"], now["at"]) == (1, "", "")


@pytest.mark.parametrize(
    "score",
    ["7", "3.01", "-1", "", " ", "three", "nan", "inf", "1e0", "2,5", "1_0", "٣", "0x1", "9" * 400],
)
def test_what_is_no_number_of_points_is_refused_in_a_sentence(server, root, score):
    one = about(server)["answers"][0]
    code, said = put(server, one, score)
    assert code == 400 and said["why"].endswith(".") and "3" in said["why"]
    assert grades(root)[one["student"]] == (None, True) and given(root) == []


@pytest.mark.parametrize(
    "body", ["[]", '{"score": 2}', '{"score": 2, "comment": "", "version": ""}']
)
def test_a_body_that_is_none_is_refused(server, root, body):
    one = about(server)["answers"][0]
    assert server.put(f"api/written_answers/{one['id']}", body).code == 400
    assert given(root) == []


def test_too_long_a_comment_is_refused(server, root):
    one = about(server)["answers"][0]
    assert put(server, one, "1", "x" * 10_001)[0] == 400 and given(root) == []


def test_points_are_given_as_formgraders_own_page_gives_them(server, root):
    first, second = about(server)["answers"][:2]
    server.get(f"api/grade/{first['id']}")
    formgraders = server.application.settings["nbgrader_gradebook"]
    held = formgraders.find_grade_by_id(first["id"])
    assert held.manual_score is None
    assert put(server, first, "1.5", "  Nearly.  ")[0] == 200
    shown = json.loads(server.get(f"api/grade/{first['id']}").body)
    assert (shown["manual_score"], shown["needs_manual_grade"]) == (1.5, False)
    server.put(f"api/grade/{second['id']}", json.dumps({"manual_score": 1.5}))
    assert grades(root)[first["student"]] == grades(root)[second["student"]] == (1.5, False)
    with Gradebook(url_of(root)) as gradebook:
        notebook = gradebook.find_submission_notebook("[y]", "[y]", first["student"])
        assert [one.comment for one in notebook.comments] == ["Nearly."]


def test_a_comment_is_kept_where_nbgrader_has_no_row_for_it_and_taken_away_again(server, root):
    with Gradebook(url_of(root)) as gradebook:
        gradebook.db.query(Comment).delete()
        gradebook.db.commit()
    one = about(server)["answers"][0]
    saved = put(server, one, "1", "New.")[1]["saved"]
    assert saved["comment"] == "New."
    assert put(server, saved, "1", "")[1]["saved"]["comment"] == ""


def test_comments_used_for_this_question_are_offered_again_the_most_frequent_first(server):
    answers = about(server)["answers"]
    for one, comment in zip(answers, ["Once.", "Twice.", "Twice.", ""], strict=False):
        said = put(server, one, "1", comment)[1]
    assert said["comments"] == about(server)["comments"] == ["Twice.", "Once."]
    assert about(server, "written_answers/z_last/z_last/why")["comments"] == []


def test_what_is_left_is_counted_and_the_next_question_is_linked(server):
    page = server.get(PAGE).body.decode()
    assert 'href="/formgrader/written_answers/z_last/z_last/why"' in page and "(20 left)" in page
    put(server, about(server)["answers"][0])
    listed = server.get("written_answers").body.decode()
    assert "<h1>Written answers (39 left)</h1>" in listed
    assert 'href="/formgrader/whole_class"' in listed and 'href="/formgrader/questions"' in listed
    rows = listed.split("<tr>")
    assert 'class="number">19</td>' in rows[2] and f'href="/formgrader/{PAGE}"' in rows[2]
    assert 'class="number">20</td>' in rows[3] and "test" not in "".join(rows)
    assert "z_last" not in server.get(f"written_answers/{quote(ODD)}").body.decode()


def test_two_graders_begin_at_answers_that_wait_and_apart(server):
    starts = {}
    for name in ("first", "second", "third"):
        log_in(server, name)
        starts[name] = about(server)["start"]
    assert len({*starts.values()}) > 1
    put(server, about(server)["answers"][starts["third"]])
    again = about(server)
    assert again["answers"][again["start"]]["waits"]


def test_a_server_with_one_token_names_its_account(server, root, monkeypatch):
    monkeypatch.setattr(long_steps, "account_name", lambda: "the account")
    log_in(server, "5f1c", "Anonymous Metis")
    put(server, about(server)["answers"][0])
    log_in(server, "ta-01")
    put(server, about(server)["answers"][1])
    assert [row.who for row in given(root)] == ["the account", "ta-01"]


def test_each_of_formgraders_pages_links_to_its_questions_once(server):
    install()
    for page, leads in (("gradebook", ""), (f"gradebook/{quote(ODD)}", f"/{quote(ODD)}")):
        link = f'<a href="/formgrader/written_answers{leads}">Written Answers</a>'
        assert server.get(page).body.decode().count(link) == 1


def test_answers_are_rendered_by_a_worker_from_the_files_bytes(server, root, asked):
    folder = root / "autograded" / ODD / ODD
    folder.mkdir(parents=True)
    (folder / f"{ODD}.ipynb").write_bytes(b"\xff not read here")
    one = next(one for one in about(server)["answers"] if one["student"] == ODD)
    answer = server.get(f"api/written_answers/{one['id']}")
    [(request, notebook)] = asked
    assert answer.code == 200 and b"<p>rendered</p>" in answer.body
    assert notebook == b"\xff not read here"
    assert (request["do"], request["cell"], request["question"]) == ("answer", "why", False)


def test_our_answer_comes_from_the_kept_notebook(server, root, asked):
    (root / "answer_key" / ODD).mkdir(parents=True)
    (root / "answer_key" / ODD / "released.ipynb").write_text(
        '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    )
    answer = server.get(about(server)["model"].removeprefix("/formgrader/"))
    [(request, notebook)] = asked
    assert answer.code == 200 and notebook.startswith(b'{"cells"')
    assert (request["cell"], request["question"]) == ("why", True)


def test_what_is_shown_of_an_answer_can_do_nothing(server, root, asked):
    one = about(server)["answers"][0]
    for page in (f"api/written_answers/{one['id']}", about(server)["model"][len("/formgrader/") :]):
        answer = server.get(page)
        policy = answer.headers["Content-Security-Policy"]
        assert answer.code == 404 and "There is no graded notebook" in answer.body.decode()
        assert "default-src 'none'" in policy and "sandbox" in policy
        assert "script" not in policy and answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_page_runs_our_script_alone_whatever_was_written(server, root):
    one, bad = about(server)["answers"][0], "</script><script>alert(1)</script>"
    assert put(server, one, "1", bad)[0] == 200
    answer = server.get(PAGE)
    policy = answer.headers["Content-Security-Policy"]
    assert b"alert(1)" in answer.body and b"<script>alert" not in answer.body
    assert policy.startswith("default-src 'none'") and "script-src 'sha256-" in policy
    assert "unsafe-inline" not in policy.partition("script-src")[2]
    assert answer.body.count(b'sandbox="allow-same-origin"') == answer.body.count(b"<iframe") == 2


def test_a_worker_that_fails_is_told_in_a_sentence(server, root, monkeypatch):
    def fails(*_):
        raise GradingFailed("ValueError: <b>bad</b>")

    folder = root / "autograded" / ODD / ODD
    folder.mkdir(parents=True)
    (folder / f"{ODD}.ipynb").write_text("")
    monkeypatch.setattr(answering, "render", fails)
    one = next(one for one in about(server)["answers"] if one["student"] == ODD)
    answer = server.get(f"api/written_answers/{one['id']}")
    assert answer.code == 502 and b"cannot be shown" in answer.body and b"<b>" not in answer.body


@pytest.mark.parametrize(
    "path",
    [
        *("written_answers/z_last/z_last/test", "written_answers/z_last/other/why"),
        *("api/written_answers/none", "api/written_answers/z_last/z_last/test/model"),
    ],
)
def test_what_is_not_there_is_answered_so(server, asked, path):
    assert server.get(path).code == 404 and asked == []


def test_points_for_an_answer_that_is_not_there_are_refused(server, root):
    assert put(server, {"id": "none", "version": "x"})[0] == 404 and given(root) == []


def test_a_stranger_sees_and_saves_nothing(server, root):
    now = about(server)
    one, model = now["answers"][0], now["model"].removeprefix("/formgrader/")

    class Nobody(IdentityProvider):
        async def get_user(self, handler):
            return None

    server.application.settings |= {"identity_provider": Nobody(), "login_url": "/login"}
    for path in ("written_answers", PAGE, f"api/written_answers/{one['id']}", model):
        answer = server.get(path)
        assert answer.code in (302, 403) and b"student" not in answer.body
    said = json.dumps({"score": "1", "comment": "", "version": one["version"]})
    assert server.put(f"api/written_answers/{one['id']}", said).code == 403
    assert given(root) == []


def test_a_save_from_another_site_is_refused(server, root):
    one = about(server)["answers"][0]
    server.application.settings |= {"disable_check_xsrf": False, "xsrf_cookies": True}
    said = json.dumps({"score": "1", "comment": "", "version": one["version"]})
    assert server.put(f"api/written_answers/{one['id']}", said).code == 403
    assert "_xsrf=" in server.get(PAGE).headers["Set-Cookie"] and given(root) == []
