"""`penstock clean`: old runs, environments and cached results go; what a living run uses stays.

The folders that jobs declare as `caches` are pruned as far as a cap or an age is declared of them.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from penstock.cache import folders
from penstock.cache.local import LocalCache
from penstock.cli.out import Out
from penstock.cli.surroundings import Surroundings, look
from penstock.errors import ConfigurationError, ExitCode, Problem
from penstock.load import file as configuration
from penstock.model.pipeline import CacheFolder, Pipeline
from penstock.report import sanitize
from penstock.run.folder import check_format, runs, take_lock
from penstock.util import tree
from penstock.util.plural import plural
from penstock.util.sizes import spoken

_DAY_S = 86_400.0
_MOST = 1e6  # days or GiB: more than there are
_MADE = ("envs", "wheels", "work", "layers", "tools", "resolutions", "metadata", "plans")


class _Prunable(NamedTuple):
    """A declared cache folder with a limit. `place`: resolved and absolute."""

    declared: CacheFolder
    place: Path


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("--all", action="store_true", help="everything: runs, results, environments, the folder itself")
    parser.add_argument("--environments", action="store_true", help="environments, wheels and workspaces, too")
    parser.add_argument("--dry-run", action="store_true", help="only list what would go")
    parser.add_argument("--keep-runs", type=_count, default=20, metavar="N", help="runs to keep (default 20)")
    parser.add_argument("--max-age", type=_amount, default=30.0, metavar="DAYS", help="of cached results (default 30)")
    parser.add_argument("--max-size", type=_amount, default=2.0, metavar="GIB", help="of cached results (default 2)")


def _count(text: str) -> int:
    """A whole number of the command line. Raises ValueError, which argparse tells."""
    if not text.isdecimal():
        raise ValueError(text)
    return int(text)


def _amount(text: str) -> float:
    """A number of the command line that is neither negative nor endless. Raises ValueError, which argparse tells."""
    if not 0 <= (number := float(text)) < _MOST:
        raise ValueError(text)
    return number


def main(options: argparse.Namespace, out: Out) -> int:
    """Remove, and say how much. Raises ConfigurationError for a cache folder that must not be pruned."""
    surroundings = look(out, directory=options.directory)
    check_format(surroundings.state)
    prunable = _prunable(configuration.read(surroundings.root), surroundings)
    for line in (*_state(surroundings, options), *_caches(surroundings, prunable, dry=options.dry_run)):
        out.say(sanitize.line(line))
    return ExitCode.VERIFIED


def _state(surroundings: Surroundings, options: argparse.Namespace) -> Iterator[str]:
    """Runs, environments and results, a line each for what went."""
    state, dry = surroundings.state, options.dry_run
    known = runs(state)
    alive = {run for run in known if _lives(run)}
    old = [run for run in known[0 if options.all else max(options.keep_runs, 0) :] if run not in alive]
    if dry:
        yield from (f"would remove {run} ({spoken(_size(run))})" for run in old)
    yield f"{_verb(dry)} {plural(len(old), 'run')} ({spoken(_discard(old, dry=dry))})"
    if options.all or options.environments:
        if alive:
            yield f"kept the environments and results: the run {min(alive).name} is using them"
        else:
            yield from _made([state] if options.all else [state / name for name in _MADE], dry=dry)
    if not options.all:
        yield _results(surroundings, options)


def _made(places: Iterable[Path], *, dry: bool) -> Iterator[str]:
    for place in places:
        if place.exists():
            yield f"{_verb(dry)} {place} ({spoken(_discard([place], dry=dry))})"


def _results(surroundings: Surroundings, options: argparse.Namespace) -> str:
    pruned = LocalCache(surroundings.state / "cache").prune(
        max_bytes=int(options.max_size * (1 << 30)),
        max_age_s=options.max_age * _DAY_S,
        now_s=surroundings.clock.wall_s(),
        dry=options.dry_run,
    )
    left = f"{spoken(pruned.left_bytes)} are left"
    return f"{_verb(options.dry_run)} {plural(pruned.entries, 'cached result')} ({spoken(pruned.freed_bytes)}); {left}"


def _caches(surroundings: Surroundings, prunable: Iterable[_Prunable], *, dry: bool) -> Iterator[str]:
    for declared, place in prunable:
        pruned = folders.prune(
            place,
            max_bytes=declared.max_bytes,
            max_age_s=declared.max_age_s,
            now_s=surroundings.clock.wall_s(),
            dry=dry,
        )
        if dry:
            yield from (f"would remove {place / name} ({spoken(size)})" for name, size in pruned.removed)
        what = f"{plural(len(pruned.removed), 'file')} of {declared.path} ({spoken(pruned.freed_bytes)})"
        yield f"{_verb(dry)} {what}; {spoken(pruned.left_bytes)} are left"


def _prunable(pipeline: Pipeline, surroundings: Surroundings) -> list[_Prunable]:
    """The folders that are declared with a limit, each once a declaration. Raises ConfigurationError."""
    found: dict[_Prunable, None] = {}
    problems = []
    home = Path(surroundings.environ.get("HOME") or "~").expanduser()
    for job in pipeline.jobs or ():
        for declared in job.caches:
            place = _place(declared.path, surroundings.root, home)
            if declared.max_bytes is None and declared.max_age_s is None:
                continue
            if held := _held(place, (home.resolve(), surroundings.root, surroundings.state)):
                problems.append(
                    Problem(
                        code="C306",
                        message=f"the cache `{declared.path}` of `{job.name}` holds {held}",
                        place=job.place,
                        remedy="name the folder that holds the cache alone",
                    )
                )
            found[_Prunable(declared, place)] = None
    if problems:
        raise ConfigurationError(tuple(problems))
    return list(found)


def _place(path: str, root: Path, home: Path) -> Path:
    """Where a declared folder is; links on the way to it are the user's own choice."""
    return (home / path[2:] if path.startswith("~/") else root / path).resolve()


def _held(place: Path, precious: Iterable[Path]) -> Path | None:
    """What of `precious` the folder holds, or is."""
    return next((one for one in precious if one.is_relative_to(place)), None)


def _discard(places: Iterable[Path], *, dry: bool) -> int:
    """Remove; gives the bytes."""
    freed_bytes = 0
    for place in places:
        freed_bytes += _size(place)
        if not dry:
            tree.discard(place)
    return freed_bytes


def _size(place: Path) -> int:
    """Bytes of all files in a folder, links not followed."""
    total = 0
    for folder, _, names in os.walk(place):
        for name in names:
            try:
                total += os.lstat(os.path.join(folder, name)).st_size  # noqa: PTH118 - a string, for every file
            except OSError:
                continue
    return total


def _verb(dry: bool) -> str:  # noqa: FBT001 - the one thing that it is about
    return "would remove" if dry else "removed"


def _lives(run: Path) -> bool:
    """Whether a process holds the run's lock."""
    try:
        lock = take_lock(run / "lock")
    except OSError:
        return False
    if lock is None:
        return True
    os.close(lock)
    return False
