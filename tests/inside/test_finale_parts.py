"""The parts of the finale: lines that count, a watch, curves, pictures, the page."""

import base64
import io

import matplotlib.image
import numpy as np
import pytest

from grading.inside.tinytorch._finale import figures
from grading.inside.tinytorch._finale.lines import code_lines, count_own
from grading.inside.tinytorch._finale.progress import Watch, seconds
from grading.inside.tinytorch._finale.train import MOST_SECONDS, curve

MODULE = '''"""A module."""

import numpy as np


# a comment
def f(x):
    """Say
    what it does."""
    y = x + 1  # one more
    return y


def g(x):
    return y
'''


def test_blank_lines_comments_and_docstrings_are_no_code():
    lines = ["import numpy as np", "def f(x):", "y = x + 1  # one more", "return y"]
    assert code_lines(MODULE) == [*lines, "def g(x):", "return y"]


def test_a_given_line_is_taken_away_as_often_as_it_was_given():
    assert count_own(MODULE, ["import numpy as np", "return y"]) == (4, 2)
    assert count_own(MODULE, ["return y", "return y", "return y", "gone"]) == (4, 2)


@pytest.mark.parametrize(
    ("number", "said"), [(0.4, "0 s"), (59.6, "1 min 0 s"), (100, "1 min 40 s")]
)
def test_durations_are_said_as_people_say_them(number, said):
    assert seconds(number) == said


class Clock:
    """A clock that goes on by a second at each step."""

    now = 0.0

    def __call__(self):
        return self.now


def watched(steps, most):
    clock, said = Clock(), []
    watch = Watch("MLP", steps, most, said.append, clock)
    for _ in watch.batches(range(steps), "epoch 1 of 1"):
        clock.now += 1
        watch.losses.append(0.5)
    return watch, said


def test_a_line_comes_every_five_seconds_with_the_loss_and_the_time_left():
    _, said = watched(12, 100)
    assert said == [
        "MLP, epoch 1 of 1: loss 0.500, about 7 s left",
        "MLP, epoch 1 of 1: loss 0.500, about 2 s left",
    ]


def test_training_stops_when_its_time_is_up_and_says_so():
    watch, said = watched(100, 7.5)
    watch.end_of_epoch("epoch 1 of 1", 0.5, 0.25)
    assert watch.done == 8 and watch.is_over
    assert said[-1] == "MLP, epoch 1 of 1: loss 0.500, 25.0% right, time is up"


def test_all_networks_together_have_less_than_three_minutes():
    assert sum(MOST_SECONDS.values()) <= 150


def test_however_late_it_is_one_batch_is_served():
    watch, _ = watched(5, -1)
    assert watch.done == 1


def test_a_curve_is_the_means_of_ten_stretches_an_epoch():
    losses = [1.0] * 10 + [3.0] * 10
    points = curve(losses * 5, 2, 100)
    assert len(points) == 10
    assert points[:2] == [(2.1, 1.0), (2.2, 3.0)] and points[-1][0] == 3.0


def test_a_training_that_ends_at_once_still_has_a_point_of_its_curve():
    assert curve([2.0, 4.0], 0, 100) == [(0.02, 3.0)]


@pytest.mark.parametrize("shape", [(3, 5), (4, 2, 3)])
def test_a_png_holds_the_pixels(shape):
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    data = base64.b64decode(figures.png(pixels).partition(",")[2])
    read = np.round(255 * matplotlib.image.imread(io.BytesIO(data))).astype(np.uint8)
    assert np.array_equal(read.reshape(shape) if read.shape == shape else read[..., 0], pixels)


def test_a_digit_is_dark_ink_on_pale_paper():
    image = np.zeros((1, 28, 28))
    image[0, 0, 0] = 1
    data = base64.b64decode(figures.digit(image, "a").split(",")[1].split('"')[0])
    read = matplotlib.image.imread(io.BytesIO(data))
    assert read[0, 0] == 0 and read[1, 1] == 1


def test_a_loss_that_is_no_number_is_left_out_of_the_curve():
    drawn = figures.chart([(0, 1.0), (1, float("nan")), (2, 0.5)], 2, 1.0, False, ("x", "y"), "a")
    assert "nan" not in drawn and drawn.count("<polyline") == 1


@pytest.mark.parametrize(("values", "top"), [([0.31, 0.2], 0.4), ([2.3], 3), ([float("nan")], 1)])
def test_an_axis_ends_at_a_round_number_above_the_curve(values, top):
    assert figures.ceiling(values) == pytest.approx(top)


def test_the_surface_is_the_right_way_up_and_named_by_colour():
    up = np.zeros((41, 41))
    up[-1] = 1.0  # the last row is the largest second input, and belongs at the top
    data = base64.b64decode(figures.surface(up, "a").split("base64,")[1].split('"')[0])
    read = np.round(255 * matplotlib.image.imread(io.BytesIO(data))[..., :3])
    assert list(read[0, 0]) == list(figures.ONE) and list(read[-1, 0]) == list(figures.ZERO)


def test_rows_of_the_confusion_are_what_was_written():
    table = figures.confusion(np.array([3, 3, 3]), np.array([3, 8, 8]), "told")
    row = table.split("<tr>")[5]
    assert row.startswith('<th scope="row">3</th>')
    cells = [cell.partition("<")[0].rpartition(">")[2] for cell in row.split("<td")[1:]]
    counts = [cell.split(">")[1].split("<")[0] for cell in row.split("<td")[1:]]
    assert cells and counts[3] == "1" and counts[8] == "2" and counts[0] == "·"


def test_alternative_texts_cannot_break_out():
    assert "<b>" not in figures.digit(np.zeros((28, 28)), '"><b>')
