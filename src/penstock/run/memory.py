"""Whether the kernel killed for want of memory: its counters, read before and after a job."""

from __future__ import annotations

from pathlib import Path

_GROUPS = Path("/proc/self/cgroup")
_MOUNT = Path("/sys/fs/cgroup")
_MACHINE = Path("/proc/vmstat")


def kills() -> int:
    """How many processes the kernel has killed for memory so far; only differences mean anything.

    Our own control group's counter where it can be read (the limit of a container or a CI runner), else the machine's.
    Zero where neither exists. A job that moves itself into another group escapes the first.
    """
    for path in _counters():
        try:
            words = path.read_text(encoding="ascii").split()
        except (OSError, ValueError):
            continue
        if "oom_kill" in words:
            return int(words[words.index("oom_kill") + 1])
    return 0


def _counters() -> list[Path]:
    """Version 2 (`0::/path`), version 1 (`4:memory:/path`); as seen in a container, whose own group is the mount."""
    found = []
    try:
        lines = _GROUPS.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        lines = []
    for line in lines:
        _, _, rest = line.partition(":")
        controllers, _, group = rest.partition(":")
        name = group.lstrip("/")
        if not controllers:
            found += [_MOUNT / name / "memory.events", _MOUNT / "memory.events"]
        elif "memory" in controllers.split(","):
            found += [_MOUNT / "memory" / name / "memory.oom_control", _MOUNT / "memory" / "memory.oom_control"]
    return [*found, _MACHINE]
