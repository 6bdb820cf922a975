"""The baseline of a ratchet: made once, when a project adopts penstock, and tightened from then on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from penstock.cli import files, planning, rejudging, running
from penstock.cli.out import Out
from penstock.cli.places import Wishes
from penstock.cli.surroundings import Surroundings
from penstock.errors import ExitCode, NotVerifiedError, UsageError
from penstock.judge import ratchet, upgraded
from penstock.model import baseline
from penstock.model.change import Facts
from penstock.model.events import Outcome
from penstock.model.plan import Plan
from penstock.model.records import JobRecord, Records
from penstock.model.verdict import Evidence
from penstock.plan.request import Request
from penstock.report.story import Story
from penstock.util.plural import plural


def accept(surroundings: Surroundings, out: Out) -> int:
    """Run what is held against a baseline, and write down all that it finds.

    Raises UsageError where there is a baseline, or no ratchet; NotVerifiedError where a job did not run to its end.
    """
    path = surroundings.root / baseline.NAME
    if path.exists():
        raise UsageError(
            f"{baseline.NAME} is there already",
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
    _write(path, found, baseline.tools(ratchet.jobs(story.plan)))
    out.say(f"wrote {baseline.NAME}: {plural(len(found), 'finding')} that were there before block no longer")
    return ExitCode.VERIFIED


def tighten(surroundings: Surroundings, out: Out, given: Iterable[Path] | None) -> int:
    """Take out of the baseline what the last run, or those in `given`, found no more; put in what tools that are newer
    than it find in the base, too; and write down the tools' versions.

    Raises UsageError where there is no baseline; NotVerifiedError where a job did not run to its end.
    """
    path = surroundings.root / baseline.NAME
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{baseline.NAME} cannot be read", remedy="`penstock init --baseline` makes one") from error
    story = rejudging.judged(surroundings, tuple(given) if given else None, cached=True)
    _whole(story.plan, story.records)
    before, known = baseline.fingerprints(text), baseline.versions(text)
    since, by = _upgraded(story, before, known)
    tight = ratchet.tightened(before, _slack(story, before)) + _better(story, before)
    after = tight + since
    if after == before and by == known:
        out.say(f"{baseline.NAME} is tight: {plural(before.total(), 'finding')}")
        return ExitCode.VERIFIED
    _write(path, after.elements(), by)
    gone, better = before.total() - tight.total(), (tight - before).total()
    graded = f", {better} with a better grade" if better else ""
    out.say(f"took {plural(gone, 'finding')} out of {baseline.NAME}, {after.total()} are left{graded}")
    for tool, version in by.items():
        if known.get(tool) != version:
            was = f", and was by {known[tool]}" if tool in known else ""
            out.say(f"it is made by {tool} {version} now{was}")
    if since:
        out.say(f"put in {plural(since.total(), 'finding')} that only the newer tools see, and that the base has, too")
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


def _slack(story: Story, before: Counter[str]) -> list[str]:
    """What no job finds any more; where legs of one tool differ, only what all of them do not find."""
    found: Counter[str] = Counter()
    tools: set[str] = set()
    for job in ratchet.jobs(story.plan):
        own = [each for each in story.records.findings if each.job == job.id]
        found |= Counter(map(ratchet.fingerprint, own))
        tools |= {each.tool for each in own} | {command.tool for command in job.commands}
    left = before - found
    return [key for key in left.elements() if key.partition(" ")[0] in tools]


def _better(story: Story, before: Counter[str]) -> Counter[str]:
    """What stands in the baseline with a worse grade than it has now."""
    better: Counter[str] = Counter()
    for job in ratchet.jobs(story.plan):
        own = [each for each in story.records.findings if each.job == job.id]
        better |= Counter(map(ratchet.fingerprint, ratchet.split(own, before, ()).better))
    return better


def _upgraded(story: Story, before: Counter[str], known: Mapping[str, str]) -> tuple[Counter[str], dict[str, str]]:
    """What tools that are newer than the baseline at hand find in the base, too, and the versions that it is made by
    from now on: that of a tool stays while nobody can tell of its new findings whether they were there before.
    """
    facts = Facts(baseline=tuple(before.elements()), found_by=tuple(known.items()))
    evidence = Evidence(plan=story.plan, records=story.records, today="", facts=facts)
    jobs = ratchet.jobs(story.plan)
    since: Counter[str] = Counter()
    stays: set[str] = set()
    for job in jobs:
        told = ratchet.of_job(evidence, job)
        since |= Counter(map(ratchet.fingerprint, told.since))
        new = {each.tool for each in told.new}
        stays |= {each.package for each in upgraded.of_job(evidence, job) if each.why and new & each.names}
    now = {tool: version for tool, version in baseline.tools(jobs).items() if tool not in stays}
    return since, {**known, **now}


def _write(path: Path, fingerprints: Iterable[str], by: Mapping[str, str]) -> None:
    content = baseline.written(fingerprints, by)
    files.put(path, content.encode("utf-8", "surrogateescape"), name=path.name)
