"""Where the best attempt counts, an earlier one does that has earned more than the last."""

import shutil
from datetime import timedelta

import pytest
from book import ASSIGNMENT, DUE, STUDENT, Book
from policies import Broken, OnePointAnHour, policy
from traitlets.config import Config

from grading.course.assignment import FILE as OF_ASSIGNMENT
from grading.grades.attempts import UNREAD
from grading.grades.class_grades import class_grades
from grading.grades.history import bring_back_states, history
from grading.grades.lateness import follow_lateness
from grading.grades.told import Told, told_of_all

HOUR = timedelta(hours=1)
BEST = 'attempt = "best"\n'


def earned(points, think=0.0, task=0.0):
    return {"test-a": float(points), "test-b": 0.0, "think": think, "task": task}


class Attempts:
    """A student who hands in again and again, in a course with policies."""

    def __init__(self, book, root):
        self.book, self.root, self.config = book, root, Config()
        self.say(BEST)

    def say(self, text, config=None):
        self.config = config or self.config
        self.config.CourseDirectory.root = str(self.root)
        (self.root / "policies.toml").write_text(text)

    def hand_in(self, scores, submitted, late=-HOUR, follow=True, **saved):
        self.book.receive(late)
        made_from = f"from {submitted}"
        self.book.save(
            scores, config=self.config, submitted=submitted, made_from=made_from, **saved
        )
        return self.follow() if follow else []

    def follow(self):
        with self.book.run() as gradebook:
            return follow_lateness(gradebook, self.config, lambda whose: True)

    def bring_back(self, score):
        with self.book.run() as gradebook:
            [state] = [one.id for one in history(gradebook) if one.score == score]
            bring_back_states(gradebook, [state])
        self.follow()

    @property
    def counts(self):
        """Return the score that counts, and which attempt it is of where that is not the last."""
        [one] = class_grades(self.book.url).submissions
        assert one.score == pytest.approx(self.told.score)
        return one.score, one.attempt

    @property
    def told(self):
        with self.book.run() as gradebook:
            return told_of_all(gradebook, ASSIGNMENT)[STUDENT]


@pytest.fixture
def attempts(empty_book, tmp_path):
    """Return attempts in a gradebook of SQLite's."""
    return Attempts(Book(f"sqlite:///{shutil.copy(empty_book, tmp_path)}"), tmp_path)


def test_the_better_of_two_counts_and_says_so(book, tmp_path):
    attempts = Attempts(book, tmp_path)
    attempts.hand_in(earned(4), "first", -2 * HOUR, comments={"think": "No response."})
    attempts.hand_in(earned(3), "second")
    assert attempts.counts == (4.0, "1 of 2")
    told = attempts.told
    assert told.attempt == "The better of two attempts counts: that of 2030-02-28 22:00:00 UTC."
    assert told.handed_in == "2030-02-28 22:00:00 UTC"
    assert told.cells["test-a"].score == 4.0 and told.max_score == 14.0
    assert told.cells["think"].comment == "No response."
    assert told.made_from == "from first"
    assert "attempt" in told.text() and "attempt" not in Told({}, 0.0, 0.0, 0.0).text()


@pytest.mark.parametrize("text", ["", 'attempt = "last"'])
def test_the_last_counts_unless_the_file_says_otherwise(attempts, text):
    attempts.say(text)
    attempts.hand_in(earned(4), "first")
    attempts.hand_in(earned(3), "second")
    assert attempts.counts == (3.0, "") and attempts.told.attempt == ""


def test_a_file_that_says_last_again_is_followed(attempts):
    attempts.hand_in(earned(4), "first")
    attempts.hand_in(earned(3), "second")
    attempts.say("")
    attempts.follow()
    assert attempts.counts == (3.0, "")


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        (f'[attempts]\n{ASSIGNMENT} = "best"', (4.0, "1 of 2")),
        (f'{BEST}[attempts]\n{ASSIGNMENT} = "last"', (3.0, "")),
    ],
)
def test_an_assignment_has_a_rule_of_its_own(attempts, text, counts):
    folder = attempts.root / "source" / ASSIGNMENT
    folder.mkdir(parents=True)
    (folder / OF_ASSIGNMENT).write_text('title = "Last"\norder = 2\n')
    attempts.say(text)
    attempts.hand_in(earned(4), "first")
    attempts.hand_in(earned(3), "second")
    assert attempts.counts == counts


def test_of_equal_ones_the_last_counts_and_of_earlier_ones_the_later(attempts):
    for number, points in enumerate((2, 4, 4, 4)):
        attempts.hand_in(earned(points), f"files {number}")
    assert attempts.counts == (4.0, "")
    attempts.hand_in(earned(1), "more")
    assert attempts.counts == (4.0, "4 of 5")
    assert attempts.told.attempt.startswith("The best of 5 attempts counts: ")


def test_each_attempt_loses_what_its_own_time_costs(attempts):
    attempts.say(BEST, policy(OnePointAnHour))
    attempts.hand_in(earned(3), "in time")
    attempts.hand_in(earned(4), "late", 2 * HOUR)
    assert attempts.counts == (3.0, "1 of 2") and attempts.told.late_penalty == 0.0
    attempts.hand_in(earned(1), "later", 3 * HOUR)
    attempts.hand_in(earned(4), "in time after all", HOUR, follow=False)
    assert attempts.follow() == [] and attempts.counts == (3.0, "")
    [one] = class_grades(attempts.book.url).submissions
    assert (one.late_seconds, one.late_penalty) == (3600.0, 1.0)


def test_what_an_earlier_attempt_loses_follows_the_due_date(attempts):
    attempts.say(BEST, policy(OnePointAnHour))
    attempts.hand_in(earned(4), "first", HOUR)
    attempts.hand_in(earned(1), "second", HOUR)
    assert attempts.counts == (3.0, "1 of 2") and attempts.told.late_penalty == 1.0
    with attempts.book.opened() as gradebook:
        gradebook.find_assignment(ASSIGNMENT).duedate = DUE + HOUR
    attempts.follow()
    assert attempts.counts == (4.0, "1 of 2")


def test_the_last_stands_while_anything_of_it_waits_for_a_person(attempts):
    attempts.hand_in(earned(4), "first")
    attempts.hand_in(earned(1, think=None), "second")
    assert attempts.counts == (1.0, "") and attempts.told.not_graded == 3.0
    attempts.book.by_hand("think", manual_score=1.0, needs_manual_grade=False)
    assert attempts.counts == (4.0, "1 of 2")


def test_points_given_by_hand_count_for_the_attempt_they_were_given_for(attempts):
    attempts.hand_in(earned(1, think=None), "first", answers="an essay")
    attempts.book.by_hand("think", manual_score=3.0, extra_credit=0.5, needs_manual_grade=False)
    attempts.hand_in(earned(2, think=None), "second", answers="a line")
    attempts.book.by_hand("think", manual_score=0.0, extra_credit=0.0, needs_manual_grade=False)
    attempts.follow()
    assert attempts.counts == (4.5, "1 of 2")
    assert attempts.told.cells["think"].score == 3.5


def test_an_answer_that_nobody_had_read_counts_as_the_same_one_later_does(attempts):
    attempts.hand_in(earned(4, think=None), "first", answers="an essay")
    attempts.hand_in(earned(1, think=None), "second", answers="an essay")
    attempts.book.by_hand("think", manual_score=2.0, needs_manual_grade=False)
    attempts.follow()
    assert attempts.counts == (6.0, "1 of 2")


def test_another_answer_that_nobody_had_read_has_no_points(attempts):
    attempts.hand_in(earned(4, think=3.0), "first", answers="an essay", waits=["think"])
    attempts.hand_in(earned(1, think=None), "second", answers="a line")
    attempts.book.by_hand("think", manual_score=2.0, needs_manual_grade=False)
    attempts.follow()
    assert attempts.counts == (4.0, "1 of 2")
    assert attempts.told.cells["think"].comment == UNREAD


def test_no_cell_counts_more_than_it_gives_today(attempts):
    attempts.hand_in(earned(4), "first")
    attempts.hand_in(earned(1), "second")
    with attempts.book.opened() as gradebook:
        gradebook.find_grade_cell("test-a", ASSIGNMENT, ASSIGNMENT).max_score = 2
    attempts.follow()
    assert attempts.counts == (2.0, "1 of 2")


def test_work_that_is_graded_again_is_no_other_attempt(attempts):
    attempts.hand_in(earned(4), "first")
    attempts.hand_in(earned(3), "first")
    assert attempts.counts == (3.0, "")


def test_an_attempt_counts_as_it_was_graded_last(attempts):
    attempts.hand_in(earned(4), "first")
    attempts.hand_in(earned(3), "first")
    attempts.hand_in(earned(1), "second")
    assert attempts.counts == (3.0, "1 of 2")


@pytest.mark.parametrize(("first", "second"), [("", "second"), ("first", "")])
def test_grades_of_unknown_files_are_no_attempt(attempts, first, second):
    attempts.hand_in(earned(4), first)
    attempts.hand_in(earned(3), second)
    assert attempts.counts == (3.0, "")


def test_an_attempt_that_a_person_brings_back_counts(attempts):
    for points, files in ((2, "first"), (4, "second"), (1, "third")):
        attempts.hand_in(earned(points), files)
    attempts.bring_back(2.0)
    assert attempts.counts == (2.0, "")


def test_what_a_person_brings_back_counts_at_once(attempts):
    attempts.hand_in(earned(4), "first")
    attempts.hand_in(earned(1), "second")
    with attempts.book.run() as gradebook:
        [state] = history(gradebook)
        bring_back_states(gradebook, [state.id])
    attempts.book.by_hand("test-a", manual_score=3.0)
    assert attempts.counts == (3.0, "")


def test_a_regrade_of_the_last_attempt_that_is_undone_changes_nothing_of_that(attempts):
    attempts.hand_in(earned(4), "first")
    attempts.hand_in(earned(1), "second")
    attempts.hand_in(earned(3), "second")
    attempts.bring_back(1.0)
    assert attempts.counts == (4.0, "1 of 2")


def test_where_a_policy_fails_the_last_attempt_counts_and_a_line_says_so(attempts):
    attempts.hand_in(earned(4), "first", HOUR)
    attempts.hand_in(earned(1), "second")
    attempts.say(BEST, policy(Broken))
    assert attempts.follow() == [
        f"{STUDENT} {ASSIGNMENT}: the last attempt counts: RuntimeError: the policy is broken"
    ]
    assert attempts.counts == (1.0, "")
