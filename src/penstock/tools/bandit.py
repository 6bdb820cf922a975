"""bandit. Its findings are evidence; how much is too much is the gate's to say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from penstock.model.events import Outcome
from penstock.model.plan import REPORTS, Command, Job
from penstock.model.records import FindingRecord, Reading
from penstock.model.scales import SEVERITIES
from penstock.ports import Ended, ToolContext
from penstock.tools import answers, calls, severities, versions
from penstock.value import Value

_REPORT = "bandit.json"
_FLAGS = (
    *("-r", "--recursive", "-v", "--verbose", "-d", "--debug", "-q", "--quiet", "--silent", "--exit-zero"),
    *("-l", "-ll", "-lll", "--level"),  # from which severity on is the gate's
)
_VALUED = (
    *("-f", "--format", "-o", "--output", "--msg-template", "-a", "--aggregate", "-n", "--number"),
    "--severity-level",
)
# A test that fails on a file leaves no trace in the report.
_DOUBT = (
    r"(?m)^.*(?:WARNING|ERROR)\s+"
    r"((?:Unknown test found in profile|Bandit internal error running): .*?)(?:Traceback.*)?$"
)


class _Result(Value, frozen=True, kw_only=True):
    test_id: str
    issue_severity: str
    filename: str
    issue_text: str = ""
    line_number: int = 0
    col_offset: int = 0


class _Error(Value, frozen=True, kw_only=True):
    filename: str = ""
    reason: str = ""


class _Report(Value, frozen=True, kw_only=True):
    """`bandit --format json`. `metrics` has an entry for each file that it opened, and one for all."""

    errors: tuple[_Error, ...]
    results: tuple[_Result, ...]
    metrics: Mapping[str, Mapping[str, Any]]


class Bandit:
    """`bandit`."""

    name = "bandit"
    requirement = versions.BANDIT

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """The check. It walks into hidden folders, so "." is spelled out."""
        chosen = calls.spread(context, calls.paths(context, (".",)))
        options = calls.options(context, flags=_FLAGS, valued=_VALUED)
        argv = (calls.program(context, "bandit"), "--recursive", "--format", "json", "--output", f"{REPORTS}/{_REPORT}")
        return (
            Command(
                argv=(*argv, *options, *chosen),
                tool=self.name,
                listed=calls.listed(context, chosen, stubs=False),
                excludes=calls.leaves_out(context),
                version=calls.version(context, self.requirement),
            ),
        )

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """Everything from the report; tests that it does not know, or that failed, from the log."""
        report = answers.document(reports, _REPORT, _Report)
        log = answers.output(ended)
        doubt = re.search(_DOUBT, log)
        if isinstance(report, str):
            answer = answers.Answer(tool=self.name, refused=False, problem=_why(log, report), remedy="see its log")
            return answers.reading(answer, ended, job)
        files = len(report.metrics.keys() - {"_totals"})
        unread = tuple(_unread(job, ended, each) for each in report.errors)
        answer = answers.Answer(
            tool=self.name,
            refused=False,
            findings=unread,
            examined=max(files - len({each.path for each in unread}), 0),
            expected=files,
            problem=doubt[1].strip()[:300] if doubt else None,
            remedy="mend the configuration of bandit, or leave that test or file out there" if doubt else None,
        )
        # 1 means that it found something, or that a file could not be read.
        explained = ended.exit_code == 1 and bool(report.results or report.errors)
        reading = answers.reading(answer, replace(ended, exit_code=0) if explained else ended, job)
        if reading.outcome is not Outcome.PASSED:
            return reading
        nosec = report.metrics.get("_totals", {}).get("nosec", 0)
        measures = {**reading.measures, "nosec": float(nosec) if isinstance(nosec, int) and nosec > 0 else 0.0}
        return severities.counted(replace(reading, measures=measures), [_found(job, ended, e) for e in report.results])


def _why(log: str, report: str) -> str:
    said = [line.strip() for line in log.splitlines() if "ERROR" in line or "error:" in line]
    return f"could not be asked: {said[-1]}"[:300] if said else report


def _unread(job: Job, ended: Ended, each: _Error) -> FindingRecord:
    return answers.finding(job, ended, "bandit", rule="syntax-error", message=each.reason, at=(each.filename, 0, 0))


def _found(job: Job, ended: Ended, each: _Result) -> FindingRecord:
    severity = each.issue_severity.lower()
    return answers.finding(
        job,
        ended,
        "bandit",
        rule=each.test_id,
        message=each.issue_text,
        at=(each.filename, each.line_number, each.col_offset + 1),
        severity=severity if severity in SEVERITIES else "medium",  # a plug-in's UNDEFINED, as an unknown rule
    )
