"""Records judged, and what lies in a run's folder read again: the end of every command that runs jobs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import msgspec

from penstock.cli.surroundings import Surroundings
from penstock.judge import ratchet
from penstock.judge.checks import CHECKS
from penstock.judge.checks.quarantine import STEADY_RUNS, passing
from penstock.judge.decide import decide
from penstock.model.change import Facts
from penstock.model.plan import Plan
from penstock.model.records import Reading, Records
from penstock.model.verdict import Evidence
from penstock.record import failures
from penstock.report.grounds import Grounds
from penstock.report.story import Story
from penstock.run.results import READING

_TAIL_BYTES = 16 << 10


class Folders(Protocol):
    """Where the files of jobs are."""

    def job(self, job: str) -> Path:
        """The job's folder."""
        ...


_NO_FACTS = Facts()


def judge(
    surroundings: Surroundings,
    plan: Plan,
    records: Records,
    folder: Folders,
    interrupted: str,
    facts: Facts = _NO_FACTS,
) -> Story:
    """The verdict, with all that a report tells of it."""
    now_s = surroundings.clock.wall_s()
    today = datetime.fromtimestamp(now_s, UTC).date().isoformat()
    evidence = Evidence(
        plan=plan,
        records=records,
        today=today,
        interrupted=interrupted,
        passed_before=_passed_before(surroundings.state, plan, records),
        facts=facts,
    )
    verdict = decide(evidence, CHECKS)
    numbered = failures.number(records)
    failed = {failure.job for failure in numbered}
    logs = {job: folder.job(job) / "output.log" for job in failed}
    return Story(
        plan=plan,
        records=records,
        verdict=verdict,
        failures=numbered,
        logs={job: _relative(path, surroundings.root) for job, path in logs.items() if path.exists()},
        tails={job: _tail(path) for job, path in logs.items() if path.exists()},
        now_s=now_s,
        known=ratchet.known(evidence),
        told=surroundings.out.together,
        grounds=_grounds(surroundings.root, plan, records) if failed else Grounds(),
    )


def _grounds(root: Path, plan: Plan, records: Records) -> Grounds:
    from penstock.cli import grounds

    return grounds.of(root, plan, records) or Grounds()


def _passed_before(state: Path, plan: Plan, records: Records) -> Mapping[str, int]:
    """For how many runs the tests in quarantine have passed; the history is looked at only where they do now."""
    tests = passing(plan, records)
    if not tests:
        return {}
    from penstock.cli import steady

    return steady.passed_before(state, tests, enough=STEADY_RUNS - 1)


def reading_of(folder: Path) -> Reading | None:
    """The reading that lies in a job's folder, or None."""
    try:
        return msgspec.json.decode((folder / READING).read_bytes(), type=Reading)
    except (OSError, msgspec.MsgspecError):
        return None


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _tail(path: Path) -> str:
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        return stream.read().decode(errors="replace")
