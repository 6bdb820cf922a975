"""The baseline of a ratchet: made once, when a project adopts penstock, and tightened from then on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from penstock.cli import planning, rejudging, running
from penstock.cli.out import Out
from penstock.cli.places import Wishes
from penstock.cli.surroundings import Surroundings
from penstock.errors import ExitCode, NotVerifiedError, StateError, UsageError
from penstock.judge import ratchet
from penstock.model.events import Outcome
from penstock.model.plan import Plan
from penstock.model.records import JobRecord, Records
from penstock.plan.request import Request
from penstock.report.story import Story
from penstock.util import atomic
from penstock.util.plural import plural


def accept(surroundings: Surroundings, out: Out) -> int:
    """Run what is held against a baseline, and write down all that it finds.

    Raises UsageError where there is a baseline, or no ratchet; NotVerifiedError where a job did not run to its end.
    """
    path = surroundings.root / ratchet.NAME
    if path.exists():
        raise UsageError(
            f"{ratchet.NAME} is there already",
            remedy="`penstock gate tighten` takes out what is gone; what is new is mended, or added by hand",
        )
    whole = planning.plan(surroundings, Request())
    names = tuple(job.id for job in ratchet.jobs(whole.plan))
    if not names:
        raise UsageError(
            'no job and no gate says `mode = "ratchet"`', remedy="say so for a job or a gate, such as gates.security"
        )
    story, _ = running.run(surroundings, planning.plan(surroundings, Request(select=names)), Wishes(whole=True))
    _whole(story.plan, story.records)
    found = [ratchet.fingerprint(each) for each in story.records.findings if each.job in names]
    _write(path, found)
    out.say(f"wrote {ratchet.NAME}: {plural(len(found), 'finding')} that were there before block no longer")
    return ExitCode.VERIFIED


def tighten(surroundings: Surroundings, out: Out, given: Iterable[Path] | None) -> int:
    """Take out of the baseline what the last run, or those in `given`, found no more.

    Raises UsageError where there is no baseline; NotVerifiedError where a job did not run to its end.
    """
    path = surroundings.root / ratchet.NAME
    try:
        before = ratchet.read(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{ratchet.NAME} cannot be read", remedy="`penstock init --baseline` makes one") from error
    story = rejudging.judged(surroundings, tuple(given) if given else None, cached=True)
    _whole(story.plan, story.records)
    after = ratchet.tightened(before, _slack(story, before)) + _better(story, before)
    if after == before:
        out.say(f"{ratchet.NAME} is tight: {plural(before.total(), 'finding')}")
        return ExitCode.VERIFIED
    _write(path, after.elements())
    gone, better = before.total() - after.total(), (after - before).total()
    graded = f", {better} with a better grade" if better else ""
    out.say(f"took {plural(gone, 'finding')} out of {ratchet.NAME}, {after.total()} are left{graded}")
    return ExitCode.VERIFIED


def _whole(plan: Plan, records: Records) -> None:
    """Raise NotVerifiedError where a job of the ratchet has no answer, or found more than is kept."""
    told: dict[str, JobRecord] = {record.job: record for record in records.jobs}
    for job in ratchet.jobs(plan):
        record = told.get(job.id)
        if record is None or record.outcome not in {Outcome.PASSED, Outcome.FAILED}:
            reason = "it did not run" if record is None else record.reason
            raise NotVerifiedError(f"{job.id} has no answer: {reason}", remedy=f"penstock run {job.id}")
        kept = sum(each.job == job.id for each in records.findings)
        if kept < (record.measure("findings") or 0):
            raise NotVerifiedError(
                f"{job.id} found {record.measure('findings'):g} things, and {kept} are kept",
                remedy="narrow its `paths`, or its tool's own configuration, until the others are mended",
            )


def _slack(story: Story, baseline: Counter[str]) -> list[str]:
    """What no job finds any more; where legs of one tool differ, only what all of them do not find."""
    found: Counter[str] = Counter()
    tools: set[str] = set()
    for job in ratchet.jobs(story.plan):
        own = [each for each in story.records.findings if each.job == job.id]
        found |= Counter(map(ratchet.fingerprint, own))
        tools |= {each.tool for each in own} | {command.tool for command in job.commands}
    left = baseline - found
    return [key for key in left.elements() if key.partition(" ")[0] in tools]


def _better(story: Story, baseline: Counter[str]) -> Counter[str]:
    """What stands in the baseline with a worse grade than it has now."""
    better: Counter[str] = Counter()
    for job in ratchet.jobs(story.plan):
        own = [each for each in story.records.findings if each.job == job.id]
        better |= Counter(map(ratchet.fingerprint, ratchet.split(own, baseline, ()).better))
    return better


def _write(path: Path, fingerprints: Iterable[str]) -> None:
    try:
        atomic.write(path, ratchet.written(fingerprints).encode("utf-8", "surrogateescape"), mode=0o644)
    except OSError as error:
        raise StateError(f"{path.name} cannot be written: {error.strerror}") from error
