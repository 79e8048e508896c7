"""Long work says how far it has come, on a terminal and in a log."""

import io

import pytest
from rich.console import Console

from grading.report.progress import Bar


def told(total, done, terminal=False):
    console = Console(file=io.StringIO(), force_terminal=terminal, width=100)
    with Bar("autograding", total, console) as report:
        for name in done:
            report(name)
    return console.file.getvalue()


def test_a_log_gets_a_line_for_every_fifth_and_for_the_last():
    lines = told(7, "abcdefg").split("\n")
    assert lines == ["autograding 5/7", "autograding 7/7", ""]


def test_nothing_to_do_says_nothing():
    assert told(0, "") == ""
    assert told(0, "", terminal=True) == ""


@pytest.mark.parametrize("name", ["student-01 01_mini", "[y] 01_mini", "[/y] 01_mini"])
def test_a_terminal_shows_what_was_finished_last_as_it_is_called(name):
    text = told(2, [name], terminal=True)
    assert f"autograding {name}" in text and "1/2" in text
