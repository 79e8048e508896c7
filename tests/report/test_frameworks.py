"""What students' own frameworks reach, as tables."""

import io

import pytest
from rich.console import Console

from grading.checks.milestones import LEAST, Framework
from grading.report.frameworks import print_table, table_of

REACHED = dict.fromkeys(LEAST, 1.0)


def printed(*frameworks):
    console = Console(file=io.StringIO(), width=160)
    print_table([*frameworks], console)
    return console.file.getvalue()


def row(framework):
    return table_of([framework]).iloc[0]


def test_a_framework_that_carries_everything_is_marked_so():
    framework = Framework("student-01", reached=REACHED)
    assert printed(framework).count("100.0% ✓") == len(LEAST)
    assert row(framework)["carries_all"]


@pytest.mark.parametrize("milestone", LEAST)
def test_one_milestone_that_is_missed_is_marked_and_counts(milestone):
    framework = Framework("student-01", reached=REACHED | {milestone: LEAST[milestone] - 0.01})
    assert printed(framework).count("✗") == 1 and printed(framework).count("✓") == len(LEAST) - 1
    assert not row(framework)["carries_all"]
    assert row(framework)[milestone] < LEAST[milestone]


def test_a_milestone_that_was_not_reached_at_all_is_a_dash_with_the_reason():
    framework = Framework("student-01", missing=["layers"])
    text = printed(framework)
    assert "no submission of layers" in text and "✗" not in text and "0.0%" not in text
    assert row(framework)["remark"] == "no submission of layers"
    assert row(framework)[list(LEAST)].isna().all()


def test_what_is_wanted_stands_above():
    text = printed()
    assert all(name in text and f"at least {least:.0%}" in text for name, least in LEAST.items())


def test_nothing_in_a_name_or_reason_is_taken_for_markup():
    framework = Framework("[y]", reasons=dict.fromkeys(LEAST, "raises [/red]"))
    text = printed(framework)
    assert "[y]" in text and "raises [/red]" in text
