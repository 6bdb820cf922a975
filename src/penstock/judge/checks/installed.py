"""Of what the project stands on: whether its licences are permitted, and how far its versions are behind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from penstock.judge import measures, permissions, spdx
from penstock.judge.answer import options_of_gate
from penstock.model.pipeline import Ignored, JobKind, Mode
from penstock.model.plan import Job
from penstock.model.records import FindingRecord, JobRecord
from penstock.model.scales import LICENSE_NOTES, UNKNOWN_LICENSE
from penstock.model.verdict import CheckResult, Evidence, Status
from penstock.util.plural import plural

_SHOWN = 5
_NAMED = 3  # licences in a summary


class LicensesCheck:
    """A list, as advice; with `allow` or `deny` a gate, under which a licence that nobody knows is not green."""

    name = "licenses"

    def answer(self, evidence: Evidence) -> Iterable[CheckResult]:
        """One answer a job that lists them."""
        return measures.of_jobs(evidence, JobKind.LICENSES, self.name, _licenses)


class FreshnessCheck:
    """How many direct dependencies are behind, and by how much: advice."""

    name = "freshness"

    def answer(self, evidence: Evidence) -> Iterable[CheckResult]:
        """One answer a job that asks the index."""
        return measures.of_jobs(evidence, JobKind.FRESHNESS, self.name, _freshness)


def _licenses(evidence: Evidence, job: Job, record: JobRecord, findings: tuple[FindingRecord, ...]) -> CheckResult:
    del findings
    options = options_of_gate(evidence.plan, "licenses")
    allow, deny = _listed(options.get("allow", "")), _listed(options.get("deny", ""))
    everything = options.get("scope") == "all"
    found = list(_distributions(job, record, everything=everything))
    asked = bool(allow or deny)
    unknown = [each for each in found if each.rule.startswith(UNKNOWN_LICENSE) and not _named(each, allow)]
    refused = [each for each in found if each not in unknown and not spdx.permits(_text(each), allow, deny)]
    entries = permissions.of_gate(evidence.plan, "licenses")
    bad = permissions.sift(refused, entries, evidence.today, _covers)
    open_ = permissions.sift(unknown, entries, evidence.today, _covers)
    status = Status.PASSED
    if bad.bad or (asked and bad.void):
        status = Status.FAILED
    elif open_.bad:
        status = Status.MISSING if asked else Status.PASSED
    number = int(record.measure("distributions" if everything else "runtime") or 0)
    whose = "installed" if everything else "of the project's own dependencies"
    said = f"{len(bad.bad)} not permitted, " if asked else ""
    return CheckResult(
        name="licenses",
        status=status,
        summary=f"{said}{len(open_.bad)} unknown, of {number} {whose}: {_most(found)}",
        mode=measures.mode(evidence.plan, job, "licenses") if asked else Mode.WARN,
        number=len(bad.bad) if asked else None,
        limit=0 if asked else None,
        examined=len(found) or int(number == 0),
        expected=number,
        remedy=_remedy(status, bad),
        details=(
            *(f"the permission for {each.id} ended on {each.until} ({each.reason})" for each in bad.void),
            *(each.message for each in (*bad.bad, *open_.bad)[:_SHOWN]),
            *(() if asked else _list(found)),
        ),
        job=job.id,
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in text.split(",") if each.strip())


def _distributions(job: Job, record: JobRecord, *, everything: bool) -> Iterator[FindingRecord]:
    """One a distribution. `rule`: its licence; `anchor`: its name."""
    for note, text in sorted(record.notes.items()):
        for kind in LICENSE_NOTES if everything else LICENSE_NOTES[:1]:
            if note.startswith(kind):
                licence = note.removeprefix(kind)
                for each in text.split(", "):
                    yield FindingRecord(
                        job=job.id,
                        tool="licenses",
                        rule=licence,
                        message=f"{each}: {licence}",
                        anchor=each.partition(" ")[0],
                    )


def _text(found: FindingRecord) -> str:
    return found.rule.removeprefix(UNKNOWN_LICENSE).removeprefix(": ")


def _named(found: FindingRecord, allow: tuple[str, ...]) -> bool:
    """Whether what it says of itself stands in `allow`, word for word ("BSD License")."""
    return bool(_text(found)) and _text(found).lower() in {each.lower() for each in allow}


def _covers(entry: Ignored, found: FindingRecord) -> bool:
    return entry.id.lower().replace("_", "-").replace(".", "-") == found.anchor


def _most(found: list[FindingRecord]) -> str:
    counts: dict[str, int] = {}
    for each in found:
        licence = UNKNOWN_LICENSE if each.rule.startswith(UNKNOWN_LICENSE) else each.rule
        counts[licence] = counts.get(licence, 0) + 1
    counts.pop(UNKNOWN_LICENSE, None)
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    told = [f"{number} {licence}" for licence, number in ordered[:_NAMED]]
    rest = sum(number for _, number in ordered[_NAMED:])
    return ", ".join((*told, *([f"{rest} more"] if rest else []))) or "none known"


def _list(found: list[FindingRecord]) -> Iterator[str]:
    """The list itself: a line a licence."""
    groups: dict[str, list[str]] = {}
    for each in found:
        groups.setdefault(each.rule, []).append(each.message.partition(":")[0])
    for licence, names in sorted(groups.items(), key=lambda each: (-len(each[1]), each[0])):
        yield f"{licence}: {', '.join(names)}"


def _remedy(status: Status, bad: permissions.Sifted) -> str | None:
    if status is Status.FAILED and bad.void:
        return "do without it, or declare a new last day in gates.licenses.ignore"
    if status is Status.FAILED:
        return "do without it, or permit it in gates.licenses: `allow`, or `ignore` with a reason and a last day"
    if status is Status.MISSING:
        return "look it up, and permit it in gates.licenses.ignore with what was found as the reason"
    return None


def _freshness(evidence: Evidence, job: Job, record: JobRecord, findings: tuple[FindingRecord, ...]) -> CheckResult:
    del evidence
    direct, behind = int(record.measure("direct") or 0), int(record.measure("behind") or 0)
    steps = [(step, int(record.measure(f"behind_{step}") or 0)) for step in ("major", "minor", "patch")]
    every = plural(direct, "direct dependency", "direct dependencies")
    told = ", ".join(f"{number} by a {step} version" for step, number in steps if number)
    ordered = sorted(findings, key=lambda each: (each.rule, each.anchor))
    note = record.note("direct")
    return CheckResult(
        name="freshness",
        status=Status.FAILED if behind else Status.PASSED,
        summary=f"{behind} of {every} behind{f': {told}' if told else ''}",
        mode=Mode.WARN,
        number=behind,
        limit=0,
        examined=direct,
        expected=direct,
        remedy="raise them one by one, the tests behind each" if behind else None,
        details=(*(each.message for each in ordered[:_SHOWN]), *([note] if note else [])),
        job=job.id,
    )
