"""A term goes into one file, all that cannot be made again, and comes out as it was."""

import io
import os
import shutil
import stat
import sys
import tarfile

import pytest
from graded_class import CLASS, NAME
from sqlalchemy import create_engine

from grading.course.layout import Course
from grading.engine.lock import only_grader
from grading.engine.tasks import survey
from grading.grades.tables import TABLES
from grading.pipeline import archive as command
from grading.pipeline.archive import CannotArchive, archive, restore
from trials.mini_course import MiniCourse


@pytest.fixture
def term(graded_class, tmp_path):
    """Return a graded course with all that a term leaves, and where to archive it."""
    root = graded_class.mini.course.root
    for name, text in {
        "salt.txt": "secret",
        "roster.csv": "id",
        "policies.toml": "",
        "downloaded/01_mini/archive/class.zip": "zip",
        "feedback/student-01/01_mini/01_mini.html": "page",
        "reports/grades.csv": "table",
        "reports/autograding.jsonl": "{}",
        ".venv/bin/python": "",
        ".git/config": "",
        "source/01_mini/notes.txt": "ours",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    graded_class.autograde()  # by the secret of the course
    return root, tmp_path / "archives" / "term.tar.gz"


def rows(folder):
    engine = create_engine(f"sqlite:///{folder / 'gradebook.db'}")
    with engine.connect() as connection:
        found = {
            table.name: sorted(map(tuple, connection.execute(table.select())), key=str)
            for table in TABLES
        }
    engine.dispose()
    return found


def names(file):
    with tarfile.open(file) as tar:
        return set(tar.getnames())


def test_all_that_cannot_be_made_again_is_in_it_and_nothing_else(term):
    root, file = term
    archive(root, file)
    found = names(file)
    assert {
        *("salt.txt", "roster.csv", "policies.toml", "nbgrader_config.py", "gradebook.db"),
        *("downloaded/01_mini/archive/class.zip", "reports/autograding.jsonl"),
        *("source/01_mini/01_mini.py", "source/01_mini/assignment.toml"),
        "source/01_mini/notes.txt",
        *(f"submitted/{student}/{NAME}/{NAME}.ipynb" for student in CLASS),
        *(f"autograded/{student}/{NAME}/{NAME}.ipynb" for student in CLASS),
    } <= found
    made = ("release/", "answer_key/", "feedback/", ".venv/", ".git/", "source/01_mini/tinytorch")
    assert not [name for name in found if name.startswith(made)]
    assert not {"reports/grades.csv", "source/01_mini/01_mini.ipynb"} & found


def test_an_own_notebook_without_a_text_is_kept(term):
    root, file = term
    (root / "source" / NAME / "drafts.ipynb").write_text("{}")
    archive(root, file)
    assert f"source/{NAME}/drafts.ipynb" in names(file)


def test_restored_it_is_as_it_was_row_by_row(term, tmp_path):
    root, file = term
    archive(root, file)
    restore(file, tmp_path / "again")
    assert rows(tmp_path / "again") == rows(root)
    mini = MiniCourse.at(tmp_path / "again", NAME)
    for student in CLASS:
        for one in Course(root).submitted(student, NAME).iterdir():
            again = mini.course.submitted(student, NAME) / one.name
            assert again.read_bytes() == one.read_bytes()


def test_in_a_restored_course_nothing_has_to_be_graded_again(term, tmp_path):
    root, file = term
    archive(root, file)
    restore(file, tmp_path / "again")
    shutil.copytree(root / "answer_key", tmp_path / "again" / "answer_key")  # as it is made again
    mini = MiniCourse.at(tmp_path / "again", NAME)
    assert survey(mini.course, mini.config).tasks == []


def test_it_is_for_nobody_else_to_read(term):
    root, file = term
    archive(root, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_links_are_named_and_not_followed(term):
    root, file = term
    (root / "submitted" / "student-01" / NAME / "link").symlink_to("/etc/hostname")
    (root / "submitted" / "student-01" / "folder").symlink_to("/etc")
    _, odd = archive(root, file)
    assert odd == ["submitted/student-01/folder", f"submitted/student-01/{NAME}/link"]
    assert not {one for one in names(file) if "link" in one or "hostname" in one}


def test_what_is_not_as_it_was_when_restored_leaves_no_archive(term, monkeypatch):
    root, file = term
    whole = command.restore

    def broken(*given):
        found = whole(*given)
        return found | {"salt.txt": "another"}

    monkeypatch.setattr(command, "restore", broken)
    with pytest.raises(CannotArchive, match=r"1 files are not as they were \(salt.txt\)"):
        archive(root, file)
    assert not file.exists() and not list(file.parent.iterdir())


def test_an_archive_that_is_there_is_not_written_over(term):
    root, file = term
    archive(root, file)
    before = file.read_bytes()
    with pytest.raises(CannotArchive, match="is there already"):
        archive(root, file)
    assert file.read_bytes() == before


def test_nothing_is_restored_over_a_course(term):
    root, file = term
    archive(root, file)
    with pytest.raises(CannotArchive, match="is not empty"):
        restore(file, root)


@pytest.mark.parametrize("name", ["../outside", "/tmp/outside"])
def test_an_archive_that_leads_out_of_its_folder_is_refused(tmp_path, name):
    with tarfile.open(tmp_path / "bad.tar.gz", "w:gz") as tar:
        tar.addfile(tarfile.TarInfo(name), io.BytesIO())
    with pytest.raises(CannotArchive, match="not a file that belongs"):
        restore(tmp_path / "bad.tar.gz", tmp_path / "here")
    assert not (tmp_path / "outside").exists()


def test_nobody_grades_meanwhile(term, monkeypatch, capsys):
    root, file = term
    arguments = ["archive", "--root", str(root), "--to", str(file)]
    monkeypatch.setattr(sys, "argv", arguments)
    with only_grader(Course(root)):
        assert command.main() == 1
    assert "Somebody is grading" in capsys.readouterr().err
    assert command.main() == 0
    assert "restored once and compared" in capsys.readouterr().out
    again = root.parent / "again"
    monkeypatch.setattr(sys, "argv", ["archive", "--restore", str(file), "--to", str(again)])
    assert command.main() == 0 and os.path.exists(again / "salt.txt")  # noqa: PTH110
