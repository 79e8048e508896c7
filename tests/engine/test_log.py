"""The log of all runs: one JSON object a submission, whatever became of the run before."""

import json
import re
from datetime import UTC, datetime

import pytest

from grading.course.layout import Course
from grading.engine.done import Done
from grading.engine.log import Log, log_file
from grading.sandbox.settings import PROJECT

DONE = Done("student-01", "01_mini", "graded", score=3.5)


@pytest.fixture
def course(tmp_path):
    return Course(tmp_path)


def lines(course):
    return [json.loads(line) for line in log_file(course).read_text().splitlines()]


def test_a_submission_is_a_line_with_all_that_is_told_of_it(course):
    Log(course).write(DONE)
    [line] = lines(course)
    assert line.pop("at")
    assert line == DONE.as_json()


def test_the_time_is_that_of_the_world(course):
    before = datetime.now(UTC).replace(microsecond=0)
    Log(course).write(DONE)
    at = datetime.fromisoformat(lines(course)[0]["at"])
    assert at.utcoffset().total_seconds() == 0 and before <= at <= datetime.now(UTC)


def test_a_run_goes_on_where_the_last_ended(course):
    for _ in range(2):
        Log(course).write(DONE)
    assert len(lines(course)) == 2


def test_half_a_line_of_a_killed_run_spoils_no_other(course):
    Log(course).write(DONE)
    with log_file(course).open("a") as file:
        file.write('{"at": "20')
    Log(course).write(DONE)
    first, half, last = log_file(course).read_text().splitlines()
    assert half == '{"at": "20' and json.loads(first).keys() == json.loads(last).keys()


def test_names_of_any_kind_stay_in_their_line(course):
    Log(course).write(Done("a\nb\udcff", "01_mini", "failed", why='"\r\u2028'))
    [line] = lines(course)
    assert (line["student"], line["why"]) == ("a\nb\udcff", '"\r\u2028')


def test_it_lies_with_the_reports(course):
    assert log_file(course).relative_to(course.root).as_posix() == "reports/autograding.jsonl"


def test_the_table_in_the_docs_names_every_key(course):
    Log(course).write(DONE)
    text = (PROJECT / "docs" / "architecture.md").read_text()
    table = text.partition("| key | what it holds |")[2].partition("\n\n")[0]
    keys = [
        key for row in table.split("\n")[2:] for key in re.findall("`(.+?)`", row.split("|")[1])
    ]
    assert sorted(keys) == sorted(lines(course)[0])
