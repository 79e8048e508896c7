"""Write and read files of a course."""

from pathlib import Path


def write_if_changed(file: Path, text: str) -> bool:
    """Write a file unless it already says so; return whether it was written."""
    if file.exists() and file.read_text() == text:
        return False
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return True


def write_whole(file: Path, text: str) -> None:
    """Write a file so that nobody ever reads half of it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f"{file.name}.new")
    fresh.write_text(text)
    fresh.rename(file)


def make_readable(folder: Path) -> None:
    """Let every user read a folder, so that the sandbox can, whatever the umask was."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
