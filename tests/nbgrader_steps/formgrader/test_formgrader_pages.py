"""Formgrader is loaded with ours in its places, and its pages open."""

import json
import re
from pathlib import Path

import pytest
from formgrader_server import Formgrader
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.server_extensions.formgrader import base, formgrader

from grading.nbgrader_steps.formgrader import ClassAPI, ClassGradebook, SubmissionExporter, install
from trials.synthetic_course import SyntheticCourse

NAME = "02_tensor"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("pages") / "course"
    SyntheticCourse(root, students=8, assignments=2, handed_in=1).build()
    return root


@pytest.fixture
def server(root: Path, monkeypatch: pytest.MonkeyPatch) -> Formgrader:
    return Formgrader(root, monkeypatch)


def test_ours_take_the_places_of_nbgraders(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in (
        (base, "NbGraderAPI"),
        (base, "Gradebook"),
        (formgrader, "HTMLExporter"),
    ):
        monkeypatch.setattr(module, name, None)
    install()
    assert base.NbGraderAPI is ClassAPI
    assert base.Gradebook is ClassGradebook
    assert formgrader.HTMLExporter is SubmissionExporter


def test_the_courses_configuration_puts_them_there(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name in ((base, "NbGraderAPI"), (base, "Gradebook")):
        monkeypatch.setattr(module, name, None)
    server = Formgrader(root, monkeypatch)
    assert base.NbGraderAPI is ClassAPI
    assert base.Gradebook is ClassGradebook
    exporter = server.application.settings["nbgrader_exporter"]
    assert isinstance(exporter, SubmissionExporter)


def test_a_submissions_page_opens_at_its_place_among_the_others(server: Formgrader) -> None:
    handed_in = json.loads(server.get(f"api/submitted_notebooks/{NAME}/{NAME}").body)
    third = handed_in[2]
    page = server.get(f"submissions/{third['id']}/").body.decode()
    assert "Submission 3 / 8" in page
    assert f'id="{NAME}"' in page or NAME in page


def test_a_submissions_page_listens_to_keys_for_all_that_its_script_waits_for_is_there(
    server: Formgrader,
) -> None:
    script = (Path(formgrader.__file__).parent / "static" / "js" / "formgrade.js").read_text()
    waits_for = set(re.findall(r"\bMathJax\.([\w.]+)", script)) - {"loaded"}
    assert waits_for == {"Hub.Startup.signal.Interest"}
    [student, *_] = json.loads(server.get(f"api/submitted_notebooks/{NAME}/{NAME}").body)
    page = server.get(f"submissions/{student['id']}/").body.decode()
    _, given, rest = page.partition("var MathJax = {Hub: {Startup: {signal: {Interest:")
    assert given
    assert 'tell("End")' in rest.partition("</script>")[0]


@pytest.mark.parametrize("index", range(8))
def test_the_next_wrong_one_is_the_next_whose_tests_failed(
    root: Path, server: Formgrader, index: int
) -> None:
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}", "tinytorch") as gradebook:
        entries = sorted(gradebook.notebook_submissions(NAME, NAME), key=lambda one: one.id)
        wrong = [entry.id for entry in entries[index + 1 :] if entry.failed_tests]
        here = entries[index].id
    answer = server.get(f"submissions/{here}/next_incorrect")
    expected = f"submissions/{wrong[0]}" if wrong else f"gradebook/{NAME}/{NAME}"
    assert answer.headers["Location"].endswith(expected)


def test_a_grade_given_elsewhere_since_is_seen_when_the_next_wrong_one_is_asked_for(
    root: Path, server: Formgrader
) -> None:
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}", "tinytorch") as gradebook:
        ids = sorted(entry.id for entry in gradebook.notebook_submissions(NAME, NAME))
    before = server.get(f"submissions/{ids[0]}/next_incorrect").headers["Location"]
    found = before.rpartition("/")[2]
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}", "tinytorch") as gradebook:
        for grade in gradebook.find_submission_notebook_by_id(found).grades:
            grade.auto_score = None
        gradebook.db.commit()
    after = server.get(f"submissions/{ids[0]}/next_incorrect").headers["Location"]
    assert after != before


def test_nbgraders_own_interface_elsewhere_stays_as_it_is() -> None:
    from grading.pipeline.configuration import NbGraderAPI as ofThePipelines

    assert ofThePipelines is NbGraderAPI
