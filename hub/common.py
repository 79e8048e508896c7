"""What every installation of the hub has: addresses, roles, Formgrader, culling."""

import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from hub.environment import proxy_command
from hub.settings import Settings

CHECK = "check"
RUNTIME = "JUPYTER_RUNTIME_DIR"


def configure(
    c: Any, settings: Settings, grader_environment: dict[str, str], runtime: Path
) -> None:
    """Set up everything but who may log in and how servers are started.

    Below `runtime` each account has a private folder for its kernels' sockets.
    """
    grader_environment = grader_environment | {
        RUNTIME: str(runtime / (settings.grader or "grader"))
    }
    _addresses(c, settings)
    _roles(c, settings)
    c.JupyterHub.services = [
        _formgrader(settings, grader_environment),
        _culler(settings),
        _check(settings, grader_environment),
    ]
    c.JupyterHub.template_paths = [str(Path(__file__).with_name("templates"))]
    c.JupyterHub.default_url = lambda handler: _first_page(settings, handler)
    c.Spawner.cmd = [settings.program("jupyterhub-singleuser")]
    c.Spawner.default_url = "/course"
    c.Spawner.environment = settings.jupyter_path("student") | {
        "COURSE_CHECK": f"http://127.0.0.1:{settings.check_port}/services/{CHECK}/",
        RUNTIME: lambda spawner: str(runtime / spawner.user.name),
    }
    c.Spawner.env_keep = ["LANG", "LC_ALL"]
    c.Spawner.http_timeout = 120
    c.Spawner.start_timeout = 120


def _addresses(c: Any, settings: Settings) -> None:
    state = Path(settings.state)
    c.JupyterHub.bind_url = settings.address
    c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{settings.hub_port}"
    c.JupyterHub.db_url = f"sqlite:///{state / 'jupyterhub.sqlite'}"
    c.JupyterHub.cookie_secret_file = str(state / "cookie_secret")
    c.JupyterHub.ssl_cert = settings.certificate
    c.JupyterHub.ssl_key = settings.key
    c.JupyterHub.subdomain_host = settings.subdomain_host
    c.ConfigurableHTTPProxy.command = proxy_command(Path(settings.environment))
    c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{settings.proxy_port}"
    c.ConfigurableHTTPProxy.pid_file = str(state / "proxy.pid")


def _roles(c: Any, settings: Settings) -> None:
    """Give each kind of account what it needs and nothing else; nobody is an administrator."""
    course = settings.course_id
    c.JupyterHub.load_roles = [
        {
            "name": "graders",
            "groups": [settings.grader_group],
            "scopes": [
                f"access:services!service={course}",
                "list:services",
                f"read:services!service={course}",
            ],
        },
        {
            "name": "students",
            "groups": [settings.student_group],
            "scopes": [f"access:services!service={CHECK}"],
        },
        {
            "name": "culler",
            "services": ["culler"],
            "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        },
        {"name": "server", "scopes": ["inherit"]},
    ]


def _formgrader(settings: Settings, environment: dict[str, str]) -> dict[str, Any]:
    """Return the service that runs Formgrader, and JupyterLab on the course, for all graders."""
    return {
        "name": settings.course_id,
        "url": f"http://127.0.0.1:{settings.service_port}",
        "command": [
            settings.program("jupyterhub-singleuser"),
            "--ServerApp.tornado_settings="
            "{'headers': {'Content-Security-Policy': \"frame-ancestors 'self'\"}}",
        ],
        "cwd": settings.course,
        "oauth_no_confirm": True,
        "environment": {
            "JUPYTERHUB_DEFAULT_URL": "/lab",
            "PYTHONPATH": f"{settings.grading}:{settings.code}",
            **settings.jupyter_path("grader"),
            **environment,
        },
    }


def _check(settings: Settings, environment: dict[str, str]) -> dict[str, Any]:
    """Return the service that checks students' notebooks before they hand in."""
    return {
        "name": CHECK,
        "url": f"http://127.0.0.1:{settings.check_port}",
        "command": [settings.program("python"), "-m", "hub.check"],
        "cwd": settings.course,
        "display": False,
        "environment": {
            "PYTHONPATH": f"{settings.grading}:{settings.code}",
            **settings.jupyter_path("grader"),
            **environment,
        },
    }


def _culler(settings: Settings) -> dict[str, Any]:
    idle = f"--timeout={settings.idle_minutes * 60}"
    return {"name": "culler", "command": [sys.executable, "-m", "jupyterhub_idle_culler", idle]}


def _first_page(settings: Settings, handler: Any) -> str:
    """Send graders to the course and students to their own server."""
    user = handler.current_user
    if user is None:
        answering = handler.request.path.endswith("/login")
        return str(handler.hub.base_url if answering else handler.settings["login_url"])
    if settings.grader_group not in {group.name for group in user.groups}:
        return "/hub/spawn"
    service = handler.services[settings.course_id]
    own = urlsplit(settings.subdomain_host)
    port = f":{own.port}" if own.port else ""
    host = f"{own.scheme}://{service.domain}{port}" if service.domain else ""
    return f"{host}{service.prefix}formgrader"
