"""Where the parts of an installation are: one small file, read by the hub and its helpers."""

import os
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path

DEFAULT_FILE = "/etc/tinytorch/hub.toml"


@dataclass(frozen=True)
class Settings:
    """The folders, accounts and addresses of one installation; there is no secret among them."""

    course_id: str
    code: str  # holds the folder hub/, readable by everybody
    grading: str  # holds the folder grading/, readable by the grader alone
    course: str  # nbgrader's course folder, the grader's alone
    exchange: str
    environment: str
    state: str  # the hub's database and cookie secret
    grader: str  # the Unix account that owns the course
    tas: str = "tinytorch-tas"  # Unix groups
    students: str = "tinytorch-students"
    address: str = "http://127.0.0.1:8000"  # what the proxy listens at
    hub_port: int = 8081
    proxy_port: int = 8001
    service_port: int = 9999
    check_port: int = 9998
    certificate: str = ""
    key: str = ""
    subdomain_host: str = ""
    idle_minutes: int = 60
    student_memory_mb: int = 4096
    student_processes: int = 200
    student_file_mb: int = 512

    @property
    def grader_group(self) -> str:
        """Return the hub's group of those who grade; nbgrader expects this name."""
        return f"formgrade-{self.course_id}"

    @property
    def student_group(self) -> str:
        """Return the hub's group of students; nbgrader expects this name."""
        return f"nbgrader-{self.course_id}"

    @property
    def runtime(self) -> Path:
        """Return where each account has a private folder for its kernels' sockets.

        Short, for the path of a socket has 107 bytes at most; a home folder may lie anywhere.
        """
        return Path(self.state).parent / "run"

    def etc(self, role: str) -> str:
        """Return a folder of Jupyter's configuration."""
        return str(Path(self.code) / "hub" / "etc" / role)

    def program(self, name: str) -> str:
        """Return the path of a program of the hub's environment."""
        return str(Path(self.environment) / "bin" / name)

    def jupyter_path(self, *roles: str) -> dict[str, str]:
        """Return the environment with which a server finds its configuration and programs."""
        programs = str(Path(self.environment) / "bin")
        return {
            "JUPYTER_CONFIG_PATH": os.pathsep.join(map(self.etc, (*roles, "everyone"))),
            "JUPYTER_PATH": os.pathsep.join(map(self.etc, roles)),
            "COURSE_EXCHANGE": self.exchange,
            "PATH": f"{programs}:/usr/local/bin:/usr/bin:/bin",
        }

    def write(self, file: Path) -> None:
        """Write the settings as TOML."""
        lines = (
            f"{name} = {value if isinstance(value, int) else _quoted(value)}"
            for name, value in asdict(self).items()
        )
        file.write_text("\n".join(lines) + "\n")


def load(file: str | None = None) -> Settings:
    """Read the settings from a file, or from the one that HUB_SETTINGS names."""
    path = Path(file or os.environ.get("HUB_SETTINGS", DEFAULT_FILE))
    return Settings(**tomllib.loads(path.read_text()))


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
