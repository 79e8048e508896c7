"""What stands between nbgrader and a grade one can trust."""

from grading.inside.check import check

__all__ = ["check"]
