"""Findings that were there before: known by what they are and where, not by the numbers of their lines.

They stand in a baseline (`model.baseline`). `gate tighten` takes out what is gone; nothing but a person puts something
in, and a newer tool: what it finds in the tree of the base was there before, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from penstock.judge import upgraded
from penstock.model import baseline as file
from penstock.model.baseline import NAME
from penstock.model.events import Outcome
from penstock.model.pipeline import Mode
from penstock.model.plan import Job, Plan
from penstock.model.records import FindingRecord, JobRecord
from penstock.model.scales import GRADES, MAINTAINABLE
from penstock.model.verdict import Evidence
from penstock.util.percent import quoted
from penstock.util.plural import plural
from penstock.value import Value

_LONGEST_NAME = 80


class Split(Value, frozen=True, kw_only=True):
    """Findings held against a baseline. `slack`: fingerprints of the baseline that nothing is found of any more.

    `better`: those of `known` that stand there with a worse grade; `since`: those of `known` that do not stand there,
    and that the same tool finds in the tree of the base, too.
    """

    new: tuple[FindingRecord, ...]
    known: tuple[FindingRecord, ...]
    slack: tuple[str, ...] = ()
    better: tuple[FindingRecord, ...] = ()
    since: tuple[FindingRecord, ...] = ()


def fingerprint(finding: FindingRecord) -> str:
    """`tool rule path what`: the same while lines move. What it is at is a function's name, or the digest of its line's
    text, or of its message without numbers.
    """
    import hashlib
    import re

    words = (quoted(each) or "-" for each in (finding.tool, finding.rule, finding.path))
    anchor = finding.anchor or re.sub(r"\d+", "0", finding.message)
    plain = anchor.isascii() and anchor.replace(".", "").isidentifier() and len(anchor) < _LONGEST_NAME
    digest = hashlib.sha256(anchor.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return " ".join((*words, anchor if plain else digest))


def split(
    findings: Sequence[FindingRecord],
    baseline: Counter[str],
    tools: Iterable[str],
    before: Iterable[FindingRecord] = (),
) -> Split:
    """What of the findings is new. `tools`: those that looked, so that only their entries can be slack. `before`: what
    is found in the tree of the base.

    Of equal findings, those further down in a file are the new ones.
    """
    left = Counter(baseline)
    new: list[FindingRecord] = []
    known: list[FindingRecord] = []
    for finding in sorted(findings, key=lambda each: (each.path, each.line, each.column)):
        key = fingerprint(finding)
        if left[key] > 0:
            left[key] -= 1
            known.append(finding)
        else:
            new.append(finding)
    better = tuple(each for each in new if _was_worse(each, left))
    new = [each for each in new if each not in better]
    known += better
    since = tuple(_taken(new, Counter(map(fingerprint, before)) - Counter(map(fingerprint, known))))
    taken = set(map(id, since))
    new = [each for each in new if id(each) not in taken]
    known += since
    looked = frozenset(tools)
    slack = sorted(key for key in left.elements() if key.partition(" ")[0] in looked)
    return Split(new=tuple(new), known=tuple(known), slack=tuple(slack), better=better, since=since)


def _taken(findings: Iterable[FindingRecord], left: Counter[str]) -> Iterator[FindingRecord]:
    """Those of the findings that are in `left`, each as often as it is there."""
    for finding in findings:
        key = fingerprint(finding)
        if left[key] > 0:
            left[key] -= 1
            yield finding


def _was_worse(finding: FindingRecord, left: Counter[str]) -> bool:
    """Whether the same finding is left in the baseline with a worse grade, or a worse index; it is then taken away."""
    rules: Iterable[str] = ()
    if finding.rule in GRADES:
        rules = tuple(GRADES)[tuple(GRADES).index(finding.rule) + 1 :]
    elif finding.rule.startswith("MI") and finding.rule[2:].isdecimal():
        rules = (f"MI{number}" for number in reversed(range(min(int(finding.rule[2:]), MAINTAINABLE))))
    key = next((key for rule in rules if left[key := fingerprint(replace(finding, rule=rule))] > 0), None)
    if key is not None:
        left[key] -= 1
    return key is not None


def jobs(plan: Plan) -> tuple[Job, ...]:
    """Those whose findings are held against the baseline, by their own mode or that of their gate."""
    return file.jobs(plan.jobs, plan.gates)


def of_job(evidence: Evidence, job: Job) -> Split:
    """The findings of one job against the baseline of the evidence."""
    findings = tuple(each for each in evidence.records.findings if each.job == job.id)
    baseline = Counter(evidence.facts.baseline)
    return split(findings, baseline, _tools(job, findings), upgraded.found_before(evidence, job))


def slack(evidence: Evidence) -> tuple[str, ...]:
    """The fingerprints of the baseline that no job finds any more, of tools that looked. What the change itself has
    taken out of the file is tightened already.
    """
    least: dict[str, Counter[str]] = {}
    for job in jobs(evidence.plan):
        told = of_job(evidence, job)
        loose = Counter(told.slack)
        for tool in _tools(job, (*told.new, *told.known)):
            own = Counter({key: number for key, number in loose.items() if key.partition(" ")[0] == tool})
            least[tool] = least[tool] & own if tool in least else own
    gone = sum(least.values(), Counter[str]())
    standing = evidence.facts.standing
    return tuple(sorted((gone if standing is None else gone & Counter(standing)).elements()))


def _tools(job: Job, findings: Iterable[FindingRecord]) -> set[str]:
    """The tools that looked."""
    return {each.tool for each in findings} | {command.tool for command in job.commands}


def known(evidence: Evidence) -> dict[int, bool]:
    """Of each finding that a ratchet judges, by its place among all: whether the baseline knows it."""
    places = {id(finding): place for place, finding in enumerate(evidence.records.findings)}
    told: dict[int, bool] = {}
    for job in jobs(evidence.plan):
        if job.kind.examines:
            parts = of_job(evidence, job)
            told |= {places[id(finding)]: False for finding in parts.new}
            told |= {places[id(finding)]: True for finding in parts.known}
    return told


def excused(evidence: Evidence, job: Job, record: JobRecord | None) -> str:
    """Why a job that found something is no refusal, in words: all of it was there before. "" where it is one.

    More findings than are kept cannot all be known.
    """
    if job.mode is not Mode.RATCHET or not job.kind.examines or record is None or record.outcome is not Outcome.FAILED:
        return ""
    told = of_job(evidence, job)
    number = int(record.measure("findings") or 0)
    if record.note("doubt"):  # something was not looked at
        return ""
    if told.new or len(told.known) < max(1, number):
        return ""
    since = f"{len(told.since)} {upgraded.since(evidence, job)}" if told.since else ""
    there = f"{'' if since else 'all '}in {NAME}"
    kept = f"{number - len(told.since)} {there}, {since}" if since else there
    return f"{plural(number, 'finding')}, {kept}"


def tightened(baseline: Counter[str], slack: Iterable[str]) -> Counter[str]:
    """The baseline without what is gone."""
    return baseline - Counter(slack)
