"""What a real release tells of its checks: names, and nothing hidden, whatever the course chose."""

import json
import subprocess
import sys

import numpy as np
import pytest

from grading.checks.answer_key import read_key
from grading.course.errors import BadRelease
from grading.course.leaks import find_leaks, secret_lines
from grading.inside.check import Check, encode
from grading.nbgrader_steps.tell_checks import refuse_telling
from grading.pipeline.configuration import load_config, nbgrader_api
from grading.sandbox.bubblewrap import salt_for_inside
from trials.mini_course import MiniCourse

pytestmark = pytest.mark.slow
HOLDS = "doubles a matrix\ndoubles a negative number\ndoubles nothing\nkeeps whole numbers whole"


def release_telling(mini, tells):
    """Release again with another choice of the course; return what the release is like."""
    file = mini.course.root / "nbgrader_config.py"
    file.write_text(f"{file.read_text()}\nc.TellChecks.tells = {tells!r}\n")
    again = MiniCourse.at(mini.course.root, mini.assignment)
    answer = nbgrader_api(load_config(mini.course.root)).generate_assignment("01_mini", force=True)
    assert answer["success"], answer["log"]
    return again


def told(mini):
    return json.loads((package(mini) / "checks.json").read_text())


def package(mini):
    return mini.course.release("01_mini") / "tinytorch"


def hidden_in(mini):
    """Return what of hidden inputs and expected values stands anywhere in the release."""
    key = json.loads(mini.released.key.read_text())
    expected = {
        raw["value"]["v"]
        for checks in key["cells"].values()
        for raw in checks.values()
        if raw["value"]["t"] in ("array", "float")
    }
    numbers = rng_of(mini).normal(size=(3, 4))
    inputs = {encode(numbers)["v"], *map(repr, numbers.ravel().tolist())}
    text = "\n".join(
        file.read_bytes().decode("utf-8", "replace")
        for file in mini.course.release("01_mini").rglob("*")
        if file.is_file()
    )
    return {secret for secret in (expected | inputs) - {""} if secret in text}


def rng_of(mini):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHECK_SALT", salt_for_inside(mini.course.salt))
        return Check().rng("double")


def test_a_release_tells_names_by_section_and_nothing_hidden(mini):
    assert [(one["cell"], one["public"]) for one in told(mini)["tests"]] == [
        ("test-double", None),
        ("test-halve", None),
    ]
    assert told(mini)["tests"][0]["checks"] == HOLDS
    assert [one["cell"] for one in told(mini)["by_hand"]] == ["think"]
    assert hidden_in(mini) == set()
    assert list(find_leaks(mini.course.release("01_mini"), mini.released.solved())) == []
    assert sorted(file.name for file in (package(mini) / "_checking").glob("*.py")) == [
        *("__init__.py", "listed.py", "public.py", "watching.py")
    ]


def test_what_is_looked_for_is_what_the_grader_asks_and_expects(mini):
    expected = read_key(mini.released.key.read_text()).cells["test-double"]["doubles a matrix"]
    assert np.allclose(expected.value.array, 2 * rng_of(mini).normal(size=(3, 4)))


def test_with_public_inputs_visible_tests_run_and_nothing_hidden_is_told(mini):
    mini = release_telling(mini, "public inputs")
    public = {one["cell"]: one["public"] for one in told(mini)["tests"]}
    assert public == {"test-double": {"0": {"t": "float", "v": (3.0).hex()}}, "test-halve": {}}
    assert hidden_in(mini) == set()
    assert list(find_leaks(mini.course.release("01_mini"), mini.released.solved())) == []
    student = "import tinytorch; import numpy as np; double = lambda x: x * 3; tinytorch.check()"
    done = subprocess.run(
        [sys.executable, "-c", student],
        cwd=mini.course.release("01_mini"),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "    fails  float(double(np.float64(1.5))): the number is off by 2" in done.stdout


def test_a_course_that_tells_nothing_has_no_names_in_its_release(mini):
    mini = release_telling(mini, "off")
    assert told(mini) == {}
    assert mini.released.key.is_file()


def test_a_name_that_is_a_hidden_line_refuses_the_release(mini):
    solved = mini.released.solved()
    hidden = next(line for line in secret_lines(solved) if "halve(3e9)" in line)
    with pytest.raises(BadRelease, match=r"checks\.json would tell .*halve\(3e9\)"):
        refuse_telling("01_mini", solved, f"\n{hidden}\n")
