"""A run of any size, made up but shaped as runs are: tests on several legs, files with their lines, findings, trends.

The same arguments always make the same run.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from penstock.judge.checks import CHECKS
from penstock.judge.decide import decide
from penstock.model.events import Outcome, TestOutcome
from penstock.model.pipeline import CheckSpec, JobKind
from penstock.model.plan import Command, Job, Plan, Scope
from penstock.model.records import CoverageRecord, FindingRecord, JobRecord, Records, RunRecord, TestRecord
from penstock.model.verdict import Evidence, Verdict
from penstock.record import failures
from penstock.report.story import Story

WALL_S = 1_795_257_000.0  # 2026-11-21 10:30 UTC
LEGS = ("unit@3.11", "unit@3.12", "unit@3.13", "integration@3.13")
_SHARES = (0.3, 0.3, 0.3, 0.1)  # of all tests

_AREAS = ("orders", "billing", "search", "accounts", "shipping", "reports", "catalog", "notify")
_PARTS = ("client", "models", "router", "schema", "cache", "pool", "loader", "parser", "views", "tasks")
_CLASSES = ("TestBasics", "TestErrors", "TestLimits")
_VERBS = ("opens", "closes", "refuses", "returns", "keeps", "retries", "rounds")
_OBJECTS = ("an_empty_cart", "the_last_page", "a_stale_token", "a_negative_total", "two_currencies", "a_late_event")

_FUNCTION = """\
def {verb}_{thing}(items: list[Item], *, limit: int = {limit}) -> list[Item]:
    \"\"\"{title}, at most `limit` of them.\"\"\"
    kept = [item for item in items if item.active]
    if len(kept) > limit:
        log.warning("%d of %d were left out", len(kept) - limit, len(kept))
        kept = kept[:limit]
    for item in kept:
        if item.total < 0:
            raise ValueError(f"{{item.id}}: a total below zero")
        item.seen = True
    return kept
"""
_COUNTED = (1, 3, 4, 5, 6, 7, 8, 9, 10, 11)  # of the lines of _FUNCTION: those that are statements
_FORKS = (4, 7, 8)
_HEAD = '"""{title}."""\n\nimport logging\n\nfrom shop.items import Item\n\nlog = logging.getLogger(__name__)\n'


def story(*, tests: int, files: int) -> Story:
    """The run, judged. `tests`: over all legs; `files`: measured ones."""
    kept = evidence(tests=tests, files=files)
    return told(kept, decide(kept, CHECKS))


def told(kept: Evidence, verdict: Verdict) -> Story:
    """What reports tell of it."""
    return Story(
        plan=kept.plan,
        records=kept.records,
        verdict=verdict,
        failures=failures.number(kept.records),
        logs={job.id: f".penstock/runs/{kept.records.run.run}/jobs/{job.id}/output.log" for job in kept.plan.jobs},
        now_s=WALL_S + 120,
    )


def evidence(*, tests: int, files: int, failing: int = 5_000) -> Evidence:
    """What the run left. `failing`: of so many tests one fails."""
    planned = _plan()
    rows = tuple(
        row for leg, share in zip(LEGS, _SHARES, strict=True) for row in _tests(leg, round(tests * share), failing)
    )
    coverage = tuple(_coverage(number) for number in range(files))
    findings = tuple(each for number in range(files) for each in _findings(number))
    run = RunRecord(run="20261121-103000-7f3b9c", plan=planned.digest, wall_s=WALL_S, duration_s=96.4, finished=True)
    records = Records(
        run=run,
        jobs=tuple(_ends(planned.jobs, rows, coverage, findings)),
        tests=rows,
        findings=findings,
        coverage=coverage,
    )
    return Evidence(plan=planned, records=records, today="2026-11-21")


def sources(files: int) -> Mapping[str, Sequence[str]]:
    """The lines of each measured file."""
    return {_path(number): _source(number) for number in range(files)}


def trends(days: int = 60) -> list[dict[str, Any]]:
    """A row a day, the newest first, with the columns of the history's question of that name."""
    rows = []
    for back in range(days):
        age, wave = back / days, math.sin(back * 1.7)
        month, day = (11, 21 - back) if back < 21 else (10, 52 - back) if back < 52 else (9, 82 - back)
        rows.append({
            "day": f"2026-{month:02}-{day:02}",
            "runs": 14 + int(5 * wave),
            "runs_passed_percent": 96.0 - 14 * age + 3 * wave if back else 50.0,
            "median_run_s": 96.4 + 120 * age * age + 5 * wave,
            "tests": int(20_000 - 5_600 * age - 20 * (back % 5)),
            "tests_passed_percent": 99.98 - 0.08 * age - 0.01 * abs(wave),
            "median_test_job_s": 71.0 + 80 * age * age + 4 * wave,
            "coverage_percent": 89.8 - 6 * age + 0.3 * math.sin(back * 0.8),
        })  # fmt: skip
    return rows


def _plan() -> Plan:
    def job(name: str, kind: JobKind, **fields: Any) -> Job:
        stage = fields.pop("stage", "check")
        return Job(id=name, name=name.partition("@")[0], kind=kind, stage=stage, commands=(), **fields)

    ruff = (Command(argv=("ruff", "check"), tool="ruff"),)
    jobs = (
        *(
            job(leg, JobKind.TEST, stage="test", python=leg.partition("@")[2], cpus=2 if leg.startswith("unit") else 1)
            for leg in LEGS
        ),
        job("coverage", JobKind.COVERAGE, stage="test", needs=LEGS[:3]),
        Job(id="lint", name="lint", kind=JobKind.LINT, stage="check", commands=ruff),
        job("format", JobKind.LINT),
        job("types", JobKind.TYPES),
        job("security", JobKind.SECURITY),
        job("docs", JobKind.RUN, required=False),
        job("build", JobKind.BUILD, stage="package"),
    )
    gates = (
        CheckSpec(name="coverage", limits=(("total", 80.0),)),
        CheckSpec(name="tests", limits=(("min", 100.0),)),
        CheckSpec(name="security", options=(("severity", "high"),)),
    )
    return Plan(
        digest="5e1f0c9a77d24b60",
        root="/home/someone/shop",
        scope=Scope.FULL,
        jobs=jobs,
        environments=(),
        resolutions=(),
        stages=(),
        gates=gates,
        commit="c0ffee1234567890c0ffee1234567890c0ffee12",
    )


def _ends(
    jobs: Sequence[Job],
    rows: Sequence[TestRecord],
    coverage: Sequence[CoverageRecord],
    findings: Sequence[FindingRecord],
) -> Iterator[JobRecord]:
    spans = {
        "unit@3.11": (0.3, 44.0), "unit@3.12": (0.3, 41.5), "unit@3.13": (44.6, 38.0), "integration@3.13": (42.0, 51.8),
        "coverage": (83.0, 3.1), "lint": (82.7, 0.4), "format": (83.2, 0.3), "types": (83.6, 9.5),
        "security": (86.2, 1.2), "docs": (87.5, 7.4), "build": (93.9, 2.4),
    }  # fmt: skip
    counts: dict[str, dict[str, float]] = {}
    for row in rows:
        numbers = counts.setdefault(row.job, {})
        numbers[row.outcome.value] = numbers.get(row.outcome.value, 0) + 1
    for job in jobs:
        start, spent = spans[job.id]
        found = counts.get(job.id, {})
        measures = {"collected": sum(found.values()), "ran": sum(found.values()), **found}
        if job.kind is not JobKind.TEST:
            measures = _measures(job, coverage, findings)
        bad = bool(measures.get("failed") or measures.get("findings") or job.id == "docs")
        yield JobRecord(
            job=job.id,
            kind=job.kind,
            outcome=Outcome.FAILED if bad else Outcome.PASSED,
            reason=_reason(job, measures) if bad else "",
            started_s=start,
            duration_s=spent,
            cpu_s=spent * job.cpus * 0.94,
            memory_bytes=int(4e7 + spent * 5e6),
            measures=measures,
            notes={"python": f"{job.python}.4", "implementation": "CPython"} if job.python else {},
            flaky=tuple(row.id for row in rows if row.job == job.id and row.attempt > 1),
        )


def _measures(job: Job, coverage: Sequence[CoverageRecord], findings: Sequence[FindingRecord]) -> dict[str, float]:
    examined: dict[str, float] = {"files": len(coverage), "expected": len(coverage)}
    if job.kind is JobKind.COVERAGE:
        covered = sum(each.covered for each in coverage)
        return {"files": len(coverage), "statements": sum(each.statements for each in coverage), "covered": covered}
    if job.kind is JobKind.BUILD:
        return {"sdists": 1, "wheels": 1, "checked": 2}
    if job.kind is JobKind.SECURITY:
        return {**examined, "severity_low": sum(each.job == job.id for each in findings)}
    return {**examined, "findings": sum(each.job == job.id for each in findings)}


def _reason(job: Job, measures: Mapping[str, float]) -> str:
    if job.kind is JobKind.TEST:
        return f"{int(measures['failed'])} of {int(measures['collected'])} tests failed"
    return f"{int(measures['findings'])} findings" if job.kind is JobKind.LINT else "mkdocs ended with 1"


def _tests(leg: str, number: int, failing: int) -> Iterator[TestRecord]:
    for count in range(number):
        name = _test(leg, count)
        slow = 40.0 if count % 211 == 0 else 1.0
        call_s = round(slow * math.exp(-6.2 + 1.3 * math.sin(count * 12.9898) + 0.2 * math.sin(count + len(leg))), 5)
        times: dict[str, Any] = {"setup_s": 0.0003, "call_s": call_s, "teardown_s": 0.0001}
        if count % failing == 1_234 % failing or (count == 77 and leg != "unit@3.11"):
            yield _failed(leg, name, count, times)
        elif count == 311 and leg == "unit@3.12":
            yield _failed(leg, name, count, times)
            yield TestRecord(
                job=leg, id=name, outcome=TestOutcome.PASSED, attempt=2, mode="alone", decision="excused",
                why="failed 1 of 2 times: flaky, 3 of 212 runs before", **times,
            )  # fmt: skip
        else:
            outcome = TestOutcome.SKIPPED if count % 97 == 5 else TestOutcome.PASSED
            yield TestRecord(job=leg, id=name, outcome=outcome, **times)


def _test(leg: str, count: int) -> str:
    file, place = divmod(count, 25)
    area, part = _AREAS[file % len(_AREAS)], _PARTS[file // len(_AREAS) % len(_PARTS)]
    again = file // (len(_AREAS) * len(_PARTS))
    suite = "integration" if leg.startswith("integration") else "unit"
    case = f"test_{_VERBS[place % 7]}_{_OBJECTS[place % 6]}"
    number = f"[{place // 6}]" if place >= 6 else ""
    return f"tests/{suite}/{area}/test_{part}{again or ''}.py::{_CLASSES[place % 3]}::{case}{number}"


def _failed(leg: str, name: str, count: int, times: Mapping[str, Any]) -> TestRecord:
    file, _, test = name.partition("::")
    shown = (
        f"    def {test.rpartition('::')[2].partition('[')[0]}(self, cart: Cart) -> None:",
        "        cart.add(price(19, 99), times=3)",
        "        cart.add(price(0, 1), times=1)",
        ">       assert cart.total() == price(59, 98)",
        f"E       assert Price(59.{97 - count % 7}) == Price(59.98)",
        "",
        f"{file}:{40 + count % 60}: AssertionError",
    )
    said = f"assert Price(59.{97 - count % 7}) == Price(59.98)"
    return TestRecord(
        job=leg,
        id=name,
        outcome=TestOutcome.FAILED,
        kind="AssertionError",
        message=said,
        text="\n".join(shown),
        **times,
    )


def _path(number: int) -> str:
    area, part = _AREAS[number % len(_AREAS)], _PARTS[number // len(_AREAS) % len(_PARTS)]
    again = number // (len(_AREAS) * len(_PARTS))
    return f"src/shop/{area}/{part}{again or ''}.py"


def _functions(number: int) -> int:
    return 4 + number * 7 % 23


def _source(number: int) -> list[str]:
    area, part = _AREAS[number % len(_AREAS)], _PARTS[number // len(_AREAS) % len(_PARTS)]
    lines = _HEAD.format(title=f"{part.capitalize()} of {area}").splitlines()
    for count in range(_functions(number)):
        verb, thing = _VERBS[count % 7].rstrip("s"), f"{part}_{count}"
        title = f"The {part} that {_VERBS[count % 7]} {_OBJECTS[count % 6].replace('_', ' ')}"
        lines += ["", "", *_FUNCTION.format(verb=verb, thing=thing, limit=10 * (count + 1), title=title).splitlines()]
    return lines


def _coverage(number: int) -> CoverageRecord:
    """Of every third file all is run; of the others the errors are not, and a few functions not at all."""
    first = len(_HEAD.splitlines()) + 3
    counted, missing, forks = [3, 5, 7], [], []
    for count in range(_functions(number)):
        start = first + count * (len(_FUNCTION.splitlines()) + 2) - 1
        counted += [start + line for line in _COUNTED]
        if number % 3 == 0:
            forks += [(start + line, 2, 2) for line in _FORKS]
        elif (count * 7 + number) % 11 == 0:
            missing += [start + line for line in _COUNTED[1:]]
            forks += [(start + line, 2, 0) for line in _FORKS]
        elif (count + number) % 4 == 0:
            missing += [start + 5, start + 6, start + 9]
            forks += [(start + 4, 2, 1), (start + 7, 2, 2), (start + 8, 2, 1)]
        else:
            forks += [(start + line, 2, 2) for line in _FORKS]
    ran = sorted(set(counted) - set(missing))
    return CoverageRecord(
        path=_path(number),
        statements=len(counted),
        covered=len(ran),
        branches=2 * len(forks),
        covered_branches=sum(taken for _, _, taken in forks),
        missing=tuple(sorted(missing)),
        ran=tuple(_runs(ran)),
        forks=tuple(forks),
    )


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    first = last = numbers[0]
    for number in numbers[1:]:
        if number > last + 1:
            yield first, last
            first = number
        last = number
    yield first, last


_RULES = (
    ("F401", "`logging.Handler` imported but unused", "error"),
    ("B904", "Within an `except` clause, raise exceptions with `raise ... from err`", "error"),
    ("PLR0913", "Too many arguments in function definition (9 > 8)", "error"),
)


def _findings(number: int) -> Iterator[FindingRecord]:
    if number % 9 == 4:
        rule, message, severity = _RULES[number // 9 % 3]
        yield FindingRecord(
            job="lint", tool="ruff", rule=rule, message=message, path=_path(number), line=3 + number % 40, column=5,
            severity=severity, anchor=f"retry_{number}",
        )  # fmt: skip
    if number % 40 == 7:
        yield FindingRecord(
            job="security", tool="ruff", rule="S101", message="Use of `assert` detected", path=_path(number),
            line=12 + number % 30, column=9, severity="low", anchor=f"open_{number}",
        )  # fmt: skip
