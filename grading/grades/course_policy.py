"""Let `policies.toml` say what lateness costs: nbgrader's plug-in, told by the file."""

from functools import lru_cache
from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import AssignLatePenalties
from traitlets.config import Config

from grading.course.layout import Course
from grading.course.policies import FILE, BadPolicies, Policies, read_policies


class CoursePolicy(LateSubmissionPlugin):
    """nbgrader's plug-in, told by `[late]` in `policies.toml`; without that it is nbgrader's own.

    Raises `BadPolicies` as `policies_of` does.
    """

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float | None:
        """Return the points that are lost."""
        late = policies_of(self.config).late
        if late is None:
            penalty: float | None = super().late_submission_penalty(
                student_id, score, total_seconds_late
            )
            return penalty
        return round(score * late.share(total_seconds_late), 4) or None


def policies_of(config: Config) -> Policies:
    """Return what the file of the course that is configured says.

    Raises `BadPolicies` where it is wrong, and where the configuration says the same, too.
    """
    root = Path(CourseDirectory(config=config).root)
    try:
        status = (root / FILE).stat()
    except OSError:
        return Policies()
    policies = _read(root, status.st_mtime_ns, status.st_size)
    if policies.late is not None and (setting := _other_way(config)):
        raise BadPolicies(
            f"{FILE} says what lateness costs, and so does c.{setting} in nbgrader_config.py: "
            "remove one of them."
        )
    return policies


def _other_way(config: Config) -> str:
    """Return the setting of nbgrader's that says what lateness costs, if any does."""
    plugin = AssignLatePenalties(config=config).plugin_class
    if not issubclass(plugin, CoursePolicy):
        return "AssignLatePenalties.plugin_class"
    is_set = LateSubmissionPlugin(config=config).penalty_method != "none"
    return "LateSubmissionPlugin.penalty_method" if is_set else ""


@lru_cache(8)
def _read(root: Path, _changed: int, _size: int) -> Policies:
    return read_policies(root / FILE, Course(root).assignments())
