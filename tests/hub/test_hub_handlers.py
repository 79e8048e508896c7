"""Formgrader's long steps are handed to the jobs; its script and its buttons are ours."""

import json
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from server_page import Server
from tornado.web import Application

from hub import formgrader
from hub.formgrader.opening import LINK

ETC = Path(formgrader.__file__).parents[1] / "etc"
STEPS = [
    ("assignment/02_tensor/assign", ("generate_assignment", "02_tensor", None)),
    ("submission/02_tensor/student-01/autograde", ("autograde", "02_tensor", "student-01")),
    ("assignment/02_tensor/generate_feedback", ("generate_feedback", "02_tensor", None)),
    (
        "assignment/02_tensor/student-01/generate_feedback",
        ("generate_feedback", "02_tensor", "student-01"),
    ),
]


class Asked:
    """Jobs that only note what they are asked for."""

    def __init__(self) -> None:
        self.steps: list[tuple[str | None, ...]] = []

    async def run(self, *step: str | None) -> dict[str, Any]:
        self.steps.append(step)
        return {"success": True, "log": "done"}


@pytest.mark.parametrize(("path", "step"), STEPS)
def test_a_button_hands_its_step_over_and_answers_with_its_answer(
    tmp_path: Path, path: str, step: tuple[str | None, ...]
) -> None:
    jobs = Asked()
    server = Server(tmp_path, jobs)
    answer = server.ask("POST", f"/formgrader/api/{path}")
    assert answer.code == 200
    assert json.loads(answer.body) == {"success": True, "log": "done"}
    assert jobs.steps == [step]


def test_the_page_reads_the_gradebook_anew_after_a_step(tmp_path: Path) -> None:
    server = Server(tmp_path, Asked())
    server.ask("POST", f"/formgrader/api/{STEPS[0][0]}")
    assert server.forgot == 1


@pytest.mark.parametrize(("path", "step"), STEPS)
def test_nobody_presses_a_button_without_logging_in(
    tmp_path: Path, path: str, step: tuple[str | None, ...]
) -> None:
    jobs = Asked()
    server = Server(tmp_path, jobs)
    server.identity.known = False
    assert server.ask("POST", f"/formgrader/api/{path}").code in (302, 403)
    assert jobs.steps == []


def test_the_script_that_is_served_has_links_that_lead_to_this_server(tmp_path: Path) -> None:
    server = Server(tmp_path, base_url="/services/tinytorch/")
    answer = server.ask("GET", "/formgrader/static/js/utils.js")
    script = answer.body.decode()
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert '"/services/tinytorch/lab/tree/" + path' in script
    assert LINK not in script


def test_our_answers_come_before_nbgraders_and_the_servers() -> None:
    app = Application([])
    app.settings["base_url"] = "/services/tinytorch/"
    extension = import_module("hub.formgrader")
    extension._load_jupyter_server_extension(SimpleNamespace(web_app=app, root_dir="/course"))
    known = {
        rule.matcher.regex.pattern: rule.target.__name__
        for host in app.default_router.rules
        for rule in getattr(host.target, "rules", [])
    }
    at = "/services/tinytorch"
    assert known[rf"{at}/api/sessions$"] == "Sessions"
    assert known[rf"{at}/api/kernels$"] == "Kernels"
    assert known[rf"{at}/formgrader/static/js/utils\.js$"] == "Links"
    assert extension._jupyter_server_extension_points() == [{"module": "hub.formgrader"}]
    assert extension.__name__ < "nbgrader.server_extensions.formgrader"


def server_extensions(role: str) -> dict[str, bool]:
    file = ETC / role / "jupyter_server_config.json"
    return json.loads(file.read_text())["ServerApp"]["jpserver_extensions"]


def test_graders_have_no_validate_which_would_run_a_submission_unsealed() -> None:
    assert server_extensions("grader")["nbgrader.server_extensions.validate_assignment"] is False
    pages = json.loads((ETC / "grader" / "labconfig" / "page_config.json").read_text())
    assert pages["disabledExtensions"]["@jupyter/nbgrader:validate-assignment"] is True


def test_graders_have_our_formgrader() -> None:
    assert server_extensions("grader")["hub.formgrader"] is True


def test_students_have_no_formgrader() -> None:
    extensions = server_extensions("student")
    assert extensions["nbgrader.server_extensions.formgrader"] is False
    assert "hub.formgrader" not in extensions
