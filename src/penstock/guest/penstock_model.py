"""Has a model loaded and asked in a fresh process, and watches that process (stdlib only, Python >= 3.9, a script).

    python penstock_model.py REPORT OPTIONS

OPTIONS is JSON, by the keys of the job's `model` table. REPORT gets what `penstock.tools.special` reads. The model runs
in `penstock_infer`, or in the user's own command; a process that dies there is a no, and not a missing answer.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from penstock.guest.penstock_infer import SPOKEN
    from penstock.guest.penstock_percentiles import told
    from penstock.guest.penstock_served import how
    from penstock.guest.shim import below, processes, read_file
else:
    from penstock_infer import SPOKEN
    from penstock_percentiles import told
    from penstock_served import how
    from shim import below, processes, read_file

BESIDE = 1  # runs beyond a percentile
_SAMPLE_S = 0.1  # between two looks at the memory
_SHARE = 20  # a look may take one part in so many of the time
_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes in a unit of ru_maxrss


class Watched:
    """How a process ended, seconds that it took, and the most memory that its tree held, in bytes."""

    def __init__(self, argv: list[str]) -> None:
        """Run it to its end. Raises OSError if it cannot be started."""
        begun = time.perf_counter()
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL)
        peak, pause_s = 0, 0.01
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            looked = time.perf_counter()
            peak = max(peak, held(process.pid))
            pause_s = min(max(2 * pause_s, _SHARE * (time.perf_counter() - looked)), max(_SAMPLE_S, pause_s))
            time.sleep(pause_s)
        self.seconds = time.perf_counter() - begun
        self.code = os.waitstatus_to_exitcode(status)
        process.returncode = self.code  # it has been waited for
        self.memory = max(peak, usage.ru_maxrss * _UNIT)


def held(root: int) -> int:
    """Bytes of memory that a process and all below it hold; what several of them share counts once."""
    pids = [root, *(process.pid for process in below(root, processes()))]
    return sum(_of(pid, shared=len(pids) > 1) for pid in pids)


def _of(pid: int, *, shared: bool) -> int:
    if shared:
        for line in read_file(f"/proc/{pid}/smaps_rollup").splitlines():
            if line.startswith(b"Pss:"):
                return int(line.split()[1]) * 1024
    fields = read_file(f"/proc/{pid}/statm").split()
    return int(fields[1]) * os.sysconf("SC_PAGESIZE") if len(fields) > 1 else 0


def of_command(argv: list[str]) -> dict[str, Any]:
    """A command that loads the model and asks it: what goes into the report."""
    try:
        seen = Watched(argv)
    except OSError as error:
        return {
            "problem": f"{argv[0]} could not be started: {error.strerror}",
            "remedy": "does one of the job's requirements bring it?",
        }
    if seen.code:
        return {"failed": f"the command {how(seen.code)}"}
    measures = {"time": seen.seconds, "memory": float(seen.memory)}
    return {"measures": measures, "notes": {"summary": said(measures)}}


def of_model(options: str, lines: str) -> dict[str, Any]:
    """A model that is loaded in Python. `lines`: a file for what the process tells."""
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "penstock_infer.py")
    seen = Watched([sys.executable, script, options, lines])
    heard = heard_of(lines)
    for key in ("failed", "problem"):
        if key in heard:
            return {key: heard[key], **({"remedy": heard["remedy"]} if "remedy" in heard else {})}
    if "times" not in heard or seen.code:
        during = next((name for phase, name in SPOKEN.items() if phase not in heard), "inferences")
        return {"failed": f"the process {how(seen.code)} during the {during}"}
    measures, absent = told(heard["times"], ("p50", "p95"), beside=BESIDE, noun="runs")
    measures.update(time=seen.seconds, memory=float(seen.memory), runs=float(len(heard["times"])))
    for phase, name in (("import", "import_time"), ("load", "load_time"), ("first", "first")):
        measures[name], measures[f"memory_{phase}"] = heard[phase]
    notes = {f"absent:{key}": why for key, why in absent.items()}
    notes.update(heard.get("notes", {}), summary=said(measures, heard.get("notes", {}).get("output", "")))
    return {"measures": measures, "notes": notes}


def heard_of(lines: str) -> dict[str, Any]:
    """What the process told, in one table. A last line that was cut is none."""
    heard: dict[str, Any] = {}
    for line in read_file(lines).splitlines():
        try:
            heard.update(json.loads(line))
        except ValueError:
            break
    return heard


def said(measures: dict[str, float], besides: str = "") -> str:
    """The job's line."""
    parts = [f"{name} {spelled(measures[key])}" for key, name in _NAMES if key in measures]
    return ", ".join([*parts, f"{measures['memory'] / (1 << 20):.4g} MiB", *([besides] if besides else [])])


_NAMES = (("load_time", "load"), ("p50", "p50"), ("p95", "p95"), ("time", "in all"))


def spelled(seconds: float) -> str:
    """`480 ms`, `1.5 s`."""
    return f"{seconds:.3g} s" if seconds >= 1 else f"{1000 * seconds:.3g} ms"


def main(report: str, options: str) -> int:
    """Write the report."""
    asked = json.loads(options)
    if "command" in asked:
        told_of = of_command(asked["command"])
    else:
        told_of = of_model(options, os.path.join(os.path.dirname(report), "model.jsonl"))
    with open(report, "w", encoding="utf-8") as stream:
        json.dump(told_of, stream)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
