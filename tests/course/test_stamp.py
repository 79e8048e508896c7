from itertools import combinations

import pytest

from grading.course.stamp import STAMPS, Stamp, fingerprint


def test_every_part_counts_and_its_place():
    prints = [
        fingerprint(),
        fingerprint("a"),
        fingerprint("b"),
        fingerprint("a", "b"),
        fingerprint("b", "a"),
        fingerprint("ab"),
        fingerprint("\udcff"),
        fingerprint("\udcfe"),
        fingerprint("a", ""),
        fingerprint("a\n", "b"),
        fingerprint("a", "\nb"),
    ]
    assert all(one != other for one, other in combinations(prints, 2))
    assert fingerprint("a", "b") == fingerprint(b"a", b"b")


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "folder"
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "one.txt").write_text("1")
    (folder / "two.txt").write_text("2")
    return folder


def edit(folder):
    (folder / "inner" / "one.txt").write_text("changed")


def rename(folder):
    (folder / "two.txt").rename(folder / "three.txt")


def move(folder):
    (folder / "two.txt").rename(folder / "inner" / "two.txt")


def remove(folder):
    (folder / "two.txt").unlink()


def add_an_empty_file(folder):
    (folder / "inner" / "new.txt").write_text("")


@pytest.mark.parametrize("change", [edit, rename, move, remove, add_an_empty_file])
def test_a_folder_counts_with_all_that_is_in_it(folder, change):
    before = fingerprint(folder)
    change(folder)
    assert fingerprint(folder) != before


def test_where_a_folder_lies_does_not_count(folder, tmp_path):
    before = fingerprint(folder)
    assert fingerprint(folder.rename(tmp_path / "elsewhere")) == before


def test_compiled_python_does_not_count(folder):
    before = fingerprint(folder)
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "one.pyc").write_bytes(b"compiled")
    assert fingerprint(folder) == before


def test_links_are_not_followed(folder, tmp_path):
    (tmp_path / "outside.txt").write_text("1")
    (folder / "link.txt").symlink_to(tmp_path / "outside.txt")
    before = fingerprint(folder)
    (tmp_path / "outside.txt").write_text("2")
    assert fingerprint(folder) == before


def test_a_file_counts_with_its_content(folder):
    before = fingerprint(folder / "two.txt")
    (folder / "two.txt").write_text("changed")
    assert fingerprint(folder / "two.txt") != before


@pytest.fixture
def stamp(tmp_path):
    product = tmp_path / "release" / "one"
    product.mkdir(parents=True)
    return Stamp(tmp_path, product)


def test_nothing_holds_before_it_is_stamped(stamp):
    assert stamp.read() is None and not stamp.holds("made from this")


def test_a_stamp_holds_for_what_the_product_was_made_from_only(stamp):
    stamp.put("made from this")
    assert stamp.holds("made from this")
    assert not stamp.holds("made from that") and not stamp.holds("")


def test_a_stamp_does_not_hold_for_a_product_that_is_gone(stamp):
    stamp.put("made from this")
    stamp.product.rmdir()
    assert not stamp.holds("made from this")


def test_a_removed_stamp_is_forgotten_with_those_of_all_that_is_in_the_product(stamp):
    inner = Stamp(stamp.root, stamp.product / "file.txt")
    inner.product.write_text("")
    stamp.put("made from this")
    inner.put("made from that")
    stamp.remove()
    assert stamp.read() is None and inner.read() is None
    stamp.remove()


def test_stamps_lie_apart_from_their_products(stamp):
    other = Stamp(stamp.root, stamp.product.with_name("two"))
    stamp.put("one")
    other.put("two")
    assert list(stamp.product.iterdir()) == []
    assert stamp.root / STAMPS in stamp.file.parents
    assert (stamp.read(), other.read()) == ("one", "two")
