"""Run the finale from a notebook, in a process of its own, and show its lines as they come."""

import os
import subprocess
import sys
from pathlib import Path


def run_beside_notebook(folder: Path) -> None:
    """Run `python -m tinytorch` in a folder and print its lines; interrupted, end it."""
    command = [sys.executable, "-u", "-m", "tinytorch"]
    environment = os.environ | {"PYTHONIOENCODING": "utf-8"}
    with subprocess.Popen(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        env=environment,
    ) as process:
        try:
            for line in process.stdout or ():
                print(line, end="", flush=True)
        except KeyboardInterrupt:
            process.terminate()
            print("Stopped. No page was written this time.")
