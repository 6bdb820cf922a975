"""Tools that are another version than the one that a baseline was made by: what they find in the tree of the base is
not new, and where nobody could look there, that is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from penstock.model import baseline
from penstock.model.baseline import NAME
from penstock.model.plan import Job
from penstock.model.records import FindingRecord, JobRecord
from penstock.model.verdict import Evidence
from penstock.value import Value

NOBODY = "nobody could look at it here"


class Upgrade(Value, frozen=True, kw_only=True):
    """One tool of a job. `names`: as findings name it; `why`: why it did not look at the base, "" where it did."""

    package: str
    before: str
    now: str
    names: frozenset[str]
    why: str = ""


def of_job(evidence: Evidence, job: Job) -> tuple[Upgrade, ...]:
    """The tools of a job that are not what the baseline was made by. One of which it says nothing is none."""
    before = dict(evidence.facts.found_by)
    record = next((each for each in evidence.records.jobs if each.job == job.id), None)
    return tuple(
        Upgrade(
            package=package,
            before=before[package],
            now=now,
            names=(names := frozenset(each.tool for each in job.commands if each.package == package)),
            why=_why(evidence, names, record),
        )
        for package, now in baseline.tools((job,)).items()
        if baseline.is_other(before.get(package, now), now)
    )


def _why(evidence: Evidence, names: frozenset[str], record: JobRecord | None) -> str:
    """Why there is nothing to hold the findings of a tool against."""
    notes = {} if record is None else record.notes
    reasons = [reason for name in sorted(names) if (reason := notes.get(f"no_base:{name}"))]
    if reasons:
        return reasons[0]
    if any(f"base:{name}" in notes for name in names):
        return ""
    return evidence.facts.unknown or NOBODY


def found_before(evidence: Evidence, job: Job) -> tuple[FindingRecord, ...]:
    """What the job's newer tools find in the tree of the base."""
    names = frozenset(name for each in of_job(evidence, job) if not each.why for name in each.names)
    return tuple(each for each in evidence.records.before if each.job == job.id and each.tool in names)


def since(evidence: Evidence, job: Job) -> str:
    """`known since ruff 0.17.6`."""
    tools = (f"{each.package} {each.now}" for each in of_job(evidence, job) if not each.why)
    return f"known since {', '.join(tools)}"


def is_noted(evidence: Evidence, job: Job) -> bool:
    """Whether the baseline of the tree at hand is made by the newer tools already: the base's will be, once merged."""
    noted = dict(evidence.facts.noted)
    return not any(baseline.is_other(noted.get(each.package, ""), each.now) for each in of_job(evidence, job))


def words(evidence: Evidence, job: Job, found: Sequence[FindingRecord], new: Iterable[FindingRecord]) -> Iterator[str]:
    """What is to be said of a job's upgrades. `found`: what they find in the base, too; `new`: what blocks."""
    if found:
        told = "tighten the baseline with `penstock gate tighten`"
        told = f"{NAME} has them here" if is_noted(evidence, job) else told
        yield f"{len(found)} {since(evidence, job)}, found in the base, too: {told}"
    yield from blind(evidence, job, new)


def blind(evidence: Evidence, job: Job, new: Iterable[FindingRecord]) -> Iterator[str]:
    """What is to be said of newer tools that found something new, and could not look at the base."""
    tools = {each.tool for each in new}
    for each in of_job(evidence, job):
        if each.why and tools & each.names:
            told = f"{each.package} is {each.now}, and the baseline was made by {each.before}"
            yield f"{told}: what only the newer one finds counts as new, for the base was not looked at: {each.why}"
