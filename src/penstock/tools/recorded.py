"""What a recorded test process proves: its exit held against the finish record, test by test.

Passed takes everything at once: a log without damage, closed by its finish record; every collected test torn down;
none that said no; an exit code that agrees. Whatever could not be asked is `errored`, with the reason and the remedy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from msgspec import structs

from penstock.model.events import Outcome, TestOutcome
from penstock.model.plan import Job
from penstock.model.records import Reading, TestRecord
from penstock.model.testlog import TestLog, fold, with_records
from penstock.ports import Ended
from penstock.tools import complaints, shard_proof
from penstock.util import eventlog
from penstock.util.plural import plural
from penstock.value import Value

EVENTS = "tests.jsonl"  # the guests' log in the job's report folder

_LEFT_IN = frozenset({TestOutcome.CRASHED, TestOutcome.TIMED_OUT})
_NOT_IMPORTED = "unittest.loader._FailedTest."  # unittest's test in place of a module that could not be imported
_EARLY = "the tests ended early with 0: the process left without its finish record"


class Ruling(Value, frozen=True, kw_only=True):
    """An outcome with its reason, before the numbers are added. A reason for `errored` is also the problem."""

    outcome: Outcome
    reason: str
    remedy: str | None = None


def read(ended: Ended, reports: Mapping[str, bytes], job: Job, *, own: Callable[[str], bool], unheard: str) -> Reading:
    """The reading of one test process.

    `own`: whether a missing module is the project's own. `unheard`: what to do where the process told nothing.
    """
    log = eventlog.decode_lines(reports.get(EVENTS, b""))
    tests = fold(job.id, log.events, damaged=log.damaged, torn=log.torn)
    if ended.cause == "timeout":
        tests = with_records(tests, map(_as_timed_out, tests.records))
    forgiven = _forgiven(tests, job)
    ruling = next(_rulings(ended, tests, job, own, unheard, forgiven))
    errored = ruling.outcome is Outcome.ERRORED
    return Reading(
        outcome=ruling.outcome,
        reason=ruling.reason,
        problem=ruling.reason if errored else None,
        remedy=ruling.remedy,
        measures=_measures(tests, forgiven),
        notes=_notes(tests, ruling),
        tests=tests.records,
        shard=tests.shard,
    )


def _forgiven(tests: TestLog, job: Job) -> frozenset[str]:
    """Tests that failed, and that the job's quarantine covers. Its last day is for the judge, who knows the date."""
    if not job.quarantine:
        return frozenset()
    said = (test.id for test in tests.last if _said_no_itself(test))
    return frozenset(name for name in said if any(entry.covers(name) for entry in job.quarantine))


def _rulings(
    ended: Ended, tests: TestLog, job: Job, own: Callable[[str], bool], unheard: str, forgiven: frozenset[str]
) -> Iterator[Ruling]:
    """All rulings that apply, the most telling first; the last one always applies."""
    yield from _stopped(ended, tests)
    if tests.sessions == 0:
        yield _nothing_told(ended, own, unheard)
    if tests.problem is not None:
        yield _errored(f"the test log cannot be trusted: {tests.problem}", "run it again; see the job's log")
    yield from _unfinished(ended, tests)
    yield from _collection(tests, own)
    yield from _said_no(tests, own, forgiven)
    yield from _other_shard(tests, job)
    yield from _nothing_ran(tests)
    yield from _disagreeing(ended, tests, forgiven)
    yield from _too_few(tests, job)
    yield from _other_interpreter(tests, job)
    if tests.passed_but_for(forgiven):
        yield Ruling(outcome=Outcome.PASSED, reason=told(_counts(tests, forgiven)))
    yield _errored("the test log does not prove a pass")


def _stopped(ended: Ended, tests: TestLog) -> Iterator[Ruling]:
    """Ended by a limit or a signal."""
    crashed = [test.id for test in tests.records if test.outcome in _LEFT_IN]
    where = f" in {crashed[0]}" if crashed else ""
    if ended.problem is not None:
        yield _errored(ended.problem)
    if ended.cause == "timeout":
        yield Ruling(outcome=Outcome.TIMED_OUT, reason=f"ran into its time limit{where}")
    if ended.signal is None:
        return
    name = complaints.signal_name(ended.signal)
    if ended.cause == "outside":
        yield _errored(f"killed from outside by {name}{where}", "run it again")
    if ended.cause == "oom":
        name = f"{name}, out of memory"
    if crashed:
        yield Ruling(outcome=Outcome.FAILED, reason=f"killed by {name}{where}")
    yield _errored(f"killed by {name}, in no test", "see the job's log")


def _nothing_told(ended: Ended, own: Callable[[str], bool], unheard: str) -> Ruling:
    """Not one event: the runner did not come so far."""
    output = _output(ended)
    module = complaints.missing_module(output)
    if module is not None and not own(module):
        return _errored(f"no test could be asked: there is no module {module}", complaints.remedy_for(module))
    said = complaints.of_runner(output)
    if ended.exit_code == 0:
        return _errored("the process ended with 0 and told of no test", unheard)
    return _errored(f"no test was run: ended with {ended.exit_code}{': ' + said if said else ''}", unheard)


def _unfinished(ended: Ended, tests: TestLog) -> Iterator[Ruling]:
    if tests.complete:
        return
    crashed = [test.id for test in tests.records if test.outcome is TestOutcome.CRASHED]
    if ended.exit_code == 0:
        yield _errored(f"{_EARLY}{', in ' + crashed[0] if crashed else ''}")
    if crashed:
        yield Ruling(outcome=Outcome.FAILED, reason=f"the process ended with {ended.exit_code} in {crashed[0]}")
    yield _errored(f"the process ended with {ended.exit_code} before its finish record", "see the job's log")


def _collection(tests: TestLog, own: Callable[[str], bool]) -> Iterator[Ruling]:
    """Files that could not be collected: not asked if all that is wrong is a missing foreign module, else failed."""
    if not tests.errors:
        return
    kinds = [kind for _, kind, _ in tests.errors]
    modules = dict.fromkeys(complaints.module_of_kind(kind) or "" for kind in kinds)
    count = f"{plural(len(kinds), 'file')} could not be collected"
    asked = any(_said_no_itself(test) and not test.id.startswith(_NOT_IMPORTED) for test in tests.last)
    if all(module and not own(module) for module in modules) and not asked:
        names = ", ".join(modules)
        yield _errored(f"{count}: no module {names}", complaints.remedy_for(names))
    yield Ruling(outcome=Outcome.FAILED, reason=f"{count}: {tests.errors[0][0]}: {kinds[0]}")


def _said_no(tests: TestLog, own: Callable[[str], bool], forgiven: frozenset[str]) -> Iterator[Ruling]:
    """Tests that said no. They were not asked if every one of them only lacked a foreign module."""
    said = [test for test in tests.last if _said_no_itself(test) and test.id not in forgiven]
    if not said:
        return
    counts = _counts(tests, forgiven)
    modules = dict.fromkeys(_lacked(test) for test in said)
    if all(module and not own(module) for module in modules):
        names = ", ".join(dict.fromkeys(module.partition(".")[0] for module in modules))
        reason = f"{told(counts)}: all that failed lack a module that is not installed ({names})"
        yield _errored(reason, complaints.remedy_for(names))
    cut_off = sum(complaints.of_network(f"{test.message}\n{test.text}") for test in said)
    remedy = None
    if cut_off:
        remedy = f"{cut_off} of {plural(len(said), 'failure')} told of a network that cannot be reached from here"
    yield Ruling(outcome=Outcome.FAILED, reason=told(counts), remedy=remedy)


def _lacked(test: TestRecord) -> str:
    """The module for want of which a test failed, "" if it failed for anything else; an assertion is always more."""
    return "" if test.kind == "AssertionError" else complaints.missing_module(test.message) or ""


def _said_no_itself(test: TestRecord) -> bool:
    return test.bad and test.outcome is not TestOutcome.NOT_RUN


def _other_shard(tests: TestLog, job: Job) -> Iterator[Ruling]:
    objection = shard_proof.objection(tests, job)
    if objection is not None:
        yield _errored(objection.reason, objection.remedy)


def _nothing_ran(tests: TestLog) -> Iterator[Ruling]:
    if not tests.last:
        left = f": all {tests.deselected} were deselected" if tests.deselected else ""
        remedy = "loosen what selects them (-k, -m)" if tests.deselected else 'name them: jobs.NAME.test = "PATH"'
        yield _errored(f"no tests{left}", remedy)
    unrun = tests.counts["not_run"]
    if unrun:
        yield _errored(f"{unrun} of {plural(len(tests.last), 'collected test')} did not run")


def _disagreeing(ended: Ended, tests: TestLog, forgiven: frozenset[str]) -> Iterator[Ruling]:
    """No test failed, and still the process says no (a plugin's threshold, an internal error), or says two things.

    The pytest guest keeps tests in quarantine out of the exit code; unittest has nothing but failures to say 1 for.
    """
    said = max(tests.exit_codes, default=0)
    if forgiven and ended.exit_code == said == 1 and tests.runner.startswith("unittest"):
        return
    if ended.exit_code == 0 and said == 0:
        return
    if ended.exit_code == 0:
        yield _errored(f"the process ended with 0, its finish record says {said}")
    none = "no other test failed" if forgiven else "no test failed"
    if ended.exit_code == 1:
        yield Ruling(outcome=Outcome.FAILED, reason=f"ended with 1 though {none}", remedy="see the job's log")
    yield _errored(f"ended with {ended.exit_code} though {none}", "see the job's log")


def _too_few(tests: TestLog, job: Job) -> Iterator[Ruling]:
    """Guard G2. Parameters are left off: the count of the files knows functions only."""
    functions = len({test.id.partition("[")[0] for test in tests.last}) + tests.deselected
    if job.shard is not None:
        return  # asked of all shards together
    if 2 * functions < job.expected_tests:
        yield _errored(
            f"{plural(functions, 'test function')} ran, {job.expected_tests} were counted in the files",
            f"set jobs.{job.name}.test to all places that hold tests, or to those that are meant",
        )


def _other_interpreter(tests: TestLog, job: Job) -> Iterator[Ruling]:
    wanted = re.sub(r"[^0-9.]", "", job.python or "")
    if wanted and not f"{tests.python}.".startswith(f"{wanted}."):
        yield _errored(f"the tests ran on Python {tests.python}, not on {job.python}")


def told(counts: Mapping[str, int]) -> str:
    """`840 passed, 12 skipped`, the bad first."""
    bad = ("failed", "errored", "crashed", "timed_out", "quarantined")
    order = (*bad, "passed", "skipped", "xfailed", "xpassed", "not_run")
    return ", ".join(f"{counts[name]} {name.replace('_', ' ')}" for name in order if counts.get(name))


def _counts(tests: TestLog, forgiven: frozenset[str]) -> dict[str, int]:
    """By outcome; failures in quarantine under a name of their own."""
    counts = tests.counts
    for test in tests.last:
        if test.id in forgiven:
            counts[test.outcome.value] -= 1
    return {**counts, "quarantined": len(forgiven)} if forgiven else counts


def _measures(tests: TestLog, forgiven: frozenset[str]) -> dict[str, float]:
    if tests.sessions == 0:
        return {}
    return {
        **{name: float(count) for name, count in _counts(tests, forgiven).items()},
        "collected": float(len(tests.last)),
        "ran": float(tests.ran),
        "deselected": float(tests.deselected),
        "collection_errors": float(len(tests.errors)),
        "skipped_files": float(len(tests.skipped_files)),
        "skipped_missing": float(sum(_lacks_module(test) for test in tests.last)),
        "flaky": float(len(tests.flaky)),
        "together": float(len(tests.together)),
    }


def _lacks_module(test: TestRecord) -> bool:
    return test.outcome is TestOutcome.SKIPPED and complaints.missing_module(test.message) is not None


def _notes(tests: TestLog, ruling: Ruling) -> dict[str, str]:
    lacking = dict.fromkeys(
        module
        for reason in (
            *(test.message for test in tests.last if test.outcome is TestOutcome.SKIPPED),
            *(reason for _, reason in tests.skipped_files),
        )
        if (module := complaints.missing_module(reason)) is not None
    )
    notes = {
        "python": tests.python,
        "implementation": tests.implementation,
        "executable": tests.executable,
        "runner": tests.runner,
        "seed": tests.seed,
        "coverage": tests.coverage,
        "modules": ", ".join(f"{name}={path}" for name, path in tests.modules.items()),
        "skipped_for": ", ".join(lacking),
        "skipped_files": "\n".join(what for what, _ in tests.skipped_files),
        "deselected": "\n".join(tests.left),
        "names": "\n".join(name for name, known in tests.names if known),
        "unknown_names": "\n".join(name for name, known in tests.names if not known),
        "errors": "\n\n".join(f"{what}\n{text}" for what, _, text in tests.errors)[:20_000],
        "remedy": ruling.remedy or "",
    }
    return {name: text for name, text in notes.items() if text}


def _as_timed_out(test: TestRecord) -> TestRecord:
    """The test that the job's limit ended."""
    if test.outcome is not TestOutcome.CRASHED:
        return test
    return structs.replace(test, outcome=TestOutcome.TIMED_OUT, message="the job's time limit ended it")


def _output(ended: Ended) -> str:
    return (ended.head + b"\n" + ended.tail).decode("utf-8", "replace")


def _errored(reason: str, remedy: str | None = None) -> Ruling:
    return Ruling(outcome=Outcome.ERRORED, reason=reason, remedy=remedy)
