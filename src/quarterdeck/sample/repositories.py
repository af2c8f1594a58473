"""Turns the streams of an example company into bare repositories with git."""

import os
import subprocess
from pathlib import Path


def materialise(folder: Path) -> tuple[Path, ...]:
    """Make or bring up to date `repositories/NAME.git` from every `NAME.fast-import`.

    The same streams give the same commits. Needs the git command. Raises CalledProcessError where git refuses a stream.
    """
    made = []
    for stream in sorted((folder / "repositories").glob("*.fast-import")):
        bare = stream.with_suffix(".git")
        if not bare.exists():
            _git(["init", "--quiet", "--bare", "--initial-branch=main", str(bare)])
        with stream.open("rb") as lines:
            _git(["--git-dir", str(bare), "fast-import", "--quiet", "--done"], lines.fileno())
        made.append(bare)
    return tuple(made)


def _git(words: list[str], given: int = subprocess.DEVNULL) -> None:
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
    }
    subprocess.run(["git", *words], check=True, stdin=given, env=environment, capture_output=True)
