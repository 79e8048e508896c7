"""Code that does not end, takes everything, or ends everything."""

from trials.submission import Submission, fault

INTERRUPTED = "the cell is interrupted, the rest goes on; same score"
ENDED = "the run is ended; what was tested before stays"
SLOW = ("Look for a loop that does not end",)
MEMORY = ("too much memory",)


@fault(INTERRUPTED, stock=True)
def endless_loop(it: Submission) -> None:
    """A cell of the student's own never ends."""
    it.run_first("while True:\n    pass")


@fault(INTERRUPTED)
def endless_sleep(it: Submission) -> None:
    """A cell sleeps for a year."""
    it.run_first("import time\ntime.sleep(3e7)")


@fault("only the checks of that cell are lost", score=2.0)
def endless_answer(it: Submission) -> None:
    """An answer never ends when it is tested."""
    it.answer("mean", "def mean(numbers):\n    while True:\n        pass")


@fault(ENDED, score=2.0, says=SLOW, stock=True)
def ignores_interrupts(it: Submission) -> None:
    """A loop catches every exception, the interrupt included."""
    it.run_before(
        "scale",
        """
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass
        """,
    )


@fault(ENDED, score=2.0, says=SLOW)
def switches_interrupts_off(it: Submission) -> None:
    """A loop has switched the signals off, and stops other threads from running."""
    it.run_before(
        "scale",
        """
        import signal, sys
        for number in range(1, 60):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        sys.setswitchinterval(1000)
        while True:
            pass
        """,
    )


@fault(ENDED, score=2.0, says=SLOW)
def hangs_in_c(it: Submission) -> None:
    """A loop in C never ends, and never looks whether it should."""
    it.run_before(
        "scale",
        """
        import collections, itertools
        collections.deque(itertools.repeat(0), maxlen=0)
        """,
    )


@fault("the cell ends, and what comes after it runs; same score")
def matches_for_ever(it: Submission) -> None:
    """A regular expression takes longer than the universe lasts."""
    it.run_before("scale", "import re\nre.match('(a|aa)+$', 'a' * 80 + 'b')")


@fault(ENDED, score=2.0, says=("ran too long",), seconds=60)
def slow_in_every_cell(it: Submission) -> None:
    """Every cell stays just below the limit of a cell."""
    for _ in range(8):
        it.run_before("scale", "import time\ntime.sleep(7)")


@fault(ENDED, score=2.0, says=SLOW, seconds=60)
def burns_processor_time(it: Submission) -> None:
    """Processes in the background use up all computing time."""
    it.run_before(
        "scale",
        """
        import os
        for _ in range(6):
            if os.fork() == 0:
                while True:
                    pass
        """,
    )
    for _ in range(8):
        it.run_before("scale", "import time\ntime.sleep(4)")


@fault(ENDED, score=2.0, says=("ended Python itself",), stock=True)
def exits(it: Submission) -> None:
    """A cell calls os._exit."""
    it.run_before("scale", "import os\nos._exit(3)")


@fault("there is nothing to leave; same score", stock=True)
def exits_politely(it: Submission) -> None:
    """A cell calls exit() and quit()."""
    it.run_before("scale", "exit()")
    it.run_before("scale", "quit()")


@fault("it is an error of that cell; same score", stock=True)
def raises_system_exit(it: Submission) -> None:
    """A cell calls sys.exit."""
    it.run_before("scale", "import sys\nsys.exit('bye')")


@fault(ENDED, score=2.0, says=("ended Python itself",), stock=True)
def kills_its_kernel(it: Submission) -> None:
    """A cell sends its own process the signal that cannot be ignored."""
    it.run_before("scale", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")


@fault(ENDED, score=2.0, says=SLOW)
def stops_its_kernel(it: Submission) -> None:
    """A cell stops its own process, which then neither runs nor ends."""
    it.run_before("scale", "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)")


@fault(ENDED, score=2.0, says=("ended Python itself",))
def crashes(it: Submission) -> None:
    """A cell reads from address zero."""
    it.run_before("scale", "import ctypes\nctypes.string_at(0)")


@fault(ENDED, score=2.0, says=("ended Python itself",))
def recurses_without_end(it: Submission) -> None:
    """A function calls itself for ever, with the recursion limit switched off."""
    it.run_before(
        "scale",
        """
        import sys
        sys.setrecursionlimit(10**9)
        class Deep:
            def __getattr__(self, name): return getattr(self, name + "x") if len(name) < 10**7 else 1
        def deep(n): return deep(n + 1) + len(repr(Deep))
        exec("x=" + "(" * 90 + "1" + ")" * 90)
        import ctypes
        nest = []
        for _ in range(10**6):
            nest = [nest]
        repr(nest)
        """,
    )


@fault("it is an error of that cell; same score", stock=True)
def recurses_too_deep(it: Submission) -> None:
    """A function calls itself for ever."""
    it.run_before("scale", "def deep(n):\n    return deep(n + 1)\ndeep(0)")


@fault("threads are ended with the run; same score")
def leaves_threads_running(it: Submission) -> None:
    """Threads print, compute and wait for ever, and refuse to be joined."""
    it.run_first("""
        import threading, time, atexit
        def talk():
            while True:
                print("still here")
                time.sleep(0.05)
        def wait():
            threading.Event().wait()
        for work in (talk, wait, wait):
            threading.Thread(target=work, daemon=False).start()
        atexit.register(lambda: time.sleep(10**6))
        """)


@fault(ENDED, score=2.0)
def cuts_its_own_line(it: Submission) -> None:
    """A cell closes the sockets through which it talks to the grader."""
    it.run_before(
        "scale",
        """
        import os
        for number in range(3, 200):
            try:
                os.close(number)
            except OSError:
                pass
        """,
    )
