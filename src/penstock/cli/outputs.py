"""What a step tells the steps after it, in the file that GitHub's runner names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from penstock.cli.surroundings import Surroundings
from penstock.errors import StateError


def tell(surroundings: Surroundings, told: Mapping[str, str]) -> None:
    """One line a value; none of them holds another. Without such a file, nothing. Raises StateError."""
    name = surroundings.environ.get("GITHUB_OUTPUT", "")
    if not name:
        return
    lines = "".join(f"{key}={value}\n" for key, value in told.items())
    try:
        with Path(name).open("a", encoding="utf-8") as stream:
            stream.write(lines)
    except OSError as error:
        raise StateError(f"{name} cannot be written: {error.strerror}") from error
