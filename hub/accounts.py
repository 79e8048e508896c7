"""Who may log in, and as what: the Unix groups decide."""

import grp
import os
import pwd
import stat
from pathlib import Path
from typing import Any

from jupyterhub.auth import PAMAuthenticator
from traitlets import Dict, Unicode


class UnixGroupsAuthenticator(PAMAuthenticator):
    """Log in with the machine's accounts; membership of the hub's groups is that of Unix groups.

    Whoever is put into a group or taken out of it is so on the hub at the next refresh.
    """

    group_names = Dict(
        key_trait=Unicode(),
        value_trait=Unicode(),
        help="The hub's group for each Unix group whose members may log in.",
    ).tag(config=True)
    manage_groups = True

    async def authenticate(self, handler: Any, data: dict[str, str]) -> Any:
        """Check name and password with PAM and tell the groups."""
        name = await super().authenticate(handler, data)
        if not name:
            return None
        return {"name": name, "groups": self.groups_of(name)}

    def check_allowed(self, username: str, authentication: Any = None) -> bool:
        """Let in whoever is in one of the groups."""
        return bool(self.groups_of(username))

    async def refresh_user(self, user: Any, handler: Any = None, **_: Any) -> Any:
        """Tell the groups again; an account that is gone or in no group is logged out."""
        groups = self.groups_of(user.name)
        return {"name": user.name, "groups": groups} if groups else False

    def normalize_username(self, username: str) -> str:
        """Return the account's own name: JupyterHub's lower case may be that of another account."""
        try:
            return pwd.getpwnam(username).pw_name
        except KeyError:
            return username

    def groups_of(self, name: str) -> list[str]:
        """Return the hub's groups of a Unix account."""
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            return []
        return sorted(
            ours for theirs, ours in self.group_names.items() if _is_member(account, theirs)
        )


def close_home(spawner: Any) -> None:
    """Close a home folder to other accounts before its server starts: Debian leaves it open."""
    account = pwd.getpwnam(spawner.user.name)
    home = Path(account.pw_dir)
    status = home.lstat()
    if stat.S_ISDIR(status.st_mode) and status.st_uid == account.pw_uid and status.st_mode & 0o077:
        home.chmod(status.st_mode & 0o700)


def make_runtime_folder(runtime: Path, name: str) -> None:
    """Make an account's own folder for its kernels' sockets, which no other account may enter."""
    account = pwd.getpwnam(name)
    runtime.mkdir(0o711, parents=True, exist_ok=True)
    runtime.chmod(0o711)
    folder = runtime / name
    folder.mkdir(0o700, exist_ok=True)
    folder.chmod(0o700)
    os.chown(folder, account.pw_uid, account.pw_gid)


def _is_member(account: pwd.struct_passwd, group: str) -> bool:
    try:
        entry = grp.getgrnam(group)
    except KeyError:
        return False
    return account.pw_name in entry.gr_mem or account.pw_gid == entry.gr_gid
