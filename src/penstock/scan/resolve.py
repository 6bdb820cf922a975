"""Dependency sets to resolutions: the lock honoured, versions chosen once for all interpreters, kept by their inputs.

A repeat costs file reads and no process. What cannot be resolved is a `Resolution` with a problem that names the one
requirement; only a stale lock stops the run.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from penstock.model.snapshot import DependencySet, Resolution, Snapshot
from penstock.ports import Processes
from penstock.scan import files, git, memory
from penstock.util import digest
from penstock.util.uv import FROM_PIP, INDEX_VARIABLES


def resolve(  # noqa: PLR0913 - what the world gives, each by its name: no two belong together
    snapshot: Snapshot,
    sets: tuple[DependencySet, ...],
    pythons: tuple[str, ...],
    *,
    state: Path,
    uv: str,
    processes: Processes,
    environ: Mapping[str, str],
    offline: bool,
    upgrade: bool,
) -> tuple[Resolution, ...]:
    """Versions for every set, in order. `pythons`: the wanted minors.

    Raises StaleLockError if the project's lock does not answer what it declares; OSError if `state` cannot be written.
    """
    asked = digest.of_parts((*pythons, msgspec.json.encode(sets).decode()))
    path = state / "resolutions" / f"of-{asked[:32]}.json"
    kept = memory.of(snapshot.root, snapshot.files, path, (asked, *inputs(snapshot, uv, environ)))
    known = None if upgrade else kept.recall(tuple[Resolution, ...])
    if known is not None:
        return known
    from penstock.scan.resolution.resolver import Resolver
    from penstock.util.uvrun import Uv

    program = Uv(program=uv, processes=processes, environ=environ, offline=offline, say=lambda _: None)
    resolver = Resolver(snapshot, pythons, state.absolute(), program, upgrade=upgrade)
    found = tuple(resolver.resolution(chosen) for chosen in sets)
    whole = all(one.problem is None and not one.unfetchable for one in found)
    if whole and files.unchanged(Path(snapshot.root), state, snapshot.files):
        kept.keep(found)
    return found


def inputs(snapshot: Snapshot, uv: str, environ: Mapping[str, str]) -> list[str]:
    """What a resolution may depend on beside the tree: the interpreters, uv and its indexes."""
    program = Path(uv).stat()
    indexes = [f"{name}={environ.get(name, '')}" for name in (*INDEX_VARIABLES, *(name for name, _ in FROM_PIP))]
    return [
        *(found.identity for found in snapshot.interpreters),
        f"{program.st_size} {program.st_mtime_ns}",
        *indexes,
    ]


def as_of_commit_date(
    snapshot: Snapshot,
    chosen: DependencySet,
    pythons: tuple[str, ...],
    *,
    state: Path,
    uv: str,
    processes: Processes,
    environ: Mapping[str, str],
    offline: bool,
) -> Resolution | None:
    """Guard G4, a second opinion: the versions that were the newest when the commit was made. Never turns a run green.

    None without a commit, and for a locked set, whose versions do not move.
    """
    if snapshot.git.commit is None or chosen.lock is not None:
        return None
    moment_s = git.commit_time_s(Path(snapshot.root), processes, environ)
    if moment_s is None:
        return None
    from penstock.scan.resolution.resolver import Resolver
    from penstock.util.uvrun import Uv

    program = Uv(program=uv, processes=processes, environ=environ, offline=offline, say=lambda _: None)
    resolver = Resolver(snapshot, pythons, state.absolute(), program, upgrade=False, newest=_iso(moment_s))
    return resolver.resolution(chosen)


def _iso(moment_s: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(moment_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
