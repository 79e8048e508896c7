"""Code that does not end, takes everything, or ends everything."""

from grading.trials.submission import Submission, fault

INTERRUPTED = "the cell is interrupted, the rest goes on; same score"
ENDED = "the run is ended; what was tested before stays"
SLOW = ("ran too long",)
MEMORY = ("too much memory",)
EITHER = (2.0, 4.0)


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
    """A regular expression takes longer than the universe lasts, and cannot be interrupted."""
    it.run_before("scale", "import re\nre.match('(a|aa)+$', 'a' * 80 + 'b')")


@fault(ENDED, score=2.0, says=("ran too long",), seconds=30)
def slow_in_every_cell(it: Submission) -> None:
    """Every cell stays just below the limit of a cell."""
    for _ in range(8):
        it.run_before("scale", "import time\ntime.sleep(2.4)")


@fault(ENDED, score=2.0, says=("computing time",), seconds=30)
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
        it.run_before("scale", "import time\ntime.sleep(2)")


@fault(ENDED, score=2.0, says=("ended Python itself",), stock=True)
def exits(it: Submission) -> None:
    """A cell calls os._exit."""
    it.run_before("scale", "import os\nos._exit(3)")


@fault("it is an error or an end; what was tested before stays", score=EITHER, stock=True)
def exits_politely(it: Submission) -> None:
    """A cell calls exit() and quit()."""
    it.run_before("scale", "exit()")


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


@fault("it is an error of that cell; same score", says=("RecursionError",), stock=True)
def recurses_too_deep(it: Submission) -> None:
    """A function calls itself for ever."""
    it.run_before("scale", "def deep(n):\n    return deep(n + 1)\ndeep(0)")


@fault("it is ended, or refused its memory; what was tested before stays", score=EITHER)
def one_huge_array(it: Submission) -> None:
    """A cell asks for an array of 60 GB."""
    it.run_before("scale", "import numpy as np\nnp.ones(8_000_000_000)")


@fault(ENDED, score=2.0, says=MEMORY, stock=True)
def eats_memory(it: Submission) -> None:
    """A list grows without end."""
    it.run_before(
        "scale",
        """
        heap = []
        for _ in range(200):
            heap.append(bytearray(b"x") * 4_000_000)
        import time
        time.sleep(2)
        """,
    )


@fault(ENDED, score=2.0, says=MEMORY)
def eats_memory_in_children(it: Submission) -> None:
    """Ten processes take a part each, which is too much together."""
    it.run_before(
        "scale",
        """
        import os, time
        for _ in range(10):
            if os.fork() == 0:
                heap = bytearray(b"x") * 150_000_000
                time.sleep(60)
        time.sleep(2.5)
        """,
    )


@fault(ENDED, score=2.0, says=MEMORY)
def eats_shared_memory(it: Submission) -> None:
    """Processes fill memory that they share, up to 3 GB."""
    it.run_before(
        "scale",
        """
        import mmap, os, time
        for _ in range(5):
            if os.fork() == 0:
                shared = mmap.mmap(-1, 600_000_000)
                for place in range(0, 600_000_000, 4096):
                    shared[place] = 1
                time.sleep(60)
        time.sleep(2.5)
        """,
    )


@fault(
    "the system refuses, or the run is ended; same score, or what was tested before", score=EITHER
)
def eats_memory_in_files_without_names(it: Submission) -> None:
    """Files that exist in memory only take up to 3 GB."""
    it.run_before(
        "scale",
        """
        import os, time
        held = 0
        try:
            for number in range(200):
                file = os.memfd_create(f"f{number}")
                for _ in range(15):
                    held += os.write(file, bytes(1_000_000))
        except OSError as error:
            print(error)
        time.sleep(0.5)
        if held > 700_000_000:
            print("GOT" + "-THROUGH", held)
        """,
    )


@fault(
    "the system refuses, or the run is ended; same score, or what was tested before", score=EITHER
)
def eats_memory_in_segments(it: Submission) -> None:
    """Segments of System V shared memory, filled and put aside, take up to 3 GB."""
    it.run_before(
        "scale",
        """
        import ctypes, time
        libc = ctypes.CDLL(None, use_errno=True)
        libc.shmat.restype = ctypes.c_void_p
        held = 0
        for _ in range(12):
            segment = libc.shmget(0, 256_000_000, 0o1600)
            address = libc.shmat(segment, None, 0) if segment >= 0 else None
            if address in (None, 2**64 - 1):
                break
            ctypes.memset(address, 1, 256_000_000)
            libc.shmdt(ctypes.c_void_p(address))
            held += 256_000_000
        time.sleep(0.5)
        if held > 700_000_000:
            print("GOT" + "-THROUGH", held)
        """,
    )


@fault(
    "it gets no more than its share; same score, or what was tested before",
    score=EITHER,
    stock=True,
)
def forks_without_end(it: Submission) -> None:
    """A cell starts processes until there are no more (at most five hundred)."""
    it.run_before(
        "scale",
        """
        import os, time
        started = 0
        try:
            for _ in range(500):
                if os.fork() == 0:
                    time.sleep(30)
                    os._exit(0)
                started += 1
        except OSError as error:
            print(error)
        if started > 200:
            print("GOT" + "-THROUGH", started)
        """,
    )


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


@fault(
    "it gets no more threads than its share; same score, or what was tested before", score=EITHER
)
def starts_threads_without_end(it: Submission) -> None:
    """A cell starts five hundred threads."""
    it.run_before(
        "scale",
        """
        import threading, time
        for _ in range(500):
            threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
        """,
    )


@fault("the disk is a small piece of memory; same score", stock=True)
def fills_the_disk(it: Submission) -> None:
    """A cell writes files until there is no more room (at most 500 MB)."""
    it.run_before(
        "scale",
        """
        import os
        written = 0
        for folder in (".", "/tmp", "/dev/shm", "/run", "/var/tmp"):
            for number in range(25):
                try:
                    with open(f"{folder}/file-{number}", "wb") as file:
                        for _ in range(4):
                            written += file.write(bytes(1_000_000))
                except OSError as error:
                    print(folder, error)
                    break
        if written > 200_000_000:
            print("GOT" + "-THROUGH", written)
        """,
    )


@fault("a file has a limit; same score")
def writes_one_huge_file(it: Submission) -> None:
    """A cell writes one file of 500 MB, and one with a hole of a terabyte."""
    it.run_before(
        "scale",
        """
        for work in (lambda file: file.write(bytes(500_000_000)), lambda file: file.truncate(10**12)):
            with open("huge", "wb") as file:
                work(file)
        """,
    )


@fault("there is a limit to files, too; same score, or what was tested before", score=EITHER)
def makes_countless_files(it: Submission) -> None:
    """A cell makes two hundred thousand empty files."""
    it.run_before(
        "scale",
        """
        import os
        made = 0
        try:
            for number in range(200_000):
                os.close(os.open(f"/tmp/e{number}", os.O_CREAT))
                made += 1
        except OSError as error:
            print(error)
        print(made)
        """,
    )


@fault("output is cut; same score", stock=True)
def prints_without_end(it: Submission) -> None:
    """A loop prints short lines until it is interrupted."""
    it.run_before("scale", "while True:\n    print('still not done')")


@fault(ENDED, score=2.0, says=("printed far more",))
def floods_its_output(it: Submission) -> None:
    """A loop prints megabytes at a time."""
    it.run_before("scale", "while True:\n    print('x' * 3_000_000, flush=True)")


@fault("output is cut, or the run is ended; same score, or what was tested before", score=EITHER)
def prints_one_huge_line(it: Submission) -> None:
    """A cell prints one line of 200 MB."""
    it.run_before("scale", "print('x' * 200_000_000)")


@fault(ENDED, score=2.0, says=("printed far more",))
def floods_with_pictures(it: Submission) -> None:
    """A loop displays pictures of a megabyte, errors and updates."""
    it.run_before(
        "scale",
        """
        from IPython.display import display, clear_output
        while True:
            display({"image/png": "A" * 1_400_000}, raw=True)
            clear_output()
        """,
    )


@fault("what goes around the notebook goes nowhere; same score")
def floods_its_standard_streams(it: Submission) -> None:
    """A loop writes to the process's own standard output and error (at most 300 MB)."""
    it.run_before(
        "scale",
        """
        import os
        line = b"x" * 1_000_000
        for number in (1, 2):
            try:
                for _ in range(150):
                    os.write(number, line)
            except OSError as error:
                print(error)
        """,
    )


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
