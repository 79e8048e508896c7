"""JupyterHub's configuration for `make hub`: demo accounts that share the Unix user of the demo."""

import os
from pathlib import Path
from typing import Any

from hub.common import configure
from hub.settings import load

c: Any = get_config()  # type: ignore[name-defined]  # noqa: F821
settings = load()
homes = Path(settings.state) / "homes"
STUDENTS = ("student-01", "student-02", "student-03")
GRADERS = ("ta",)

environment = settings.jupyter_path("demo", "grader") | {"HOME": str(homes / "ta")}
configure(c, settings, environment, Path(os.environ["HUB_DEMO_RUNTIME"]))

c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = os.environ["HUB_DEMO_PASSWORD"]
c.Authenticator.allowed_users = {*STUDENTS, *GRADERS}
c.JupyterHub.load_groups = {
    settings.student_group: {"users": list(STUDENTS)},
    settings.grader_group: {"users": list(GRADERS)},
}
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = str(homes / "{username}")
c.Spawner.environment |= settings.jupyter_path("demo", "student")
c.Spawner.environment["COURSE_DEMO_STUDENT"] = lambda spawner: spawner.user.name
