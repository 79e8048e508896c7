"""A notebook is checked as it would be graded, before it is handed in, and no grade is written."""

import json
import os
from concurrent.futures import Future, wait
from pathlib import Path
from threading import Event

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from traitlets.config import Config

from grading.checks import answer_key
from grading.course.errors import NotReleased
from grading.course.layout import Course
from grading.course.released import ReleasedNotebook
from grading.engine import checker as module
from grading.engine.checker import Check, Checked, Checker, Section, checked
from grading.engine.messages import Graded, Malformed

TOLD = {"test": [{"name": "doubles", "passed": True, "hint": ""}]}
ONE = Checked(
    (
        Section("test", "Doubling", (("doubles", True, ""), ("refuses", False, "it does not"))),
        Section("more", "Halving", (("halves", False, "by 2"),)),
    )
)


def notebook():
    ours = {"nbgrader": {"grade_id": "test", "grade": True, "solution": False, "points": 2}}
    return new_notebook(cells=[new_markdown_cell("## Doubling"), new_code_cell("1", metadata=ours)])


class Pool:
    """Say of every notebook what a test wants, and note what was asked."""

    def __init__(self, told=TOLD, ended="complete"):
        self.answer = Graded(json.dumps(told).encode(), ended=ended)
        self.asked, self.stopped = [], False

    def submit(self, kit, folder, how):
        self.asked.append((kit, next(iter(folder.iterdir())).read_bytes(), how))
        future = Future()
        future.set_result(self.answer)
        return future

    def stop(self):
        self.stopped = True


@pytest.fixture
def course(tmp_path):
    return Course(tmp_path)


@pytest.fixture
def here(course):
    released = ReleasedNotebook(course, "01_mini")
    released.folder.mkdir(parents=True)
    released.file.write_text("{}")
    return released


@pytest.fixture
def checker(course, monkeypatch):
    """Return a checker whose workers are none, and whose kits say what they were made from."""

    class Stub:
        def __init__(self, of, released, settings):
            if not released.file.exists():
                raise NotReleased("01_mini has not been released")
            self.salt, self.notebook, self.content = of.salt, notebook(), released.file.read_text()

        @classmethod
        def of(cls, *given):
            return cls(*given)

    monkeypatch.setattr(module, "Kit", Stub)
    with Checker(course, Config(), Pool()) as checker:
        yield checker


def test_what_a_worker_says_is_told_by_section(checker, here):
    result = checker.submit("01_mini", b"{}").result()
    assert result == Checked((Section("test", "Doubling", (("doubles", True, ""),)),))


def test_it_is_run_as_it_would_be_graded_and_only_checks_are_told(checker, here):
    checker.submit("01_mini", b"the notebook").result()
    [(_, content, how)] = checker._pool.asked
    assert content == b"the notebook" and how == {"execute": True, "tell": "checks"}


def test_hidden_inputs_are_others_than_those_of_the_grade(checker, here, course):
    checker.submit("01_mini", b"").result()
    salt = checker._pool.asked[0][0].salt
    assert salt != course.salt and course.salt not in salt


def test_the_answer_key_of_the_grade_is_left_alone(course, here):
    practice = ReleasedNotebook(Course(course.root, practising=True), "01_mini")
    assert practice.key != here.key and practice.key.parent == here.folder


def test_another_salt_is_another_for_practice(course):
    salts = set()
    for salt in ("one", "two"):
        (course.root / "salt.txt").write_text(salt)
        salts |= {course.salt, Course(course.root, practising=True).salt}
    assert len(salts) == 4


def test_what_is_needed_is_gathered_once_until_it_is_released_again(checker, here):
    for _ in range(2):
        checker.submit("01_mini", b"").result()
    here.file.write_text('{"another": 1}')
    os.utime(here.file, (1, 1))
    checker.submit("01_mini", b"").result()
    kits = [kit for kit, _, _ in checker._pool.asked]
    assert kits[0] is kits[1] and kits[2].content == '{"another": 1}'


def test_thirty_who_ask_at_once_are_answered_in_the_order_in_which_they_asked(checker, here):
    all_have_asked, answered = Event(), []

    class Busy(Pool):
        def submit(self, kit, folder, how):
            assert all_have_asked.wait(60)
            return super().submit(kit, folder, how)

    checker._pool = Busy()
    order = [b"%02d" % number for number in range(30)]
    waiting = [checker.submit("01_mini", notebook) for notebook in order]
    for notebook, one in zip(order, waiting, strict=True):
        one.add_done_callback(lambda _, notebook=notebook: answered.append(notebook))
    all_have_asked.set()
    wait(waiting, 60)
    checker._turns.shutdown()  # now every callback has been called, too
    assert answered == order


def test_an_assignment_that_was_not_released_cannot_be_checked(checker):
    with pytest.raises(NotReleased):
        checker.submit("02_mini", b"").result()


def test_nothing_of_what_was_checked_is_kept(checker, here):
    checker.submit("01_mini", b"").result()
    assert list(Path(checker._folder.name).iterdir()) == []


def test_the_end_of_it_ends_its_workers(course):
    checker = Checker(course, Config(), Pool())
    checker.close()
    assert checker._pool.stopped and not Path(checker._folder.name).exists()


def test_so_many_workers_answer_as_the_course_says(course):
    with Checker(course, Config(Check={"workers": 3})) as checker:
        assert checker._turns._max_workers == checker._pool._threads._max_workers == 3


def test_how_a_run_ended_is_a_sentence_of_ours():
    told = Graded(json.dumps(TOLD).encode(), ended="memory")
    assert "grows without end" in checked(told, notebook()).about
    assert checked(Graded(json.dumps(TOLD).encode()), notebook()).about == ""


@pytest.mark.parametrize(
    "said",
    [
        b"\xff",
        b"[]",
        b"null",
        b"[" * 100_000,
        b"{}",
        b'{"test": 1}',
        b'{"test": [{"name": "doubles", "passed": true}]}',
        b'{"test": [{"name": 1, "passed": true, "hint": ""}]}',
        json.dumps({"test": [{"name": "x" * 501, "passed": True, "hint": ""}]}).encode(),
    ],
)
def test_what_is_no_list_of_checks_is_refused(said):
    with pytest.raises(Malformed):
        checked(Graded(said), notebook())


def test_only_true_holds():
    said = {"test": [{"name": "doubles", "passed": 1, "hint": ""}]}
    [section] = checked(Graded(json.dumps(said).encode()), notebook()).sections
    assert section.checks == (("doubles", False, ""),)


def test_a_count_names_nothing():
    assert ONE.told("count") == {"passed": 1, "checks": 3, "about": ""}


@pytest.mark.parametrize("tells", ["names", "hints"])
def test_names_and_hints_are_told_by_section_as_the_policy_says(tells):
    told = ONE.told(tells)
    assert [one["heading"] for one in told["sections"]] == ["Doubling", "Halving"]
    checks = [check for one in told["sections"] for check in one["checks"]]
    assert [one["passed"] for one in checks] == [True, False, False]
    assert ("it does not" in str(told)) == (tells == "hints")


def test_students_are_told_names_ten_times_a_day_unless_a_course_says_otherwise():
    assert (Check().tells, Check().a_day) == ("names", 10)


@pytest.mark.slow
def test_the_checks_are_those_of_the_grade(mini):
    """Run a right and a wrong notebook for real; neither leaves a grade."""
    before = sorted(mini.course.root.rglob("*.db"))
    key = mini.released.key.read_bytes() if mini.released.key.exists() else None
    with Checker(mini.course, mini.config) as checker:
        right, wrong = (
            checker.submit("01_mini", json.dumps(one).encode())
            for one in (mini.notebook(), mini.notebook(double="def double(x):\n    return 3 * x"))
        )
        every = [check for one in right.result().sections for check in one.checks]
        assert every and all(holds for _, holds, _ in every)
        assert not all(holds for one in wrong.result().sections for _, holds, _ in one.checks)
    assert sorted(mini.course.root.rglob("*.db")) == before
    assert key is None or mini.released.key.read_bytes() == key
    practice = ReleasedNotebook(Course(mini.course.root, practising=True), "01_mini")
    ours = answer_key.read_key(practice.key.read_text())
    assert [name for name, _, _ in every] == [name for cell in ours.cells.values() for name in cell]
