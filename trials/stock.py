"""The same through nbgrader's own command and through the interface behind Formgrader's button."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from grading.course.layout import Course
from grading.pipeline.configuration import load_config, nbgrader_api
from trials.gradebook import Grades, gradebook_rows
from trials.hostile_course import MINI
from trials.isolated import Isolated
from trials.mini_course import MiniCourse

SECONDS = 900
NOT_COPIED = ("autograded", "feedback", "submitted", "gradebook.db", "reports")


def stock_complaints(
    mini: MiniCourse, ours: Grades, fresh: Path, honest: Sequence[str], others: Sequence[str]
) -> list[str]:
    """Grade the honest both ways and the others either way; return where scores differ."""
    halves = {"command": [*honest, *others[::2]], "button": [*honest, *others[1::2]]}
    ways = {"command": _by_command, "button": _by_button}
    courses = {
        way: _copy(mini.course, fresh, fresh.parent / way, students)
        for way, students in halves.items()
    }
    running = {
        way: Isolated(partial(ways[way], course, halves[way]), SECONDS)
        for way, course in courses.items()
    }
    complaints: list[str] = []
    for way, work in running.items():
        done = work.wait()
        failures = done.value if done.value is not None else [done.failure or "no answer"]
        complaints += [f"nbgrader's {way}: {failure}" for failure in failures]
        theirs = gradebook_rows(courses[way], MINI)
        for student in halves[way]:
            wanted, got = _scores(ours, student), _scores(theirs, student)
            if wanted != got:
                complaints.append(f"nbgrader's {way} gives {student} {got} in place of {wanted}")
    return complaints


def _copy(course: Course, fresh: Path, target: Path, students: Sequence[str]) -> Course:
    """Copy a course with these students' submissions and a fresh gradebook."""
    shutil.copytree(course.root, target, ignore=_only_at_the_top(course.root))
    shutil.copy(fresh, target / "gradebook.db")
    copy = Course(target)
    for student in students:
        shutil.copytree(
            course.submitted(student, MINI), copy.submitted(student, MINI), symlinks=True
        )
    return copy


def _only_at_the_top(root: Path) -> Callable[[str, list[str]], set[str]]:
    def ignore(folder: str, names: list[str]) -> set[str]:
        return set(NOT_COPIED) & set(names) if Path(folder) == root else set()

    return ignore


def _by_command(course: Course, students: Sequence[str]) -> list[str]:
    nbgrader = Path(sys.executable).with_name("nbgrader")
    done = subprocess.run(
        [nbgrader, "autograde", MINI, "--create"],
        cwd=course.root,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    lines = done.stderr.strip().split("\n")
    told = [line for line in lines if "error processing assignment" in line and "student" in line]
    return [] if done.returncode == 0 else told or lines[-1:]


def _by_button(course: Course, students: Sequence[str]) -> list[str]:
    api = nbgrader_api(load_config(course.root))
    failures = []
    for student in students:
        answer = api.autograde(MINI, student)
        if not answer["success"]:
            last = (answer.get("log") or answer.get("error") or "").strip().split("\n")[-1]
            failures.append(f"{student}: {last}")
    return failures


def _scores(rows: Grades, student: str) -> dict[str, float | None]:
    return {name: auto for name, (auto, _, _) in rows.get(student, {}).items()}
