"""Runs to tell: one that is green and cached, one with every kind of bad end, and smaller ones."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from penstock.errors import Place
from penstock.judge.checks import CHECKS
from penstock.judge.decide import decide
from penstock.model.events import Outcome
from penstock.model.pipeline import CheckSpec, JobKind, Limit, Quarantine, Tolerance
from penstock.model.plan import LeftOut, Plan, Scope
from penstock.model.records import CoverageRecord, FindingRecord, PreparationRecord, Records
from penstock.model.snapshot import Decision
from penstock.record import failures
from penstock.report.story import Story
from tests.builders import environment, job, plan
from tests.verdicts import attempt, evidence, job_record, records, run_record

NOW_S = 1_007_200.0

DECISIONS = (
    Decision(
        subject="tests",
        choice="pytest, tests/",
        why="a pytest section",
        place=Place(path="pyproject.toml", line=31),
        runner_up="unittest",
        setting="jobs.unit.test",
    ),
    Decision(subject="dependencies", choice="the extra test", why="it is named so", setting="jobs.unit.extras"),
)


def story(planned: Plan, kept: Records, **fields: Any) -> Story:
    """A run, judged as a run is."""
    return Story(
        plan=planned,
        records=kept,
        verdict=decide(evidence(planned, kept, **fields), CHECKS),
        failures=failures.number(kept),
        logs={leg.id: f".penstock/runs/{kept.run.run}/jobs/{leg.id}/output.log" for leg in planned.jobs},
        tails={"docs": "WARNING: a page is in no index\nAborted with 1 warnings in strict mode!\n"},
        now_s=NOW_S,
    )


def green() -> Story:
    """Everything passed; lint and types from the cache; one test flaky."""
    lint, types = job("lint", kind=JobKind.LINT), job("types", kind=JobKind.TYPES)
    unit, cover = job("unit@3.12"), job("coverage", kind=JobKind.COVERAGE, needs=("unit@3.12",))
    planned = plan(
        lint, types, unit, cover, decisions=DECISIONS, gates=(CheckSpec(name="coverage", limits=(("total", 80.0),)),)
    )
    kept = records(
        job_record(lint, cached_from="r0", cached_wall_s=1_000_000.0),
        job_record(types, cached_from="r0", cached_wall_s=1_006_900.0),
        job_record(
            unit,
            duration_s=13.94,
            measures={"collected": 852, "ran": 852, "passed": 840, "skipped": 12},
            flaky=("tests/test_cache.py::test_cache_expiry",),
        ),
        job_record(cover, duration_s=0.8),
        coverage=(CoverageRecord(path="src/demo/core.py", statements=100, covered=87),),
    )
    return story(planned, kept)


def red() -> Story:
    """Every kind of bad end at once: one failure on two legs, findings, a command, a timeout, a blocked leg, advice."""
    legs = tuple(job(f"unit@{python}") for python in ("3.10", "3.11", "3.12", "3.13"))
    lint, docs = job("lint", kind=JobKind.LINT), job("docs", kind=JobKind.RUN)
    slow = job("slow@3.13", kind=JobKind.RUN)
    types = job("types", kind=JobKind.TYPES, required=False)
    preview = job("unit@3.15", tolerance=Tolerance(reason="3.15 is a preview", until="2027-03-01"))
    blocked = job(
        "unit@3.14", blocked_by="no Python 3.14 on this machine (PATH, pyenv)", remedy="uv python install 3.14"
    )
    integ = job("integ@3.12", needs=("unit@3.12",))
    planned = plan(
        lint,
        types,
        *legs,
        blocked,
        preview,
        integ,
        slow,
        docs,
        environments=(environment("3.12/test"),),
        left_out=(
            LeftOut(id="unit@3.9", reason="no Python 3.9 on this machine"),
            LeftOut(id="integ@3.9", reason="no Python 3.9 on this machine"),
        ),
    )
    one, close = "tests/unit/test_pool.py::test_open", "tests/unit/test_pool.py::test_close_twice"
    tests = tuple(attempt(leg, one) for leg in legs)
    tests += tuple(attempt(leg, close) for leg in legs[:2])
    tests += tuple(
        attempt(
            leg,
            close,
            "failed",
            kind="RuntimeError",
            message="event loop is closed",
            text=f"leg {leg.id}\n\n>       p.close()\nE       RuntimeError: event loop is closed",
        )
        for leg in legs[2:]
    )
    finding = FindingRecord(
        job="lint", tool="ruff", rule="F401", message="`os` is unused", path="src/a.py", line=3, column=8
    )
    kept = records(
        job_record(
            lint, "failed", measures={"files": 12, "expected": 12, "findings": 1}, reason="1 finding", duration_s=0.2
        ),
        job_record(types, "failed", measures={"files": 12, "findings": 4}, reason="4 findings", duration_s=2.0),
        *(job_record(leg, duration_s=10.0) for leg in legs[:2]),
        *(
            job_record(leg, "failed", duration_s=12.0, measures={"collected": 2, "passed": 1, "failed": 1})
            for leg in legs[2:]
        ),
        job_record(blocked, "errored", reason=blocked.blocked_by, duration_s=0.0),
        job_record(preview, "failed", measures={"collected": 2, "passed": 1, "failed": 1}),
        job_record(integ, "skipped", reason="needs unit@3.12", duration_s=0.0),
        job_record(slow, "timed_out", reason="ran into its time limit of 5m", duration_s=300.0),
        job_record(docs, "failed", reason="mkdocs ended with 1", duration_s=4.0),
        tests=tests,
        findings=(finding,),
        preparations=(PreparationRecord(id="3.12/test", outcome=Outcome.PASSED, duration_s=3.0),),
    )
    return story(planned, kept)


QUARANTINE = (
    Quarantine(test="tests/test_pool.py::test_close", owner="ops", reason="issue 12", until="2027-03-01"),
    Quarantine(test="tests/test_gone.py::*", owner="dba", reason="the server is slow", until="2027-04-01"),
    Quarantine(test="tests/test_pool.py::test_open", owner="ops", reason="issue 13", until="2027-03-01"),
)


def flaky() -> Story:
    """Two flaky tests, one failure in quarantine, a crash, a test over its limit, and a failure that is no chance."""
    leg = replace(job("unit@3.12"), quarantine=QUARANTINE)
    text = "    def test_expiry():\n>       assert cache.get(1) is None\nE       assert 7 is None"
    said: dict[str, Any] = {"kind": "AssertionError", "message": "assert 7 is None", "text": text}
    expiry, pool = "tests/test_cache.py::test_expiry", "tests/test_pool.py"
    why = "failed 1 of 2 times: flaky, 3 of 212 runs before"
    tests = (
        attempt(leg, expiry, "failed", **said),
        attempt(leg, expiry, attempt=2, mode="alone", decision="excused", why=why),
        attempt(leg, f"{pool}::test_late", "timed_out", message="ran longer than its limit of 60 s"),
        attempt(leg, f"{pool}::test_late", "passed", attempt=2, mode="alone", decision="excused"),
        attempt(leg, f"{pool}::test_open"),
        attempt(
            leg, f"{pool}::test_close", "failed", decision="red", why="not tried again: it is in quarantine", **said
        ),
        attempt(
            leg,
            f"{pool}::test_grows",
            "crashed",
            message="killed by SIGSEGV",
            decision="red",
            why="failed 2 of 2 times: it failed each time",
        ),
        attempt(leg, f"{pool}::test_hangs", "timed_out", message="ran longer than its limit of 60 s"),
        attempt(
            leg,
            f"{pool}::test_new",
            "failed",
            decision="red",
            why="not tried again: this change added or edited it",
            **said,
        ),
        attempt(leg, f"{pool}::test_drifts", "failed", **said),
        attempt(leg, f"{pool}::test_drifts", attempt=2, mode="alone"),
        attempt(
            leg,
            f"{pool}::test_drifts",
            "failed",
            attempt=3,
            mode="behind",
            decision="red",
            why="made flaky by this change: failed 6 of 10 times here, 0 of 212 before",
            **said,
        ),
    )
    measures = {"collected": 8, "ran": 6, "passed": 3, "failed": 2, "crashed": 1, "timed_out": 1, "quarantined": 1}
    kept = records(
        job_record(leg, "failed", measures=measures, flaky=(expiry, f"{pool}::test_late"), duration_s=12.0), tests=tests
    )
    return story(plan(leg, quarantine=QUARANTINE), kept, passed_before={f"{pool}::test_open": 29})


def unverified() -> Story:
    """Nothing failed, and a leg's interpreter is missing."""
    unit = job("unit@3.12")
    blocked = job(
        "unit@3.14", blocked_by="no Python 3.14 on this machine (PATH, pyenv)", remedy="uv python install 3.14"
    )
    planned = plan(unit, blocked, scope=Scope.FULL)
    return story(
        planned, records(job_record(unit), job_record(blocked, "errored", reason=blocked.blocked_by, duration_s=0.0))
    )


def interrupted() -> Story:
    """SIGINT while the tests ran, in a part of the pipeline."""
    unit, docs = job("unit@3.12"), job("docs", kind=JobKind.RUN)
    kept = records(
        job_record(docs),
        job_record(unit, "cancelled", reason="ended by interrupt"),
        run=run_record(interrupted="SIGINT"),
    )
    return story(plan(docs, unit, scope=Scope.PARTIAL), kept)


def empty() -> Story:
    """A plan without jobs."""
    return story(plan(left_out=(LeftOut(id="unit", reason="no test was found"),)), records())


HOSTILE = "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b2J \u202egnp.exe\u2066 \x00 \udcff <b>&\"' ]]> \r\n::error::x\x85"


def hostile(text: str = HOSTILE) -> Story:
    """Foreign text, by default of the worst kind, in every place that takes any."""
    unit = job(f"unit@{text}", name=text, python=None)
    docs = job("docs", kind=JobKind.RUN)
    finding = FindingRecord(job="docs", tool=text, rule=text, message=text, path=text, line=1)
    kept = records(
        job_record(unit, "failed", reason=text, flaky=(text,), measures={"collected": 1, "failed": 1}),
        job_record(docs, "failed", reason=text, notes={"remedy": text}),
        tests=(
            attempt(unit, text, "failed", kind=text, message=text, text=text, output=text, why=text),
            attempt(unit, f"2{text}", "failed", message=text, text=text),
            attempt(unit, f"2{text}", attempt=2, decision="excused", why=text),
            attempt(unit, f"3{text}", "failed", message=text, text=text),
        ),
        findings=(finding,),
        damaged=(text,),
        run=run_record(run=text),
    )
    left = LeftOut(id=text, reason=text)
    decision = Decision(subject=text, choice=text, why=text, runner_up=text, setting=text)
    entry = Quarantine(test=f"3{text}", owner=text, reason=text, until=text)
    planned = plan(replace(unit, quarantine=(entry,)), docs, left_out=(left,), decisions=(decision,))
    return story(replace(planned, quarantine=(entry,)), kept)


def measured() -> Story:
    """A service that is too slow and was asked too little, one that does not answer, a model, and a number."""
    within = Limit(measure="p95", key="http.p95", most=0.5, unit="s")
    limits = (within, replace(within, measure="p99", key="http.p99"), replace(within, key="http.target", advises=True))
    api, down = job("api", kind=JobKind.HTTP, limits=limits), job("down", kind=JobKind.HTTP, limits=(within,))
    weights = job(
        "weights",
        kind=JobKind.MODEL,
        limits=(Limit(measure="memory", key="model.memory", most=float(2 << 30), unit="B"),),
    )
    robust = job(
        "robust", kind=JobKind.METRIC, limits=(Limit(measure="value", key="metric.min", least=40.0, unit="%"),)
    )
    notes = {
        "summary": "200 requests, 12.5/s, p50 320 ms, p95 612 ms",
        "call:POST /predict": "200 requests, p50 320 ms, p95 612 ms",
        "absent:p99": "not enough requests: 200, and p99 takes 500",
    }
    kept = records(
        job_record(
            api,
            measures={"requests": 200.0, "errors": 0.0, "throughput": 12.5, "p50": 0.32, "p95": 0.612, "max": 0.9},
            notes=notes,
        ),
        job_record(down, "failed", reason="the service ended with exit code 3 before it answered GET /health"),
        job_record(
            weights,
            notes={"summary": "load 1.2 s, p50 4 ms, 612 MiB"},
            measures={"load_time": 1.2, "memory": 612.0 * (1 << 20)},
        ),
        job_record(robust, notes={"summary": "adversarial.pass_rate 31.25 %"}, measures={"value": 31.25}),
    )
    return story(plan(api, down, weights, robust), kept)


STORIES = {
    "green": green,
    "red": red,
    "flaky": flaky,
    "unverified": unverified,
    "interrupted": interrupted,
    "empty": empty,
    "hostile": hostile,
    "measured": measured,
}
