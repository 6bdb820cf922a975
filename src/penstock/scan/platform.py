"""This machine: what the process may really use, not what the hardware has."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from penstock.model.snapshot import Platform


def read(root: Path = Path("/")) -> Platform:
    """System, machine, CPUs and memory that this process may use.

    CPUs: the smaller of the scheduler's affinity and the cgroup's quota (rounded up: 1.5 CPUs keep two workers busy).
    Memory in bytes: the smaller of what is installed and the cgroup's limit. `root`: where /proc and /sys are found.
    """
    name = os.uname()
    groups = tuple(_groups(root))
    return Platform(
        system=name.sysname.lower(),
        machine=name.machine,
        cpus=cpus(root),
        memory_bytes=min(_installed(root), *(_memory_limit(folder) for folder in groups), 1 << 60),
    )


def cpus(root: Path = Path("/")) -> int:
    """The CPUs alone, as `read` tells them."""
    return max(1, min(_affinity(), *(_quota(folder) for folder in _groups(root)), 1 << 16))


def _affinity() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _groups(root: Path) -> Iterator[Path]:
    """Every control group folder that binds this process: its own and those above it, version 1 and 2."""
    mounts = root / "sys/fs/cgroup"
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if controllers == "":
            yield from _upwards(mounts, path)
        elif "cpu" in controllers.split(",") or controllers == "memory":
            for name in {controllers, *controllers.split(",")}:
                yield from _upwards(mounts / name, path)


def _upwards(mount: Path, path: str) -> Iterator[Path]:
    """`path` below the mount, then each parent, to the mount itself (which is all a container may see)."""
    parts = [part for part in path.split("/") if part not in ("", "..")]
    for length in range(len(parts), -1, -1):
        yield mount.joinpath(*parts[:length])


def _quota(folder: Path) -> int:
    quota, _, period = _text(folder / "cpu.max").strip().partition(" ")
    if not quota:
        quota, period = _text(folder / "cpu.cfs_quota_us").strip(), _text(folder / "cpu.cfs_period_us").strip()
    if quota.isdigit() and period.isdigit() and int(quota) > 0 and int(period) > 0:
        return -(-int(quota) // int(period))
    return 1 << 16


def _memory_limit(folder: Path) -> int:
    for name in ("memory.max", "memory.limit_in_bytes"):
        text = _text(folder / name).strip()
        if text.isdigit():
            return int(text)
    return 1 << 60


def _installed(root: Path) -> int:
    for line in _text(root / "proc/meminfo").splitlines():
        words = line.split()
        if words[:1] == ["MemTotal:"] and len(words) > 1 and words[1].isdigit():
            return int(words[1]) * 1024
    with contextlib.suppress(ValueError, OSError):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return 1 << 60


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
