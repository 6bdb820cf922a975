"""Where the state of a project is kept: in `.penstock/`, or, where that cannot be written, in a place of the user's."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from penstock.run.folder import LEAST_FREE_BYTES
from penstock.util import digest


def of(root: Path, environ: Mapping[str, str]) -> tuple[Path, str | None]:
    """The state folder of the project in `root`, and what the user has to be told of it.

    A checkout that is read-only, or whose disk is full, gets one below the user's caches, the same each time, so that
    what is kept there is found again; else a temporary one. Without any place, `.penstock/` is given, and whoever
    writes says why he cannot.
    """
    state = root / ".penstock"
    reason = _unfit(state if state.exists() else root)
    if reason is None:
        return state, None
    elsewhere = _below_caches(root, environ) or _temporary()
    if elsewhere is None:
        return state, None
    return elsewhere, f"{state} cannot be written ({reason}): this run is kept in {elsewhere}"


def _below_caches(root: Path, environ: Mapping[str, str]) -> Path | None:
    home = environ.get("XDG_CACHE_HOME") or (f"{environ['HOME']}/.cache" if environ.get("HOME") else "")
    place = Path(home) / "penstock" / digest.of_text(str(root))[:16]
    if not place.is_absolute():
        return None
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return None
    return None if _unfit(place) else place


def _temporary() -> Path | None:
    import tempfile

    try:
        place = Path(tempfile.mkdtemp(prefix="penstock-"))
    except OSError:
        return None
    return None if _unfit(place) else place


def _unfit(folder: Path) -> str | None:
    """Why nothing can be written into `folder`; None if it seems that it can be. Costs two calls, writes nothing."""
    if not hasattr(os, "statvfs"):
        return None
    try:
        disk = os.statvfs(folder)
    except OSError as error:
        return error.strerror or str(error)
    if disk.f_flag & os.ST_RDONLY:
        return "read-only file system"
    if not os.access(folder, os.W_OK | os.X_OK):
        return "permission denied"
    return "less than 16 MiB are free" if disk.f_bavail * disk.f_frsize < LEAST_FREE_BYTES else None
