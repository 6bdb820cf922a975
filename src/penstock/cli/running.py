"""A bound plan to a judged run: the engine with its doors, then record and judge."""

from __future__ import annotations

import contextlib
from pathlib import Path

from msgspec.structs import replace

from penstock.cli import facts, judging, keeping, machine, signals, telling, tested
from penstock.cli.places import MemorySink, Places, Wishes
from penstock.cli.planning import Planned, durations, inputs_now
from penstock.cli.surroundings import Surroundings
from penstock.judge.alone import proved
from penstock.judge.checks import CHECKS
from penstock.model.change import Facts
from penstock.model.pipeline import JobKind
from penstock.model.plan import Scope
from penstock.model.records import Reading, Records
from penstock.record import failures, timings
from penstock.record.collect import collect
from penstock.report.story import Story
from penstock.run import disclosure
from penstock.run.folder import RunFolder, create
from penstock.run.results import Results
from penstock.util import atomic
from penstock.util.eventlog import Log


def run(surroundings: Surroundings, planned: Planned, wishes: Wishes) -> tuple[Story, Path]:
    """Run the plan, keep everything, judge it. Gives what a report tells of, and the run's folder."""
    machine.put_in_order(surroundings)
    folder = create(surroundings.state, surroundings.clock)
    if folder.note:
        surroundings.out.complain(f"penstock: {folder.note}")
    with contextlib.suppress(OSError):
        folder.write_plan(planned.plan, planned.whole, secrets=planned.secrets)
    try:
        with (
            machine.temporary_folder(surroundings, folder.id) as temporary,
            signals.noted() as interrupts,
            telling.teller(surroundings, planned, wishes, folder) as teller,
        ):
            sink = MemorySink(folder.events, planned.secrets)
            results = _results(surroundings, planned, folder)
            ears = machine.Ears(teller.notify, interrupts, teller.launched, teller.tick)
            places = Places(folder, temporary, results, sink)
            interrupted = machine.engine(surroundings, planned, wishes, places, ears).run()
        records = collect(planned.plan, Log(events=tuple(sink.events)), _readings(planned, results, folder))
        about, records = _about(surroundings, planned, records, folder)
        about = planned.secrets.clean(about)
        story = judging.judge(surroundings, planned.plan, records, folder, interrupted, about)
        for trouble in (*results.troubles, *_disclosed(records), *([sink.trouble] if sink.trouble else [])):
            surroundings.out.progress(f"  note  {trouble}")
        _keep(surroundings, folder, story, planned, about)
        machine.hide_secrets(surroundings, folder.path)
    finally:
        folder.close()
    return story, folder.path


def _disclosed(records: Records) -> list[str]:
    """Jobs whose log or reports would have shown secrets."""
    return [f"{job.job}: {job.notes[disclosure.NOTE]}" for job in records.jobs if disclosure.NOTE in job.notes]


def _results(surroundings: Surroundings, planned: Planned, folder: RunFolder) -> Results:
    return Results(
        run=folder.id,
        root=surroundings.root,
        folder_of=folder.job,
        cache=planned.cache,
        clock=surroundings.clock,
        inputs_now=lambda binding: inputs_now(surroundings, planned, binding),
        platform=planned.snapshot.platform.tag,
        proved=lambda job, finished, reading: proved(planned.plan, job, finished, reading, CHECKS),
    )


def _readings(planned: Planned, results: Results, folder: RunFolder) -> dict[str, Reading]:
    """What the tools made of each job that ran now, and of the cached ones whose files were brought back."""
    readings = dict(results.readings)
    for job in planned.plan.jobs:
        if job.id not in readings and (found := judging.reading_of(folder.job(job.id))) is not None:
            readings[job.id] = found
    return readings


def _about(surroundings: Surroundings, planned: Planned, records: Records, folder: RunFolder) -> tuple[Facts, Records]:
    """What is judged beside what was run; the records, with the tests of cached jobs where these are needed."""
    part = planned.plan.scope is Scope.PARTIAL and planned.whole is None  # a shard is judged with the others
    about = facts.of_run(surroundings, planned.snapshot, planned.plan, whole=not part)
    if part or not any(job.kind is JobKind.TEST for job in planned.plan.jobs):
        return about, records
    asked = tested.Asked(planned.snapshot, planned.plan, records, lambda job: _brought_back(planned, folder, job))
    compared = bool(about.idled or about.deselected) or facts.wanted(planned.plan, surroundings.environ)
    found, records = tested.of(surroundings, asked, about.change, compared=compared)
    return replace(about, tested=found), records


def _brought_back(planned: Planned, folder: RunFolder, job: str) -> Reading | None:
    """What a job left that came from the cache."""
    entry = planned.cache.get(planned.bindings[job].key)
    if entry is None or not planned.cache.restore(entry, str(folder.job(job))):
        return None
    return judging.reading_of(folder.job(job))


def _keep(surroundings: Surroundings, folder: RunFolder, story: Story, planned: Planned, about: Facts) -> None:
    """Verdict, failures and timings to disk. What cannot be kept is told; the verdict stays what it is."""
    from penstock.report import run_json

    try:
        atomic.write(folder.verdict, planned.secrets.document(run_json.encode(story)))
        facts.keep(folder.path, about)
        atomic.write(folder.path / "failures.json", failures.encode(story.failures))
        learnt = timings.update(durations(surroundings.state), story.records, story.plan)
        atomic.write(surroundings.state / "timings.json", timings.encode(learnt))
        keeping.keep(surroundings, story, planned.snapshot)
    except OSError as error:
        surroundings.out.progress(f"  note  the run could not be kept: {error}")
