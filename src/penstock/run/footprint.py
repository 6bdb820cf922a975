"""How much memory a job's processes hold together, from /proc. It limits nothing: who asks decides what to do."""

from __future__ import annotations

import contextlib
import os
import re

from penstock.guest import shim

LOOK_S = 0.1  # how often; a process fills some hundred MiB meanwhile
_SHARE = re.compile(rb"^(?:Pss|SwapPss):\s+(\d+) kB", re.MULTILINE)


def used_bytes(root: int, limit_bytes: int) -> int:
    """What the descendants of `root` hold. Exact only where it may be over the limit.

    Pages that forked processes share count in each one's resident set, which is cheap to ask for; only where the sum
    is over the limit each process is asked for its share of them (`Pss`, proc_pid_smaps(5)), which takes milliseconds.
    """
    tree = _below(root)
    resident = sum(map(_resident_bytes, tree))
    if resident <= limit_bytes:
        return resident
    return sum(_share_bytes(pid) for pid in tree)


def _below(root: int) -> list[int]:
    """By the kernel's own lists of children; where it has none, by everybody's parent."""
    found = _children(root)
    if found is None:
        return [process.pid for process in shim.below(root, shim.processes())]
    for pid in found:  # grows while it is walked
        found.extend(_children(pid) or ())
    return found


def _children(pid: int) -> list[int] | None:
    found: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 - ten times a second, of every process
            with open(f"/proc/{pid}/task/{thread}/children", "rb") as stream:  # noqa: PTH123 - as above
                found += map(int, stream.read().split())
    except FileNotFoundError:
        return None if os.path.exists(f"/proc/{pid}") else []  # noqa: PTH110 - as above
    except OSError:  # it ended meanwhile
        return []
    return found


def _resident_bytes(pid: int) -> int:
    fields = shim.read_file(f"/proc/{pid}/statm").split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") if len(fields) > 1 else 0


def _share_bytes(pid: int) -> int:
    with contextlib.suppress(OSError):
        content = shim.read_file(f"/proc/{pid}/smaps_rollup")
        if content:
            return sum(int(match) * 1024 for match in _SHARE.findall(content))
    return _resident_bytes(pid)
