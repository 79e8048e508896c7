"""One place to grade at: what takes a worker down costs that submission alone, and is told."""

import threading

import pytest

from grading.engine.settings import Workers
from grading.engine.slot import GradingFailed, Slot, WorkerDown, WorkerNotStarted
from grading.sandbox.bubblewrap import SandboxError
from grading.sandbox.kernel import KernelNotStarted

HOW = {"execute": True}


@pytest.fixture
def grade(slot, kit, behave):
    """Return what grades with a stand-in of some kind."""

    def grade(behaviour, how=HOW):
        behave(behaviour)
        return slot.grade(kit, b"the submission", how)

    return grade


def down(grade, behaviour):
    with pytest.raises(WorkerDown) as error:
        grade(behaviour)
    return error.value


def test_a_submission_earns_what_its_worker_says(grade):
    graded = grade("good")
    assert graded.scores == {"test": 1.5, "think": None} and graded.comments == {"think": None}
    assert graded.notebook.startswith(b"graded by ")
    assert (graded.cpu_seconds, graded.ended) == (0.25, "complete") and graded.seconds > 0


def test_one_worker_grades_one_submission_after_the_other(grade):
    assert grade("good").notebook == grade("good").notebook


def test_what_it_is_to_get_instead_reaches_the_worker(grade):
    earned = {"test": 0.5, "more": 1.0}
    assert grade("settles", {"instead": {"earned": earned, "note": ""}}).scores == earned


@pytest.mark.parametrize(
    ("behaviour", "why", "earned"),
    [
        ("dies", "ended unexpectedly", {"test": 0.5, "more": 1.0}),
        ("says garbage", "said what is no message", {}),
        ("answers what is none", "said what is no message", {}),
        ("answers infinity", "said what is no message", {}),
        ("answers a number without end", "said what is no message", {}),
        ("answers more than can be earned", "said what is no message", {}),
        ("answers less than nothing", "said what is no message", {}),
        ("earns more than can be earned", "said what is no message", {}),
        ("earns for no cell", "said what is no message", {}),
        ("earns what is no number", "said what is no message", {}),
        ("chatters", "said what is no message", {"test": 0.5}),
    ],
)
def test_a_submission_that_takes_its_worker_down_keeps_what_it_had_earned(
    grade, tmp_path, behaviour, why, earned
):
    error = down(grade, behaviour)
    assert str(error) == f"the process that graded it {why}"
    assert error.earned == earned and error.seconds > 0
    assert list(tmp_path.iterdir()) == []


def test_why_a_worker_went_down_is_told_in_a_word(grade):
    assert down(grade, "dies").code == "died"
    assert down(grade, "answers infinity").code == "malformed"


def test_a_worker_may_take_what_the_notebook_may_and_some_more(slot, kit, behave, clock):
    behave("hangs")
    limits = kit.settings
    allowed = limits.startup_seconds + limits.notebook_seconds + Workers().wall_seconds
    deadlines = []
    process = slot._with_kit(kit)

    def ask(request, content, seconds, told):
        deadlines.append(seconds)
        raise KeyboardInterrupt

    process.ask = ask
    with pytest.raises(KeyboardInterrupt):
        slot.grade(kit, b"", HOW)
    assert deadlines == [allowed]


def test_the_next_submission_gets_a_new_worker(grade, behave):
    down(grade, "dies")
    assert grade("good").scores["test"] == 1.5


@pytest.mark.parametrize(
    "behaviour", ["answers twice", "says more than it said", "ends after its answer"]
)
def test_what_a_worker_says_after_its_answer_is_not_taken_for_the_next_ones(grade, slot, behaviour):
    before = grade(behaviour)
    while slot._process.quiet:
        pass
    after = grade("good")
    assert after.scores == {"test": 1.5, "think": None} and after.notebook != before.notebook


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        ("fails", GradingFailed),
        ("has no sandbox", SandboxError),
        ("has no kernel", KernelNotStarted),
    ],
)
def test_what_is_no_fault_of_the_submission_is_told_as_what_it_is(grade, behaviour, error):
    with pytest.raises(error, match="the disk is on fire"):
        grade(behaviour)


@pytest.mark.parametrize(
    ("behaviour", "why"),
    [
        ("dies with its kit", "ended unexpectedly; ImportError: no module named grading"),
        ("refuses its kit", "a kit that is none"),
    ],
)
def test_a_worker_that_ends_before_it_has_a_submission_blames_none(grade, tmp_path, behaviour, why):
    with pytest.raises(WorkerNotStarted, match=why):
        grade(behaviour)
    assert list(tmp_path.iterdir()) == []


def test_a_worker_that_does_nothing_with_its_kit_is_ended_by_our_own_clock(grade, clock):
    timer = threading.Timer(0.3, lambda: setattr(clock, "seconds", 100_000.0))
    timer.start()
    with pytest.raises(WorkerNotStarted, match="took longer than it may"):
        grade("hangs with its kit")
    timer.join()


def test_a_worker_that_ended_while_it_waited_costs_nobody_anything(grade, kit, slot, behave):
    behave("ends after its kit")
    process = slot._with_kit(kit)
    while process.quiet:
        pass
    assert grade("good").scores["test"] == 1.5


def test_a_kit_is_given_once_and_another_one_when_it_is_another(grade, slot, kit, monkeypatch):
    grade("good")
    given = []
    monkeypatch.setattr(slot, "_give", lambda kit, process: given.append(kit.salt))
    slot.grade(kit, b"", HOW)
    slot.grade(type(kit)(**vars_of(kit) | {"salt": "another"}), b"", HOW)
    slot.grade(kit, b"", HOW)
    assert given == ["another", ""]


def vars_of(kit):
    return {name: getattr(kit, name) for name in kit.__dataclass_fields__}


def test_a_new_worker_is_given_the_kit_again(grade, slot):
    grade("good")
    slot.close()
    assert grade("good").scores["test"] == 1.5


def test_closing_twice_does_no_harm(slot):
    slot.close()
    slot.close()


def test_a_place_is_fixed_to_its_processor_and_has_a_template_for_its_kit(tmp_path, kit, behave):
    behave("good")
    slot = Slot(Workers(), tmp_path, 7)
    try:
        slot.grade(kit, b"", HOW)
        assert behave.how == [(7, kit.limits)]
    finally:
        slot.close()
