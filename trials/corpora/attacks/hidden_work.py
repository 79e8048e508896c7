"""Seeming fast: work that is done where nobody looks, attacks on `check.speedup`."""

from trials.submission import Submission, attack

COUNTED = "time in children counts too; same score"
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


@attack(COUNTED)
def works_in_a_child(it: Submission) -> None:
    """Does the fast side's work in a child process, which it waits for."""
    it.answer("distances", _IN_A_CHILD.format(before="", after="os.waitpid(child, 0)"))


@attack(COUNTED)
def works_in_a_child_that_nobody_waits_for(it: Submission) -> None:
    """Has the work done by a child that the system itself reaps, so that its time is added nowhere."""
    after = """
    while os.path.exists(f"/proc/{child}"):
        time.sleep(0.0005)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)"""
    before = "signal.signal(signal.SIGCHLD, signal.SIG_IGN)"
    it.answer("distances", _IN_A_CHILD.format(before=before, after=after.strip()))


@attack(COUNTED)
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


@attack(COUNTED)
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


@attack(COUNTED)
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


@attack(COUNTED)
def works_in_a_child_without_a_signal(it: Submission) -> None:
    """Has the work done by a clone that signals its end to nobody, or is its parent's sibling."""
    it.answer(
        "distances",
        """
        import ctypes, mmap, os, time
        libc = ctypes.CDLL(None)
        def distances(points):
            if len(points) < 50:
                return distances_one_by_one(points)
            size = 8 * len(points) ** 2
            shared = mmap.mmap(-1, size + 1)
            for flags in (0x00008000, 0):  # CLONE_PARENT; no signal at all
                child = libc.syscall(56, flags, 0, 0, 0, 0)
                if child == 0:
                    shared[:size] = distances_one_by_one(points).tobytes()
                    shared[size] = 1
                    os._exit(0)
                if child > 0:
                    break
            while not shared[size]:
                time.sleep(0.001)
            time.sleep(0.01)
            return np.frombuffer(shared[:size]).reshape(len(points), len(points))
        """,
    )
