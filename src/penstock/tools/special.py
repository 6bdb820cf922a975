"""What kinds of jobs with a key of their own have in common: a guest that leaves one report of what it measured.

The report is JSON: {"measures": {name: number}, "notes": {name: text}, "failed": WHY, "problem": WHY, "remedy": HOW,
"findings": [[path, line, rule, message], …], "told": [those that block nothing]}; all of it may be left out. `failed`:
it was asked, and the answer is no; `problem`: it could not be asked. Without a report nothing was verified, whatever
the exit code; nor where the measure `files` is less than what the plan lists. The note `summary` is for a person,
`absent:NAME` says why there is no measure of that name, `doubt:NAME` why there is one that may be worse than what it is
about.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec

from penstock.model.events import Outcome
from penstock.model.pipeline import JobSpec
from penstock.model.plan import GUEST, REPORTS, SELF, Command, Job
from penstock.model.records import FindingRecord, Reading
from penstock.ports import Ended, ToolContext
from penstock.tools import answers, complaints
from penstock.util.plural import plural
from penstock.value import Value

_TEXT = 2_000  # characters of a reason


class Report(Value, frozen=True, kw_only=True):
    """What a guest leaves."""

    measures: Mapping[str, float] = {}
    notes: Mapping[str, str] = {}
    failed: str = ""
    problem: str = ""
    remedy: str = ""
    findings: tuple[tuple[str, int, str, str], ...] = ()
    told: tuple[tuple[str, int, str, str], ...] = ()


class SpecialTool:
    """One kind's adapter. `guest`: the script in `guest/`; `python`: the token of the interpreter that runs it."""

    requirement = ""

    def __init__(self, name: str, guest: str, *, python: str = SELF) -> None:
        self.name = name
        self._guest = guest
        self._python = python

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """One process: `GUEST REPORT WORDS`."""
        argv = (self._python, f"{GUEST}/{self._guest}", f"{REPORTS}/{self.name}.json", *self.words(context))
        listed = self.listed(context)
        return (Command(argv=argv, environment=context.spec.environment, tool=self.name, listed=listed),)

    def words(self, context: ToolContext) -> tuple[str, ...]:
        """What the guest is told behind its report's path: the options as JSON."""
        return (options(context.spec),)

    def listed(self, context: ToolContext) -> int:
        """How many files it has to examine, 0 for a kind that examines none."""
        del context
        return 0

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """What it measured, once its report and its end tell one story."""
        return reading(self.name, ended, reports, job)


def options(spec: JobSpec) -> str:
    """What the job's key says, as JSON."""
    return encoded(dict(spec.options))


def encoded(value: object) -> str:
    """JSON for a guest. A token in it would be filled in; none is taken from the user."""
    return msgspec.json.encode(value).decode().replace("${penstock:", "$\\u007bpenstock:")


def reading(name: str, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
    """The report as a Reading."""
    if ended.cause == "timeout":
        return Reading(outcome=Outcome.TIMED_OUT, reason="ran into its time limit")
    report = answers.document(reports, f"{name}.json", Report)
    if isinstance(report, str):
        end = complaints.signal_name(ended.signal) if ended.signal is not None else f"exit code {ended.exit_code}"
        return answers.unasked(f"{report} (it ended with {end})", "see the end of its log")
    numbers = {key: number for key, number in report.measures.items() if math.isfinite(number)}
    said = [*((each, "error") for each in report.findings), *((each, "warning") for each in report.told)]
    findings = tuple(_finding(job, ended, name, *each) for each in said[: answers.KEPT_FINDINGS])
    outcome, reason = _settled(report, ended)
    listed = max((command.listed for command in job.commands if command.tool == name), default=0)
    if outcome is Outcome.PASSED and (examined := int(numbers.get("files", 0))) < listed:
        outcome, reason = Outcome.ERRORED, f"it examined {examined} of {plural(listed, 'file')}"
    if listed:
        numbers["listed"] = float(listed)
    return Reading(
        outcome=outcome,
        reason=reason[:_TEXT],
        problem=reason[:_TEXT] if outcome is Outcome.ERRORED else None,
        remedy=report.remedy[:_TEXT] or None,
        measures={**numbers, "findings": float(len(report.findings))},
        notes={key: text[:_TEXT] for key, text in report.notes.items()},
        findings=findings,
    )


def _settled(report: Report, ended: Ended) -> tuple[Outcome, str]:
    if report.failed:
        return Outcome.FAILED, report.failed
    if report.problem:
        return Outcome.ERRORED, report.problem
    if ended.exit_code != 0:
        return Outcome.ERRORED, f"it ended with exit code {ended.exit_code} and no word why"
    return Outcome.PASSED, report.notes.get("summary", "")


def _finding(job: Job, ended: Ended, tool: str, told: tuple[str, int, str, str], severity: str) -> FindingRecord:
    path, line, rule, message = told
    return answers.finding(job, ended, tool, rule=rule, message=message, at=(path, line, 0), severity=severity)
