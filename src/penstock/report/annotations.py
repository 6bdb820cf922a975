"""Findings and failures as GitHub's workflow commands: they stand beside the lines of the change.

GitHub shows ten errors, ten warnings and ten notices of a step. All foreign text is escaped: none of it can be a
command of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from penstock.model.events import Outcome
from penstock.model.records import FindingRecord, TestRecord, last_attempts
from penstock.report import checks
from penstock.report.inert import command_property, command_value
from penstock.report.sarif import level_of
from penstock.report.story import Story

MOST = 10  # of each level


def lines(story: Story) -> list[str]:
    """The commands, a line each; failed tests first, then findings of jobs that failed, then gates.

    Findings that the baseline knows have none: nobody is to mend them in this change.
    """
    told: dict[str, list[str]] = {"error": [], "warning": [], "notice": []}
    for level, line in _every(story):
        if len(told[level]) < MOST:
            told[level].append(line)
    return [line for level in told.values() for line in level]


def _every(story: Story) -> Iterator[tuple[str, str]]:
    forgiven = {*story.verdict.warned_jobs, *(job for job, _ in story.verdict.tolerated_jobs)}
    for test in last_attempts(story.records.tests).values():
        if test.bad:
            quiet = test.job in forgiven or any(each.covers(test.id) for each in story.plan.quarantine)
            yield _of_test(test, "warning" if quiet else "error")
    failed = {record.job for record in story.records.jobs if record.outcome is not Outcome.PASSED}
    for place, finding in enumerate(story.records.findings):
        if story.known.get(place):
            continue
        level = _level(finding) if finding.job in failed - forgiven else "notice"
        yield _of_finding(finding, level)
    for result in story.verdict.checks:
        if result.name != "jobs" and checks.blocked(result, story):
            remedy = f" ({result.remedy})" if result.remedy else ""
            yield "error", _command("error", f"penstock {result.name}", f"{result.summary}{remedy}")


def _level(finding: FindingRecord) -> str:
    """As SARIF has it, but for GitHub's own word for a note."""
    found = level_of(finding)
    return "notice" if found == "note" else found


def _of_test(test: TestRecord, level: str) -> tuple[str, str]:
    path, _, line = test.line.rpartition(":")
    place = (path, int(line)) if line.isdigit() and path else (test.id.partition("::")[0], 0)
    said = f"{test.kind}: {test.message}".strip(": ") or test.outcome.value
    return level, _command(level, f"{test.id} ({test.job})", said, place)


def _of_finding(finding: FindingRecord, level: str) -> tuple[str, str]:
    title = f"{finding.tool} {finding.rule}".strip()
    return level, _command(level, title, finding.message or title, (finding.path, finding.line), finding.column)


def _command(level: str, title: str, message: str, place: tuple[str, int] = ("", 0), column: int = 0) -> str:
    path, line = place
    properties = [f"file={command_property(path)}"] if path else []
    properties += [f"line={line}"] if path and line > 0 else []
    properties += [f"col={column}"] if path and line > 0 and column > 0 else []
    properties.append(f"title={command_property(title)}")
    return f"::{level} {','.join(properties)}::{command_value(message)}"
