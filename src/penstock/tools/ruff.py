"""ruff: the linter, its list of files, and the formatter's check."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from penstock.model.events import Outcome
from penstock.model.plan import REPORTS, Command, Job
from penstock.model.records import FindingRecord, Reading
from penstock.ports import Ended, ToolContext
from penstock.tools import answers, calls, versions
from penstock.value import Value

_LIST = "ruff-files.txt"
_FORMAT = "ruff-format.txt"
_SPOILING = ("--fix", "--fix-only", "--unsafe-fixes", "--diff", "--watch", "--statistics", "--exit-zero", "-e")
_QUIET = ("--quiet", "-q", "--silent", "-s", "--show-files", "--show-settings", "--check", "--no-cache", "-n")
_EXCLUDE = "--extend-exclude"
_CAN_EXCLUDE = (0, 16, 10)  # `ruff format --extend-exclude`: not in 0.15.20
_VALUED = ("--output-format", "--output-file", "-o", "--cache-dir")
_SUMMARY = r"(?P<count>\d+) files? (?P<what>already formatted|would be reformatted|would be left unchanged)"
_WOULD = r"(?m)^Would reformat: (?P<path>.+)$|^unformatted: .*\n +--> (?P<place>.+?):(?P<line>\d+):(?P<column>\d+)$"
_SYNTAX = (
    r"(?m)^error: Failed to parse (?P<path>.+?):(?P<line>\d+):(?P<column>\d+): (?P<message>.*)$"
    r"|^invalid-syntax: (?P<text>.*)\n +--> (?P<place>.+?):(?P<row>\d+):(?P<at>\d+)$"
)


class Position(Value, frozen=True, kw_only=True):
    """A place in a file, from 1."""

    row: int = 0
    column: int = 0


class Diagnostic(Value, frozen=True, kw_only=True):
    """One entry of ruff's JSON. `code` is null (or "invalid-syntax") for what could not be parsed."""

    code: str | None = None
    message: str = ""
    filename: str = ""
    location: Position | None = None


class RuffFiles:
    """`ruff check --show-files`: the files that the check is about to examine, by ruff's own configuration (10 ms)."""

    name = "ruff-files"
    requirement = versions.RUFF

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """A part of `Ruff.commands`."""
        argv = (calls.program(context, "ruff"), "check", "--show-files", *selection(context))
        return (Command(argv=argv, tool=self.name, stdout=_LIST),)

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """Passed if ruff could read its configuration; the list itself is used by `Ruff.read`."""
        del reports, job
        if ended.exit_code == 0:
            return Reading(outcome=Outcome.PASSED)
        return unasked(ended)


class Ruff:
    """`ruff check`."""

    name = "ruff"
    requirement = versions.RUFF

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """The list of files, then the check with a JSON report."""
        report = ("--output-format", "json", "--output-file", f"{REPORTS}/ruff.json")
        cache = ("--cache-dir", f"{calls.PRIVATE}/ruff")
        check = Command(
            argv=(calls.program(context, "ruff"), "check", *report, *cache, *selection(context)),
            tool=self.name,
            listed=calls.listed(context, calls.paths(context, ())),
            excludes=calls.leaves_out(context),
            version=calls.version(context, self.requirement),
        )
        return (*RuffFiles().commands(context), check)

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """Findings from the report, files from the list."""
        found = answers.document(reports, "ruff.json", list[Diagnostic])
        if isinstance(found, str):
            return unasked(ended) if ended.exit_code not in (0, 1) else unreadable(found)
        files = python_files(reports)
        findings = tuple(finding(job, ended, each) for each in found)
        unread = len({each.path for each in findings if each.rule in answers.SYNTAX})
        answer = answers.Answer(
            tool=self.name,
            refused=ended.exit_code == 1,
            findings=findings,
            examined=None if files is None else max(files - unread, 0),
            expected=files or 0,
        )
        return answers.reading(answer, ended, job)


class RuffFormat:
    """`ruff format --check`."""

    name = "ruff-format"
    requirement = versions.RUFF

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """The check, with its text as the report: JSON came late to it, and projects pin older versions."""
        cache = ("--cache-dir", f"{calls.PRIVATE}/ruff")
        return (
            Command(
                argv=(calls.program(context, "ruff"), "format", "--check", *cache, *_formatted(context)),
                tool=self.name,
                stdout=_FORMAT,
                listed=calls.listed(context, calls.paths(context, ())),
                excludes=calls.leaves_out(context),
                version=calls.version(context, self.requirement),
            ),
        )

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """Findings and counts from the text."""
        text = "\n".join((answers.plain(reports.get(_FORMAT, b"")), answers.output(ended)))
        counted = sum(answers.count(match["count"]) for match in re.finditer(_SUMMARY, text))
        findings = tuple(_format_findings(job, ended, text))
        if ended.exit_code not in (0, 1) and not findings:
            return unasked(ended)
        nothing = "No Python files found" in text
        answer = answers.Answer(
            tool=self.name,
            refused=any(each.rule == "unformatted" for each in findings),
            findings=findings,
            examined=counted if counted or nothing else None,
            expected=counted + len({each.path for each in findings if each.rule in answers.SYNTAX}),
        )
        return answers.reading(answer, ended, job)


def selection(context: ToolContext) -> tuple[str, ...]:
    """Options and paths, the same for the list and the check. Without git, ruff would walk into our own folder."""
    kept = calls.options(context, flags=(*_SPOILING, *_QUIET), valued=_VALUED)
    return (*kept, _EXCLUDE, calls.OURS, *calls.paths(context, ()))


def _formatted(context: ToolContext) -> tuple[str, ...]:
    """As `_selection`. `ruff format` of older versions cannot be told what else to leave out: it gets the files."""
    pinned = calls.version(context, versions.RUFF)
    words = selection(context)
    if not pinned or tuple(map(int, re.findall(r"\d+", pinned)[:3])) >= _CAN_EXCLUDE:
        return words
    left = [words[place + 1].rstrip("/") for place, word in enumerate(words[:-1]) if word == _EXCLUDE]
    chosen = calls.spread(context, calls.paths(context, (".",)))
    kept = tuple(word for place, word in enumerate(words) if word != _EXCLUDE and words[place - 1] != _EXCLUDE)
    kept = kept[: len(kept) - len(calls.paths(context, ()))]
    if left == [calls.OURS]:
        return (*kept, *chosen)
    files = (file for file in context.files if any(_inside(file, path) for path in chosen))
    return (*kept, "--force-exclude", *(file for file in files if not any(_inside(file, path) for path in left)))


def _inside(file: str, path: str) -> bool:
    return file == path or file.startswith(f"{path.rstrip('/')}/")


def finding(job: Job, ended: Ended, each: Diagnostic, *, tool: str = "ruff") -> FindingRecord:
    """One entry of the report."""
    place = each.location or Position()
    rule = each.code or "invalid-syntax"
    return answers.finding(
        job, ended, tool, rule=rule, message=each.message, at=(each.filename, place.row, place.column)
    )


def _format_findings(job: Job, ended: Ended, text: str) -> Iterator[FindingRecord]:
    for match in re.finditer(_WOULD, text):
        at = (match["path"] or match["place"], match["line"], match["column"])
        message = "would be reformatted: `ruff format` does it"
        yield answers.finding(job, ended, "ruff-format", rule="unformatted", message=message, at=at)
    for match in re.finditer(_SYNTAX, text):
        at = (match["path"] or match["place"], match["line"] or match["row"], match["column"] or match["at"])
        message = match["message"] or match["text"] or ""
        yield answers.finding(job, ended, "ruff-format", rule="invalid-syntax", message=message, at=at)


def python_files(reports: Mapping[str, bytes]) -> int | None:
    """How many Python files the list holds (it names pyproject.toml, too)."""
    if _LIST not in reports:
        return None
    return sum(1 for line in reports[_LIST].splitlines() if line.rstrip().endswith((b".py", b".pyi", b".ipynb")))


def unasked(ended: Ended) -> Reading:
    """It ended with 2, or was killed: most often its configuration."""
    said = [line.strip() for line in answers.output(ended).splitlines() if line.strip()]
    detail = " ".join(said[:8])[:500] or f"exit code {ended.exit_code}, signal {ended.signal}"
    reason = f"ruff could not be asked: {detail}"
    return Reading(outcome=Outcome.ERRORED, reason=reason, problem=reason, remedy="mend [tool.ruff] or ruff.toml")


def unreadable(why: str) -> Reading:
    """It left no report that can be read."""
    reason = f"ruff: {why}"
    return Reading(outcome=Outcome.ERRORED, reason=reason, problem=reason)
