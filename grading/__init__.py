"""What stands between nbgrader and a grade one can trust."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grading.inside.check import check

__all__ = ["check"]


def __getattr__(name: str) -> Any:
    """Give hidden tests `check` when they ask for it; nothing else here needs NumPy."""
    if name == "check":
        from grading.inside.check import check

        return check
    raise AttributeError(f"module 'grading' has no attribute {name!r}")
