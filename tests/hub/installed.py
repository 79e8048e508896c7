"""Settings of an installation below a temporary folder."""

import os
import pwd
from pathlib import Path

from hub.settings import Settings

ME = pwd.getpwuid(os.getuid()).pw_name
COURSE = "tinytorch"


def settings_below(folder: Path, **others: object) -> Settings:
    """Return settings as the installer makes them, with everything below a folder."""
    opt, srv = folder / "opt", folder / "srv"
    named: dict[str, object] = {
        "course_id": COURSE,
        "code": str(opt / "code"),
        "grading": str(srv / "code"),
        "course": str(srv / "course"),
        "exchange": str(srv / "exchange"),
        "environment": str(opt / "hub"),
        "state": str(srv / "hub"),
        "grader": ME,
    }
    return Settings(**(named | others))  # type: ignore[arg-type]
