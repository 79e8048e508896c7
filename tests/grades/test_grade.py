"""What submissions earn, through the sealed kernel."""

import pytest

from grading.grades.grade import grade_submission
from grading.grades.kit import Kit
from grading.sandbox.settings import Sandbox

pytestmark = pytest.mark.slow

FULL = {"test-double": 4.0, "test-halve": 2.0}


@pytest.fixture
def grade(mini):
    kit = Kit.of(mini.course, mini.released, Sandbox(config=mini.config))

    def grade(notebook, **how):
        return grade_submission(kit, mini.submit("student-01", notebook), **how)

    return grade


def scores(graded):
    return {name: score for name, score in graded.scores.items() if name != "think"}


def test_our_own_solution_earns_every_point_and_the_answer_waits_for_a_person(mini, grade):
    graded = grade(mini.notebook())
    assert scores(graded) == FULL and graded.scores["think"] is None


def test_the_untouched_release_earns_nothing(mini, grade):
    release = mini.course.release("01_mini") / "01_mini.ipynb"
    graded = grade(release.read_text())
    assert set(graded.scores.values()) == {0.0}
    assert graded.comments["double"] == "No response."


def test_points_are_the_share_of_checks_that_hold(mini, grade):
    floats = "def double(x):\n    return np.asarray(x, dtype=float) * 2"
    assert scores(grade(mini.notebook(double=floats)))["test-double"] == 3.0


def test_an_error_in_one_check_does_not_take_the_others_down(mini, grade):
    picky = "def double(x):\n    return 2 * x if np.size(x) else 1 / 0"
    graded = grade(mini.notebook(double=picky))
    assert scores(graded)["test-double"] == 3.0
    (failed,) = (outcome for outcome in graded.outcomes["test-double"] if not outcome.passed)
    assert (failed.name, failed.hint) == ("doubles nothing", "raised ZeroDivisionError")


def test_noise_on_stderr_costs_nothing(mini, grade):
    noisy = "import sys\ndef double(x):\n    print('!', file=sys.stderr)\n    return 2 * x"
    assert scores(grade(mini.notebook(double=noisy))) == FULL


def test_a_failing_visible_assert_leaves_the_hidden_checks_alone(mini, grade):
    wrong = "def double(x):\n    return 2 * x if np.size(x) != 1 or x < 0 else 0 * x"
    assert scores(grade(mini.notebook(double=wrong))) == FULL


def test_a_syntax_error_costs_its_own_cell_only(mini, grade):
    graded = grade(mini.notebook(double="def double(x:\n"))
    assert scores(graded) == {"test-double": 0.0, "test-halve": 2.0}


def test_an_unreadable_notebook_earns_nothing_and_says_why(mini, grade):
    graded = grade("not a notebook")
    assert set(graded.scores.values()) == {0.0}
    assert "not JSON" in " ".join(graded.notebook.metadata["course"]["notes"])


def test_a_kernel_that_is_killed_keeps_what_was_earned_before(mini, grade):
    told = []
    ending = mini.notebook(halve="import os\nos._exit(0)")
    graded = grade(ending, earned=lambda *earned: told.append(earned))
    assert scores(graded) == {"test-double": 4.0, "test-halve": 0.0}
    assert "exit" in " ".join(graded.notebook.metadata["course"]["notes"])
    assert graded.notebook.metadata["course"]["stopped_in"] == "halve"
    assert told == [("test-double", 4.0)]
