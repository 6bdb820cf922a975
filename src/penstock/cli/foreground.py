"""pytest in the foreground: for a debugger, and for options that run no test. The terminal is its own, nothing is kept.

What it tells of its tests is read all the same, from a file that goes with it: an exit code of 0 rests on evidence
here, too.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import penstock
from penstock.cli import signals, words
from penstock.cli.surroundings import Surroundings
from penstock.errors import ExitCode
from penstock.model.events import Outcome
from penstock.model.plan import GUEST, REPORTS, Job
from penstock.ports import Ended
from penstock.run.attempt import read_reports
from penstock.tools import TOOLS
from penstock.tools.guests import ENGINE
from penstock.util.process import foreground

_USAGE = 4  # of pytest's exit codes
_CODES = {Outcome.PASSED: ExitCode.VERIFIED, Outcome.FAILED: ExitCode.GATE_FAILED}


def run(surroundings: Surroundings, job: Job, asked: Sequence[str], directory: Path) -> int:
    """Run the job's pytest to its end, and give our exit code for it. `asked`: the words for it."""
    with (
        tempfile.TemporaryDirectory(prefix="penstock-", ignore_cleanup_errors=True) as place,
        signals.left_to_others() as interrupts,
    ):
        environment = {**surroundings.environ, **_variables(job, place)}
        code = foreground(job.commands[0].argv, directory=str(directory), environment=environment)
        if interrupts():
            return ExitCode.INTERRUPTED
        if code == _USAGE:
            return ExitCode.USAGE
        if words.ask(asked):
            return ExitCode.VERIFIED if code == 0 else ExitCode.NOT_VERIFIED
        return _judged(job, code, Path(place))


def _variables(job: Job, place: str) -> dict[str, str]:
    """What the job adds to the environment, but for the engine: it is one process."""
    guest = str(Path(penstock.__file__).parent / "guest")
    return {
        name: text.replace(GUEST, guest).replace(REPORTS, place)
        for name, text in job.commands[0].environment
        if name != ENGINE
    }


def _judged(job: Job, code: int, reports: Path) -> ExitCode:
    ended = Ended(
        task=job.id,
        exit_code=code if code >= 0 else None,
        signal=-code if code < 0 else None,
        cause="",
        duration_s=0.0,
        cpu_s=0.0,
        memory_bytes=0,
    )
    reading = TOOLS["pytest"].read(ended, read_reports(reports), job)
    return _CODES.get(reading.outcome, ExitCode.NOT_VERIFIED)
