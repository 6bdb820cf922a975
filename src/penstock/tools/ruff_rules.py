"""ruff as a measure of complexity (C901), and as a security linter (the S rules, which are bandit's).

Findings are evidence here, and not a refusal: how much is too much is the gate's to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from penstock.model.events import Outcome
from penstock.model.plan import REPORTS, Command, Job
from penstock.model.records import FindingRecord, Reading
from penstock.model.scales import GRADES
from penstock.ports import Ended, ToolContext
from penstock.tools import answers, calls, grades, ruff, severities, versions

_TOO_COMPLEX = re.compile(r"^`(?P<name>.+)` is too complex \((?P<number>\d+) > \d+\)$", re.DOTALL)


class _Rules:
    """ruff with rules of our choice over the files that the project's own configuration leaves."""

    name = ""
    requirement = versions.RUFF
    chosen: tuple[str, ...] = ()

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """The list of files, then the check with a JSON report. Its exit code says only whether it could be asked."""
        report = ("--output-format", "json", "--output-file", f"{REPORTS}/{self.name}.json", "--exit-zero")
        cache = ("--cache-dir", f"{calls.PRIVATE}/ruff")
        argv = (calls.program(context, "ruff"), "check", *report, *cache, *self.chosen, *ruff.selection(context))
        check = Command(
            argv=argv,
            tool=self.name,
            listed=calls.listed(context, calls.paths(context, ())),
            excludes=calls.leaves_out(context),
            version=calls.version(context, self.requirement),
        )
        return (*ruff.RuffFiles().commands(context), check)

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """Findings from the report, files from the list."""
        found = answers.document(reports, f"{self.name}.json", list[ruff.Diagnostic])
        if isinstance(found, str):
            return ruff.unasked(ended) if ended.exit_code != 0 else ruff.unreadable(found)
        files = ruff.python_files(reports)
        unread = [each for each in found if (each.code or "invalid-syntax") in answers.SYNTAX]
        answer = answers.Answer(
            tool=self.name,
            refused=False,
            findings=tuple(ruff.finding(job, ended, each) for each in unread),
            examined=None if files is None else max(files - len({each.filename for each in unread}), 0),
            expected=files or 0,
        )
        reading = answers.reading(answer, ended, job)
        if reading.outcome is not Outcome.PASSED:
            return reading
        return self.measured(reading, found, ended, job)

    def measured(self, reading: Reading, found: Sequence[ruff.Diagnostic], ended: Ended, job: Job) -> Reading:
        """The reading with what was found."""
        raise NotImplementedError


class RuffComplexity(_Rules):
    """Each function's cyclomatic complexity (McCabe 1976)."""

    name = "ruff-complexity"
    chosen = ("--select", "C901", "--extend-select", "C901", "--config", "lint.mccabe.max-complexity=0")

    def measured(self, reading: Reading, found: Sequence[ruff.Diagnostic], ended: Ended, job: Job) -> Reading:
        """See `_Rules`."""
        functions = list(_functions(found))
        findings = (_of_function(job, ended, *each) for each in functions if each[2] > GRADES["A"])
        return grades.graded(reading, [number for _, _, number in functions], findings)


def _functions(found: Iterable[ruff.Diagnostic]) -> Iterator[tuple[ruff.Diagnostic, str, int]]:
    for each in found:
        match = _TOO_COMPLEX.match(each.message)
        if each.code == "C901" and match:
            yield each, match["name"], answers.count(match["number"])


def _of_function(job: Job, ended: Ended, each: ruff.Diagnostic, name: str, number: int) -> FindingRecord:
    made = ruff.finding(job, ended, each, tool="ruff-complexity")
    return replace(made, **grades.words(name, number))


class RuffSecurity(_Rules):
    """What bandit finds, by ruff's own reading; each with bandit's severity."""

    name = "ruff-security"
    chosen = ("--select", "S", "--extend-select", "S")

    def measured(self, reading: Reading, found: Sequence[ruff.Diagnostic], ended: Ended, job: Job) -> Reading:
        """See `_Rules`."""
        told = [
            replace(
                ruff.finding(job, ended, each, tool=self.name), severity=severities.of_rule(each.code, each.message)
            )
            for each in found
            if each.code and each.code.startswith("S")
        ]
        return severities.counted(reading, told)
