"""Formgrader shows the class page as it is at that moment, to whoever may open Formgrader."""

import pytest
from formgrader_server import Formgrader
from jupyter_server.auth import IdentityProvider
from nbgrader.api import Gradebook

from grading.course.errors import CourseError
from grading.nbgrader_steps.formgrader import class_page as handler
from grading.nbgrader_steps.formgrader import install
from grading.pipeline.configuration import load_config
from grading.report.class_page import page as module
from trials.synthetic_course import SyntheticCourse

LINK = '<a href="/formgrader/class_page">Class Page</a>'
NAME = "01_setup"
PAGES = (
    *("manage_assignments", "gradebook", "manage_students", f"gradebook/{NAME}"),
    *(f"manage_submissions/{NAME}", "manage_students/student-0001"),
)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("class page") / "course"
    SyntheticCourse(root, students=4, assignments=1, handed_in=1).build()
    return root


@pytest.fixture
def server(root, monkeypatch):
    return Formgrader(root, monkeypatch)


@pytest.mark.parametrize("page", PAGES)
def test_each_of_formgraders_pages_links_to_it_once(server, page):
    answer = server.get(page)
    assert answer.code == 200 and answer.body.decode().count(LINK) == 1


def test_installing_it_again_adds_no_second_link(server):
    install()
    assert server.get("gradebook").body.decode().count(LINK) == 1


def test_it_shows_everybody_and_runs_our_script_alone(server):
    answer = server.get("class_page")
    page = answer.body.decode()
    assert answer.code == 200 and all(f"student-000{at}" in page for at in range(1, 5))
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'") and "'sha256-" in policy
    assert "back to Formgrader" in page and answer.headers["Cache-Control"] == "no-store"


def test_it_is_of_this_moment(root, server):
    assert "Newcomer" not in server.get("class_page").body.decode()
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}", "tinytorch") as gradebook:
        gradebook.update_or_create_student("student-0001", last_name="Newcomer")
    assert "Newcomer" in server.get("class_page").body.decode()


def test_whose_grades_are_old_is_seen_by_the_limits_of_the_courses_file(root, server, monkeypatch):
    seen = []

    def stale(course, config):
        seen.append(dict(config.Sandbox))
        return frozenset()

    monkeypatch.setattr(handler, "stale_grades", stale)
    assert server.get("class_page").code == 200
    assert seen == [dict(load_config(root).Sandbox)]
    assert "cell_seconds" in seen[0]


def test_where_grades_are_old_it_leads_to_what_a_regrade_would_change(server, monkeypatch):
    assert 'href="regrade"' not in server.get("class_page").body.decode()
    old = frozenset({("student-0001", "01_setup")})
    monkeypatch.setattr(handler, "stale_grades", lambda course, config: old)
    assert '<a href="regrade">Regrade</a> shows' in server.get("class_page").body.decode()


def test_names_can_be_hidden(server):
    page = server.get("class_page?names=hidden").body.decode()
    assert "names are hidden" in page and "student-000" not in page


def test_whom_the_course_excludes_is_not_shown(root, server, monkeypatch):
    formgrader = server.application.settings["nbgrader_formgrader"]
    monkeypatch.setattr(formgrader.coursedir, "student_id_exclude", "student-0002")
    page = server.get("class_page").body.decode()
    assert "student-0003" in page and "student-0002" not in page


def test_a_stranger_sees_nothing_of_it(root, monkeypatch):
    server = Formgrader(root, monkeypatch)

    class Nobody(IdentityProvider):
        async def get_user(self, handler):
            return None

    server.application.settings |= {"identity_provider": Nobody(), "login_url": "/login"}
    answer = server.get("class_page")
    assert answer.code in (302, 403) and b"student-" not in answer.body


def test_a_gradebook_that_cannot_be_read_is_told_in_a_sentence(server, monkeypatch):
    def damaged(*_, **__):
        raise CourseError("The gradebook is damaged.")

    monkeypatch.setattr(module, "class_page", damaged)
    assert server.get("class_page").code == 409
