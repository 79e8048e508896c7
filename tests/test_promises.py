"""docs/promises.md: every promise stands where it says, and has a test that exists."""

import ast
import re
from functools import cache

import pytest
from traitlets.config import Configurable

from grading.engine.checker import Check
from grading.engine.settings import Workers
from grading.grades.milestone_credit import MilestoneCredit
from grading.nbgrader_steps.check_and_keep_release import CheckAndKeepRelease
from grading.pipeline.collect.names import LmsNames
from grading.report.lms_grades import LmsGrades
from grading.sandbox.settings import PROJECT, Sandbox
from grading.submission.zip_settings import Zips

TABLE = PROJECT / "docs" / "promises.md"
ROW = re.compile(r"^\| (?P<words>.+) \| `(?P<place>[^`]+)` \| (?P<tests>.+) \|$", re.MULTILINE)
PAGES_OF_PROMISES = (
    "SECURITY.md",
    "README.md",
    "CONTRIBUTING.md",
    "hub/README.md",
    "docs/lms.md",
    "docs/regrading.md",
)
SETTINGS = (
    Check,
    *(Sandbox, Workers, CheckAndKeepRelease, MilestoneCredit),
    *(Zips, LmsNames, LmsGrades),
)


def rows() -> list[tuple[str, str, list[str]]]:
    found = ROW.finditer(TABLE.read_text())
    return [(row["words"], row["place"], re.findall(r"`([^`]+)`", row["tests"])) for row in found]


def plain(text: str) -> str:
    return " ".join(re.sub(r"[*`|>#]", " ", text).split())


@cache
def functions_in(file: str) -> set[str]:
    tree = ast.parse((PROJECT / file).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def own_settings(configurable: type[Configurable]) -> list[str]:
    return sorted(configurable.class_own_traits(config=True))


ROWS = rows()


def test_there_are_promises():
    assert len(ROWS) >= 60


@pytest.mark.parametrize(("words", "place", "tests"), ROWS, ids=lambda value: str(value)[:50])
def test_a_promise_stands_where_it_says_and_has_a_test(words, place, tests):
    assert plain(words) in plain((PROJECT / place).read_text())
    assert tests
    for test in tests:
        file, _, name = test.partition("::")
        assert (PROJECT / file).is_file(), test
        assert not name or name.partition("[")[0] in functions_in(file), test


@pytest.mark.parametrize("page", PAGES_OF_PROMISES)
def test_every_page_that_promises_something_is_in_the_table(page):
    assert any(place == page for _, place, _ in ROWS)


@pytest.mark.parametrize("number", range(1, 8))
def test_each_numbered_promise_of_security_is_in_the_table(number):
    text = (PROJECT / "SECURITY.md").read_text()
    start = text.index(f"\n{number}. ")
    paragraph = plain(text[start:].split("\n\n")[0].split(f"\n{number + 1}. ")[0])
    assert any(plain(words) in paragraph for words, place, _ in ROWS if place == "SECURITY.md")


@pytest.mark.parametrize("configurable", SETTINGS, ids=lambda one: one.__name__)
def test_every_setting_is_in_the_table(configurable):
    told = " ".join(words for words, _, _ in ROWS)
    missing = [
        name
        for name in own_settings(configurable)
        if plain(configurable.class_traits()[name].help)[:40] not in plain(told)
    ]
    assert missing == []
