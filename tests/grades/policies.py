"""Late policies of a course: plug-ins of nbgrader."""

import os
import signal
from typing import Any, ClassVar

from nbgrader.plugins import LateSubmissionPlugin
from traitlets.config import Config


class OnePointAnHour(LateSubmissionPlugin):
    """A point an hour, and a note of what was asked."""

    asked: ClassVar[list[Any]] = []

    def late_submission_penalty(self, student_id, score, total_seconds_late):
        self.asked.append((student_id, score, total_seconds_late))
        return total_seconds_late / 3600


class Nothing(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return None


class Reward(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return -1.0


class Broken(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        raise RuntimeError("the policy is broken")


class Deadly(LateSubmissionPlugin):
    """Ends the process in the middle of a save, as the machine's end does."""

    def late_submission_penalty(self, student_id, score, total_seconds_late):
        os.kill(os.getpid(), signal.SIGKILL)


def policy(plugin):
    """Return a course's configuration with a late policy."""
    config = Config()
    config.AssignLatePenalties.plugin_class = plugin
    return config
