"""Places to grade at on other machines: the workers of a Dask cluster.

A Dask worker needs this package, in the same version, and a student environment; no course folder
and no gradebook. It reads no student bytes either: each of its threads owns a worker process, as
the local pool's do.
"""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grading.course.errors import CourseError
from grading.course.stamp import fingerprint
from grading.engine.messages import Graded
from grading.engine.pool import Pool
from grading.engine.settings import Workers
from grading.engine.slot import Slot
from grading.grades.kit import Kit
from grading.sandbox.settings import PROJECT, Sandbox

CONNECT_SECONDS = 20
LOOK_EVERY = 1.0
IN_ADVANCE = 2  # submissions that wait at each place, so that none stands idle


class NoCluster(CourseError):
    """There is no cluster to grade at, or it is gone."""


class OtherVersion(RuntimeError):
    """A Dask worker has another version of the grader."""


class DaskPool(Pool):
    """The places of a Dask cluster, named by its scheduler's address."""

    def __init__(self, address: str, limits: Workers) -> None:
        try:
            from distributed import Client
        except ImportError:
            raise NoCluster(
                "A cluster needs Dask:  .venv/bin/uv pip install -r environment/dask.lock"
            ) from None
        try:
            self._client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise NoCluster(f"There is no Dask scheduler at {address}: {error}") from None
        self._address = address
        self._limits = {name: getattr(limits, name) for name in limits.trait_names(config=True)}
        self._kits: dict[str, Any] = {}
        self._sending = threading.Lock()
        places = sum(self._client.nthreads().values())
        if not places:
            self._client.close()
            raise NoCluster(f"The Dask scheduler at {address} has no workers.")
        super().__init__(places * IN_ADVANCE)

    def grade(self, kit: Kit, submission: bytes, how: dict[str, Any]) -> Graded:
        """Grade at whichever place is free."""
        try:
            answer = self._ask(grade_there, self._sent(kit), submission, how)
        except NoCluster:
            if self._client.status != "running":
                raise
            self._kits.clear()  # the machines that had the kit are gone: others get it
            answer = self._ask(grade_there, self._sent(kit), submission, how)
        return Graded.read(*answer)

    def render(self, request: dict[str, Any], notebook: bytes) -> bytes:
        """Render at whichever place is free."""
        page: bytes = self._ask(render_there, request, notebook)
        return page

    def close(self) -> None:
        """Let the cluster go; what it still grades is forgotten."""
        self._client.close()

    def _ask(self, function: Any, *arguments: Any) -> Any:
        with self._there():
            asked = self._client.submit(
                function, *arguments, self._limits, code_version(), pure=False
            )
            while not self.stopping.is_set():
                with contextlib.suppress(TimeoutError):
                    return asked.result(timeout=LOOK_EVERY)
            asked.cancel()
            raise NoCluster("the run was stopped")

    @contextlib.contextmanager
    def _there(self) -> Iterator[None]:
        """Say it as a sentence where the cluster is gone; raise `NoCluster`."""
        from distributed import CancelledError
        from distributed.client import ClosedClientError

        try:
            yield
        except (CancelledError, ClosedClientError, OSError) as error:
            raise NoCluster(
                f"the Dask scheduler at {self._address} is gone ({error}); run it again"
            ) from None

    def _sent(self, kit: Kit) -> Any:
        """Return a reference to a kit that is sent to the cluster once."""
        with self._sending, self._there():
            if kit.fingerprint not in self._kits:
                [self._kits[kit.fingerprint]] = self._client.scatter(
                    [kit.to_bytes()], broadcast=True
                )
            return self._kits[kit.fingerprint]


def code_version() -> str:
    """Return the fingerprint of the grader's own code."""
    return fingerprint(*sorted((PROJECT / "grading").rglob("*.py")))


def grade_there(
    packed: bytes, submission: bytes, how: dict[str, Any], limits: dict[str, Any], version: str
) -> tuple[dict[str, Any], bytes]:
    """Grade on a Dask worker, in a process of its thread's own."""
    kit = _unpacked(packed)
    graded = _slot(limits, version).grade(kit, submission, how)
    return graded.line(), graded.notebook


def render_there(
    request: dict[str, Any], notebook: bytes, limits: dict[str, Any], version: str
) -> bytes:
    """Render on a Dask worker, in a process of its thread's own."""
    return _slot(limits, version).render(request, notebook)


_mine = threading.local()


def _slot(limits: dict[str, Any], version: str) -> Slot:
    if version != code_version():
        raise OtherVersion("a Dask worker has another version of the grader: update it")
    if not hasattr(_mine, "slot"):
        from distributed import get_worker

        _mine.slot = Slot(Workers(**limits), Path(get_worker().local_directory))
    slot: Slot = _mine.slot
    return slot


def _unpacked(packed: bytes) -> Kit:
    """Return a kit with this machine's own student environment."""
    kit = Kit.from_bytes(packed)
    kit.limits["student_env"] = Sandbox().student_env
    return kit
