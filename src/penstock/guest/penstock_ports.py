"""Ports of this machine: free ones, and whose those are that are not. Standard library, Python >= 3.9."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from penstock.guest.shim import below, processes, read_file
else:
    from shim import below, processes, read_file

_LISTENING = "0A"  # the state in /proc/net/tcp
_TABLES = ("/proc/net/tcp", "/proc/net/tcp6")


def free(host: str) -> int:
    """A port that nobody listens at now. Somebody may take it at once."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there. What is left of ended connections does not count, as it does not for most
    servers (SO_REUSEADDR); a listener counts, also one that shares its port (SO_REUSEPORT).
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def belongs(port: int, root: int) -> bool:
    """Whether what listens at the port is the process `root`, or below it. True where nobody can tell."""
    wanted = set(_sockets(port))
    if not wanted:
        return True
    family = [root, *(process.pid for process in below(root, processes()))]
    seen = [_holds(pid, wanted) for pid in family]
    return True in seen or None in seen


def holder(port: int) -> str:
    """What listens at the port, as `name (process 17)`; "" where nobody can tell."""
    wanted = set(_sockets(port))
    for name in os.listdir("/proc") if wanted else ():
        if name.isdigit() and _holds(int(name), wanted):
            line = read_file("/proc/" + name + "/cmdline").rstrip(b"\0").replace(b"\0", b" ").decode("utf-8", "replace")
            return f"{line[:80]} (process {name})"
    return ""


def _sockets(port: int) -> Iterator[str]:
    """The inodes of the sockets that listen at a port; none where there is no /proc."""
    for table in _TABLES:
        for line in read_file(table).decode("ascii", "replace").splitlines()[1:]:
            fields = line.split()
            if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                yield fields[9]


def _holds(pid: int, wanted: set[str]) -> bool | None:
    """Whether the process has one of the sockets open; None where that may not be seen."""
    folder = f"/proc/{pid}/fd"
    try:
        names = os.listdir(folder)
    except PermissionError:
        return None
    except OSError:
        return False
    for name in names:
        try:
            target = os.readlink(f"{folder}/{name}")
        except PermissionError:
            return None
        except OSError:
            continue
        if target.startswith("socket:[") and target[8:-1] in wanted:
            return True
    return False
