"""What a job's tools find in the tree of the base: kept apart, so that it can only excuse, and never be the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from penstock.model.events import Outcome
from penstock.model.plan import Command, Job
from penstock.model.records import Reading
from penstock.ports import Ended

BASE_REPORTS = "at-base"  # in a job's report folder (see `plan.upgraded`)
_REPORTS = f"{BASE_REPORTS}/"
_ANSWERED = frozenset({Outcome.PASSED, Outcome.FAILED})


def is_idle(command: Command, readings: Sequence[Reading]) -> bool:
    """Whether a command over the base has nothing to tell: no finding could be excused, or the tree is not there."""
    if not command.base:
        return False
    lacking = any(f"no_base:{command.tool}" in reading.notes for reading in readings)
    return lacking or not any(reading.findings for reading in readings)


def job_at_base(job: Job) -> Job:
    """The job as far as it is about the base."""
    return replace(job, commands=tuple(command for command in job.commands if command.base))


def reports_of(reports: Mapping[str, bytes], command: Command) -> Mapping[str, bytes]:
    """Those that a command may have written."""
    if not command.base:
        return {name: content for name, content in reports.items() if not name.startswith(_REPORTS)}
    return {name.removeprefix(_REPORTS): content for name, content in reports.items() if name.startswith(_REPORTS)}


def of_base(said: Reading, ended: Ended, command: Command, job: Job) -> Reading:
    """What the job keeps of a tool's answer over the base: its findings, or why there is none. It refuses nothing."""
    if ended.cause == "timeout":
        why = "the job's time was over before the base was looked at"
    elif ended.cause == "memory":
        why = "it needs more memory there than the job may have"
    elif said.outcome in _ANSWERED:
        found = {f"base:{command.tool}": command.base} if command.package else {}
        return Reading(outcome=Outcome.PASSED, before=said.findings, notes=found)
    else:
        why = said.problem or said.reason or f"it ended with exit code {ended.exit_code}"
    every = {each.tool for each in job.commands if each.base and each.package}
    tools = {command.tool} if command.package else every  # without the tree, none of them can look
    return Reading(outcome=Outcome.PASSED, notes={f"no_base:{tool}": why[:500] for tool in sorted(tools)})
