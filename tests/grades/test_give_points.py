"""Points beyond the most are refused in a sentence, whose number and word agree."""

import pytest

from grading.grades.give_points import Refused, points_of


@pytest.mark.parametrize(
    ("most", "why"),
    [
        (1.0, "7 of 1 point cannot be given: at most 1."),
        (1.5, "7 of 1.5 points cannot be given: at most 1.5."),
    ],
)
def test_more_than_the_most_is_refused(most, why):
    with pytest.raises(Refused) as refused:
        points_of("7", most)
    assert str(refused.value) == why


def test_the_most_is_given():
    assert points_of("1.5", 1.5) == 1.5
