"""Remove everything that the course's commands have made, and nothing else."""

import shutil
from pathlib import Path

from grading.course.layout import Course
from grading.course.stamp import STAMPS
from grading.course.sync import sync

MADE_FOLDERS = ("release", "autograded", "feedback", "answer_key", "reports")
MADE_IN_SOURCE = ("*.ipynb", "tinytorch", "data", ".ipynb_checkpoints")


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
        for pattern in MADE_IN_SOURCE:
            for path in course.source(assignment).glob(pattern):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    (root / ".grading.lock").unlink(missing_ok=True)
    for folder in root.glob(".grading-*"):
        shutil.rmtree(folder)
    for cache in root.rglob("__pycache__"):
        if not {".venv", ".venv-student"} & set(cache.relative_to(root).parts):
            shutil.rmtree(cache, ignore_errors=True)
    shutil.rmtree(root / STAMPS, ignore_errors=True)
    submitted = root / "submitted"
    kept = sorted(path.name for path in submitted.glob("*")) if submitted.exists() else []
    if kept:
        return [f"submitted/{name}" for name in kept] + ["gradebook.db"]
    shutil.rmtree(submitted, ignore_errors=True)
    (root / "gradebook.db").unlink(missing_ok=True)
    return []


def main() -> None:
    """Clean the course in the current folder and say what was kept."""
    for path in clean(Path.cwd()):
        print(f"kept {path}: it was not made by these commands")


if __name__ == "__main__":
    main()
