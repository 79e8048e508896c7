"""Seeming fast: attacks on `check.speedup`."""

import textwrap

import numpy as np

from grading.course.layout import Course
from grading.sandbox.clock import seed
from trials.snippets import TALK
from trials.submission import Submission, attack

SAME = "CPU time is taken outside; same score"


def _cheat(it: Submission, run: str) -> None:
    it.run_before("distances", TALK)
    it.append("distances", textwrap.dedent(run) + "\ncheat(run)")


@attack(SAME, stock=True)
def says_it_is_fast(it: Submission) -> None:
    """Reports a ratio of 512 without any timed stretch."""
    it.run_before(
        "distances",
        """
        import grading
        grading.check.speedup = lambda name, **_: grading.check._report(
            "speedup", name, {"t": "float", "v": "0x1p9"}, {"at_least": 1, "rounds": 3})
        """,
    )


@attack("the slow side counts for no more than ours; same score", stock=True)
def slows_the_slow_side(it: Submission) -> None:
    """Replaces the slow function by one that takes five times as long."""
    it.append(
        "distances",
        """
        slow = distances_one_by_one
        def distances_one_by_one(points):
            for _ in range(4):
                slow(points)
            return slow(points)
        distances = lambda points: slow(points)
        """,
    )


@attack(SAME)
def stops_the_clocks(it: Submission) -> None:
    """Makes every clock of Python stand still."""
    it.append(
        "distances",
        """
        import time
        for name in ("time", "perf_counter", "process_time", "thread_time", "monotonic"):
            setattr(time, name, lambda: 1.0)
            setattr(time, name + "_ns", lambda: 1)
        """,
    )


@attack("a stretch cannot be started twice; same score")
def starts_the_fast_side_twice(it: Submission) -> None:
    """Asks for the fast side's seed, does the work, and starts the same stretch once more."""
    _cheat(
        it,
        """
        def run(line, name, side, number, work):
            value = work(start(line, name, side, number))
            if side == "fast":
                start(line, name, side, number)
            stop(line, value)
        """,
    )


@attack("one stretch at a time, each once; same score")
def asks_for_all_seeds_beforehand(it: Submission) -> None:
    """Asks for the seeds of all rounds before the first, and does all work while no clock runs."""
    _cheat(
        it,
        """
        ready = {}
        def run(line, name, side, number, work):
            if not ready:
                for n in range(5):
                    for s in ("fast", "slow"):
                        ready[n, s] = start(line, name, s, n)
                done = {key: work(seed) for key, seed in ready.items() if key[1] == "fast"}
                ready["done"] = done
            if side == "fast":
                start(line, name, side, number)
                stop(line, ready["done"][number, side])
            else:
                stop(line, work(start(line, name, side, number)))
        """,
    )


@attack("a busy machine is no excuse beyond measure; same score")
def keeps_the_machine_busy_while_it_is_gauged(it: Submission) -> None:
    """Runs hot loops in other processes just when the grader gauges how fast the machine is."""
    it.run_before("distances", TALK)
    it.append(
        "distances",
        """
        import multiprocessing, signal, time
        slow = distances_one_by_one
        def distances_one_by_one(points):
            for _ in range(2 if len(points) > 50 else 0):
                slow(points)
            return slow(points)
        distances = lambda points: slow(points)
        context = multiprocessing.get_context("fork")
        def burn():
            heap = np.zeros(4_000_000)
            while True:
                heap += 1
        hogs = [context.Process(target=burn, daemon=True) for _ in range(3)]
        for hog in hogs:
            hog.start()
        import os
        def signal_all(kind):
            for hog in hogs:
                os.kill(hog.pid, kind)
        signal_all(signal.SIGSTOP)
        def run(line, name, side, number, work):
            value = work(start(line, name, side, number))
            line.write(json.dumps({"do": "stop", "value": value}).encode())
            line.flush()
            signal_all(signal.SIGCONT)
            line.write(b"\\n")
            line.flush()
            line.readline()
            signal_all(signal.SIGSTOP)
        cheat(run)
        """,
    )


@attack("an old answer is not the answer; same score")
def remembers_answers(it: Submission) -> None:
    """Computes beforehand for the seeds that it expects, and hands out what fits best."""
    it.append(
        "distances",
        """
        known = {}
        for seed in range(200):
            points = np.random.default_rng(seed).normal(size=(12, 3))
            known[seed] = distances_one_by_one(points)
        slow = distances
        last = {}
        def distances(points):
            if len(points) < 50:
                return slow(points)
            if "answer" not in last:
                last["answer"] = slow(points)
            return last["answer"]
        """,
    )


@attack("a clock that is spoken to wrongly is closed; same score")
def talks_nonsense_to_the_clock(it: Submission) -> None:
    """Sends the clock malformed requests: huge, endless, infinite, nested, of wrong types."""
    it.run_before("distances", TALK)
    it.append(
        "distances",
        r"""
        import threading, time
        raw = socket.socket(fileno=os.dup(int(os.environ["CHECK_CLOCK_FD"])))
        raw.setblocking(False)
        start_of = b'{"do": "start", "name": "x", "side": "fast", "round": '
        nonsense = [start_of + b"1e999}", start_of + b"-Infinity}", start_of + b"NaN}", start_of + b'"' + b"9" * 5000 + b'"}',
                    start_of + b"[]}", b'{"do": "stop", "value": 7}', b'{"do": "stop"}', b"[]", b"7", b"null", b"\xff\xfe",
                    b"[" * 100_000, b'{"do": "start", "name": "\\ud800", "side": [[]], "round": 0}', b"{" * 2_000_000]
        for line in nonsense:
            try:
                raw.send(line + b"\n")
            except OSError as error:
                print(error)
            time.sleep(0.02)
        """,
    )


@attack("it is closed when it has heard too much; same score")
def floods_the_clock(it: Submission) -> None:
    """Runs four hundred stretches that each bring a megabyte of empty lists."""
    _cheat(
        it,
        """
        def run(line, name, side, number, work):
            for extra in range(70):
                start(line, f"extra {number} {extra}", side, extra)
                line.write(b'{"do": "stop", "value": {"t": "list", "v": [' + b"[]," * 300_000 + b"[]]}}\\n")
                line.flush()
                line.readline()
        """,
    )


@attack("without its stretches nothing is fast; same score", score=4.0)
def closes_the_clock(it: Submission) -> None:
    """Closes the clock's channel, so that only its own word is left."""
    it.append(
        "distances",
        """
        import os
        os.close(int(os.environ["CHECK_CLOCK_FD"]))
        import time
        time.sleep = lambda *_: None
        """,
    )


_TABLE = """
slow = distances
table = {}
def distances(points):
    return table[KEY].copy() if KEY in table else slow(points)
"""


@attack("each run draws its own seeds; same score")
def brings_results_of_an_earlier_run(it: Submission) -> None:
    """Brings a file with the right results for the seeds that three rounds of a run have had."""
    salt = Course(it.folder.parents[2]).salt
    drawn = [seed(salt, "all pairs at once", "fast", number) for number in range(3)]
    known = [np.random.default_rng(one).normal(size=(120, 3)) for one in drawn]
    results = [np.sqrt(((a[:, None] - a[None]) ** 2).sum(axis=2)) for a in known]
    np.savez(it.folder / "table.npz", keys=[a[0, 0] for a in known], results=results)
    it.append("distances", _TABLE.replace("KEY", "points[0, 0]"))
    it.append(
        "distances",
        """
        with np.load("table.npz") as file:
            table.update(zip(file["keys"].tolist(), file["results"]))
        """,
    )


@attack("inputs of the two sides differ; same score")
def remembers_by_the_first_number(it: Submission) -> None:
    """Has the slow side note its results by the first point, for the fast side to look them up."""
    it.append("distances", _TABLE.replace("KEY", "float(points[0, 0])"))
    it.append(
        "distances",
        """
        one_by_one = distances_one_by_one
        def distances_one_by_one(points):
            table[float(points[0, 0])] = one_by_one(points)
            return table[float(points[0, 0])]
        """,
    )


@attack("inputs of the two sides differ; same score")
def remembers_by_the_number_of_the_call(it: Submission) -> None:
    """Hands out, at the fast side's n-th call, what the slow side computed at its own n-th."""
    it.append(
        "distances",
        """
        one_by_one, slow, results = distances_one_by_one, distances, []
        def distances_one_by_one(points):
            if len(points) > 50:
                results.append(one_by_one(points))
                return results[-1]
            return one_by_one(points)
        def distances(points):
            return results.pop() if len(points) > 50 and results else slow(points)
        """,
    )


@attack("inputs differ from round to round; same score")
def remembers_by_shape(it: Submission) -> None:
    """Computes once for each shape, and hands the same out from then on."""
    it.append("distances", _TABLE.replace("KEY", "points.shape"))
    it.append(
        "distances",
        """
        look_up = distances
        def distances(points):
            return table.setdefault(points.shape, look_up(points))
        """,
    )


@attack("only the rounds that were asked for count; same score")
def asks_for_the_seeds_of_rounds_to_come(it: Submission) -> None:
    """Starts fast rounds that nobody asked for, to work for their seeds while no clock counts."""
    _cheat(
        it,
        """
        done, later = {}, []
        def run(line, name, side, number, work):
            if not later:
                for n in range(5, 64):
                    seed = start(line, name, "fast", n)
                    stop(line, {"t": "none"})
                    done[seed] = work(seed)
                    later.append(n)
            seed = start(line, name, side, number)
            stop(line, done[seed] if side == "fast" and seed in done else work(seed))
        """,
    )


@attack("it is told of no round beyond its own; same score")
def asks_what_is_recorded(it: Submission) -> None:
    """Asks the clock, as our own solution does, for every seed that is recorded, and works ahead."""
    _cheat(
        it,
        """
        done = {}
        def run(line, name, side, number, work):
            if not done:
                done[None] = None
                for n in range(5, ask(line, {"do": "count"})["rounds"]):
                    seed = start(line, name, "fast", n)
                    done[seed] = work(seed)
                    stop(line, done[seed])
            seed = start(line, name, side, number)
            stop(line, done[seed] if side == "fast" and seed in done else work(seed))
        """,
    )
