"""The framework stays small enough to be read: lines are counted unless they are blank."""

from pathlib import Path

import pytest

import tinytorch_ref

FILES = sorted(Path(tinytorch_ref.__file__).parent.glob("[a-z]*.py"))
PER_FILE, IN_ALL = 280, 1320


def lines(file):
    return sum(bool(line.strip()) for line in file.read_text().splitlines())


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_is_read_in_one_sitting(file):
    assert lines(file) <= PER_FILE


def test_the_framework_is_read_in_an_afternoon():
    assert sum(map(lines, FILES)) <= IN_ALL
