"""Messages are cut into packets and put together again, none longer than allowed."""

import pytest

from grading.inside.kernel.packets import LAST, LONGEST, PART, WHOLE, Assembly, TooLong, packets


def assembled(cut, limit=10**7):
    assembly = Assembly(limit)
    return [message for packet in cut if (message := assembly.add(packet)) is not None]


@pytest.mark.parametrize("length", [0, 1, LONGEST, LONGEST + 1, 2 * LONGEST, 2 * LONGEST + 1])
def test_a_message_of_any_length_arrives_as_it_was(length):
    message = bytes(range(251)) * (length // 251 + 1)
    assert assembled(packets(message[:length])) == [message[:length]]


@pytest.mark.parametrize(
    ("length", "kinds"),
    [(LONGEST, [WHOLE]), (LONGEST + 1, [PART, LAST]), (2 * LONGEST, [PART, LAST])],
)
def test_no_packet_is_longer_than_it_may(length, kinds):
    cut = list(packets(b"x" * length))
    assert [packet[:1] for packet in cut] == kinds
    assert all(1 < len(packet) <= LONGEST + 1 for packet in cut)


def test_two_long_messages_in_a_row_are_two():
    cut = [*packets(b"a" * (LONGEST + 5)), *packets(b"b" * (LONGEST + 5))]
    assert [message[:1] for message in assembled(cut)] == [b"a", b"b"]


def test_parts_may_come_up_to_the_limit_together():
    assert assembled([PART + b"x" * 4, LAST + b"x" * 4], limit=10) == [b"x" * 8]


@pytest.mark.parametrize(
    "cut",
    [[PART + b"x" * 5, LAST + b"x" * 4], [PART] * 11, [b"?"], [b"", b""]],
    ids=["too long", "endless parts of nothing", "no known kind", "no kind at all"],
)
def test_what_goes_beyond_is_refused(cut):
    with pytest.raises(TooLong):
        assembled(cut, limit=10)
