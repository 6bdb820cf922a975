"""What outlives a run: the durations of its tests, and its rows in the history."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from penstock.cli import host
from penstock.cli.surroundings import Surroundings
from penstock.errors import StateError
from penstock.model.pipeline import JobKind
from penstock.model.plan import Job, Scope
from penstock.model.records import JobRecord, TestRecord
from penstock.model.snapshot import Snapshot
from penstock.model.trust import Trust
from penstock.record.fold import fold
from penstock.record.store import History, day
from penstock.record.tables import rows
from penstock.record.timing_files import TimingFiles
from penstock.report.story import Story
from penstock.run.folder import RunFolder, safe_name
from penstock.util import atomic


def history(state: Path) -> Path:
    """The folder of the history: it stands alone, and can be carried from machine to machine."""
    return state / "history"


def pinning(surroundings: Surroundings, folder: RunFolder, *, commit: str | None) -> Callable[[Job], Path | None]:
    """What writes the durations that a job is planned by into the run's folder, before the job starts."""
    files = TimingFiles.of(history(surroundings.state))
    trust = host.trust(surroundings, commit)

    def pin(job: Job) -> Path | None:
        content, told = files.pinned(trust, job.id)
        for line in told:
            surroundings.out.progress(f"  note  {line}")
        path = folder.path / "timings" / f"{safe_name(job.id)}.json"
        try:
            atomic.write(path, content)
        except OSError as error:
            surroundings.out.progress(f"  note  no durations of earlier runs for {job.id}: {error}")
            return None
        return path

    return pin


def keep(surroundings: Surroundings, story: Story, snapshot: Snapshot) -> None:
    """Learn from the run. What cannot be kept is told, and changes nothing. Raises OSError."""
    try:
        git = snapshot.git
        context = host.context(surroundings.environ)
        trust = context.trusted(git.commit)
        learn(surroundings, story, trust)
        told = context.branch if trust is not Trust.LOCAL else ""  # a host checks out a commit, and no branch
        branch = told or git.branch or ""
        add(surroundings, story, branch=branch, platform=snapshot.platform.tag, trust=trust, dirty=git.dirty)
    except StateError as error:
        surroundings.out.progress(f"  note  the run is not in the history: {error.message}")


def learn(surroundings: Surroundings, story: Story, trust: Trust = Trust.LOCAL) -> None:
    """The durations of the tests that ran. Raises StateError, OSError."""
    for told in _learn(surroundings.state, story, trust):
        surroundings.out.progress(f"  note  {told}")


def add(
    surroundings: Surroundings,
    story: Story,
    *,
    branch: str,
    platform: str,
    trust: Trust = Trust.LOCAL,
    dirty: bool = True,
) -> None:
    """The run's rows; a run whose log was refused has none. Raises StateError, OSError."""
    run = story.records.run
    if run.run:
        made = rows(
            story.plan, story.records, story.verdict, branch=branch, platform=platform, trust=trust, dirty=dirty
        )
        kept = History(history(surroundings.state))
        kept.add(run.run, run.wall_s, made)
        fold(kept, day(run.wall_s))


def _learn(state: Path, story: Story, trust: Trust) -> Iterator[str]:
    """The durations of the tests that ran now; gives what a person has to be told."""
    files = TimingFiles.of(history(state))
    tests: dict[str, list[TestRecord]] = {}
    for test in story.records.tests:
        tests.setdefault(test.job, []).append(test)
    for record in story.records.jobs:
        if record.job in tests and _ran(record):
            told = files.learn(
                trust,
                record.job,
                tests[record.job],
                at_s=story.records.run.wall_s,
                key=record.key,
                whole=story.plan.scope is Scope.FULL and "#" not in record.job,
            )
            if told:
                yield told


def _ran(record: JobRecord) -> bool:
    return record.kind is JobKind.TEST and record.cached_from is None
