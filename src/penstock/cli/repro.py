"""`penstock repro TOKEN`: one failure of a run again, as it failed: its environment, order, seed, folder and variables.

Ends in 1 if the failure shows again, 0 if it does not, 3 if it could not be asked.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from penstock.cli import given, judging, machine, planning, project, signals
from penstock.cli.out import Out
from penstock.cli.places import MemorySink, Places, Wishes
from penstock.cli.planning import Planned
from penstock.cli.surroundings import Surroundings, look
from penstock.errors import NotVerifiedError, StateError, UsageError
from penstock.model.events import JobFinished, JobStarted
from penstock.model.pipeline import Pipeline
from penstock.model.plan import CacheState, Job, Plan
from penstock.model.records import FailureRecord
from penstock.plan.keys import bind
from penstock.ports import Launch
from penstock.record import failures
from penstock.report import byhand
from penstock.report import repro as report
from penstock.report.screen import Screen
from penstock.run import replay
from penstock.run.attempt import Station
from penstock.run.folder import RunFolder, check_format, create, find, runs, safe_name
from penstock.run.grounds import TASK
from penstock.run.results import Results
from penstock.tools import TOOLS
from penstock.tools.recorded import EVENTS
from penstock.util import atomic, eventlog


class Failed(NamedTuple):
    """A failure with what its run left. `run`: the run's folder."""

    run: Path
    record: FailureRecord
    plan: Plan
    job: Job

    @property
    def folder(self) -> Path:
        """The failed job's folder."""
        return self.run / "jobs" / safe_name(self.job.id)


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument(
        "token", metavar="TOKEN", nargs="?", help="as the report tells it: 7f3b9c.4; 4 = of the last run"
    )
    parser.add_argument("--alone", action="store_true", help="the test by itself, without those that ran before it")
    parser.add_argument("--offline", action="store_true", help="use no network to make its environment again")


def main(options: argparse.Namespace, out: Out) -> int:
    """Replay it, and say whether the failure shows again."""
    surroundings = look(out, directory=options.directory)
    check_format(surroundings.state)
    failed = _find(surroundings.state, options.token)
    session = _session(failed)
    if options.alone and session is None:
        raise UsageError(f"{failed.record.token} is no test that can be run by itself: {failed.job.id} runs whole")
    before = () if options.alone or session is None else session.before
    screen = Screen(width=out.width, color=out.color, unicode=out.unicode)
    planned = _planned(surroundings, failed, _again(failed, session, before))
    order = report.Order(
        before=None if session is None else len(before),
        hashing_fixed=session is not None and session.hashing_fixed,
        alone=options.alone,
        changed=_changed(surroundings, failed, planned),
    )
    out.progress(report.heading(failed.record, order, screen))
    if order.changed:
        out.progress("  note  files have changed since that run: this runs the tree as it is now")
    end = _run(surroundings, planned, failed, offline=options.offline)
    answer = report.answer(failed.record, judging.reading_of(failed.folder), end, order, screen)
    out.say(answer.text)
    return answer.exit_code


def _find(state: Path, token: str | None) -> Failed:
    """The failure of that name, in the run of that name; a bare number is of the newest run with failures."""
    run, _, number = (token or "").rpartition(".")
    known = [path for path in runs(state) if (path / "failures.json").exists()]
    folder = find(state, run) if run else next((path for path in known if _numbered(path)), None)
    if folder is None:
        raise UsageError("no run here has a failure to replay", remedy="penstock run")
    there = _numbered(folder)
    if token is None:
        raise UsageError("which failure?", remedy=report.tokens(there))
    name = f"{failures.short_name(folder.name)}.{number}"
    found = next((failure for failure in there if failure.token == name), None)
    if found is None:
        raise UsageError(f"no failure is called {token}", remedy=report.tokens(there))
    try:
        plan = msgspec.json.decode((folder / "plan.json").read_bytes(), type=Plan)
        job = next(job for job in plan.jobs if job.id == found.job)
    except (OSError, msgspec.MsgspecError, StopIteration) as error:
        raise StateError(
            f"the plan of the run {folder.name} cannot be read: {error}", remedy="run the pipeline again: penstock run"
        ) from error
    return Failed(run=folder, record=found, plan=plan, job=job)


def _numbered(run: Path) -> tuple[FailureRecord, ...]:
    try:
        return failures.decode((run / "failures.json").read_bytes())
    except OSError:
        return ()


def _session(failed: Failed) -> replay.Session | None:
    """The test's session, from the run's log; None where the job has to run whole. Raises StateError if it is gone."""
    if not failed.record.test or not replay.can_select(failed.job):
        return None
    try:
        log = eventlog.decode_lines((failed.folder / "reports" / EVENTS).read_bytes())
    except OSError as error:
        raise StateError(
            f"the test log of the run {failed.run.name} is gone: {error.strerror}", remedy="penstock run --failed"
        ) from error
    session = replay.session(log.events, failed.record.test)
    if session is None:
        raise StateError(f"the run's test log does not hold {failed.record.test}", remedy="penstock run --failed")
    return session


def _again(failed: Failed, session: replay.Session | None, before: tuple[str, ...]) -> Job:
    if session is None:
        return replay.job_again(failed.job)
    ids = (*before, failed.record.test)
    path = failed.run / "replays" / f"{failed.record.token.rpartition('.')[2]}{'-alone' * (not before)}.json"
    try:
        path.parent.mkdir(exist_ok=True)
        atomic.write(path, msgspec.json.encode(ids))
    except OSError as error:
        raise NotVerifiedError(
            f"{path} cannot be written: {error.strerror}", remedy="make room, or make the folder writable"
        ) from error
    return replay.job_again(failed.job, only=str(path), seed=session.seed)


def _planned(surroundings: Surroundings, failed: Failed, job: Job) -> Planned:
    """The one job, bound to the tree and the interpreters as they are now, with the versions of then."""
    from penstock.cache.local import LocalCache

    facts = project.tree(surroundings)
    facts = planning.with_gpus(surroundings, facts) if job.gpus else facts
    plan = replay.plan_again(failed.plan, job)
    (binding,) = bind(plan, facts, TOOLS, lambda _: False, environ=surroundings.environ)
    bindings = {job.id: replace(binding, cache=CacheState.OFF)}
    made = Planned(Pipeline(), facts, plan, bindings, LocalCache(surroundings.state / "cache"))
    if not (job.secrets or job.require):
        return made
    found = given.of(surroundings, plan.jobs)
    return made._replace(plan=given.blocked(plan, found), secrets=found.secrets)


def _changed(surroundings: Surroundings, failed: Failed, planned: Planned) -> bool:
    """Whether the job's key is not what it was: its inputs, variables or interpreter have changed."""
    try:
        log = eventlog.decode_lines((failed.run / "events.jsonl").read_bytes())
    except OSError:
        return False
    then = next((e.key for e in log.events if isinstance(e, JobStarted) and e.job == failed.job.id), "")
    bound = bind(failed.plan, planned.snapshot, TOOLS, lambda _: False, environ=surroundings.environ)
    now = next(binding.key for binding in bound if binding.job == failed.job.id)
    return then not in ("", now)


def _run(surroundings: Surroundings, planned: Planned, failed: Failed, *, offline: bool) -> report.End:
    """Run it under the supervisor, in a run's folder without a verdict: it is no evidence for the pipeline."""
    machine.put_in_order(surroundings)
    out, job = surroundings.out, planned.plan.jobs[0]
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

    def launched(launch: Launch) -> None:
        told = byhand.command_line(launch, surroundings.environ)
        what = launch.task.removeprefix(TASK)
        making = f"  making {what}" if what == launch.task else f"  starting the service {what.partition(':')[0]}"
        out.progress(f"  runs  {told}\n" if launch.task == job.id else making)

    def stand(_job: Job, station: Station) -> Station:
        reports = (
            (safe_name(need), str(failed.run / "jobs" / safe_name(need) / "reports")) for need in failed.job.needs
        )
        return replace(station, needed=tuple(reports))

    try:
        with machine.temporary_folder(surroundings, folder.id) as temporary, signals.noted() as interrupts:
            sink = MemorySink(folder.events, planned.secrets)
            ears = machine.Ears(lambda _: None, interrupts, launched)
            wishes = Wishes(echo=True, offline=offline)
            places = Places(folder, temporary, results, sink)
            engine = machine.engine(surroundings, planned, wishes, places, ears, station=stand)
            interrupted = engine.run()
    finally:
        folder.close()
    finished = next(event for event in sink.events if isinstance(event, JobFinished))
    return report.End(
        finished=finished,
        reading=results.readings.get(job.id),
        log=_log(folder, job, surroundings.root),
        interrupted=interrupted,
    )


def _log(folder: RunFolder, job: Job, root: Path) -> str:
    path = folder.job(job.id) / "output.log"
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
