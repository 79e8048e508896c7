"""What counts as the time of a stretch, and which requests end the talk."""

import json
import math
import socket
from itertools import count

import pytest

from grading.inside.check import TRAINED
from grading.sandbox import clock as clock_module
from grading.sandbox import processes
from grading.sandbox.clock import RECORDED, SIDES, Clock, Stretch, seed
from grading.sandbox.processes import Usage

NONE = {"t": "none"}


class Talk:
    """The sandbox's end of a clock, with CPU seconds and processes that the test sets."""

    def __init__(self, records=False):
        self.cpu_seconds, self.members = 0.0, [1, 2]
        self.clock = Clock("the salt", lambda: 1, records)
        self.clock.inside.settimeout(5)

    def send(self, text):
        """Hand over any text, in the pieces that fit into a socket."""
        data = text if isinstance(text, bytes) else text.encode()
        for start in range(0, len(data), 50_000):
            if self.clock.closed:
                return
            self.clock.inside.sendall(data[start : start + 50_000])
            self.clock.serve()

    def ask(self, **message):
        """Return the answer to a message, or None when the clock has closed instead."""
        self.send(json.dumps(message) + "\n")
        return None if self.clock.closed else json.loads(self.clock.inside.recv(10_000))

    def start(self, name="s", side="fast", round_=0):
        return self.ask(do="start", name=name, side=side, round=round_)

    def stop(self, value=NONE):
        return self.ask(do="stop", value=value)

    @property
    def seconds(self):
        return [stretch.seconds for stretch in self.clock.stretches]


@pytest.fixture
def begin(monkeypatch):
    """Begin a talk; with `records` it is with our own solution."""
    talks = []

    def begin(records=False):
        talk = Talk(records)
        talks.append(talk)
        monkeypatch.setattr(processes, "usage", lambda pid: Usage(talk.cpu_seconds, 0, 2))
        monkeypatch.setattr(processes, "family", lambda pid: list(talk.members))
        monkeypatch.setattr(clock_module, "_pace", lambda: 0.125)
        return talk

    yield begin
    for talk in talks:
        talk.clock.close()


@pytest.fixture
def talk(begin):
    return begin()


def test_a_stretch_takes_the_cpu_time_between_its_start_and_its_end(talk):
    talk.cpu_seconds = 10.0
    talk.start()
    talk.cpu_seconds = 13.5
    talk.stop()
    talk.cpu_seconds = 20.0
    talk.start("s", "fast", 1)
    talk.cpu_seconds = 20.25
    talk.stop()
    assert talk.seconds == [3.5, 0.25]


def test_what_passes_while_the_clock_itself_works_is_in_no_stretch(talk, monkeypatch):
    ticks = count()

    def family(pid):
        next(ticks)
        return [1, 2]

    monkeypatch.setattr(processes, "usage", lambda pid: Usage(float(next(ticks)), 0, 2))
    monkeypatch.setattr(processes, "family", family)
    talk.start()
    talk.stop()
    assert talk.seconds == [1.0]


def test_a_stretch_is_recorded_as_what_it_claimed_to_be_with_what_it_brought(talk):
    talk.start("matmul", "slow", 3)
    talk.stop({"t": "int", "v": "42"})
    value = {"t": "int", "v": "42"}
    assert talk.clock.stretches == [
        Stretch("matmul", "slow", 3, seed("the salt", "matmul", "slow", 3), 0.0, 0.125, value)
    ]


def test_the_machines_pace_is_work_of_this_thread():
    assert 0 < clock_module._pace() < 60


def test_a_stretch_is_answered_with_its_own_seed(talk):
    assert talk.start("s", "slow", 4) == {"seed": seed("the salt", "s", "slow", 4)}
    assert talk.stop() == {}


def fast_seeds(talk, rounds, name="s"):
    """Return the seeds of some rounds of the fast side."""
    given = []
    for round_ in range(rounds):
        given.append(talk.start(name, "fast", round_)["seed"])
        talk.stop()
    return given


KNOWN = [seed("the salt", "s", "fast", number) for number in range(RECORDED)]


def test_our_own_solution_is_asked_for_every_seed_that_is_recorded(begin):
    talk = begin(records=True)
    assert talk.ask(do="count") == {"rounds": RECORDED}
    assert fast_seeds(talk, RECORDED) == KNOWN


def test_a_run_draws_its_fast_seeds_among_the_recorded_ones_each_once(talk):
    assert talk.ask(do="count") == {"rounds": 0}
    given = fast_seeds(talk, RECORDED)
    assert sorted(given) == sorted(KNOWN) and given != KNOWN


def test_fast_seeds_are_others_in_every_run(begin):
    assert fast_seeds(begin(), 40) != fast_seeds(begin(), 40)


def test_two_checks_of_one_run_do_not_draw_alike(talk):
    drawn = [
        [[seed("the salt", name, "fast", n) for n in range(RECORDED)].index(one) for one in given]
        for name in ("s", "another")
        for given in [fast_seeds(talk, 40, name)]
    ]
    assert drawn[0] != drawn[1]


@pytest.mark.parametrize("round_", [-1, RECORDED])
def test_a_round_for_which_no_seed_is_recorded_closes_the_channel(talk, round_):
    assert talk.start("s", "fast", round_) is None
    assert talk.clock.closed and talk.clock.stretches == []


def test_a_stretch_keeps_the_seed_that_it_was_given(talk):
    given = fast_seeds(talk, 3)
    assert [stretch.seed for stretch in talk.clock.stretches] == given


def test_a_seed_repeats():
    assert seed("salt", "name", "slow", 1) == seed("salt", "name", "slow", 1)
    assert 0 <= seed("salt", "name", "slow", 1) < 1 << 32


@pytest.mark.parametrize(
    "other",
    [
        ("pepper", "name", "slow", 1),
        ("salt", "other", "slow", 1),
        ("salt", "name", "fast", 1),
        ("salt", "name", "slow", 2),
    ],
    ids=["salt", "name", "side", "round"],
)
def test_a_seed_depends_on(other):
    assert seed(*other) != seed("salt", "name", "slow", 1)


@pytest.mark.parametrize("members", [[1], [1, 2, 3], [1, 3]], ids=["gone", "come", "replaced"])
def test_a_stretch_at_whose_end_the_processes_are_others_is_void(talk, members):
    talk.start()
    talk.members = members
    talk.stop()
    assert talk.seconds == [math.inf]


def test_a_stretch_in_which_a_process_was_seen_to_come_and_go_is_void(talk):
    talk.start()
    talk.members = [1, 2, 3]
    talk.clock.watch()
    talk.members = [1, 2]
    talk.clock.watch()
    talk.stop()
    assert talk.seconds == [math.inf]


def test_processes_that_come_and_go_between_stretches_void_none(talk):
    talk.members = [1, 2, 3]
    talk.clock.watch()
    talk.start()
    talk.stop()
    talk.members = [1, 2]
    talk.clock.watch()
    talk.start("s", "fast", 1)
    talk.clock.watch()
    talk.stop()
    assert talk.seconds == [0.0, 0.0]


def test_a_void_stretch_leaves_the_next_one_alone(talk):
    talk.start()
    talk.members = [1]
    talk.stop()
    talk.start("s", "fast", 1)
    talk.stop()
    assert talk.seconds == [math.inf, 0.0]


def test_the_clock_is_timing_from_start_to_stop(talk):
    assert not talk.clock.timing
    talk.start()
    assert talk.clock.timing
    talk.stop()
    assert not talk.clock.timing


def test_a_stretch_cannot_be_started_again_after_its_end(talk):
    talk.start()
    talk.stop()
    assert talk.start() is None
    assert talk.clock.closed and len(talk.clock.stretches) == 1


def test_a_stretch_cannot_be_started_while_another_is_open(talk):
    talk.start("s", "slow", 0)
    assert talk.start("s", "fast", 0) is None
    assert talk.clock.closed and talk.clock.stretches == []


def test_a_stretch_that_was_never_started_cannot_be_stopped(talk):
    assert talk.stop() is None
    assert talk.clock.closed and talk.clock.stretches == []


def test_a_stretch_cannot_be_stopped_twice(talk):
    talk.start()
    talk.stop()
    assert talk.stop() is None
    assert talk.clock.closed and len(talk.clock.stretches) == 1


def test_there_are_four_hundred_stretches_at_most(talk):
    for round_ in range(400):
        talk.start("s", "slow", round_)
        talk.stop()
    assert not talk.clock.closed and len(talk.clock.stretches) == 400
    talk.start("s", "slow", 400)
    assert talk.stop() is None
    assert talk.clock.closed and len(talk.clock.stretches) == 400


def test_results_may_be_32_megabytes_together(talk):
    stop = json.dumps({"do": "stop", "value": NONE}).ljust(999_000) + "\n"
    for round_ in range(40):
        talk.start("s", "fast", round_)
        talk.send(stop)
        if talk.clock.closed:
            break
        talk.clock.inside.recv(100)
    assert talk.clock.closed and len(talk.clock.stretches) == 32


def test_a_line_may_be_a_megabyte_long(talk):
    talk.start()
    talk.send("x" * 950_000)
    assert not talk.clock.closed
    talk.send("x" * 100_000)
    assert talk.clock.closed


STOP = '{"do": "stop", "value": %s}'
MALFORMED = {
    "no JSON": "start",
    "no object": "3",
    "a list": "[]",
    "nothing to do": "{}",
    "no name": '{"do": "start", "side": "fast", "round": 1}',
    "a round that is no number": '{"do": "start", "name": "s", "side": "fast", "round": "x"}',
    "an endless round": '{"do": "start", "name": "s", "side": "fast", "round": 1e999}',
    "a number of endless length": "9" * 10_000,
    "nested without end": "[" * 100_000,
    "half a surrogate": '{"do": "start", "name": "\\ud800", "side": "fast", "round": 1}',
    "no bytes of text": b"\xff\xfe",
    "no value": '{"do": "stop"}',
    "a value that is none": STOP % "3",
    "a value of no known kind": STOP % '{"t": "pickle", "v": "gASV"}',
    "a value whose data are damaged": STOP
    % '{"t": "array", "dtype": "int8", "shape": [1], "v": "!!!!"}',
}


@pytest.mark.parametrize("line", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_request_closes_the_channel_and_is_no_stretch(talk, line):
    talk.start("open", "fast", 0)
    if isinstance(line, str) and '"start"' in line:
        talk.stop()
    before = len(talk.clock.stretches)
    talk.send((line if isinstance(line, bytes) else line.encode()) + b"\n")
    assert talk.clock.closed and len(talk.clock.stretches) == before


def test_names_are_cut(talk):
    talk.start("n" * 500, "slow", 0)
    talk.stop()
    (stretch,) = talk.clock.stretches
    assert len(stretch.name) == 200


@pytest.mark.parametrize(
    ("name", "side"),
    [("fast", "3/fast"), ("fast 3", "fast/fast"), ("speed", "fast "), ("speed", "both"), ("x", "")],
)
def test_no_seed_is_told_for_a_side_that_there_is_not(talk, name, side):
    """With a slash, name and side could spell the seed of a stretch that is yet to come."""
    assert talk.start(name, side, 0) is None
    assert talk.clock.closed and talk.clock.stretches == []


def test_a_network_is_trained_on_a_side_that_there_is(talk):
    assert talk.start("unseen digits", TRAINED, 0) is not None


def test_names_with_a_slash_have_seeds_of_their_own():
    names = ("a", "a/slow", "a/slow/0", "slow", "/", "a/", "/a", "a/fast")
    seeds = {seed("salt", name, side, n) for name in names for side in SIDES for n in range(20)}
    assert len(seeds) == len(names) * len(SIDES) * 20


def test_a_sandbox_that_reads_no_answers_does_not_hold_up_the_clock(talk):
    pair = '{"do": "start", "name": "s", "side": "slow", "round": %d}\n' + STOP % '{"t": "none"}\n'
    talk.clock.outside.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
    for round_ in range(400):
        talk.send(pair % round_)
    assert talk.clock.closed


def test_without_a_request_nothing_happens(talk):
    talk.clock.serve()
    assert not talk.clock.closed


def test_a_closed_clock_leaves_neither_end_open(talk):
    talk.clock.close()
    assert talk.clock.fileno() == -1 and talk.clock.inside.fileno() == -1


def test_when_the_sandbox_hangs_up_the_clock_closes(talk):
    talk.clock.inside.close()
    talk.clock.serve()
    assert talk.clock.closed


def test_the_time_is_that_of_the_sandboxs_first_process(monkeypatch):
    asked = []
    monkeypatch.setattr(processes, "usage", lambda pid: asked.append(pid) or Usage(0.0, 0, 1))
    monkeypatch.setattr(processes, "family", lambda pid: asked.append(pid) or [pid])
    clock = Clock("salt", lambda: 4711)
    clock.inside.send(b'{"do": "start", "name": "s", "side": "fast", "round": 0}\n')
    clock.serve()
    clock.watch()
    clock.close()
    assert set(asked) == {4711}
