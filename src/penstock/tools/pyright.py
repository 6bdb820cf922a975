"""pyright, against the interpreter of the job's environment."""

from __future__ import annotations

import re
from collections.abc import Mapping

from penstock.model.plan import PYTHON, Command, Job
from penstock.model.records import FindingRecord, Reading
from penstock.ports import Ended, ToolContext
from penstock.tools import answers, calls, versions
from penstock.value import Value

_REPORT = "pyright.json"
_FLAGS = ("--outputjson", "--stats", "--verbose", "--watch", "-w")
_VALUED = ("--pythonpath", "-p:pythonpath", "--venvpath", "-v")
_UNKNOWN = r"(?m)^[^\n]*(?:Config contains unrecognized setting|Unknown setting)[^\n]*$"


class _Position(Value, frozen=True, kw_only=True):
    line: int = 0
    character: int = 0


class _Range(Value, frozen=True, kw_only=True):
    start: _Position = _Position()


class _Diagnostic(Value, frozen=True, kw_only=True):
    file: str = ""
    severity: str = "error"
    message: str = ""
    rule: str = ""
    range: _Range | None = None


class _Summary(Value, frozen=True, kw_only=True, rename="camel"):
    files_analyzed: int
    error_count: int


class _Report(Value, frozen=True, kw_only=True, rename="camel"):
    """`pyright --outputjson`: places count from 0."""

    summary: _Summary
    version: str = ""
    general_diagnostics: tuple[_Diagnostic, ...] = ()


class Pyright:
    """`pyright`."""

    name = "pyright"
    requirement = versions.PYRIGHT

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """The check, by the project's configuration, over declared paths if there are any."""
        chosen = calls.paths(context, ())
        options = calls.options(context, flags=_FLAGS, valued=_VALUED)
        return (
            Command(
                argv=(calls.program(context, "pyright"), "--outputjson", "--pythonpath", PYTHON, *options, *chosen),
                environment=(("PYRIGHT_PYTHON_IGNORE_WARNINGS", "1"),),
                tool=self.name,
                stdout=_REPORT,
                listed=calls.listed(context, chosen, hidden=False),
                excludes=calls.leaves_out(context),
                version=calls.version(context, self.requirement),
            ),
        )

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """Everything from the JSON report; unknown settings from the log."""
        report = answers.document(reports, _REPORT, _Report)
        if isinstance(report, str):
            said = answers.output(ended).strip().splitlines()
            problem = f"could not be asked: {said[-1][:300]}" if said else report
            answer = answers.Answer(tool=self.name, refused=False, problem=problem, remedy="see the end of its log")
            return answers.reading(answer, ended, job)
        unknown = re.search(_UNKNOWN, answers.output(ended))
        examined = max(report.summary.files_analyzed, 0)
        answer = answers.Answer(
            tool=self.name,
            refused=ended.exit_code == 1,
            findings=tuple(_finding(job, ended, each) for each in report.general_diagnostics),
            examined=examined,
            expected=examined,
            problem=unknown[0].strip()[:300] if unknown else None,
            remedy="mend [tool.pyright] or pyrightconfig.json" if unknown else None,
            notes={"version:pyright": report.version[:40]} if report.version else {},
        )
        return answers.reading(answer, ended, job)


def _finding(job: Job, ended: Ended, each: _Diagnostic) -> FindingRecord:
    start = (each.range or _Range()).start
    return answers.finding(
        job,
        ended,
        "pyright",
        rule=each.rule,
        message=each.message,
        at=(each.file, start.line + 1, start.character + 1),
        severity={"error": "error", "warning": "warning"}.get(each.severity, "note"),
    )
