"""What a release must satisfy before students get it."""

import copy
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from nbformat import NotebookNode

from grading.checks.answer_key import AnswerKey, answer_key, key_fingerprint, run_solution
from grading.checks.labels import test_labels
from grading.course.data import lay_out_hidden_images
from grading.course.errors import BadCourse, BadRelease, BadSolution
from grading.course.layout import Course
from grading.course.leaks import find_leaks
from grading.course.released import ReleasedNotebook, without_solutions
from grading.course.soundness import refuse_strangers
from grading.course.stamp import Stamp
from grading.grades.graded import GradedNotebook, judge_notebook, judge_run
from grading.sandbox.execute import Run
from grading.sandbox.settings import Sandbox


def check_release(
    released: ReleasedNotebook, notebook: NotebookNode, settings: Sandbox, unsolved_points: float
) -> None:
    """Keep a notebook as an assignment's release if it can be graded; else raise `BadRelease`.

    Our own solution must earn every point and the unsolved notebook at most `unsolved_points`.
    """
    course, assignment = released.course, released.assignment
    source = course.source(assignment)
    trial_root = Path(tempfile.mkdtemp(prefix="release-"))
    try:
        refuse_strangers(assignment, source)
        refuse_leaks(course, assignment, notebook)
        lay_out_hidden_images(course)
        trial = ReleasedNotebook(Course(trial_root), assignment)
        trial.keep(copy.deepcopy(notebook), source)
        _try_out(course, trial, settings, unsolved_points)
        released.keep(copy.deepcopy(notebook), source)
        key = released.folder / "key.json"
        shutil.copy(trial.folder / "key.json", key)
        Stamp(course.root, key).put(key_fingerprint(course, released))
    except BadSolution as error:
        raise BadRelease(f"{assignment} is not released: {error}.") from None
    except BadCourse as error:
        raise BadRelease(str(error)) from None
    finally:
        shutil.rmtree(trial_root, ignore_errors=True)


def refuse_leaks(course: Course, assignment: str, notebook: NotebookNode) -> None:
    """Raise `BadSolution` when a file that nbgrader has copied tells of a solution or hidden test.

    The modules of earlier assignments may: they are handed out on purpose.
    """
    modules = [course.reference / f"{name}.py" for name in course.modules_before(assignment)]
    known = "\n".join(module.read_text() for module in modules if module.exists())
    for file, line in find_leaks(course.release(assignment), notebook, known):
        name = file.relative_to(course.release(assignment))
        raise BadSolution(f"{name} would be handed out, and it tells {line!r}")


def _try_out(
    course: Course, trial: ReleasedNotebook, settings: Sandbox, unsolved_points: float
) -> None:
    notebooks = {True: trial.solved(), False: without_solutions(trial.solved())}
    with ThreadPoolExecutor(len(notebooks)) as pool:
        running = {
            solved: pool.submit(run_solution, notebook, trial.handout, course, settings)
            for solved, notebook in notebooks.items()
        }
        key = answer_key(course, trial, settings)
    graded = {
        solved: _judged(notebook, running[solved].result(), key)
        for solved, notebook in notebooks.items()
    }
    missed = _checks(graded[True], passed=False)
    if missed:
        raise BadSolution(f"a second run of our own solution misses {missed[0]}")
    earned = sum(score or 0.0 for score in graded[False].scores.values())
    if earned > unsolved_points:
        held = ", ".join(_checks(graded[False], passed=True))
        points = f"{earned:g} point{'' if earned == 1 else 's'}"
        raise BadSolution(f"the unsolved notebook earns {points} by {held}")


def _judged(notebook: NotebookNode, run: Run, key: AnswerKey) -> GradedNotebook:
    judged = judge_run(notebook, run, key, test_labels)
    return judge_notebook(notebook, run, key, judged, [])


def _checks(graded: GradedNotebook, passed: bool) -> list[str]:
    return [
        f"'{outcome.name}' in {cell}" + (f" ({outcome.hint})" if outcome.hint else "")
        for cell, outcomes in graded.outcomes.items()
        for outcome in outcomes
        if outcome.passed == passed
    ]
