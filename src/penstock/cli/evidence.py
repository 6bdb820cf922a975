"""What runs left on disk, read as evidence: a run's folder here, or those that other runners sent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from penstock.errors import UsageError
from penstock.model.events import JobFinished
from penstock.model.plan import Plan
from penstock.model.records import Reading
from penstock.record.merge import Part
from penstock.run.folder import runs, safe_name
from penstock.run.results import READING
from penstock.util import digest
from penstock.util.eventlog import Log, decode_lines

_LARGEST_BYTES = 1 << 30


def folders(given: Sequence[Path]) -> tuple[Path, ...]:
    """The run folders that are meant: each itself, or the newest run of a checkout, a state folder or of each folder in
    it. Raises UsageError for a folder that holds none.
    """
    found: list[Path] = []
    for path in given:
        here = _run_of(path)
        below = [run for child in _children(path) if (run := _sent(child)) is not None] if here is None else [here]
        if not below:
            remedy = "name folders that `penstock run` left: .penstock/runs/<run>, with plan.json and events.jsonl"
            raise UsageError(f"{path} holds no run", remedy=remedy)
        found += below
    return tuple(dict.fromkeys(path.resolve() for path in found))


def newest(state: Path) -> Path | None:
    """The newest run of a plan below a state folder; replays have none."""
    return next((run for run in runs(state) if (run / "plan.json").is_file()), None)


def read(folder: Path) -> Part:
    """One run. Raises UsageError if its plan cannot be read."""
    plan = plan_of(folder / "plan.json")
    whole = plan_of(folder / "whole.json") if (folder / "whole.json").exists() else None
    try:
        log = decode_lines(_content(folder / "events.jsonl"))
    except OSError as error:
        log = Log(events=(), damaged=(f"its events cannot be read: {error}",))
    readings: dict[str, Reading] = {}
    damaged: list[str] = []
    ends = {event.job: event for event in log.events if isinstance(event, JobFinished)}
    for job in plan.jobs:
        end = ends.get(job.id)
        path = folder / "jobs" / safe_name(job.id) / READING
        if end is None or READING not in end.reports:
            continue
        try:
            content = _content(path)
            if digest.of_bytes(content) != end.reports[READING]:
                damaged.append(f"what {job.id} left is not what it wrote: its digest differs")
                continue
            readings[job.id] = msgspec.json.decode(content, type=Reading)
        except FileNotFoundError:
            if end.cached_from is None or job.shard is not None:
                damaged.append(f"what {job.id} left is not there: {path.name}")
        except (OSError, msgspec.MsgspecError) as error:
            damaged.append(f"what {job.id} left cannot be read: {error}")
    return Part(name=folder.name, plan=plan, whole=whole, log=log, readings=readings, damaged=tuple(damaged))


def with_cached(part: Part, folder: Path) -> Part:
    """The part with the readings of cached jobs, where the run that made them still lies beside it."""
    found: dict[str, Reading] = {}
    for event in part.log.events:
        if isinstance(event, JobFinished) and event.cached_from and event.job not in part.readings:
            origin = folder.parent / event.cached_from
            if (origin / "plan.json").is_file():
                found |= {name: each for name, each in read(origin).readings.items() if name == event.job}
    return replace(part, readings={**part.readings, **found}) if found else part


def _run_of(path: Path) -> Path | None:
    if (path / "plan.json").is_file():
        return path
    return newest(path) or newest(path / ".penstock")


def _sent(path: Path) -> Path | None:
    """The run that a runner sent in a folder: also the newest one right in it, as where a folder of runs was packed."""
    here = _run_of(path)
    if here is not None:
        return here
    return next((child for child in reversed(_children(path)) if (child / "plan.json").is_file()), None)


def _children(path: Path) -> list[Path]:
    try:
        return sorted(child for child in path.iterdir() if child.is_dir())
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error


def plan_of(path: Path) -> Plan:
    """A plan on disk. Raises UsageError."""
    try:
        return msgspec.json.decode(_content(path), type=Plan)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is no plan: {error}", remedy="run it again") from error


def _content(path: Path) -> bytes:
    if path.stat().st_size > _LARGEST_BYTES:
        raise OSError(27, f"{path.name} is larger than any run leaves")
    return path.read_bytes()
