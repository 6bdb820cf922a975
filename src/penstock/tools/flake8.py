"""flake8 with the project's plugins."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from penstock.model.events import Outcome
from penstock.model.plan import Command, Job
from penstock.model.records import FindingRecord, Reading
from penstock.ports import Ended, ToolContext
from penstock.tools import answers, calls, versions

_REPORT = "flake8.txt"
_FLAGS = ("--exit-zero", "--quiet", "-q", "-qq", "--benchmark", "--count", "--show-source", "--statistics", "--tee")
_VALUED = ("--format", "--output-file")
_LINE = r"(?m)^(?P<path>[^\n]+?):(?P<line>\d+):(?P<column>\d+): (?P<rule>[A-Z]+[0-9]+) (?P<message>.*)$"
_UNKNOWN = r"(?m)^flake8\.options\.config .* Option \"(?P<key>.+)\" is not registered\. Ignoring\.$"
_PROCESSED = r"(?m)^(?P<count>\d+) +total files processed$"


class Flake8Settings:
    """`flake8 -vv` over nothing: only its log tells of a key that it does not know, and of all keys of all plug-ins."""

    name = "flake8-settings"
    requirement = versions.FLAKE8

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """A part of `Flake8.commands`."""
        kept = calls.options(context, flags=_FLAGS, valued=_VALUED)
        argv = (calls.program(context, "flake8"), "-vv", *kept, "-")
        return (Command(argv=argv, tool=self.name, stdout="flake8-settings.txt"),)

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """Passed, unless there is such a key. What else may be wrong, the check says."""
        del reports, job
        unknown = re.search(_UNKNOWN, answers.output(ended))
        if unknown is None and ended.exit_code == 0:
            return Reading(outcome=Outcome.PASSED)
        reason = f"flake8 does not know the key {unknown['key'][:100]}" if unknown else "flake8 could not be asked"
        return Reading(
            outcome=Outcome.ERRORED, reason=reason, problem=reason, remedy="mend the configuration of flake8"
        )


class Flake8:
    """`flake8`."""

    name = "flake8"
    requirement = versions.FLAKE8

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """The check, with the benchmark lines that tell how many files were processed."""
        chosen = calls.spread(context, calls.paths(context, (".",)))
        argv = (calls.program(context, "flake8"), "--benchmark", "--format=default")
        return (
            *Flake8Settings().commands(context),
            Command(
                argv=(*argv, *calls.options(context, flags=_FLAGS, valued=_VALUED), *chosen),
                tool=self.name,
                stdout=_REPORT,
                listed=calls.listed(context, chosen, stubs=False),
                excludes=calls.leaves_out(context),
                version=calls.version(context, self.requirement),
            ),
        )

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """Findings and counts from the text. A configured `exit-zero` hides nothing: findings are a no."""
        text = answers.plain(reports.get(_REPORT, b""))
        findings = tuple(_findings(job, ended, text))
        processed = [answers.count(match["count"]) for match in re.finditer(_PROCESSED, text)]
        total = processed[-1] if processed else None
        unread = len({each.path for each in findings if each.rule in answers.SYNTAX})
        answer = answers.Answer(
            tool=self.name,
            refused=bool(findings),
            findings=findings,
            examined=None if total is None else max(total - unread, 0),
            expected=total or 0,
        )
        return answers.reading(answer, ended, job)


def _findings(job: Job, ended: Ended, text: str) -> Iterator[FindingRecord]:
    for match in re.finditer(_LINE, text):
        yield answers.finding(
            job,
            ended,
            "flake8",
            rule=match["rule"],
            message=match["message"],
            at=(match["path"], match["line"], match["column"]),
        )
