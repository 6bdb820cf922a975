"""Whether the tests ran: all that were collected, on the interpreter of the leg, and none quietly left out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

import msgspec

from penstock.judge.answer import limits_of_gate, mode_of_gate, options_of_gate
from penstock.model.events import Outcome, TestOutcome
from penstock.model.pipeline import JobKind
from penstock.model.plan import Job, Plan, Rule, Scope
from penstock.model.records import JobRecord, TestRecord, last_attempts
from penstock.model.tested import Tested
from penstock.model.verdict import CheckResult, Evidence, Status
from penstock.util.plural import plural
from penstock.value import Value

# Every way in which a collected test can end; they must add up to what was collected.
_EXECUTED = ("passed", "failed", "errored", "xfailed", "xpassed", "crashed", "timed_out", "quarantined")
_ENDS = (*_EXECUTED, "skipped", "not_run")
_BAD = ("failed", "errored", "crashed", "timed_out")

_SHARE = 95  # percent of the tests that ran before: what `min = "auto"` asks for
_MISSING_MODULE = re.compile(r"(?:could not import|No module named) '?([A-Za-z_][\w.]*)'?")


class _Objection(Value, frozen=True, kw_only=True):
    """Why a job's tests are not evidence of a pass."""

    status: Status
    summary: str
    remedy: str | None = None


class TestsCheck:
    """One answer a test job, and one for the declared floor."""

    __test__ = False  # not a test class of pytest
    name = "tests"

    def answer(self, evidence: Evidence) -> Iterable[CheckResult]:
        """The answers: none if no test job is planned and no floor is declared."""
        records = {record.job: record for record in evidence.records.jobs}
        rows: dict[str, list[TestRecord]] = {}
        for (job_id, _), test in last_attempts(evidence.records.tests).items():
            rows.setdefault(job_id, []).append(test)
        for job in evidence.plan.jobs:
            if job.kind is JobKind.TEST:
                yield _of_job(evidence, job, records.get(job.id), rows.get(job.id, []))
        yield from _floor(evidence, rows)


def _of_job(evidence: Evidence, job: Job, record: JobRecord | None, tests: list[TestRecord]) -> CheckResult:
    counts = {} if record is None else {name: int(number) for name, number in record.measures.items()}
    objection = next(_objections(evidence, job, record, tests), None)
    modules = _missing_modules(tests)
    return CheckResult(
        name="tests",
        status=Status.PASSED if objection is None else objection.status,
        summary=_counted(counts) if objection is None else objection.summary,
        number=sum(counts.get(name, 0) for name in _EXECUTED),
        examined=sum(counts.get(name, 0) for name in _ENDS) - counts.get("not_run", 0),
        expected=counts.get("collected", 0),
        remedy=None if objection is None else objection.remedy,
        details=(*_told(modules), *_skipped_files(record)),
        job=job.id,
    )


def _objections(
    evidence: Evidence, job: Job, record: JobRecord | None, tests: list[TestRecord]
) -> Iterator[_Objection]:
    """Everything against a pass, the most telling first."""
    if record is None or record.outcome not in {Outcome.PASSED, Outcome.FAILED, Outcome.TIMED_OUT}:
        yield _missing("not run to an end", None if record is None else record.note("remedy"))
        return
    counts = {name: int(number) for name, number in record.measures.items()}
    yield from _said_no(job, record, counts, tests)
    yield from _unaccounted(record, counts, tests)
    yield from _other_interpreter(job, record)
    if job.shard is None:
        yield from _too_few(job, counts, tests)
        yield from _skipped_away(record, counts, tests)
    yield from _left_out(evidence, job, record)


def of_leg(
    jobs: Iterable[Job], records: Mapping[str, JobRecord], rows: Mapping[str, list[TestRecord]]
) -> _Objection | None:
    """What speaks against all shards of a leg together that cannot be asked of one: too few tests, most skipped."""
    tests = [test for job in jobs for test in rows.get(job.id, [])]
    known = [records[job.id] for job in jobs if job.id in records]
    counts: dict[str, int] = {}
    for record in known:
        for name, number in record.measures.items():
            kept = max if name == "deselected" else int.__add__  # each shard sees all that is deselected
            counts[name] = kept(counts.get(name, 0), int(number))
    found = [objection for job in jobs for objection in _too_few(job, counts, tests)]
    found += [objection for record in known[:1] for objection in _skipped_away(record, counts, tests)]
    return next(iter(found), None)


def _said_no(job: Job, record: JobRecord, counts: Mapping[str, int], tests: list[TestRecord]) -> Iterator[_Objection]:
    """By the outcome, by the counts, and by the rows: only what the plan puts into quarantine may have failed."""
    bad = {name: counts.get(name, 0) for name in (*_BAD, "collection_errors")}
    if record.outcome is not Outcome.PASSED or any(bad.values()):
        told = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in bad.items() if number)
        yield _Objection(status=Status.FAILED, summary=told or record.reason or record.outcome.value)
    rows = (test.id for test in tests if test.bad and test.outcome is not TestOutcome.NOT_RUN)
    uncovered = [test for test in rows if not any(entry.covers(test) for entry in job.quarantine)]
    if uncovered:
        yield _Objection(status=Status.FAILED, summary=f"{len(uncovered)} failed: {uncovered[0]}")


def _unaccounted(record: JobRecord, counts: Mapping[str, int], tests: list[TestRecord]) -> Iterator[_Objection]:
    if "collected" not in counts:
        yield _missing("no finish record: how many tests were collected and ran is not known")
        return
    collected, ended = counts["collected"], sum(counts.get(name, 0) for name in _ENDS)
    if collected != ended:
        yield _missing(
            f"{plural(abs(collected - ended), 'test')} unaccounted for: {collected} collected, {ended} ended"
        )
    if counts.get("not_run"):
        yield _missing(f"{counts['not_run']} of {plural(collected, 'test')} not run")
    # A cached result is not read again: its counts were verified when it was stored, its rows lie with that run.
    if len(tests) != collected and (tests or record.cached_from is None):
        yield _missing(f"{plural(len(tests), 'result')} for {plural(collected, 'collected test')}")


def _other_interpreter(job: Job, record: JobRecord) -> Iterator[_Objection]:
    """The leg's name is a promise: `3.12`, `3.13t`, `pypy3.10`."""
    if job.python is None:
        return
    implementation, number = ("pypy", job.python[4:]) if job.python.startswith("pypy") else ("cpython", job.python)
    seen, kind = record.note("python"), record.note("implementation")
    if seen is None:
        yield _missing("the tests did not prove which interpreter they ran on")
    elif not seen.startswith(f"{number.rstrip('t')}.") or (kind or implementation).lower() != implementation:
        yield _missing(f"ran on {kind or ''} {seen}".replace("  ", " ") + f", not on {job.python}")


def _too_few(job: Job, counts: Mapping[str, int], tests: list[TestRecord]) -> Iterator[_Objection]:
    """Guard G2: less than half of the test functions that the files hold. Parameters are no functions of their own."""
    functions = {test.id.partition("[")[0] for test in tests}
    collected, looked_like = len(functions) or counts.get("collected", 0), job.expected_tests
    if collected == 0:
        yield _missing("no test was collected", 'name the tests: jobs.NAME.test = "PATH"')
    elif 2 * (collected + counts.get("deselected", 0)) < looked_like:
        yield _missing(
            f"{plural(collected, 'test function')} collected, {looked_like} counted in the files",
            f"set jobs.{job.name}.test to all places that hold tests, or to those that are meant",
        )


def _skipped_away(record: JobRecord, counts: Mapping[str, int], tests: list[TestRecord]) -> Iterator[_Objection]:
    """Guard G3: nothing ran, or half of the tests were skipped because a module that they need is not installed."""
    executed, skipped = sum(counts.get(name, 0) for name in _EXECUTED), counts.get("skipped", 0)
    if executed == 0:
        if skipped:
            yield _missing(f"{_all(skipped)} skipped", "bring what the skips' reasons name, or run it where that is")
        else:
            yield _missing("no test ran")
        return
    # The count is kept with the job, so that a cached result is judged as it was when it was fresh. Where only the
    # modules are known, every skip may be theirs.
    names = ", ".join(_missing_modules(tests)) or record.note("skipped_for")
    lost = counts.get("skipped_missing", skipped if names else 0)
    if 2 * lost >= counts.get("collected", 0):
        yield _missing(
            f"{lost} of {plural(counts['collected'], 'test')} skipped: {names} not installed",
            "add the extra, group or requirement that brings them to the job",
        )


def _all(number: int) -> str:
    return "the one test was" if number == 1 else f"all {number} tests were"


def _left_out(evidence: Evidence, job: Job, record: JobRecord) -> Iterator[_Objection]:
    """What the environment lacks although the project asks for it: the tests ran without a part."""
    for environment in evidence.plan.environments:
        if environment.id == job.environment and environment.dependencies.unfetchable:
            absent = ", ".join(environment.dependencies.unfetchable)
            yield _missing(f"ran without {absent}, which cannot be fetched here")
    note = record.note("left_out")
    if note:
        yield _missing(f"a part was left out: {note}")


def _missing(summary: str, remedy: str | None = None) -> _Objection:
    return _Objection(status=Status.MISSING, summary=summary, remedy=remedy)


def _missing_modules(tests: Iterable[TestRecord]) -> dict[str, int]:
    """Modules that skips name as missing -> how many tests they cost, the most costly first."""
    counts: dict[str, int] = {}
    for test in tests:
        found = _MISSING_MODULE.search(test.message) if test.outcome is TestOutcome.SKIPPED else None
        if found:
            counts[found[1]] = counts.get(found[1], 0) + 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _told(modules: Mapping[str, int]) -> Iterator[str]:
    for module, count in modules.items():
        yield f"{count} skipped: the module {module} is missing"


def _skipped_files(record: JobRecord | None) -> Iterator[str]:
    """Files that skipped themselves whole: their tests were never counted."""
    number = int(record.measure("skipped_files") or 0) if record is not None else 0
    if number and record is not None:
        modules = record.note("skipped_for")
        yield f"{plural(number, 'file')} skipped whole" + (f", for want of {modules}" if modules else "")


def _counted(counts: Mapping[str, int]) -> str:
    told = [f"{counts[name]} {name.replace('_', ' ')}" for name in (*_ENDS, "deselected") if counts.get(name)]
    return ", ".join(told) or "no tests"


def _floor(evidence: Evidence, rows: Mapping[str, list[TestRecord]]) -> Iterator[CheckResult]:
    """The declared least number of tests, over all test jobs, each test once however many legs it ran on."""
    limit = limits_of_gate(evidence.plan, "tests").get("min")
    automatic = options_of_gate(evidence.plan, "tests").get("min") == "auto"
    if (limit is None and not automatic) or evidence.plan.scope is Scope.PARTIAL:
        return
    if _ruled_out(evidence.plan, {job.name for job in evidence.plan.jobs}):
        return
    ran = sum(_ran(evidence, rows).values())
    result = CheckResult(
        name="tests.min",
        status=Status.MISSING,
        summary="",
        number=ran,
        examined=ran,
        mode=mode_of_gate(evidence.plan, "tests"),
    )
    tested = evidence.facts.tested or Tested()
    if automatic and tested.before is None:
        yield _without_record(result, tested.unread)
        return
    if limit is None and tested.before is not None:
        least = float(-(-tested.before.ran * _SHARE // 100))
        told = f", {_SHARE} % of the {tested.before.ran} of {tested.before}"
        yield _permitted(_against(result, least, told, unfinished=_unfinished(evidence)), evidence.facts.why)
        return
    yield _against(result, limit or 0.0, "", unfinished=_unfinished(evidence))


def _ran(evidence: Evidence, rows: Mapping[str, list[TestRecord]]) -> dict[str, int]:
    """Tests that ran and were not skipped, by the name of their job. A cached job without rows tells its counts."""
    idle = {TestOutcome.SKIPPED, TestOutcome.NOT_RUN}
    names = {job.id: job.name for job in evidence.plan.jobs if job.kind is JobKind.TEST}
    ids: dict[str, set[str]] = {}
    for job_id, tests in rows.items():
        if job_id in names:
            ids.setdefault(names[job_id], set()).update(test.id for test in tests if test.outcome not in idle)
    ran = {name: len(seen) for name, seen in ids.items()}
    for record in evidence.records.jobs:
        if record.cached_from is not None and record.job in names and record.job not in rows:
            told = sum(int(record.measure(name) or 0) for name in _EXECUTED)
            ran[names[record.job]] = max(ran.get(names[record.job], 0), told)
    return ran


def _unfinished(evidence: Evidence) -> list[str]:
    """Test jobs that did not run to an end: what they would have run is not known."""
    ended = {r.job for r in evidence.records.jobs if r.outcome in {Outcome.PASSED, Outcome.FAILED}}
    return [job.id for job in evidence.plan.jobs if job.kind is JobKind.TEST and job.id not in ended]


def _ruled_out(plan: Plan, names: Collection[str]) -> bool:
    """Whether a declared rule (a path filter) leaves a whole test job out: the floor is over all of them. What is for
    other runs is none of them, unless all are.
    """
    left_out = (left for left in plan.left_out if left.declared and left.kind is JobKind.TEST)
    away = {left.rule for left in left_out if left.id.partition("@")[0] not in names}
    return bool(away - {Rule.RUNS}) or (bool(away) and not any(job.kind is JobKind.TEST for job in plan.jobs))


def _without_record(result: CheckResult, unread: str) -> CheckResult:
    """Where nothing is known yet that is said: the first run has to pass, or there would never be a record."""
    told = f"{plural(result.examined, 'test')} ran"
    if unread:
        return msgspec.structs.replace(result, summary=f"{told}; the record of earlier runs cannot be read: {unread}")
    told += "; there is no record of the base to set a floor by"
    return msgspec.structs.replace(result, status=Status.PASSED, summary=told)


def _permitted(result: CheckResult, why: str) -> CheckResult:
    """A floor that nobody set is passed by a reason."""
    if result.status is not Status.FAILED:
        return result
    if why:
        return msgspec.structs.replace(result, status=Status.PASSED, summary=f"{result.summary}: {why}", remedy=None)
    remedy = "find the lost tests, or say why: a line `Policy: WHY` in a commit's or the pull request's description"
    return msgspec.structs.replace(result, remedy=remedy)


def _against(result: CheckResult, limit: float, told: str, *, unfinished: list[str]) -> CheckResult:
    enough, ran = result.examined >= limit, f"{plural(result.examined, 'test')} ran"
    if unfinished and not enough:
        said = f"{ran} of at least {limit:g}{told}; not run to an end: {', '.join(unfinished)}"
        return msgspec.structs.replace(result, summary=said, limit=limit)
    return msgspec.structs.replace(
        result,
        status=Status.PASSED if enough else Status.FAILED,
        summary=f"{ran}, at least {limit:g} are asked for{told}",
        limit=limit,
        remedy=None if enough else "find the lost tests, or lower gates.tests.min with the reason in the commit",
    )
