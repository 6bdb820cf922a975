"""How bad a security finding is: low, medium or high, as bandit 1.9 rates its tests.

ruff's S rules are bandit's tests by their numbers, and have no severity of their own.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from penstock.model.records import FindingRecord, Reading
from penstock.model.scales import SEVERITIES
from penstock.tools.answers import KEPT_FINDINGS

# Those of bandit's tests that are not rated medium.
_LOW = frozenset(
    {"101", "105", "106", "107", "110", "112", "311", "403", "404", "405", "406", "407", "408", "409", "410", "504"}
    | {"603", "606", "607"}
)
_HIGH = frozenset(
    {"201", "202", "304", "312", "321", "324", "401", "402", "411", "412", "413", "415", "501", "502", "507", "602"}
    | {"605", "609", "613", "701"}
)


def of_rule(rule: str | None, message: str = "") -> str:
    """The severity of one of ruff's S rules; medium for one that is not known."""
    number = (rule or "").removeprefix("S")
    if number in {"602", "605"} and "seems safe" in message:  # a constant command
        return "low"
    return "low" if number in _LOW else "high" if number in _HIGH else "medium"


def counted(reading: Reading, findings: Sequence[FindingRecord]) -> Reading:
    """The reading with the findings, the worst first, and how many there are of each severity."""
    ordered = sorted(findings, key=lambda each: (-SEVERITIES.index(each.severity), each.path, each.line, each.rule))
    counts = {f"severity_{name}": float(sum(each.severity == name for each in findings)) for name in SEVERITIES}
    measures = {**reading.measures, **counts, "findings": float(len(ordered))}
    return replace(reading, measures=measures, findings=tuple(ordered[:KEPT_FINDINGS]))
