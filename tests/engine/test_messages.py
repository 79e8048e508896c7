"""What passes between coordinator and worker: bounded, and read as data."""

import json

import pytest

from grading.engine.messages import (
    MAX_BYTES,
    MAX_TEXT,
    Graded,
    Malformed,
    dump,
    is_points,
    load,
)

GRADED = Graded(b"{}", {"test": 1.5, "think": None}, {"think": None, "stub": "No response."})
GRADED.cold, GRADED.cpu_seconds, GRADED.ended = "no template", 1.25, "died"
GRADED.stopped_in, GRADED.seconds, GRADED.waits = "double", 3.0, {"test"}


def test_a_message_is_a_line_and_as_many_bytes_as_it_says():
    line, _, content = dump({"do": "kit"}, b"a\nb").partition(b"\n")
    assert content == b"a\nb"
    assert load(line) == ({"do": "kit", "bytes": 3}, 3)


def test_what_was_graded_arrives_as_it_was_said():
    line, _, content = dump(GRADED.line(), GRADED.notebook).partition(b"\n")
    read = Graded.read(load(line)[0], content)
    read.seconds = GRADED.seconds
    assert read == GRADED


def test_how_long_it_took_is_not_the_workers_to_say():
    assert Graded.read(GRADED.line() | {"seconds": 1.0}, b"").seconds == 0.0
    assert "seconds" not in GRADED.line() and "notebook" not in GRADED.line()


@pytest.mark.parametrize(
    "line",
    [
        *(b"", b"garbage", b"[]", b"3", b"null", b'"text"', b"{}", b"\xff\xfe", b"[" * 100_000),
        *(b'{"bytes": -1}', b'{"bytes": 1.0}', b'{"bytes": true}', b'{"bytes": "1"}'),
        b'{"bytes": %d}' % (MAX_BYTES + 1),
        b'{"bytes": 1%s}' % (b"0" * 5_000),
    ],
)
def test_a_line_that_is_no_message_is_refused(line):
    with pytest.raises(Malformed):
        load(line)


def test_as_many_bytes_may_follow_as_are_allowed():
    assert load(b'{"bytes": %d}' % MAX_BYTES)[1] == MAX_BYTES


LONG = "x" * (MAX_TEXT + 1)
HASH = "0" * 64


@pytest.mark.parametrize(
    "changed",
    [
        *({"scores": wrong} for wrong in (None, [], {"test": "1"}, {"test": -1}, {LONG: 1})),
        *({"scores": {"test": wrong}} for wrong in (float("nan"), float("inf"), 10**400, [], {})),
        *({"answers": wrong} for wrong in (None, [], {"test": "short"}, {"test": 1}, {1: HASH})),
        *({"waits": wrong} for wrong in (None, "test", [1], [LONG], {"test": 1})),
        *({"comments": wrong} for wrong in (None, "", {"think": 1}, {"think": LONG}, {LONG: ""})),
        *({name: wrong} for name in ("cold", "ended", "stopped_in") for wrong in (None, 1, LONG)),
        *({"cpu_seconds": wrong} for wrong in (None, "1", -1, float("nan"))),
    ],
    ids=lambda changed: str(changed)[:40],
)
def test_a_result_that_is_none_is_refused(changed):
    with pytest.raises(Malformed):
        Graded.read(GRADED.line() | changed, b"")


@pytest.mark.parametrize("missing", sorted(GRADED.line().keys() - {"answer"}))
def test_a_result_without_all_its_parts_is_refused(missing):
    line = GRADED.line()
    del line[missing]
    with pytest.raises(Malformed):
        Graded.read(line, b"")


@pytest.mark.parametrize("scores", [{}, {"test": 2}, {"test": None}, {"test": 0.0, "think": 3}])
def test_no_more_than_a_cells_points_can_be_earned(scores):
    Graded(b"", scores).refuse_more_than({"test": 2.0, "think": 3.0})


@pytest.mark.parametrize("scores", [{"test": 2.0001}, {"nowhere": 0.0}, {"nowhere": None}])
def test_more_than_a_cells_points_is_refused_and_so_is_a_cell_that_is_none(scores):
    with pytest.raises(Malformed):
        Graded(b"", scores).refuse_more_than({"test": 2.0, "think": 3.0})


def test_points_are_finite_numbers_from_nothing_up():
    assert all(map(is_points, (0, 0.0, 1, 2.5)))
    assert not any(map(is_points, (-0.1, "1", None, [], float("nan"), float("inf"), 10**400)))


def test_text_that_is_no_unicode_can_be_said():
    line, _, _ = dump({"why": "a lone \ud800"}).partition(b"\n")
    assert json.loads(line)["why"] == "a lone \ud800"
