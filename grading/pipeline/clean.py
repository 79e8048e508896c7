"""Remove everything that the course's commands have made, and nothing else."""

import shutil
import sys
from pathlib import Path

from grading.course.data import remove_data
from grading.course.errors import CourseError
from grading.course.layout import Course
from grading.course.stamp import STAMPS
from grading.course.sync import sync
from grading.engine.earlier import EARLIER
from grading.engine.regrade.previews import FOLDER as PREVIEWS

MADE_FOLDERS = ("release", "autograded", "feedback", "answer_key", "reports")
MADE_IN_SOURCE = ("tinytorch", ".ipynb_checkpoints")
NOT_OURS = ("submitted", "downloaded", "data")


def clean(root: Path) -> list[str]:
    """Remove what was made; return what was kept because people's work may be in it.

    Edits made to a notebook in JupyterLab go into its text notebook first.
    """
    course = Course(root)
    for name in course.assignments():
        if course.text(name).with_suffix(".ipynb").exists():
            sync(course, name)
    for name in MADE_FOLDERS:
        shutil.rmtree(root / name, ignore_errors=True)
    for assignment in course.assignments():
        course.text(assignment).with_suffix(".ipynb").unlink(missing_ok=True)
        for made in MADE_IN_SOURCE:
            shutil.rmtree(course.source(assignment) / made, ignore_errors=True)
        remove_data(course.source(assignment) / "data")
    shutil.rmtree(root / "source" / "my_tinytorch", ignore_errors=True)
    (root / ".grading.lock").unlink(missing_ok=True)
    for folder in root.glob(".grading-*"):
        shutil.rmtree(folder)
    for cache in root.rglob("__pycache__"):
        top = cache.relative_to(root).parts[0]
        if not top.startswith(".venv") and top not in NOT_OURS:
            shutil.rmtree(cache, ignore_errors=True)
    for hidden in (STAMPS, EARLIER, PREVIEWS):
        shutil.rmtree(root / hidden, ignore_errors=True)
    submitted = root / "submitted"
    kept = sorted(path.name for path in submitted.glob("*")) if submitted.exists() else []
    if kept:
        return [f"submitted/{name}" for name in kept] + ["gradebook.db"]
    shutil.rmtree(submitted, ignore_errors=True)
    (root / "gradebook.db").unlink(missing_ok=True)
    return []


def main() -> int:
    """Clean the course in the current folder and say what was kept."""
    try:
        kept = clean(Path.cwd())
    except CourseError as error:
        print(f"Stopped, and removed nothing. {error}", file=sys.stderr)
        return 1
    for path in kept:
        print(f"kept {path}: it was not made by these commands")
    return 0


if __name__ == "__main__":
    sys.exit(main())
