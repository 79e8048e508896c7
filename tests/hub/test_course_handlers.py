"""The course's page answers its student, with the page's token, and nobody else."""

import hashlib
import json
from pathlib import Path

import nbformat
import pytest
from course_page import handlers
from exchange import ASSIGNMENT, Class
from student_server import COURSE, NAMES, STUDENT, StudentServer, notebook_text

POSTED = ("fetch", "unfinished", "submit", "fetch_feedback", "validate", "check", "questions")


@pytest.fixture
def server(klass: Class, tmp_path: Path) -> StudentServer:
    (klass.root / COURSE / "feedback").mkdir()
    klass.root.chmod(0o777)
    made = StudentServer(klass, tmp_path / "home")
    made.release()
    return made


@pytest.mark.parametrize("path", ["", "api/state", f"feedback/{COURSE}/{ASSIGNMENT}/now"])
def test_nobody_else_sees_anything(server: StudentServer, path: str) -> None:
    server.identity.known = False
    assert server.ask(path).code in (302, 403)


@pytest.mark.parametrize("what", POSTED)
def test_nobody_else_does_anything(server: StudentServer, what: str) -> None:
    server.identity.known = False
    assert server.ask(f"api/{what}", NAMES).code in (302, 403)
    assert not server.folder.exists()


@pytest.mark.parametrize("what", POSTED)
def test_without_the_pages_token_nothing_is_done(server: StudentServer, what: str) -> None:
    assert server.ask(f"api/{what}", NAMES, token=False).code == 403
    assert not server.folder.exists()


def test_the_page_needs_nothing_from_elsewhere_and_knows_its_server(server: StudentServer) -> None:
    page = server.ask("").body.decode()
    assert 'const BASE = "/user/student-01/"' in page
    assert "//" not in page.replace("://", "") or "http" not in page
    assert "src=" not in page and "@import" not in page


def test_what_is_fetched_is_there_and_is_never_overwritten(server: StudentServer) -> None:
    server.said("fetch", NAMES)
    assert server.notebook.is_file()
    server.notebook.write_text("mine")
    server.said("fetch", NAMES)
    assert server.notebook.read_text() == "mine"


@pytest.mark.parametrize("name", ["another", "../../../etc", "", "*"])
def test_what_is_not_released_is_refused_in_a_sentence(server: StudentServer, name: str) -> None:
    for what in ("fetch", "unfinished", "submit", "fetch_feedback"):
        answer = server.ask(f"api/{what}", {"course": COURSE, "assignment": name})
        assert answer.code == 409
        assert "no assignment" in json.loads(answer.body)["message"]


def test_names_must_be_given(server: StudentServer) -> None:
    assert server.ask("api/submit", {}).code == 400
    assert server.ask("api/submit", {"course": 1, "assignment": 2}).code == 400


@pytest.mark.parametrize("body", [[1], "x", 3, True, {"course": ["a"], "assignment": {}}])
def test_what_says_no_names_is_refused(server: StudentServer, body: object) -> None:
    for what in POSTED:
        assert server.ask(f"api/{what}", body).code in (400, 404)
    assert not server.folder.exists()


@pytest.mark.parametrize("name", ["x" * 1_000_000, "\ud800", "a\x00b", "one/../one", "one "])
def test_no_name_however_odd_leads_elsewhere(server: StudentServer, name: str) -> None:
    for what in ("fetch", "submit", "fetch_feedback"):
        for said in (NAMES | {"assignment": name}, NAMES | {"course": name}):
            answer = server.ask(f"api/{what}", said)
            assert answer.code == 409 and "no assignment" in json.loads(answer.body)["message"]
    assert server.ask("api/check", NAMES | {"assignment": name}).code == 404
    assert list(server.klass.inbound.iterdir()) == []


@pytest.mark.parametrize(
    "path", ["x" * 300, "x/" * 5000, "a\x00.ipynb", "\ud800.ipynb", "x" * 99_999]
)
def test_no_path_however_odd_is_an_error_of_ours(server: StudentServer, path: str) -> None:
    assert server.ask("api/validate", {"path": f"{path}.ipynb"}).code == 404


@pytest.mark.parametrize("timestamp", ["x" * 300, "a%00b", "%2e%2e", "..%2f..", "x" * 9000])
def test_no_time_however_odd_is_an_error_of_ours(server: StudentServer, timestamp: str) -> None:
    at = f"feedback/{COURSE}/{ASSIGNMENT}/{timestamp}"
    assert server.ask(at, quoted=True).code == 404


@pytest.mark.parametrize("what", [one for one in POSTED if one not in ("check", "questions")])
def test_looking_at_an_address_does_nothing(server: StudentServer, what: str) -> None:
    assert server.ask(f"api/{what}").code == 405
    assert not server.folder.exists() and list(server.klass.inbound.iterdir()) == []


def test_unfinished_answers_are_named_and_refuse_nothing(server: StudentServer) -> None:
    server.said("fetch", NAMES)
    found = server.said("unfinished", NAMES)
    [answer] = found["unfinished"]
    assert (answer["place"]["section"], answer["functions"]) == ("Doubling", ["f"])
    assert found["saved"].endswith("Z") and found["problem"] == ""
    assert server.said("submit", NAMES)["assignment"] == ASSIGNMENT


def test_a_notebook_that_is_missing_or_damaged_is_told_before_it_is_handed_in(
    server: StudentServer,
) -> None:
    server.said("fetch", NAMES)
    server.notebook.write_text("not a notebook")
    assert "cannot be read" in server.said("unfinished", NAMES)["problem"]
    server.notebook.rename(server.folder / "renamed.ipynb")
    assert "missing, or renamed" in server.said("unfinished", NAMES)["problem"]
    assert [f["name"] for f in server.said("submit", NAMES)["files"]] == ["renamed.ipynb"]


def test_the_receipt_is_of_what_was_handed_in(server: StudentServer) -> None:
    server.said("fetch", NAMES)
    server.notebook.write_bytes(b"typed")
    receipt = server.said("submit", NAMES)
    [arrived] = server.klass.inbound.glob(f"{STUDENT}+*/{ASSIGNMENT}.ipynb")
    digest = hashlib.sha256(arrived.read_bytes()).hexdigest()
    assert receipt["files"] == [{"name": f"{ASSIGNMENT}.ipynb", "size": 5, "sha256": digest}]
    assert receipt["size"] == 5 and receipt["at"] in arrived.parent.name
    [shown] = server.said("state")["assignments"][0]["submissions"]
    assert shown["receipt"] == receipt


def test_fetching_feedback_when_there_is_none_says_so(server: StudentServer) -> None:
    server.said("fetch", NAMES)
    server.said("submit", NAMES)
    assert server.said("fetch_feedback", NAMES) == {"pages": 0}
    server.put_feedback("<p>well done</p>")
    assert server.said("fetch_feedback", NAMES) == {"pages": 1}


def test_feedback_is_read_as_a_page_in_which_nothing_runs(server: StudentServer) -> None:
    server.said("fetch", NAMES)
    timestamp = server.said("submit", NAMES)["at"]
    server.put_feedback("<p>well done</p>")
    assert server.ask(f"feedback/{COURSE}/{ASSIGNMENT}/{timestamp}").code == 404
    server.said("fetch_feedback", NAMES)
    answer = server.ask(f"feedback/{COURSE}/{ASSIGNMENT}/{timestamp}")
    assert answer.body == b"<p>well done</p>"
    policy = answer.headers["Content-Security-Policy"]
    assert "sandbox" in policy and "default-src 'none'" in policy and "script" not in policy


def test_from_feedback_a_link_leads_back_to_the_courses_page(server: StudentServer) -> None:
    server.said("fetch", NAMES)
    timestamp = server.said("submit", NAMES)["at"]
    server.put_feedback("<body><main data-course-result='{}'>well done</main></body>")
    server.said("fetch_feedback", NAMES)
    page = server.ask(f"feedback/{COURSE}/{ASSIGNMENT}/{timestamp}").body.decode()
    assert '<a href="/user/student-01/course">' in page[: page.index("<main")]
    assert page.endswith("<main data-course-result='{}'>well done</main></body>")


def test_feedback_is_of_a_submission_and_no_other_file(server: StudentServer) -> None:
    outside = server.home.parent / "secret"
    outside.mkdir()
    (outside / "page.html").write_text("secret")
    server.said("fetch", NAMES)
    (server.folder / "feedback").mkdir()
    (server.folder / "feedback" / "now").symlink_to(outside)
    assert server.ask(f"feedback/{COURSE}/{ASSIGNMENT}/now").code == 404
    assert server.ask(f"feedback/{COURSE}/{ASSIGNMENT}/..").code == 404


@pytest.mark.parametrize("path", ["../../etc/passwd", "none.ipynb", "demo", None])
def test_validate_runs_notebooks_of_the_student_alone(server: StudentServer, path: object) -> None:
    assert server.ask("api/validate", {"path": path}).code == 404


def test_validate_runs_no_notebook_outside_the_students_folder(
    server: StudentServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run(file: Path) -> tuple[int, str]:
        raise AssertionError(f"it ran {file}")

    monkeypatch.setattr(handlers, "run_validation", run)
    (server.home.parent / "other.ipynb").write_text(notebook_text())
    (server.home / "link.ipynb").symlink_to(server.home.parent / "other.ipynb")
    for path in ("../other.ipynb", "link.ipynb", str(server.home.parent / "other.ipynb")):
        assert server.ask("api/validate", {"path": path}).code == 404


def test_validate_answers_what_the_process_says_or_why_it_failed(
    server: StudentServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.said("fetch", NAMES)
    asked = []

    async def run(file: Path) -> tuple[int, str]:
        asked.append(file)
        return (1, "no kernel") if len(asked) > 1 else (0, '{"summary": "so"}')

    monkeypatch.setattr(handlers, "run_validation", run)
    path = {"path": f"{COURSE}/{ASSIGNMENT}/{ASSIGNMENT}.ipynb"}
    assert server.said("validate", path) == {"summary": "so"}
    answer = server.ask("api/validate", path)
    assert answer.code == 409 and "no kernel" in json.loads(answer.body)["message"]
    assert asked == [server.notebook] * 2


@pytest.mark.slow
def test_validate_runs_what_is_saved_in_a_process_of_its_own(server: StudentServer) -> None:
    server.said("fetch", NAMES)
    content = nbformat.read(server.notebook, as_version=4)
    content.cells[1].source = "def f():\n    return 1"
    nbformat.write(content, server.notebook)
    found = server.said("validate", {"path": f"{COURSE}/{ASSIGNMENT}/{ASSIGNMENT}.ipynb"})
    assert found["summary"] == "1 of 1 visible test holds. 3 more checks run after you hand in."
    server.notebook.write_text("broken")
    answer = server.ask("api/validate", {"path": f"{COURSE}/{ASSIGNMENT}/{ASSIGNMENT}.ipynb"})
    assert answer.code == 409
