"""What students load: CIFAR-10 from a folder of theirs, or what lies beside the notebook."""

import numpy as np
import pytest

from datasets import cifar10, drawn
from tinytorch_ref.training import CIFAR10_CLASSES, load_cifar10


@pytest.fixture(autouse=True)
def beside_the_notebook(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(cifar10.VARIABLE, raising=False)
    (tmp_path / "data").mkdir()


@pytest.fixture
def rows():
    rng = np.random.default_rng(0)
    rows = rng.integers(0, 256, (12, cifar10.RECORD), dtype=np.uint8)
    rows[:, 0] %= 10
    return rows


def test_both_loaders_read_the_same(tmp_path, rows, monkeypatch, capsys):
    rows[:5].tofile(tmp_path / "data_batch_1.bin")
    rows[5:9].tofile(tmp_path / "data_batch_2.bin")
    rows[9:].tofile(tmp_path / "test_batch.bin")
    monkeypatch.setenv(cifar10.VARIABLE, str(tmp_path))
    for split in ("train", "test"):
        images, labels, names = load_cifar10(split)
        ours = cifar10.load(split)
        assert np.array_equal(images, ours.images) and images.dtype == ours.images.dtype
        assert np.array_equal(labels, ours.labels) and labels.dtype == ours.labels.dtype
        assert tuple(names) == ours.names == tuple(CIFAR10_CLASSES)
    assert load_cifar10(most=7)[0].shape == (7, 3, 32, 32)
    assert capsys.readouterr().out == ""


def test_a_file_cut_short_is_refused(tmp_path, rows):
    folder = tmp_path / "data" / "cifar-10-batches-bin"
    folder.mkdir()
    rows.tofile(folder / "test_batch.bin")
    assert load_cifar10("test")[1].tolist() == rows[:, 0].tolist()
    (folder / "test_batch.bin").write_bytes(rows.tobytes()[:-1])
    with pytest.raises(ValueError, match="cut short"):
        load_cifar10("test")


def handed_out(file, names, seed):
    images, labels = drawn.draw(30, np.random.default_rng(seed))
    arrays = {"train_images": images, "train_labels": labels, "names": np.array(names)}
    np.savez_compressed(file, **arrays)
    return images, labels


def test_photographs_that_were_handed_out_come_before_the_stand_in(tmp_path, capsys):
    images, labels = handed_out(tmp_path / "data" / "cifar10.npz", cifar10.CLASSES, 1)
    handed_out(tmp_path / "data" / "cifar10-stand-in.npz", drawn.CLASSES, 2)
    found, kinds, names = load_cifar10(most=20)
    assert np.array_equal(np.rint(found * 255), images[:20])
    assert kinds.tolist() == labels[:20].tolist()
    assert names == CIFAR10_CLASSES
    assert capsys.readouterr().out == ""


def test_the_stand_in_says_what_it_is(tmp_path, capsys):
    images, labels = handed_out(tmp_path / "data" / "cifar10-stand-in.npz", drawn.CLASSES, 0)
    found, kinds, names = load_cifar10(most=20)
    assert np.array_equal(np.rint(found * 255), images[:20])
    assert kinds.tolist() == labels[:20].tolist()
    assert names == list(drawn.CLASSES)
    assert "drawn shapes" in capsys.readouterr().out
