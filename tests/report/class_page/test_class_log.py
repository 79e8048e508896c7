"""Which runs ended badly is read from the log of all runs, the last word on each submission."""

import json

from grading.report.class_page import log
from grading.report.class_page.log import bad_runs

LINE = {"at": "2026-10-01", "student": "student-01", "assignment": "01", "outcome": "graded"}


def write(root, *lines):
    file = root / "reports" / log.LOG
    file.parent.mkdir(exist_ok=True)
    texts = [one if isinstance(one, str) else json.dumps(LINE | one) for one in lines]
    file.write_text("\n".join(texts) + "\n")


GOOD = {"ended": "complete", "why": ""}
SLOW = {"ended": "too slow", "why": "its run was ended: too slow"}


def test_a_run_that_was_ended_is_bad_and_one_that_was_not_is_none(tmp_path):
    write(tmp_path, SLOW, GOOD | {"student": "student-02"})
    [run] = bad_runs(tmp_path)
    assert (run.student, run.ended, run.why) == ("student-01", "too slow", SLOW["why"])


def test_the_last_run_counts(tmp_path):
    write(tmp_path, SLOW, GOOD)
    assert bad_runs(tmp_path) == []
    write(tmp_path, GOOD, SLOW)
    assert len(bad_runs(tmp_path)) == 1


def test_what_failed_stands_first(tmp_path):
    failed = {"outcome": "failed", "ended": "failed", "why": "no", "assignment": "09"}
    write(tmp_path, SLOW, failed)
    assert [run.outcome for run in bad_runs(tmp_path)] == ["failed", "graded"]


def test_what_was_settled_is_bad_whatever_it_says(tmp_path):
    write(tmp_path, GOOD | {"outcome": "settled"})
    assert len(bad_runs(tmp_path)) == 1


def test_lines_that_are_none_are_passed_over(tmp_path):
    write(tmp_path, "", "{", "3", "[]", json.dumps({"student": "student-01"}), SLOW, '{"half')
    assert len(bad_runs(tmp_path)) == 1


def test_of_a_long_log_the_end_is_read(tmp_path, monkeypatch):
    write(tmp_path, *[SLOW | {"student": "student-09"}] * 2, *[SLOW] * 20)
    monkeypatch.setattr(log, "MOST_READ", 1000)
    assert [run.student for run in bad_runs(tmp_path)] == ["student-01"]


def test_without_a_log_nothing_ended_badly(tmp_path):
    assert bad_runs(tmp_path) == []
