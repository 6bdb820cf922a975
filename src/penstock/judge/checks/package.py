"""Whether the project can be built, and its metadata holds."""

from __future__ import annotations

from collections.abc import Iterable

from penstock.judge.checks import package_parts
from penstock.model.events import Outcome
from penstock.model.pipeline import JobKind
from penstock.model.plan import Job
from penstock.model.records import JobRecord
from penstock.model.verdict import CheckResult, Evidence, Status
from penstock.util.plural import plural


class PackageCheck:
    """One answer a build job: at least one source distribution, one wheel, and a metadata check that passed; and one
    for each part of what was built.
    """

    name = "package"

    def answer(self, evidence: Evidence) -> Iterable[CheckResult]:
        """The answers: none if no build is planned."""
        records = {record.job: record for record in evidence.records.jobs}
        for job in evidence.plan.jobs:
            if job.kind is JobKind.BUILD:
                record = records.get(job.id)
                yield _answer(job, record)
                if record is not None and record.outcome is Outcome.PASSED:
                    yield from package_parts.answers(evidence, job, record)


def _answer(job: Job, record: JobRecord | None) -> CheckResult:
    if record is None or record.outcome not in {Outcome.PASSED, Outcome.FAILED}:
        return CheckResult(
            name="package", status=Status.MISSING, summary="not run to an end", mode=job.mode, job=job.id
        )
    sdists, wheels = int(record.measure("sdists") or 0), int(record.measure("wheels") or 0)
    # The metadata check leaves its count, or at least its version: without either it was not part of the job.
    checked = record.measure("checked") or (sdists + wheels if record.note("version:twine") else 0)
    lacks = [
        name
        for name, number in (("source distribution", sdists), ("wheel", wheels), ("metadata check", checked))
        if not number
    ]
    status = Status.FAILED if record.outcome is Outcome.FAILED else Status.MISSING if lacks else Status.PASSED
    summary = f"{plural(sdists, 'sdist')}, {plural(wheels, 'wheel')}, metadata checked"
    if status is not Status.PASSED:
        summary = record.reason if status is Status.FAILED else f"no {', no '.join(lacks)}"
    return CheckResult(
        name="package",
        status=status,
        summary=summary,
        mode=job.mode,
        number=sdists + wheels,
        limit=2,
        examined=int(min(checked, sdists + wheels)) if not lacks else 0,
        expected=sdists + wheels,
        remedy=record.note("remedy"),
        job=job.id,
    )
