"""The home: one folder with the records, the lake, the documents and the secret key, for its owner alone."""

import os
import secrets
from pathlib import Path

SECRET = "secret.key"  # noqa: S105 — the file's name
FOLDERS = ("lake", "documents", "scratch")


def make(home: Path) -> None:
    """Make the folder, what stands in it, and its secret, where they are not there yet."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in FOLDERS:
        (home / name).mkdir(exist_ok=True, mode=0o700)
    path = home / SECRET
    if not path.exists():
        scratch = home / f"{SECRET}.{os.getpid()}"
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(scratch, path)  # the first of two that start at once wins, and both read its secret
        except FileExistsError:
            pass
        finally:
            scratch.unlink()


def secret_key(home: Path) -> str:
    """The home's secret; before there is a home, one that lasts for this process only."""
    try:
        return (home / SECRET).read_text().strip()
    except FileNotFoundError:
        return secrets.token_urlsafe(48)


def is_home(home: Path) -> bool:
    """Whether a folder has been made a home."""
    return (home / SECRET).is_file()
