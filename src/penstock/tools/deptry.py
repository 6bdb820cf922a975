"""deptry in the environment of the tests: what is imported against what is declared."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from msgspec.structs import replace

from penstock.model.events import Outcome
from penstock.model.plan import REPORTS, Command, Job
from penstock.model.records import FindingRecord, Reading
from penstock.ports import Ended, ToolContext
from penstock.tools import answers, calls, versions
from penstock.util.plural import plural
from penstock.value import Value

_REPORT = "deptry.json"
_SCANNED = re.compile(r"(?m)^Scanning (?P<count>\d+) files?\.\.\.")
_UNREAD = re.compile(r"(?m)^Warning: Skipping processing of (?P<path>.+?) because of the following error: (?P<why>.*)$")
_ASSUMED = re.compile(r"(?m)^Assuming the corresponding module name of package '(?P<name>[^']+)'")
_FLAGS = ("--verbose", "-v", "--no-ansi", "--github-output")
_VALUED = ("--json-output", "-o")
_SHOWN = 5


class Problem(Value, frozen=True, kw_only=True):
    """What is wrong: deptry's code and words."""

    code: str
    message: str


class Location(Value, frozen=True, kw_only=True):
    """Where; without a line for what is declared."""

    file: str
    line: int | None = None
    column: int | None = None


class Issue(Value, frozen=True, kw_only=True):
    """One entry of deptry's JSON."""

    error: Problem
    module: str
    location: Location


class Deptry:
    """`deptry`."""

    name = "deptry"
    requirement = versions.DEPTRY

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """The check. Its roots are the folders that hold the packages: so it knows the project's own modules."""
        parents = [str(PurePosixPath(package.path).parent) for package in context.project.packages]
        default = (".",) if "." in parents or not parents else tuple(dict.fromkeys(parents))
        chosen = calls.paths(context, default)
        report = ("--no-ansi", "--json-output", f"{REPORTS}/{_REPORT}")
        return (
            Command(
                argv=(
                    calls.program(context, "deptry"),
                    *chosen,
                    *report,
                    *calls.options(context, flags=_FLAGS, valued=_VALUED),
                ),
                tool=self.name,
                version=calls.version(context, self.requirement),
            ),
        )

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """Passed if every file was parsed. What was found is never a refusal: the gate judges."""
        log = answers.output(ended)
        if ended.exit_code not in (0, 1):
            error = next(
                (line for line in log.splitlines() if line.startswith(("Error:", "error:"))), log.strip()[-300:]
            )
            return answers.unasked(
                f"deptry could not be asked: {error or f'signal {ended.signal}'}", "mend [tool.deptry]"
            )
        issues = answers.document(reports, _REPORT, list[Issue])
        if isinstance(issues, str):
            return answers.unasked(f"deptry: {issues}", "see the end of its log")
        if (ended.exit_code == 1) != bool(issues):
            return answers.unasked(f"deptry ended with exit code {ended.exit_code}, and told {len(issues)} issues")
        counted = _SCANNED.search(log)
        files = answers.count(counted["count"]) if counted else 0
        if not files:
            why = "looked at no file" if counted else "did not say how many files it looked at"
            return answers.unasked(f"deptry {why}", "give the job `paths` that hold the project's Python files")
        unread = [f"{match['path']} ({match['why']})" for match in _UNREAD.finditer(log)]
        if unread:
            reason = f"deptry could not parse {len(unread)} of {plural(files, 'file')}: {', '.join(unread[:_SHOWN])}"[
                :800
            ]
            return answers.unasked(reason, "mend them, or exclude them in [tool.deptry]")
        return _reading(issues, files, {match["name"] for match in _ASSUMED.finditer(log)}, ended, job)


def _reading(issues: list[Issue], files: int, assumed: set[str], ended: Ended, job: Job) -> Reading:
    findings = [_finding(job, ended, each, assumed) for each in issues]
    planned = next((command.version for command in job.commands if command.tool == "deptry"), "")
    return Reading(
        outcome=Outcome.PASSED,
        reason=plural(files, "file"),
        measures={"files": float(files), "expected": float(files), "findings": float(len(findings))},
        notes={"version:deptry": planned} if planned else {},
        findings=tuple(findings[: answers.KEPT_FINDINGS]),
    )


def _finding(job: Job, ended: Ended, each: Issue, assumed: set[str]) -> FindingRecord:
    """What is declared has no line in the report: its name is the anchor, by which its line is found."""
    guess = " (it is not installed here, so its module is assumed to have its name)" if each.module in assumed else ""
    at = (each.location.file, each.location.line, each.location.column)
    message = f"{each.error.message}{guess}"
    made = answers.finding(job, ended, "deptry", rule=each.error.code, message=message, at=at, severity="warning")
    return made if made.line else replace(made, anchor=each.module)
