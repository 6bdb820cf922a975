"""What was built, looked at: its contents by check-wheel-contents, its metadata by packaging and validate-pyproject.

Findings are evidence here, and no refusal: the gate `package` says which parts block. A look that could not be taken
leaves a note with the reason, and its part is then not verified.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from penstock.model.events import Outcome
from penstock.model.plan import GUEST, REPORTS, WORKSPACE, Command, Job, bin_of
from penstock.model.records import FindingRecord, Reading
from penstock.ports import Ended, ToolContext
from penstock.tools import answers, versions
from penstock.value import Value

_REPORT = "package.json"
_CONTENTS = "contents.txt"
_FOUND = re.compile(r"^(?P<path>.+?\.whl): (?P<rule>W\d{3}): (?P<message>.*)$")
_CLEAN = re.compile(r"^(?P<path>.+?\.whl): OK$")
# What harms who installs it. The others are told: duplicates, several top-level names, files beside the tree's.
_HARMFUL = frozenset({"W001", "W004", "W005", "W006", "W007", "W008"})
_MISSING = "W101"
_BESIDE = frozenset({"W102"})  # generated modules and compiled ones are always "not in the tree"
_TESTS = re.compile(r"(?:^|/)(?:tests?|testing)/|(?:^|/)(?:test_[^/]*|[^/]*_test|conftest)\.py$")
UNASKED = "unasked:"  # a note: the part of the gate that cannot be answered, and why


class _Finding(Value, frozen=True, kw_only=True):
    rule: str
    message: str
    path: str = ""
    bad: bool = True


class _Report(Value, frozen=True, kw_only=True):
    """See guest/penstock_package.py."""

    checked: int = 0
    version: str = ""
    requires: str = ""
    allowed: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    typed: bool = False
    validated: bool = False
    findings: tuple[_Finding, ...] = ()


class WheelContents:
    """`check-wheel-contents`, with the project's own settings of it, held against the packages of the tree."""

    name = "check-wheel-contents"
    requirement = versions.TWINE

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """A part of `Build.commands`. It expands no pattern, so it is given the folder."""
        packages = [word for each in context.project.packages for word in ("--package", each.path)]
        argv = (f"{bin_of('twine')}/check-wheel-contents", *packages, f"{REPORTS}/dist")
        return (Command(argv=argv, tool=self.name, stdout=_CONTENTS),)

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """One finding a rule and wheel."""
        text = answers.plain(reports.get(_CONTENTS, b""))
        lines = text.splitlines()
        looked = {match["path"] for line in lines if (match := _FOUND.match(line) or _CLEAN.match(line))}
        if ended.exit_code not in (0, 1) or not looked:
            said = answers.output(ended).strip().splitlines()
            why = said[-1][:200] if said else f"exit code {ended.exit_code}"
            return _unasked("contents", f"check-wheel-contents: {why}")
        findings = tuple(_contents(job, ended, lines))
        measures = {"contents": float(len(looked)), "findings": float(len(findings))}
        return Reading(outcome=Outcome.PASSED, findings=findings, measures=measures)


def _contents(job: Job, ended: Ended, lines: list[str]) -> Iterator[FindingRecord]:
    for place, line in enumerate(lines):
        match = _FOUND.match(line)
        if match is None or match["rule"] in _BESIDE:
            continue
        below = [each.strip() for each in _indented(lines[place + 1 :])]
        bad = match["rule"] in _HARMFUL
        if match["rule"] == _MISSING:  # a wheel without its tests is as it should be
            below = [each for each in below if not _TESTS.search(each)]
            bad = any(each.endswith(".py") for each in below)
            if not below:
                continue
        files = ", ".join(below[:5]) + (f" and {len(below) - 5} more" if len(below) > 5 else "")
        message = f"{match['message'].rstrip(':')}: {files}" if files else match["message"]
        at = (match["path"].rpartition("/")[2], 0, 0)
        severity = "error" if bad else "note"
        yield answers.finding(
            job, ended, "check-wheel-contents", rule=match["rule"], message=message, at=at, severity=severity
        )


def _indented(lines: list[str]) -> Iterator[str]:
    for line in lines:
        if not line.startswith("  "):
            return
        yield line


class Metadata:
    """The metadata of what was built, by packaging; pyproject.toml, by validate-pyproject."""

    name = "package-metadata"
    requirement = versions.TWINE

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """A part of `Build.commands`."""
        del context
        script = (f"{bin_of('twine')}/python", "-I", f"{GUEST}/penstock_package.py")
        return (Command(argv=(*script, f"{REPORTS}/dist", WORKSPACE, f"{REPORTS}/{_REPORT}"), tool=self.name),)

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """Findings, and in notes what the gate compares with the plan: versions and Pythons."""
        report = answers.document(reports, _REPORT, _Report)
        if ended.exit_code != 0 or isinstance(report, str):
            said = answers.output(ended).strip().splitlines()
            return _unasked("metadata", said[-1][:200] if said else str(report))
        if not report.checked:
            return _unasked("metadata", "no distribution was read")
        findings = tuple(_of_metadata(job, ended, report))
        notes = {
            "package:version": report.version,
            "package:requires": report.requires,
            "package:allowed": " ".join(report.allowed),
            "package:named": " ".join(report.named),
            "package:typed": "yes" if report.typed else "no",
        }
        if not report.validated:
            notes[f"{UNASKED}metadata"] = "validate-pyproject could not be asked on this Python"
        measures = {"metadata": float(report.checked), "findings": float(len(findings))}
        return Reading(
            outcome=Outcome.PASSED,
            findings=findings,
            measures=measures,
            notes={name: text[:500] for name, text in notes.items()},
        )


def _of_metadata(job: Job, ended: Ended, report: _Report) -> Iterator[FindingRecord]:
    for each in report.findings[: answers.KEPT_FINDINGS]:
        tool = "validate-pyproject" if each.path == "pyproject.toml" else "packaging"
        severity = "error" if each.bad else "note"
        yield answers.finding(
            job, ended, tool, rule=each.rule, message=each.message, at=(each.path, 0, 0), severity=severity
        )


def _unasked(part: str, why: str) -> Reading:
    return Reading(outcome=Outcome.PASSED, notes={f"{UNASKED}{part}": why[:300]})
