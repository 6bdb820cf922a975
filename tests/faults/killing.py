"""The kill test: penstock is killed with SIGKILL at seeded moments, and nothing it acknowledged may be lost.

    python -m tests.faults.killing --count 200 --seed 1 [--keep FOLDER]

Oracle: the tests of `tests/projects/kill` write their ids, after penstock has recorded them, to a file that penstock
does not know. After each kill: every id of that file has its line in the run's evidence; after the next start no
process of the killed run lives and no lock is stale; and the next run's verdict is that of an undisturbed run.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from penstock.model.events import JobStarted, PreparationFinished, RunFinished, RunStarted, TestPhaseFinished
from penstock.util.eventlog import decode_lines

PROJECT = Path(__file__).parents[1] / "projects" / "kill"


class Kill(NamedTuple):
    """One kill: when, in which phase it hit, and what the oracles found wrong."""

    after_s: float
    phase: str
    wrong: tuple[str, ...]


def start(tree: Path, truth: Path, *, fresh: bool) -> subprocess.Popen[bytes]:
    """penstock run, in a session of its own, so that only it is killed."""
    argv = [sys.executable, "-m", "penstock", "run", "-q", "-C", str(tree), "--json", str(tree.parent / "verdict.json")]
    return subprocess.Popen(
        argv + (["--all"] if fresh else []),
        env=os.environ | {"KILN_TRUTH": str(truth)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def verdict(tree: Path) -> tuple[object, ...]:
    """What must be equal after a disturbed and an undisturbed past: conclusion, exit code, outcomes, test counts."""
    told = json.loads((tree.parent / "verdict.json").read_text())
    jobs = tuple(sorted((job["id"], job["outcome"], job["measures"].get("passed")) for job in told["jobs"]))
    return told["conclusion"], told["exit_code"], jobs


def phase_of(run: Path | None) -> str:
    """How far the killed run had come, by its log."""
    if run is None:
        return "planning"
    events = [event for log in run.rglob("*.jsonl") for event in decode_lines(log.read_bytes()).events]
    kinds = {type(event) for event in events}
    for kind, name in (
        (RunFinished, "reports"),
        (TestPhaseFinished, "tests"),
        (JobStarted, "collection"),
        (PreparationFinished, "environments"),
        (RunStarted, "environments"),
    ):
        if kind in kinds:
            return name
    return "planning"


def recorded(run: Path | None) -> Counter[str]:
    """Tests whose teardown is in the run's evidence."""
    seen: Counter[str] = Counter()
    for log in [] if run is None else run.rglob("tests*.jsonl"):
        for event in decode_lines(log.read_bytes()).events:
            if isinstance(event, TestPhaseFinished) and event.phase == "teardown":
                seen[event.id] += 1
    return seen


def runs(tree: Path) -> set[Path]:
    """The run folders there are."""
    return set((tree / ".penstock" / "runs").glob("*-*")) if (tree / ".penstock" / "runs").exists() else set()


def tagged(tree: Path, run: Path) -> list[str]:
    """Processes that carry the run's tag."""
    del tree
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if run.name.encode() in (entry / "environ").read_bytes():
                    found.append(f"{entry.name} {(entry / 'cmdline').read_bytes()!r}")
            except OSError:
                continue
    return found


def kill_once(tree: Path, after_s: float, *, fresh: bool, undisturbed: tuple[object, ...]) -> Kill:
    """Kill a run `after_s` seconds after its start, then hold what is left against the oracles."""
    truth = tree.parent / "truth"
    truth.unlink(missing_ok=True)
    before = runs(tree)
    process = start(tree, truth, fresh=fresh)
    time.sleep(after_s)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    new = runs(tree) - before
    run = max(new) if new else None
    phase = phase_of(run)
    time.sleep(0.05)  # a guest that is dying may still be between our line and the witness's
    known = recorded(run)
    witnessed = Counter(truth.read_text().split("\n")[:-1]) if truth.exists() else Counter()
    wrong = [f"lost: {test}" for test in (witnessed - known)]
    truth.unlink(missing_ok=True)
    try:
        code = start(tree, truth, fresh=False).wait(timeout=120)
    except subprocess.TimeoutExpired:
        return Kill(after_s, phase, (*wrong, "the next run hangs: a stale lock?"))
    if run is not None:
        wrong += [f"alive after the next start: {process}" for process in tagged(tree, run)]
    if verdict(tree) != undisturbed or code != undisturbed[1]:
        wrong.append(f"another verdict: {verdict(tree)} instead of {undisturbed}")
    return Kill(after_s, phase, tuple(wrong))


def campaign(count: int, seed: int, folder: Path) -> list[Kill]:
    """`count` kills, spread evenly over the time that an undisturbed run takes; each third begins with no state."""
    tree = folder / "kill"
    shutil.copytree(PROJECT, tree)
    started = time.monotonic()
    start(tree, folder / "truth", fresh=True).wait()
    cold_s = time.monotonic() - started
    undisturbed = verdict(tree)
    started = time.monotonic()
    start(tree, folder / "truth", fresh=True).wait()
    warm_s = time.monotonic() - started
    rng = random.Random(seed)
    kills = []
    for turn in range(count):
        cold = turn % 3 == 0
        if cold:
            shutil.rmtree(tree / ".penstock", ignore_errors=True)
        after_s = rng.uniform(0, 1.05 * (cold_s if cold else warm_s))
        kills.append(kill_once(tree, after_s, fresh=True, undisturbed=undisturbed))
        if (turn + 1) % 10 == 0:
            bad = sum(1 for kill in kills if kill.wrong)
            print(f"{turn + 1} of {count} kills, {bad} with something wrong", file=sys.stderr, flush=True)
    return kills


def main() -> int:
    """Print the table of kills by phase, and what was wrong."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--count", type=int, default=200)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--keep", type=Path)
    chosen = options.parse_args()
    folder = chosen.keep or Path(tempfile.mkdtemp(prefix="penstock-kill-"))
    folder.mkdir(parents=True, exist_ok=True)
    kills = campaign(chosen.count, chosen.seed, folder)
    for phase, number in Counter(kill.phase for kill in kills).most_common():
        bad = sum(1 for kill in kills if kill.phase == phase and kill.wrong)
        print(f"{phase:14} {number:4} kills, {bad} with something wrong")
    for kill in kills:
        for wrong in kill.wrong:
            print(f"  {kill.phase} after {kill.after_s:.2f} s: {wrong}")
    return 1 if any(kill.wrong for kill in kills) else 0


if __name__ == "__main__":
    sys.exit(main())
