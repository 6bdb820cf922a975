"""What the last run said of one job, gate or test: the second half of `penstock explain`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from penstock.model.pipeline import SPECIAL
from penstock.model.records import TestRecord, last_attempts
from penstock.report.document import CheckPart, EnvironmentPart, JobPart, RunDocument
from penstock.report.screen import age, pad, seconds
from penstock.util.plural import plural
from penstock.value import Value

_MOST_TESTS = 20  # of several that one word fits
_MOST_LEGS = 20
_SAID_ELSEWHERE = ("summary", "remedy", "doubt", "python", "version")
_SEPARATORS = ("::", "/", ".")


class LastRun(Value, frozen=True, kw_only=True):
    """The newest run that has a verdict. `tests`: job -> its records, taken from the run that did the work."""

    document: RunDocument
    now_s: float  # wall time
    tests: Mapping[str, Sequence[TestRecord]] = {}

    @property
    def when(self) -> str:
        """`the last run (RUN, 5m ago)`."""
        return f"the last run ({self.document.run}, {age(self.now_s - self.document.started_wall_s)})"


def of_plan(last: LastRun, subject: str) -> list[str]:
    """Lines about the jobs, the environment and the gate of that name; [] if the run knows none."""
    document = last.document
    meant = [job for job in document.jobs if subject in (job.id, job.name)][:_MOST_LEGS]
    lines = [line for job in meant for line in (f"  {_job(job)}", *_told(job))]
    lines += [
        f"  {_environment(one)}" for one in document.environments if subject in (one.id, one.id.partition("/")[2])
    ]
    for check in document.checks:
        gate = check.name.partition(".")[0]
        if subject in (check.name, gate) or (gate in SPECIAL and check.job in {job.id for job in meant}):
            lines += _check(check)
    return [f"in {last.when}:", *lines] if lines else []


def _environment(environment: EnvironmentPart) -> str:
    if environment.outcome is None:
        return f"{environment.id}: was not needed, or was there"
    made = "was there" if environment.reused else "made"
    return f"{environment.id}: {environment.outcome}, {made} in {seconds(environment.duration_s)}"


def _job(job: JobPart) -> str:
    outcome = "never started" if job.outcome is None else job.outcome.replace("_", " ")
    took = f"cached from {job.cached_from}" if job.cached_from else seconds(job.duration_s)
    flaky = f"; flaky: {', '.join(job.flaky)}" if job.flaky else ""
    return f"{job.id}: {outcome}, {took}" + (f": {job.reason}" if job.reason else "") + flaky


def _told(job: JobPart) -> Iterator[str]:
    """What a job of a special kind noted beside its measures: figures of each call, why some are not there."""
    if job.kind in SPECIAL:
        for name, text in sorted(job.notes.items()):
            if name.partition(":")[0] not in _SAID_ELSEWHERE:
                yield f"    {name.replace(':', ' ')}: {text}"


def _check(check: CheckPart) -> Iterator[str]:
    about = f" of {check.job}" if check.job else ""
    yield f"  {check.name}{about}: {check.status}: {check.summary}"
    if check.expected or check.examined:
        yield f"    it rests on {check.examined} of {check.expected or check.examined}"
    yield from (f"    {line}" for line in check.details)
    if check.remedy:
        yield f"    remedy: {check.remedy}"


def of_test(last: LastRun, subject: str) -> list[str]:
    """Lines about a test by its id, or by the end of it; [] if the run knows none."""
    found = named(subject, (record.id for records in last.tests.values() for record in records))
    if len(found) > 1:
        more = [f"  and {len(found) - _MOST_TESTS} more"] if len(found) > _MOST_TESTS else []
        start = f"{plural(len(found), 'test')} of {last.when} are called so:"
        return [start, *(f"  {name}" for name in found[:_MOST_TESTS]), *more]
    return [line for name in found for line in _test(last, name)]


def named(subject: str, ids: Iterable[str]) -> list[str]:
    """The ids that `subject` means: itself; else those that end with it, with or without their parameters."""
    known = dict.fromkeys(ids)
    if subject in known:
        return [subject]
    ends = tuple(f"{separator}{subject}" for separator in _SEPARATORS)
    return [
        name
        for name in known
        if name.endswith(ends) or name.partition("[")[0] == subject or name.partition("[")[0].endswith(ends)
    ]


def _test(last: LastRun, name: str) -> Iterator[str]:
    yield f"{name}, in {last.when}:"
    jobs = {job.id: job for job in last.document.jobs}
    tokens = {(failure.job, failure.test): failure.token for failure in last.document.failures}
    width = max(len(job) for job in last.tests)
    for job, records in last.tests.items():
        tries = [record for record in records if record.id == name]
        for record in last_attempts(tries).values():
            cached = jobs[job].cached_from if job in jobs else None
            yield f"  {pad(job, width)}  {_ended(record, len(tries))}" + (f", cached from {cached}" if cached else "")
            if record.line or record.message:
                kind = f"{record.kind}: " if record.kind and not record.message.startswith(record.kind) else ""
                yield f"  {pad('', width)}  {'  '.join(filter(None, (record.line, kind + record.message)))}"
            if record.why:
                yield f"  {pad('', width)}  {record.why}"
            if (job, name) in tokens:
                yield f"  {pad('', width)}  penstock repro {tokens[job, name]}"


def _ended(record: TestRecord, tries: int) -> str:
    took_s = record.setup_s + record.call_s + record.teardown_s
    again = f", in try {tries} (flaky)" if tries > 1 and not record.bad else f", {tries} tries" if tries > 1 else ""
    return f"{record.outcome.value.replace('_', ' ')}{again}, {took_s:.3g} s"
