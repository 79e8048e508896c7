import numpy as np
import pytest

from tinytorch_ref.setup import (
    generator,
    load_digits,
    manual_seed,
    mean_images,
    nearest_mean,
    version_numbers,
)


@pytest.fixture(autouse=True)
def own_generator(monkeypatch):
    """Give each test a generator of its own, and leave the framework's as it was."""
    monkeypatch.setattr("tinytorch_ref.setup._generator", np.random.default_rng(0))


@pytest.fixture
def file(tmp_path):
    """A file of three digits, as it comes with an assignment."""
    images = np.zeros((3, 1, 28, 28), np.uint8)
    images[1, 0, 5, 6], images[2] = 51, 255
    path = tmp_path / "data" / "digits.npz"
    path.parent.mkdir()
    np.savez_compressed(path, images=images, labels=np.array([7, 0, 9], np.uint8))
    return path


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("2.10.1", (2, 10)), ("3.9", (3, 9)), ("2.0.0rc1", (2, 0)), ("10.11.12.dev0+g1", (10, 11))],
)
def test_the_first_two_numbers_of_a_version(text, numbers):
    assert version_numbers(text) == numbers


def test_versions_compare_as_numbers():
    assert version_numbers("2.10.0") > version_numbers("2.9.9")
    assert version_numbers(np.__version__) >= (1, 0)


def test_the_same_seed_gives_the_same_numbers():
    first = manual_seed(5).random(4)
    assert (first == manual_seed(5).random(4)).all()
    assert (first != manual_seed(6).random(4)).all()


def test_there_is_one_generator():
    before = generator()
    assert generator() is before
    assert manual_seed(5) is generator() is not before


def test_a_seed_leaves_numpys_own_numbers_alone():
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    manual_seed(5).random(4)
    assert (np.random.get_state()[1] == state).all()  # noqa: NPY002


def test_digits_are_numbers_from_paper_to_ink(file):
    images, labels = load_digits(file)
    assert (images.shape, images.dtype) == ((3, 1, 28, 28), np.float32)
    assert (labels.tolist(), labels.dtype) == ([7, 0, 9], np.int64)
    assert images[1, 0, 5, 6] == np.float32(0.2)
    assert [image.max() for image in images] == [0, np.float32(0.2), 1]


def test_digits_are_looked_for_beside_the_notebook(file, monkeypatch):
    monkeypatch.chdir(file.parent.parent)
    images, _ = load_digits()
    np.testing.assert_array_equal(images, load_digits(str(file))[0])


def test_missing_digits_are_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"data/digits\.npz"):
        load_digits()


def test_the_mean_image_of_each_digit():
    rng = np.random.default_rng(1)
    images = rng.random((40, 1, 3, 2), dtype=np.float32)
    labels = rng.permutation(np.repeat(np.arange(10), 4))
    means = mean_images(images, labels)
    assert (means.shape, means.dtype) == ((10, 1, 3, 2), np.float32)
    for digit in range(10):
        four = [image for image, label in zip(images, labels, strict=True) if label == digit]
        np.testing.assert_allclose(means[digit], sum(four) / 4, rtol=1e-6)


def test_the_nearest_mean():
    rng = np.random.default_rng(2)
    images, means = rng.normal(size=(30, 1, 3, 2)), rng.normal(size=(4, 1, 3, 2))
    expected = [min(range(4), key=lambda k: np.linalg.norm(image - means[k])) for image in images]
    assert nearest_mean(images, means).tolist() == expected
    assert nearest_mean(means, means).tolist() == [0, 1, 2, 3]


def test_the_first_of_two_means_that_are_equally_near():
    means = np.array([[1.0, 0.0], [-1.0, 0.0], [1.0, 0.0]])
    assert nearest_mean(np.array([[0.0, 0.0], [2.0, 0.0], [-2.0, 0.0]]), means).tolist() == [
        0,
        0,
        1,
    ]


def test_neither_changes_its_images():
    images = np.random.default_rng(3).random((20, 1, 2, 2), dtype=np.float32)
    copy = images.copy()
    nearest_mean(images, mean_images(images, np.arange(20) % 10))
    np.testing.assert_array_equal(images, copy)
