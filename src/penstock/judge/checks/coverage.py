"""Whether enough of the code was run, in total and in each file. Exact arithmetic: rounding lifts nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from penstock.judge.answer import limits_of_gate, mode_of_gate, options_of_gate
from penstock.judge.checks import coverage_diff, coverage_flags
from penstock.model.events import Outcome
from penstock.model.pipeline import JobKind, Mode
from penstock.model.plan import Job, Plan
from penstock.model.records import CoverageRecord, JobRecord
from penstock.model.verdict import CheckResult, Evidence, Status
from penstock.util.plural import noun, plural
from penstock.value import Value

_SHOWN = 5
_KNOWN_LIMITS = frozenset({"total", "file", "diff"})
_SUMS = ("statements", "covered", "branches", "covered_branches")
# Ways of a test to end that lose what its process had measured.
_LOSES = ("crashed", "timed_out", "not_run")


_BILLION = 10**9


def _billionths(limit: float) -> int:
    """A limit as an integer: exact for every percentage that is declared with up to nine decimals."""
    return round(limit * _BILLION)


class _Count(Value, frozen=True, kw_only=True):
    """Covered of countable: lines, and branch arcs where they count."""

    covered: int
    total: int

    def reaches(self, limit: float) -> bool:
        """Whether the share is at least `limit` percent, exactly. Nothing to cover reaches every limit."""
        return self.covered * 100 * _BILLION >= _billionths(limit) * self.total

    @property
    def percent(self) -> float:
        """For people; never compared."""
        return 100.0 * self.covered / self.total if self.total else 100.0

    def __str__(self) -> str:
        """Two decimals, rounded down, so that no reader sees a limit reached that is not."""
        hundredths = self.covered * 10_000 // self.total if self.total else 10_000
        return f"{hundredths // 100}.{hundredths % 100:02} %"


class CoverageCheck:
    """The total, the files below the limit of a file, and what was declared and cannot be answered."""

    name = "coverage"

    def answer(self, evidence: Evidence) -> Iterable[CheckResult]:
        """The answers: none if nothing measures."""
        jobs = [job for job in evidence.plan.jobs if job.kind is JobKind.COVERAGE]
        for job in jobs:
            yield from _of_job(evidence, job)


def _of_job(evidence: Evidence, job: Job) -> Iterator[CheckResult]:
    plan, limits = evidence.plan, limits_of_gate(evidence.plan, "coverage")
    records = {record.job: record for record in evidence.records.jobs}
    record = records.get(job.id)
    files = evidence.records.coverage
    branch = _counts_branches(options_of_gate(plan, "coverage").get("branch"))
    lost = next(_lost(job, records), None)
    if record is None or record.outcome is not Outcome.PASSED or lost is not None:
        bound = f"; at least {_sum(files, branch=branch)}" if files else ""
        why = lost or (record.reason if record is not None else "") or "not measured to an end"
        yield _missing("coverage.total", f"{why}{bound}", plan, job=job)
        return
    if options_of_gate(plan, "coverage").get("branch") == "true" and record.measure("branches") is None:
        yield _missing("coverage.total", "branches are asked for and were not measured", plan, job=job)
        return
    yield _total(evidence, job, record, branch=branch)
    if "file" in limits:
        yield _each_file(plan, job, files, limits["file"], branch=branch)
    if "diff" in limits:
        yield _difference(evidence, job, limits["diff"], branch=branch)
    yield from _flags(plan, job, record, branch=branch)
    for name in sorted(each for each in set(limits) - _KNOWN_LIMITS if not each.startswith(coverage_flags.LIMIT)):
        yield _missing(f"coverage.{name}", f"this version of penstock cannot answer coverage.{name}", plan, job=job)


def _lost(job: Job, records: dict[str, JobRecord]) -> Iterator[str]:
    """The measurements that the figure should hold and cannot."""
    for need in job.needs:
        record = records.get(need)
        if record is None or record.outcome not in {Outcome.PASSED, Outcome.FAILED}:
            yield f"{need} was not measured to an end"
        elif any(record.measure(name) for name in _LOSES):
            yield f"a process of {need} died before it saved what it measured"


def _total(evidence: Evidence, job: Job, record: JobRecord, *, branch: bool) -> CheckResult:
    files = evidence.records.coverage
    count = _sum(files, branch=branch) if files else _of_measures(record, branch=branch)
    limit, source = _limit(evidence.plan, record)
    examined = len(files) or int(record.measure("files") or 0)
    reached = limit is None or count.reaches(limit)
    held = "no limit is set" if limit is None else f"of {limit:g} %{source}"
    rounded = limit is not None and not reached and round(count.percent) >= limit
    return CheckResult(
        name="coverage.total",
        status=Status.PASSED if reached else Status.FAILED,
        summary=f"{count} ({count.covered}/{count.total}), {held}{_apart(record, branch=branch)}",
        mode=_mode(evidence.plan, job),
        number=count.percent,
        limit=limit,
        examined=examined,
        expected=int(record.measure("expected") or record.measure("files") or 0),
        remedy=None if reached else _remedy(count, limit or 0.0, branch=branch),
        details=(
            *(("rounded to whole percents it would pass; it is compared exactly",) if rounded else ()),
            *(() if reached else _not_measured(evidence.plan)),
        ),
        job=job.id,
    )


def _flags(plan: Plan, job: Job, record: JobRecord, *, branch: bool) -> Iterator[CheckResult]:
    """Each measurement by itself, where there are several. A declared one that is not there is missing."""
    limits, told = coverage_flags.declared(limits_of_gate(plan, "coverage")), coverage_flags.told(record)
    for flag in sorted({*limits, *told}):
        limit, sums = limits.get(flag), told.get(flag, {})
        count = _counted(sums, branch=branch)
        if not sums.get("files") or not count.total:
            result = _missing(f"coverage.{flag}", f"nothing was measured for the flag {flag}", plan, job=job)
            yield replace(result, limit=limit)
            continue
        reached = limit is None or count.reaches(limit)
        yield CheckResult(
            name=f"coverage.{flag}",
            status=Status.PASSED if reached else Status.FAILED,
            summary=f"{count} ({count.covered}/{count.total})" + ("" if limit is None else f", of {limit:g} %"),
            mode=_mode(plan, job),
            number=count.percent,
            limit=limit,
            examined=sums["files"],
            expected=sums["files"],
            remedy=None if reached else _remedy(count, limit or 0.0, branch=branch),
            job=job.id,
        )


def _not_measured(plan: Plan) -> Iterator[str]:
    """Legs whose lines may be what is missing."""
    absent = [left.id for left in plan.left_out if left.kind is JobKind.TEST and not left.declared]
    if absent:
        yield f"not measured: {', '.join(absent)}"


def _limit(plan: Plan, record: JobRecord) -> tuple[float | None, str]:
    """The declared limit; without one, the `fail_under` of the project's own configuration."""
    declared = limits_of_gate(plan, "coverage").get("total")
    if declared is not None:
        return declared, ""
    own = record.measure("fail_under")
    return own, "" if own is None else " (fail_under of the project's coverage configuration)"


def _each_file(plan: Plan, job: Job, files: tuple[CoverageRecord, ...], limit: float, *, branch: bool) -> CheckResult:
    counts = {record.path: _sum((record,), branch=branch) for record in files}
    below = sorted((path for path in counts if not counts[path].reaches(limit)), key=lambda path: counts[path].percent)
    worst = f"; the least: {below[0]} {counts[below[0]]}" if below else ""
    return CheckResult(
        name="coverage.file",
        status=Status.FAILED if below else Status.PASSED,
        summary=f"{len(files) - len(below)} of {plural(len(files), 'file')} at {limit:g} % or more{worst}",
        mode=_mode(plan, job),
        number=min((count.percent for count in counts.values()), default=None),
        limit=limit,
        examined=len(files),
        expected=len(files),
        remedy="test the files named, or lower gates.coverage.file" if below else None,
        details=tuple(
            f"{path} {counts[path]} ({counts[path].covered}/{counts[path].total})" for path in below[:_SHOWN]
        ),
        job=job.id,
    )


def _difference(evidence: Evidence, job: Job, limit: float, *, branch: bool) -> CheckResult:
    """The changed lines against their limit. What has no record keeps the answer open."""
    plan, files, change = evidence.plan, evidence.records.coverage, evidence.facts.change
    if change is None:
        why = evidence.facts.unknown or "nobody asked git"
        return _missing("coverage.diff", f"what changes is not known: {why}", plan, job=job)
    if not files and change.files:
        return _missing(
            "coverage.diff", "the lines of the files are not here: the result is a cached one", plan, job=job
        )
    without = coverage_diff.unmeasured(change, files, evidence.facts.packages)
    if without:
        said = f"{without[0]} is changed and was not measured{f', nor {len(without) - 1} more' if without[1:] else ''}"
        return _missing("coverage.diff", said, plan, job=job)
    changed = coverage_diff.measured(change, files)
    count = _Count(
        covered=sum(each.covered + (each.taken if branch else 0) for each in changed),
        total=sum(each.lines + (each.exits if branch else 0) for each in changed),
    )
    reached = count.reaches(limit)
    lacks = coverage_diff.told(changed, branch=branch)
    with_exits = branch and any(each.exits for each in changed)
    told = f"{count.covered} of {count.total} changed {'lines and branches' if with_exits else 'lines'}"
    return CheckResult(
        name="coverage.diff",
        status=Status.PASSED if reached else Status.FAILED,
        summary=f"{count} ({told}), of {limit:g} %" if count.total else "no line that counts is changed",
        mode=_mode(plan, job),
        number=count.percent,
        limit=limit,
        examined=max(1, len(changed)),
        expected=len(changed),
        remedy=None if reached else "test the lines named",
        details=() if reached else tuple(f"{path}: {words}" for path, words in list(lacks.items())[:_SHOWN]),
        job=job.id,
    )


def _counts_branches(option: str | None) -> bool:
    """As coverage.py does: where branches were measured they count. `branch = false` leaves them out."""
    return option != "false"


def _sum(files: Iterable[CoverageRecord], *, branch: bool) -> _Count:
    covered = total = 0
    for record in files:
        covered += record.covered + (record.covered_branches if branch else 0)
        total += record.statements + (record.branches if branch else 0)
    return _Count(covered=covered, total=total)


def _apart(record: JobRecord, *, branch: bool) -> str:
    """` · python 95.00 %, rust 81.20 %`, where there are several measurements."""
    told = coverage_flags.told(record)
    parts = ", ".join(f"{flag} {_counted(sums, branch=branch)}" for flag, sums in told.items())
    return f" · {parts}" if parts else ""


def _of_measures(record: JobRecord, *, branch: bool) -> _Count:
    """A cached job tells its sums; its files lie with the run that measured them."""
    return _counted({name: int(record.measure(name) or 0) for name in _SUMS}, branch=branch)


def _counted(sums: Mapping[str, int], *, branch: bool) -> _Count:
    statements, covered, branches, covered_branches = (sums.get(name, 0) for name in _SUMS)
    merged = CoverageRecord(
        path="",
        statements=statements,
        covered=covered,
        branches=branches,
        covered_branches=covered_branches,
    )
    return _sum((merged,), branch=branch)


def _remedy(count: _Count, limit: float, *, branch: bool) -> str:
    lacking = -((count.covered * 100 * _BILLION - _billionths(limit) * count.total) // (100 * _BILLION))
    what = noun(lacking, "line or branch", "lines or branches") if branch else noun(lacking, "line")
    return f"cover {lacking} more {what}"


def _mode(plan: Plan, job: Job) -> Mode:
    declared = mode_of_gate(plan, "coverage")
    return Mode.WARN if job.mode is Mode.WARN else declared


def _missing(name: str, summary: str, plan: Plan, *, job: Job) -> CheckResult:
    return CheckResult(
        name=name,
        status=Status.MISSING,
        summary=summary,
        mode=_mode(plan, job),
        limit=limits_of_gate(plan, "coverage").get(name.partition(".")[2]),
        job=job.id,
    )
