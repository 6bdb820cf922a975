"""The coverage of what several runners ran: merged here, from what each of them left, as the plan's own job would."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec.structs import replace

from penstock.cache.local import LocalCache
from penstock.cli import machine, project, signals
from penstock.cli.places import MemorySink, Places, Wishes
from penstock.cli.planning import Planned
from penstock.cli.surroundings import Surroundings
from penstock.model.pipeline import JobKind, Pipeline
from penstock.model.plan import Binding, Job, Plan
from penstock.model.records import Records
from penstock.record.collect import collect
from penstock.run.attempt import Station
from penstock.run.folder import create, safe_name
from penstock.run.results import Results
from penstock.util.eventlog import Log


def open_jobs(whole: Plan, records: Records) -> tuple[Job, ...]:
    """Coverage jobs that nobody has run, though all that they merge is there."""
    told = {record.job for record in records.jobs}
    return tuple(
        job
        for job in whole.jobs
        if job.kind is JobKind.COVERAGE and job.id not in told and job.needs and told.issuperset(job.needs)
    )


def measured(surroundings: Surroundings, whole: Plan, records: Records, folder_of: Callable[[str], Path]) -> Records:
    """The records with the ends of the open coverage jobs. `folder_of`: job -> what its run left of it.

    Files that were measured are read in this checkout: it has to be of the commit that was run.
    """
    jobs = open_jobs(whole, records)
    if not jobs:
        return records
    facts = project.tree(surroundings)
    if facts.git.commit != whole.commit:
        told = f"the coverage cannot be merged here: this checkout is of another commit than was run ({whole.commit})"
        return replace(records, damaged=(*records.damaged, told))
    used = {name for job in jobs for name in job.environments}
    plan = replace(
        whole, jobs=jobs, environments=tuple(one for one in whole.environments if one.id in used), gates=(), left_out=()
    )
    bindings = {job.id: Binding(job=job.id) for job in jobs}
    planned = Planned(Pipeline(), facts, plan, bindings, LocalCache(surroundings.state / "cache"))
    own = _run(surroundings, planned, folder_of)
    return replace(
        records,
        jobs=(*records.jobs, *own.jobs),
        coverage=own.coverage,
        damaged=(*records.damaged, *own.damaged),
        preparations=(*records.preparations, *own.preparations),
    )


def _run(surroundings: Surroundings, planned: Planned, folder_of: Callable[[str], Path]) -> Records:
    machine.put_in_order(surroundings)
    folder = create(surroundings.state, surroundings.clock)
    results = Results(
        run=folder.id,
        root=surroundings.root,
        folder_of=folder.job,
        cache=planned.cache,
        clock=surroundings.clock,
        inputs_now=lambda binding: binding.inputs_digest,
        platform=planned.snapshot.platform.tag,
        proved=lambda *_: False,
    )

    def stand(job: Job, station: Station) -> Station:
        needed = ((safe_name(need), str(folder_of(need) / "reports")) for need in job.needs)
        return msgspec.structs.replace(station, needed=tuple(needed))

    try:
        with machine.temporary_folder(surroundings, folder.id) as temporary, signals.noted() as interrupts:
            sink = MemorySink(folder.events, planned.secrets)
            ears = machine.Ears(lambda _: None, interrupts)
            places = Places(folder, temporary, results, sink)
            machine.engine(surroundings, planned, Wishes(), places, ears, station=stand).run()
    finally:
        folder.close()
    return collect(planned.plan, Log(events=tuple(sink.events)), results.readings)
