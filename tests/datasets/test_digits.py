import shutil
import subprocess
import sys

import numpy as np
import pytest

from datasets import digits
from datasets.files import DatasetError
from datasets.wholeset import VARIABLE


def test_the_bundle_is_small():
    assert digits.BUNDLE.stat().st_size <= 3_000_000


def test_the_bundle_holds_what_others_read_by_name():
    with np.load(digits.BUNDLE, allow_pickle=False) as bundle:
        shapes = {name: (bundle[name].shape, bundle[name].dtype.name) for name in bundle.files}
    assert shapes == {
        "train_images": ((10_000, 1, 28, 28), "uint8"),
        "train_labels": ((10_000,), "uint8"),
        "test_images": ((2_000, 1, 28, 28), "uint8"),
        "test_labels": ((2_000,), "uint8"),
    }


@pytest.mark.parametrize(("split", "count"), [("train", 10_000), ("test", 2_000)])
def test_bundled_digits_come_ready_to_use(split, count):
    images, labels = digits.load(split)
    assert images.shape == (count, 1, 28, 28)
    assert images.dtype == np.float32
    assert (images.min(), images.max()) == (0.0, 1.0)
    assert labels.shape == (count,)
    assert labels.dtype == np.int64


@pytest.mark.parametrize("split", ["train", "test"])
def test_every_digit_is_about_as_frequent(split):
    labels = digits.load(split).labels
    share = np.bincount(labels, minlength=10) / len(labels)
    assert len(share) == 10
    assert share.min() > 0.08
    assert share.max() < 0.12


def test_images_belong_to_their_labels():
    """The mean image of each digit, learned from the training set, knows most of the test set."""
    train, test = digits.load("train"), digits.load("test")
    means = np.stack([train.images[train.labels == digit].mean(axis=0) for digit in range(10)])
    distances = ((test.images[:, None] - means) ** 2).sum(axis=(2, 3, 4))
    assert np.mean(distances.argmin(axis=1) == test.labels) > 0.7


def test_no_test_digit_is_a_training_digit():
    train, test = digits.load("train"), digits.load("test")
    assert not {image.tobytes() for image in train.images} & {
        image.tobytes() for image in test.images
    }


def test_what_one_caller_changes_no_other_sees():
    digits.load("test").images[:] = 7
    assert digits.load("test").images.max() == 1


def test_loading_needs_numpy_alone():
    code = (
        "import sys; from datasets import digits; digits.load('test'); "
        "sys.exit(bool({'pooch', 'rich', 'requests'} & set(sys.modules)))"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], cwd=digits.BUNDLE.parents[1]).returncode == 0
    )


def test_an_unknown_split_is_refused():
    with pytest.raises(ValueError, match="'train', 'test', not 'valid'"):
        digits.load("valid")


def test_a_missing_bundle_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(digits, "BUNDLE", tmp_path / "digits.npz")
    with pytest.raises(DatasetError, match=r"missing.*git checkout datasets/digits\.npz"):
        digits.load("train")


@pytest.mark.parametrize("damage", ["cut short", "one bit", "empty"])
def test_a_damaged_bundle_says_what_to_do(damage, tmp_path, monkeypatch):
    copy = tmp_path / "digits.npz"
    shutil.copy(digits.BUNDLE, copy)
    content = bytearray(copy.read_bytes())
    if damage == "one bit":
        content[len(content) // 2] ^= 1
    copy.write_bytes({"cut short": content[:-100], "one bit": content, "empty": b""}[damage])
    monkeypatch.setattr(digits, "BUNDLE", copy)
    with pytest.raises(DatasetError, match=r"damaged.*git checkout datasets/digits\.npz"):
        digits.load("train")


def test_the_whole_set_is_read_from_home(whole, published):
    shutil.copytree(published, whole.home)
    images, labels = digits.load("train", whole=True)
    assert images.shape == (30, 1, 28, 28)
    assert images.dtype == np.float32
    assert 0 <= images.min() < images.max() <= 1
    assert labels.dtype == np.int64
    raw = (published / "train-images-idx3-ubyte").read_bytes()[16:]
    assert np.rint(images * 255).astype(np.uint8).tobytes() == raw
    assert labels.tolist() == list((published / "train-labels-idx1-ubyte").read_bytes()[8:])
    assert digits.load("test", whole=True).images.shape == (12, 1, 28, 28)


@pytest.mark.parametrize("inner", [".", "digits"])
@pytest.mark.parametrize("compressed", [False, True])
def test_the_whole_set_is_read_from_a_named_folder(
    inner, compressed, whole, published, compress, tmp_path, monkeypatch
):
    if compressed:
        compress(published)
    shutil.copytree(published, tmp_path / "elsewhere" / inner)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "elsewhere"))
    assert digits.load("test", whole=True).labels.shape == (12,)
    assert not whole.home.exists()


def test_a_whole_set_that_was_not_fetched_says_what_to_do(whole):
    with pytest.raises(DatasetError, match=f"train-images.*`make data`.*{VARIABLE}") as caught:
        digits.load("train", whole=True)
    assert str(whole.home) in str(caught.value)


def test_a_damaged_file_of_the_whole_set_says_what_to_do(whole, published):
    shutil.copytree(published, whole.home)
    with (whole.home / "train-labels-idx1-ubyte").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(DatasetError, match=r"train-labels.* is damaged.*`make data`"):
        digits.load("train", whole=True)
    assert digits.load("test", whole=True).labels.shape == (12,)


def test_a_damaged_gz_is_a_dataset_error(whole, published, compress):
    shutil.copytree(published, whole.home)
    compress(whole.home)
    path = whole.home / "t10k-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DatasetError, match="cannot read"):
        digits.load("test", whole=True)
