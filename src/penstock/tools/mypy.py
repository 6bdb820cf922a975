"""mypy, against the interpreter of the job's environment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from penstock.model.plan import PYTHON, Command, Job
from penstock.model.records import FindingRecord, Reading
from penstock.ports import Ended, ToolContext
from penstock.tools import answers, calls, versions

_REPORT = "mypy.txt"
# Text and not JSON (mypy >= 1.11): projects pin older versions, and the text has been the same for years.
_FORM = ("--show-column-numbers", "--show-error-codes", "--no-pretty", "--no-color-output", "--hide-error-context")
_FLAGS = ("--install-types", "--non-interactive", "--pretty", "--no-error-summary", "--hide-column-numbers")
_VALUED = ("--cache-dir", "--output", "-O", "--junit-xml", "--python-executable")
_LINE = (
    r"(?m)^(?P<path>[^\n:]+?):(?:(?P<line>\d+):)?(?:(?P<column>\d+):)? (?P<severity>error|note): (?P<message>.*?)"
    r"(?:  \[(?P<rule>[a-z0-9-]+)\])?$"
)
_CHECKED = r"(?m)^(?:Success: no issues found in|Found .*\(checked) (?P<count>\d+) source files?"
_UNKNOWN = r"(?m)^(?P<place>[^\n]*?): \[(?P<section>[^\n\]]*)\]: (?P<what>Unrecognized [^\n]*|.*invalid[^\n]*)$"


class Mypy:
    """`mypy`."""

    name = "mypy"
    requirement = versions.MYPY

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """The check. Its cache is private to the job and the Python version, so that legs do not race for it."""
        configured = context.use is not None and context.use.place is not None
        chosen = calls.paths(context, () if configured else calls.packages(context))
        cache = f"{calls.PRIVATE}/mypy-{context.spec.name}-{context.python or 'any'}"
        options = calls.options(context, flags=_FLAGS, valued=_VALUED)
        argv = (calls.program(context, "mypy"), *_FORM, "--cache-dir", cache, "--python-executable", PYTHON)
        return (
            Command(
                argv=(*argv, *options, *chosen),
                environment=(("MYPY_NUM_WORKERS", "0"),),  # processors are shared out by penstock
                tool=self.name,
                stdout=_REPORT,
                listed=_listed(context, chosen),
                excludes=calls.leaves_out(context),
                version=calls.version(context, self.requirement),
            ),
        )

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """Findings and the number of checked files from the text; unknown settings from the log."""
        text = answers.plain(reports.get(_REPORT, b""))
        findings = tuple(_findings(job, ended, text))
        checked = [answers.count(match["count"]) for match in re.finditer(_CHECKED, text)]
        unknown = re.search(_UNKNOWN, answers.output(ended))
        problem = None
        if unknown is not None:
            problem = f"{unknown['place']}: {unknown['what']}"[:300]
        elif ended.exit_code == 2 and not any(found.rule in answers.SYNTAX for found in findings):
            problem = f"could not check: {_first(text + answers.output(ended))}"
        answer = answers.Answer(
            tool=self.name,
            refused=ended.exit_code == 1,
            findings=findings,
            examined=checked[-1] if checked else 0 if ended.exit_code == 2 else None,
            expected=checked[-1] if checked else 0,
            problem=problem,
            remedy="mend the configuration of mypy" if problem else None,
        )
        return answers.reading(answer, ended, job)


def _listed(context: ToolContext, chosen: Sequence[str]) -> int:
    """The files that mypy examines of those that git lists: a stub takes the place of the module beside it."""
    files = frozenset(calls.inside(context, chosen, hidden=False))
    return sum(1 for file in files if f"{file}i" not in files)


def _findings(job: Job, ended: Ended, text: str) -> Iterator[FindingRecord]:
    for match in re.finditer(_LINE, text):
        if match["severity"] == "error":
            yield answers.finding(
                job,
                ended,
                "mypy",
                rule=match["rule"] or "",
                message=match["message"],
                at=(match["path"], match["line"], match["column"]),
            )


def _first(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "it said nothing")[:300]
