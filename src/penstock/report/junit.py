"""JUnit XML: one test suite a job, valid XML whatever the project put out.

JUnit cannot say "not verified": a job that did not run to an end is a suite with one error, so that no reader of the
file alone takes its absence for a pass.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from penstock.model.events import Outcome, TestOutcome
from penstock.model.pipeline import Quarantine
from penstock.model.plan import Job
from penstock.model.records import JobRecord, TestRecord, last_attempts
from penstock.report.story import Story
from penstock.value import Value

# What XML 1.0 cannot hold, not even escaped (https://www.w3.org/TR/xml/#charsets).
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REPLACEMENT = "\ufffd"
_ATTRIBUTE = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\t": "&#9;", "\r": "&#13;"}
)
_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})

_FAILURES = {TestOutcome.FAILED}
_ERRORS = {TestOutcome.ERRORED, TestOutcome.CRASHED, TestOutcome.TIMED_OUT, TestOutcome.NOT_RUN}
_SKIPS = {TestOutcome.SKIPPED, TestOutcome.XFAILED}


def text(story: Story) -> str:
    """The whole file."""
    records = {record.job: record for record in story.records.jobs}
    cases: dict[str, list[_Case]] = {}
    earlier = _earlier(story.records.tests)
    for (job, name), test in last_attempts(story.records.tests).items():
        entry = next((each for each in story.plan.quarantine if test.bad and each.covers(name)), None)
        cases.setdefault(job, []).append(_Case(test=test, failed=earlier.get((job, name), ()), quarantine=entry))
    suites = [_suite(job, records.get(job.id), cases.get(job.id, [])) for job in story.plan.jobs]
    lines = ['<?xml version="1.0" encoding="utf-8"?>', f"<testsuites name={_quoted('penstock ' + story.run)}>"]
    return "\n".join([*lines, *(line for suite in suites for line in suite), "</testsuites>", ""])


class _Case(Value, frozen=True, kw_only=True):
    """A test by the try that counts. `failed`: its other tries that did; `quarantine`: what forgives its failure."""

    test: TestRecord
    failed: tuple[TestRecord, ...] = ()
    quarantine: Quarantine | None = None

    def ended(self, outcomes: Collection[TestOutcome]) -> bool:
        """Whether it counts as one of these."""
        return self.test.outcome in outcomes and self.quarantine is None


def _earlier(tests: Iterable[TestRecord]) -> dict[tuple[str, str], tuple[TestRecord, ...]]:
    """The failed tries of each test but the one that counts."""
    known = tuple(tests)
    decides = last_attempts(known)
    failed: dict[tuple[str, str], tuple[TestRecord, ...]] = {}
    for test in known:
        key = (test.job, test.id)
        if test.bad and test is not decides[key]:
            failed[key] = (*failed.get(key, ()), test)
    return failed


def _suite(job: Job, record: JobRecord | None, tests: list[_Case]) -> Iterator[str]:
    flaky = set(() if record is None else record.flaky)
    cases = [line for each in tests for line in _case(each, flaky=each.test.id in flaky)]
    own = list(_own_case(job, record, [each.test for each in tests if each.quarantine is None]))
    failures = sum(each.ended(_FAILURES) for each in tests) + any("<failure" in line for line in own)
    errors = sum(each.ended(_ERRORS) for each in tests) + any("<error" in line for line in own)
    skipped = sum(each.ended(_SKIPS) or each.quarantine is not None for each in tests)
    duration_s = 0.0 if record is None else record.duration_s
    yield (
        f'  <testsuite name={_quoted(job.id)} tests="{len(tests) + bool(own)}" failures="{failures}" '
        f'errors="{errors}" skipped="{skipped}" time="{duration_s:.3f}">'
    )
    yield from cases
    yield from own
    yield "  </testsuite>"


def _own_case(job: Job, record: JobRecord | None, tests: list[TestRecord]) -> Iterator[str]:
    """The job itself as a case: where it has no tests, and where they do not tell how it ended."""
    outcome = Outcome.SKIPPED if record is None else record.outcome
    reason = (job.blocked_by or "it never started") if record is None else record.reason or outcome.value
    if tests and (outcome is Outcome.PASSED or any(test.bad for test in tests)):
        return
    duration_s = 0.0 if record is None else record.duration_s
    start = f'    <testcase classname={_quoted(job.name)} name={_quoted(job.id)} time="{duration_s:.3f}"'
    if outcome is Outcome.PASSED:
        yield f"{start}/>"
        return
    kind = "failure" if outcome in {Outcome.FAILED, Outcome.TIMED_OUT} else "error"
    yield f"{start}><{kind} message={_quoted(reason)} type={_quoted(outcome.value)}/></testcase>"


def _case(case: _Case, *, flaky: bool) -> Iterator[str]:
    test = case.test
    path, _, name = test.id.rpartition("::")
    time_s = test.setup_s + test.call_s + test.teardown_s
    start = f'    <testcase classname={_quoted(path)} name={_quoted(name or test.id)} time="{time_s:.3f}"'
    inside = [*(_result(test) if case.quarantine is None else _forgiven(test, case.quarantine))]
    inside += [*_flaky(flaky=flaky), *_tries(case), *_output(test.output)]
    if not inside:
        yield f"{start}/>"
        return
    yield f"{start}>"
    yield from (f"      {line}" for line in inside)
    yield "    </testcase>"


def _result(test: TestRecord) -> Iterator[str]:
    told = f"message={_quoted(test.message)} type={_quoted(test.kind or test.outcome.value)}"
    if test.outcome in _FAILURES:
        yield f"<failure {told}>{_text(test.text)}</failure>"
    elif test.outcome in _ERRORS:
        yield f"<error {told}>{_text(test.text)}</error>"
    elif test.outcome in _SKIPS:
        yield f"<skipped {told}/>"


def _forgiven(test: TestRecord, entry: Quarantine) -> Iterator[str]:
    """A failure in quarantine: readers of JUnit know no other way to say that it does not block."""
    told = f"in quarantine until {entry.until} (owner: {entry.owner}): {entry.reason}"
    yield f'<skipped message={_quoted(told)} type="quarantine"/>'
    yield f"<system-err>{_text(test.text or test.message or test.outcome.value)}</system-err>"


def _tries(case: _Case) -> Iterator[str]:
    """Its other failed tries, in the words of Maven Surefire, which CI hosts read."""
    word = "rerunFailure" if case.test.bad else "flakyFailure"
    for failed in case.failed:
        told = f"message={_quoted(failed.message)} type={_quoted(failed.kind or failed.outcome.value)}"
        yield f"<{word} {told}><stackTrace>{_text(failed.text)}</stackTrace></{word}>"


def _flaky(*, flaky: bool) -> Iterable[str]:
    if flaky:
        yield '<properties><property name="flaky" value="failed, then passed"/></properties>'


def _output(output: str) -> Iterable[str]:
    if output:
        yield f"<system-out>{_text(output)}</system-out>"


def _quoted(foreign: str) -> str:
    """As an attribute's value, with its quotes."""
    return f'"{_ILLEGAL.sub(_REPLACEMENT, foreign).translate(_ATTRIBUTE)}"'


def _text(foreign: str) -> str:
    return _ILLEGAL.sub(_REPLACEMENT, foreign).translate(_TEXT)
