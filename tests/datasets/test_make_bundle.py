import io
import zipfile

import numpy as np
import pytest

from datasets import digits, files, make_bundle


def test_the_bundle_is_the_first_images_of_each_split(whole, published):
    arrays = make_bundle.select(published, train=20, test=5)
    with np.load(io.BytesIO(make_bundle.pack(arrays)), allow_pickle=False) as bundle:
        assert bundle["train_images"].shape == (20, 1, 28, 28)
        assert bundle["test_images"].shape == (5, 1, 28, 28)
        for split in digits.SPLITS:
            names = digits.SPLITS[split]
            images, labels = ((published / name).read_bytes() for name in names)
            kept = bundle[f"{split}_images"]
            assert kept.dtype == np.uint8
            assert images[16:].startswith(kept.tobytes())
            assert labels[8:].startswith(bundle[f"{split}_labels"].tobytes())


def test_making_it_twice_gives_the_same_bytes(whole, published):
    first, second = (make_bundle.pack(make_bundle.select(published)) for _ in range(2))
    assert first == second


def test_digits_of_the_bundle_survive_packing():
    with np.load(digits.BUNDLE, allow_pickle=False) as bundle:
        arrays = {name: bundle[name][:50] for name in bundle.files}
    with np.load(io.BytesIO(make_bundle.pack(arrays)), allow_pickle=False) as again:
        assert again.files == list(arrays)
        assert all(np.array_equal(again[name], arrays[name]) for name in arrays)


def test_a_bundle_made_and_loaded(whole, published, tmp_path, monkeypatch, capsys):
    output = tmp_path / "made" / "digits.npz"
    assert make_bundle.main([str(published), "--output", str(output)]) == 0
    said = capsys.readouterr().out
    checksum = files.sha256(output.read_bytes())
    assert checksum in said
    assert "differs from BUNDLE_SHA256" in said
    monkeypatch.setattr(digits, "BUNDLE", output)
    monkeypatch.setattr(digits, "BUNDLE_SHA256", checksum)
    assert digits.load("test").images.shape == (12, 1, 28, 28)


@pytest.mark.parametrize("damage", ["missing", "other"])
def test_only_published_files_are_bundled(damage, whole, published, tmp_path, capsys):
    labels = published / "train-labels-idx1-ubyte"
    if damage == "missing":
        labels.unlink()
    else:
        labels.write_bytes(labels.read_bytes()[:-1] + b"\x0b")
    assert make_bundle.main([str(published), "--output", str(tmp_path / "made.npz")]) == 1
    assert labels.name in capsys.readouterr().err
    assert not (tmp_path / "made.npz").exists()


def test_a_bundle_tells_neither_when_nor_where_it_was_made(whole, published):
    with zipfile.ZipFile(io.BytesIO(make_bundle.pack(make_bundle.select(published)))) as bundle:
        entries = bundle.infolist()
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.create_system for entry in entries} == {3}
