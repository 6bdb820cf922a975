"""The comparison of obligations and evidence. Only `Conclusion.PASSED` is green."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from penstock.errors import ExitCode
from penstock.model.change import Facts
from penstock.model.pipeline import Mode
from penstock.model.plan import Plan, Scope
from penstock.model.records import Records
from penstock.value import Value


class Status(StrEnum):
    """A check's answer. MISSING: no evidence; INCONCLUSIVE: evidence that noise drowns."""

    PASSED = "passed"
    FAILED = "failed"
    MISSING = "missing"
    INCONCLUSIVE = "inconclusive"


class Conclusion(StrEnum):
    """The verdict in one word."""

    PASSED = "passed"
    FAILED = "failed"
    INCOMPLETE = "incomplete"
    NOTHING_RAN = "nothing_ran"


class Evidence(Value, frozen=True, kw_only=True):
    """All that a check may look at. `today`: ISO date, for expiries. `interrupted`: the signal's name or "".

    `passed_before`: in how many recorded runs in a row before this one a test passed, for tests in quarantine of which
    that is known.
    """

    plan: Plan
    records: Records
    today: str
    interrupted: str = ""
    passed_before: Mapping[str, int] = {}
    facts: Facts = Facts()


class CheckResult(Value, frozen=True, kw_only=True):
    """One question's answer, with its number and its limit. `examined`/`expected`: how much the answer rests on;
    `examined == 0` or `examined < expected` can never pass.
    """

    name: str
    status: Status
    summary: str
    mode: Mode = Mode.ERROR
    number: float | None = None
    limit: float | None = None
    examined: int = 0
    expected: int = 0
    remedy: str | None = None
    details: tuple[str, ...] = ()
    job: str | None = None


class Verdict(Value, frozen=True, kw_only=True):
    """The end of a run. Job ids in each list; a tolerated failure is named with its reason and expiry."""

    conclusion: Conclusion
    exit_code: ExitCode
    scope: Scope
    checks: tuple[CheckResult, ...]
    failed_jobs: tuple[str, ...] = ()
    unfinished_jobs: tuple[str, ...] = ()
    tolerated_jobs: tuple[tuple[str, str], ...] = ()
    warned_jobs: tuple[str, ...] = ()  # advise only, and did not pass
    flaky: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
