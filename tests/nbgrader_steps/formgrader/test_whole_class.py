"""A whole class is graded and told with one click; nothing ungraded goes out unasked."""

import asyncio
import json
import threading

import pytest
from by_hand import grade_by_hand
from formgrader_server import Formgrader, InThisProcess
from jupyter_server.auth import IdentityProvider, User
from nbgrader.api import Gradebook
from nbgrader.server_extensions.formgrader import handlers

from grading.course.errors import CourseError
from grading.engine.lock import only_grader
from grading.grades.graded import GradedNotebook
from grading.nbgrader_steps.formgrader import whole_class, work
from grading.nbgrader_steps.formgrader.jobs import PROCESS_ENDED
from grading.nbgrader_steps.formgrader.jobs import SETTING as JOBS
from grading.nbgrader_steps.formgrader.whole_class import running
from grading.nbgrader_steps.formgrader.whole_class.answering import SETTING
from grading.nbgrader_steps.formgrader.whole_class.running import Busy, WholeClass, in_chunks
from trials.gradebook import db_url_of

NAME = "01_mini"
NEW = ["student-03", "student-04"]
SCORES = {"test-double": 3.0, "test-halve": 2.0, "think": None}


@pytest.fixture
def server(feedback, monkeypatch):
    found = Formgrader(feedback.course.root, monkeypatch)
    found.application.settings[JOBS] = InThisProcess(feedback.course.root)
    return found


@pytest.fixture
def pages(feedback, monkeypatch):
    """Return whose feedback is made, without a worker; of `student-02` it cannot be."""
    made = []

    def make(course, config, pages, report, workers):
        for page in pages:
            made.append(page.student)
            report(f"{page.student} {page.assignment}")
        broken = [page for page in pages if page.student == "student-02"]
        return [f"{page.student} {page.assignment}: no feedback: it is torn" for page in broken]

    monkeypatch.setattr(work, "generate_feedback", make)
    return made


def begin(server, step, assignment=NAME, **said):
    """Press a button and wait; return the answer's status, what it says, how the step ended."""

    async def ask():
        body = json.dumps({"step": step, "assignment": assignment, **said})
        answer = await server._get("api/whole_class", method="POST", body=body)
        found = server.application.settings.setdefault(SETTING, WholeClass())
        await asyncio.wait_for(found.finished(), 60)
        return answer.code, json.loads(answer.body), found.state()

    return asyncio.run(ask())


def hand_in(mini, *students):
    for student in students:
        mini.submit(student, mini.notebook())


def graded(mini):
    with Gradebook(db_url_of(mini.course)) as gradebook:
        found = gradebook.assignment_submissions(NAME)
        return sorted(one.student_id for one in found if one.score == 5.0)


def released(mini):
    return len([*(mini.course.root / "exchange").rglob("*.html")])


def left(server):
    return {
        one["assignment"]: one
        for one in json.loads(server.get("api/whole_class/left").body)["left"]
    }


def test_one_click_grades_whoever_is_new_or_changed_and_nobody_else(server, feedback):
    hand_in(feedback, *NEW)
    status, _, state = begin(server, "autograde")
    assert status == 202
    assert (state["done"], state["total"], state["ended"]) == (2, 2, "Done.")
    assert server.application.settings[JOBS].asked == [("autograde_class", NEW)]
    assert graded(feedback) == ["student-01", "student-02", *NEW]


def test_all_assignments_are_graded_by_one_click_too(server, feedback):
    hand_in(feedback, *NEW)
    assert begin(server, "autograde", None)[2]["done"] == 2


def test_where_nothing_is_new_it_says_so(server):
    assert begin(server, "autograde")[2]["ended"] == "There was nothing to do."


def test_an_error_of_one_student_is_named_and_the_others_go_on(server, feedback, monkeypatch):
    def grade(kit, submitted, how):
        if submitted.parent.name == NEW[0]:
            raise RuntimeError("it is torn")
        return GradedNotebook(feedback.released.skeleton(), dict(SCORES))

    hand_in(feedback, *NEW)
    grade_by_hand(monkeypatch, grade)
    state = begin(server, "autograde")[2]
    assert state["failures"] == ["student-03 01_mini: RuntimeError: it is torn"]
    assert (state["done"], state["ended"]) == (2, "Done.")
    assert graded(feedback) == ["student-01", "student-02", "student-04"]


def test_an_assignment_that_cannot_be_graded_is_named_and_the_others_are_graded(
    server, feedback, monkeypatch
):
    find = whole_class.answering.ClassLeft.to_grade

    def to_grade(self, name):
        if name == "02_other":
            raise CourseError("it is not released")
        return find(self, name)

    monkeypatch.setattr(whole_class.answering.ClassLeft, "to_grade", to_grade)
    monkeypatch.setattr(
        whole_class.answering.ClassLeft, "assignments", lambda self, one: ["02_other", NAME]
    )
    hand_in(feedback, *NEW)
    state = begin(server, "autograde", None)[2]
    assert state["failures"] == ["02_other: it is not released"]
    assert state["done"] == 2


def test_where_nothing_can_be_graded_nothing_was_done_and_nothing_is_counted(
    server, feedback, monkeypatch
):
    def to_grade(self, name):
        raise CourseError(f"{name} has not been released")

    monkeypatch.setattr(whole_class.answering.ClassLeft, "to_grade", to_grade)
    hand_in(feedback, *NEW)
    state = begin(server, "autograde")[2]
    assert state["failures"] == ["01_mini has not been released"]
    assert state["ended"] == "Nothing was done."
    there = left(server)[NAME]
    assert (there["to_grade"], there["why"]) == (None, "01_mini has not been released")


def test_while_another_run_grades_it_stops_and_says_why(server, feedback):
    hand_in(feedback, *NEW)
    with only_grader(feedback.course):
        state = begin(server, "autograde")[2]
    assert state["ended"].startswith("Stopped: Somebody is grading this course")
    assert not state["running"]


def test_feedback_is_made_where_it_is_missing_or_old_and_whose_is_not_is_named(server, pages):
    state = begin(server, "feedback")[2]
    assert pages == ["student-01", "student-02"]
    assert state["failures"] == ["student-02 01_mini: no feedback: it is torn"]
    assert (state["done"], state["total"]) == (2, 2)


def test_nothing_ungraded_goes_out_without_a_question(server, feedback):
    hand_in(feedback, *NEW)
    status, said, _ = begin(server, "release")
    assert status == 200 and released(feedback) == 0
    assert said["question"].startswith(
        "01_mini: 2 answers of 2 of 2 students wait for a person: student-01, student-02. "
        "Handed in and not autograded as it is now: student-03, student-04. "
        "Feedback missing or older than the grades: student-01, student-02."
    )
    begin(server, "release", agreed=said["question"])
    assert released(feedback) == 2


def test_whoever_agreed_is_asked_again_where_the_question_is_another(server, feedback):
    agreed = begin(server, "release")[1]["question"]
    hand_in(feedback, *NEW)
    assert "student-03" in begin(server, "release", agreed=agreed)[1]["question"]
    assert released(feedback) == 0


def test_where_everything_is_ready_nothing_is_asked(
    server, feedback, grade_everything, monkeypatch
):
    grade_everything()
    monkeypatch.setattr(whole_class.left, "outdated", lambda *_: [])
    status, _, state = begin(server, "release", None)
    assert (status, released(feedback), state["ended"]) == (202, 2, "Done.")


def test_whose_feedback_cannot_be_released_is_named_and_the_others_get_theirs(server, feedback):
    (feedback.course.feedback("student-01", NAME) / "submission_secret.txt").unlink()
    agreed = begin(server, "release")[1]["question"]
    state = begin(server, "release", agreed=agreed)[2]
    assert released(feedback) == 1
    [failure] = state["failures"]
    assert failure.startswith("Not released: student-01: there is no submission_secret.txt")


def test_it_says_what_is_left_of_each_assignment(server, feedback):
    hand_in(feedback, *NEW)
    assert left(server)[NAME] == {
        **{"assignment": NAME, "handed_in": 4, "to_grade": 2, "to_tell": 2},
        **{"waiting": 2, "why": ""},
    }


@pytest.mark.parametrize("said", [{"step": "burn"}, {}, []])
def test_what_is_no_step_is_refused(server, said):
    answer = asyncio.run(server._get("api/whole_class", method="POST", body=json.dumps(said)))
    assert answer.code == 400


def test_what_is_no_assignment_is_refused_with_the_nearest(server):
    status, said, _ = begin(server, "autograde", "01_mimi")
    assert status == 409 and "did you mean 01_mini?" in said["why"]


def test_the_page_runs_its_script_alone_and_every_page_leads_to_it(server):
    page = server.get("whole_class")
    assert page.code == 200
    assert "script-src 'sha256-" in page.headers["Content-Security-Policy"]
    assert 'href="/formgrader/whole_class">Whole Class</a>' in server.get("gradebook").body.decode()


def test_who_is_not_logged_in_starts_nothing(server, feedback):
    class Nobody(IdentityProvider):
        async def get_user(self, handler):
            return None

    server.application.settings |= {"identity_provider": Nobody(), "login_url": "/login"}
    hand_in(feedback, *NEW)
    answer = asyncio.run(
        server._get("api/whole_class", method="POST", body='{"step": "autograde"}')
    )
    assert answer.code in (302, 403)
    assert server.application.settings[JOBS].asked == []


def test_ours_are_put_there_once(monkeypatch):
    monkeypatch.setattr(handlers, "default_handlers", [("/other", object)])
    whole_class.install()
    whole_class.install()
    assert handlers.default_handlers == [*whole_class.OURS, ("/other", object)]


TARGETS = [(NAME, f"student-{number:02}") for number in range(5)]
FINE = {"success": True, "log": "fine"}


class Said:
    """Jobs that answer as is written down for each student."""

    def __init__(self, says):
        self.says, self.asked = says, []

    async def run_all(self, action, targets, tell=lambda text: None):
        students = [student for _, student in targets]
        self.asked.append(students)
        if "kills" in self.says.values() and any(self.says.get(one) == "kills" for one in students):
            why = f"{PROCESS_ENDED}: it said nothing"
            return [{"success": False, "error": why, "log": why} for _ in students]
        return [FINE for _ in students]


def carry_out(jobs, targets=TARGETS, before=lambda theirs: None):
    async def run():
        theirs = WholeClass()
        theirs.start(
            "autograde",
            None,
            "ta",
            lambda progress: in_chunks(progress, jobs, "x", lambda: (targets, [])),
        )
        before(theirs)
        await theirs.finished()
        return theirs

    return asyncio.run(run())


def test_few_are_asked_for_at_a_time_so_that_others_come_in_between(monkeypatch):
    monkeypatch.setattr(running, "AT_A_TIME", 2)
    jobs = Said({})
    state = carry_out(jobs).state()
    assert [len(chunk) for chunk in jobs.asked] == [2, 2, 1]
    assert (state["done"], state["total"]) == (5, 5)


def test_who_takes_the_process_down_is_named_and_the_others_are_graded():
    jobs = Said({"student-03": "kills"})
    state = carry_out(jobs).state()
    assert state["failures"] == [f"student-03 01_mini: {PROCESS_ENDED}: it said nothing"]
    assert (state["done"], state["ended"]) == (5, "Done.")


def test_a_process_that_never_works_ends_the_step():
    jobs = Said({student: "kills" for _, student in TARGETS})
    assert carry_out(jobs).state()["ended"] == f"Stopped: {PROCESS_ENDED}: it said nothing"


def test_one_step_at_a_time():
    def again(theirs):
        with pytest.raises(Busy, match="ta has begun"):
            theirs.start("feedback", None, "other", lambda progress: None)

    assert carry_out(Said({}), before=again).state()["done"] == 5


def test_it_stops_when_asked_and_keeps_what_is_done(monkeypatch):
    monkeypatch.setattr(running, "AT_A_TIME", 2)
    jobs = Said({})
    state = carry_out(jobs, before=lambda theirs: theirs.stop()).state()
    assert jobs.asked == []
    assert state["ended"].startswith("Stopped, as was asked for")


def test_looking_for_what_is_left_keeps_the_server_free():
    looked = []

    def find():
        looked.append(threading.current_thread() is threading.main_thread())
        return [], []

    async def run():
        theirs = WholeClass()
        theirs.start("autograde", None, "ta", lambda progress: in_chunks(progress, None, "x", find))
        await theirs.finished()

    asyncio.run(run())
    assert looked == [False]


def test_a_fault_of_ours_ends_the_step_with_its_name():
    def find():
        raise FileNotFoundError("the course has gone")

    async def run():
        theirs = WholeClass()
        theirs.start("autograde", None, "ta", lambda progress: in_chunks(progress, None, "x", find))
        await theirs.finished()
        return theirs.state()

    state = asyncio.run(run())
    assert state["ended"] == "Stopped: FileNotFoundError: the course has gone"
    assert not state["running"]


def test_who_began_it_is_said(server):
    class Person(IdentityProvider):
        async def get_user(self, handler):
            return User("ta2", "Ta Two")

    server.application.settings["identity_provider"] = Person()
    assert begin(server, "autograde")[2]["who"] == "ta2"
