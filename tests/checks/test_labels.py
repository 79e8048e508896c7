"""The labels that predictions are counted with are those of the images that are shown."""

import numpy as np
import pytest

from datasets import digits
from grading.checks import labels
from grading.course.data import HIDDEN_DIGITS_FILE, lay_out_hidden_images
from grading.course.layout import Course


def test_there_is_a_label_for_every_image_that_the_sandbox_shows(tmp_path):
    course = Course(tmp_path)
    lay_out_hidden_images(course)
    shown = np.load(course.hidden_data / HIDDEN_DIGITS_FILE)
    images, truth = digits.read_bundle("test")
    np.testing.assert_array_equal(shown.reshape(images.shape), images)
    np.testing.assert_array_equal(labels.test_labels("digits"), truth)


def test_a_data_set_without_labels_is_an_error():
    with pytest.raises(KeyError):
        labels.test_labels("letters")


def test_the_images_that_the_sandbox_sees_come_without_labels(tmp_path):
    course = Course(tmp_path)
    lay_out_hidden_images(course)
    assert [file.name for file in course.hidden_data.iterdir()] == [HIDDEN_DIGITS_FILE]
    assert isinstance(np.load(course.hidden_data / HIDDEN_DIGITS_FILE), np.ndarray)
