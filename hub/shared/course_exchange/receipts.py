"""What was handed in, and when: a receipt that a student keeps beside the submission.

`sha256sum` of a collected file says whether it is the one of the receipt.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

NOT_HANDED_IN = {"timestamp.txt", "submission_secret.txt"}
FOLDER = "receipts"


def receipt_of(folder: Path, whose: dict[str, str]) -> dict[str, Any]:
    """Return name, size and SHA-256 of each file of a submission, with what is said of it."""
    files = [
        {"name": str(path.relative_to(folder)), **_digest(path)}
        for path in sorted(folder.rglob("*"))
        if path.is_file() and str(path.relative_to(folder)) not in NOT_HANDED_IN
    ]
    return whose | {"size": sum(file["size"] for file in files), "files": files}


def keep(receipt: dict[str, Any], cache: Path, name: str) -> None:
    """Write a receipt into a student's cache, where `kept` finds it."""
    file = _place(cache, receipt["course"], name)
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(receipt, indent=1))
    fresh.rename(file)


def kept(cache: Path, course: str, name: str) -> dict[str, Any] | None:
    """Return the receipt of a remembered submission, or None where there is none to be read."""
    try:
        found = json.loads(_place(cache, course, name).read_text())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _place(cache: Path, course: str, name: str) -> Path:
    return cache / FOLDER / course / f"{name}.json"


def _digest(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"size": path.stat().st_size, "sha256": digest}
