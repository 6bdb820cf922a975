"""A badge: JSON for shields.io's endpoint, and an SVG of our own that needs no server.

https://shields.io/badges/endpoint-badge
"""

from __future__ import annotations

from html import escape
from typing import NamedTuple

import msgspec

from penstock.errors import ExitCode
from penstock.model.verdict import Conclusion
from penstock.report import sanitize
from penstock.report.story import Story

KINDS = ("verdict", "coverage", "tests")
_GREEN, _YELLOW, _ORANGE, _RED, _GREY = "4c1", "dfb317", "fe7d37", "e05d44", "9f9f9f"
_STEPS = ((95.0, _GREEN), (80.0, "97ca00"), (70.0, _YELLOW), (60.0, _ORANGE))  # of coverage, percent
_DIGIT_PX = 6.9  # of Verdana at 11 px, which most readers have
_NARROW = frozenset("fijlrtI1.,:;|!()[]/ '")


class Badge(NamedTuple):
    """Two words and a colour (six or three hexadecimal digits)."""

    label: str
    message: str
    color: str


def of(story: Story, kind: str = "verdict") -> Badge:
    """The badge of one kind. Raises KeyError for another one."""
    return {"verdict": _verdict, "coverage": _coverage, "tests": _tests}[kind](story)


def endpoint(badge: Badge) -> bytes:
    """What shields.io reads."""
    told = {"schemaVersion": 1, "label": badge.label, "message": badge.message, "color": badge.color}
    return msgspec.json.encode(told) + b"\n"


def _verdict(story: Story) -> Badge:
    verdict = story.verdict
    if verdict.exit_code is ExitCode.VERIFIED and verdict.conclusion is Conclusion.PASSED:
        return Badge("penstock", "verified", _GREEN)
    if verdict.conclusion is Conclusion.FAILED:
        return Badge("penstock", "failed", _RED)
    return Badge("penstock", "not verified", _GREY)


def _coverage(story: Story) -> Badge:
    for result in story.verdict.checks:
        if result.name == "coverage.total" and result.number is not None:
            color = next((color for least, color in _STEPS if result.number >= least), _RED)
            return Badge("coverage", f"{int(result.number)} %", color)
    return Badge("coverage", "unknown", _GREY)


def _tests(story: Story) -> Badge:
    counts = {"passed": 0, "failed": 0}
    for record in story.records.jobs:
        counts["passed"] += int(record.measure("passed") or 0)
        counts["failed"] += sum(
            int(record.measure(name) or 0) for name in ("failed", "errored", "crashed", "timed_out")
        )
    if counts["failed"]:
        return Badge("tests", f"{counts['failed']} failed, {counts['passed']} passed", _RED)
    return Badge("tests", f"{counts['passed']} passed", _GREEN) if counts["passed"] else Badge("tests", "none", _GREY)


def svg(badge: Badge) -> str:
    """A picture of 20 px height, readable without colours: it has a title."""
    label, message = (sanitize.line(each) for each in (badge.label, badge.message))
    left, right = (round(_width(each) + 10) for each in (label, message))
    words = escape(f"{label}: {message}", quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" aria-label="{words}">'
        f"<title>{words}</title>"
        f'<clipPath id="r"><rect width="{left + right}" height="20" rx="3"/></clipPath><g clip-path="url(#r)">'
        f'<path fill="#555" d="M0 0h{left}v20H0z"/><path fill="#{badge.color}" d="M{left} 0h{right}v20H{left}z"/></g>'
        '<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        f'<text x="{left / 2:g}" y="14">{escape(label)}</text>'
        f'<text x="{left + right / 2:g}" y="14">{escape(message)}</text></g></svg>\n'
    )


def _width(text: str) -> float:
    return sum(3.9 if each in _NARROW else _DIGIT_PX for each in text)
