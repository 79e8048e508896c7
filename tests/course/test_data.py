import os

import numpy as np
import pytest
from course_folders import add_assignment, contents, times

from datasets.cifar10 import CLASSES, Pictures
from datasets.digits import Digits
from datasets.files import DatasetError
from grading.course import data
from grading.course.data import lay_out_data, lay_out_digits, lay_out_hidden_images, remove_data
from grading.course.errors import BadCourse
from grading.course.layout import Course

PARTS = {
    "train": Digits(np.zeros((3, 28, 28), np.uint8), np.array([1, 2, 3], np.uint8)),
    "test": Digits(np.ones((2, 28, 28), np.uint8), np.array([4, 5], np.uint8)),
}


@pytest.fixture
def course(tmp_path, monkeypatch):
    """Return a course whose data sets hold a few pictures, made from files that can be changed."""
    bundle = tmp_path / "bundle.npz"
    bundle.write_bytes(b"as it is bundled")
    monkeypatch.setattr(data.digits, "BUNDLE", bundle)
    monkeypatch.setattr(data.digits, "read_bundle", PARTS.__getitem__)
    drawn = tmp_path / "drawn.py"
    drawn.write_bytes(b"how it is drawn")
    monkeypatch.setattr(data.drawn, "__file__", str(drawn))
    monkeypatch.setattr(data.drawn, "stand_in", PARTS.__getitem__)
    monkeypatch.setattr(data.cifar10, "find", lambda: None)
    return Course(tmp_path / "course")


def laid_out(course):
    return sorted(name for name in contents(course.root / "source") if "/data/" in name)


def test_each_assignment_gets_the_data_sets_that_it_names(course):
    add_assignment(course, "one", order=1)
    add_assignment(course, "two", order=2, data=("digits",))
    add_assignment(course, "three", order=3, data=("cifar10", "digits"))
    lay_out_data(course)
    assert laid_out(course) == [
        "three/data/cifar10-stand-in.npz",
        "three/data/digits.npz",
        "two/data/digits.npz",
    ]


def test_the_digits_handed_out_are_those_to_train_on_with_their_labels(course):
    folder = add_assignment(course, "two", order=1, data=("digits",))
    lay_out_data(course)
    with np.load(folder / "data" / "digits.npz") as file:
        assert set(file) == {"images", "labels"}
        assert np.array_equal(file["images"], PARTS["train"].images)
        assert np.array_equal(file["labels"], PARTS["train"].labels)


def test_the_stand_in_has_both_parts_and_the_names(course):
    folder = add_assignment(course, "two", order=1, data=("cifar10",))
    lay_out_data(course)
    with np.load(folder / "data" / "cifar10-stand-in.npz") as file:
        assert list(file["names"]) == list(data.drawn.CLASSES)
        for part, wanted in PARTS.items():
            assert np.array_equal(file[f"{part}_images"], wanted.images)
            assert np.array_equal(file[f"{part}_labels"], wanted.labels)


def test_the_hidden_images_are_the_test_images_without_their_labels(course):
    lay_out_hidden_images(course)
    (file,) = course.hidden_data.iterdir()
    hidden = np.load(file)
    assert np.array_equal(hidden, PARTS["test"].images)


def test_notebooks_outside_a_course_find_the_digits_in_any_folder(course, tmp_path):
    lay_out_digits(tmp_path / "new" / "data")
    with np.load(tmp_path / "new" / "data" / "digits.npz") as file:
        assert np.array_equal(file["labels"], PARTS["train"].labels)


def lay_out_everything(course):
    lay_out_data(course)
    lay_out_hidden_images(course)


def test_data_that_are_there_are_not_written_again(course):
    add_assignment(course, "two", order=1, data=("digits", "cifar10"))
    lay_out_everything(course)
    before = times(course.root)
    lay_out_everything(course)
    assert times(course.root) == before


@pytest.mark.parametrize(
    ("origin", "made"),
    [
        ("bundle.npz", ["answer_key/data/digits-test-images.npy", "source/two/data/digits.npz"]),
        ("drawn.py", ["source/two/data/cifar10-stand-in.npz"]),
    ],
)
def test_data_are_written_again_when_what_they_come_from_has_changed(course, origin, made):
    add_assignment(course, "two", order=1, data=("digits", "cifar10"))
    lay_out_everything(course)
    for name in contents(course.root):
        os.utime(course.root / name, (0, 0))
    (course.root.parent / origin).write_bytes(b"changed")
    lay_out_everything(course)
    written = [name for name, time in times(course.root).items() if time and ".stamps" not in name]
    assert written == made


def test_a_write_that_is_cut_short_leaves_no_data_that_count(course, monkeypatch):
    folder = add_assignment(course, "two", order=1, data=("digits",))

    def cut_short(file, **_):
        file.write_bytes(b"half of")
        raise OSError("the disk is full")

    monkeypatch.setattr(np, "savez_compressed", cut_short)
    with pytest.raises(OSError):
        lay_out_data(course)
    assert not (folder / "data" / "digits.npz").exists()
    monkeypatch.undo()
    monkeypatch.setattr(data.digits, "read_bundle", PARTS.__getitem__)
    lay_out_data(course)
    assert laid_out(course) == ["two/data/digits.npz"]


def test_data_that_are_no_longer_named_are_taken_away_and_come_back(course):
    folder = add_assignment(course, "two", order=1, data=("digits", "cifar10"))
    lay_out_data(course)
    add_assignment(course, "two", order=1, data=("cifar10",))
    lay_out_data(course)
    assert laid_out(course) == ["two/data/cifar10-stand-in.npz"]
    add_assignment(course, "two", order=1)
    lay_out_data(course)
    assert not (folder / "data").exists()
    add_assignment(course, "two", order=1, data=("digits",))
    lay_out_data(course)
    assert laid_out(course) == ["two/data/digits.npz"]


@pytest.fixture
def fetch(course, tmp_path, monkeypatch):
    """Return a function that brings photographs, as many of each split, or takes them away."""
    whole = tmp_path / "whole"
    whole.mkdir()
    monkeypatch.setattr(data, "PHOTOS", {"train": 4, "test": 2})

    def fetched(count):
        (whole / "batch.bin").write_bytes(bytes([count]))
        images = np.arange(count, dtype=np.uint8)
        found = Pictures(images, images % 10, CLASSES)
        monkeypatch.setattr(data.cifar10, "find", lambda: whole if count else None)
        monkeypatch.setattr(data.cifar10, "read", lambda folder, split: found)

    return fetched


def test_photographs_that_were_fetched_are_handed_out_instead_of_the_stand_in(course, fetch):
    folder = add_assignment(course, "two", order=1, data=("cifar10",))
    lay_out_data(course)
    fetch(9)
    lay_out_data(course)
    assert laid_out(course) == ["two/data/cifar10.npz"]
    with np.load(folder / "data" / "cifar10.npz") as file:
        assert list(file["names"]) == list(CLASSES)
        assert file["train_images"].tolist() == file["train_labels"].tolist() == [0, 1, 2, 3]
        assert file["test_images"].tolist() == file["test_labels"].tolist() == [0, 1]


def test_photographs_that_were_handed_out_stay_when_the_whole_set_is_gone(course, fetch):
    add_assignment(course, "two", order=1, data=("cifar10",))
    fetch(9)
    lay_out_data(course)
    before = times(course.root)
    fetch(0)
    lay_out_data(course)
    assert times(course.root) == before


def test_photographs_are_removed_with_all_that_was_laid_out(course, fetch):
    folder = add_assignment(course, "two", order=1, data=("cifar10",))
    fetch(9)
    lay_out_data(course)
    remove_data(folder / "data")
    assert laid_out(course) == []


def test_damaged_photographs_are_told_and_not_handed_out(course, fetch, monkeypatch):
    add_assignment(course, "two", order=1, data=("cifar10",))
    fetch(9)

    def damaged(folder, split):
        raise DatasetError("test_batch.bin is cut short")

    monkeypatch.setattr(data.cifar10, "read", damaged)
    with pytest.raises(BadCourse, match=r"cannot be handed out: test_batch.bin is cut short"):
        lay_out_data(course)
    assert laid_out(course) == []


def test_an_instructors_own_data_stay(course):
    folder = add_assignment(course, "two", order=1)
    (folder / "data").mkdir()
    (folder / "data" / "weather.csv").write_text("sun")
    lay_out_data(course)
    assert laid_out(course) == ["two/data/weather.csv"]
