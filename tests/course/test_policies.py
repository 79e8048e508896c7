"""`policies.toml` is read as people mean it, or refused with the line and what to write."""

from datetime import datetime, timedelta

import pytest

from grading.course.policies import BadPolicies, Late, Policies, in_words, read_policies
from grading.sandbox.settings import PROJECT

NAMES = ["01_setup", "02_tensor"]
MINUS = "\N{MINUS SIGN}"


@pytest.fixture
def read(tmp_path):
    """Return what reads a text as the file of a course with two assignments."""

    def read(text):
        file = tmp_path / "policies.toml"
        file.write_text(text)
        return read_policies(file, NAMES)

    return read


def test_a_file_that_is_not_there_says_nothing(tmp_path):
    assert read_policies(tmp_path / "policies.toml", NAMES) == Policies()


def test_a_file_that_is_not_there_says_nothing_of_attempts(tmp_path):
    assert read_policies(tmp_path / "policies.toml").attempt_of("01_setup") == "last"


def test_the_example_can_be_read_as_it_is():
    found = read_policies(PROJECT / "docs" / "policies-example.toml", NAMES)
    assert found.late == Late(10, timedelta(minutes=30), 50)
    assert found.due == {
        "01_setup": datetime(2026, 10, 12, 21, 59),
        "02_tensor": datetime(2026, 10, 19, 21, 59),
    }
    assert found.extensions == {"student-03": {"02_tensor": timedelta(days=2)}}
    assert found.drop_lowest == 1
    assert [found.attempt_of(name) for name in NAMES] == ["last", "best"]


@pytest.mark.parametrize(
    ("said", "longer"),
    [
        ("30 min", timedelta(minutes=30)),
        ("1 day 3 hours", timedelta(days=1, hours=3)),
        ("1.5 days", timedelta(hours=36)),
        ("2 Weeks", timedelta(weeks=2)),
        ("12h", timedelta(hours=12)),
    ],
)
def test_durations_are_written_as_people_do(read, said, longer):
    found = read(f'[extensions.student-01]\n02_tensor = "{said}"')
    assert found.extensions == {"student-01": {"02_tensor": longer}}


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("", ["last", "last"]),
        ("attempt = 'last'", ["last", "last"]),
        ("attempt = 'best'", ["best", "best"]),
        ("[attempts]\n02_tensor = 'best'", ["last", "best"]),
        ("attempt = 'best'\n[attempts]\n02_tensor = 'last'", ["best", "last"]),
    ],
)
def test_which_attempt_counts_is_said_of_the_course_or_of_an_assignment(read, text, counts):
    assert [read(text).attempt_of(name) for name in NAMES] == counts


@pytest.mark.parametrize(
    ("text", "line", "instead"),
    [
        ("[late]\ngrace = '30 min'", 1, "per_day = 10"),
        ("[late]\nper_day = 10\ngrace = 30", 3, '"30 min"'),
        ("[late]\nper_day = 10\ngrace = '30 parsecs'", 3, '"30 min"'),
        ("[late]\nper_day = '10 %'", 2, "per_day = 10, a number of per cent"),
        ("[late]\nper_day = 110", 2, "from 0 to 100"),
        ("[late]\nper_day = 10\nat_most = -1", 3, "at_most = 10, a number of per cent"),
        ("[late]\nper_day = 10\nmaximum = 50", 3, "one of per_day, grace, at_most"),
        ("late = 10", 1, "[late] on a line of its own"),
        ("[duedates]\n01_setup = 2026-10-12", 1, "one of timezone, late, due"),
        ("\n[due]\n01_setup = '2026-10-12'", 3, "without quotation marks"),
        ("[due]\n03_none = 2026-10-12", 2, "the name of an assignment: 01_setup, 02_tensor"),
        ("[extensions]\nstudent-01 = '2 days'", 2, 'student-01 = { 02_tensor = "2 days" }'),
        ("[extensions.student-01]\n03_none = '2 days'", 2, "the name of an assignment"),
        ("[extensions.student-01]\n02_tensor = '3 years'", 2, '"2 days"'),
        ("[extensions.student-01]\n02_tensor = '99 weeks'", 2, "a year at most"),
        ("drop_lowest = -1", 1, "a whole number"),
        ("drop_lowest = true", 1, "a whole number"),
        (
            "attempt = 'first'",
            1,
            'attempt = "last" or attempt = "best"; for one assignment, 02_tensor',
        ),
        ("attempt = true", 1, 'attempt = "last" or attempt = "best"'),
        ("attempt = ['best']", 1, 'attempt = "last" or attempt = "best"'),
        ("[attempt]\n02_tensor = 'best'", 1, '02_tensor = "best" below [attempts]'),
        ("[attempts]\n02_tensor = 'Best'", 2, '02_tensor = "last" or 02_tensor = "best"'),
        ("[attempts]\n02_tensor = 2", 2, '02_tensor = "last" or 02_tensor = "best"'),
        ("[attempts]\n03_none = 'best'", 2, "the name of an assignment: 01_setup, 02_tensor"),
        ("attempts = 'best'", 1, "[attempts] on a line of its own"),
        ("timezone = 'Middle/Earth'", 1, 'timezone = "Europe/Berlin"'),
        ("timezone = 3", 1, 'timezone = "Europe/Berlin"'),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_what_to_write(read, text, line, instead):
    with pytest.raises(BadPolicies) as refused:
        read(text)
    assert f"policies.toml, line {line}: " in str(refused.value)
    assert instead in str(refused.value)


def test_what_is_no_toml_is_told_with_its_line(read):
    with pytest.raises(BadPolicies, match="at line 2, column"):
        read("[late]\nper_day 10")


@pytest.mark.parametrize(
    ("late", "share"),
    [
        (timedelta(minutes=30), 0.0),
        (timedelta(minutes=31), 0.1),
        (timedelta(days=1, minutes=30), 0.1),
        (timedelta(days=1, hours=3), 0.2),
        (timedelta(days=30), 0.5),
    ],
)
def test_each_day_begun_after_the_grace_costs_its_share(late, share):
    assert Late(10, timedelta(minutes=30), 50).share(late.total_seconds()) == share


def test_the_rule_is_told_in_words():
    rule = Late(10, timedelta(minutes=30), 50).rule
    assert rule == (
        f"{MINUS}10 % of the points for each day begun after 30 minutes of grace, at most 50 %"
    )
    assert Late(5).rule == f"{MINUS}5 % of the points for each day begun"


@pytest.mark.parametrize(
    ("late", "words"),
    [
        (timedelta(days=1, hours=3, minutes=5), "1 day 3 hours"),
        (timedelta(hours=2, minutes=1), "2 hours 1 minute"),
        (timedelta(seconds=20), "less than a minute"),
    ],
)
def test_a_duration_is_said_in_two_units(late, words):
    assert in_words(late) == words
