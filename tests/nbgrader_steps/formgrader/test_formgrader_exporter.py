"""Pages of nbgrader's own processes are made by a worker, of which each process keeps one."""

import pytest
from traitlets.config import Config

from grading.nbgrader_steps import rendering_worker
from grading.nbgrader_steps.formgrader.exporter import SubmissionExporter


class Slot:
    """A worker that notes what it is asked."""

    def __init__(self, limits):
        self.asked = []

    def render(self, request, notebook):
        self.asked.append((request, notebook))
        return b"the page"

    def close(self):
        pass


def kept(made, slot):
    made.append(slot)
    return slot


@pytest.fixture
def made(monkeypatch):
    made = []
    monkeypatch.setattr(
        rendering_worker, "Slot", lambda limits: made.append(Slot(limits)) or made[-1]
    )
    monkeypatch.setattr(rendering_worker, "_slots", [])
    return made


def test_formgraders_page_is_made_by_one_worker_from_the_files_bytes(made, tmp_path):
    file = tmp_path / "n.ipynb"
    file.write_bytes(b"\xff not read here")
    config = Config()
    config.HTMLExporter.template_name = "basic"
    given = {"student": "student-01"}
    for _ in range(2):
        page, resources = SubmissionExporter(config=config).from_filename(str(file), given)
        assert page == "the page" and resources == given == {"student": "student-01"}
    [slot] = made
    request, notebook = slot.asked[0]
    assert notebook == b"\xff not read here" and request["do"] == "submission page"
    assert request["resources"]["metadata"] == {"name": "n", "path": str(tmp_path)}
    assert request["settings"]["template_name"] == "basic"
