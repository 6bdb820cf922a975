"""griffe: what of the packages' public interface is not as it was in the base."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from msgspec.structs import replace

from penstock.model.events import Outcome
from penstock.model.plan import GUEST, REPORTS, WORKSPACE, Command, Job, bin_of
from penstock.model.records import FindingRecord, Reading
from penstock.model.scales import OPAQUE
from penstock.ports import Ended, ToolContext
from penstock.tools import answers, versions
from penstock.value import Value

_REPORT = "api.json"
_SET = "griffelib"


class _Break(Value, frozen=True, kw_only=True):
    """See guest/penstock_api.py."""

    name: str
    message: str
    path: str = ""
    line: int = 0
    kind: str = OPAQUE
    shown: tuple[str, ...] = ()


class _Unread(Value, frozen=True, kw_only=True):
    path: str
    message: str
    line: int = 0
    side: str = "head"
    syntax: bool = False


class _Report(Value, frozen=True, kw_only=True):
    griffe: str = ""
    compared: int = 0
    files: int = 0
    expected: int = 0
    breaks: tuple[_Break, ...] = ()
    opaque: tuple[_Break, ...] = ()
    unread: tuple[_Unread, ...] = ()
    new: tuple[str, ...] = ()


class Griffe:
    """griffe's comparison, by a script of ours: its own command makes a worktree in the user's repository, and passes
    over files that it cannot parse.
    """

    name = "griffe"
    requirement = versions.GRIFFE

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """One process. What the base holds is taken out of git's store."""
        packages = [[package.name, package.path] for package in context.project.packages]
        script = (f"{bin_of(_SET)}/python", "-E", "-s", f"{GUEST}/penstock_api.py")
        places = (context.base, WORKSPACE, f"{REPORTS}/{_REPORT}")
        return (Command(argv=(*script, *places, msgspec.json.encode(packages).decode()), tool=self.name),)

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """Passed if all that there is could be read; the breaks are findings."""
        report = answers.document(reports, _REPORT, _Report)
        if ended.exit_code != 0 or isinstance(report, str):
            said = [line.strip() for line in answers.output(ended).splitlines() if line.strip()]
            why = said[-1][:300] if said else report if isinstance(report, str) else f"exit code {ended.exit_code}"
            return _unasked(f"the interfaces could not be compared: {why}", "see the end of its log")
        notes = {"version:griffe": report.griffe[:40], "new": ", ".join(report.new)[:300]}
        measures = {
            "compared": float(report.compared),
            "files": float(report.files),
            "expected": float(report.expected - len(_mended(report))),
            "findings": float(len(report.breaks)),
            "opaque": float(len(report.opaque)),
        }
        notes = {name: text for name, text in notes.items() if text}
        lost = [each for each in report.unread if each not in _mended(report)]
        if lost or not report.files:
            return replace(_lacking(lost), measures=measures, notes=notes)
        found = [*_findings(report.breaks, ended, job), *_findings(report.opaque, ended, job)]
        kept = tuple(found[: answers.KEPT_FINDINGS])
        return Reading(outcome=Outcome.PASSED, measures=measures, notes=notes, findings=kept)


def _mended(report: _Report) -> tuple[_Unread, ...]:
    """Files of the base that are no Python, and now are, or are gone: nobody could use anything of them."""
    broken = {each.path for each in report.unread if each.side == "head"}
    return tuple(each for each in report.unread if each.side == "base" and each.syntax and each.path not in broken)


def _findings(found: Iterable[_Break], ended: Ended, job: Job) -> Iterable[FindingRecord]:
    for each in found:
        severity = "note" if each.kind == OPAQUE else "error"
        at = (each.path, each.line, 0)
        made = answers.finding(job, ended, "griffe", rule=each.kind, message=each.message, at=at, severity=severity)
        yield replace(made, anchor=" in ".join((each.name, *each.shown))[:500])


def _lacking(unread: list[_Unread]) -> Reading:
    if not unread:
        nothing = "the packages of the project are not known: `penstock explain packages`"
        return _unasked("no file of a package was read", nothing)
    first = unread[0]
    more = f" and {len(unread) - 1} more" if len(unread) > 1 else ""
    whose = "the base's " if first.side == "base" else ""
    reason = f"griffe cannot read {whose}{first.path}{f':{first.line}' if first.line else ''}{more}: {first.message}"
    remedy = "mend the file" if first.syntax else "save it as UTF-8" if "Unicode" in first.message else None
    return _unasked(reason, remedy)


def _unasked(reason: str, remedy: str | None) -> Reading:
    reason = reason[:1000]
    return Reading(outcome=Outcome.ERRORED, reason=reason, problem=reason, remedy=remedy)
