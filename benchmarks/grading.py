"""Measure grading: against stock nbgrader, by number of workers, and for a large class.

    python -m benchmarks.grading stock    [--assignment 02_tensor] [--students 40]
    python -m benchmarks.grading workers  [--assignment 02_tensor] [--students 40] [--dask]
    python -m benchmarks.grading class    [--assignment 02_tensor] [--students 50 500]

Run it in a released course, on an idle machine: CPU time is that of the whole machine (/proc/stat).
Submissions are those of the sample class's students, in turn.
"""

import argparse
import contextlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from rich.console import Console
from rich.table import Table

from grading.course.cells import NOTE
from grading.course.layout import Course
from grading.course.released import ReleasedNotebook
from grading.sandbox.bubblewrap import CHECK_MODULE
from trials.corpus import corpus_file, fill_in, load_variants, solved_answers
from trials.sample_class.students import CLASS, Material

TICK = 1 / os.sysconf("SC_CLK_TCK")
STOCK = "c = get_config()\nc.CourseDirectory.course_id = 'stock'\n"
COPIED = (
    *("nbgrader_config.py", "gradebook.db"),
    *("source", "release", "answer_key", "tinytorch_ref", ".stamps"),
)


@dataclass(frozen=True)
class Spent:
    """What a command took: seconds, and CPU seconds of the whole machine."""

    seconds: float
    cpu_seconds: float


def main() -> None:
    """Run one of the measurements and print its table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=["stock", "workers", "class"])
    parser.add_argument("--assignment", default="02_tensor")
    parser.add_argument("--students", type=int, nargs="*", default=None)
    parser.add_argument("--dask", action="store_true", help="also a Dask cluster of two workers")
    options = parser.parse_args()
    course, assignment = Course(Path.cwd()), options.assignment
    if options.what == "stock":
        compare_with_stock(course, assignment, (options.students or [40])[0])
    elif options.what == "workers":
        compare_workers(course, assignment, (options.students or [40])[0], options.dask)
    else:
        grade_classes(course, assignment, options.students or [50, 500])


def compare_with_stock(course: Course, assignment: str, students: int) -> None:
    """Grade the same submissions with this course's command and with stock nbgrader's."""
    table = Table("", "seconds a notebook", "CPU seconds a notebook", "a minute")
    with class_of(course, assignment, students) as root:
        ours = spent_on(our_command("autograde", assignment), root)
        cells = cpu_of_cells(root, assignment) / students
    with class_of(course, assignment, students) as root:
        (root / "nbgrader_config.py").write_text(STOCK)
        modules = root / "modules"
        modules.mkdir()
        shutil.copy(CHECK_MODULE, modules / "grading.py")
        stock = spent_on(nbgrader("autograde", assignment, "--create"), root, modules)
    for name, spent in (("this course, sealed", ours), ("stock nbgrader", stock)):
        each = spent.seconds / students, spent.cpu_seconds / students
        table.add_row(name, f"{each[0]:.2f}", f"{each[1]:.2f}", f"{60 / each[0]:.0f}")
    Console().print(table)
    beside = ours.cpu_seconds / students - cells
    print(f"{assignment}, {students} submissions: {stock.seconds / ours.seconds:.1f} times as fast")
    print(f"the cells' own CPU {cells:.2f} s a notebook, everything beside it {beside:.2f} s")
    bound = cells * students / (os.cpu_count() or 1)
    print(f"{ours.seconds / bound:.2f} times the cells' own CPU time divided by the processors")


def compare_workers(course: Course, assignment: str, students: int, dask: bool) -> None:
    """Grade the same submissions with 1, 2, 4 and 8 workers, and on a Dask cluster of two."""
    table = Table("workers", "seconds", "a minute", "coordinator's memory, MB")
    for workers in (1, 2, 4, 8):
        with class_of(course, assignment, students) as root:
            command = [*our_command("autograde", assignment), "--workers", str(workers)]
            add_row(table, str(workers), students, command, root)
    if dask:
        with class_of(course, assignment, students) as root, dask_cluster() as scheduler:
            command = [*our_command("autograde", assignment), "--scheduler", scheduler]
            add_row(table, "Dask, 2", students, command, root)
    Console().print(table)


def grade_classes(course: Course, assignment: str, sizes: list[int]) -> None:
    """Grade classes of several sizes, make their feedback and the tables."""
    table = Table("students", "seconds", "a minute", "coordinator's memory, MB")
    for students in sizes:
        with class_of(course, assignment, students) as root:
            steps = our_command("autograde", assignment)
            steps[3:4] = ["autograde", "feedback", "report"]
            add_row(table, str(students), students, steps, root)
            pages = len(list(root.glob(f"feedback/*/{assignment}/{assignment}.html")))
            rows = (root / "reports" / "grades.csv").read_text().count("\n") - 1
            print(f"{students} students: {pages} pages, {rows} rows of grades")
    Console().print(table)


def add_row(table: Table, name: str, students: int, command: list[str], root: Path) -> None:
    """Run a command and add what it took to a table."""
    spent, memory = spent_on(command, root), largest_child()
    table.add_row(
        name, f"{spent.seconds:.0f}", f"{60 * students / spent.seconds:.0f}", f"{memory:.0f}"
    )


@contextlib.contextmanager
def class_of(course: Course, assignment: str, students: int) -> Iterator[Path]:
    """Give a copy of the course with so many submissions of one assignment."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        root = Path(name) / "course"
        root.mkdir()
        for part in COPIED:
            copy_ = shutil.copytree if (course.root / part).is_dir() else shutil.copy
            copy_(course.root / part, root / part)
        copy = Course(root)
        release = copy.release(assignment) / f"{assignment}.ipynb"
        solved = solved_answers(ReleasedNotebook(copy, assignment).solved())
        stubs = solved_answers(nbformat.read(release, as_version=4))
        material = Material(solved, stubs, load_variants(corpus_file(course, assignment)))
        for number in range(students):
            student = CLASS[number % len(CLASS)]
            notebook = fill_in(nbformat.read(release, as_version=4), student.answer(material))
            folder = copy.submitted(f"student-{number:03d}", assignment)
            folder.mkdir(parents=True)
            nbformat.write(notebook, folder / f"{assignment}.ipynb")
        yield root


@contextlib.contextmanager
def dask_cluster() -> Iterator[str]:
    """Give the address of a Dask cluster of two workers on this machine."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
    ) as cluster:
        yield str(cluster.scheduler_address)


def spent_on(command: list[str], root: Path, modules: Path | None = None) -> Spent:
    """Run a command in a course; return what it took. Raises `CalledProcessError`."""
    path = os.pathsep.join(map(str, filter(None, [modules, Path.cwd()])))
    env = os.environ | {"PYTHONPATH": path, "CHECK_DATA": str(root / "answer_key" / "data")}
    began, cpu = time.perf_counter(), machine_cpu()
    subprocess.run(command, cwd=root, env=env, check=True, capture_output=True)
    return Spent(time.perf_counter() - began, machine_cpu() - cpu)


def our_command(step: str, assignment: str) -> list[str]:
    """Return the command of one of our steps."""
    return [sys.executable, "-m", "grading.pipeline", step, "--assignment", assignment]


def nbgrader(*arguments: str) -> list[str]:
    """Return a command of nbgrader's."""
    return [str(Path(sys.executable).with_name("nbgrader")), *arguments]


def cpu_of_cells(root: Path, assignment: str) -> float:
    """Return the CPU seconds that the kernels of all graded notebooks used."""
    notes = (
        json.loads(file.read_text())["metadata"][NOTE]
        for file in root.glob(f"autograded/*/{assignment}/{assignment}.ipynb")
    )
    return sum(note.get("cpu_seconds", 0.0) for note in notes)


def machine_cpu() -> float:
    """Return the CPU seconds that the machine has been busy since it started (proc(5))."""
    user, nice, system, _, _, irq, softirq, *_ = map(
        int, Path("/proc/stat").read_text().split("\n")[0].split()[1:]
    )
    return (user + nice + system + irq + softirq) * TICK


def largest_child() -> float:
    """Return the megabytes of the largest process of ours that has ended."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


if __name__ == "__main__":
    main()
