"""How tests are dealt out to the workers of pytest-xdist."""

import pytest
from xdist.scheduler import LoadGroupScheduling


class FilesAndGroups(LoadGroupScheduling):
    """Files one after the other, each as a whole, but what is in an `xdist_group` by groups."""

    def _split_scope(self, nodeid: str) -> str:
        scope = super()._split_scope(nodeid)
        return scope.partition("::")[0] if scope == nodeid else scope


def slow_files_first(items: list[pytest.Item]) -> None:
    """Put the tests of files with slow ones first, in the order they have."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
