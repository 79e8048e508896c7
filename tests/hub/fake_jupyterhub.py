"""Stand in for JupyterHub, which is in the hub's own environment alone."""

import sys
from types import ModuleType
from typing import Any, ClassVar

import pytest
from traitlets import Bool
from traitlets.config import Config, LoggingConfigurable


class PAMAuthenticator(LoggingConfigurable):
    """Check the passwords that a test has set."""

    passwords: ClassVar[dict[str, str]] = {}
    manage_groups = Bool(False, config=True)

    async def authenticate(self, handler: object, data: dict[str, str]) -> str | None:
        """Return the name if the password is right, as JupyterHub's own does."""
        name = data["username"]
        return name if self.passwords.get(name, "") == data["password"] else None


class HubAuthenticated:
    """Tell who asks by the token, as the hub would: it is the name, and `nobody` has no right."""

    request: Any

    def get_current_user(self) -> dict[str, str] | None:
        """Return the hub's model of who asks."""
        kind, _, name = self.request.headers.get("Authorization", "").partition(" ")
        if kind != "token" or name in ("", "nobody"):
            return None
        return {"name": name, "kind": "service" if name == "culler" else "user"}


def put_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `import jupyterhub.auth` find the stand-in."""
    package, auth = ModuleType("jupyterhub"), ModuleType("jupyterhub.auth")
    services = ModuleType("jupyterhub.services.auth")
    services.HubAuthenticated = HubAuthenticated  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "jupyterhub.services", ModuleType("jupyterhub.services"))
    monkeypatch.setitem(sys.modules, "jupyterhub.services.auth", services)
    monkeypatch.delitem(sys.modules, "hub.check.service", raising=False)
    auth.PAMAuthenticator = PAMAuthenticator  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "jupyterhub", package)
    monkeypatch.setitem(sys.modules, "jupyterhub.auth", auth)
    monkeypatch.delitem(sys.modules, "hub.accounts", raising=False)


def configuration(text: str) -> Any:
    """Return what a configuration file sets."""
    c = Config()
    exec(text, {"get_config": lambda: c})
    return c
