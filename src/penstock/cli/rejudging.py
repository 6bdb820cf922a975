"""Runs that are over, judged again: from the evidence of one or many runners.

It runs no job but one: what the tests of several runners measured is merged here, where no run has merged it.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from penstock.cli import evidence, facts, judging, measuring
from penstock.cli.surroundings import Surroundings
from penstock.errors import UsageError
from penstock.model.events import Outcome
from penstock.model.hosts import HOST_JOBS, HOST_REQUIRED
from penstock.model.plan import Job, Plan, Scope
from penstock.model.records import Records
from penstock.record.merge import merge, whole_of
from penstock.report.story import Story
from penstock.run.folder import check_format, safe_name

LEFT = "what runners left: run folders, or folders that hold some; else the last run here"


def arguments(parser: argparse.ArgumentParser, words: str = LEFT) -> None:
    """The argument by which commands say which runs are meant. `words`: its help."""
    parser.add_argument(
        "--from",
        dest="sources",
        action="extend",
        nargs="+",
        type=Path,
        metavar="DIR",
        help=words,
    )


def judged(
    surroundings: Surroundings,
    given: Sequence[Path] | None,
    *,
    select: Sequence[str] = (),
    cached: bool = False,
    plan: Path | None = None,
) -> Story:
    """The verdict of the runs in `given`, else of the last run here. `select`: judge these jobs alone; `cached`: with
    the rows of jobs that a run took from the cache, as far as the run that made them is still here; `plan`: the file of
    the whole plan, else what the runs themselves say that they are parts of.

    Raises UsageError where there is no run, or no job of that name.
    """
    whole = None if plan is None else evidence.plan_of(plan)
    sources = () if whole is not None and not whole.jobs else _sources(surroundings, given)
    parts = [evidence.with_cached(evidence.read(each), each) if cached else evidence.read(each) for each in sources]
    whole = whole or whole_of(parts)
    merged = merge(whole, parts)
    folders = _Folders({folder.name: folder for folder in sources}, merged.source)
    records = measuring.measured(surroundings, whole, merged.records, folders.job)
    records = _with_host(surroundings, whole, records)
    if select:
        whole, records = _selected(whole, records, select)
    else:
        records = _whole_asked(whole, records)
    whole = _with_remedies(whole, records)
    story = judging.judge(surroundings, whole, records, folders, "", facts.kept(sources))
    return replace(story, told=False)


def _with_host(surroundings: Surroundings, whole: Plan, records: Records) -> Records:
    """The records, with what the host's own results have against a green verdict."""
    told = surroundings.environ.get(HOST_JOBS)
    if told is None:
        return records
    from penstock.providers import slices
    from penstock.providers.github.results import troubles

    planned = {one.name: one for one in slices.of(whole.jobs, homes=whole.homes)}
    refused = {record.job for record in records.jobs if record.outcome is not Outcome.PASSED}
    bad = {job.name for job in whole.jobs if job.id in refused}
    failed = {name for name, one in planned.items() if bad & set(one.jobs)}
    while waiting := {name for name, one in planned.items() if failed & set(one.needs)} - failed:
        failed |= waiting
    required = surroundings.environ.get(HOST_REQUIRED, "")
    return replace(records, damaged=(*records.damaged, *troubles(told, planned, frozenset(failed), required)))


class _Folders(NamedTuple):
    """Where each job's files are. `source`: job id -> name of the run that tells of it."""

    runs: Mapping[str, Path]
    source: Mapping[str, str]

    def job(self, job: str) -> Path:
        """Its folder."""
        return self.runs.get(self.source.get(job, ""), Path()) / "jobs" / safe_name(job)


def _sources(surroundings: Surroundings, given: Sequence[Path] | None) -> tuple[Path, ...]:
    if given:
        return evidence.folders(given)
    check_format(surroundings.state)
    newest = evidence.newest(surroundings.state)
    if newest is None:
        raise UsageError("there is no run to judge", remedy="penstock run")
    return (newest,)


def _selected(whole: Plan, records: Records, names: Sequence[str]) -> tuple[Plan, Records]:
    """The jobs of these names and groups, alone. Raises UsageError for a name that the plan does not have."""
    names = [name for each in names for name in _meant(whole, each)]
    unknown = [name for name in names if not any(name in _names(job) for job in whole.jobs)]
    if unknown:
        there = ", ".join(dict.fromkeys(job.name for job in whole.jobs))
        raise UsageError(f"the plan has no job `{unknown[0]}`", remedy=f"there are: {there}")
    jobs = tuple(job for job in whole.jobs if _names(job) & set(names))
    kept = {job.id for job in jobs}
    return replace(whole, jobs=jobs, scope=Scope.PARTIAL), replace(
        records,
        jobs=tuple(record for record in records.jobs if record.job in kept),
        tests=tuple(test for test in records.tests if test.job in kept),
        findings=tuple(finding for finding in records.findings if finding.job in kept),
        before=tuple(finding for finding in records.before if finding.job in kept),
    )


def _meant(whole: Plan, name: str) -> Sequence[str]:
    """The name itself, or, of a group, the names of its jobs."""
    from penstock.plan.groups import GROUPS

    kinds = () if any(name in _names(job) for job in whole.jobs) else GROUPS.get(name, ())
    return [job.id for job in whole.jobs if job.kind in kinds] or (name,)


def _with_remedies(whole: Plan, records: Records) -> Plan:
    """The plan, where each job that nobody ran says how it is run."""
    told = {record.job for record in records.jobs}
    jobs = tuple(
        job if job.id in told or job.remedy else replace(job, remedy=_command(whole, job)) for job in whole.jobs
    )
    return replace(whole, jobs=jobs)


def _command(whole: Plan, job: Job) -> str:
    return f"penstock {whole.command} --shard {job.shard}" if job.shard else f"penstock run {job.id}"


def _names(job: Job) -> set[str]:
    return {job.name, job.whole, job.id}


def _whole_asked(whole: Plan, records: Records) -> Records:
    """The records, with the reason why they cannot answer for the whole pipeline, if they cannot."""
    if whole.scope is Scope.FULL:
        return records
    names = " ".join(dict.fromkeys(job.name for job in whole.jobs))
    told = f"the evidence is of a part of the pipeline (scope: partial); to judge that part, name it: {names}"
    return replace(records, damaged=(*records.damaged, told))
