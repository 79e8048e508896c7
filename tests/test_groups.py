"""Tests of one `xdist_group` share a worker, and with it what is made for all of them."""

from types import SimpleNamespace

import pytest
from files_and_groups import FilesAndGroups, slow_files_first


def test_the_name_by_which_xdist_groups_a_test_is_the_one_that_pytest_tells(request, monkeypatch):
    monkeypatch.setattr(request.node, "_nodeid", "test@group", raising=False)
    assert request.node.nodeid == "test@group"


@pytest.mark.parametrize(
    ("nodeid", "taken_with"),
    [
        ("tests/a/test_b.py::test_c[d]", "tests/a/test_b.py"),
        ("tests/a/test_b.py::TestC::test_d", "tests/a/test_b.py"),
        ("tests/a/test_b.py::test_c[e@f.py::g]", "tests/a/test_b.py"),
        ("tests/a/test_b.py::test_c[d]@group", "group"),
    ],
)
def test_a_worker_takes_a_whole_file_or_a_whole_group(nodeid, taken_with):
    scheduler = FilesAndGroups.__new__(FilesAndGroups)
    assert scheduler._split_scope(nodeid) == taken_with


def test_files_with_slow_tests_come_first_and_stay_whole():
    items = [item("a"), item("b"), item("c", "slow"), item("b", "slow"), item("a"), item("c")]
    slow_files_first(items)
    assert [(one.path, bool(one.marks)) for one in items] == [
        *(("b", False), ("c", True), ("b", True), ("c", False)),
        *(("a", False), ("a", False)),
    ]


def item(path, *marks):
    return SimpleNamespace(
        path=path, marks=marks, get_closest_marker=lambda name: name if name in marks else None
    )
