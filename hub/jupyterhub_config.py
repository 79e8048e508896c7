"""JupyterHub's configuration for a server with real accounts; the installer puts it in place."""

from typing import Any

from hub.accounts import UnixGroupsAuthenticator, close_home, make_runtime_folder
from hub.common import configure
from hub.settings import load

c: Any = get_config()  # type: ignore[name-defined]  # noqa: F821
settings = load()

configure(c, settings, {}, settings.runtime)
make_runtime_folder(settings.runtime, settings.grader)
formgrader, culler, check = c.JupyterHub.services
formgrader["user"], culler["user"], check["user"] = settings.grader, "nobody", settings.grader

c.JupyterHub.authenticator_class = UnixGroupsAuthenticator
c.Authenticator.refresh_pre_spawn = True
c.UnixGroupsAuthenticator.group_names = {
    settings.tas: settings.grader_group,
    settings.students: settings.student_group,
}


def before_a_server_starts(spawner: Any) -> None:
    """Close the home folder, and make one for sockets that no other account may enter."""
    close_home(spawner)
    make_runtime_folder(settings.runtime, spawner.user.name)


c.Spawner.pre_spawn_hook = before_a_server_starts

# A student's processes: memory each, how many, and how large a file.
megabyte = 1024 * 1024
c.JupyterHub.spawner_class = "jupyterhub.spawner.LocalProcessSpawner"
c.Spawner.cmd = [
    "/usr/bin/prlimit",
    f"--as={settings.student_memory_mb * megabyte}",
    f"--nproc={settings.student_processes}",
    f"--fsize={settings.student_file_mb * megabyte}",
    "--core=0",
    *c.Spawner.cmd,
]
c.JupyterHub.active_server_limit = 200
c.JupyterHub.concurrent_spawn_limit = 20
c.JupyterHub.cleanup_servers = True
