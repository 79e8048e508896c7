import io
import os
import subprocess
import sys
import tarfile
from dataclasses import replace
from hashlib import md5
from pathlib import Path

import numpy as np
import pytest

from datasets import cifar10, drawn, fetch, files
from datasets.files import DatasetError

NAMED = os.environ.get(cifar10.VARIABLE)
COUNT = 7


def records(count, seed):
    """Return images and labels, and the content of a binary file that holds them."""
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (count, *cifar10.SHAPE), dtype=np.uint8)
    labels = rng.integers(0, 10, count, dtype=np.uint8)
    rows = np.concatenate([labels[:, None], images.reshape(count, -1)], axis=1)
    return images, labels, rows.tobytes()


@pytest.fixture(autouse=True)
def archive(tmp_path, monkeypatch):
    """An archive of tiny files, as yet unfetched, in the place of the published one."""
    monkeypatch.delenv(cifar10.VARIABLE, raising=False)
    path = tmp_path / "published" / "cifar.tar.gz"
    path.parent.mkdir()
    with tarfile.open(path, "w:gz") as tar:
        for seed, name in enumerate(cifar10.ARCHIVE.sizes):
            content = records(COUNT, seed)[2]
            entry = tarfile.TarInfo(f"{cifar10.ARCHIVE.folder}/{name}")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    tiny = replace(
        cifar10.ARCHIVE,
        home=tmp_path / "home",
        url="http://127.0.0.1:9/cifar.tar.gz",
        md5=md5(path.read_bytes()).hexdigest(),
        sizes=dict.fromkeys(cifar10.ARCHIVE.sizes, COUNT * cifar10.RECORD),
    )
    monkeypatch.setattr(cifar10, "ARCHIVE", tiny)
    return tiny


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A folder with two training files and the test file, named by the environment variable."""
    place = tmp_path / "elsewhere"
    place.mkdir()
    for seed, name in enumerate(("data_batch_1.bin", "data_batch_2.bin", "test_batch.bin")):
        (place / name).write_bytes(records(COUNT, seed)[2])
    monkeypatch.setenv(cifar10.VARIABLE, str(place))
    return place


def test_the_archive_is_the_published_one(monkeypatch):
    monkeypatch.undo()
    assert cifar10.ARCHIVE.url == "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
    assert cifar10.ARCHIVE.md5 == "c32a1d4ab5d03f1284b67883e8d87530"
    assert set(cifar10.ARCHIVE.sizes.values()) == {30_730_000}


def test_records_are_a_label_and_three_planes(folder):
    images, labels, names = cifar10.load("train")
    first, second = records(COUNT, 0), records(COUNT, 1)
    assert (images.dtype, labels.dtype) == (np.float32, np.int64)
    assert np.array_equal(np.rint(images * 255), np.concatenate([first[0], second[0]]))
    assert labels.tolist() == [*first[1], *second[1]]
    assert names[labels[0]] in cifar10.CLASSES
    assert np.array_equal(np.rint(cifar10.load("test").images * 255), records(COUNT, 2)[0])


def test_a_named_folder_goes_before_what_was_fetched(folder, archive):
    archive.home.mkdir()
    assert cifar10.find() == folder
    assert cifar10.load("test").labels.shape == (COUNT,)


def test_a_named_folder_without_the_files_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setenv(cifar10.VARIABLE, str(tmp_path))
    with pytest.raises(DatasetError, match=r"no data_batch_1\.bin in .*datasets\.fetch cifar10"):
        cifar10.load("train")


@pytest.mark.parametrize("size", [0, 1, cifar10.RECORD - 1, 2 * cifar10.RECORD + 5])
def test_a_file_cut_short_is_refused(folder, size):
    content = records(COUNT, 0)[2]
    (folder / "data_batch_2.bin").write_bytes(content[:size])
    with pytest.raises(DatasetError, match=r"data_batch_2\.bin is damaged or cut short"):
        cifar10.load("train")


@pytest.mark.parametrize("kind", [10, 11, 255])
def test_a_file_of_something_else_is_refused(folder, kind):
    (folder / "test_batch.bin").write_bytes(bytes([kind]) * cifar10.RECORD)
    with pytest.raises(DatasetError, match=f"not CIFAR-10: it has a class {kind}"):
        cifar10.load("test")


def test_the_tenth_class_is_read(folder):
    (folder / "test_batch.bin").write_bytes(bytes([9]) * cifar10.RECORD)
    assert cifar10.load("test").labels.tolist() == [9]


def test_an_unknown_split_is_refused():
    with pytest.raises(ValueError, match="'train', 'test', not 'valid'"):
        cifar10.load("valid")


def test_without_cifar10_there_is_a_drawn_stand_in():
    images, labels, names = cifar10.load("test")
    assert images.shape == (drawn.SIZES["test"], *cifar10.SHAPE)
    assert 0 <= images.min() < images.max() <= 1
    assert np.bincount(labels).tolist() == [drawn.SIZES["test"] // 10] * 10
    assert names == drawn.CLASSES
    assert not set(names) & set(cifar10.CLASSES)


def test_the_stand_in_is_the_same_every_time():
    first, again = (drawn.draw(50, np.random.default_rng(3)) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], drawn.draw(50, np.random.default_rng(4))[0])


def test_no_single_pixel_gives_the_drawn_class_away():
    """The nearest mean image is a poor guess, though better than chance."""
    images, labels = drawn.draw(3000, np.random.default_rng(0))
    known, asked = images[:2000].astype(float), images[2000:].astype(float)
    means = np.stack([known[labels[:2000] == kind].mean(axis=0) for kind in range(10)])
    distances = [((asked - mean) ** 2).sum(axis=(1, 2, 3)) for mean in means]
    assert np.mean(np.argmin(distances, axis=0) == labels[2000:]) < 0.3


def test_the_archive_comes_home_once(archive, serve, tmp_path, capsys):
    archive = replace(archive, url=f"{serve(tmp_path / 'published')}/cifar.tar.gz")
    assert fetch.fetch_archive(archive) == list(archive.sizes)
    assert fetch.fetch_archive(archive) == []
    assert "complete" in capsys.readouterr().out
    (archive.home / "test_batch.bin").write_bytes(b"half")
    assert fetch.fetch_archive(archive) == ["test_batch.bin"]
    images, labels, _ = cifar10.read(archive.home, "train")
    assert images.shape == (5 * COUNT, *cifar10.SHAPE)
    assert labels[:COUNT].tolist() == records(COUNT, 0)[1].tolist()


def test_another_archive_is_refused(archive, serve, tmp_path):
    url = f"{serve(tmp_path / 'published')}/cifar.tar.gz"
    with pytest.raises(DatasetError, match=r"not the published archive: its MD5 is not 0{32}"):
        fetch.fetch_archive(replace(archive, url=url, md5="0" * 32))
    assert not archive.home.exists()


def test_a_server_that_is_not_there_says_so(archive, monkeypatch, capsys):
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    monkeypatch.setattr(fetch, "SETS", (archive,))
    assert fetch.main(["cifar10"]) == 1
    assert "could not be downloaded: ConnectionError" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "size", "message"),
    [
        ("data_batch_9.bin", COUNT * cifar10.RECORD, "no data_batch_9.bin in the archive"),
        ("test_batch.bin", 30_730_000, "bytes in the archive instead of 30,730,000"),
    ],
)
def test_an_archive_without_a_whole_file_says_so(archive, tmp_path, name, size, message):
    path = tmp_path / "published" / "cifar.tar.gz"
    with pytest.raises(DatasetError, match=message):
        replace(archive, sizes={name: size}).unpack(path, name)
    path.write_bytes(b"no archive")
    with pytest.raises(DatasetError, match="does not unpack"):
        replace(archive, sizes={name: size}).unpack(path, name)


def test_loading_needs_numpy_alone():
    code = (
        "import sys; from datasets import cifar10; cifar10.load('test'); "
        "sys.exit(bool({'pooch', 'rich', 'requests'} & set(sys.modules)))"
    )
    root = Path(files.__file__).parents[1]
    assert subprocess.run([sys.executable, "-c", code], cwd=root).returncode == 0


@pytest.mark.skipif(not NAMED, reason="CIFAR10_DIR names no folder")
def test_real_images_belong_to_their_labels(monkeypatch):
    """Ships are on water and planes in the sky: their images are bluer than those of frogs."""
    monkeypatch.setenv(cifar10.VARIABLE, NAMED)
    images, labels, names = cifar10.load("test")
    assert images.shape[1:] == cifar10.SHAPE
    blue = images[:, 2].mean(axis=(1, 2)) - images[:, 0].mean(axis=(1, 2))
    by_class = {name: blue[labels == kind].mean() for kind, name in enumerate(names)}
    assert min(by_class["ship"], by_class["airplane"]) > by_class["frog"] + 0.05


def test_each_split_of_the_stand_in_is_drawn_anew_and_again_the_same(monkeypatch):
    monkeypatch.setattr(drawn, "draw", lambda count, rng: (count, rng.random()))
    once, again = ([drawn.stand_in(split) for split in drawn.SIZES] for _ in range(2))
    assert once == again
    assert once[0][1] != once[1][1]
