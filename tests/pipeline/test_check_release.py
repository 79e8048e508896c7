"""What decides whether an assignment may be released; what was run is made up here."""

import json

import pytest
from course_folders import add_assignment, contents
from nbformat.v4 import new_code_cell, new_notebook

from grading.checks.answer_key import key_fingerprint
from grading.checks.base import Outcome
from grading.course.errors import BadRelease, BadSolution
from grading.course.layout import Course
from grading.course.released import ReleasedNotebook
from grading.course.stamp import Stamp
from grading.grades.graded import GradedNotebook
from grading.pipeline import try_release
from grading.pipeline.try_release import check_release
from grading.sandbox.bubblewrap import SandboxError
from grading.sandbox.settings import Sandbox

SECRET = "twice_the_numbers = 2 * x"
ANSWER = {"schema_version": 3, "grade": False, "solution": True, "locked": False, "grade_id": "one"}
NOTEBOOK = new_notebook(
    cells=[
        new_code_cell(
            f"### BEGIN SOLUTION\n{SECRET}\n### END SOLUTION",
            metadata={"nbgrader": ANSWER | {"task": False}},
        )
    ]
)
HELD, FAILED = Outcome("doubles", True), Outcome("halves", False, "it is 3")


class Trial:
    """What running the solved and the unsolved notebook is made to give."""

    def __init__(self, course):
        self.course, self.settings = course, Sandbox(memory_mb=123)
        self.released = ReleasedNotebook(course, "2_layers")
        self.ran, self.solved, self.unsolved = [], [HELD, HELD], [FAILED, FAILED]
        self.points = {"test": 0.0, "by hand": None}
        self.key_error = None

    def run_solution(self, notebook, handout, course, settings):
        assert (course, settings) == (self.course, self.settings)
        assert contents(handout).keys() == {"notes.txt"}
        is_solved = SECRET in notebook.cells[0].source
        self.ran.append(is_solved)
        return is_solved

    def answer_key(self, course, released, settings):
        assert (course, settings) == (self.course, self.settings)
        if self.key_error:
            raise self.key_error
        (released.folder / "key.json").write_text('"a key"')
        return "the key"

    def judge_run(self, notebook, run, key, labels):
        assert (key, labels) == ("the key", try_release.test_labels)
        return {"solved": run}

    def judge(self, notebook, run, key, judged, notes):
        assert (key, judged) == ("the key", {"solved": run})
        assert (SECRET in notebook.cells[0].source) is run
        outcomes = {"test": self.solved if run else self.unsolved}
        return GradedNotebook(notebook, {} if run else self.points, {}, outcomes)

    def check(self, unsolved_points=0.0):
        check_release(self.released, NOTEBOOK, self.settings, unsolved_points)


@pytest.fixture
def trial(tmp_path, monkeypatch):
    course = Course(tmp_path)
    add_assignment(course, "1_tensor", order=1, module="tensor")
    folder = add_assignment(course, "2_layers", order=2, module="layers")
    (folder / "notes.txt").write_text("read me")
    course.hidden_data.mkdir(parents=True)
    trial = Trial(course)
    for name, stand_in in {
        "lay_out_hidden_images": lambda course: (course.hidden_data / "laid_out").write_text(""),
        "run_solution": trial.run_solution,
        "answer_key": trial.answer_key,
        "judge_run": trial.judge_run,
        "judge_notebook": trial.judge,
    }.items():
        monkeypatch.setattr(try_release, name, stand_in)
    return trial


def refused(trial, **options):
    """Return the reason of a refusal, after which everything kept is as before."""
    kept = trial.course.root / "answer_key" / "2_layers"
    before = contents(kept) if kept.exists() else {}
    with pytest.raises(BadRelease) as refusal:
        trial.check(**options)
    assert (contents(kept) if kept.exists() else {}) == before
    return str(refusal.value)


def test_a_fit_release_is_kept_with_its_files_and_its_key(trial):
    trial.check()
    kept = contents(trial.released.folder)
    assert kept.keys() == {"released.ipynb", "key.json", "handout/notes.txt"}
    assert json.loads(kept["key.json"]) == "a key"
    assert SECRET in trial.released.solved().cells[0].source
    assert sorted(trial.ran) == [False, True]


def test_the_key_is_not_made_again_for_what_it_was_made_from(trial):
    trial.check()
    stamp = Stamp(trial.course.root, trial.released.folder / "key.json")
    assert stamp.holds(key_fingerprint(trial.course, trial.released))


def test_the_hidden_images_are_there_before_anything_runs(trial, monkeypatch):
    laid_out = trial.course.hidden_data / "laid_out"
    run, seen = trial.run_solution, []

    def look(*given):
        seen.append(laid_out.exists())
        return run(*given)

    monkeypatch.setattr(try_release, "run_solution", look)
    trial.check()
    assert seen == [True, True]


def test_the_notebook_that_is_checked_is_not_changed(trial):
    before = json.dumps(NOTEBOOK)
    trial.check()
    assert json.dumps(NOTEBOOK) == before


def test_nothing_is_left_of_the_trial(trial, tmp_path, monkeypatch):
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    trial.check()
    trial.solved = [FAILED]
    refused(trial)
    assert list((tmp_path / "tmp").iterdir()) == []


def test_our_own_solution_must_earn_every_point(trial):
    trial.check()
    trial.solved = [HELD, FAILED]
    assert refused(trial) == (
        "2_layers is not released: a second run of our own solution misses "
        "'halves' in test (it is 3)."
    )


def test_the_unsolved_notebook_must_earn_none(trial):
    trial.check()
    trial.points, trial.unsolved = {"test": 0.5, "other": 1.0}, [HELD, FAILED]
    assert refused(trial) == (
        "2_layers is not released: the unsolved notebook earns 1.5 points by 'doubles' in test."
    )


@pytest.mark.parametrize(("allowed", "fits"), [(0.0, False), (1.4, False), (1.5, True), (2, True)])
def test_the_unsolved_notebook_may_earn_as_much_as_is_set(trial, allowed, fits):
    trial.points, trial.unsolved = {"test": 1.5}, [HELD]
    if fits:
        trial.check(unsolved_points=allowed)
    else:
        assert "earns 1.5 points" in refused(trial, unsolved_points=allowed)


def test_points_by_hand_are_none_that_the_unsolved_notebook_earns(trial):
    trial.points = {"by hand": None}
    trial.check()


def test_a_solution_that_does_not_run_is_refused_with_the_reason(trial):
    trial.key_error = BadSolution("our own solution raises ValueError in the cell one")
    assert refused(trial) == (
        "2_layers is not released: our own solution raises ValueError in the cell one."
    )


def test_without_a_sandbox_nothing_is_released_and_it_says_what_to_install(trial):
    trial.key_error = SandboxError("install bubblewrap")
    with pytest.raises(SandboxError, match="install bubblewrap"):
        trial.check()
    assert not trial.released.file.exists()


def test_another_notebook_in_the_folder_is_refused_before_anything_runs(trial):
    (trial.course.source("2_layers") / "Untitled.ipynb").write_text("")
    assert refused(trial).endswith("Rename, move or remove Untitled.ipynb.")
    assert trial.ran == []


@pytest.mark.parametrize("file", ["2_layers.py", "notes.txt", "inner/draft.py"])
def test_a_copied_file_that_tells_of_a_solution_is_refused_before_anything_runs(trial, file):
    copied = trial.course.release("2_layers") / file
    copied.parent.mkdir(parents=True)
    copied.write_text(f"    {SECRET}\n")
    assert refused(trial) == (
        f"2_layers is not released: {file} would be handed out, and it tells {SECRET!r}."
    )
    assert trial.ran == []


def test_earlier_modules_may_say_what_a_solution_says_but_not_later_ones(trial):
    trial.course.reference.mkdir()
    copied = trial.course.release("2_layers") / "tinytorch" / "tensor.py"
    copied.parent.mkdir(parents=True)
    copied.write_text(SECRET)
    (trial.course.reference / "layers.py").write_text(SECRET)
    assert "tinytorch/tensor.py would be handed out" in refused(trial)
    (trial.course.reference / "tensor.py").write_text(SECRET)
    trial.check()


def test_a_failed_run_of_one_notebook_is_not_hidden(trial, monkeypatch):
    def fail(*given):
        raise SandboxError("no kernel")

    monkeypatch.setattr(try_release, "run_solution", fail)
    with pytest.raises(SandboxError, match="no kernel"):
        trial.check()
    assert not trial.released.file.exists()
