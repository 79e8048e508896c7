"""nbgrader's own tests of autograding, told anew for this course.

A test here is called like the one of nbgrader's that it repeats, and asserts the same with our
configuration. What is not here differs, and docs/nbgrader-differences.md says why.
"""

import ast
import re
import shutil
import stat
from pathlib import Path

import nbformat
import pytest
from by_hand import grade_by_hand
from nbformat.v4 import new_code_cell, new_output
from nbgrader import apps
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps.autogradeapp import AutogradeApp

from grading.course.cells import grade_id_of
from grading.grades.grade import grade_submission
from grading.sandbox.settings import PROJECT
from trials.corpus import solved_answers
from trials.gradebook import db_url_of
from trials.mini_course import MiniCourse

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("nbgraders-own-suite")]

SUITE = Path(apps.__file__).parents[1] / "tests" / "apps"
DIFFERENCES = PROJECT / "docs" / "nbgrader-differences.md"
DUE = "2015-02-02 14:58:23.948203 America/Los_Angeles"
LATER = "2015-02-02 15:58:23.948203 America/Los_Angeles"
EARLIER = "2015-02-01 14:58:23.948203 America/Los_Angeles"
PLUGIN = """
from nbgrader.plugins import BasePlugin

class Hourly(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return int(total_seconds_late / 3600)
"""


def theirs() -> set[str]:
    """Return the names of nbgrader's tests of autograding."""
    tree = ast.parse((SUITE / "test_nbgrader_autograde.py").read_text())
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    return {function.name for function in functions if function.name.startswith("test_")}


def repeated() -> set[str]:
    """Return the names of those that are repeated here."""
    return {
        name for name, value in globals().items() if name.startswith("test_") and callable(value)
    }


def differing() -> list[str]:
    """Return the names of those that differ, as the table says."""
    return re.findall(r"^\| `(test_\w+)` \| \S.*\S \|$", DIFFERENCES.read_text(), re.MULTILINE)


def test_each_of_nbgraders_tests_is_repeated_or_differs_for_a_reason():
    ours = {
        "test_each_of_nbgraders_tests_is_repeated_or_differs_for_a_reason",
        "test_no_difference_is_told_twice_or_of_what_is_the_same",
    }
    assert (repeated() - ours) | {*differing()} == theirs()


def test_no_difference_is_told_twice_or_of_what_is_the_same():
    assert len(differing()) == len({*differing()})
    assert not repeated() & {*differing()}


def hand_in(mini, student="foo", **files):
    """Submit the solved notebook with files beside it."""
    folder = mini.submit(student, mini.notebook())
    for name, content in files.items():
        file = folder / name.replace("__", "/").replace("_", ".")
        file.parent.mkdir(exist_ok=True)
        file.write_text(content)
    return folder


def kept(mini, student="foo"):
    folder = mini.course.autograded(student, "01_mini")
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def submission(mini, student="foo"):
    """Return what the gradebook says of a submission: score, seconds late, penalty."""
    with Gradebook(db_url_of(mini.course)) as gradebook:
        found = gradebook.find_submission("01_mini", student)
        [notebook] = found.notebooks
        return notebook.score, found.total_seconds_late, notebook.late_submission_penalty


def set_due(mini, settings=""):
    with Gradebook(db_url_of(mini.course)) as gradebook:
        gradebook.update_or_create_assignment("01_mini", duedate=DUE)
    with (mini.course.root / "nbgrader_config.py").open("a") as file:
        file.write(settings)


def test_help(command, capsys):
    assert command("--help-all")[0] == 0
    assert "--Autograde.create_student" in capsys.readouterr().out


def test_missing_student(command, unrun):
    hand_in(unrun, "baz")
    assert command("--Autograde.create_student=False")[0] == 1
    assert command()[0] == 0


def test_missing_assignment(command, unrun):
    hand_in(unrun)
    assert command(assignment="ps2")[0] == 1


def test_student_id_exclude(command, unrun):
    for student in ("foo", "bar", "baz"):
        hand_in(unrun, student)
    assert command("--CourseDirectory.student_id_exclude=bar,baz")[0] == 0
    assert kept(unrun) and not kept(unrun, "bar") and not kept(unrun, "baz")
    assert submission(unrun)[0] == 5
    for student in ("bar", "baz"):
        with pytest.raises(MissingEntry):
            submission(unrun, student)


def test_grade_timestamp(command, unrun):
    set_due(unrun)
    hand_in(unrun, "foo", timestamp_txt=LATER)
    hand_in(unrun, "bar", timestamp_txt=EARLIER)
    assert command()[0] == 0
    assert "timestamp.txt" in kept(unrun) and "timestamp.txt" in kept(unrun, "bar")
    assert submission(unrun)[1] > 0 and submission(unrun, "bar")[1] == 0
    assert command()[0] == 0


@pytest.fixture
def two_times(unrun):
    hand_in(unrun, "foo", timestamp_txt=DUE)
    hand_in(unrun, "bar", timestamp_txt=LATER)
    return unrun


def test_late_submission_penalty_none(command, two_times):
    set_due(two_times)
    assert command()[0] == 0
    assert submission(two_times) == (5, 0, None)
    assert submission(two_times, "bar") == (5, 3600, None)


def test_late_submission_penalty_zero(command, two_times):
    set_due(two_times, "\nc.LateSubmissionPlugin.penalty_method = 'zero'\n")
    assert command()[0] == 0
    assert submission(two_times) == (5, 0, None)
    assert submission(two_times, "bar") == (5, 3600, 5)
    hand_in(two_times, "bar", timestamp_txt=DUE)
    assert command("--force")[0] == 0
    assert submission(two_times, "bar") == (5, 0, None)


def test_late_submission_penalty_plugin(command, two_times, monkeypatch):
    (two_times.course.root / "late_plugin.py").write_text(PLUGIN)
    monkeypatch.syspath_prepend(two_times.course.root)
    set_due(two_times, "\nc.AssignLatePenalties.plugin_class = 'late_plugin.Hourly'\n")
    hand_in(two_times, "foo", timestamp_txt="2015-02-02 21:58:23.948203 America/Los_Angeles")
    assert command()[0] == 0
    assert submission(two_times) == (5, 7 * 3600, 5)
    assert submission(two_times, "bar") == (5, 3600, 1)


@pytest.mark.parametrize("force", ["--force"])
def test_force(command, unrun, force):
    folder = hand_in(unrun, foo_txt="foo", data__bar_txt="bar", blah_pyc="asdf")
    command()
    assert kept(unrun) == {"01_mini.ipynb", "foo.txt", "data/bar.txt"}
    (unrun.course.autograded("foo", "01_mini") / "foo.txt").unlink()
    command()
    assert "foo.txt" not in kept(unrun)
    command(force)
    assert "foo.txt" in kept(unrun)
    (folder / "foo.txt").unlink()
    command(force)
    assert kept(unrun) == {"01_mini.ipynb", "data/bar.txt"}


def test_force_f(command, unrun):
    test_force(command, unrun, "-f")


def test_skip_extra_notebooks(command, unrun):
    folder = hand_in(unrun)
    shutil.copy(folder / "01_mini.ipynb", folder / "01_mini copy.ipynb")
    assert command()[0] == 0
    assert kept(unrun) == {"01_mini.ipynb"}


def test_custom_permissions(command, unrun):
    hand_in(unrun, foo_txt="foo")
    assert command("--AutogradeApp.permissions=644")[0] == 0
    folder = unrun.course.autograded("foo", "01_mini")
    assert {stat.S_IMODE((folder / name).stat().st_mode) for name in kept(unrun)} == {0o644}


def test_update_newer(command, unrun):
    hand_in(unrun, timestamp_txt=EARLIER)
    assert command()[0] == 0
    file = unrun.course.autograded("foo", "01_mini") / "timestamp.txt"
    assert file.read_text() == EARLIER
    hand_in(unrun, timestamp_txt=LATER)
    assert command()[0] == 0
    assert file.read_text() == LATER


def test_many_students(command, unrun):
    students = [f"student{number:03}" for number in range(20)]
    for student in students:
        hand_in(unrun, student)
    assert command()[0] == 0
    assert all(kept(unrun, student) for student in students)


def outputs(notebook):
    return [cell.outputs for cell in notebook.cells if cell.cell_type == "code"]


def graded_outputs(mini, student):
    file = mini.course.autograded(student, "01_mini") / "01_mini.ipynb"
    return outputs(nbformat.read(file, as_version=4))


def with_outputs(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [new_output("stream", name="stdout", text="kept\n")]
    return notebook


def test_no_execute(command, unrun, really_graded, monkeypatch):
    submitted = outputs(with_outputs(unrun.notebook()))
    assert graded_outputs(really_graded, "untouched") != submitted
    grade_by_hand(
        monkeypatch, lambda kit, folder, how: grade_submission(kit, folder, how["execute"])
    )
    unrun.submit("foo", with_outputs(unrun.notebook()))
    assert command("--no-execute")[0] == 0
    answered = [cell.outputs for cell in answers(unrun)]
    assert answered and all(output[0].text == "kept\n" for (output,) in zip(answered, strict=True))


def answers(mini):
    notebook = nbformat.read(
        mini.course.autograded("foo", "01_mini") / "01_mini.ipynb", as_version=4
    )
    return [cell for cell in notebook.cells if grade_id_of(cell) in ("double", "halve")]


@pytest.fixture(scope="module")
def really_graded(released, tmp_path_factory):
    """Return a course whose submissions were run and judged, by nbgrader's command."""
    root = tmp_path_factory.mktemp("suite") / "course"
    shutil.copytree(released, root)
    mini = MiniCourse.at(root, "01_mini")
    with (root / "nbgrader_config.py").open("a") as file:
        file.write("\nc.Sandbox.cell_seconds = 10\n")
    untouched = solved_answers(mini.released.skeleton())
    mini.submit("untouched", with_outputs(mini.notebook(**untouched)))
    mini.submit("changed", mini.notebook(halve="raise ValueError"))
    for name in ("submitted-cheat-attempt", "submitted-cheat-attempt-alternative"):
        cheat = nbformat.read(SUITE / "files" / f"{name}.ipynb", as_version=4).cells[0].source
        assert "showtraceback" in cheat
        mini.submit(name, with_cell(mini.notebook(**untouched), cheat))
    loop = nbformat.read(SUITE / "files" / "infinite-loop.ipynb", as_version=4).cells[0].source
    mini.submit("loop", with_cell(mini.notebook(), loop))
    other = mini.notebook()
    other.metadata["kernelspec"] = {"name": "blah", "display_name": "kernel", "language": "blah"}
    mini.submit("kernel", other)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        app = AutogradeApp()
        app.initialize(["01_mini"])
        app.start()
    return mini


def with_cell(notebook, source):
    notebook.cells.insert(0, new_code_cell(source))
    return notebook


def grade_of(mini, student):
    """Return score, whether a person must grade, and what was said of answers."""
    with Gradebook(db_url_of(mini.course)) as gradebook:
        notebook = gradebook.find_submission_notebook("01_mini", "01_mini", student)
        comments = {one.name: one.comment for one in notebook.comments}
        return notebook.score, notebook.needs_manual_grade, comments


def test_grade(really_graded):
    score, waits, comments = grade_of(really_graded, "untouched")
    assert (score, waits) == (0, False)
    assert {*comments.values()} == {"No response."} and len(comments) == 3
    score, waits, comments = grade_of(really_graded, "changed")
    assert (score, waits) == (4, True)
    assert {*comments.values()} == {None}
    for student in ("untouched", "changed"):
        assert kept(really_graded, student) == {"01_mini.ipynb"}


def test_showtraceback_exploit(really_graded):
    for name in ("submitted-cheat-attempt", "submitted-cheat-attempt-alternative"):
        assert grade_of(really_graded, name)[0] == grade_of(really_graded, "untouched")[0]
        assert kept(really_graded, name) == {"01_mini.ipynb"}


def test_infinite_loop(really_graded):
    assert kept(really_graded, "loop") == {"01_mini.ipynb"}


def test_incorrect_submitted_kernelspec(really_graded):
    assert kept(really_graded, "kernel") == {"01_mini.ipynb"}
    assert grade_of(really_graded, "kernel")[0] == 6
