"""Disks that are full or cannot be written, made from small file systems in memory; not verified where none can be."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def full_disk(folder: Path, room_bytes: int) -> Iterator[Path]:
    """A folder that takes `room_bytes` and then no more."""
    folder.mkdir(exist_ok=True)
    if _run("mount", "-t", "tmpfs", "-o", f"size={room_bytes}", "penstock-test", str(folder)) != 0:
        pytest.skip("not verified: no file system can be mounted here")
    try:
        yield folder
    finally:
        _run("umount", "-l", str(folder))


@contextmanager
def read_only(folder: Path) -> Iterator[Path]:
    """An existing folder, with what it holds, that cannot be written meanwhile, not even by root."""
    if _run("mount", "--bind", str(folder), str(folder)) != 0:
        pytest.skip("not verified: no file system can be mounted here")
    try:
        if _run("mount", "-o", "remount,bind,ro", str(folder)) != 0:
            pytest.skip("not verified: no mount can be made read-only here")
        yield folder
    finally:
        _run("umount", "-l", str(folder))


def _run(*argv: str) -> int:
    try:
        return subprocess.run(argv, check=False, capture_output=True).returncode
    except FileNotFoundError:
        return 127
