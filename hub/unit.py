"""Let the machine start the hub and back it up: a systemd unit and a daily job."""

import subprocess
from pathlib import Path

from hub.settings import Settings

UNIT = """[Unit]
Description=JupyterHub with the course {course_id}
After=network.target

[Service]
ExecStart={environment}/bin/python -m jupyterhub -f {code}/hub/jupyterhub_config.py
Environment=PYTHONPATH={code} HUB_SETTINGS={file}
Environment=PATH={environment}/bin:/usr/sbin:/usr/bin:/sbin:/bin
WorkingDirectory={state}
Restart=on-failure
TimeoutStopSec=60
KillMode=control-group
# Where one student's process is ended for want of memory, everybody else goes on.
OOMPolicy=continue
# All servers together; each student's own limits are in {file}.
MemoryMax=90%
TasksMax=20000

[Install]
WantedBy=multi-user.target
"""

DAILY = """#!/bin/sh
# Back up the gradebook, the course and the exchange; keep two weeks.
PYTHONPATH={code} exec {environment}/bin/python -m hub.backup --settings {file}
"""


def write(systemd: Path, cron: Path, file: Path, settings: Settings) -> None:
    """Write the unit and the daily job; where systemd runs, start the hub."""
    words = {
        "course_id": settings.course_id,
        "environment": settings.environment,
        "code": settings.code,
        "state": settings.state,
        "file": file,
    }
    name = f"{settings.course_id}-hub"
    systemd.mkdir(parents=True, exist_ok=True)
    (systemd / f"{name}.service").write_text(UNIT.format(**words))
    cron.mkdir(parents=True, exist_ok=True)
    daily = cron / f"{name}-backup"
    daily.write_text(DAILY.format(**words))
    daily.chmod(0o755)
    if Path("/run/systemd/system").is_dir() and systemd == Path("/etc/systemd/system"):
        subprocess.run(["systemctl", "daemon-reload"], check=True)
        subprocess.run(["systemctl", "enable", name], check=True)
        subprocess.run(["systemctl", "restart", name], check=True)
