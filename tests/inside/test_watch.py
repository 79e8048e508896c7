"""Watching a training: what is served, what is counted, and what is shown of it."""

import importlib
import re
from urllib.parse import unquote
from xml.etree import ElementTree

import numpy as np
import pytest


@pytest.fixture
def live(tinytorch, monkeypatch):
    monkeypatch.delenv("CHECK_SALT", raising=False)
    return importlib.import_module("tinytorch._pictures.live")


class Number(float):
    """A loss: a number with `item`."""

    def item(self):
        return float(self)


@pytest.fixture
def watch(live, monkeypatch):
    """Return a function that trains: every step takes a second, its loss is what is served."""

    def watched(data, labels=0, **options):
        now = [100.0]
        one = live.Watched(data, lambda scores, y: Number(scores), clock=lambda: now[0], **options)
        one.served = []
        for sample in one:
            one.served.append(sample)
            one.loss(sample, labels)
            now[0] += 1
        return one

    return watched


def test_all_data_are_served_as_often_as_asked(watch):
    watched = watch([5.0, 3.0], passes=3)
    assert watched.served == [5.0, 3.0] * 3
    assert (len(watched), watched.total, watched.images) == (6, 6, 6)


@pytest.mark.parametrize(("seconds", "steps"), [(3.0, 3), (0.0, 1), (99.0, 10)])
def test_it_stops_when_its_time_is_over_but_not_before_the_first_step(watch, seconds, steps):
    assert len(watch([1.0] * 10, seconds=seconds).served) == steps


def test_it_is_short_where_work_is_graded(watch, monkeypatch):
    monkeypatch.setenv("CHECK_SALT", "salt")
    assert len(watch([1.0] * 10, seconds=90).served) == 2


def test_images_of_a_batch_are_all_counted(watch):
    watched = watch([1.0] * 4, labels=np.zeros(50))
    assert watched.images == 200
    assert watched.pace == 50


def test_the_time_left_goes_by_the_pace_so_far(watch):
    watched = watch([1.0] * 10, seconds=4)
    assert watched.seconds_left() == 6


def test_before_the_first_step_the_time_left_is_infinite(live):
    assert live.Watched([1.0], None).seconds_left() == float("inf")


def test_the_curve_is_the_mean_loss_so_far(watch):
    assert watch([4.0, 2.0, 0.0]).curve == [(1.0, 4.0), (2.0, 3.0), (3.0, 2.0)]


def test_the_length_of_a_loader_is_that_of_its_data(live):
    class Loader(list):
        dataset = range(250)

    watched = live.Watched(Loader([1, 2, 3]), None, passes=2)
    assert (watched.total, len(watched)) == (500, 6)


def test_where_there_are_no_pictures_there_is_a_line(watch, capsys):
    watch([2.0] * 5, seconds=4)
    lines = capsys.readouterr().out.split("\r")
    assert "2 of 5 images, 1 a second, 3 s left, mean loss 2.00" in lines[2]
    assert lines[-1].rstrip(" \n").endswith("stopped after 4 s")
    assert lines[-1].endswith("\n")


@pytest.fixture
def shown(live, monkeypatch):
    """Return what is displayed as a notebook's output, as the training goes on."""
    outputs = []
    monkeypatch.setattr("IPython.core.getipython.get_ipython", object)
    monkeypatch.setattr("IPython.display.clear_output", lambda wait: outputs.clear())
    monkeypatch.setattr("IPython.display.display", lambda data, raw: outputs.append(data))
    return outputs


def test_in_a_notebook_one_picture_is_left_with_its_words(watch, shown, capsys):
    watch([2.0] * 5)
    (data,) = shown
    assert data["text/plain"] == "5 of 5 images, 1 a second, took 5 s, mean loss 2.00"
    (alt,) = re.findall('alt="([^"]*)"', data["text/html"])
    assert "from 2.00 to 2.00" in alt and data["text/plain"] in alt
    assert capsys.readouterr().out == ""


def drawn(data):
    (source,) = re.findall('src="data:image/svg[+]xml,([^"]*)"', data["text/html"])
    return ElementTree.fromstring(unquote(source))


def found(picture, kind):
    return [one.attrib for one in picture.iter() if one.tag.endswith(kind)]


def test_the_picture_has_a_curve_and_a_bar_as_long_as_what_is_done(watch, shown):
    watch([2.0] * 5, seconds=2)
    picture = drawn(shown[-1])
    assert len(found(picture, "polyline")) == 1
    whole, done = (int(bar["width"]) for bar in found(picture, "rect")[1:])
    assert done == pytest.approx(whole * 2 / 5, abs=1)


def test_an_earlier_training_is_drawn_beside_it_in_another_colour(watch, shown):
    earlier = watch([2.0] * 50, seconds=3)
    watch([1.0] * 5, beside=earlier)
    colours = [curve["stroke"] for curve in found(drawn(shown[-1]), "polyline")]
    assert len(colours) == len(set(colours)) == 2
    assert "3 of 50 images" in shown[-1]["text/html"]


@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_can_be_drawn(watch, shown, loss):
    watch([1.0, loss, 1.0])
    assert "nan" not in found(drawn(shown[-1]), "polyline")[0]["points"]


def test_a_long_training_makes_a_short_picture(watch, shown):
    watch([1.0] * 5000, seconds=9999)
    assert len(shown[-1]["text/html"]) < 20_000


def test_the_framework_hands_out_what_is_watched(live, tinytorch):
    watched = tinytorch.watch([1, 2], "loss", passes=4, seconds=7, beside=None)
    assert (watched.loss_function, len(watched), watched.seconds) == ("loss", 8, 7)
