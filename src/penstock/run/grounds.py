"""Where the services of a run stand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

TASK = "service:"  # what the ids of services' tasks begin with; their name follows


class Grounds(NamedTuple):
    """`data`: a folder with a short path, which is made when a service starts; `shared`: for the logs of those that
    jobs share. A job's own services have their logs in its folder.
    """

    data: Path
    shared: Path


def beside(temporary: Path) -> Path:
    """The folder for the data of services that belongs to a run's temporary folder.

    Not in it: that is closed to all but us, and some servers refuse to run as root.
    """
    return temporary.with_name(f"{temporary.name}.s")


def abandoned(run: Path) -> Iterator[tuple[str, str]]:
    """The containers that a killed run may have left: (the engine's path, the container's name)."""
    for path in (*run.glob("jobs/*/services/*.json"), *run.glob("services/*.json")):
        try:
            spec = msgspec.json.decode(path.read_bytes(), type=dict[str, object])
            if spec["image"]:
                yield str(spec["engine"]), str(spec["container"])
        except (OSError, ValueError, KeyError):
            continue
