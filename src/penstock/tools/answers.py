"""How the adapters turn what a program left into a Reading. Its output is foreign: bounded, checked, never trusted.

The rule for every linter and type checker: exit code, findings and the number of examined files must tell one story.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from penstock.model.events import Outcome
from penstock.model.plan import Job
from penstock.model.records import FindingRecord, Reading
from penstock.ports import Ended
from penstock.util.plural import plural
from penstock.value import Value

Report = TypeVar("Report")
Number = float | str | None
KEPT_FINDINGS = 2_000  # more are counted, not kept
_TEXT = 1_000  # characters of one message
_REPORT_BYTES = 64 << 20
_LARGEST = 2**31 - 1  # of a line or column number
_COLOR = r"\x1b\[[0-9;]*[A-Za-z]"

# A file that could not be parsed was not examined, whatever the tool calls it.
SYNTAX = frozenset({"invalid-syntax", "E999", "E902", "E0001", "syntax", "syntax-error", "cannot-format"})


class Answer(Value, frozen=True, kw_only=True):
    """What a tool said, before it is believed.

    `refused`: its exit code means "I found something". `examined`: files it says it looked at, None = it did not say;
    `expected`: those it was to look at by its own configuration. `problem`: why it cannot be believed, with a remedy.
    """

    tool: str
    refused: bool
    findings: tuple[FindingRecord, ...] = ()
    examined: int | None = None
    expected: int = 0
    problem: str | None = None
    remedy: str | None = None
    notes: Mapping[str, str] = {}


def output(ended: Ended) -> str:
    """What is kept of the log, as text without colours."""
    gap = b"\n" if ended.output_bytes > len(ended.head) + len(ended.tail) else b""
    return plain(ended.head + gap + ended.tail)


def plain(content: bytes) -> str:
    """Foreign bytes as text: invalid UTF-8 replaced, colours and carriage returns removed, bounded."""
    return (
        re.sub(_COLOR, "", content[:_REPORT_BYTES].decode("utf-8", "replace")).replace("\r\n", "\n").replace("\0", "")
    )


def document(reports: Mapping[str, bytes], name: str, kind: type[Report]) -> Report | str:
    """The JSON report `name` as a `kind`, or in words why there is none."""
    content = reports.get(name)
    if content is None:
        return f"it left no report {name}"
    if len(content) > _REPORT_BYTES:
        return f"its report {name} is larger than {_REPORT_BYTES >> 20} MiB"
    try:
        return msgspec.json.decode(content, type=kind)
    except (ValueError, RecursionError) as error:
        return f"its report {name} cannot be read: {error}"


def finding(
    job: Job,
    ended: Ended,
    tool: str,
    *,
    rule: str,
    message: str,
    at: tuple[str | None, Number, Number] = ("", 0, 0),
    severity: str = "error",
) -> FindingRecord:
    """One finding, cleaned: the path relative to where the tool ran, numbers in range, text bounded.

    `at`: path, line and column, as found.
    """
    path, line, column = at[0] or "", at[1], at[2]
    root = f"{ended.directory}/"
    path = path[len(root) :] if len(root) > 1 and path.startswith(root) else path.removeprefix("./")
    return FindingRecord(
        job=job.id,
        tool=tool,
        rule=rule[:_TEXT],
        message=message.strip()[:_TEXT],
        path=path[:_TEXT],
        line=_whole(line),
        column=_whole(column),
        severity=severity,
    )


def _whole(number: Number) -> int:
    """A line or column; 0 for anything that cannot be one."""
    try:
        found = int(number or 0)
    except (ValueError, OverflowError):
        return 0
    return found if 0 <= found <= _LARGEST else 0


def count(text: str) -> int:
    """Digits as a number, bounded."""
    return min(int(text[:10]), _LARGEST) if text[:10].isdecimal() and text[:10].isascii() else 0


def unasked(reason: str, remedy: str | None = None) -> Reading:
    """Of a tool that came to no answer: nothing is verified."""
    return Reading(outcome=Outcome.ERRORED, reason=reason, problem=reason, remedy=remedy)


def reading(answer: Answer, ended: Ended, job: Job) -> Reading:
    """Believe the answer, or say why not. Never a pass without a file examined."""
    outcome, reason, remedy = _settled(answer, ended)
    if outcome is Outcome.PASSED:
        outcome, reason, remedy = _of_listed(answer, reason, _listed(answer, job))
    measures: dict[str, float] = {"findings": len(answer.findings), "expected": answer.expected}
    if answer.examined is not None:
        measures["files"] = answer.examined
    if listed := _listed(answer, job)[0]:
        measures["listed"] = listed
    notes = dict(answer.notes)
    if outcome is Outcome.FAILED and (doubt := _doubt(answer, ended, job)):
        notes["doubt"] = doubt
    planned = {command.version for command in job.commands if command.tool == answer.tool} - {""}
    for version in planned:
        notes.setdefault(f"version:{answer.tool}", version)
    return Reading(
        outcome=outcome,
        reason=reason,
        problem=reason if outcome is Outcome.ERRORED else None,
        remedy=remedy,
        measures=measures,
        notes=notes,
        findings=answer.findings[:KEPT_FINDINGS],
    )


def _settled(answer: Answer, ended: Ended) -> tuple[Outcome, str, str | None]:
    """Outcome, reason, remedy. A plain no first, then whatever keeps a yes from being believed."""
    tool = answer.tool
    if ended.exit_code is None:
        return Outcome.ERRORED, f"{tool} was ended by signal {ended.signal}", "see the end of its log"
    said = [found for found in answer.findings if found.rule not in SYNTAX]
    if answer.refused and said:
        return Outcome.FAILED, _sum(tool, answer.findings), None
    if answer.problem is not None:
        return Outcome.ERRORED, f"{tool}: {answer.problem}", answer.remedy
    unread = [found for found in answer.findings if found.rule in SYNTAX]
    if unread:
        first = unread[0]
        reason = f"{tool} could not parse {_place(first)}: {first.message}"
        return Outcome.ERRORED, reason, "mend the file, or exclude it in the tool's own configuration"
    if answer.refused or ended.exit_code != 0:
        reason = f"{tool} ended with exit code {ended.exit_code}, and without a finding"
        return Outcome.ERRORED, reason, "see the end of its log: it crashed or was called wrongly"
    return _examined(answer)


def _place(finding: FindingRecord) -> str:
    return ":".join(str(part) for part in (finding.path, finding.line, finding.column) if part)


def _examined(answer: Answer) -> tuple[Outcome, str, str | None]:
    """What a clean end is worth: only as much as was looked at."""
    if answer.examined is None:
        return Outcome.ERRORED, f"{answer.tool} did not say how many files it examined", "is it configured to be quiet?"
    if answer.examined == 0:
        return Outcome.ERRORED, f"{answer.tool} examined no file", "give the job `paths` that hold Python files"
    if answer.examined < answer.expected:
        reason = f"{answer.tool} examined {answer.examined} of {plural(answer.expected, 'file')}"
        return Outcome.ERRORED, reason, "see its log for the files that it passed over"
    return Outcome.PASSED, plural(answer.examined, "file"), None


def _listed(answer: Answer, job: Job) -> tuple[int, bool]:
    """How many files git lists for the tool to examine, and whether it was told to leave some out."""
    own = [command for command in job.commands if command.tool == answer.tool]
    return max((command.listed for command in own), default=0), any(command.excludes for command in own)


_PASSED_OVER = (
    "it passes over files by itself (ignored ones, folders such as build/): say in its own configuration which to "
    "leave out, or name the files in the job's `paths`"
)


def _doubt(answer: Answer, ended: Ended, job: Job) -> str:
    """Why a no is not all there is to say: what would keep the same answer without findings from being believed.

    A ratchet that knows the findings may not make a yes of it.
    """
    unread = tuple(each for each in answer.findings if each.rule in SYNTAX)
    outcome, reason, _ = _settled(replace(answer, refused=False, findings=unread), replace(ended, exit_code=0))
    if outcome is Outcome.PASSED:
        outcome, reason, _ = _of_listed(answer, "", _listed(answer, job))
    return "" if outcome is Outcome.PASSED else reason


def _of_listed(answer: Answer, reason: str, listed: tuple[int, bool]) -> tuple[Outcome, str, str | None]:
    """A pass over fewer files than git lists is one only where the tool was told to leave the others out."""
    number, excludes = listed
    left = number - (answer.examined or 0)
    if left <= 0:
        return Outcome.PASSED, reason, None
    if excludes:
        return Outcome.PASSED, f"{reason}, {left} left out by its configuration", None
    said = f"{answer.tool} examined {answer.examined} of the {number} Python files that git lists"
    return Outcome.ERRORED, said, _PASSED_OVER


def _sum(tool: str, findings: Iterable[FindingRecord]) -> str:
    found = tuple(findings)
    files = len({each.path for each in found})
    return f"{tool}: {plural(len(found), 'finding')} in {plural(files, 'file')}"
