"""When something was handed in: that a zip was downloaded later makes nobody late."""

from datetime import datetime, timedelta

import pytest

from grading.pipeline.collect.arrival import are_of_handing_in, arrival

DUE = datetime(2026, 10, 10, 12)
BEFORE, AFTER = DUE - timedelta(days=1), DUE + timedelta(days=2)
JUST_LATE = DUE + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("time", "late", "due", "real", "counts", "says"),
    [
        (BEFORE, False, DUE, True, BEFORE, ""),
        (AFTER, False, DUE, True, DUE, ""),  # Canvas knows of extensions
        (AFTER, False, DUE, False, DUE, ""),
        (AFTER, False, None, True, AFTER, ""),
        (None, False, DUE, False, None, ""),
        (AFTER, True, DUE, True, AFTER, "late"),
        (AFTER, True, None, False, AFTER, "late"),
        (AFTER, True, DUE, False, JUST_LATE, "by how much"),
        (BEFORE, True, DUE, True, JUST_LATE, "by how much"),
        (None, True, DUE, True, JUST_LATE, "by how much"),
        (None, True, None, False, None, "by how much"),
        (BEFORE, None, DUE, False, BEFORE, ""),
        (AFTER, None, DUE, True, AFTER, "late"),
        (AFTER, None, DUE, False, DUE, "perhaps late"),
        (AFTER, None, None, True, AFTER, ""),
        (AFTER, None, None, False, None, ""),
        (AFTER, False, None, False, None, ""),
        (None, None, DUE, False, None, ""),
    ],
)
def test_it_counts_as_handed_in(time, late, due, real, counts, says):
    found, remark = arrival(time, late, due, real)
    assert found == counts
    assert says in remark and bool(says) == bool(remark)


@pytest.mark.parametrize(
    ("minutes", "real"), [([], False), ([0], False), ([0, 0, 25], False), ([0, 31], True)]
)
def test_times_are_of_handing_in_where_no_download_takes_so_long(minutes, real):
    times = [DUE + timedelta(minutes=number) for number in minutes]
    assert are_of_handing_in(times) is real
