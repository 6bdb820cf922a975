"""One command, measured as a whole: wall, the CPU time of its tree, and on request the tree's peak memory.

    python -I measured.py RESULT.json {time|memory} COMMAND…

This process is a subreaper: what the command leaves behind is waited for and counted, too. Memory is the largest sum of
the tree's proportional set sizes (a page that forked processes share counts once), looked at every 50 ms; looking costs
the processes time, so a run is either timed or looked at.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

_SUBREAPER = 36
_EVERY_S = 0.05


def main() -> None:
    """Run, and write what was measured."""
    result, way, *argv = sys.argv[1:]
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    started_s = time.monotonic()
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL)
    peak = _watched(process) if way == "memory" else 0
    exit_code = process.wait()
    wall_s = time.monotonic() - started_s
    _reap()
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = {
        "exit_code": exit_code,
        "started_s": started_s,
        "wall_s": wall_s,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "peak_bytes": peak,
    }
    Path(result).write_text(json.dumps(told))


def _reap() -> None:
    """Wait for what was left behind; it gets ten seconds."""
    until_s = time.monotonic() + 10
    while time.monotonic() < until_s:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            time.sleep(0.02)


def _watched(process: subprocess.Popen[bytes]) -> int:
    """The largest memory of the tree while the process lives."""
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(map(_pss, _tree(os.getpid()))))
        time.sleep(_EVERY_S)
    return peak


def _tree(root: int) -> list[int]:
    """The descendants of a process."""
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_bytes().rpartition(b")")[2].split()[1])
        except OSError:
            continue
        parents.setdefault(parent, []).append(int(folder.name))
    found, front = [], [root]
    while front:
        front = [child for one in front for child in parents.get(one, ())]
        found += front
    return found


def _pss(pid: int) -> int:
    """A process's proportional set size in bytes; 0 for one that is gone."""
    try:
        text = Path("/proc", str(pid), "smaps_rollup").read_text()
    except OSError:
        return 0
    found = re.search(r"^Pss: +(\d+) kB", text, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


if __name__ == "__main__":
    main()
