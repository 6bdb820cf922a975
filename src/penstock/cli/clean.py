"""`penstock clean`: old runs, environments and cached results go; what a living run uses stays."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from penstock.cache.local import LocalCache
from penstock.cli.out import Out
from penstock.cli.surroundings import Surroundings, look
from penstock.errors import ExitCode
from penstock.run.folder import check_format, runs, take_lock

_DAY_S = 86_400.0
_MADE = ("envs", "wheels", "work", "layers", "tools", "bytecode", "resolutions", "metadata", "plans")


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("--all", action="store_true", help="everything: runs, results, environments, the folder itself")
    parser.add_argument("--environments", action="store_true", help="environments, wheels and workspaces, too")
    parser.add_argument("--keep-runs", type=int, default=20, metavar="N", help="runs to keep (default 20)")
    parser.add_argument("--max-age", type=float, default=30.0, metavar="DAYS", help="of cached results (default 30)")
    parser.add_argument("--max-size", type=float, default=2.0, metavar="GIB", help="of cached results (default 2)")


def main(options: argparse.Namespace, out: Out) -> int:
    """Remove, and say how much."""
    surroundings = look(out, directory=options.directory)
    check_format(surroundings.state)
    alive = [run for run in runs(surroundings.state) if _lives(run)]
    removed = _runs(surroundings.state, keep=0 if options.all else options.keep_runs)
    if (options.all or options.environments) and alive:
        out.say(f"kept the environments and results: the run {alive[0].name} is using them")
    elif options.all:
        shutil.rmtree(surroundings.state, ignore_errors=True)
    elif options.environments:
        for name in _MADE:
            shutil.rmtree(surroundings.state / name, ignore_errors=True)
    results = "" if options.all else _results(surroundings, options)
    out.say(f"removed {removed} runs{results}")
    return ExitCode.VERIFIED


def _results(surroundings: Surroundings, options: argparse.Namespace) -> str:
    pruned = LocalCache(surroundings.state / "cache").prune(
        max_bytes=int(options.max_size * (1 << 30)),
        max_age_s=options.max_age * _DAY_S,
        now_s=surroundings.clock.wall_s(),
    )
    return f" and {pruned.entries} cached results ({pruned.freed_bytes / (1 << 20):.0f} MiB)"


def _runs(state: Path, *, keep: int) -> int:
    old = [run for run in runs(state)[keep:] if not _lives(run)]
    for run in old:
        shutil.rmtree(run, ignore_errors=True)
    return len(old)


def _lives(run: Path) -> bool:
    """Whether a process holds the run's lock."""
    import os

    try:
        lock = take_lock(run / "lock")
    except OSError:
        return False
    if lock is None:
        return True
    os.close(lock)
    return False
