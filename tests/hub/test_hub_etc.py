"""What the configuration files of each kind of account say; nbgrader and Jupyter read them."""

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from course_page.command import HonestValidator
from nbgrader.apps import validateapp
from nbgrader.auth import JupyterHubAuthPlugin
from nbgrader.exchange.default import ExchangeCollect, ExchangeSubmit
from traitlets.config import Config

import hub

FOLDER = Path(hub.__file__).parent
ETC = FOLDER / "etc"
ROLES = ("student", "grader")


def configuration(*roles: str) -> Any:
    """Return what nbgrader's files of these roles set, one after the other."""
    c = Config()
    for role in roles:
        file = ETC / role / "nbgrader_config.py"
        if file.exists():
            exec(file.read_text(), {"get_config": lambda: c})
    return c


def extensions(role: str, where: str) -> dict[str, bool]:
    file = {"server": "jupyter_server_config.json", "pages": "labconfig/page_config.json"}[where]
    content = json.loads((ETC / role / file).read_text())
    if where == "pages":
        return content["disabledExtensions"]
    return content["ServerApp"]["jpserver_extensions"]


@pytest.mark.parametrize(
    ("step", "nbgraders"), [("submit", ExchangeSubmit), ("collect", ExchangeCollect)]
)
def test_submissions_come_and_go_by_our_steps_which_take_them_whole(
    monkeypatch: pytest.MonkeyPatch, step: str, nbgraders: type
) -> None:
    monkeypatch.setattr(sys, "path", [str(FOLDER / "shared"), *sys.path])
    module, _, name = configuration("everyone").ExchangeFactory[step].rpartition(".")
    ours = getattr(import_module(module), name)
    assert issubclass(ours, nbgraders) and ours is not nbgraders


@pytest.mark.parametrize("role", ROLES)
def test_on_a_server_the_owner_of_a_submission_is_asked_for(role: str) -> None:
    c = configuration(role, "everyone")
    assert "check_owner" not in c.ExchangeCollect
    assert "student_id" not in c.CourseDirectory


def test_everybody_has_the_exchange_that_the_hub_names_a_folder_for_each_course(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COURSE_EXCHANGE", "/the/exchange")
    c = configuration("everyone")
    assert c.Exchange.root == "/the/exchange"
    assert c.Exchange.path_includes_course is True


def test_students_see_the_courses_whose_groups_they_are_in() -> None:
    assert configuration("student").Authenticator.plugin_class is JupyterHubAuthPlugin


def test_students_have_the_courses_page_in_the_place_of_nbgraders_own() -> None:
    server = extensions("student", "server")
    assert server.pop("course_page") is True
    assert server.pop("jupyterlab_jupytext") is False
    assert server == dict.fromkeys(
        (
            "nbgrader.server_extensions.assignment_list",
            "nbgrader.server_extensions.course_list",
            "nbgrader.server_extensions.formgrader",
            "nbgrader.server_extensions.validate_assignment",
        ),
        False,
    )
    assert extensions("student", "pages")["@jupyter/nbgrader"] is True


def test_students_jupyterlab_has_the_side_of_it_that_saves() -> None:
    folder = ETC / "student" / "labextensions" / "course-page"
    build = json.loads((folder / "package.json").read_text())["jupyterlab"]["_build"]
    script = (folder / build["load"]).read_text()
    assert build["extension"] == "./extension"
    assert f'NAME = "{folder.name}"' in script


def test_a_students_terminal_has_the_same_validate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validateapp, "Validator", validateapp.Validator)
    configuration("student")
    assert validateapp.Validator is HonestValidator


def test_graders_have_formgrader_and_no_step_that_is_a_students() -> None:
    server = extensions("grader", "server")
    assert server.pop("hub.formgrader") is True
    assert server == dict.fromkeys(
        (
            "nbgrader.server_extensions.assignment_list",
            "nbgrader.server_extensions.course_list",
            "nbgrader.server_extensions.validate_assignment",
        ),
        False,
    )


@pytest.mark.parametrize("role", ROLES)
def test_nobody_installs_extensions_or_is_shown_news_from_elsewhere(role: str) -> None:
    pages = extensions(role, "pages")
    assert all(pages.values())
    assert "@jupyterlab/extensionmanager-extension" in pages
    assert "@jupyterlab/apputils-extension:announcements" in pages
