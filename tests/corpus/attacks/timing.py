"""Seeming fast: attacks on `check.speedup`."""

import textwrap

from grading.trials.submission import Submission, attack

SAME = "CPU time is taken outside; same score"
TALK = """
import json, os, socket, numpy as np
def connect():
    line = socket.socket(fileno=os.dup(int(os.environ["CHECK_CLOCK_FD"])))
    return line.makefile("rwb")
def ask(line, message):
    line.write(json.dumps(message).encode() + b"\\n")
    line.flush()
    return json.loads(line.readline())
def start(line, name, side, number):
    return ask(line, {"do": "start", "name": name, "side": side, "round": number})["seed"]
def stop(line, value):
    ask(line, {"do": "stop", "value": value})
def cheat(run):
    import grading
    def speedup(name, *, slow, fast, at_least, rounds=5):
        line = connect()
        for number in range(rounds):
            for side, work in (("slow", slow), ("fast", fast)):
                run(line, name, side, number, lambda seed: grading.encode(work(seed)))
        report = grading.check._report
        report("speedup", name, {"t": "float", "v": "0x1p9"}, {"at_least": at_least, "rounds": rounds})
    grading.check.speedup = speedup
"""


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


@attack("time in children counts too; same score")
def works_in_a_child(it: Submission) -> None:
    """Does the fast side's work in a child process, which it waits for."""
    it.answer("distances", _IN_A_CHILD.format(before="", after="os.waitpid(child, 0)"))


_IN_A_CHILD = """
import os, signal, time
def distances(points):
    if len(points) < 50:
        return distances_one_by_one(points)
    {before}
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        data = distances_one_by_one(points).tobytes()
        while data:
            data = data[os.write(write, data):]
        os._exit(0)
    os.close(write)
    with open(read, "rb") as answer:
        data = answer.read()
    {after}
    return np.frombuffer(data).reshape(len(points), len(points))
"""


@attack("time in children counts too; same score")
def works_in_a_child_that_nobody_waits_for(it: Submission) -> None:
    """Has the work done by a child that the system itself reaps, so that its time is added nowhere."""
    after = """
    while os.path.exists(f"/proc/{child}"):
        time.sleep(0.0005)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)"""
    before = "signal.signal(signal.SIGCHLD, signal.SIG_IGN)"
    it.answer("distances", _IN_A_CHILD.format(before=before, after=after.strip()))


@attack("time in children counts too; same score")
def works_in_an_orphan(it: Submission) -> None:
    """Has the work done by a grandchild whose parent is gone, adopted by the sandbox's first process."""
    it.answer(
        "distances",
        """
        import os, time
        def distances(points):
            if len(points) < 50:
                return distances_one_by_one(points)
            read, write = os.pipe()
            child = os.fork()
            if child == 0:
                grandchild = os.fork()
                if grandchild == 0:
                    data = distances_one_by_one(points).tobytes() + str(os.getpid()).encode()
                    while data:
                        data = data[os.write(write, data):]
                os._exit(0)
            os.close(write)
            os.waitpid(child, 0)
            with open(read, "rb") as answer:
                data = answer.read()
            size = 8 * len(points) ** 2
            while os.path.exists(f"/proc/{data[size:].decode()}"):
                time.sleep(0.0005)
            return np.frombuffer(data[:size]).reshape(len(points), len(points))
        """,
    )


@attack("time in children counts too; same score")
def yields_to_a_child(it: Submission) -> None:
    """Gives its own processor away to a child that nobody waits for, instead of sleeping."""
    it.answer(
        "distances",
        """
        import mmap, os, signal
        def distances(points):
            if len(points) < 50:
                return distances_one_by_one(points)
            size = 8 * len(points) ** 2
            shared = mmap.mmap(-1, size + 1)
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)
            os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
            if os.fork() == 0:
                shared[:size] = distances_one_by_one(points).tobytes()
                shared[size] = 1
                os._exit(0)
            while not shared[size]:
                os.sched_yield()
            return np.frombuffer(shared[:size]).reshape(len(points), len(points))
        """,
    )


@attack("time in children counts too; same score")
def divides_work_among_short_lived_children(it: Submission) -> None:
    """Has every few rows computed by a child of its own, which lives for some milliseconds only."""
    it.answer(
        "distances",
        """
        import mmap, os, signal
        def distances(points):
            if len(points) < 50:
                return distances_one_by_one(points)
            count = len(points)
            shared = mmap.mmap(-1, 8 * count**2)
            done = mmap.mmap(-1, count)
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)
            for first in range(0, count, 8):
                if os.fork() == 0:
                    for row in range(first, min(first + 8, count)):
                        values = [np.sqrt(((points[row] - b) ** 2).sum()) for b in points]
                        shared[8 * count * row : 8 * count * (row + 1)] = np.array(values).tobytes()
                        done[row] = 1
                    os._exit(0)
                while not all(done[first : min(first + 8, count)]):
                    os.sched_yield()
            return np.frombuffer(shared[:]).reshape(count, count)
        """,
    )


@attack("all processes count; same score")
def works_in_a_helper(it: Submission) -> None:
    """Has the work done by a process and a thread that were started long before."""
    it.answer(
        "distances",
        """
        import multiprocessing, threading
        context = multiprocessing.get_context("fork")
        here, there = context.Pipe()
        def help():
            while True:
                there.send(distances_one_by_one(there.recv()))
        helper = context.Process(target=help, daemon=True)
        helper.start()
        def distances(points):
            here.send(points)
            return here.recv()
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
