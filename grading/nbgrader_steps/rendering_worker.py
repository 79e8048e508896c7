"""The worker that renders pages for a process of nbgrader's, which must not parse them itself."""

import atexit
import threading
from typing import Any

from traitlets.config import Config

from grading.engine.settings import Workers
from grading.engine.slot import Slot

_slots: list[Slot] = []
_asking = threading.Lock()


def render(request: dict[str, Any], notebook: bytes, config: Config) -> str:
    """Return a page, made by the one worker of this process, which is kept for the next.

    Raises `WorkerDown` or `GradingFailed`, with a sentence, when there can be no page.
    """
    with _asking:
        if not _slots:
            _slots.append(Slot(Workers(config=config)))
            atexit.register(_slots[0].close)
        return _slots[0].render(request, notebook).decode()
