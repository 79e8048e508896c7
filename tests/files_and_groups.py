"""How tests are dealt out to the workers of pytest-xdist."""

from xdist.scheduler import LoadGroupScheduling


class FilesAndGroups(LoadGroupScheduling):
    """Files one after the other, each as a whole, but what is in an `xdist_group` by groups."""

    def _split_scope(self, nodeid: str) -> str:
        scope = super()._split_scope(nodeid)
        return scope.partition("::")[0] if scope == nodeid else scope
