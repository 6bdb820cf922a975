"""Findings in SARIF 2.1.0 (OASIS), as code scanning reads them: one run a tool.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from penstock import __version__
from penstock.model.records import FindingRecord
from penstock.report import sanitize
from penstock.report.story import Story
from penstock.util.percent import quoted

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MOST = 25_000  # results of one run that GitHub takes
_LEVELS = {
    **dict.fromkeys(("error", "critical", "high", "unknown"), "error"),
    **dict.fromkeys(("warning", "medium"), "warning"),
    **dict.fromkeys(("note", "low"), "note"),
}
_ROOT = "%SRCROOT%"  # by convention: the checkout


def encode(story: Story) -> bytes:
    """The file's content, with a newline at its end."""
    return msgspec.json.format(msgspec.json.encode(document(story)), indent=2) + b"\n"


def document(story: Story) -> dict[str, Any]:
    """The whole log. Without a finding it has one run, of penstock, with no result: the scan found nothing."""
    tools: dict[str, list[_Found]] = {}
    for place, finding in enumerate(story.records.findings):
        tools.setdefault(finding.tool, []).append(_Found(finding, story.known.get(place)))
    notes = {name: text for record in story.records.jobs for name, text in record.notes.items()}
    runs = [_run(name, notes.get(f"version:{name}", ""), found) for name, found in sorted(tools.items())]
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": runs or [_run("penstock", __version__, [])]}


class _Found(NamedTuple):
    """A finding, and whether the baseline knows it: None where no ratchet asks."""

    finding: FindingRecord
    known: bool | None


def _run(tool: str, version: str, found: list[_Found]) -> dict[str, Any]:
    kept = sorted(found, key=lambda each: each.known is True)[:MOST]  # what is new has room first
    shown = sorted(kept, key=_place)
    rules = list(dict.fromkeys(each.finding.rule or tool for each in shown))
    index = {rule: number for number, rule in enumerate(rules)}
    driver: dict[str, Any] = {"name": _word(tool), "rules": [_rule(rule) for rule in rules]}
    if version:
        driver["version"] = _word(version)
    seen: dict[str, int] = {}
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"penstock/{_word(tool)}/"},
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, tool, index, seen) for each in shown],
    }


def _rule(rule: str) -> dict[str, Any]:
    return {"id": _word(rule), "shortDescription": {"text": _word(rule)}}


def _place(found: _Found) -> tuple[str, int, int, str, str]:
    finding = found.finding
    return finding.path, finding.line, finding.column, finding.rule, finding.message


def _result(found: _Found, tool: str, index: Mapping[str, int], seen: dict[str, int]) -> dict[str, Any]:
    finding = found.finding
    rule = finding.rule or tool
    made: dict[str, Any] = {
        "ruleId": _word(rule),
        "ruleIndex": index[rule],
        "level": level_of(finding),
        "message": {"text": _text(finding.message) or _word(rule)},
        "partialFingerprints": {"penstock/v1": _fingerprint(finding, seen)},
    }
    if found.known is not None:
        made["baselineState"] = "unchanged" if found.known else "new"
    if finding.path:
        physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(finding.path), "uriBaseId": _ROOT}}
        if finding.line > 0:
            physical["region"] = _region(finding)
        made["locations"] = [{"physicalLocation": physical}]
    return made


def level_of(finding: FindingRecord) -> str:
    """error, warning or note."""
    return _LEVELS.get(finding.severity, "warning")


def _region(finding: FindingRecord) -> dict[str, int]:
    column = {"startColumn": finding.column} if finding.column > 0 else {}
    return {"startLine": finding.line, **column}


def _fingerprint(finding: FindingRecord, seen: dict[str, int]) -> str:
    """The same while lines move: what was found, where, and the how manieth of its like in the file."""
    what = f"{finding.tool}\0{finding.rule}\0{finding.path}\0{finding.message}"
    seen[what] = seen.get(what, 0) + 1
    return hashlib.sha256(f"{what}\0{seen[what]}".encode("utf-8", "replace")).hexdigest()[:32]


def _uri(path: str) -> str:
    """A relative reference: a name's own percent signs, blanks and colons are no part of its syntax."""
    return quoted(path)


def _word(foreign: str) -> str:
    return sanitize.line(foreign).encode("utf-8", "replace").decode()


def _text(foreign: str) -> str:
    return sanitize.text(foreign).encode("utf-8", "replace").decode()
