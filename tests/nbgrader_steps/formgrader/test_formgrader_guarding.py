"""What students wrote does nothing in Formgrader in the name of who looks at it."""

import json
from urllib.parse import quote

import pytest
from formgrader_server import Formgrader

from grading.nbgrader_steps.formgrader.guarding import HARMLESS


@pytest.fixture
def server(feedback, monkeypatch):
    for student in ("student-01", "student-02"):
        folder = feedback.course.autograded(student, "01_mini")
        (folder / "page.html").write_text(f"<script>of {student}</script>")
    return Formgrader(feedback.course.root, monkeypatch)


@pytest.fixture
def submission(server):
    found = json.loads(server.get("api/submitted_notebooks/01_mini/01_mini").body)
    return next(one["id"] for one in found if one["student"] == "student-01")


def test_a_file_of_a_submission_is_served_and_acts_in_nobodys_name(server, submission):
    answer = server.get(f"submissions/{submission}/page.html")
    assert answer.code == 200 and b"of student-01" in answer.body
    assert answer.headers["Content-Security-Policy"] == HARMLESS
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "../../student-02/01_mini/page.html",
        "../../../gradebook.db",
        "../../../nbgrader_config.py",
        "../01_mini_more/page.html",
        "/etc/hostname",
    ],
)
def test_no_other_file_is_served(server, submission, feedback, path):
    beside = feedback.course.autograded("student-01", "01_mini_more")
    beside.mkdir()
    (beside / "page.html").write_text("beside")
    for spelled in (path, quote(path, safe="")):
        assert server.get(f"submissions/{submission}/{spelled}").code in (403, 404)


def test_a_link_to_another_folder_runs_nothing_of_it(server, tmp_path):
    (tmp_path / "nbgrader_config.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    answer = server.get(f"?path={quote(str(tmp_path))}")
    assert answer.code == 403 and not (tmp_path / "ran").exists()


def test_a_link_to_the_course_itself_opens_it(server, feedback):
    for query in ("", f"?path={quote(str(feedback.course.root))}"):
        answer = server.get(query)
        assert answer.code == 302
        assert answer.headers["Location"].endswith("/formgrader/manage_assignments")
