"""Code that takes everything: memory, processes, the disk, the attention of the grader."""

from trials.submission import Submission, fault

ENDED = "the run is ended; what was tested before stays"
MEMORY = ("too much memory",)
EITHER = (2.0, 4.0)


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


@fault("it is cut, or the run is ended; same score, or what was tested before", score=EITHER)
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
