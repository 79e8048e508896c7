"""Questions about grades: whose, how many, how long, and that answers are not written over."""

import threading
from dataclasses import asdict
from datetime import timedelta

import pytest
from book import ASSIGNMENT, EARLIER, STUDENT

from grading.grades.asked import (
    LONGEST,
    LONGEST_ANSWER,
    NOT_YOURS,
    AnsweredMeanwhile,
    MayNotAsk,
    Questions,
    answer,
    ask,
    asked_by,
    cleaned,
    queue,
)
from grading.grades.told import QuestionTold, Told, told_of_all

CHECKS = {("test-a", "doubles a matrix")}


@pytest.fixture
def graded(book):
    book.receive()
    book.save()
    return book


def put(book, text="Why?", about=(ASSIGNMENT, "test-a", "doubles a matrix"), **how):
    student = how.pop("student", STUDENT)
    with book.run() as run:
        return ask(run, Questions(**how), student, about, CHECKS, text)


def answered(book, question, text="Because.", read="", who="ta-01"):
    with book.run() as run:
        return answer(run, question.id, text, who, read)


def mine(book, student=STUDENT):
    with book.run() as run:
        return asked_by(run, student)


def test_a_question_waits_with_the_check_it_is_about_and_comes_back_answered(graded):
    one = put(graded)
    assert (one.student, one.assignment, one.cell) == (STUDENT, ASSIGNMENT, "test-a")
    assert (one.check, one.text, one.answer) == ("doubles a matrix", "Why?", "")
    with graded.run() as run:
        assert queue(run) == ([one], [])
    done = answered(graded, one)
    assert (done.answer, done.who, bool(done.answered_at)) == ("Because.", "ta-01", True)
    assert mine(graded) == [done]
    with graded.run() as run:
        assert queue(run) == ([], [done])


def test_a_student_reads_their_own_questions_only(graded):
    put(graded)
    assert mine(graded, "student-02") == []


@pytest.mark.parametrize(
    "about",
    [
        (ASSIGNMENT, "test-a", "no such check"),
        (ASSIGNMENT, "test-b", "doubles a matrix"),
        (ASSIGNMENT, "no such cell", ""),
        (EARLIER, "test-a", ""),
        ("no such assignment", "test-a", ""),
    ],
)
def test_what_is_no_grade_of_theirs_cannot_be_asked_about(graded, about):
    with pytest.raises(MayNotAsk, match=NOT_YOURS):
        put(graded, about=about)
    assert mine(graded) == []


def test_the_grade_of_somebody_else_cannot_be_asked_about(graded):
    with pytest.raises(MayNotAsk, match=NOT_YOURS):
        put(graded, student="student-02")


def test_before_it_is_graded_nothing_can_be_asked(book):
    book.receive()
    with pytest.raises(MayNotAsk, match=NOT_YOURS):
        put(book, about=(ASSIGNMENT, "test-a", ""))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "Write what"),
        (" \n\u202e\x00 ", "Write what"),
        ("x" * (LONGEST + 1), "yours has 1,001"),
    ],
)
def test_nothing_and_too_much_is_refused(graded, text, why):
    with pytest.raises(MayNotAsk, match=why):
        put(graded, text)


def test_the_longest_question_is_taken(graded):
    assert len(put(graded, "x" * LONGEST).text) == LONGEST


def test_a_course_may_take_no_questions(graded):
    with pytest.raises(MayNotAsk, match="takes no questions"):
        put(graded, allowed=False)


def test_only_so_many_wait_at_once(graded):
    first = put(graded, waiting=2)
    put(graded, waiting=2)
    with pytest.raises(MayNotAsk, match="2 questions of yours wait"):
        put(graded, waiting=2)
    answered(graded, first)
    put(graded, waiting=2)


def test_only_so_many_are_asked_about_one_assignment(graded):
    answered(graded, put(graded, each=1))
    with pytest.raises(MayNotAsk, match="asked 1 times about this assignment"):
        put(graded, each=1)


def test_those_who_ask_at_the_same_moment_cannot_have_more_waiting(graded):
    refused, together = [], threading.Barrier(6)

    def press():
        together.wait()
        try:
            put(graded, waiting=2)
        except MayNotAsk as error:
            refused.append(error)

    threads = [threading.Thread(target=press) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(mine(graded)), len(refused)) == (2, 4)


def test_an_answer_is_not_written_over_unread(graded):
    one = put(graded)
    answered(graded, one, "First.")
    with pytest.raises(AnsweredMeanwhile, match="ta-01 has answered") as stale:
        answered(graded, one, "Second.", who="ta-02")
    assert stale.value.now.answer == "First." == mine(graded)[0].answer
    assert answered(graded, one, "Second.", read="First.", who="ta-02").who == "ta-02"


@pytest.mark.parametrize("text", ["", "\x00", "x" * (LONGEST_ANSWER + 1)])
def test_an_empty_or_endless_answer_is_refused(graded, text):
    with pytest.raises(MayNotAsk, match="at most 4,000"):
        answered(graded, put(graded), text)


def test_there_may_be_no_such_question(graded):
    with graded.run() as run:
        assert answer(run, "0" * 32, "Because.", "ta-01") is None


def test_a_text_is_kept_without_what_hides_or_turns_it():
    assert cleaned("\u202eWhy\x07?\r\nAnd\x1b[2J \u2066what? ü 字 👍\t1\n\n") == (
        "Why?\nAnd[2J what? ü 字 👍\t1"
    )


def test_a_question_stays_when_work_is_handed_in_and_graded_anew(graded):
    answered(graded, put(graded))
    graded.receive(timedelta(hours=1))
    graded.save(made_from="another submission")
    assert len(mine(graded)) == 1


def test_feedback_tells_what_was_answered_and_only_to_who_asked(graded):
    graded.receive(student="student-02")
    before = graded.told_of()
    one = put(graded)
    assert graded.told_of() == before
    answered(graded, one)
    with graded.run() as run:
        told = told_of_all(run, ASSIGNMENT)
    assert told["student-02"].questions == ()
    expected = QuestionTold("test-a", "doubles a matrix", "Why?", "Because.")
    assert told[STUDENT].questions == (expected,)
    assert graded.told_of() != before


def test_what_is_told_comes_back_whole_from_a_worker(graded):
    answered(graded, put(graded))
    with graded.run() as run:
        told = told_of_all(run, ASSIGNMENT)[STUDENT]
    assert Told.read(asdict(told)) == told
