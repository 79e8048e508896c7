"""A small course in which everything stands that a gradebook and its folders can be in."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

from nbgrader.api import (
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    SolutionCell,
    SubmittedNotebook,
    TaskCell,
)
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from trials.synthetic_course import DUE, SyntheticCourse

FIRST, SECOND, THIRD = "01_setup", "02_tensor", "03_activations"


def odd_course(root: Path, structure: str = "") -> Config:
    """Build the course, and return its configuration."""
    course = SyntheticCourse(root, students=12, assignments=3, handed_in=1).build()
    with Gradebook(course.db_url, "tinytorch") as gradebook:
        gradebook.assignments[2].duedate = None
        _people(gradebook)
        _tasks(gradebook)
        _another_notebook(gradebook, root)
        _assignments_without_cells(gradebook, root)
        _marks(gradebook)
        _times(gradebook, root)
        gradebook.db.commit()
    _folders(root)
    outbound = root.with_name("exchange") / "tinytorch" / "outbound" / SECOND
    outbound.mkdir(parents=True)
    (outbound / f"{SECOND}.ipynb").touch()
    config = Config()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.course_id = "tinytorch"
    config.Exchange.root = str(root.with_name("exchange"))
    config.NbGraderAPI.timezone = "Europe/Berlin"
    if structure:
        _moved(CourseDirectory(config=config), structure)
        config.CourseDirectory.directory_structure = structure
    return config


def _people(gradebook: Gradebook) -> None:
    gradebook.update_or_create_student("student-0001", first_name=None, last_name=None)
    gradebook.update_or_create_student("student-0002", first_name="Öz", last_name="None")
    gradebook.update_or_create_student("student-0003", email="3@school.example", lms_user_id="33")
    for student in ("nobody yet", "student_0%", ".hidden", "student.5"):
        gradebook.add_student(student, last_name="Last")


def _tasks(gradebook: Gradebook) -> None:
    for name, points in ((FIRST, 5), (SECOND, 7)):
        for kind in ("markdown", "code"):
            cell = gradebook.add_task_cell(
                f"task {kind}", name, name, max_score=points, cell_type=kind
            )
            for number, entry in enumerate(_by_student(gradebook.notebook_submissions(name, name))):
                score = number / 3 if number % 3 else None
                _grade(gradebook, cell, entry, manual_score=score, needs_manual_grade=not score)


def _another_notebook(gradebook: Gradebook, root: Path) -> None:
    notebook = gradebook.add_notebook("another", SECOND)
    cells = [
        gradebook.add_grade_cell("test", "another", SECOND, max_score=2, cell_type="code"),
        gradebook.add_grade_cell("think", "another", SECOND, max_score=0.1, cell_type="markdown"),
        gradebook.add_solution_cell("think", "another", SECOND),
    ]
    for number, submission in enumerate(_by_student(gradebook.assignment_submissions(SECOND))):
        entry = SubmittedNotebook(notebook=notebook, assignment=submission, flagged=None)
        gradebook.db.add(entry)
        if number % 4:
            folder = root / "autograded" / submission.student.id / SECOND
            (folder / "another.ipynb").touch()
        for cell in cells if number % 5 else []:
            if isinstance(cell, SolutionCell):
                gradebook.db.add(Comment(cell=cell, notebook=entry, manual_comment="Good."))
            else:
                _grade(gradebook, cell, entry, auto_score=number / 7, needs_manual_grade=False)


def _assignments_without_cells(gradebook: Gradebook, root: Path) -> None:
    for name in ("04_empty", "05_without_source"):
        gradebook.add_assignment(name, duedate=DUE)
        gradebook.add_notebook(name, name)
    gradebook.add_submission("04_empty", "student-0001")
    gradebook.add_submission("05_without_source", "student-0001", timestamp=DUE)
    gradebook.add_assignment("06_nothing")
    gradebook.add_submission("06_nothing", "student-0004", timestamp=DUE)
    for name in ("04_empty", "06_nothing", "07_never_generated", ".hidden"):
        (root / "source" / name).mkdir()
    (root / "source" / "07_never_generated" / "07_never_generated.ipynb").touch()
    (root / "source" / "a file").touch()


def _marks(gradebook: Gradebook) -> None:
    entries = _by_student(gradebook.notebook_submissions(THIRD, THIRD))
    for number, entry in enumerate(entries):
        entry.late_submission_penalty = 1.5 if number == 1 else None
        for grade in entry.grades:
            grade.extra_credit = 0.25 if number == 2 else grade.extra_credit
            grade.auto_score = None if number == 3 else grade.auto_score
            grade.auto_score = grade.max_score if number == 10 else grade.auto_score
            grade.needs_manual_grade = number == 4
            grade.manual_score = 0.0 if number == 5 else grade.manual_score
    entries[6].grades.clear()
    gradebook.find_submission(THIRD, "student-0003").extension = timedelta(hours=3)


def _times(gradebook: Gradebook, root: Path) -> None:
    here = root / "submitted"
    (here / "student-0001" / SECOND / "timestamp.txt").unlink()
    (here / "student-0002" / SECOND / "timestamp.txt").unlink()
    gradebook.find_submission(SECOND, "student-0002").timestamp = None
    for student, said in (
        ("student-0003", "2026-02-01 13:00:00 Europe/Berlin"),
        ("student-0004", "2026-02-01 13:00:00 +0100"),
        ("student-0005", "2026-02-01T12:00:00"),
        ("student-0006", "February 1, 2026 at 12"),
    ):
        (here / student / SECOND / "timestamp.txt").write_text(f"{said}\n")
        gradebook.find_submission(SECOND, student).timestamp = DUE
    gradebook.add_submission(THIRD, ".hidden", timestamp=DUE)


def _folders(root: Path) -> None:
    shutil.rmtree(root / "autograded" / "student-0007" / SECOND)
    shutil.rmtree(root / "submitted" / "student-0008" / SECOND)
    shutil.rmtree(root / "submitted" / "student-0008" / THIRD)
    shutil.rmtree(root / "autograded" / "student-0008" / THIRD)
    (root / "autograded" / "student-0009" / SECOND / f"{SECOND}.ipynb").unlink()
    shutil.rmtree(root / "submitted" / "student-0010")
    for path in ("unknown/02_tensor", "unknown/other", "in vain/.hidden", ".hidden/02_tensor"):
        (root / "submitted" / path).mkdir(parents=True)
    (root / "submitted" / "unknown" / SECOND / "timestamp.txt").write_text("2026-01-31 00:00 UTC")
    (root / "submitted" / "empty").mkdir()
    (root / "submitted" / "a file").touch()
    (root / "submitted" / "not a folder").mkdir()
    (root / "submitted" / "not a folder" / SECOND).touch()
    (root / "submitted" / "linked").symlink_to(root / "submitted" / "student-0011")


def _by_student(entries: list[Any]) -> list[Any]:
    return sorted(entries, key=lambda entry: str(entry.student.id))


def _grade(
    gradebook: Gradebook, cell: GradeCell | TaskCell, entry: SubmittedNotebook, **marks: object
) -> None:
    gradebook.db.add(Grade(cell=cell, notebook=entry, **marks))


def _moved(coursedir: CourseDirectory, structure: str) -> None:
    root = Path(coursedir.root)
    other = CourseDirectory(root=str(root), directory_structure=structure)
    for step in ("submitted", "autograded"):
        for folder in [path for path in root.glob(f"{step}/*/*") if path.is_dir()]:
            target = Path(other.format_path(step, folder.parent.name, folder.name))
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(folder, target)
        shutil.rmtree(root / step / "student-0001")
