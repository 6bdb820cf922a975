"""Breaks of the public interface against their gate: what is critical, what is declared, what cannot be compared."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.errors import ExitCode
from penstock.judge.checks import CHECKS
from penstock.judge.checks.api import ApiCheck
from penstock.judge.decide import decide
from penstock.model.change import Change, Commit, Facts, PullRequest
from penstock.model.pipeline import CheckSpec, Ignored, JobKind, Mode
from penstock.model.plan import LeftOut
from penstock.model.records import FindingRecord
from penstock.model.scales import OPAQUE
from penstock.model.verdict import CheckResult, Evidence, Status
from tests import builders, verdicts

API = builders.job("api", kind=JobKind.API)
LINT = builders.job("lint", kind=JobKind.LINT)


def broken(
    name: str = "pkg.run(c)", path: str = "src/pkg/_impl.py", *, rule: str = "parameter-removed"
) -> FindingRecord:
    return FindingRecord(job="api", tool="griffe", rule=rule, message=f"{name}: gone", path=path, line=4, anchor=name)


def asked(*findings: FindingRecord, facts: Facts | None = None, measures: Any = None, **gate: Any) -> Evidence:
    opaque = sum(each.rule == OPAQUE for each in findings)
    told = {"compared": 9.0, "files": 4.0, "expected": 4.0, "findings": float(len(findings) - opaque)}
    record = verdicts.job_record(API, measures=told | {"opaque": float(opaque)} | (measures or {}))
    ignored = tuple(gate.pop("ignore", ()))
    spec = CheckSpec(name="api", mode=gate.pop("mode", Mode.ERROR), options=tuple(gate.items()), ignored=ignored)
    kept = verdicts.records(record, findings=findings)
    return verdicts.evidence(builders.plan(API, gates=(spec,)), kept, facts=facts or Facts(), today="2026-11-22")


def answers(evidence: Evidence) -> list[tuple[str, Status, Mode]]:
    return [(each.name, each.status, each.mode) for each in ApiCheck().answer(evidence)]


def one(evidence: Evidence) -> CheckResult:
    (result,) = ApiCheck().answer(evidence)
    return result


def test_a_break_blocks_and_names_its_place() -> None:
    result = one(asked(broken()))
    assert (result.status, result.number, result.summary) == (Status.FAILED, 1, "1 break in 9 public names")
    assert result.details == ("src/pkg/_impl.py:4 parameter-removed pkg.run(c): gone",)
    assert decide(asked(broken()), CHECKS).exit_code is ExitCode.GATE_FAILED
    assert decide(asked(), CHECKS).exit_code is ExitCode.VERIFIED
    assert decide(asked(broken(), mode=Mode.WARN), CHECKS).exit_code is ExitCode.VERIFIED


@pytest.mark.parametrize(
    ("critical", "blocks"),
    [
        ("pkg", True),
        ("pkg.run", True),
        ("pkg.ru", False),
        ("pkg.*", True),
        ("other,pkg.run", True),
        ("other", False),
        ("src/pkg/_impl.py", True),
        ("src/pkg/**", True),
        ("src/pkg/__init__.py", True),
        ("src/pkg/api.py", False),
    ],
)
def test_with_critical_files_or_names_only_those_block(critical: str, *, blocks: bool) -> None:
    evidence = asked(broken("pkg.run(c) in src/pkg/__init__.py"), critical=critical)
    if blocks:
        assert answers(evidence) == [("api", Status.FAILED, Mode.ERROR)]
    else:
        assert answers(evidence) == [
            ("api", Status.PASSED, Mode.ERROR),
            ("api.elsewhere", Status.FAILED, Mode.WARN),
        ]
        assert decide(evidence, CHECKS).exit_code is ExitCode.VERIFIED


@pytest.mark.parametrize(
    ("subject", "body", "declared"),
    [
        ("feat!: less of it", "", True),
        ("feat: less", "BREAKING CHANGE: call it so", True),
        ("feat: less", "no breaking change", False),
        ("less!", "", False),
    ],
)
def test_a_break_that_the_change_declares_is_permitted(subject: str, body: str, *, declared: bool) -> None:
    change = Change(base="b", commits=(Commit(id="1", subject="chore: x"), Commit(id="2", subject=subject, body=body)))
    for facts in (Facts(change=change), Facts(pull_request=PullRequest(title=subject, body=body))):
        result = one(asked(broken(), facts=facts))
        assert result.status is (Status.PASSED if declared else Status.FAILED)
        assert (f"declared by `{subject}`" in result.summary) is declared


def test_names_that_cannot_be_compared_are_not_green_unless_they_do_not_count() -> None:
    hidden = broken("pkg.fast", "src/pkg/__init__.py", rule=OPAQUE)
    result = one(asked(hidden))
    assert (result.status, result.summary) == (Status.MISSING, "0 breaks in 9 public names, 1 that cannot be compared")
    assert "stubs" in (result.remedy or "")
    assert decide(asked(hidden), CHECKS).exit_code is ExitCode.NOT_VERIFIED
    assert answers(asked(hidden, critical="pkg.api"))[0] == ("api", Status.PASSED, Mode.ERROR)
    assert answers(asked(hidden, broken()))[0][1] is Status.FAILED


@pytest.mark.parametrize("name", ["pkg.run", "pkg", "parameter-removed"])
def test_a_permission_holds_until_its_last_day(name: str) -> None:
    def entry(until: str, paths: tuple[str, ...] = ()) -> Ignored:
        return Ignored(id=name, reason="why", until=until, paths=paths)

    assert one(asked(broken(), ignore=[entry("2026-11-22")])).status is Status.PASSED
    assert one(asked(broken(), ignore=[entry("2026-11-22", ("docs/**",))])).status is Status.FAILED
    void = one(asked(ignore=[entry("2026-11-21")]))
    assert (void.status, void.details) == (Status.FAILED, (f"the permission for {name} ended on 2026-11-21",))


def test_more_breaks_than_are_kept_are_not_forgotten() -> None:
    result = one(asked(measures={"findings": 7.0}))
    assert (result.status, result.number) == (Status.FAILED, 7)


def test_a_job_that_did_not_end_and_less_than_all_files_are_not_green() -> None:
    record = verdicts.job_record(API, "errored")
    evidence = verdicts.evidence(builders.plan(API), verdicts.records(record))
    assert answers(evidence) == [("api", Status.MISSING, Mode.ERROR)]
    assert decide(asked(measures={"files": 3.0}), CHECKS).exit_code is ExitCode.NOT_VERIFIED


def test_where_there_is_no_base_it_is_said_and_does_not_block() -> None:
    def evidence(reason: str) -> Evidence:
        left = (LeftOut(id="api", reason=reason, kind=JobKind.API),)
        return verdicts.evidence(builders.plan(LINT, gates=(CheckSpec(name="api"),), left_out=left))

    said = evidence("nothing to compare with: there is no git repository")
    assert answers(said) == [("api", Status.MISSING, Mode.WARN)]
    assert decide(said, CHECKS).exit_code is ExitCode.VERIFIED
    assert decide(evidence("needs x, which cannot run here"), CHECKS).exit_code is ExitCode.NOT_VERIFIED
