"""No kernel is started for a submission in the grader's name, however its path is written."""

from pathlib import Path

import pytest
from server_page import SESSION, Server

from hub.formgrader.opening import REFUSAL

OURS = ["source/one/one.ipynb", "release/one/one.ipynb", "notes.ipynb", "", "submitted.ipynb"]
OURS += ["source/submitted/one.ipynb", "submitted-last-year/one.ipynb", "submitted/../one.ipynb"]
THEIRS = [
    "submitted/student-01/one/one.ipynb",
    "autograded/student-01/one/one.ipynb",
    "/submitted/student-01/one/one.ipynb",
    "//submitted/student-01/one/one.ipynb",
    "./submitted/student-01/one/one.ipynb",
    "submitted//student-01/one/one.ipynb",
    "source/../submitted/student-01/one/one.ipynb",
    "not-there/../submitted/student-01/one/one.ipynb",
    "../course/autograded/student-01/one/one.ipynb",
    "link/student-01/one/one.ipynb",
    "submitted",
]


@pytest.fixture
def course(tmp_path: Path) -> Path:
    folder = tmp_path / "course"
    for name in ("source", "submitted", "autograded"):
        (folder / name).mkdir(parents=True)
    (folder / "link").symlink_to("submitted")
    return folder


def requests_for(path: str) -> dict[str, tuple[str, str, dict[str, object]]]:
    session = {"type": "notebook", "name": "", "kernel": {"name": "python3"}}
    return {
        "a session": ("POST", "/api/sessions", session | {"path": path}),
        "a session, as it was asked for once": (
            "POST",
            "/api/sessions",
            session | {"path": "notes.ipynb", "notebook": {"path": path}},
        ),
        "a session, by name": (
            "POST",
            "/api/sessions",
            session | {"path": "notes.ipynb", "notebook": {"name": path}},
        ),
        "a session that moves": ("PATCH", f"/api/sessions/{SESSION}", {"path": path}),
        "a kernel": ("POST", "/api/kernels", {"path": path}),
    }


KINDS = list(requests_for(""))


@pytest.mark.parametrize("path", THEIRS)
def test_a_submission_is_refused_however_its_path_is_written(course: Path, path: str) -> None:
    server = Server(course)
    answer = server.ask(*requests_for(path)["a session"])
    assert (answer.code, answer.reason) == (403, REFUSAL)
    assert server.kernels.started == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_submission_is_refused_however_it_is_asked_for(course: Path, kind: str) -> None:
    server = Server(course)
    for path in (THEIRS[0], "source/../autograded/student-01/one/one.ipynb"):
        assert server.ask(*requests_for(path)[kind]).code == 403
    assert server.kernels.started == []


@pytest.mark.parametrize("path", OURS)
def test_a_notebook_of_the_course_is_run(course: Path, path: str) -> None:
    server = Server(course)
    assert server.ask(*requests_for(path)["a session"]).code == 201
    assert server.kernels.started == [path]


@pytest.mark.parametrize("kind", ["a session that moves", "a kernel"])
def test_a_notebook_of_the_course_is_run_however_it_is_asked_for(course: Path, kind: str) -> None:
    server = Server(course)
    assert server.ask(*requests_for(OURS[0])[kind]).code in (200, 201)
    assert server.kernels.started == [OURS[0]]


def test_folders_of_other_names_are_closed_too(course: Path) -> None:
    server = Server(course, submitted_directory="in/hand", autograded_directory="in/graded")
    for path in ("in/hand/student-01/x.ipynb", "in/graded/student-01/x.ipynb"):
        assert server.ask(*requests_for(path)["a session"]).code == 403
    assert server.ask(*requests_for("submitted/x.ipynb")["a session"]).code == 201


def test_a_folder_that_is_kept_elsewhere_is_closed_too(course: Path, tmp_path: Path) -> None:
    (course / "submitted").rmdir()
    (tmp_path / "disk").mkdir()
    (course / "submitted").symlink_to(tmp_path / "disk")
    server = Server(course)
    assert server.ask(*requests_for("submitted/student-01/x.ipynb")["a session"]).code == 403


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_starts_anything_without_logging_in(course: Path, kind: str) -> None:
    server = Server(course)
    server.identity.known = False
    assert server.ask(*requests_for("notes.ipynb")[kind]).code in (302, 403)
    assert server.kernels.started == []
