"""black, as a check."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from penstock.model.plan import Command, Job
from penstock.model.records import FindingRecord, Reading
from penstock.ports import Ended, ToolContext
from penstock.tools import answers, calls, versions

_FLAGS = ("--check", "--diff", "--color", "--no-color", "-q", "--quiet", "-v", "--verbose")
_SUMMARY = r"(?P<count>\d+) files? (?P<what>would be reformatted|would be left unchanged|would fail to reformat)"
_WOULD = r"(?m)^would reformat (?P<path>.+)$"
_CANNOT = (  # "cannot format FILE: Cannot parse: 1:6: …" until 25, "cannot parse: FILE:1:6" since
    r"(?m)^error: cannot format (?P<path>.+?): (?P<message>[^\n]*?(?P<line>\d+):(?P<column>\d+):[^\n]*|[^\n]+)$"
    r"|^error: cannot parse: (?P<file>.+?):(?P<row>\d+):(?P<at>\d+)$"
)
_UNKNOWN = r"(?m)^Invalid config keys detected: [^\n]*$"


class Black:
    """`black --check`."""

    name = "black"
    requirement = versions.BLACK

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """The check; its cache is ours."""
        chosen = calls.paths(context, (".",))
        return (
            Command(
                argv=(calls.program(context, "black"), "--check", *calls.options(context, flags=_FLAGS), *chosen),
                environment=(("BLACK_CACHE_DIR", f"{calls.PRIVATE}/black"),),
                tool=self.name,
                listed=calls.listed(context, chosen),
                excludes=calls.leaves_out(context),
                version=calls.version(context, self.requirement),
            ),
        )

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """It writes everything to standard error; its last line counts the files."""
        del reports
        text = answers.output(ended)
        counts = {match["what"]: answers.count(match["count"]) for match in re.finditer(_SUMMARY, text)}
        unread = counts.pop("would fail to reformat", 0)
        nothing = "No Python files are present" in text or "No Path provided" in text
        unknown = re.search(_UNKNOWN, text)
        answer = answers.Answer(
            tool=self.name,
            refused=counts.get("would be reformatted", 0) > 0,
            findings=tuple(_findings(job, ended, text)),
            examined=sum(counts.values()) if counts or nothing else None,
            expected=sum(counts.values()) + unread,
            problem=unknown[0][:300] if unknown else None,
            remedy="mend [tool.black]" if unknown else None,
        )
        return answers.reading(answer, ended, job)


def _findings(job: Job, ended: Ended, text: str) -> Iterator[FindingRecord]:
    for match in re.finditer(_WOULD, text):
        message = "would be reformatted: `black` does it"
        yield answers.finding(job, ended, "black", rule="unformatted", message=message, at=(match["path"], 0, 0))
    for match in re.finditer(_CANNOT, text):
        at = (match["path"] or match["file"], match["line"] or match["row"], match["column"] or match["at"])
        message = match["message"] or "cannot be parsed"
        yield answers.finding(job, ended, "black", rule="cannot-format", message=message, at=at)
