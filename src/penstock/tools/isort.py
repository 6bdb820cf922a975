"""isort, as a check."""

from __future__ import annotations

import re
from collections.abc import Mapping

from penstock.model.plan import Command, Job
from penstock.model.records import Reading
from penstock.ports import Ended, ToolContext
from penstock.tools import answers, calls, versions

_REPORT = "isort.txt"
_FLAGS = ("--check", "--check-only", "-c", "--diff", "-q", "--quiet", "-v", "--verbose", "--color", "--stdout", "-d")
_FINE = r"(?m)^SUCCESS: .+ Everything Looks Good!$"
_WRONG = r"(?m)^ERROR: (?P<path>.+?) (?P<message>Imports are incorrectly sorted and/or formatted\.)$"
_VERSION = r"(?m)^ +VERSION (?P<version>[0-9][\w.]*)"
_UNREAD = (
    r"(?m)^[^\n]*(?:Unable to parse file|within code that contains syntax errors|Unable to decode|UnsupportedSettings)"
    r"[^\n]*(?:\n+\s+- [^\n]*)*"
)


class Isort:
    """`isort --check-only`."""

    name = "isort"
    requirement = versions.ISORT

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """The check, verbose: only so does it name the files that it looked at."""
        chosen = calls.spread(context, calls.paths(context, (".",)))
        argv = (calls.program(context, "isort"), "--check-only", "--verbose", "--atomic", "--filter-files")
        return (
            Command(
                argv=(*argv, *calls.options(context, flags=_FLAGS), *chosen),
                tool=self.name,
                stdout=_REPORT,
                listed=calls.listed(context, chosen),
                excludes=calls.leaves_out(context, "--skip", "-s"),
                version=calls.version(context, self.requirement),
            ),
        )

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """Fine files from the report, wrong ones from the log."""
        text, log = answers.plain(reports.get(_REPORT, b"")), answers.output(ended)
        findings = tuple(
            answers.finding(
                job, ended, self.name, rule="unsorted", message="imports: `isort` sorts them", at=(match["path"], 0, 0)
            )
            for match in re.finditer(_WRONG, log)
        )
        version, unread = re.search(_VERSION, text), re.search(_UNREAD, log)
        examined = len(re.findall(_FINE, text)) + len(findings)
        answer = answers.Answer(
            tool=self.name,
            refused=ended.exit_code == 1 and bool(findings),
            findings=findings,
            examined=examined,
            expected=examined,
            problem=" ".join(unread[0].split())[:300] if unread else None,
            remedy="mend the configuration of isort, or the file" if unread else None,
            notes={"version:isort": version["version"]} if version else {},
        )
        return answers.reading(answer, ended, job)
