"""Tests of one `xdist_group` share a worker, and with it what is made for all of them."""


def test_the_name_by_which_xdist_groups_a_test_is_the_one_that_pytest_tells(request, monkeypatch):
    monkeypatch.setattr(request.node, "_nodeid", "test@group", raising=False)
    assert request.node.nodeid == "test@group"
