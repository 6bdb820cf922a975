"""Which processes of a run live: the oracle, written apart from penstock's own sweep, so that they cannot err together.

python -m tests.faults.orphans RUN
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import NamedTuple


class Living(NamedTuple):
    """A process that is neither dead nor a zombie. `tag`: its PENSTOCK_TAG, "" without one."""

    pid: int
    tag: str
    argv: str


def everything() -> list[Living]:
    """All living processes that can be seen."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            state = (folder / "stat").read_bytes().rpartition(b") ")[2][:1]
            argv = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()
            variables = (folder / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        tags = [
            line.partition(b"=")[2].decode("utf-8", "replace") for line in variables if line[:13] == b"PENSTOCK_TAG="
        ]
        if state not in (b"Z", b"X"):
            found.append(Living(int(folder.name), "".join(tags[:1]), argv))
    return found


def of_run(run: str) -> list[Living]:
    """What carries the tag of `run`, shims included."""
    return [process for process in everything() if process.tag == run or process.tag.startswith(f"{run}/")]


def with_mark(mark: str) -> list[Living]:
    """What has `mark` in its argv, whatever became of its environment."""
    return [process for process in everything() if mark in process.argv]


def gone_within(seconds: float, mark: str) -> list[Living]:
    """What of `mark` is left when all are gone or `seconds` are over."""
    limit = time.monotonic() + seconds
    while (left := with_mark(mark)) and time.monotonic() < limit:
        time.sleep(0.02)
    return left


if __name__ == "__main__":
    for process in of_run(sys.argv[1]):
        print(process.pid, process.tag, process.argv)
