"""What the last runs left behind when they were killed: processes are ended and named, half-made files removed."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

from penstock.ports import Clock
from penstock.run.folder import run_ids, take_lock
from penstock.value import Value

# What `util.atomic` writes before it renames: `.<name>.<8 characters>`.
_HALF_MADE = re.compile(r"\..+\.[a-z0-9_]{8}")
_FORGOTTEN_S = 3600.0  # in folders that living runs share, only what is older than this was surely left behind


class Recovery(Value, frozen=True, kw_only=True):
    """What was put in order. `killed`: ids of runs that never ended; `ended`: argv of their processes that lived."""

    killed: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()  # half-made files, relative to the state folder


def recover(state: Path, clock: Clock) -> Recovery:
    """Put `state` in order. Call before a run starts; safe beside runs that live, and beside another recovery.

    Costs one listing where every run has ended. Removes only what it knows; the events and reports of a killed run
    stay, for its verdict is still to be told.
    """
    locks = _free_locks(state)
    try:
        killed = {path.name for path in locks}
        ended: tuple[str, ...] = ()
        if killed:
            from penstock.run import orphans

            ended = orphans.end((orphans.tagged(lambda tag: tag.partition("/")[0] in killed),), clock)
        removed = [name for path in locks for name in _half_made(path, older_than_s=None)]
        removed += _half_made(state, older_than_s=clock.wall_s() - _FORGOTTEN_S)
        removed += _half_made(state / "resolutions", older_than_s=clock.wall_s() - _FORGOTTEN_S)
        gone = [path for path in removed if _unlink(path)]
        if not any("still lives" in name for name in ended):
            for path in locks:
                _unlink(path / "lock")
    finally:
        for lock in locks.values():
            os.close(lock)
    return Recovery(
        killed=tuple(sorted(killed)), ended=ended, removed=tuple(str(path.relative_to(state)) for path in gone)
    )


def _free_locks(state: Path) -> dict[Path, int]:
    """The folders of killed runs, each with its lock, now ours."""
    found = {}
    folder = f"{state}/runs"
    for path in [Path(folder, run) for run in run_ids(state) if os.path.lexists(f"{folder}/{run}/lock")]:
        with contextlib.suppress(OSError):  # it ended just now, or another start puts it in order
            lock = take_lock(path / "lock")
            if lock is not None:
                found[path] = lock
    return found


def _half_made(folder: Path, *, older_than_s: float | None) -> list[Path]:
    """Temporary files: of a killed run anywhere below it, elsewhere those directly in `folder` that are old."""
    paths = folder.rglob(".*") if older_than_s is None else folder.glob(".*")
    found = []
    for path in paths:
        with contextlib.suppress(OSError):
            known = _HALF_MADE.fullmatch(path.name) and path.is_file() and not path.is_symlink()
            if known and (older_than_s is None or path.stat().st_mtime < older_than_s):
                found.append(path)
    return found


def _unlink(path: Path) -> bool:
    try:
        path.unlink()
    except OSError:
        return False
    return True
