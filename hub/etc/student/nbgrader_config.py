"""Students see the courses whose groups they are in, and one Validate, also in a terminal."""

from course_page import command
from nbgrader.auth import JupyterHubAuthPlugin

c = get_config()  # type: ignore[name-defined]

c.Authenticator.plugin_class = JupyterHubAuthPlugin
command.install()
