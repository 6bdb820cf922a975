"""What is known of tests beside what was run: those of the base, and what looks like one and was not collected."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from penstock.cli import before, host
from penstock.cli.surroundings import Surroundings
from penstock.judge import union
from penstock.model.change import Change
from penstock.model.collected import Collected, collected, place
from penstock.model.events import TestOutcome
from penstock.model.pipeline import JobKind
from penstock.model.plan import Plan, Rule
from penstock.model.records import Reading, Records, TestRecord
from penstock.model.snapshot import Snapshot
from penstock.model.tested import Lookalike, Tested
from penstock.util import texts
from penstock.util.memory import Memory


class Asked(NamedTuple):
    """A run that is over: what was planned, and what came of it. `cached`: brings back what a job that came from the
    cache left, None if it cannot.
    """

    taken: Snapshot
    plan: Plan
    records: Records
    cached: Callable[[str], Reading | None]


def of(surroundings: Surroundings, asked: Asked, change: Change | None, *, compared: bool) -> tuple[Tested, Records]:
    """What is known of the tests, and the records with the tests of cached jobs. `compared`: hold them against those
    of the base, too; else what looks like a test is remembered for the same tree and the same results.
    """
    kept = _memory(surroundings, asked)
    known = None if compared else kept.recall(Tested)
    if known is not None:
        return known, asked.records
    records = _with_cached(asked)
    found = _before(surroundings, asked, records, change) if compared else Tested()
    if unseen := _unseen(asked.plan, records):
        return replace(found, unseen=unseen), records
    ends = collected(asked.plan, records.jobs, _all(records))
    found = replace(found, lookalikes=_lookalikes(surroundings.root, asked.taken, ends, change))
    if not compared:
        kept.keep(found)
    return found, records


def _memory(surroundings: Surroundings, asked: Asked) -> Memory:
    ends = [f"{each.job} {each.key} {each.measures}" for each in asked.records.jobs if each.kind is JobKind.TEST]
    return Memory(surroundings.state / "tested.json", (asked.plan.tree, *ends), by=("scan/lookalikes", "scan/detect"))


def _with_cached(asked: Asked) -> Records:
    """The records, with the tests of jobs that came from the cache."""
    told = {test.job for test in asked.records.tests}
    jobs = [each for each in asked.records.jobs if each.kind is JobKind.TEST and each.cached_from is not None]
    found = [asked.cached(each.job) for each in jobs if each.job not in told]
    return replace(asked.records, tests=(*asked.records.tests, *(test for one in found if one for test in one.tests)))


def _all(records: Records) -> Iterator[TestRecord]:
    """Every test that has an end, and those of the other shards, by what each shard has collected."""
    yield from records.tests
    for record in records.jobs:
        for name in (union.collection(record.shard) or ()) if record.shard is not None else ():
            yield TestRecord(job=record.job, id=name, outcome=TestOutcome.NOT_RUN)


def _lookalikes(root: Path, taken: Snapshot, ends: Collected, change: Change | None) -> tuple[Lookalike, ...]:
    from penstock.scan.lookalikes import tree

    packages = [package.path for package in taken.project.packages]
    return tree.uncollected(root, taken.files, packages, ends, change)


def _unseen(plan: Plan, records: Records) -> str:
    """Why what was collected is not known: a job that came from the cache has left its tests with another run."""
    told = {test.job for test in records.tests}
    jobs = {job.id for job in plan.jobs if job.kind is JobKind.TEST}
    lost = (each.job for each in records.jobs if each.cached_from is not None and each.job in jobs - told)
    return next((f"{job} came from the cache, and its tests are not here any more" for job in lost), "")


def _before(surroundings: Surroundings, asked: Asked, records: Records, change: Change | None) -> Tested:
    base = change.base if change is not None else ""
    trust = host.trust(surroundings, asked.taken.git.commit)
    ends = before.of_base(surroundings.state, base, asked.taken.platform.tag, trust, asked.plan.occasion)
    if isinstance(ends, str):
        return Tested(unread=ends)
    if ends is None:
        return Tested()
    if unseen := _unseen(asked.plan, records):
        return Tested(unread=unseen)
    wholes = {job.id: job.whole for job in asked.plan.jobs}
    now = {(wholes.get(test.job, test.job), test.id) for test in _all(records)}
    left = {name for record in records.jobs for name in (record.note("deselected") or "").splitlines()}
    there = _There(surroundings.root, asked.taken.files, left, {test for _, test in now})
    away = {left.id.partition("@")[0] for left in asked.plan.left_out if left.rule is Rule.RUNS}
    return Tested(before=before.before(ends, now, there.is_there, away))


class _There:
    """Whether a test that has no end now is still in the tree."""

    def __init__(self, root: Path, files: Mapping[str, str], left: Iterable[str], now: Iterable[str]) -> None:
        self._root = root
        self._files = files
        self._left = frozenset(left)
        self._functions = frozenset(test.partition("[")[0] for test in now)
        self._texts: dict[str, str] = {}

    def is_there(self, test: str) -> bool:
        """One that was deselected, or whose function the file still has and of which nothing is collected. Parameters
        that are gone are gone.
        """
        if test in self._left:
            return True
        if test.partition("[")[0] in self._functions:
            return False
        path, name = place(test)
        leaf = re.escape(name.rpartition("::")[2])
        return re.search(rf"\bdef[ \t]+{leaf}\b", self._text(path)) is not None

    def _text(self, path: str) -> str:
        if path not in self._texts:
            tails = (each for each in self._files if each == path or each.endswith(f"/{path}"))
            found = path if path in self._files else next(tails, None)
            self._texts[path] = "" if found is None else texts.read(self._root / found) or ""
        return self._texts[path]
