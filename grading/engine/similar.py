"""Compare a class's answers: workers read them, and a sealed process finds what is alike.

This process hands on what workers tell, unread, and reads the comparison's result as data.
"""

import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import as_completed
from pathlib import Path
from typing import IO, Any

from grading.course.errors import CourseError
from grading.course.layout import Course
from grading.course.released import ReleasedNotebook, without_solutions
from grading.engine.autograde import open_pool
from grading.engine.options import Options
from grading.engine.start_worker import last_line
from grading.report.progress import Progress
from grading.report.similar_page.pairs import NoResult, Similar, read_similar
from grading.sandbox import bubblewrap, seccomp
from grading.sandbox.launch import high_descriptor
from grading.sandbox.settings import PROJECT

COMPARED_BY = bubblewrap.INSIDE / "similar.py"
ENVIRONMENT = PROJECT / ".venv-similar"
LEAST_CLASS = 8
"""Students without whom nothing is left out because many have it."""
COMMON = 0.25
"""The share of a class that makes a passage common."""
MOST_PAIRS = 50
SECONDS = 3600.0
MEMORY_MB = 4096
FILES_MB = 1024
LONGEST_LINE = 256 * 1024 * 1024


class NotCompared(CourseError):
    """The answers could not be compared."""


def read_answers(
    course: Course, options: Options, assignment: str, workers: int, report: Progress
) -> tuple[dict[str, bytes], list[str]]:
    """Return what workers tell of each student's graded code, and a line for who is left out."""
    handed_in = {
        student: course.autograded(student, assignment) / f"{assignment}.ipynb"
        for student, _ in course.submissions(assignment)
        if student not in options.excluded
    }
    graded = {student: file for student, file in handed_in.items() if file.is_file()}
    told = {}
    failures = [
        f"{one}: not compared: not autograded yet" for one in handed_in if one not in graded
    ]
    with open_pool(options, min(workers, len(graded))) as pool:
        running = {
            pool.submit_page({"do": "code"}, file): student for student, file in graded.items()
        }
        for future in as_completed(running):
            student = running[future]
            try:
                told[student] = future.result()
            except Exception as error:
                failures.append(f"{student}: not compared: {error}")
            report(student)
    return dict(sorted(told.items())), failures


def handed_out(course: Course, assignment: str) -> list[str]:
    """Return the code that nobody has to write alone: the release's, and our own solution."""
    released = ReleasedNotebook(course, assignment)
    solved = released.solved()
    cells = [*solved.cells, *without_solutions(released.solved()).cells]
    files = sorted(released.handout.rglob("*.py"))
    code = [cell.source for cell in cells if cell.cell_type == "code"]
    return [*code, *(file.read_text(encoding="utf-8") for file in files)]


def compare(
    given: list[str],
    answers: list[bytes],
    told: Callable[[int, int], None],
    hide_texts: bool = False,
    environment: Path = ENVIRONMENT,
    seconds: float = SECONDS,
) -> Similar:
    """Return what answers have alike beyond what was given; `told` hears how far it has come.

    `hide_texts` leaves out comments and strings. Raises `NotCompared` where it ends otherwise.
    """
    settings = {"least_class": LEAST_CLASS, "common": COMMON, "most": MOST_PAIRS}
    settings |= {"hide_texts": hide_texts, "memory_mb": MEMORY_MB, "cpu_seconds": int(SECONDS)}
    header = {"handed_out": given, "people": list(map(len, answers)), "settings": settings}
    content = json.dumps(header).encode() + b"\n" + b"".join(answers)
    with tempfile.TemporaryFile() as errors:
        process = _started(environment, errors)
        over = threading.Event()

        def end() -> None:
            over.set()
            process.kill()

        late = threading.Timer(seconds, end)
        late.start()
        try:
            said = _said(process, content, told)
            if over.is_set():
                raise NoResult("it took too long")
            return read_similar(said, len(answers))
        except (OSError, NoResult, ValueError) as error:
            process.kill()
            process.wait()
            why = last_line(errors) or str(error)
            if "No module named" in why:
                why = f"{why}. Remove {environment.name}: `make similar` builds it anew"
            raise NotCompared(f"The answers were not compared: {why}.") from None
        finally:
            late.cancel()
            process.kill()
            process.wait()


def python_of(environment: Path) -> Path:
    """Return the Python of the comparison's environment; raise `NotCompared` without one."""
    python = environment / "bin" / "python"
    if not python.exists():
        raise NotCompared(f"There is no {environment.name}: `make similar` builds it.")
    return python


def sealed(environment: Path, filter_: int) -> list[str]:
    """Return the command of the comparison: no network, no folder of the course, no student's.

    `filter_` is the descriptor of the system calls that are refused.
    """
    base = python_of(environment).resolve().parent.parent
    packages = environment.resolve()
    inner = [
        bubblewrap.find_bubblewrap(),
        *("--unshare-all", "--unshare-user", "--disable-userns", "--seccomp", str(filter_)),
        *("--die-with-parent", "--new-session", "--clearenv", "--hostname", "sandbox"),
        *("--uid", bubblewrap.NOBODY, "--gid", bubblewrap.NOBODY),
        *bubblewrap.system_mounts(),
        *(() if base.is_relative_to("/usr") else bubblewrap.ro_bind(base, str(base))),
        *bubblewrap.ro_bind(packages, "/env"),
        *bubblewrap.ro_bind(COMPARED_BY, "/similar.py"),
        *("--proc", "/proc", "--dev", "/dev", *bubblewrap.tmpfs("/tmp", FILES_MB)),
        *("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp"),
        *("--setenv", "PYTHONHASHSEED", "0", "--setenv", "LANG", "C.UTF-8"),
        *("--setenv", "OPENBLAS_NUM_THREADS", "1"),
        *("/env/bin/python", "-P", "-s", "-B", "-X", "utf8", "/similar.py"),
    ]
    if os.geteuid() != 0:
        return inner
    return [*bubblewrap.become_nobody([base, packages, COMPARED_BY]), *inner]


def _started(environment: Path, errors: IO[bytes]) -> subprocess.Popen[bytes]:
    with seccomp.program_file() as file, high_descriptor(file.fileno()) as filter_:
        return subprocess.Popen(
            sealed(environment, filter_),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=bubblewrap.OUTSIDE,
            pass_fds=[filter_],
            start_new_session=True,
        )


def _said(
    process: subprocess.Popen[bytes], content: bytes, told: Callable[[int, int], None]
) -> Any:
    """Return the result, once it is there."""
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdin as asked:
        asked.write(content)
    while line := _line(process.stdout):
        message = json.loads(line)
        if "result" in message:
            return message["result"]
        told(int(message["done"]), int(message["of"]))
    raise NoResult("it ended before its time")


def _line(said: IO[bytes]) -> bytes:
    return said.readline(LONGEST_LINE)
