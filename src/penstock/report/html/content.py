"""What the HTML report shows, as data: the page's script makes all elements of it, and all text is text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from penstock.errors import ExitCode
from penstock.model.events import Outcome, TestOutcome
from penstock.model.records import CoverageRecord, FindingRecord, JobRecord, TestRecord, last_attempts
from penstock.model.verdict import CheckResult, Conclusion, Status
from penstock.report import causes, checks, flaky, jobs, sanitize, timeline
from penstock.report.story import Story

VERSION = 1
_CONTEXT = 3  # lines around those that were not run
_SOURCE_CHARACTERS = 3_000_000  # of all excerpts together
_SAID_CHARACTERS = 2_000_000  # of what all failures said
_LONGEST_LINE = 400
_OUTCOMES = tuple(TestOutcome)
_NUMBERS = {outcome: number for number, outcome in enumerate(_OUTCOMES)}
_NUMBERLIKE = frozenset({int, float})
_STANDING = {None: 0, False: 1, True: 2}  # no ratchet asks; new; in the baseline
_EXCERPT_LINES = 400

Json = dict[str, Any]


def of(story: Story, sources: Mapping[str, Sequence[str]], trends: Sequence[Mapping[str, Any]]) -> Json:
    """The report's data, in which every text is without what is no text.

    `sources`: the lines of measured files, where they are at hand; `trends`: rows of the history's question of that
    name, the newest first.
    """
    failures = _failures(story)
    made = {
        "version": VERSION,
        "head": _head(story),
        "gates": [_gate(each, story) for each in story.verdict.checks if each.name != "jobs"],
        "failures": failures,
        "codes": _codes(failures),
        "jobs": _jobs(story),
        "timeline": _timeline(story),
        "tests": _tests(story),
        "flaky": [_flaky(each) for each in flaky.of(story)],
        "coverage": _coverage(story.records.coverage, sources),
        "findings": [
            _finding(each, _STANDING[story.known.get(number)]) for number, each in enumerate(story.records.findings)
        ],
        "trends": [dict(row) for row in reversed(trends)],
        "left_out": [[each.id, each.reason] for each in story.plan.left_out],
        "damaged": list(story.records.damaged),
    }
    cleaned: Json = _clean(made)
    return cleaned


def _clean(value: Any) -> Any:
    """The same, of text that can be shown and encoded."""
    if isinstance(value, str):
        return value if value.isprintable() else sanitize.text(value)
    if isinstance(value, dict):
        return {key: _clean(each) for key, each in value.items()}
    if isinstance(value, list | tuple):  # of a large run most are numbers
        return [each if type(each) in _NUMBERLIKE else _clean(each) for each in value]
    return value


def _head(story: Story) -> Json:
    verdict = story.verdict
    passed = verdict.exit_code is ExitCode.VERIFIED and verdict.conclusion is Conclusion.PASSED
    failed = verdict.conclusion is Conclusion.FAILED
    good = sum(record.outcome is Outcome.PASSED for record in story.records.jobs)
    return {
        "state": "good" if passed else "bad" if failed else "open",
        "word": "PASS" if passed else "FAIL" if failed else "NOT VERIFIED",
        "reasons": [] if passed else list(verdict.reasons),
        "project": PurePosixPath(story.plan.root).name,
        "run": story.run,
        "plan": story.plan.digest[:12],
        "commit": (story.plan.commit or "")[:12],
        "reach": list(story.plan.reach),
        "started_s": story.records.run.wall_s,
        "duration_s": round(story.records.run.duration_s, 3),
        "passed": good,
        "planned": len(story.plan.jobs),
    }


def _gate(result: CheckResult, story: Story) -> Json:
    state = "good" if result.status is Status.PASSED else "bad" if checks.blocked(result, story) else "warn"
    if state == "bad" and result.status is Status.MISSING:
        state = "open"
    return {
        "name": result.name,
        "job": result.job or "",
        "state": state,
        "number": result.number,
        "limit": result.limit,
        "summary": result.summary,
        "remedy": result.remedy or "",
        "details": list(result.details),
    }


def _failures(story: Story) -> list[Json]:
    blocking, forgiven = causes.parted(story)
    told = [_cause(each, story, blocks=True) for each in blocking]
    told += [_cause(each, story, blocks=False) for each in forgiven]
    left = _SAID_CHARACTERS
    for one in told:  # of those that there is no room for, the last line
        left -= len(one["excerpt"])
        one["excerpt"] = one["excerpt"] if left >= 0 else one["excerpt"].rpartition("\n")[2][:_LONGEST_LINE]
    return told


def _cause(cause: causes.Cause, story: Story, *, blocks: bool) -> Json:
    first = cause.failures[0]
    return {
        "jobs": [failure.job for failure in cause.failures],
        "title": cause.title,
        "excerpt": _excerpt_of(cause),
        "known": cause.known,
        "why": cause.why,
        "remedy": cause.remedy,
        "hint": cause.hint,
        "code": cause.code,
        "passing": list(cause.passing),
        "repro": f"penstock repro {first.token}",
        "log": story.logs.get(first.job, ""),
        "blocks": blocks,
    }


def _codes(failures: Sequence[Json]) -> Json:
    """What the codes mean that stand beneath failures: code -> title, cause, remedy, an example of the message."""
    from penstock.report.troubles import known  # its tables are read where something failed

    found = {one["code"]: known.of_code(one["code"]) for one in failures if one["code"]}
    return {
        code: [each.title, known.plain(each.cause), known.plain(each.remedy), each.example]
        for code, each in found.items()
        if each is not None
    }


def _excerpt_of(cause: causes.Cause) -> str:
    """The first findings, or the end of what was said."""
    lines = cause.excerpt.split("\n")
    return "\n".join(lines[:_EXCERPT_LINES] if cause.listed else lines[-_EXCERPT_LINES:])


def _jobs(story: Story) -> list[Json]:
    records = {record.job: record for record in story.records.jobs}
    forgiven = {*story.verdict.warned_jobs, *(job for job, _ in story.verdict.tolerated_jobs)}
    tries = flaky.passed_on(story)
    return [
        {
            "id": job.id,
            "stage": job.stage,
            "state": _state(records.get(job.id), forgiven=job.id in forgiven),
            "time": jobs.time_of(records.get(job.id)),
            "time_s": round(records[job.id].duration_s, 3) if job.id in records else 0,
            "words": " · ".join(jobs.words_of(records.get(job.id), now_s=story.now_s, tries=tries)),
            "cpu_s": round(records[job.id].cpu_s, 2) if job.id in records else 0,
            "memory_bytes": records[job.id].memory_bytes if job.id in records else 0,
            "reasons": list(job.reasons),
        }
        for job in story.plan.jobs
    ]


def _state(record: JobRecord | None, *, forgiven: bool) -> str:
    if record is not None and record.outcome is Outcome.PASSED:
        return "good"
    if forgiven:
        return "warn"
    return "open" if record is None or jobs.never_ran(record) else "bad"


def _timeline(story: Story) -> Json:
    records = {record.job: record for record in story.records.jobs}
    bars = timeline.bars(story.plan.jobs, records)
    return {
        "lanes": timeline.lanes(bars),
        "end_s": max((bar.end_s for bar in bars), default=0.0),
        "bars": [[bar.job, bar.lane, bar.height, round(bar.start_s, 3), round(bar.end_s, 3)] for bar in bars],
    }


def _tests(story: Story) -> Json:
    """By file and name, so that each stands once: [name, then of each leg its number, its outcome's, milliseconds]."""
    names = [job.id for job in story.plan.jobs]
    number = {name: place for place, name in enumerate(names)}
    files: dict[str, dict[str, list[Any]]] = {}
    for test in last_attempts(story.records.tests).values():
        path, _, name = test.id.partition("::")
        row = files.setdefault(path, {}).setdefault(name, [name])
        row += (number.get(test.job, -1), _NUMBERS[test.outcome], _milliseconds(test))
    told = [[path, list(rows.values())] for path, rows in files.items()]
    return {"jobs": names, "outcomes": [each.value for each in _OUTCOMES], "files": told}


def _finding(one: FindingRecord, standing: int) -> list[Any]:
    return [one.tool, one.rule, one.message, one.path, one.line, one.severity, one.job, standing]


def _milliseconds(test: TestRecord) -> float:
    return round(1000 * (test.setup_s + test.call_s + test.teardown_s), 1)


def _flaky(one: flaky.Flaky) -> Json:
    return {
        "test": one.passed.id,
        "job": one.passed.job,
        "tries": one.tries,
        "passed_on": one.passed.attempt,
        "why": one.passed.why,
        "said": one.failed.text or one.failed.message,
    }


def _coverage(records: Iterable[CoverageRecord], sources: Mapping[str, Sequence[str]]) -> list[Json]:
    """Each file with its figures, and of the least covered ones the lines around what was not run."""
    left = _SOURCE_CHARACTERS
    made = []
    for record in sorted(records, key=lambda each: (-len(each.missing), each.path)):
        excerpt = _excerpt(record, sources.get(record.path, ()))
        size = sum(len(text) for _, text, _ in excerpt)
        shown = excerpt if size <= left else []
        left -= size if shown else 0
        made.append(
            {
                "path": record.path,
                "statements": record.statements,
                "covered": record.covered,
                "branches": record.branches,
                "covered_branches": record.covered_branches,
                "missing": list(record.missing),
                "source": [list(line) for line in shown],
            }
        )
    return sorted(made, key=lambda each: str(each["path"]))


def _excerpt(record: CoverageRecord, lines: Sequence[str]) -> list[tuple[int, str, int]]:
    """(number, text, state): 0 = does not count, 1 = run, 2 = not run, 3 = run, and not all of its exits taken."""
    missing = set(record.missing)
    partial = {line for line, exits, taken in record.forks if taken < exits} - missing
    ran = {line for first, last in record.ran for line in range(first, last + 1)}
    wanted = {near for line in (missing | partial) for near in range(line - _CONTEXT, line + _CONTEXT + 1)}
    return [
        (number, text[:_LONGEST_LINE], 2 if number in missing else 3 if number in partial else int(number in ran))
        for number, text in enumerate(lines, 1)
        if number in wanted
    ]
