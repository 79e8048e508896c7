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


def put_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `import jupyterhub.auth` find the stand-in."""
    package, auth = ModuleType("jupyterhub"), ModuleType("jupyterhub.auth")
    auth.PAMAuthenticator = PAMAuthenticator  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "jupyterhub", package)
    monkeypatch.setitem(sys.modules, "jupyterhub.auth", auth)
    monkeypatch.delitem(sys.modules, "hub.accounts", raising=False)


def configuration(text: str) -> Any:
    """Return what a configuration file sets."""
    c = Config()
    exec(text, {"get_config": lambda: c})
    return c
