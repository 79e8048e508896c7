"""Long work says how far it has come, on a terminal and in a log."""

import io
import re

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


def test_how_long_the_rest_will_take_is_shown():
    text = re.sub(r"\x1b\[[0-9;?]*\w", "", told(2, ["a"], terminal=True))
    assert "left -:--:--" in " ".join(text.split())


@pytest.mark.parametrize("terminal", [False, True])
@pytest.mark.parametrize("remark", ["student-01 01_mini: [b]why[/] not", "x" * 300])
def test_a_remark_stays_on_a_line_of_its_own_as_it_was_written(terminal, remark):
    console = Console(file=io.StringIO(), force_terminal=terminal, width=100)
    with Bar("autograding", 10, console) as report:
        report("student-01 01_mini", remark)
    lines = console.file.getvalue().replace("\r", "\n").split("\n")
    assert any(line.strip().endswith(remark) for line in lines)


def test_nothing_to_do_says_nothing():
    assert told(0, "") == ""
    assert told(0, "", terminal=True) == ""


@pytest.mark.parametrize("name", ["student-01 01_mini", "[y] 01_mini", "[/y] 01_mini"])
def test_a_terminal_shows_what_was_finished_last_as_it_is_called(name):
    text = told(2, [name], terminal=True)
    assert f"autograding {name}" in text and "1/2" in text
