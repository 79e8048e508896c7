"""The worker's own end: it serves one request after the other, and ends with its coordinator."""

import io

import pytest

from grading.engine import work, worker
from grading.engine.messages import Graded, dump, load
from grading.sandbox import template


def served(*requests):
    """Return what a worker answers to requests, as lines and contents."""
    answers = io.BytesIO()
    worker._Served(io.BytesIO(b"".join(requests)), answers).serve()
    answers.seek(0)
    read = []
    while line := answers.readline():
        message, length = load(line)
        read.append((message, answers.read(length)))
    return read


def kit_request(kit):
    return dump({"do": "kit"}, kit.to_bytes())


GRADE = dump({"do": "grade", "execute": True}, b"the archive")


@pytest.fixture
def grading(monkeypatch):
    """Return what the worker grades: kit, archive and how."""
    seen = []

    def grade(kit, archive, how, earned):
        seen.append((kit, archive, how))
        earned("test", 0.5)
        return Graded(b"the notebook", {"test": 0.5})

    monkeypatch.setattr(work, "grade", grade)
    return seen


def test_a_kit_is_taken_and_that_is_said(kit):
    assert [line["answer"] for line, _ in served(kit_request(kit))] == ["ready"]


def test_a_submission_is_graded_with_the_kit_and_each_test_told_before_the_end(kit, grading):
    _, (told, _), (answer, notebook) = served(kit_request(kit), GRADE)
    [(its_kit, archive, how)] = grading
    assert its_kit == kit and archive == b"the archive" and how["execute"] is True
    assert (told["cell"], told["earned"]) == ("test", 0.5)
    assert answer["answer"] == "graded" and answer["scores"] == {"test": 0.5}
    assert notebook == b"the notebook"


def test_the_last_kit_counts(kit, grading):
    another = type(kit).from_bytes(kit.to_bytes().replace(b"01_mini", b"02_more"))
    served(kit_request(kit), kit_request(another), GRADE)
    assert grading[0][0].assignment == "02_more"


def test_a_mistake_of_ours_is_an_answer_and_the_next_is_graded(kit, monkeypatch):
    def grade(*_):
        raise RuntimeError("x" * 10_000)

    monkeypatch.setattr(work, "grade", grade)
    _, (first, _), (second, _) = served(kit_request(kit), GRADE, GRADE)
    assert first == second
    assert (first["answer"], first["kind"]) == ("failed", "RuntimeError")
    assert len(first["why"]) == worker.LONGEST_REASON


@pytest.mark.parametrize(
    ("limits", "warmed"),
    [
        ({"warm": True, "sealed": True}, 1),
        ({"warm": False, "sealed": True}, 0),
        ({"warm": True, "sealed": False}, 0),
    ],
)
def test_a_template_is_begun_as_soon_as_a_kit_is_there(kit, monkeypatch, limits, warmed):
    begun = []
    monkeypatch.setattr(template, "warm_up", begun.append)
    kit.limits.update(limits)
    served(kit_request(kit))
    assert len(begun) == warmed
