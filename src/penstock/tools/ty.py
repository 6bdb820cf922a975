"""ty, against the interpreter of the job's environment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from penstock.model.plan import PYTHON, Command, Job
from penstock.model.records import FindingRecord, Reading
from penstock.ports import Ended, ToolContext
from penstock.tools import answers, calls, versions

_REPORT = "ty.txt"
_FLAGS = ("--exit-zero", "--watch", "-W", "--quiet", "-q", "-qq", "--verbose", "-v", "-vv", "--fix", "--add-ignore")
_VALUED = ("--output-format", "--python", "--venv", "--color")
_LINE = r"(?m)^(?P<path>[^\n]+?):(?P<line>\d+):(?P<column>\d+): (?P<severity>\w+)\[(?P<rule>[\w-]+)\] (?P<message>.*)$"
_INDEXED = r"Indexed (?P<count>\d+) file\(s\)"


class Ty:
    """`ty check`."""

    name = "ty"
    requirement = versions.TY

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """The check; one step of verbosity makes it say how many files it found."""
        chosen = calls.paths(context, ())
        argv = (calls.program(context, "ty"), "check", "--output-format", "concise", "--color", "never", "--verbose")
        options = calls.options(context, flags=_FLAGS, valued=_VALUED)
        return (
            Command(
                argv=(*argv, "--python", PYTHON, "--exclude", calls.OURS, *options, *chosen),
                tool=self.name,
                stdout=_REPORT,
                listed=calls.listed(context, chosen),
                excludes=calls.leaves_out(context),
                version=calls.version(context, self.requirement),
            ),
        )

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """Findings from the report, the number of files from the log."""
        text, log = answers.plain(reports.get(_REPORT, b"")), answers.output(ended)
        findings = tuple(_findings(job, ended, text))
        indexed = [answers.count(match["count"]) for match in re.finditer(_INDEXED, log)]
        unknown = next((each for each in findings if each.rule in ("unknown-rule", "unknown-setting")), None)
        said = [line.strip() for line in log.splitlines() if line.strip()]
        problem = f"{unknown.path}:{unknown.line}: {unknown.message}" if unknown else None
        if ended.exit_code == 2:
            problem = f"could not be asked: {' '.join(said[:4])}"[:300]
        answer = answers.Answer(
            tool=self.name,
            refused=ended.exit_code == 1 and any(each is not unknown for each in findings),
            findings=findings,
            examined=indexed[-1] if indexed else None,
            expected=indexed[-1] if indexed else 0,
            problem=problem,
            remedy="mend [tool.ty] or ty.toml" if problem else None,
        )
        return answers.reading(answer, ended, job)


def _findings(job: Job, ended: Ended, text: str) -> Iterator[FindingRecord]:
    for match in re.finditer(_LINE, text):
        severity = match["severity"]
        yield answers.finding(
            job,
            ended,
            "ty",
            rule=match["rule"],
            message=match["message"],
            at=(match["path"], match["line"], match["column"]),
            severity="error" if severity in ("error", "fatal") else "warning" if severity == "warning" else "note",
        )
