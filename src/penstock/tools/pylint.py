"""pylint."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from penstock.model.plan import Command, Job
from penstock.model.records import FindingRecord, Reading
from penstock.ports import Ended, ToolContext
from penstock.tools import answers, calls, versions

_REPORT = "pylint.txt"
# One line a message, in a form that all versions can be asked for; the reports count the modules.
_TEMPLATE = "--msg-template={path}:{line}:{column}: {msg_id}({symbol}) {msg}"
_FORM = ("--output-format=text", _TEMPLATE, "--reports=y", "--score=n", "--persistent=n", "--recursive=y")
_FLAGS = ("--exit-zero", "-E", "--errors-only")
_VALUED = ("--output-format", "-f", "--msg-template", "--reports", "-r", "--score", "-s", "--output", "--persistent")
_LINE = (
    r"(?m)^(?P<path>[^\n]*?):(?P<line>\d+):(?P<column>\d+): (?P<id>[CRWEFI]\d+)\((?P<symbol>[\w-]+)\) (?P<message>.*)$"
)
_MODULES = r"(?m)^\|module +\|(?P<count>\d+) *\|"
_SEVERITY = {"E": "error", "F": "error", "W": "warning"}
_USAGE_ERROR, _FATAL = 32, 1  # bits of the exit code: pylint's "Exit codes" page


class Pylint:
    """`pylint`."""

    name = "pylint"
    requirement = versions.PYLINT

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """The check over what the project names, else its packages."""
        chosen = calls.spread(context, calls.paths(context, calls.packages(context)))
        options = tuple(word for word in calls.options(context, flags=("--exit-zero",), valued=_VALUED))
        return (
            Command(
                argv=(calls.program(context, "pylint"), *_FORM, *options, *chosen),
                environment=(("PYLINTHOME", f"{calls.PRIVATE}/pylint"),),
                tool=self.name,
                stdout=_REPORT,
                listed=calls.listed(context, chosen, stubs=False),
                excludes=calls.leaves_out(context, "--ignore"),
                version=calls.version(context, self.requirement),
            ),
        )

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """Findings from the lines, modules from the statistics, the answer from the exit code's bits."""
        text = answers.plain(reports.get(_REPORT, b""))
        findings = tuple(_findings(job, ended, text))
        modules = [answers.count(match["count"]) for match in re.finditer(_MODULES, text)]
        unread = len({each.path for each in findings if each.rule in answers.SYNTAX})
        total = modules[-1] if modules else None
        problem = _problem(ended, findings)
        answer = answers.Answer(
            tool=self.name,
            refused=bool((ended.exit_code or 0) & ~(_USAGE_ERROR | _FATAL)),
            findings=findings,
            examined=total,
            expected=(total or 0) + (unread if total is not None else 0),
            problem=problem,
            remedy="mend the configuration of pylint, or name files that exist" if problem else None,
        )
        return answers.reading(answer, ended, job)


def _problem(ended: Ended, findings: tuple[FindingRecord, ...]) -> str | None:
    """What keeps pylint's yes from being one: a setting that it does not know, a file that it could not open."""
    unasked = next((each for each in findings if each.rule.startswith(("E0015", "F"))), None)
    if unasked is not None:
        return f"{unasked.path}: {unasked.message}"
    if (ended.exit_code or 0) & (_USAGE_ERROR | _FATAL):
        said = [line.strip() for line in answers.output(ended).splitlines() if line.strip()]
        return f"could not be asked: {said[-1] if said else f'exit code {ended.exit_code}'}"[:300]
    return None


def _findings(job: Job, ended: Ended, text: str) -> Iterator[FindingRecord]:
    for match in re.finditer(_LINE, text):
        yield answers.finding(
            job,
            ended,
            "pylint",
            rule=match["id"],
            message=f"{match['message']} ({match['symbol']})",
            at=(match["path"], match["line"], match["column"]),
            severity=_SEVERITY.get(match["id"][0], "note"),
        )
