"""The four ways to a grade, each as people take it."""

import json
import os
import subprocess
import sys
from pathlib import Path

from grading.course.layout import Course
from grading.pipeline.configuration import load_config, nbgrader_api

ASSIGNMENT = "01_mini"
PROJECT = Path(__file__).parents[2]


def by_make(course: Course, *options: str) -> str:
    """Return what `make autograde` says."""
    return _run(course, sys.executable, "-m", "grading.pipeline", "autograde", *options)


def by_command(course: Course, *options: str) -> str:
    """Return what nbgrader's command says."""
    return _run(course, sys.executable, "-m", "nbgrader", "autograde", ASSIGNMENT, *options)


def by_button(course: Course) -> str:
    """Press Formgrader's button for everybody who has submitted, one after the other."""
    return "\n".join(press(course, student)["log"] for student in students(course))


def by_worker(course: Course) -> str:
    """Let the worker beside the server do together all that Formgrader can ask of it."""
    answers = ask_worker(course, *((ASSIGNMENT, student) for student in students(course)))
    return "\n".join(answer["log"] for answer in answers)


WAYS = {"make": by_make, "command": by_command, "button": by_button, "worker": by_worker}


def students(course: Course) -> list[str]:
    """Return whose folders are in `submitted/`."""
    return sorted(folder.name for folder in (course.root / "submitted").iterdir())


def press(course: Course, student: str, assignment: str = ASSIGNMENT, **options: bool) -> dict:
    """Return what nbgrader answers to Formgrader's button."""
    api = nbgrader_api(load_config(course.root))
    api.log.handlers.clear()
    api.log.propagate = False
    return api.autograde(assignment, student, **options)


def ask_worker(course: Course, *targets: tuple[str, str]) -> list[dict]:
    """Return what the worker beside the server answers to one request to autograde."""
    request = json.dumps({"action": "autograde", "targets": targets}) + "\n"
    said = _run(
        course,
        sys.executable,
        "-m",
        "grading.nbgrader_steps.formgrader.work",
        course.root,
        say=request,
    )
    return json.loads(said.split("\n")[0])


def _run(course: Course, *command: str | Path, say: str = "") -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = os.environ | {"PATH": path, "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(
        command, cwd=course.root, env=env, input=say, capture_output=True, text=True
    )
    return f"{done.stdout}{done.stderr}\nexit status {done.returncode}"
