"""What the tests' environment holds: its licences, and which direct dependencies have newer releases."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from penstock.model.events import Outcome
from penstock.model.plan import GUEST, PYTHON, REPORTS, UV, Command, Job
from penstock.model.records import FindingRecord, Reading
from penstock.model.scales import LICENSE_NOTES, UNKNOWN_LICENSE
from penstock.ports import Ended, ToolContext
from penstock.tools import answers
from penstock.util import uv
from penstock.value import Value

_REPORT = "installed.json"
_OUTDATED = "outdated.json"
_NUMBERS = re.compile(r"\d+")
_STEPS = ("major", "minor", "patch")


class Installed(Value, frozen=True, kw_only=True):
    """See guest/penstock_installed.py."""

    name: str
    version: str = ""
    license: str = ""
    how: str = "unknown"
    runtime: bool = False
    direct: bool = False


class _Report(Value, frozen=True, kw_only=True):
    distributions: tuple[Installed, ...] = ()
    absent: tuple[str, ...] = ()
    known: bool = True


class _Newer(Value, frozen=True, kw_only=True):
    """An entry of `uv pip list --outdated --format json`."""

    name: str
    version: str = ""
    latest_version: str = ""


class Licenses:
    """The licence of each distribution, by what it says of itself."""

    name = "licenses"
    requirement = ""

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """One process in the environment itself; nothing is imported but the metadata."""
        script = (PYTHON, "-I", f"{GUEST}/penstock_installed.py")
        return (Command(argv=(*script, context.project.name, f"{REPORTS}/{_REPORT}"), tool=self.name),)

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """Notes by licence, which the gate reads; the numbers of all, and of those that nobody knows."""
        del job
        report = _installed(ended, reports)
        if isinstance(report, Reading):
            return report
        if report.absent:
            lacks = f"the environment lacks {', '.join(report.absent)[:300]}, which the project needs"
            return answers.unasked(lacks, "name what the project needs in jobs.licenses: `requirements`, or `extras`")
        groups: dict[str, list[str]] = {}
        for each in report.distributions:
            kind = LICENSE_NOTES[0] if each.runtime else LICENSE_NOTES[1]
            text = each.license if each.how != "unknown" else f"{UNKNOWN_LICENSE}{each.license and f': {each.license}'}"
            groups.setdefault(f"{kind}{text}", []).append(f"{each.name} {each.version}")
        measures = {
            "distributions": float(len(report.distributions)),
            "runtime": float(sum(each.runtime for each in report.distributions)),
            "unknown": float(sum(each.how == "unknown" for each in report.distributions)),
        }
        notes = {text: ", ".join(names) for text, names in groups.items()}
        return Reading(outcome=Outcome.PASSED, measures=measures, notes=notes)


class Outdated:
    """`uv pip list --outdated`: the newest releases that the index has for this Python, asked of the index itself."""

    name = "uv-outdated"
    requirement = ""

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """What is installed, then what is newer. Without uv's cache: it would answer where the index cannot."""
        argv = (UV, "pip", "list", "--outdated", "--no-cache", "--format", "json", "--color", "never")
        newer = Command(argv=(*argv, "--python", PYTHON), tool=self.name, stdout=_OUTDATED)
        return (*Licenses().commands(context), newer)

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """A finding for each direct dependency that is behind."""
        report = _installed(ended, reports, code=False)
        newer = answers.document(reports, _OUTDATED, list[_Newer])
        if isinstance(report, Reading):
            return report
        if ended.exit_code != 0 or isinstance(newer, str):
            text = answers.output(ended)
            why = uv.explain(text).message if text.strip() else str(newer)
            remedy = "let this machine reach the package index"
            return answers.unasked(f"the index could not be asked for newer releases: {why}"[:500], remedy)
        direct = {each.name: each for each in report.distributions if each.direct}
        behind = [(direct[_normal(each.name)], each) for each in newer if _normal(each.name) in direct]
        findings = tuple(_behind(job, ended, one, each) for one, each in behind)
        counts = {f"behind_{step}": float(sum(each.rule == f"behind-{step}" for each in findings)) for step in _STEPS}
        numbers = {"direct": float(len(direct)), "behind": float(len(findings)), "all_behind": float(len(newer))}
        notes = {} if report.known else {"direct": "nothing says which dependencies are direct: all are counted"}
        if report.absent:
            notes["direct"] = f"not installed, and so not counted: {', '.join(report.absent)[:300]}"
        return Reading(
            outcome=Outcome.PASSED,
            measures={**numbers, **counts, "findings": float(len(findings))},
            notes=notes,
            findings=findings[: answers.KEPT_FINDINGS],
        )


def _installed(ended: Ended, reports: Mapping[str, bytes], *, code: bool = True) -> _Report | Reading:
    report = answers.document(reports, _REPORT, _Report)
    if (code and ended.exit_code != 0) or isinstance(report, str):
        said = answers.output(ended).strip().splitlines()[-1:]
        why = " ".join(said) or str(report)
        return answers.unasked(f"what is installed could not be listed: {why}"[:500], "see the end of its log")
    if not report.distributions:
        return answers.unasked(
            "the environment holds no dependency", "leave the gate out of a project without dependencies"
        )
    return report


def _behind(job: Job, ended: Ended, one: Installed, newer: _Newer) -> FindingRecord:
    step = _step(_release(one.version), _release(newer.latest_version))
    message = f"{one.name} {one.version}: {newer.latest_version} is there"
    at = ("pyproject.toml", 0, 0)
    made = answers.finding(job, ended, "uv-outdated", rule=f"behind-{step}", message=message, at=at, severity="note")
    return replace(made, anchor=one.name)


def _release(version: str) -> tuple[int, ...]:
    """`2!1.2.3rc1` -> (1, 2, 3)."""
    plain = re.match(r"(?:\d+!)?v?([\d.]+)", version)
    return tuple(min(int(each[:9]), 10**9) for each in _NUMBERS.findall(plain[1])) if plain else ()


def _step(one: Iterable[int], other: Iterable[int]) -> str:
    for step, mine, newest in zip(_STEPS, (*one, 0, 0, 0), (*other, 0, 0, 0), strict=False):
        if mine != newest:
            return step
    return _STEPS[-1]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
