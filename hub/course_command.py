"""Let whoever runs the server say the course's commands: `/opt/tinytorch/course regrade`.

They are the Makefile's own, run as the account that owns the course, so that what the other pages
say of `make` holds here.
"""

from pathlib import Path

from hub.settings import Settings

TARGETS = (
    *("source", "release", "autograde", "feedback", "report", "regrade", "similar", "frameworks"),
    *("collect", "grades-for", "update", "archive", "move-gradebook"),
)
COMMAND = """#!/bin/sh
# The course's commands, as the account that owns it: what is `make regrade` elsewhere, with the
# same words after it, is `{name} regrade` here.
set -eu
case "${{1:-}}" in
    {patterns}) ;;
    *) echo "Say one of: {targets}." >&2; exit 2 ;;
esac
[ "$(id -u)" = 0 ] || {{ echo "Say it as root: sudo {name} $1" >&2; exit 1; }}
cd {course}
# What runs there reads what graders may write: it must not be able to type into root's terminal.
terminal=
[ ! -t 0 ] || terminal=--pty
exec runuser -u {grader} $terminal -- env -i HOME={home} LANG=C.UTF-8 TERM="${{TERM:-dumb}}" \\
    PATH={environment}/bin:/usr/bin:/bin PYTHONPATH={grading} \\
    make --no-print-directory --makefile {grading}/Makefile \\
    BUILT= SIMILAR= PY={environment}/bin/python "$@"
"""


def write(name: Path, settings: Settings) -> None:
    """Write the command where everybody can read it, and only root can use it."""
    name.write_text(
        COMMAND.format(
            name=name,
            patterns="|".join(TARGETS),
            targets=", ".join(TARGETS),
            course=settings.course,
            grader=settings.grader,
            home=Path(settings.grading).parent / "grader",
            environment=settings.environment,
            grading=settings.grading,
        )
    )
    name.chmod(0o755)
