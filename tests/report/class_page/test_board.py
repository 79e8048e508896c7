"""The class board shows what was reached and what it took, only where it is wanted, of nobody."""

from dataclasses import replace

import pandas as pd
import pytest
from made_class import ids, made
from traitlets.config import Config

from grading.course.layout import Course
from grading.report.class_page.board import ClassBoard, board_table, write_board
from grading.report.class_page.facts import CHECK_COLUMNS
from grading.report.class_page.names import hidden

SHOWN = ClassBoard(config=Config({"ClassBoard": {"shown": True}}))


def trained(*networks, assignment="02_work"):
    """Return outcomes of two steps for each network: accuracy, seconds, parameters."""
    rows = [
        (student, assignment, "test", f"digits: {step} %", True, "", *found, True, *took)
        for student, (reached, *took) in zip(ids(len(networks)), networks, strict=True)
        for step, found in ((80, (reached, 0.8)), (90, (reached, 0.9)))
    ]
    return pd.DataFrame(rows, columns=[*CHECK_COLUMNS])


def facts(*networks, **more):
    scores = {student: [20, 20] for student in ids(max(1, len(networks)))}
    return made(scores, number=2, checks=trained(*networks, **more))


THREE = ((0.91, 10.04, 5000), (0.95, 19.0, 90_000), (0.91, 4.0, 2500))


def test_a_row_is_a_submission_and_the_most_accurate_comes_first():
    table = board_table(facts(*THREE))
    assert table["accuracy"].tolist() == [0.95, 0.91, 0.91]
    assert table["seconds"].tolist() == [19.0, 4.0, 10.0]
    assert table["parameters"].tolist() == [90_000, 2500, 5000]


def test_accuracy_is_told_per_second_and_per_thousand_parameters():
    row = board_table(facts((0.9, 10.0, 4500))).iloc[0]
    assert (row["per_second"], row["per_1000_parameters"]) == (0.09, 0.2)


def test_whoever_was_not_in_time_is_not_on_it():
    table = board_table(facts(*THREE, (None, None, None)))
    assert len(table) == 3


def written(root, table, settings=SHOWN):
    (root / "reports").mkdir(exist_ok=True)
    return write_board(Course(root), table, settings)


def test_it_names_nobody(tmp_path):
    class_ = facts(*THREE)
    page = written(tmp_path, board_table(class_))
    text = page.read_text() + page.with_suffix(".csv").read_text()
    called = [one.id for one in hidden(class_, "salt").people]
    assert "95.0%" in text and "90,000" in text
    assert not any(name in text for name in [*ids(3), *called, "student", "digits:"])
    assert set(board_table(class_).columns).isdisjoint({"student", "name", "section"})


def test_the_order_of_the_class_does_not_show(tmp_path):
    orders = [board_table(facts(*order)) for order in (THREE, THREE[::-1])]
    pd.testing.assert_frame_equal(*orders)


@pytest.mark.parametrize("settings", [ClassBoard(), ClassBoard(config=Config())])
def test_it_is_off_unless_it_is_wanted(tmp_path, settings):
    assert written(tmp_path, board_table(facts(*THREE)), settings) is None
    assert [*(tmp_path / "reports").iterdir()] == []


def test_of_a_few_there_is_none(tmp_path):
    assert written(tmp_path, board_table(facts(*THREE[:2]))) is None
    assert written(tmp_path, board_table(facts())) is None


def test_an_assignment_of_a_few_is_left_out_beside_one_of_more(tmp_path):
    both = facts(*THREE)
    both = replace(both, checks=pd.concat([both.checks, trained(THREE[0], assignment="01_work")]))
    page = written(tmp_path, board_table(both)).read_text()
    assert "02_work" in page and "01_work" not in page


def test_what_is_no_longer_wanted_is_removed(tmp_path):
    table = board_table(facts(*THREE))
    page = written(tmp_path, table)
    assert page.exists()
    written(tmp_path, table, ClassBoard())
    assert [*(tmp_path / "reports").iterdir()] == []


def test_the_page_needs_nothing_and_runs_nothing(tmp_path):
    page = written(tmp_path, board_table(facts(*THREE))).read_text()
    assert "default-src 'none'" in page
    assert "<script" not in page and "http://" not in page and "https://" not in page
