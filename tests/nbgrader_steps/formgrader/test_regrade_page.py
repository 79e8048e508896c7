"""A regrade on Formgrader's page: what would change is shown, applied to some, and taken back."""

import asyncio
import json

import by_hand
import pytest
from formgrader_server import Formgrader, InThisProcess
from graded_class import CHECKS, NAME

from grading.nbgrader_steps.formgrader.jobs import SETTING as JOBS
from grading.nbgrader_steps.formgrader.regrade import acting
from grading.nbgrader_steps.formgrader.regrade.asked import NO_STEP, read_request
from grading.nbgrader_steps.formgrader.regrade.shown import reasons
from grading.nbgrader_steps.formgrader.whole_class.answering import SETTING
from grading.nbgrader_steps.formgrader.whole_class.running import WholeClass

WHY = "tolerance: rtol 1e-06 → 0.01"
BEFORE = {"student-01": 6.0, "student-02": 5.0, "student-03": 5.0}
AFTER = BEFORE | {"student-02": 6.0}


@pytest.fixture
def made(monkeypatch):
    """Return what a preview has released before it looked; nothing is."""
    released = []
    monkeypatch.setattr(acting, "prepare_source", lambda course: released.append("source"))
    monkeypatch.setattr(acting, "nbgrader_api", lambda config: "nbgrader")
    monkeypatch.setattr(acting, "release_all", lambda course, api, say, one: released.append(one))
    return released


@pytest.fixture
def server(graded_class, made, monkeypatch):
    found = Formgrader(graded_class.mini.course.root, monkeypatch)
    found.application.settings[JOBS] = InThisProcess(graded_class.mini.course.root)
    return found


def begin(server, do, **said):
    """Press a button and wait; return the status, and what is told when it has ended."""

    async def ask():
        body = json.dumps({"do": do, **said})
        answer = await server._get("api/regrade", method="POST", body=body)
        found = server.application.settings.setdefault(SETTING, WholeClass())
        await asyncio.wait_for(found.finished(), 60)
        told = await server._get("api/regrade")
        return answer.code, json.loads(told.body)

    return asyncio.run(ask())


def preview(server, graded_class, assignment=None):
    graded_class.widen()
    return begin(server, "preview", assignment=assignment)[1]


def kept(server):
    return json.loads(server.get("api/regrade/runs").body)["runs"]


def states(server, run):
    return json.loads(server.get(f"api/regrade/runs/{run}").body)["states"]


def test_a_preview_shows_whose_points_would_change_and_why_and_writes_nothing(
    server, graded_class, made
):
    rows = graded_class.rows()
    told = preview(server, graded_class)
    shown = told["shown"]
    assert told["state"]["last"] == "1 submission would change, 2 would stay as they are."
    assert shown["same"] == 2
    [change] = shown["changes"]
    assert (change["student"], change["old"], change["new"]) == ("student-02", 5.0, 6.0)
    assert [(line["what"], line["why"]) for line in change["lines"]] == [(CHECKS[0], WHY)]
    assert [(one["what"], one["submissions"], one["points"]) for one in shown["reasons"]] == [
        (CHECKS[0], 1, 1.0)
    ]
    assert (told["state"]["step"], told["state"]["ended"]) == ("Preview", "Done.")
    assert graded_class.rows() == rows
    assert made == ["source", None], "what has changed is released before"


def test_one_assignment_alone_is_previewed(server, graded_class, made):
    assert preview(server, graded_class, NAME)["shown"]["assignment"] == NAME
    assert made == ["source", NAME]


def test_what_was_shown_is_applied_to_all_and_no_longer_shown(server, graded_class):
    run = preview(server, graded_class, NAME)["shown"]["run"]
    told = begin(server, "apply", run=run, whose=None, why="a wider tolerance")[1]
    assert graded_class.scores() == AFTER
    assert told["shown"] is None
    assert told["state"]["assignment"] == NAME
    assert told["state"]["last"].startswith("1 submission changed, 2 were graded again")


def test_it_is_applied_to_the_chosen_alone_and_the_others_stay_in_sight(server, graded_class):
    run = preview(server, graded_class)["shown"]["run"]
    told = begin(server, "apply", run=run, whose=[["student-01", NAME]])[1]
    assert graded_class.scores() == BEFORE
    assert [one["student"] for one in told["shown"]["changes"]] == ["student-02"]
    told = begin(server, "apply", run=run, whose=[["student-02", NAME]])[1]
    assert graded_class.scores() == AFTER


def test_what_somebody_else_has_looked_at_since_is_not_applied(server, graded_class):
    run = preview(server, graded_class)["shown"]["run"]
    graded_class.preview()  # in a terminal
    told = begin(server, "apply", run=run, whose=None)[1]
    assert "Somebody has looked again" in told["state"]["ended"]
    assert graded_class.scores() == BEFORE


def test_it_is_kept_who_applied_it_and_why_and_what_it_replaced(server, graded_class):
    run = preview(server, graded_class)["shown"]["run"]
    begin(server, "apply", run=run, whose=None, why="a wider tolerance")
    [newest] = kept(server)
    assert (newest["who"], newest["why"]) == ("grader", "a wider tolerance")
    assert (newest["submissions"], newest["assignments"]) == (3, [NAME])
    found = {one["student"]: one["score"] for one in states(server, newest["run"])}
    assert found == BEFORE


def test_without_a_reason_it_is_called_a_regrade(server, graded_class):
    run = preview(server, graded_class)["shown"]["run"]
    begin(server, "apply", run=run, whose=None, why="  ")
    assert kept(server)[0]["why"] == "regrade"


def test_a_run_is_taken_back_row_by_row(server, graded_class):
    before = graded_class.rows()
    run = preview(server, graded_class)["shown"]["run"]
    begin(server, "apply", run=run, whose=None)
    ids = [one["id"] for one in states(server, run)]
    told = begin(server, "bring_back", states=ids, why="too wide")[1]
    assert told["state"]["last"] == "3 submissions as before."
    assert graded_class.rows() == before
    assert kept(server)[0]["why"] == "too wide"


def test_one_submission_is_taken_back_alone(server, graded_class):
    run = preview(server, graded_class)["shown"]["run"]
    begin(server, "apply", run=run, whose=None)
    [theirs] = [one["id"] for one in states(server, run) if one["student"] == "student-02"]
    begin(server, "bring_back", states=[theirs])
    assert graded_class.scores() == BEFORE
    assert [one["submissions"] for one in kept(server)] == [1, 3]
    assert len(states(server, run)) == 3


def test_what_was_shown_before_a_state_is_brought_back_is_not_shown_after(server, graded_class):
    run = preview(server, graded_class)["shown"]["run"]
    begin(server, "apply", run=run, whose=None)
    begin(server, "preview", assignment=None)
    ids = [one["id"] for one in states(server, run)]
    assert begin(server, "bring_back", states=ids)[1]["shown"] is None


@pytest.mark.parametrize(
    ("said", "ended"),
    [
        ({"do": "apply", "run": "1234"}, "Nothing was previewed yet"),
        ({"do": "bring_back", "states": ["1234"]}, "No states are called '1234'"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(server, said, ended):
    status, told = begin(server, **said)
    assert status == 202 and ended in told["state"]["ended"]


def test_no_assignment_of_that_name_is_told_at_once(server):
    status, told = begin(server, "preview", assignment="02_none")
    assert status == 409 and told["state"]["step"] == ""


def test_one_step_of_the_class_is_carried_out_at_a_time(server, graded_class):
    busy = server.application.settings.setdefault(SETTING, WholeClass())
    busy.progress.running, busy.progress.who = True, "ta2"
    answer = asyncio.run(
        server._get("api/regrade", method="POST", body=json.dumps({"do": "preview"}))
    )
    assert answer.code == 409 and "ta2 has begun another step" in json.loads(answer.body)["why"]


def test_of_a_run_that_changed_nothing_nothing_is_kept(server):
    assert server.get(f"api/regrade/runs/{'0' * 32}").code == 404
    assert kept(server) == []


@pytest.mark.parametrize(
    "said",
    [
        [],
        {},
        {"do": "undo"},
        {"do": "preview", "assignment": 3},
        {"do": "apply"},
        {"do": "apply", "run": 1},
        {"do": "apply", "run": "a", "whose": "all"},
        {"do": "apply", "run": "a", "whose": [["student-01"]]},
        {"do": "apply", "run": "a", "whose": [["student-01", None]]},
        {"do": "apply", "run": "a", "why": "long " * 101},
        {"do": "bring_back"},
        {"do": "bring_back", "states": "1234"},
        {"do": "bring_back", "states": [7]},
    ],
)
def test_what_cannot_be_read_is_refused_and_says_what_is_needed(said):
    with pytest.raises(ValueError) as refused:
        read_request(said)
    assert str(refused.value) == NO_STEP


def test_what_cannot_be_read_is_a_bad_request(server):
    answer = asyncio.run(server._get("api/regrade", method="POST", body="{}"))
    assert answer.code == 400 and json.loads(answer.body)["why"] == NO_STEP


def test_students_of_several_assignments_are_applied_assignment_by_assignment():
    whose = [["student-01", "02_b"], ["student-02", "01_a"], ["student-03", "02_b"]]
    asked = read_request({"do": "apply", "run": "a", "whose": whose})
    assert [(name, how["students"]) for name, how in asked.parts(None, "ta1")] == [
        ("02_b", ["student-01", "student-03"]),
        ("01_a", ["student-02"]),
    ]


def test_what_concerns_most_submissions_comes_first():
    def change(student, *checks):
        lines = [{"cell": "c", "what": w, "old": 0.0, "new": 1.0, "why": "test"} for w in checks]
        return {"assignment": NAME, "student": student, "lines": lines}

    found = reasons([change("student-01", "one", "two"), change("student-02", "two")])
    assert [(one["what"], one["submissions"], one["points"]) for one in found] == [
        ("two", 2, 2.0),
        ("one", 1, 1.0),
    ]


def test_the_page_asks_for_all_that_it_shows_and_runs_our_script_alone(server):
    answer = server.get("regrade")
    text = answer.body.decode()
    assert f"<option>{NAME}</option>" in text and "student-" not in text
    assert "script-src 'sha256-" in answer.headers["Content-Security-Policy"]
    assert (
        'href="/formgrader/regrade">Regrade</a>' in server.get("manage_assignments").body.decode()
    )


def test_formgraders_own_pages_read_the_new_points_at_once(server, graded_class):
    [one, *_] = json.loads(server.get(f"api/submitted_notebooks/{NAME}/{NAME}").body)
    server.get(f"api/grades?submission_id={one['id']}")
    kept_by_formgrader = server.application.settings["nbgrader_gradebook"]
    grade = kept_by_formgrader.find_grade("test-double", NAME, NAME, "student-02")
    assert grade.auto_score == 3.0
    run = preview(server, graded_class)["shown"]["run"]
    begin(server, "apply", run=run, whose=None)
    assert grade.auto_score == 4.0


def test_what_a_preview_could_not_grade_is_named_and_the_others_are_shown(
    server, graded_class, monkeypatch
):
    grade = graded_class.grade

    def torn(kit, submitted, how):
        if submitted.parent.name == "student-01":
            raise RuntimeError("it is torn")
        return grade(kit, submitted, how)

    by_hand.grade_by_hand(monkeypatch, torn)
    told = preview(server, graded_class)
    assert told["state"]["failures"] == ["student-01 01_mini: RuntimeError: it is torn"]
    assert [one["student"] for one in told["shown"]["changes"]] == ["student-02"]
    assert told["shown"]["same"] == 1
