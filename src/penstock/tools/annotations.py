"""How many functions are annotated, so that a type checker checks what is in them. Counted by penstock itself.

The checkers' own reports cannot be held against one another: mypy counts expressions, pyright the symbols of an
installed package, ty nothing. What all three agree on is that a function without annotations promises nothing: mypy
passes over its body, and the others know of its arguments only what they guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from msgspec.structs import replace

from penstock.model.events import Outcome
from penstock.model.plan import GUEST, REPORTS, SELF, Command, Job
from penstock.model.records import FindingRecord, Reading
from penstock.model.snapshot import ToolUse
from penstock.ports import Ended, ToolContext
from penstock.tools import answers, calls
from penstock.util.globs import matching
from penstock.util.plural import plural
from penstock.value import Value

_REPORT = "annotations.json"
_LEFT_OUT = "PENSTOCK_LEFT_OUT"


class _Report(Value, frozen=True, kw_only=True):
    """What `guest/penstock_annotations.py` writes."""

    python: str
    files: tuple[tuple[str, int, int, tuple[tuple[int, str], ...]], ...]
    unread: tuple[tuple[str, int, str], ...] = ()


class Annotations:
    """Counts the functions of the project's packages, or of the job's `paths`."""

    name = "annotations"
    requirement = ""

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """One process of penstock's own Python. Files that the checker leaves out are named by a variable."""
        every = calls.inside(context, context.spec.paths or calls.packages(context))
        files = tuple(file for file in every if f"{file}i" not in every)  # a stub says what its module is
        left = _left_out(context, files)
        return (
            Command(
                argv=(SELF, "-I", f"{GUEST}/penstock_annotations.py", f"{REPORTS}/{_REPORT}", *files),
                environment=tuple((_LEFT_OUT, ":".join(left)) for _ in (0,) if left),
                tool=self.name,
                listed=len(files),
            ),
        )

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """Counts, and a finding for each function that is not annotated or lies where no checker looks."""
        report = answers.document(reports, _REPORT, _Report)
        if isinstance(report, str):
            answer = answers.Answer(tool=self.name, refused=False, problem=report, remedy="see its log")
            return answers.reading(answer, ended, job)
        left = frozenset(
            path
            for command in job.commands
            for name, value in command.environment
            if command.tool == self.name and name == _LEFT_OUT
            for path in value.split(":")
        )
        answer = answers.Answer(
            tool=self.name,
            refused=False,
            findings=tuple(_unread(job, ended, *each) for each in report.unread),
            examined=len(report.files),
            expected=len(report.files) + len(report.unread),
            notes={"python": report.python[:20]},
        )
        reading = answers.reading(answer, ended, job)
        if reading.outcome is not Outcome.PASSED:
            return reading
        functions = sum(max(0, number) for _, number, _, _ in report.files)
        annotated = sum(min(max(0, good), number) for path, number, good, _ in report.files if path not in left)
        findings = tuple(_found(job, ended, report, left))
        measures = {
            **reading.measures,
            "functions": float(functions),
            "annotated": float(annotated),
            "left_out": float(len(left)),
            "findings": float(len(findings)),
            "unannotated": float(functions - annotated),
        }
        return replace(reading, measures=measures, findings=findings[: answers.KEPT_FINDINGS])


def _left_out(context: ToolContext, files: tuple[str, ...]) -> tuple[str, ...]:
    """The files that every type checker of the project leaves out: what one of them checks is checked."""
    checkers = [use for use in context.project.tools if use.tool in _MATCHES]
    return tuple(file for file in files if checkers and all(_leaves_out(use, file) for use in checkers))


def _leaves_out(use: ToolUse, file: str) -> bool:
    patterns = tuple(pattern for pattern in use.excludes if pattern)
    return any(_searched(pattern, file) for pattern in use.silenced) or _MATCHES[use.tool](patterns, file)


def _by_regex(patterns: tuple[str, ...], file: str) -> bool:
    """As mypy: against the path, and those of the folders that it lies in, with a slash at their end."""
    parents = [f"{file[: place + 1]}" for place, letter in enumerate(file) if letter == "/"]
    return any(_searched(pattern, path) for pattern in patterns for path in (file, *parents))


def _searched(pattern: str, path: str) -> bool:
    """Whether a foreign expression is found; one that is none is found nowhere: the checker itself tells of it."""
    try:
        return re.search(pattern, path) is not None
    except (re.error, RecursionError):
        return False


def _by_glob(patterns: tuple[str, ...], file: str) -> bool:
    """As pyright and ty: the name of a folder takes in all that is below it."""
    return bool(matching(patterns, (file,)))


_MATCHES: Mapping[str, Callable[[tuple[str, ...], str], bool]] = {
    "mypy": _by_regex,
    "pyright": _by_glob,
    "ty": _by_glob,
}


def _unread(job: Job, ended: Ended, path: str, line: int, why: str) -> FindingRecord:
    return answers.finding(job, ended, "annotations", rule="syntax-error", message=why, at=(path, line, 0))


def _found(job: Job, ended: Ended, report: _Report, left: frozenset[str]) -> Iterator[FindingRecord]:
    """A finding a function; a file that is left out is one finding."""
    for path, number, _, bare in report.files:
        if path in left and number:
            unseen = f"{plural(number, 'function')} of it {'is' if number == 1 else 'are'} not checked"
            said = f"{unseen}: the type checker's configuration leaves the file out"
            made = answers.finding(
                job, ended, "annotations", rule="left-out", message=said, at=(path, 0, 0), severity="note"
            )
            yield replace(made, anchor="module")
            continue
        for line, name in bare:
            said = f"{name} is not fully annotated"
            made = answers.finding(
                job, ended, "annotations", rule="unannotated", message=said, at=(path, line, 0), severity="note"
            )
            yield replace(made, anchor=name[:200])
