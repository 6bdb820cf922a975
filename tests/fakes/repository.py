"""Real repositories for tests, by a git that knows nothing of who runs it."""

from __future__ import annotations

import subprocess
from pathlib import Path

ENVIRON = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.org",
}


def call(folder: Path, *arguments: str) -> None:
    """`git …` in a folder. Raises CalledProcessError."""
    subprocess.run(["git", *arguments], cwd=folder, env=ENVIRON, check=True, capture_output=True)


def save(root: Path, message: str = "x") -> None:
    """Commit all that lies there."""
    call(root, "add", "-A")
    call(root, "commit", "-q", "-m", message)
